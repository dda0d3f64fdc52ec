"""What ``usb:VID:PID[:SERIAL]`` means, and which of the devices that are plugged in it is.

SERIAL is the device's serial number, or the place where it is plugged in as the kernel writes it (``1-1.4``:
bus 1, port 1, port 4 of the hub there): many sticks of one make all have the same serial number. The name is
looked up each time that it is opened, so a stick that comes back as another tty is still the same one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from faxhw.errors import DeviceError, UsageError

PREFIX = "usb:"
_NAME = re.compile(
    r"usb:(?P<vendor>[0-9a-f]{1,4}):(?P<product>[0-9a-f]{1,4})(?::(?P<which>.+))?", re.IGNORECASE
)
_SYS_USB = Path("/sys/bus/usb/devices")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class UsbName:
    """A name taken apart."""

    text: str
    vendor: int
    product: int
    which: str = ""
    """A serial number or a place; empty: the only one of its kind."""

    @property
    def usb_id(self) -> str:
        """As in ``0572:1329``."""
        return f"{self.vendor:04x}:{self.product:04x}"

    @property
    def normal(self) -> str:
        """The same for two ways to write one name."""
        return PREFIX + ":".join(filter(None, (self.usb_id, self.which)))


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device that is plugged in."""

    place: str
    serial: str = ""


def is_name(text: str) -> bool:
    """Whether a port is meant to be one by USB; ``parse`` tells whether it is written well."""
    return text.startswith(PREFIX)


def parse(text: str) -> UsbName:
    """Take a name apart. Raises ``UsageError``."""
    parts = _NAME.fullmatch(text)
    if parts is None:
        raise UsageError(
            f"{text}: give vendor and product in hexadecimal, as in usb:0572:1329 or usb:0572:1329:SERIAL"
        )
    return UsbName(text, int(parts["vendor"], 16), int(parts["product"], 16), parts["which"] or "")


def the_one(name: UsbName, found: Iterable[tuple[Plugged, _T]]) -> _T | None:
    """Which of the devices of that vendor and product is meant; ``None`` if there is no such.

    Raises ``DeviceError`` where it may be more than one.
    """
    meant = [each for each in found if name.which in ("", each[0].serial, each[0].place)]
    if len(meant) > 1:
        raise DeviceError(
            f"{name.text}: {len(meant)} such devices are plugged in; say which by serial number or place: "
            + named_apart(name, [plugged for plugged, _ in meant])
        )
    return meant[0][1] if meant else None


def named_apart(name: UsbName, plugged: list[Plugged]) -> str:
    """Names for devices of one kind, for people."""
    return ", ".join(f"{PREFIX}{name.usb_id}:{each}" for each in told_apart(plugged))


def told_apart(plugged: Sequence[Plugged]) -> list[str]:
    """What tells each of several devices of one kind: its serial number, or its place."""
    serials = [each.serial for each in plugged]
    return [
        each.serial if each.serial and serials.count(each.serial) == 1 else each.place for each in plugged
    ]


def tty_of(name: UsbName) -> str:
    """The path of the tty that the kernel has made of the device; empty if there is none.

    Raises ``DeviceError`` where more than one device may be meant.
    """
    folder = folder_of(name)
    if folder is None:
        return ""
    ttys = [*folder.glob(f"{folder.name}:*/tty/*"), *folder.glob(f"{folder.name}:*/ttyUSB*")]
    return f"/dev/{min(ttys).name}" if ttys else ""


def folder_of(name: UsbName) -> Path | None:
    """Where the kernel tells of the device; ``None`` if it is not plugged in.

    Raises ``DeviceError`` where more than one device may be meant.
    """
    found = [
        (Plugged(folder.name, _text(folder / "serial")), folder)
        for folder in sorted(_SYS_USB.glob("*"))
        if f"{_text(folder / 'idVendor')}:{_text(folder / 'idProduct')}" == name.usb_id
    ]
    return the_one(name, found)


def _text(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text().strip()
    return ""
