"""Two T.30 procedures on one line that may lose what is said: no modems, only T.30's own time.

Every transmission takes the time it takes; who listens hears the first one that begins after he began to
listen, or whose preamble still stands. What becomes of each on its way is decided by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from faxhw.session import Event, Outcome, Reply
from faxhw.t30.line import (
    Answer,
    AnswerTone,
    CarrierLost,
    Data,
    Done,
    Frame,
    Heard,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    Procedure,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFlags,
    SendFrames,
    SendPage,
    TellTime,
)
from faxhw.terms import Modulation


class Loss(Enum):
    """What becomes of a transmission."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    """Its carrier is heard, nothing that it says."""
    IN_PART = "in part"
    """Some of its frames, or parts of a page, come damaged."""
    LOST = "lost"


@dataclass(frozen=True)
class Fate:
    """What the line does to a transmission."""

    loss: Loss = Loss.WHOLE
    where: int = 0
    """Which parts are damaged: its bits by turns, over and over."""
    delay: float = 0.0
    """Seconds by which it comes later than the line is long."""
    echo: bool = False
    """Whether its sender hears it too: from the far end, where all lines end in an echo."""


WHOLE = Fate()
Content = tuple[bytes, ...] | bytes
"""Frames, or a page's octets."""


@dataclass(frozen=True)
class Transmission:
    """What is on the line, as one of the ends may hear it."""

    start: float
    end: float
    content: Content
    modulation: Modulation | None
    """``None`` is V.21."""
    fate: Fate


@dataclass
class End:
    """One station: its procedure, its time, what comes to its ears, and how it ended."""

    name: str
    procedure: Procedure
    on_event: Callable[[Event], Reply]
    """What the job says; it may let ``time`` pass over it."""
    time: float = 0.0
    operation: Operation | None = None
    incoming: list[Transmission] = field(default_factory=list)
    """In the order of their beginning."""
    outcome: Outcome | None = None
    flags_since: float | None = None
    """When it began to send flags that its next frames will follow."""

    def resume(self, answer: Answer | None) -> None:
        """Give the procedure its answer; the next operation is then in ``operation``."""
        try:
            item = next(self.procedure) if answer is None else self.procedure.send(answer)
            while isinstance(item, Event):
                item = self.procedure.send(self.on_event(item))
            self.operation = item
        except StopIteration as stop:
            self.operation, self.outcome = None, stop.value


TRAINING, PREAMBLE = 0.3, 1.0
JOINABLE = 0.8
"""Seconds for which a preamble can be joined late."""


