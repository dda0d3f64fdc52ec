"""Performs line operations on a phone, one at a time, with the timing of an honest fax.

What ``faxhw.t30.line`` calls a line, turned inside out: nothing waits here, an operation is begun, and its
answer is told when the world has come to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from faxhw.hdlc import Unframed
from faxhw.t30 import line
from faxhw_drivers.sim.exchange import Phone
from faxhw_drivers.sim.pump import FrameEar, FrameSource, Receiver, Transmitter
from faxhw_drivers.sim.signals import V21, Carrier, Tone
from faxhw_drivers.sim.world import Timer, World

CED_TIME, CED_GAP = 3.0, 0.075
CARRIER_TAIL = 0.15
"""Seconds for which a carrier may stand after its final frame."""
FINAL = 0x10

Answered = Callable[[line.Operation, line.Answer], None]


class Operations:
    """A fax's hands on a phone. ``answered`` is told of each operation's end, in an event of the world."""

    def __init__(
        self, world: World, phone: Phone, answered: Answered, receiver: Receiver | None = None
    ) -> None:
        """``receiver``: one that hears the phone already."""
        self.transmitter = Transmitter(world, phone)
        self.receiver = receiver or Receiver(world)
        self._world = world
        self._answered = answered
        self._operation: line.Operation | None = None
        self._gone = False
        self._timer: Timer | None = None
        self._page: _PageReception | None = None
        self._flags: FrameSource | None = None
        """What sends flags until there are frames."""
        self._begin_by: dict[type[line.Operation], Callable[..., None]] = {
            line.TellTime: self._tell_time,
            line.AnswerTone: self._answer_tone,
            line.SendFlags: self._send_flags,
            line.SendFrames: self._send_frames,
            line.ReceiveFrames: self._receive_frames,
            line.SendPage: self._send_page,
            line.ReceivePage: self._receive_page,
            line.ReceiveMore: self._receive_more,
            line.StopReceiving: self._stop_receiving,
            line.Pause: self._pause,
        }

    @property
    def listening(self) -> bool:
        """Whether frames are waited for: when a calling station may sound CNG."""
        return isinstance(self._operation, line.ReceiveFrames)

    def begin(self, operation: line.Operation) -> None:
        """Begin an operation; the one before must have been answered."""
        self._operation = operation
        if self._gone:
            self._soon(line.Disconnected(time=self._world.now))
        else:
            self._begin_by[type(operation)](operation)

    def disconnected(self) -> None:
        """The call is gone: the operation under way ends so, and so will any other."""
        self._gone = True
        if self._operation is not None:
            self.quiet()
            self._answer(line.Disconnected(time=self._world.now))

    def abandon(self) -> None:
        """Leave the operation under way; nobody is told of its end."""
        self._operation = None
        self.quiet()

    def quiet(self) -> None:
        """Neither say nor hear anything."""
        self._cancel_timer()
        self.transmitter.stop()
        self.receiver.off()

    def _answer(self, answer: line.Answer) -> None:
        operation, self._operation = self._operation, None
        if operation is not None:
            self._cancel_timer()
            self._answered(operation, answer)

    def _soon(self, answer: line.Answer) -> None:
        """Answer in an event of its own, so that a procedure's loop does not nest."""
        asked = self._operation

        def now() -> None:
            if self._operation is asked:
                self._answer(answer)

        self._world.call_later(0.0, now)

    def _done(self) -> None:
        self._answer(line.Done(time=self._world.now))

    def _nothing(self) -> None:
        self.receiver.off()
        self._answer(line.Nothing(time=self._world.now))

    def _other(self, carrier: Carrier) -> None:
        self.receiver.off()
        self._answer(line.OtherCarrier(time=self._world.now))

    def _tell_time(self, operation: line.TellTime) -> None:
        self._soon(line.Done(time=self._world.now))

    # -- sending

    def _answer_tone(self, operation: line.AnswerTone) -> None:
        self.transmitter.tone(Tone.CED)

        def silence() -> None:
            self.transmitter.tone(Tone.SILENCE)
            self._after(CED_GAP, self._done)

        self._after(CED_TIME, silence)

    def _send_flags(self, operation: line.SendFlags) -> None:
        self._flags = FrameSource()
        self.transmitter.start(V21, self._flags, self._done)
        self._soon(line.Done(time=self._world.now))

    def _send_frames(self, operation: line.SendFrames) -> None:
        source, self._flags = self._flags, None
        stands = source is not None and self.transmitter.carrier is V21
        if source is None or not stands:
            source = FrameSource()
        for frame in operation.frames:
            source.add(frame)
        source.end()
        if not stands:
            self.transmitter.start(V21, source, self._done)

    def _send_page(self, operation: line.SendPage) -> None:
        carrier = Carrier(operation.modulation, operation.short_training)
        self.transmitter.start(carrier, _PageSource(iter(operation.data)), self._done)

    def _pause(self, operation: line.Pause) -> None:
        self._after(operation.seconds, self._done)

    # -- receiving

    def _receive_frames(self, operation: line.ReceiveFrames) -> None:
        frames: list[line.Frame] = []

        def finish() -> None:
            self.receiver.off()
            if frames:
                self._answer(line.Heard(frames=tuple(frames), time=self._world.now))
            else:
                self._nothing()

        def on_frame(frame: Unframed) -> None:
            frames.append(line.Frame(frame.octets, frame.good))
            if frame.good and len(frame.octets) >= 2 and frame.octets[1] & FINAL:
                ear.on_frame = None
                self._after(CARRIER_TAIL, finish)  # or when it drops, so that a pause counts from there

        def on_flags() -> None:
            ear.on_lost = finish
            self._after(line.MAX_SEQUENCE, finish)

        ear = FrameEar()
        ear.on_flags, ear.on_frame, ear.on_other = on_flags, on_frame, self._other
        self._after(operation.timeout, self._nothing)
        self.receiver.listen(V21, ear)

    def _receive_page(self, operation: line.ReceivePage) -> None:
        self._page = _PageReception(self._page_changed, self._cancel_timer, self._other)
        self._after(operation.timeout, self._nothing)
        self.receiver.listen(Carrier(operation.modulation, operation.short_training), self._page)

    def _page_changed(self) -> None:
        """There are octets, or the carrier is lost."""
        page = self._page
        if page is None or not isinstance(self._operation, line.ReceivePage | line.ReceiveMore):
            return
        if page.heard:
            octets, page.heard = bytes(page.heard), bytearray()
            self._answer(line.Data(octets=octets, time=self._world.now))
        elif page.over:
            self._page = None
            self.receiver.off()
            self._answer(line.CarrierLost(time=self._world.now))

    def _receive_more(self, operation: line.ReceiveMore) -> None:
        if self._page is None:
            self._soon(line.CarrierLost(time=self._world.now))
        elif self._page.heard or self._page.over:
            self._world.call_later(0.0, self._page_changed)

    def _stop_receiving(self, operation: line.StopReceiving) -> None:
        self._page = None
        self.receiver.off()
        self._soon(line.Done(time=self._world.now))

    # -- timers

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = self._world.call_later(seconds, action)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _PageSource:
    """A page's pieces as a transmitter's octets."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""

    def take(self, count: int) -> bytes | None:
        while len(self._buffer) < count:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._buffer += piece
        octets, self._buffer = self._buffer[:count], self._buffer[count:]
        return octets or None


class _PageReception:
    """What has been heard of a page and not been asked for yet."""

    def __init__(
        self, changed: Callable[[], None], standing: Callable[[], None], other: Callable[[Carrier], None]
    ) -> None:
        self.heard = bytearray()
        self.over = False
        self._changed = changed
        self._standing = standing
        self._other = other

    def trained(self) -> None:
        self._standing()

    def octets(self, octets: bytes) -> None:
        self.heard += octets
        self._changed()

    def lost(self) -> None:
        self.over = True
        self._changed()

    def other(self, carrier: Carrier) -> None:
        self._other(carrier)
