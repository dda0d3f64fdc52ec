"""Serial ports and devices of USB and PCI, as the system lists them: nothing is opened, nothing is sent.

Linux tells all of it below ``/sys``. Where that is may be said (``Roots``): tests have trees of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the system tells of its devices, and of who uses them."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    dev: Path = Path("/dev")
    lock: Path = Path("/var/lock")


SYSTEM = Roots()


@dataclass(frozen=True, slots=True)
class BusDevice:
    """A device of USB or PCI."""

    bus: str
    """``usb`` or ``pci``."""
    address: str
    """Where it is plugged in, as the system has it: ``1-1.2``, ``0000:01:00.0``."""
    id: str
    """Vendor and product, as in ``0572:1329``."""
    maker: str = ""
    model: str = ""
    serial_number: str = ""
    is_modem: bool = False
    """By the class of the device or one of its interfaces: CDC-ACM with AT commands, or a PCI modem."""
    kernel_driver: str = ""
    node: str = ""
    """The path by which a program opens it past any kernel driver."""


@dataclass(frozen=True, slots=True)
class SerialDevice:
    """A serial port."""

    path: str
    kernel_driver: str = ""
    stable_path: str = ""
    """A path that stays the same when it is plugged in again, where the system makes one."""
    on: BusDevice | None = None
    """The device that has the port; ``None`` for one of the host's own."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """All that there is."""

    ports: list[SerialDevice] = field(default_factory=list)
    """In the order of their paths."""
    without_port: list[BusDevice] = field(default_factory=list)
    """Other devices of USB and PCI, hubs apart, in the order of their addresses."""


def plugged(roots: Roots = SYSTEM) -> Plugged:
    """The serial ports, and the devices that have none."""
    ports = serial_devices(roots)
    taken = {(port.on.bus, port.on.address) for port in ports if port.on is not None}
    rest = [each for each in _bus_devices(roots) if (each.bus, each.address) not in taken]
    return Plugged(ports, rest)


def serial_devices(roots: Roots = SYSTEM) -> list[SerialDevice]:
    """The serial ports behind which there is hardware, in the order of their paths."""
    stable = _stable_paths(roots)
    found = []
    for entry in _entries(roots.sys / "class" / "tty"):
        device = entry / "device"
        if not device.exists() or _text(entry / "type") == "0":  # a console; a UART that is not there
            continue
        path = str(roots.dev / entry.name)
        found.append(SerialDevice(path, _driver(device), stable.get(path, ""), _owner(device, roots)))
    return found


def usb_id_of(path: str, roots: Roots = SYSTEM) -> str:
    """The USB id of a serial port, as in ``0572:1329``; empty if it has none."""
    owner = usb_device_of(path, roots)
    return "" if owner is None else owner.id


def usb_device_of(path: str, roots: Roots = SYSTEM) -> BusDevice | None:
    """The USB device that has a serial port; ``None`` if it is not on USB."""
    owner = _owner(roots.sys / "class" / "tty" / Path(path).resolve().name / "device", roots)
    return owner if owner is not None and owner.bus == "usb" else None


def _owner(device: Path, roots: Roots) -> BusDevice | None:
    """The device of USB or PCI that a port is part of."""
    with contextlib.suppress(OSError, RuntimeError):
        real = device.resolve(strict=True)
        for level in (real, *real.parents):
            if level == roots.sys.resolve():
                break
            if found := _usb(level, roots) or _pci(level):
                return found
    return None


def _bus_devices(roots: Roots) -> Iterator[BusDevice]:
    for entry in _entries(roots.sys / "bus" / "usb" / "devices"):
        found = _usb(entry, roots)
        if found is not None and _text(entry / "bDeviceClass") != _HUB:
            yield found
    for entry in _entries(roots.sys / "bus" / "pci" / "devices"):
        if found := _pci(entry):
            yield found


_HUB = "09"
_ACM = ("02", "02")
_AT_PROTOCOLS = frozenset(f"{number:02x}" for number in range(1, 7))
"""CDC's subclass for modems, and its protocols with AT commands (CDC PSTN 1.2, table 2; CDC 1.2, table 5)."""
_PCI_MODEM = "0x0703"


def _usb(directory: Path, roots: Roots) -> BusDevice | None:
    vendor, product = _text(directory / "idVendor"), _text(directory / "idProduct")
    if not vendor or not product:
        return None
    bus, number = _text(directory / "busnum"), _text(directory / "devnum")
    numbered = bus.isdecimal() and number.isdecimal()
    return BusDevice(
        bus="usb",
        address=directory.name,
        id=f"{vendor}:{product}".lower(),
        maker=_text(directory / "manufacturer"),
        model=_text(directory / "product"),
        serial_number=_text(directory / "serial"),
        is_modem=any(_is_acm(each) for each in _entries(directory) if ":" in each.name),
        kernel_driver=next((name for each in _entries(directory) if (name := _driver(each))), ""),
        node=str(roots.dev / "bus" / "usb" / f"{int(bus):03}" / f"{int(number):03}") if numbered else "",
    )


def _is_acm(interface: Path) -> bool:
    kind = _text(interface / "bInterfaceClass"), _text(interface / "bInterfaceSubClass")
    return kind == _ACM and _text(interface / "bInterfaceProtocol") in _AT_PROTOCOLS


def _pci(directory: Path) -> BusDevice | None:
    vendor, product = (_text(directory / name).removeprefix("0x") for name in ("vendor", "device"))
    if not (vendor and product and _text(directory / "class")):
        return None
    return BusDevice(
        bus="pci",
        address=directory.name,
        id=f"{vendor}:{product}".lower(),
        is_modem=_text(directory / "class").startswith(_PCI_MODEM),
        kernel_driver=_driver(directory),
    )


def _stable_paths(roots: Roots) -> dict[str, str]:
    return {str(link.resolve()): str(link) for link in _entries(roots.dev / "serial" / "by-id")}


def _driver(device: Path) -> str:
    with contextlib.suppress(OSError):
        return (device / "driver").readlink().name
    return ""


def _entries(directory: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(directory.iterdir())
    return []


def _text(file: Path) -> str:
    with contextlib.suppress(OSError):
        return file.read_text(encoding="utf-8", errors="replace").strip()
    return ""
