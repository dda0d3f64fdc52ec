"""One endpoint of a modem, a packet at a time.

A transfer is a packet: a packet has gone or has not, so one that is given up at its time-out can be sent
again without doubt, and one that has come is had at once, be it full or short (a transfer of more would wait
for a packet that is short). A stall is cleared, a transfer that failed on the bus is tried again, a few times
in succession; then the device is taken for gone.
"""

from __future__ import annotations

import errno
import logging

import usb.core

from faxhw.clock import Clock
from faxhw.ports.usb.acm import Endpoint
from faxhw.ports.usb.finding import UsbDevice

log = logging.getLogger("faxhw.ports.usb")

SLICE = 0.05
"""Seconds that a transfer may take: how late a wake-up or an end may be noticed."""
_PATIENCE = 3
"""Failures in succession that are put up with."""
_PAUSE = 0.02
"""Seconds after one."""
_PASSING = (errno.EIO, errno.EPIPE, errno.EOVERFLOW, errno.EINTR, errno.EAGAIN)


class Pipe:
    """Raises ``OSError`` once it is of no use any more."""

    def __init__(self, device: UsbDevice, end: Endpoint, clock: Clock) -> None:
        self.packet = end.packet
        self._device = device
        self._address = end.address
        self._clock = clock
        self._failures = 0

    def read(self) -> bytes:
        """A packet; ``b""`` if none came within ``SLICE`` seconds."""
        try:
            packet = bytes(self._device.read(self._address, self.packet, round(1000 * SLICE)))
        except usb.core.USBError as error:
            self._weather(error)
            return b""
        self._failures = 0
        return packet

    def write(self, packet: bytes) -> int | None:
        """How many octets of a packet were taken; ``None`` if it did not go within ``SLICE`` seconds."""
        try:
            taken = self._device.write(self._address, packet, round(1000 * SLICE))
        except usb.core.USBError as error:
            self._weather(error)
            return None
        self._failures = 0
        return taken

    def _weather(self, error: usb.core.USBError) -> None:
        if error.errno == errno.ETIMEDOUT:  # the device is there, and has nothing to say or no room
            self._failures = 0
            return
        self._failures += 1
        if error.errno not in _PASSING or self._failures > _PATIENCE:
            raise error
        log.info("endpoint %#04x: %s; trying again", self._address, error)
        if error.errno == errno.EPIPE:
            self._device.clear_halt(self._address)
        self._clock.sleep(_PAUSE)
