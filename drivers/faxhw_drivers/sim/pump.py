"""The modem-signal half that virtual modems and stations share: carriers out, carriers in.

A transmitter trains, then carries octets at the rate's true pace, in chunks, pulled from a source. A receiver
trains on a carrier only if it was set to exactly that modulation early enough, and on a short training only
after a long one at that rate on the same call (V.17 clause 5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from faxhw.hdlc import FLAG, Deframer, Unframed, framed, pack
from faxhw.terms import Modulation
from faxhw_drivers.sim.exchange import Phone
from faxhw_drivers.sim.signals import PREAMBLE, V21_RATE, Carrier, Signal, Tone
from faxhw_drivers.sim.world import Timer, World

CHUNK = 0.030
"""Seconds of line time whose octets travel together; V.21 goes octet by octet."""
TAIL = 0.020
"""Seconds that a carrier stands after its last bit (turn-off sequences)."""
SENSED = 0.100
"""Seconds of a carrier after which a receiver that is set to another one can tell."""
LATEST_START = 1 / 3
"""Share of a training that a receiver may miss."""


class Source(Protocol):
    """Where a transmitter's octets come from."""

    def take(self, count: int) -> bytes | None:
        """The next octets, at most ``count``, at least one; ``None`` when there are no more."""
        ...


