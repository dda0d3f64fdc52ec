"""Time, waiting and threads: the one place in the package that has them.

Whatever needs to wait is handed a ``Clock``. The system's clock is below; the virtual line has one of its
own, on which time stands still until everybody waits and then jumps to the next thing that happens. So a
thread that is to be part of the simulation must be started by ``Clock.spawn`` and must wait by
``Clock.sleep``, a ``Monitor``, or a port made for that clock, and by nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol


class Monitor(Protocol):
    """A lock with a wait: shared state is read and changed inside ``with monitor``."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None: ...

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait, lock released, until ``predicate()`` holds; False if ``timeout`` seconds passed first."""
        ...

    def notify_all(self) -> None:
        """Make all waiters look at their predicates again; the lock must be held."""
        ...


class Worker(Protocol):
    """A thread started by ``Clock.spawn``."""

    def join(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False if ``timeout`` seconds passed first."""
        ...


class Clock(Protocol):
    """Seconds are floats everywhere."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def now(self) -> datetime:
        """The date and time of day, aware of its zone."""
        ...

    def sleep(self, seconds: float) -> None: ...

    def monitor(self) -> Monitor:
        """A new lock whose waits are measured on this clock."""
        ...

    def spawn(self, target: Callable[[], None], name: str) -> Worker:
        """Run ``target`` in a daemon thread of that name."""
        ...


class _SystemWorker:
    def __init__(self, target: Callable[[], None], name: str) -> None:
        self._thread = threading.Thread(target=target, name=name, daemon=True)
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()


class SystemClock:
    """The host's time, its threads."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)

    def monitor(self) -> Monitor:
        return threading.Condition()

    def spawn(self, target: Callable[[], None], name: str) -> Worker:
        return _SystemWorker(target, name)


SYSTEM_CLOCK: Clock = SystemClock()


class Deadline:
    """A moment on a clock, or never. ``left()`` is what a wait may still take."""

    __slots__ = ("_clock", "_when")

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._when = None if seconds is None else clock.monotonic() + seconds

    def left(self) -> float | None:
        """Seconds until the moment, 0.0 once it has passed, ``None`` if it never comes."""
        return None if self._when is None else max(0.0, self._when - self._clock.monotonic())

    def passed(self) -> bool:
        return self._when is not None and self._clock.monotonic() >= self._when
