"""A virtual telephony card: a telephone line whose owner waits for what it does, on the simulated clock.

It performs T.30 line operations by itself, as a card with its own signal processor does. Drivers of such
cards are tested on it; it knows nothing of modems or AT commands.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.t30 import line
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import CallerId, Exchange, Hook
from faxhw_drivers.sim.operations import Operations
from faxhw_drivers.sim.signals import Signal, Tone

DIAL_TIME = 1.0
RING_PAUSE = 6.5
"""Seconds after the beginning of a ring by which the next one has come, if there is a next one."""
_DIALLING_ENDS = {Hook.TALKING: "connected", Hook.CLEARED: "busy", Hook.IDLE: "hung up"}


class Card:
    """One line. Its owner calls and waits in one thread; ``wake`` may come from any."""

    def __init__(self, clock: SimulatedClock, exchange: Exchange, number: str) -> None:
        self.clock = clock
        self._world = clock.world
        self._monitor = clock.monitor()
        self._phone = exchange.subscribe(number, self)
        self._operations: Operations | None = None
        self._signal: Signal = Tone.SILENCE
        self._answers: list[line.Answer] = []
        self._rings: list[float] = []
        self._caller = CallerId()
        self._woken = False

    # -- what its owner does; each raises InterruptedError after ``wake``

    def wait_for_rings(self, count: int, timeout: float | None) -> int:
        """Wait until the call that rings has rung so often: how often it has; 0 if the time is up."""
        self._wait(lambda: self._rung() >= count, timeout)
        return self._rung() if self._rung() >= count else 0

    def is_ringing(self) -> bool:
        """Whether the call is still there."""
        return self._rung() > 0

    @property
    def caller(self) -> str:
        """The number of whoever called last; empty before the second ring, and where it is not told."""
        return self._caller.number

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

    def dial(self, number: str, timeout: float | None) -> str:
        """Dial, the line taken: ``connected``, ``busy``, or ``""`` if the time is up."""
        self.clock.sleep(DIAL_TIME)
        with self._monitor:
            self._phone.dial(number)
        self._wait(lambda: self._phone.state in _DIALLING_ENDS, timeout)
        return _DIALLING_ENDS.get(self._phone.state, "")

    def has_call(self) -> bool:
        return self._phone.state is Hook.TALKING

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

    def wake(self) -> None:
        """Interrupt the wait under way, or the next one. From any thread."""
        with self._monitor:
            self._woken = True
            self._monitor.notify_all()

    def forget_wake(self) -> None:
        """A ``wake`` that nobody waited for is not to interrupt the next wait."""
        self._woken = False

    def _rung(self) -> int:
        """How often the call has rung that rings now."""
        there = self._rings and self._world.now - self._rings[-1] < RING_PAUSE
        return len(self._rings) if there else 0

    def _wait(self, happened: Callable[[], bool], timeout: float | None) -> None:
        with self._monitor:
            self._monitor.wait_for(lambda: self._woken or happened(), timeout)
            if self._woken:
                self._woken = False
                raise InterruptedError

    # -- the phone's listener; events of the world

    def rings(self, on: bool) -> None:
        if on:
            with self._monitor:
                if not self.is_ringing():
                    self._rings.clear()
                    self._caller = CallerId()
                self._rings.append(self._world.now)
                self._monitor.notify_all()

    def caller_id(self, caller: CallerId) -> None:
        self._caller = caller

    def give_up(self) -> None:
        pass  # its owner decides

    def hears(self, signal: Signal) -> None:
        self._signal = signal
        with self._monitor:
            if self._operations is not None:
                self._operations.receiver.hears(signal)
                if signal is Tone.BUSY:
                    self._operations.disconnected()
            self._monitor.notify_all()

    def hears_octets(self, octets: bytes) -> None:
        if self._operations is not None:
            self._operations.receiver.hears_octets(octets)

    def _answered(self, _: line.Operation, answer: line.Answer) -> None:
        with self._monitor:
            self._answers.append(answer)
            self._monitor.notify_all()
