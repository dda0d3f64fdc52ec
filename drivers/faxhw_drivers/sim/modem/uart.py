"""The serial line between a modem and its DTE: octets take their time, and flow control holds them back."""

from __future__ import annotations

from collections.abc import Callable

from faxhw.ports.base import Flow
from faxhw.ports.wire import Wire
from faxhw_drivers.sim.world import World

FROM_HOST = 64
TO_HOST = 256
"""Octets that travel together."""
BACKLOG = 65536
"""Octets kept for a DTE that is slow, or has said XOFF; what comes beyond is lost."""
XON, XOFF = b"\x11", b"\x13"
GARBLED = bytes(octet ^ 0xA5 | 0x80 for octet in range(256))
"""Octets as they look to who listens at another speed."""


class Uart:
    """Moves octets both ways at the DTE's speed (8N1: ten bits an octet)."""

    def __init__(self, world: World, wire: Wire, speed: int, received: Callable[[bytes], None]) -> None:
        self._world = world
        self._wire = wire
        self._received = received
        self._seconds = 10 / speed
        self._outgoing = bytearray()
        self._sending = False
        self._receiving = False
        self._held = False
        self._stopped = False
        self.gap = 0.0
        """Seconds between one octet for the DTE and the next, beyond what they take."""
        self.has_cts = True
        """Whether CTS ever goes off."""
        self._host_speed = speed
        self._own_speed = 0
        """Where the modem has a mind of its own about that."""
        self.own_flow: Flow | None = None
        """The same for flow control; CTS stays on then."""

    def plug_into(self, wire: Wire) -> None:
        """What the old host has not taken is lost."""
        self._wire = wire
        self._outgoing.clear()
        self._held = self._stopped = False

    def set_speed(self, speed: int) -> None:
        self._host_speed = speed
        self._seconds = 10 / (self._own_speed or speed)

    def speak_at(self, speed: int) -> None:
        """Whatever the host does, speak at this speed; 0: at the host's."""
        self._own_speed = speed
        self.set_speed(self._host_speed)

    def _as_understood(self, data: bytes) -> bytes:
        """What the other end makes of octets: nothing, where it listens at another speed."""
        return data if self._own_speed in (0, self._host_speed) else data.translate(GARBLED)

    def send(self, data: bytes) -> None:
        """Octets for the DTE, after those that wait already."""
        self._outgoing += data[: BACKLOG - len(self._outgoing)]
        self._go_on()

    def obey(self, data: bytes) -> bytes:
        """Stop and go on sending at the DTE's XOFF and XON; its other octets."""
        if XON in data or XOFF in data:
            self._stopped = data.rfind(XOFF) > data.rfind(XON)
            self._go_on()
        return data.translate(None, XON + XOFF)

    def go_on(self) -> None:
        """Whoever said XOFF is gone."""
        self._stopped = False
        self._go_on()

    def poll(self) -> None:
        """The host may have something to say."""
        if self._receiving:
            return
        data = self._wire.take(FROM_HOST)
        if data:
            self._receiving = True
            self._world.call_later(len(data) * self._seconds, lambda: self._arrived(data))

    def hold(self, on: bool, flow: Flow) -> None:
        """Ask the DTE to stop, or to go on, by the flow control that is set."""
        flow = self.own_flow or flow
        if on == self._held or flow is Flow.NONE:
            return
        self._held = on
        if self.has_cts and self.own_flow is None:
            self._wire.set_cts(not on)  # with XOFF too: it cannot call back what lies in a pseudo-tty already
        if flow is Flow.XON_XOFF:
            self._outgoing[:0] = XOFF if on else XON
            self._go_on()

    def _arrived(self, data: bytes) -> None:
        self._receiving = False
        self._received(self._as_understood(data))
        self.poll()

    def _go_on(self) -> None:
        if not self._sending:
            self._send_next()

    def _send_next(self) -> None:
        if self._stopped:
            self._sending = False
            return
        data = bytes(self._outgoing[: 1 if self.gap else TO_HOST])
        del self._outgoing[: len(data)]
        self._sending = bool(data)
        if data:
            self._world.call_later(len(data) * self._seconds + self.gap, lambda: self._sent(data))

    def _sent(self, data: bytes) -> None:
        self._wire.deliver(self._as_understood(data))
        self._send_next()
