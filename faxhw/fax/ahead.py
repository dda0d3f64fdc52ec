"""Work done ahead of need, in a thread of its own, so that the line does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from faxhw.clock import Clock
from faxhw.fax.errands import Errand, Errands

Order = TypeVar("Order")
Result = TypeVar("Result")


class Ahead(Generic[Order, Result]):
    """Sees to the order last given, one at a time. One thread orders and takes."""

    def __init__(self, clock: Clock, name: str, work: Callable[[Order], Result]) -> None:
        self._work = work
        self._worker = Errands(clock, name)
        self._wanted: Order | None = None
        self._errand: Errand[Result | None] | None = None
        self._closed = False

    def begin(self, order: Order) -> None:
        """See to an order, unless it is an equal one that is seen to already; drops the one before."""
        self._see_to(order)

    def take(self, order: Order, patience: float | None = None) -> Result | None:
        """What comes of an order; ``None`` if that takes longer than ``patience`` in seconds, or if closed.

        Raises what the work raised.
        """
        errand = self._see_to(order)
        return errand.result if self._worker.wait(errand, patience) else None

    def close(self) -> None:
        """Begin nothing more; what is under way comes to nothing."""
        self._closed, self._wanted = True, None
        self._worker.close()

    def _see_to(self, order: Order) -> Errand[Result | None]:
        if self._errand is None or order != self._wanted:
            self._wanted = None if self._closed else order
            self._errand = self._worker.send(lambda: self._work(order) if order is self._wanted else None)
        return self._errand
