"""Errands: done in order, by one thread, and forgotten once done."""

from __future__ import annotations

import gc
import weakref

import pytest

from faxhw.clock import SystemClock
from faxhw.fax.errands import Errands

PATIENCE = 10.0


class Load:
    """Something large that an errand is about."""

    def __init__(self) -> None:
        self.errand: object = None

    def weigh(self) -> bool:
        return True


def test_what_an_errand_was_about_goes_without_the_collector() -> None:
    errands = Errands(SystemClock(), "test")
    load = Load()
    load.errand = errand = errands.send(load.weigh)
    gone = weakref.ref(load)
    assert errands.wait(errand, PATIENCE)
    assert errand.result
    gc.disable()
    try:
        del errand, load
        assert gone() is None
    finally:
        gc.enable()
        errands.close()


def test_errands_are_done_in_their_order_and_waited_for_no_longer_than_said() -> None:
    clock = SystemClock()
    errands = Errands(clock, "test")
    monitor = clock.monitor()
    held: list[bool] = []
    done: list[int] = []

    def hold() -> None:
        with monitor:
            monitor.wait_for(lambda: bool(held), PATIENCE)

    first = errands.send(hold)
    second = errands.send(lambda: done.append(2))
    third = errands.send(lambda: done.append(3))
    assert not errands.wait(third, 0.0)
    assert done == []
    with monitor:
        held.append(True)
        monitor.notify_all()
    assert errands.wait(third, PATIENCE)
    assert done == [2, 3]
    assert first.done
    assert second.done
    errands.close()


def test_what_an_errand_raised_is_raised_to_whoever_asks() -> None:
    errands = Errands(SystemClock(), "test")
    failed = errands.send(lambda: 1 // 0)
    after = errands.send(lambda: "done")
    assert errands.wait(after, PATIENCE)
    assert after.result == "done"
    with pytest.raises(ZeroDivisionError):
        _ = failed.result
    errands.close()
