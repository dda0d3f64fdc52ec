"""What can be done to a device that does not answer, before it is opened once more: the gentlest thing first.

A remedy that is not possible here (no such line on the port, no right to it) does nothing, and says so in the
log: the next opening shows whether the device has come back.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from faxhw.clock import Clock

log = logging.getLogger("faxhw.serve")

_DTR_DOWN = 1.5
"""Seconds without DTR after which every modem has hung up, and most have reset themselves."""
_USBDEVFS_RESET = 0x5514
"""_IO('U', 20) of <linux/usbdevice_fs.h>: the device is reset, and enumerated anew."""
_POWER_DOWN = 3.0
"""Seconds without power."""
_BACK_WAIT = 5.0
"""Seconds that a device gets to be there again."""

SYS = Path("/sys")
DEV = Path("/dev")


class Patient:
    """A device that does not answer: the tty it was opened by, and the USB device behind that, if any."""

    def __init__(self, port: str, clock: Clock, *, sys: Path = SYS, dev: Path = DEV) -> None:
        self.port = port
        self.clock = clock
        self.dev = dev
        self.usb = _usb_device(port, sys)

    def drop_dtr(self) -> None:
        """Drop DTR: a modem with &D2 or &D3 hangs up, or resets itself."""
        from faxhw.ports.base import Flow  # noqa: PLC0415 - remedies are rare
        from faxhw.ports.serial import open_serial  # noqa: PLC0415

        opened = open_serial(self.port, speed=19200, flow=Flow.NONE)
        try:
            opened.set_dtr(False)
            self.clock.sleep(_DTR_DOWN)
            opened.set_dtr(True)
        finally:
            opened.close()

    def reset_usb(self) -> None:
        """Reset the USB device: it is enumerated anew, and its firmware begins anew if it is alive at all."""
        node = self._node()
        file = os.open(node, os.O_WRONLY | os.O_CLOEXEC)
        try:
            fcntl.ioctl(file, _USBDEVFS_RESET, 0)
        finally:
            os.close(file)
        self.clock.sleep(_BACK_WAIT)

    def cycle_power(self) -> None:
        """Take the power from its hub's port, where the hub can; else take the device from the kernel."""
        switch, off, on = self._switch()
        switch.write_text(off)
        try:
            self.clock.sleep(_POWER_DOWN)
        finally:
            switch.write_text(on)
        self.clock.sleep(_BACK_WAIT)

    def _node(self) -> Path:
        usb = self._must_be_usb()
        bus, number = (int((usb / name).read_text()) for name in ("busnum", "devnum"))
        return self.dev / "bus" / "usb" / f"{bus:03}" / f"{number:03}"

    def _switch(self) -> tuple[Path, str, str]:
        """What to write to: the hub port's ``disable`` (Linux 6.0), or ``authorized``."""
        usb = self._must_be_usb()
        disable = usb / "port" / "disable"
        return (disable, "1", "0") if disable.exists() else (usb / "authorized", "0", "1")

    def _must_be_usb(self) -> Path:
        if self.usb is None:
            raise OSError(f"{self.port} is not on USB")
        return self.usb


def _usb_device(port: str, sys: Path) -> Path | None:
    """The directory in sysfs of the USB device that a tty belongs to."""
    level = sys / "class" / "tty" / Path(port).resolve().name / "device"
    with suppress(OSError):
        level = level.resolve(strict=True)
        while level not in (sys, level.parent):
            if (level / "idVendor").exists():
                return level
            level = level.parent
    return None


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