@dataclass
class PairLine:
    """What lies between two stations."""

    called: End
    caller: End
    decide: Callable[[Content], Fate]
    """The test's word on a transmission."""
    length: float = 0.0
    """Seconds that everything is on its way."""
    in_transit: Callable[[tuple[bytes, ...]], tuple[bytes, ...]] = tuple
    """What stands in for a far end that says other things than ours do."""
    faults: int = 0
    """Transmissions to which something was done."""
    longest: float = 0.0
    """Seconds of the longest transmission."""

    def converse(self, *, limit: float) -> None:
        """Run both procedures to their ends; fails if that takes more than ``limit`` seconds of line time."""
        ends = (self.called, self.caller)
        for end in ends:
            end.resume(None)
        while alive := [end for end in ends if end.operation is not None]:
            for end in sorted(alive, key=lambda each: each.time):
                other = self.caller if end is self.called else self.called
                if self._step(end, other):
                    break
            else:  # both listen, to nothing: the first to lose patience goes on
                end = min(alive, key=_patience)
                end.time = _patience(end)
                end.resume(Nothing(time=end.time))
            assert all(end.time < limit for end in ends), "the call does not end"

    def _step(self, end: End, other: End) -> bool:
        """Perform an operation whose answer is certain by now; False if the other end must go on first."""
        match end.operation:
            case SendFrames(octets):
                seconds = sum(len(each) + 3 for each in octets) * 8 / 300
                began, end.flags_since = end.time if end.flags_since is None else end.flags_since, None
                until = max(began + PREAMBLE, end.time) + seconds
                self._send(end, other, (began, until), self.in_transit(octets), None)
            case SendPage(modulation, data):
                page = b"".join(data)
                until = end.time + TRAINING + len(page) * 8 / modulation.rate
                self._send(end, other, (end.time, until), page, modulation)
            case SendFlags():
                end.flags_since = end.time
                end.resume(Done(time=end.time))
            case TellTime():
                end.resume(Done(time=end.time))
            case Pause(seconds):
                end.time += seconds
                end.resume(Done(time=end.time))
            case AnswerTone():
                end.time += 3.0
                end.resume(Done(time=end.time))
            case ReceiveMore():
                end.resume(CarrierLost(time=end.time))
            case ReceiveFrames() | ReceivePage():
                return self._listen(end, other)
        return True

    def _send(
        self,
        end: End,
        other: End,
        when: tuple[float, float],
        content: Content,
        modulation: Modulation | None,
    ) -> None:
        began, until = when
        fate = self.decide(content)
        self.faults += fate != WHOLE
        self.longest = max(self.longest, until - began)
        if fate.loss is not Loss.LOST:
            late = self.length + fate.delay
            _hears(other, Transmission(began + late, until + late, content, modulation, fate))
        if fate.echo:
            back = 2 * self.length
            _hears(end, Transmission(began + back, until + back, content, modulation, WHOLE))
        end.time = until
        end.resume(Done(time=end.time))

    def _listen(self, end: End, other: End) -> bool:
        deadline = _patience(end)
        coming = next((each for each in end.incoming if each.end > end.time), None)
        flags = other.flags_since
        if flags is not None and end.time < flags + self.length + JOINABLE <= deadline + JOINABLE:
            return False  # it is heard that frames will follow
        # What the other end says from now on cannot be here before this.
        horizon = float("inf") if other.operation is None else other.time + self.length
        if coming is None or coming.start > deadline:
            if horizon > deadline:
                end.time = deadline
                end.resume(Nothing(time=end.time))
                return True
            return False
        if coming.start > horizon:
            return False  # something may come before it
        self._hear(end, coming)
        return True

    def _hear(self, end: End, coming: Transmission) -> None:
        wanted = end.operation.modulation if isinstance(end.operation, ReceivePage) else None
        joinable = JOINABLE if coming.modulation is None else 0.0
        missed = coming.start + joinable < end.time
        if missed and coming.modulation is None is wanted:
            end.time = coming.end
            end.resume(Heard((Frame(b"\x55\x55", good=False),), time=end.time))
        elif missed or coming.modulation != wanted:
            # It stands, and is not for us: known soon after it began, or at once where it began before.
            end.time = min(max(end.time, coming.start) + 0.2, coming.end + 0.001)
            end.resume(OtherCarrier(time=end.time))
        elif isinstance(coming.content, bytes):
            end.time = coming.end
            end.resume(Data(_as_heard(coming.content, coming.fate), time=end.time))
        else:
            end.time = coming.end
            good = [_is_good(number, coming.fate) for number, _ in enumerate(coming.content)]
            heard = tuple(Frame(each, good=fine) for each, fine in zip(coming.content, good, strict=True))
            end.resume(Heard(heard, time=end.time))


def _hears(end: End, transmission: Transmission) -> None:
    end.incoming.append(transmission)
    end.incoming.sort(key=lambda each: each.start)


def _patience(end: End) -> float:
    assert isinstance(end.operation, ReceiveFrames | ReceivePage)
    return end.time + end.operation.timeout


def _is_good(part: int, fate: Fate) -> bool:
    return fate.loss is Loss.WHOLE or (fate.loss is Loss.IN_PART and not fate.where >> part % 8 & 1)


def _as_heard(octets: bytes, fate: Fate) -> bytes:
    """What is heard of a page: sixteen parts, of which some are something else."""
    if fate.loss is Loss.WHOLE:
        return octets
    heard, part = bytearray(octets), len(octets) // 16 + 1
    for number in range(16):
        if not _is_good(number, fate):
            bad = heard[number * part : (number + 1) * part]
            heard[number * part : number * part + len(bad)] = b"\x55" * len(bad)
    return bytes(heard)
