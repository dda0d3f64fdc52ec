"""A telephone line whose owner waits, in a thread of the simulated clock, for what happens on it."""

from __future__ import annotations

from collections.abc import Callable

from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import CallerId, Exchange, Hook
from faxhw_drivers.sim.signals import Signal

DIAL_TIME = 1.0
RING_PAUSE = 6.5
"""Seconds after the beginning of a ring by which the next one has come, if there is a next one."""
_DIALLING_ENDS = {Hook.TALKING: "connected", Hook.CLEARED: "busy", Hook.IDLE: "hung up"}


class OwnedLine:
    """One line. Its owner calls and waits in one thread; ``wake`` may come from any.

    Whatever waits raises ``InterruptedError`` after ``wake``.
    """

    def __init__(self, clock: SimulatedClock, exchange: Exchange, number: str) -> None:
        self.clock = clock
        self._world = clock.world
        self._monitor = clock.monitor()
        self._phone = exchange.subscribe(number, self)
        self._rings: list[float] = []
        self._caller = CallerId()
        self._woken = False

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

    def dial(self, number: str, timeout: float | None) -> str:
        """Dial, the line taken: ``connected``, ``busy``, or ``""`` if the time is up."""
        self.clock.sleep(DIAL_TIME)
        with self._monitor:
            self._phone.dial(number)
        self._wait(lambda: self._phone.state in _DIALLING_ENDS, timeout)
        return _DIALLING_ENDS.get(self._phone.state, "")

    def has_call(self) -> bool:
        return self._phone.state is Hook.TALKING

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
        with self._monitor:
            self._monitor.notify_all()

    def hears_octets(self, octets: bytes) -> None:
        pass
