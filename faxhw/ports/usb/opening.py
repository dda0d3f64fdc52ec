"""Opening a modem by its name on USB, and resetting one: the only place where such a name is made use of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.ports.base import Flow, Port
from faxhw.ports.usb.names import parse, tty_of

if TYPE_CHECKING:
    from usb.backend import IBackend

    from faxhw.ports.usb.port import UsbPort


def open_usb(text: str, *, speed: int, direct: bool = False) -> Port:
    """Open the modem of that name: by the tty that the kernel has made of it, else by USB itself.

    ``direct``: by USB itself in any case; the tty is gone until the port is closed. Raises ``UsageError`` for
    what is no name, ``DeviceError`` with one line that says what is in the way and what to do.
    """
    path = "" if direct else tty_of(parse(text))
    if not path:
        return open_direct(text, SYSTEM_CLOCK, speed=speed)
    from faxhw.ports.serial import open_serial  # noqa: PLC0415 - pyserial is not needed before

    return open_serial(path, speed=speed, flow=Flow.NONE, name=text)


def open_direct(text: str, clock: Clock, *, speed: int, backend: IBackend | None = None) -> UsbPort:
    """Open it without the kernel's driver. ``backend``: another way to USB than libusb."""
    from faxhw.ports.usb.finding import find  # noqa: PLC0415 - pyusb is not needed before
    from faxhw.ports.usb.port import UsbPort  # noqa: PLC0415

    name = parse(text)
    return UsbPort(name, find(name, backend), clock, speed)


def reset_usb(text: str, backend: IBackend | None = None) -> None:
    """Have the bus reset the modem, whoever drives it. Raises ``UsageError``, ``DeviceError``."""
    from faxhw.ports.usb.finding import find, reset  # noqa: PLC0415 - pyusb is not needed before

    name = parse(text)
    reset(name, find(name, backend))
