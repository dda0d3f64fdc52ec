"""A modem on USB without a kernel driver, as a ``Port``: CDC-ACM by pyusb.

Threads of the clock read its endpoints, so whatever comes is had at once and a wake-up waits for nobody. USB
itself holds data back (the modem takes no packet), which is what RTS/CTS is on a serial line.
"""

from __future__ import annotations

import atexit
import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from faxhw.clock import Clock, Deadline
from faxhw.errors import PortError
from faxhw.ports.base import Flow
from faxhw.ports.usb import acm
from faxhw.ports.usb.claim import Claim
from faxhw.ports.usb.finding import UsbDevice, explained, modem_of, reset
from faxhw.ports.usb.names import UsbName
from faxhw.ports.usb.pipe import SLICE, Pipe
from faxhw.ports.xonxoff import XonXoff

log = logging.getLogger("faxhw.ports.usb")

_REQUEST_TIMEOUT = 2.0
_RING = 2.0
"""Seconds for which a ring that was notified is taken to last, if nothing else is heard."""
_END_TIMEOUT = 3.0
"""Seconds that transfers under way are given to end."""


class UsbPort:
    """A ``faxhw.ports.base.Port``. Raises ``DeviceError`` where the device cannot be had."""

    def __init__(self, name: UsbName, device: UsbDevice, clock: Clock, speed: int) -> None:
        self._name = name
        self._device = device
        self._clock = clock
        self._monitor = clock.monitor()
        self._incoming = bytearray()
        self._flow = XonXoff()
        self._state: acm.SerialState | None = None
        self._rang_at = 0.0
        self._woken = False
        self._gone = ""
        self._closed = False
        self._users = 0
        """Threads that are in the middle of a transfer, or about to begin one."""
        function = modem_of(name, device)
        self._function = function
        with explained(name, device):
            self._claim = Claim(device, function)
        self._out = Pipe(device, function.bulk_out, clock)
        atexit.register(self.close)
        try:
            self.set_speed(speed)
            self.set_dtr(True)
            self._spawn("reader", function.bulk_in, self._arrived)
            if function.notifications is not None:
                notifications = acm.Notifications()
                self._spawn(
                    "listener", function.notifications, lambda data: self._notified(notifications, data)
                )
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        return self._name.text

    # -- reading

    def read(self, timeout: float | None) -> bytes:
        with self._monitor:
            self._monitor.wait_for(lambda: bool(self._incoming or self._woken or self._gone), timeout)
            self._woken = False
            if self._gone and not self._incoming:
                raise PortError(self._gone)
            data = bytes(self._incoming)
            self._incoming.clear()
            return data

    def discard_input(self) -> None:
        with self._monitor:
            self._incoming.clear()

    def wake(self) -> None:
        with self._monitor:
            self._woken = True
            self._monitor.notify_all()

    def _spawn(self, what: str, end: acm.Endpoint, take: Callable[[bytes], None]) -> None:
        pipe = Pipe(self._device, end, self._clock)
        self._clock.spawn(lambda: self._drain(pipe, take), f"usb {what} {self.name}")

    def _drain(self, pipe: Pipe, take: Callable[[bytes], None]) -> None:
        """What a thread does: hand on what an endpoint brings, until the port is closed or gone."""
        with suppress(PortError), self._using():
            while not self._gone:
                if data := pipe.read():
                    take(data)

    def _arrived(self, data: bytes) -> None:
        with self._monitor:
            self._incoming += self._flow.strip(data)
            self._monitor.notify_all()

    # -- writing

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        size = self._out.packet
        packets = [data[start : start + size] for start in range(0, len(data), size)]
        if packets and len(packets[-1]) == size:
            packets.append(b"")  # a device may wait for the short packet that ends a transfer
        with self._using():
            for packet in packets:
                if not self._put(packet, timeout):
                    return

    def _put(self, packet: bytes, timeout: float | None) -> bool:
        """Send a packet, in as many transfers as it takes; False if woken meanwhile."""
        deadline = Deadline(self._clock, timeout)
        while True:
            taken = None if self._held_back() else self._out.write(packet)
            if taken is not None and taken >= len(packet):
                return True
            if taken:
                packet = packet[taken:]
                deadline = Deadline(self._clock, timeout)
                continue
            self._check()
            if self._woken:
                self._woken = False
                return False
            if deadline.passed():
                raise PortError(
                    f"{self.name}: the modem has taken nothing for {timeout:.0f} s; reset it, or try another "
                    "flow control"
                )

    def _held_back(self) -> bool:
        """Whether XOFF forbids sending, after having waited for a while for it not to."""
        with self._monitor:
            self._monitor.wait_for(lambda: not self._flow.held or self._woken or bool(self._gone), SLICE)
            return self._flow.held

    # -- settings and modem lines

    def set_speed(self, baud: int) -> None:
        self._request(acm.SET_LINE_CODING, 0, acm.line_coding(baud))

    def set_flow(self, flow: Flow) -> None:
        with self._monitor:
            self._check()
            self._flow.heed(flow is Flow.XON_XOFF)
            self._monitor.notify_all()

    def set_dtr(self, on: bool) -> None:
        self._request(acm.SET_CONTROL_LINE_STATE, acm.RTS | (acm.DTR if on else 0))

    def _request(self, request: int, value: int, data: bytes = b"") -> None:
        with self._using():
            self._transfer(request, value, data)

    def _transfer(self, request: int, value: int, data: bytes = b"") -> None:
        try:
            self._device.ctrl_transfer(
                acm.TO_INTERFACE, request, value, self._function.control, data, round(1000 * _REQUEST_TIMEOUT)
            )
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            if self._function.capabilities & acm.LINE_CODING:
                log.warning(
                    "%s: the modem refuses the request %#04x, which it says it knows", self.name, request
                )

    def carrier(self) -> bool | None:
        state = self._state
        return None if state is None else state.carrier

    def ring(self) -> bool | None:
        state = self._state
        if state is None:
            return None
        return state.ring and self._clock.monotonic() < self._rang_at + _RING

    def _notified(self, notifications: acm.Notifications, data: bytes) -> None:
        for state in notifications.feed(data):
            self._state = state
            if state.ring:
                self._rang_at = self._clock.monotonic()
            for trouble in state.troubles:
                log.warning("%s: the modem reports on its serial line: %s", self.name, trouble)

    # -- the end

    def close(self) -> None:
        with self._monitor:
            if self._closed:
                return
            self._closed = True
            was_there = not self._gone
            self._gone = self._gone or f"{self.name}: the port was closed"
            self._monitor.notify_all()
            ended = self._monitor.wait_for(lambda: self._users == 0, _END_TIMEOUT)
        atexit.unregister(self.close)
        if not ended:  # to close it under a transfer would bring this process down
            log.warning("%s: the system does not end a transfer; the device stays taken", self.name)
            return
        if was_there:
            with suppress(OSError):
                self._transfer(acm.SET_CONTROL_LINE_STATE, 0)
        self._claim.give_back()

    def reset(self) -> None:
        """Close the port, and have the bus reset the modem, as if it were plugged in again.

        Raises ``DeviceError`` if that cannot be done.
        """
        self.close()
        reset(self._name, self._device)

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Around transfers: the device is not given up before they end; a failure of one ends the port."""
        with self._monitor:
            self._check()
            self._users += 1
        try:
            yield
        except (OSError, ValueError, NotImplementedError) as error:  # what pyusb may raise
            gone = PortError(f"{self.name}: the device is gone ({error}); is it still plugged in?")
            with self._monitor:
                self._gone = self._gone or str(gone)
            raise gone from error
        finally:
            with self._monitor:
                self._users -= 1
                self._monitor.notify_all()

    def _check(self) -> None:
        if self._gone:
            raise PortError(self._gone)
