"""A discrete-event world: a time, what is due later, and one source of chance.

Everything of the simulation (exchange, lines, modems, stations) is driven by timers of a ``World`` and by
nothing else; it never waits. What makes the time pass is outside: ``SimulatedClock`` jumps from event to
event in process, ``realtime`` follows the host's clock.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

EPOCH = datetime(2024, 2, 29, 9, 30, tzinfo=UTC)
"""The date and time of day at which every world begins."""


class Timer:
    """Something due at a moment, until it is cancelled."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Make sure that it does not happen; safe to repeat, and after it has happened."""
        self.action = None


class World:
    """Time, events in their order, and a seeded source of chance."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 0.0
        """Seconds since the world began."""
        self.lock = threading.RLock()
        """Held while events run, and by whoever touches the world from outside of them."""
        self.random = Random(seed)
        self.on_note: Callable[[float, str, str], None] | None = None
        """Told of what happens: the time, whom it happens to, and what."""
        self._due: list[tuple[float, int, Timer]] = []
        self._count = 0

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Have ``action`` called at ``when``, or at once if that has passed; in order of asking if equal."""
        timer = Timer(action)
        self._count += 1
        heapq.heappush(self._due, (max(when, self.now), self._count, timer))
        return timer

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        return self.call_at(self.now + delay, action)

    def next_time(self) -> float | None:
        """When the next event is due; ``None`` if nothing will ever happen by itself."""
        due = self._due
        while due and due[0][2].action is None:
            heapq.heappop(due)
        return due[0][0] if due else None

    def run_next(self) -> None:
        """Move the time on to the next event and let it happen."""
        if self.next_time() is None:
            return
        self.now, _, timer = heapq.heappop(self._due)
        action, timer.action = timer.action, None
        if action is not None:
            action()

    def run_until(self, when: float) -> None:
        """Let everything happen that is due by ``when``, and make it that time."""
        while (due := self.next_time()) is not None and due <= when:
            self.run_next()
        self.now = max(self.now, when)

    def wall(self) -> datetime:
        """The date and time of day."""
        return EPOCH + timedelta(seconds=self.now)

    def note(self, who: str, what: str) -> None:
        """Tell whoever listens that something happened."""
        if self.on_note is not None:
            self.on_note(self.now, who, what)
