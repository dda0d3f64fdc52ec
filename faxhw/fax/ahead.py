"""Work done ahead of need: in a thread of its own, so that the line does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from faxhw.clock import Clock

Order = TypeVar("Order")
Result = TypeVar("Result")


class Ahead(Generic[Order, Result]):
    """Does one thing at a time: the one last ordered. One thread orders and takes."""

    def __init__(self, clock: Clock, name: str, work: Callable[[Order], Result]) -> None:
        self._clock = clock
        self._name = name
        self._work = work
        self._monitor = clock.monitor()
        self._wanted: Order | None = None
        self._done: list[Result | Exception] = []
        """What came of it, once it has."""
        self._busy = False
        self._closed = False

    def begin(self, order: Order) -> None:
        """See to an order in the background, unless it is an equal one that is seen to already.

        What an earlier one was for is dropped.
        """
        with self._monitor:
            if self._closed or order == self._wanted:
                return
            self._wanted, self._done = order, []
            if not self._busy:
                self._busy = True
                self._clock.spawn(self._run, self._name)

    def take(self, order: Order, patience: float | None = None) -> Result | None:
        """What comes of an order, or ``None`` if that takes longer than ``patience`` in seconds.

        Raises what the work raised.
        """
        self.begin(order)
        with self._monitor:
            if not self._monitor.wait_for(lambda: bool(self._done), patience):
                return None
            (result,) = self._done
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Begin nothing more; what is under way comes to nothing."""
        with self._monitor:
            self._closed, self._wanted, self._done = True, None, []

    def _run(self) -> None:
        while (order := self._next()) is not None:
            try:
                result: Result | Exception = self._work(order)
            except Exception as error:  # noqa: BLE001 - raised anew where the result is taken
                result = error
            with self._monitor:
                if order == self._wanted:
                    self._done = [result]
                    self._monitor.notify_all()

    def _next(self) -> Order | None:
        with self._monitor:
            if self._wanted is None or self._done:
                self._busy = False
                return None
            return self._wanted
