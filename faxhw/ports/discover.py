"""Serial devices that are plugged in, as the system lists them, without opening one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

_BY_ID = Path("/dev/serial/by-id")
_SYS_TTY = Path("/sys/class/tty")


@dataclass(frozen=True, slots=True)
class SerialDevice:
    """A serial device."""

    path: str
    description: str = ""
    maker: str = ""
    model: str = ""
    usb_id: str = ""
    """Vendor and product, as in ``0572:1329``; empty if it is not on USB."""
    stable_path: str = ""
    """A path that stays the same when it is plugged in again, where the system makes one."""


def serial_devices() -> list[SerialDevice]:
    """All of them, in the order of their paths."""
    from serial.tools.list_ports import comports  # noqa: PLC0415 - only who lists pays for it

    stable = _stable_paths()
    return [
        SerialDevice(
            path=found.device,
            description=found.description if found.description != "n/a" else "",
            maker=found.manufacturer or "",
            model=found.product or "",
            usb_id=f"{found.vid:04x}:{found.pid:04x}" if found.vid is not None else "",
            stable_path=stable.get(found.device, ""),
        )
        for found in sorted(comports())
    ]


def _stable_paths() -> dict[str, str]:
    with contextlib.suppress(OSError):
        return {str(link.resolve()): str(link) for link in _BY_ID.iterdir()}
    return {}


def usb_id_of(path: str) -> str:
    """The USB id of a serial device, as in ``0572:1329``; empty if it has none."""
    device = _SYS_TTY / Path(path).resolve().name / "device"
    for level in (device / "..", device / ".." / ".."):
        with contextlib.suppress(OSError):
            vendor, product = (level / name for name in ("idVendor", "idProduct"))
            return f"{vendor.read_text().strip()}:{product.read_text().strip()}"
    return ""
