"""The simulated clock: time that stands still until everybody waits, and a deterministic order of turns."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from faxhw_drivers.sim.clock import SimulatedClock, SimulationStuck
from faxhw_drivers.sim.world import World


def _fail() -> None:
    raise ZeroDivisionError


def make() -> tuple[World, SimulatedClock]:
    world = World()
    return world, SimulatedClock(world)


def test_a_sleep_jumps_and_runs_what_is_due_in_between() -> None:
    world, clock = make()
    seen: list[float] = []
    world.call_later(5.0, lambda: seen.append(world.now))
    world.call_later(50.0, lambda: seen.append(world.now))
    clock.sleep(10.0)
    assert clock.monotonic() == 10.0
    assert seen == [5.0]
    assert (clock.now() - SimulatedClock(World()).now()).total_seconds() == 10.0


def test_a_cancelled_timer_does_not_happen_and_leaves_nothing_due() -> None:
    world, clock = make()
    world.call_later(1.0, lambda: pytest.fail("it was cancelled")).cancel()
    assert world.next_time() is None
    clock.sleep(2.0)


def test_a_monitor_waits_for_an_event_and_no_longer() -> None:
    world, clock = make()
    monitor = clock.monitor()
    box: list[int] = []

    def put() -> None:
        with monitor:
            box.append(1)
            monitor.notify_all()

    world.call_later(3.0, put)
    with monitor:
        assert not monitor.wait_for(lambda: bool(box), timeout=2.5)
        assert clock.monotonic() == 2.5
        assert monitor.wait_for(lambda: bool(box), timeout=100)
    assert clock.monotonic() == 3.0


def test_a_wait_goes_on_only_when_it_was_notified() -> None:
    world, clock = make()
    monitor = clock.monitor()
    box: list[int] = []
    world.call_later(1.0, lambda: box.append(1))
    with monitor:
        assert monitor.wait_for(lambda: bool(box), timeout=4.0)
    assert clock.monotonic() == 4.0


def test_workers_take_turns_in_the_order_in_which_they_began_to_wait() -> None:
    def run() -> list[str]:
        _, clock = make()
        log: list[str] = []

        def work(name: str, step: float) -> None:
            for number in range(4):
                clock.sleep(step)
                log.append(f"{name}{number} {clock.monotonic():g}")

        workers = [clock.spawn(partial(work, n, s), n) for n, s in [("a", 2), ("b", 3), ("c", 2)]]
        for worker in workers:
            assert worker.join()
        return log

    first = run()
    assert first[:4] == ["a0 2", "c0 2", "b0 3", "a1 4"]
    assert all(run() == first for _ in range(5))


def test_two_workers_hand_a_thing_to_and_fro() -> None:
    _, clock = make()
    monitor = clock.monitor()
    turn = ["ping"]
    log: list[str] = []

    def play(me: str, other: str) -> None:
        for _ in range(50):
            with monitor:
                assert monitor.wait_for(lambda: turn[0] == me, timeout=9)
                log.append(me)
                turn[0] = other
                monitor.notify_all()

    players = [clock.spawn(lambda: play("ping", "pong"), "1"), clock.spawn(lambda: play("pong", "ping"), "2")]
    assert all(player.join() for player in players)
    assert log == ["ping", "pong"] * 50
    assert clock.monotonic() == 0.0


def test_a_monitor_held_over_a_sleep_keeps_the_others_out() -> None:
    _, clock = make()
    monitor = clock.monitor()
    log: list[str] = []

    def hold() -> None:
        with monitor:
            clock.sleep(5)
            log.append(f"held until {clock.monotonic():g}")

    holder = clock.spawn(hold, "holder")
    clock.sleep(1)
    with monitor, monitor:
        log.append(f"entered at {clock.monotonic():g}")
    assert holder.join()
    assert log == ["held until 5", "entered at 5"]


def test_join_gives_up_in_time() -> None:
    _, clock = make()
    worker = clock.spawn(lambda: clock.sleep(10), "slow")
    assert not worker.join(4)
    assert clock.monotonic() == 4
    assert worker.join()
    assert clock.monotonic() == 10


def test_time_does_not_pass_while_a_thread_that_waited_before_is_busy() -> None:
    _, clock = make()
    clock.sleep(1)  # this thread has the turn now
    worker = clock.spawn(lambda: clock.sleep(100), "sleeper")
    sum(range(200_000))
    assert clock.monotonic() == 1
    assert worker.join()


def test_a_thread_that_never_comes_back_does_not_hold_up_the_others() -> None:
    world = World()
    clock = SimulatedClock(world, patience=0.01)
    clock.sleep(1)
    done: list[int] = []

    def sleep() -> None:
        clock.sleep(100)
        done.append(1)

    clock.spawn(sleep, "sleeper")
    while not done:
        pass
    assert clock.monotonic() == 101


def test_being_stuck_is_an_error_and_not_a_hang() -> None:
    _, clock = make()
    monitor = clock.monitor()
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            with monitor:
                monitor.wait_for(lambda: False)
        except SimulationStuck as error:
            errors.append(error)

    worker = clock.spawn(wait, "waiter")
    with pytest.raises(SimulationStuck, match="MainThread, waiter"), monitor:
        monitor.wait_for(lambda: False)
    assert worker.join()
    assert len(errors) == 1


def test_an_event_may_not_wait() -> None:
    world, clock = make()
    world.call_later(1, lambda: clock.sleep(1))
    with pytest.raises(RuntimeError, match="may not wait"):
        clock.sleep(2)


def test_a_predicate_that_fails_fails_in_the_thread_it_belongs_to() -> None:
    world, clock = make()
    monitor = clock.monitor()
    box: list[int] = []

    def stir() -> None:
        with monitor:
            box.append(0)
            monitor.notify_all()

    world.call_later(1, stir)
    with pytest.raises(ZeroDivisionError), monitor:
        monitor.wait_for(lambda: bool(box) and 1 / box[0] > 0)
    clock.sleep(1)


def test_pace_holds_simulated_time_back() -> None:
    world = World()
    clock = SimulatedClock(world, pace=1000)
    ticks: list[float] = []
    for number in range(20):
        world.call_later(number, lambda: ticks.append(world.now))
    clock.sleep(20)
    assert len(ticks) == 20


def test_a_worker_that_is_stuck_outside_of_the_simulation_does_not_hold_up_the_others() -> None:
    clock = SimulatedClock(World(), worker_patience=0.01)
    outside = threading.Lock()
    log: list[str] = []

    def hold() -> None:
        with outside:
            clock.sleep(5)
            log.append(f"held until {clock.monotonic():g}")

    def want() -> None:
        with outside:
            log.append("got it")

    workers = [clock.spawn(hold, "holder"), clock.spawn(want, "wanter")]
    assert all(worker.join() for worker in workers)
    assert log == ["held until 5", "got it"]


def test_nobody_is_stuck_while_a_worker_is_busy_outside_of_the_simulation() -> None:
    clock = SimulatedClock(World(), worker_patience=0.01)
    monitor = clock.monitor()
    outside = threading.Lock()
    box: list[int] = []

    def hold() -> None:
        with outside:
            clock.sleep(3)

    def busy() -> None:
        with outside:
            sum(range(3_000_000))
        with monitor:
            box.append(1)
            monitor.notify_all()

    workers = [clock.spawn(hold, "holder"), clock.spawn(busy, "busy")]
    with monitor:
        assert monitor.wait_for(lambda: bool(box))
    assert all(worker.join() for worker in workers)


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """SIGINT raises, though whoever started the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_an_interrupted_wait_leaves_a_clock_that_works() -> None:
    world, clock = make()
    log: list[float] = []

    def work() -> None:
        for _ in range(3):
            clock.sleep(2)
            log.append(clock.monotonic())

    worker = clock.spawn(work, "worker")
    # To the thread that is to be interrupted: raised in the worker, it may be noticed late.
    us = threading.get_ident()
    world.call_later(3.0, lambda: signal.pthread_kill(us, signal.SIGINT))
    monitor = clock.monitor()
    with pytest.raises(KeyboardInterrupt), monitor:
        monitor.wait_for(lambda: False, 60)
    with monitor:  # it was given back
        assert not monitor.wait_for(lambda: False, 1)
    assert worker.join()
    assert log == [2, 4, 6]


def test_an_exception_in_a_worker_ends_it_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    _, clock = make()
    seen: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    worker = clock.spawn(_fail, "careless")
    assert worker.join(1)
    assert [each.exc_type for each in seen] == [ZeroDivisionError]
    clock.sleep(1)


def test_an_exception_in_an_event_is_raised_in_the_thread_that_drives_and_time_goes_on() -> None:
    world, clock = make()
    world.call_later(1, _fail)
    with pytest.raises(ZeroDivisionError):
        clock.sleep(3)
    worker = clock.spawn(lambda: clock.sleep(2), "worker")
    assert worker.join()
    assert clock.monotonic() == 3


def test_a_hundred_threads_take_turns() -> None:
    _, clock = make()
    log: list[int] = []

    def work(number: int) -> None:
        for _ in range(5):
            clock.sleep(1 + number / 100)
        log.append(number)

    workers = [clock.spawn(partial(work, number), str(number)) for number in range(100)]
    assert all(worker.join(10) for worker in workers)
    assert log == list(range(100))
