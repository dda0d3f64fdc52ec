"""Runs a T.30 procedure on a phone, event by event: operations are performed, events answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from faxhw.session import Cancelled, Event, Outcome, Status
from faxhw.session import Reply as EventReply
from faxhw.t30 import line
from faxhw.t30.frames import Fcf, transmission
from faxhw_drivers.sim.exchange import Phone
from faxhw_drivers.sim.operations import Operations
from faxhw_drivers.sim.pump import Receiver
from faxhw_drivers.sim.world import World

TURNAROUND = 0.075
"""Seconds of silence before frames (T.30 clause 5.1)."""


class Later(Enum):
    """In place of a reply: it will come by ``Performer.reply``, and until then nothing happens."""

    LATER = "later"


OnEvent = Callable[[Event], EventReply | Later]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a procedure and how it went."""

    begun: float
    operation: line.Operation
    answer: line.Answer


class Performer:
    """One procedure on one call. ``ended`` is called with its outcome."""

    def __init__(
        self,
        world: World,
        phone: Phone,
        procedure: line.Procedure,
        on_event: OnEvent,
        ended: Callable[[Outcome], None],
        *,
        receiver: Receiver | None = None,
        watch: Callable[[Step], None] = lambda step: None,
    ) -> None:
        """``receiver``: one that hears the phone already; ``watch`` is told of every operation that ends."""
        self.steps: list[Step] = []
        self.operations = Operations(world, phone, self._answered, receiver)
        self._world = world
        self._who = phone.number
        self._procedure = procedure
        self._on_event = on_event
        self._ended = ended
        self._watch = watch
        self._begun = 0.0
        self._resumed = 0
        """How often: it may happen again while an event is being answered."""

    def start(self) -> None:
        self._resume(lambda: next(self._procedure))

    def reply(self, value: EventReply) -> None:
        """The reply to the event that was put off by ``LATER``."""
        self._resume(lambda: self._procedure.send(value))

    def cancel(self) -> None:
        """End the procedure politely, whatever it waits for; what an event replies meanwhile is nobody's."""
        self.operations.abandon()
        self._resume(lambda: self._procedure.throw(Cancelled()))

    def drop(self) -> None:
        """Leave the procedure as it is, without a word to anybody."""
        self._resumed += 1
        self.operations.abandon()
        self._procedure.close()

    def give_up(self, *, calling: bool) -> None:
        """Drop whatever goes on, and say DCN."""
        self.operations.abandon()
        self._procedure.close()
        self._procedure = _goodbye(calling)
        self.start()

    def _answered(self, operation: line.Operation, answer: line.Answer) -> None:
        step = Step(self._begun, operation, answer)
        self.steps.append(step)
        self._watch(step)
        if not isinstance(answer, line.Data):
            self._world.note(self._who, f"{type(operation).__name__} -> {type(answer).__name__}")
        self._resume(lambda: self._procedure.send(answer))

    def _resume(self, step: Callable[[], line.Operation | Event]) -> None:
        """Run the procedure up to its next operation."""
        self._resumed += 1
        resumed = self._resumed
        try:
            item = step()
            while isinstance(item, Event):
                reply = self._on_event(item)
                if isinstance(reply, Later) or resumed != self._resumed:
                    return
                item = self._procedure.send(reply)
        except StopIteration as stop:
            self.operations.quiet()
            self._ended(stop.value)
            return
        self._begun = self._world.now
        self.operations.begin(item)


def _goodbye(calling: bool) -> line.Procedure:
    yield line.Pause(TURNAROUND)
    yield line.SendFrames(transmission((Fcf.DCN, b""), x=calling))
    return Outcome(Status.ABORTED, detail="gave up, and said DCN")
