"""A thread that does what takes its time, one errand after another, so that the line never waits for it.

A disk may take its time, or for ever: whoever waits for an errand says for how long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from faxhw.clock import Clock

_T = TypeVar("_T")


class Errand(Generic[_T]):
    """Something that is to be done, and what came of it."""

    def __init__(self, act: Callable[[], _T]) -> None:
        self.done = False
        self._act: Callable[[], _T] | None = act
        self._result: _T
        self._error: Exception | None = None

    def run(self) -> None:
        # An act that is kept would keep what it was about, a page of 75 kB, which keeps the errand: until the
        # collector comes by.
        act, self._act = self._act, None
        assert act is not None
        try:
            self._result = act()
        except Exception as error:  # noqa: BLE001 - raised to whoever asks for the result
            self._error = error

    @property
    def result(self) -> _T:
        """What it came to; raises what it raised. It must be done."""
        if self._error is not None:
            raise self._error
        return self._result


_IDLE = 60.0
"""Seconds without an errand after which the thread ends, if nobody closes."""


class Errands:
    """Does errands in their order, in a thread that is there from the first one on."""

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock = clock
        self._name = name
        self._monitor = clock.monitor()
        self._waiting: list[Errand[object]] = []
        self._working = False
        self._closed = False

    def close(self) -> None:
        """Let the thread end once it has done what it was sent."""
        with self._monitor:
            self._closed = True
            self._monitor.notify_all()

    def send(self, act: Callable[[], _T]) -> Errand[_T]:
        """Have something done once everything before it is; does not wait."""
        errand = Errand(act)
        with self._monitor:
            self._waiting.append(errand)  # type: ignore[arg-type]  # it is only run here
            if not self._working:
                self._working = True
                self._clock.spawn(self._work, self._name)
            self._monitor.notify_all()
        return errand

    def wait(self, errand: Errand[_T], seconds: float | None) -> bool:
        """Wait for an errand; False if it is not done within so many seconds (``None``: however long)."""
        with self._monitor:
            return self._monitor.wait_for(lambda: errand.done, seconds)

    def _work(self) -> None:
        while True:
            with self._monitor:
                self._monitor.wait_for(lambda: bool(self._waiting) or self._closed, _IDLE)
                if not self._waiting:
                    self._working = False
                    return
                errand = self._waiting.pop(0)
            errand.run()
            with self._monitor:
                errand.done = True
                self._monitor.notify_all()