class Transmitter:
    """Sends one carrier at a time."""

    def __init__(self, world: World, phone: Phone) -> None:
        self._world = world
        self._phone = phone
        self._timer: Timer | None = None
        self._carrier: Carrier | None = None

    def start(self, carrier: Carrier, source: Source, done: Callable[[], None]) -> None:
        """Train, carry the source's octets until it has no more, drop the carrier, call ``done``."""
        self.stop()
        self._carrier = carrier
        self._phone.send(carrier)
        chunk = 1 if carrier.modulation is None else max(1, int(carrier.rate * CHUNK / 8))

        def carry() -> None:
            octets = source.take(chunk)
            if octets is None:
                self._timer = self._world.call_later(TAIL, finish)
            elif self._carrier is carrier:  # the source may have stopped us
                took = len(octets) * 8 / carrier.rate
                self._timer = self._world.call_later(took, lambda: arrive(octets))

        def arrive(octets: bytes) -> None:
            self._phone.send_octets(octets)
            carry()

        def finish() -> None:
            self.stop()
            done()

        self._timer = self._world.call_later(carrier.training, carry)

    def tone(self, tone: Tone) -> None:
        """Sound a tone, or silence, from now on."""
        self.stop()
        self._phone.send(tone)

    def stop(self) -> None:
        """Drop the carrier at once, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._carrier is not None:
            self._carrier = None
            self._phone.send(Tone.SILENCE)

    @property
    def carrier(self) -> Carrier | None:
        """The carrier that is being sent."""
        return self._carrier


class FrameSource:
    """HDLC frames as a source for V.21: preamble, frames, and flags in between until ``end``."""

    def __init__(self, preamble: float = PREAMBLE) -> None:
        self._bits = FLAG * round(preamble * V21_RATE / len(FLAG))
        self._marks: list[tuple[int, Callable[[], None]]] = []
        self._ended = False

    def add(self, frame: bytes, sent: Callable[[], None] | None = None) -> None:
        """Append a frame and a closing flag; ``sent`` is called when that is out."""
        self._bits += framed(frame) + FLAG
        if sent is not None:
            self._marks.append((len(self._bits), sent))

    def end(self) -> None:
        """No more frames: after what has been added and one more flag the carrier may drop."""
        self._bits += FLAG
        self._ended = True

    def take(self, count: int) -> bytes | None:
        if self._marks and self._marks[0][0] <= 0:
            self._marks.pop(0)[1]()
        if not self._bits and self._ended:
            return None
        while len(self._bits) < 8 * count and not self._ended:
            self._bits += FLAG
        piece, self._bits = self._bits[: 8 * count], self._bits[8 * count :]
        self._marks = [(left - 8 * count, sent) for left, sent in self._marks]
        return pack(piece)


class Reception(Protocol):
    """Told of what a receiver makes of the line while it is set to a carrier."""

    def trained(self) -> None:
        """The carrier asked for is there, and its octets follow."""
        ...

    def octets(self, octets: bytes) -> None: ...

    def lost(self) -> None:
        """A carrier that stood has dropped, whether or not it was trained on."""
        ...

    def other(self, carrier: Carrier) -> None:
        """There is a carrier, but not the one asked for."""
        ...


class Receiver:
    """Hears the line always; makes sense of it while it is set to a carrier."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.signal: Signal = Tone.SILENCE
        """What the line sounds like now."""
        self.since = 0.0
        """Since when it has sounded so."""
        self._target: Carrier | None = None
        self._reception: Reception | None = None
        self._open = False
        self._concerned = False
        self._timer: Timer | None = None
        self._equalised: Modulation | None = None

    def new_call(self) -> None:
        """Forget the line that was trained on."""
        self._equalised = None

    def listen(self, target: Carrier, reception: Reception) -> None:
        """Be set to a carrier from now on."""
        self.off()
        self._target, self._reception = target, reception
        if isinstance(self.signal, Carrier):
            self._look(self.signal)

    def off(self) -> None:
        """Pay no attention any more."""
        self._target = self._reception = None
        self._open = self._concerned = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def hears(self, signal: Signal) -> None:
        before, self.signal, self.since = self.signal, signal, self._world.now
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        was_concerned, self._concerned = self._concerned, False
        self._open = False
        if isinstance(before, Carrier) and self._reception is not None and was_concerned:
            self._reception.lost()
        if isinstance(self.signal, Carrier) and self._target is not None:
            self._look(self.signal)

    def hears_octets(self, octets: bytes) -> None:
        if self._open and self._reception is not None:
            self._reception.octets(octets)

    def _look(self, carrier: Carrier) -> None:
        target, reception = self._target, self._reception
        if target is None or reception is None:
            return
        self._concerned = carrier.same_kind(target)
        if not self._concerned:
            self._timer = self._world.call_later(SENSED, self._sense_other)
        elif target.modulation is None:
            self._open_up()
        elif self._can_train(carrier):
            self._timer = self._world.call_at(self.since + carrier.training, self._open_up)

    def _can_train(self, carrier: Carrier) -> bool:
        if carrier.resumed or carrier.spoilt:
            return False
        if carrier.short and self._equalised != carrier.modulation:
            return False
        return self._world.now - self.since <= carrier.training * LATEST_START

    def _open_up(self) -> None:
        self._open = True
        if self._target is not None and self._target.modulation is not None:
            self._equalised = self._target.modulation
        if self._reception is not None:
            self._reception.trained()

    def _sense_other(self) -> None:
        # What stands for less than this is the tail of a carrier that is about to drop.
        self._concerned = True
        if self._reception is not None and isinstance(self.signal, Carrier):
            self._reception.other(self.signal)


class FrameEar:
    """A reception of V.21 that finds flags and frames."""

    def __init__(self) -> None:
        self._deframer = Deframer()
        self.on_flags: Callable[[], None] | None = None
        """Called once, when somebody is found to speak HDLC."""
        self.on_frame: Callable[[Unframed], None] | None = None
        self.on_lost: Callable[[], None] | None = None
        self.on_other: Callable[[Carrier], None] | None = None
        self._flags = False

    def trained(self) -> None:
        self._deframer = Deframer()

    def octets(self, octets: bytes) -> None:
        frames = self._deframer.feed(octets)
        if not self._flags and self._deframer.flags_seen >= 2:
            self._flags = True
            if self.on_flags is not None:
                self.on_flags()
        for frame in frames:
            if self.on_frame is not None:
                self.on_frame(frame)

    def lost(self) -> None:
        if self.on_lost is not None:
            self.on_lost()

    def other(self, carrier: Carrier) -> None:
        if self.on_other is not None:
            self.on_other(carrier)
