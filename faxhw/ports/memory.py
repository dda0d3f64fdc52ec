"""A port in memory: the host's end keeps the ``Port`` contract, the device's end is a few plain methods.

All waiting is done on the clock that the port is made for, so the device may be one of simulated time. The
port behaves as a serial port with the operating system's buffers does: a write is done once the system has
taken it, XON and XOFF are acted upon and removed when that flow control is chosen and are data otherwise,
and CTS means something only to a host that chose to heed it.
"""

from __future__ import annotations

from faxhw.clock import Clock
from faxhw.errors import PortError
from faxhw.ports.base import Flow
from faxhw.ports.wire import DeviceEnd
from faxhw.ports.xonxoff import XonXoff


class MemoryPort:
    """A ``faxhw.ports.base.Port``, and a ``faxhw.ports.wire.Wire`` for the device behind it."""

    def __init__(self, clock: Clock, name: str = "memory", system_buffer: int = 4096) -> None:
        self.name = name
        self._monitor = clock.monitor()
        self._system_buffer = system_buffer
        self._device: DeviceEnd | None = None
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._flow = Flow.NONE
        self._cts = True
        self._xonxoff = XonXoff()
        self._ring = False
        self._carrier = False
        self._woken = False
        self._gone = ""

    def attach(self, device: DeviceEnd) -> None:
        """Name the device behind the port."""
        self._device = device

    # -- the host's end

    def read(self, timeout: float | None) -> bytes:
        with self._monitor:
            self._monitor.wait_for(lambda: bool(self._incoming or self._woken or self._gone), timeout)
            self._woken = False
            if self._gone and not self._incoming:
                raise PortError(f"{self.name}: {self._gone}")
            data = bytes(self._incoming)
            self._incoming.clear()
            return data

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        with self._monitor:
            self._check()
            self._outgoing += data
            self._tell_of_output()
            while len(self._outgoing) > self._system_buffer:
                progress = self._wait_for_progress(timeout)
                self._check()
                if self._woken:
                    self._woken = False
                    return
                if not progress:
                    raise PortError(
                        f"{self.name}: the device took nothing for {timeout} seconds; "
                        "check the flow control that is set for it"
                    )

    def wake(self) -> None:
        with self._monitor:
            self._woken = True
            self._monitor.notify_all()

    def discard_input(self) -> None:
        with self._monitor:
            self._incoming.clear()

    def set_speed(self, baud: int) -> None:
        with self._monitor:
            self._check()
            if self._device:
                self._device.host_set_speed(baud)

    def set_flow(self, flow: Flow) -> None:
        with self._monitor:
            self._check()
            self._flow = flow
            self._xonxoff.heed(flow is Flow.XON_XOFF)
            self._tell_of_output()

    def set_dtr(self, on: bool) -> None:
        with self._monitor:
            self._check()
            if self._device:
                self._device.host_set_dtr(on)

    def carrier(self) -> bool | None:
        return self._carrier

    def ring(self) -> bool | None:
        return self._ring

    def close(self) -> None:
        with self._monitor:
            if not self._gone:
                self._gone = "the port is closed"
                self._outgoing.clear()
                self._monitor.notify_all()
                if self._device:
                    self._device.host_set_dtr(False)

    # -- the device's end

    def deliver(self, data: bytes) -> None:
        """Octets from the device arrive at the host."""
        with self._monitor:
            was_held = self._xonxoff.held
            data = self._xonxoff.strip(data)
            if was_held and not self._xonxoff.held:
                self._tell_of_output()
            if not self._gone and data:
                self._incoming += data
                self._monitor.notify_all()

    def take(self, most: int) -> bytes:
        """What the host has written, at most so many octets; none while flow control holds them back."""
        with self._monitor:
            held = self._xonxoff.held or (self._flow is Flow.RTS_CTS and not self._cts)
            data = b"" if held else bytes(self._outgoing[:most])
            if data:
                del self._outgoing[: len(data)]
                if len(self._outgoing) + len(data) > self._system_buffer:
                    self._monitor.notify_all()
            return data

    def set_cts(self, on: bool) -> None:
        with self._monitor:
            self._cts = on
            if on:
                self._tell_of_output()

    def set_ring(self, on: bool) -> None:
        self._ring = on

    def set_carrier(self, on: bool) -> None:
        self._carrier = on

    def fail(self, reason: str) -> None:
        """The device is gone: every use of the port fails with this reason from now on."""
        with self._monitor:
            self._gone = self._gone or reason
            self._outgoing.clear()
            self._monitor.notify_all()

    # -- both

    def _wait_for_progress(self, timeout: float | None) -> bool:
        waiting = len(self._outgoing)
        return self._monitor.wait_for(
            lambda: len(self._outgoing) < waiting or self._woken or bool(self._gone), timeout
        )

    def _tell_of_output(self) -> None:
        if self._device and self._outgoing:
            self._device.host_wrote()

    def _check(self) -> None:
        if self._gone:
            raise PortError(f"{self.name}: {self._gone}")
