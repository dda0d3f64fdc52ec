"""A virtual telephony card: a telephone line whose owner waits for what it does, on the simulated clock.

It performs T.30 line operations by itself, as a card with its own signal processor does. Drivers of such
cards are tested on it; it knows nothing of modems or AT commands.
"""

from __future__ import annotations

from faxhw.t30 import line
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.operations import Operations
from faxhw_drivers.sim.owned import OwnedLine
from faxhw_drivers.sim.signals import Signal, Tone


class Card(OwnedLine):
    """One line."""

    def __init__(self, clock: SimulatedClock, exchange: Exchange, number: str) -> None:
        super().__init__(clock, exchange, number)
        self._operations: Operations | None = None
        self._signal: Signal = Tone.SILENCE
        self._answers: list[line.Answer] = []

    def off_hook(self) -> None:
        """Answer the call that rings, or take the line for dialling; no sound is made."""
        with self._monitor:
            self._rings.clear()
            self._operations = Operations(self._world, self._phone, self._answered)
            self._phone.off_hook()
            self._operations.receiver.hears(self._signal)

    def on_hook(self) -> None:
        """Hang up; safe when on hook."""
        with self._monitor:
            if self._operations is not None:
                self._operations.disconnected()
                self._operations = None
            self._phone.on_hook()

    def perform(self, operation: line.Operation) -> line.Answer:
        """Perform a line operation, however long it takes."""
        with self._monitor:
            operations = self._operations
            if operations is None or not self.has_call():
                return line.Disconnected(time=self._world.now)
            self._answers.clear()
            operations.begin(operation)
        try:
            self._wait(lambda: bool(self._answers), None)
        except InterruptedError:
            with self._monitor:
                operations.abandon()
            raise
        return self._answers.pop()

    # -- the phone's listener; events of the world

    def hears(self, signal: Signal) -> None:
        self._signal = signal
        with self._monitor:
            if self._operations is not None:
                self._operations.receiver.hears(signal)
                if signal is Tone.BUSY:
                    self._operations.disconnected()
        super().hears(signal)

    def hears_octets(self, octets: bytes) -> None:
        if self._operations is not None:
            self._operations.receiver.hears_octets(octets)

    def _answered(self, _: line.Operation, answer: line.Answer) -> None:
        with self._monitor:
            self._answers.append(answer)
            self._monitor.notify_all()
