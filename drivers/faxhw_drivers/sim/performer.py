"""Runs a T.30 procedure on a phone, event by event: operations are performed, events answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faxhw.session import Event, Outcome
from faxhw.session import Reply as EventReply
from faxhw.t30 import line
from faxhw_drivers.sim.exchange import Phone
from faxhw_drivers.sim.operations import Operations
from faxhw_drivers.sim.world import World

OnEvent = Callable[[Event], EventReply]


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
    ) -> None:
        self.steps: list[Step] = []
        self.operations = Operations(world, phone, self._answered)
        self._world = world
        self._who = phone.number
        self._procedure = procedure
        self._on_event = on_event
        self._ended = ended
        self._begun = 0.0

    def start(self) -> None:
        self._resume(None)

    def _answered(self, operation: line.Operation, answer: line.Answer) -> None:
        self.steps.append(Step(self._begun, operation, answer))
        if not isinstance(answer, line.Data):
            self._world.note(self._who, f"{type(operation).__name__} -> {type(answer).__name__}")
        self._resume(answer)

    def _resume(self, value: line.Answer | EventReply) -> None:
        """Run the procedure up to its next operation."""
        try:
            item = next(self._procedure) if value is None else self._procedure.send(value)
            while isinstance(item, Event):
                item = self._procedure.send(self._on_event(item))
        except StopIteration as stop:
            self.operations.quiet()
            self._ended(stop.value)
            return
        self._begun = self._world.now
        self.operations.begin(item)
