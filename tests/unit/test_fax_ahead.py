"""Work ahead of need, on simulated time."""

from __future__ import annotations

import pytest

from faxhw.fax.ahead import Ahead
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World


class Bench:
    """Works for ten seconds on each order, and fails at what is no number."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(World())
        self.begun: list[str] = []
        self.ahead: Ahead[str, int] = Ahead(self.clock, "works ahead", self._work)

    def _work(self, order: str) -> int:
        self.begun.append(order)
        self.clock.sleep(10)
        return int(order)


def test_what_was_begun_in_time_is_ready() -> None:
    bench = Bench()
    bench.ahead.begin("1")
    bench.clock.sleep(12)
    assert bench.ahead.take("1") == 1
    assert bench.clock.monotonic() == 12
    assert bench.begun == ["1"]


def test_what_was_not_is_waited_for() -> None:
    bench = Bench()
    assert bench.ahead.take("1") == 1
    assert bench.clock.monotonic() == 10
    assert bench.ahead.take("1") == 1  # it is still there
    assert bench.clock.monotonic() == 10


def test_patience() -> None:
    bench = Bench()
    assert bench.ahead.take("1", 4) is None
    assert bench.ahead.take("1", 4) is None
    assert bench.ahead.take("1", 4) == 1
    assert bench.clock.monotonic() == 10
    assert bench.begun == ["1"]


def test_another_order_takes_the_place_of_the_one_before() -> None:
    bench = Bench()
    bench.ahead.begin("1")
    bench.clock.sleep(5)
    bench.ahead.begin("2")
    bench.ahead.begin("3")
    assert bench.ahead.take("3") == 3
    assert bench.clock.monotonic() == 20  # one thing at a time
    assert bench.begun == ["1", "3"]


def test_what_fails_is_raised_where_it_is_taken() -> None:
    bench = Bench()
    bench.ahead.begin("one")
    bench.clock.sleep(20)
    for _ in range(2):
        with pytest.raises(ValueError, match="one"):
            bench.ahead.take("one")
    assert bench.ahead.take("1") == 1


def test_once_closed_nothing_more_is_begun() -> None:
    bench = Bench()
    bench.ahead.begin("1")
    bench.clock.sleep(1)
    bench.ahead.close()
    bench.ahead.begin("2")
    bench.clock.sleep(30)
    assert bench.begun == ["1"]
