"""Two T.30 procedures on one ideal line that may lose what is said: no modems, only T.30's own time.

Every transmission takes the time it takes; who listens hears the first one that begins after he began to
listen, or whose preamble still stands. Whether a transmission arrives whole, damaged or not at all is decided
by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from faxhw.session import Event, Modulation, Outcome, Reply
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
)


class Fate(Enum):
    """What becomes of a transmission."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    """Its carrier is heard, what it says is not."""
    LOST = "lost"


@dataclass(frozen=True)
class Transmission:
    start: float
    end: float
    content: tuple[bytes, ...] | bytes
    """Frames, or a page's octets."""
    modulation: Modulation | None
    """``None`` is V.21."""
    fate: Fate


@dataclass
class End:
    """One station: its procedure, its time, what it has sent, and how it ended."""

    name: str
    procedure: Procedure
    on_event: Callable[[Event], Reply]
    time: float = 0.0
    operation: Operation | None = None
    sent: list[Transmission] = field(default_factory=list)
    outcome: Outcome | None = None

    def resume(self, answer: Answer | None) -> None:
        """Give the procedure its answer; the next operation is then in ``operation``."""
        try:
            item = next(self.procedure) if answer is None else self.procedure.send(answer)
            while isinstance(item, Event):
                item = self.procedure.send(self.on_event(item))
            self.operation = item
        except StopIteration as stop:
            self.operation, self.outcome = None, stop.value


Decide = Callable[[str, Operation], Fate]
"""The test's word on a transmission, by who sends it."""

TRAINING = 0.3


def converse(called: End, caller: End, decide: Decide, *, limit: float = 1000.0) -> None:
    """Run both procedures to their ends; fails if that takes more than ``limit`` seconds of line time."""
    ends = (called, caller)
    for end in ends:
        end.resume(None)
    while alive := [end for end in ends if end.operation is not None]:
        for end in sorted(alive, key=lambda each: each.time):
            other = caller if end is called else called
            if _step(end, other, decide):
                break
        else:  # both listen, to nothing: the first to lose patience goes on
            end = min(alive, key=_patience)
            end.time = _patience(end)
            end.resume(Nothing(time=end.time))
        assert all(end.time < limit for end in ends), "the call does not end"


def _patience(end: End) -> float:
    assert isinstance(end.operation, ReceiveFrames | ReceivePage)
    return end.time + end.operation.timeout


def _step(end: End, other: End, decide: Decide) -> bool:
    """Perform an operation whose answer is certain by now; False if the other end must go on first."""
    operation = end.operation
    match operation:
        case SendFrames(octets):
            seconds = 1.0 + sum(len(each) + 3 for each in octets) * 8 / 300
            _send(end, seconds, octets, None, decide(end.name, operation))
        case SendPage(modulation, data):
            page = b"".join(data)
            _send(
                end,
                TRAINING + len(page) * 8 / modulation.rate,
                page,
                modulation,
                decide(end.name, operation),
            )
        case SendFlags():
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
            return _listen(end, other)
    return True


def _send(
    end: End, seconds: float, content: tuple[bytes, ...] | bytes, modulation: Modulation | None, fate: Fate
) -> None:
    end.sent.append(Transmission(end.time, end.time + seconds, content, modulation, fate))
    end.time += seconds
    end.resume(Done(time=end.time))


def _listen(end: End, other: End) -> bool:
    deadline = _patience(end)
    coming = next((each for each in other.sent if each.end > end.time and each.fate is not Fate.LOST), None)
    if coming is None or coming.start > deadline:
        if other.operation is None or other.time > deadline:
            end.time = deadline
            end.resume(Nothing(time=end.time))
            return True
        return False
    wanted = end.operation.modulation if isinstance(end.operation, ReceivePage) else None
    missed = (
        coming.start + (0.8 if coming.modulation is None else 0.0) < end.time
    )  # a preamble can be joined late
    if coming.modulation != wanted or missed:
        # It stands, and is not for us: known soon after it began, or at once where it began before.
        end.time = min(max(end.time, coming.start) + 0.2, coming.end + 0.001)
        end.resume(OtherCarrier(time=end.time))
    elif isinstance(coming.content, bytes):
        end.time = coming.end
        whole = coming.fate is Fate.WHOLE
        end.resume(Data(coming.content if whole else _damaged(coming.content), time=end.time))
    else:
        end.time = coming.end
        good = coming.fate is Fate.WHOLE
        end.resume(Heard(tuple(Frame(each, good=good) for each in coming.content), time=end.time))
    return True


def _damaged(octets: bytes) -> bytes:
    """Its middle half is something else."""
    quarter = len(octets) // 4
    return octets[:quarter] + b"\x55" * (len(octets) - 2 * quarter) + octets[len(octets) - quarter :]
