"""What can be done to a device that does not answer, before it is opened once more: the gentlest thing first.

A remedy that is not possible here (no such line on the port, no right to it) does nothing, and says so in the
log: the next opening shows whether the device has come back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from faxhw.clock import Clock
from faxhw.errors import DeviceError
from faxhw.ports.discover import usb_device_of
from faxhw.ports.usb.names import UsbName, folder_of, is_name, parse
from faxhw.ports.usb.opening import open_usb, reset_usb

log = logging.getLogger("faxhw.serve")

_DTR_DOWN = 1.5
"""Seconds without DTR after which every modem has hung up, and most have reset themselves."""
_SPEED = 19200
"""bit/s; any will do, for nothing is said."""
_POWER_DOWN = 3.0
"""Seconds without power."""
_BACK_WAIT = 5.0
"""Seconds that a device gets to be there again."""


class Patient:
    """A device that does not answer: it is known by the port it is opened by."""

    def __init__(self, port: str, clock: Clock) -> None:
        self.port = port
        self.clock = clock

    def drop_dtr(self) -> None:
        """Drop DTR: a modem with &D2 or &D3 hangs up, or resets itself. Raises ``DeviceError``."""
        if is_name(self.port):
            opened = open_usb(self.port, speed=_SPEED)
        else:
            from faxhw.ports.base import Flow  # noqa: PLC0415 - remedies are rare
            from faxhw.ports.serial import open_serial  # noqa: PLC0415

            opened = open_serial(self.port, speed=_SPEED, flow=Flow.NONE)
        try:
            opened.set_dtr(False)
            self.clock.sleep(_DTR_DOWN)
            opened.set_dtr(True)
        finally:
            opened.close()

    def reset_usb(self) -> None:
        """Reset the USB device: it is enumerated anew, and its firmware begins anew if it is alive at all.

        Raises ``DeviceError``.
        """
        reset_usb(self._usb_name().text)
        self.clock.sleep(_BACK_WAIT)

    def cycle_power(self) -> None:
        """Take the power from its hub's port, where the hub can; else take the device from the kernel.

        Raises ``DeviceError``, ``OSError``.
        """
        switch, off, on = self._switch()
        switch.write_text(off)
        try:
            self.clock.sleep(_POWER_DOWN)
        finally:
            switch.write_text(on)
        self.clock.sleep(_BACK_WAIT)

    def _switch(self) -> tuple[Path, str, str]:
        """What to write to: the hub port's ``disable`` (Linux 6.0), or ``authorized``."""
        name = self._usb_name()
        usb = folder_of(name)
        if usb is None:
            raise DeviceError(f"{name.text} is not plugged in")
        disable = usb / "port" / "disable"
        return (disable, "1", "0") if disable.exists() else (usb / "authorized", "0", "1")

    def _usb_name(self) -> UsbName:
        if is_name(self.port):
            return parse(self.port)
        device = usb_device_of(self.port)
        if device is None:
            raise DeviceError(f"{self.port} is not on USB")
        return parse(f"usb:{device.id}:{device.address}")


REMEDIES: Mapping[str, Callable[[Patient], None]] = {
    "dtr": Patient.drop_dtr,
    "usb-reset": Patient.reset_usb,
    "usb-power": Patient.cycle_power,
}
"""Gentlest first."""
_FIRST_TRIES = 2
"""Times that a device is merely opened again: a stick that was plugged out needs no more."""


def remedy_for(failures: int) -> str:
    """What to try after so many failures in a row; empty: nothing. After the last one it begins again."""
    steps = ("",) * _FIRST_TRIES + tuple(REMEDIES)
    return steps[(failures - 1) % len(steps)] if failures > 0 else ""


def apply(remedy: str, patient: Callable[[], Patient]) -> None:
    """Apply a remedy, if one is named; what is not possible here is told to the log only."""
    if not remedy:
        return
    log.warning("trying the remedy %s", remedy)
    try:
        REMEDIES[remedy](patient())
    except Exception as error:  # noqa: BLE001 - a remedy that fails leaves the device as ill as it was
        log.warning("the remedy %s is not possible: %s", remedy, error)
