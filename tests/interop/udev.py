"""udev's own tools on devices that umockdev makes up: what the rules in ``udev/`` come to.

``udevadm test`` reads the rules of the system and writes below ``/run``, so it runs in a user and mount
namespace of its own, where ``/etc/udev`` and ``/run`` are empty: it takes no root, and leaves nothing behind.
Of nodes it tells the group and the mode that they would get.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faxhw.host.files import folder

RULES = folder() / "70-faxhw.rules"

_HOST = "/devices/pci0000:00/0000:00:14.0"
_MARK = "-- event of "
_PROGRAMS = {"udevadm": "udev", "umockdev-run": "umockdev", "unshare": "util-linux"}
_ALONE = ("unshare", "--user", "--map-root-user", "--mount")
_SCRIPT = f"""
mount -t tmpfs none /run && mount -t tmpfs none /etc/udev && mkdir /etc/udev/rules.d || exit
here=$1; shift
cp "$here"/rules/* /etc/udev/rules.d
exec umockdev-run --device="$here"/devices -- sh -c '
    for each; do
        echo "{_MARK}$each"; echo "{_MARK}$each" >&2
        udevadm test --action=add "/sys$each"
    done' sh "$@"
"""


@functools.cache
def missing() -> str:
    """Why this cannot be run here; empty if it can."""
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            return f"{program} is not installed: Debian package {package}"
    alone = subprocess.run(
        [*_ALONE, "mount", "-t", "tmpfs", "none", "/run"], capture_output=True, check=False
    )
    return "" if alone.returncode == 0 else "this user may not have a mount namespace (unshare -rm)"


@dataclass(frozen=True)
class Plugged:
    """A USB device with a serial port, at a place on the bus."""

    usb_id: str
    serial: str = ""
    place: str = "1-1"
    tty: str = "ttyACM0"
    driver: str = "cdc_acm"

    @property
    def device(self) -> str:
        """Where the USB device is in sysfs."""
        return f"{_HOST}/usb1/{self.place}"

    @property
    def bridge(self) -> str:
        """Where the port of a USB-serial driver is in sysfs; empty for others."""
        return f"{self._interface}/{self.tty}" if self.tty.startswith("ttyUSB") else ""

    @property
    def port(self) -> str:
        """Where the serial device is in sysfs."""
        return f"{self.bridge or self._interface}/tty/{self.tty}"

    @property
    def _interface(self) -> str:
        return f"{self.device}/{self.place}:1.0"

    def described(self) -> str:
        """For umockdev."""
        vendor, product = self.usb_id.split(":")
        number = int(self.place.split("-")[1]) + 1
        node, major = f"bus/usb/001/{number:03}", 188 if self.bridge else 166
        entries = [
            _entry(
                self.device,
                *(f"N: {node}", f"E: DEVNAME=/dev/{node}", "E: MAJOR=189", f"E: MINOR={number - 1}"),
                *("E: SUBSYSTEM=usb", "E: DEVTYPE=usb_device", "L: driver=../usb"),
                *(f"A: idVendor={vendor}\\n", f"A: idProduct={product}\\n"),
                *([f"A: serial={self.serial}\\n"] if self.serial else []),
            ),
            _entry(
                self._interface,
                *("E: SUBSYSTEM=usb", "E: DEVTYPE=usb_interface", f"L: driver=../{self.driver}"),
                *("A: bInterfaceNumber=00\\n", "A: bInterfaceClass=02\\n"),
            ),
            _entry(
                self.port,
                *(f"N: {self.tty}", f"E: DEVNAME=/dev/{self.tty}", f"E: MAJOR={major}"),
                *(f"E: MINOR={self.tty[6:]}", "E: SUBSYSTEM=tty"),
            ),
        ]
        if self.bridge:
            timer = ["A: latency_timer=16\\n"] if self.driver == "ftdi_sio" else []
            driver = ["E: SUBSYSTEM=usb-serial", f"L: driver=../{self.driver}"]
            entries.insert(2, _entry(self.bridge, *driver, "A: port_number=0\\n", *timer))
        return "\n".join(entries)


def _entry(path: str, *lines: str) -> str:
    return "\n".join((f"P: {path}", *lines, ""))


@dataclass
class Event:
    """What the rules make of a device."""

    properties: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    """Names below ``/dev``."""
    group: str = ""
    mode: str = ""
    written: dict[str, str] = field(default_factory=dict)
    """Attributes."""
    complaints: list[str] = field(default_factory=list)
    """What udev says of our rules, other than what they do."""

    @property
    def fax_links(self) -> set[str]:
        """Our names for it."""
        return {link for link in self.links if link.startswith("faxmodem")}


def events(devices: Iterable[Plugged], rules: Mapping[str, str], where: Path) -> dict[str, Event]:
    """What the system's rules, and these, make of each path in sysfs when the devices are plugged in."""
    devices = list(devices)
    (where / "rules").mkdir(parents=True)
    (where / "rules" / "00-none.rules").touch()
    for name, text in rules.items():
        (where / "rules" / name).write_text(text)
    hub = ("E: SUBSYSTEM=usb", "E: DEVTYPE=usb_device", "A: idVendor=1d6b\\n", "A: idProduct=0002\\n")
    above = [_entry(_HOST, "E: SUBSYSTEM=pci"), _entry(f"{_HOST}/usb1", *hub)]
    (where / "devices").write_text("\n".join([*above, *(each.described() for each in devices)]))
    paths = [path for each in devices for path in (each.device, each.bridge, each.port) if path]
    ended = subprocess.run(
        [*_ALONE, "sh", "-c", _SCRIPT, "sh", str(where), *paths],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told, logged = (
        [part.splitlines()[1:] for part in said.split(_MARK)[1:]] for said in (ended.stdout, ended.stderr)
    )
    return {path: _event(*said) for path, *said in zip(paths, told, logged, strict=True)}


_DOES = re.compile(r"\.rules:\d+ (?:(GROUP) (\d+)|(MODE) (\d+)|ATTR '(.*)' writing '(.*)')$")
_SAYS_WHAT_IT_DOES = re.compile(r"70-faxhw\.rules(:\d+ (GROUP|MODE|LINK|ATTR|Importing|TAG) |$)")
_PROPERTY = re.compile(r"([A-Z.][A-Z0-9_]*)=(.*)")


def _event(told: Iterable[str], logged: Iterable[str]) -> Event:
    event = Event(properties={pair[1]: pair[2] for line in told if (pair := _PROPERTY.fullmatch(line))})
    for line in logged:
        if did := _DOES.search(line):
            event.group = did[2] or event.group
            event.mode = did[4] or event.mode
            if did[5]:
                event.written[Path(did[5]).name] = did[6]
        if "70-faxhw.rules" in line and not _SAYS_WHAT_IT_DOES.search(line):
            event.complaints.append(line)
    for name in (
        "USEC_INITIALIZED",
        "DRIVER",
    ):  # the latter is the kernel's, and told where a rule asks for it
        event.properties.pop(name, None)
    event.links = {link.removeprefix("/dev/") for link in event.properties.pop("DEVLINKS", "").split()}
    return event
