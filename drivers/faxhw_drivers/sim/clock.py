"""The simulated clock: time that stands still until everybody waits, and then jumps.

One thread runs at a time and holds the *turn*. A thread started by ``spawn`` keeps the turn until it waits or
ends. A foreign thread (the script's own) takes it with its first wait and keeps it until it waits again; but
the simulation is patient with it for a real second only, for nobody can know whether it will ever come back.
Whoever comes to wait last *drives*: it runs the world's events in its own thread until somebody can go on, so
a lone thread never switches. Turns go to those who can go on in the order in which they began to wait: with
the same seed the same run, to the byte.

One lock guards the world and everything that waits in it; a thread holds it inside any monitor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from faxhw.clock import Monitor, Worker
from faxhw.errors import Error
from faxhw_drivers.sim.world import World

PATIENCE = 1.0
"""Real seconds for which a foreign thread that does not wait holds up the time: longer than one that is busy
needs, so that a busy host makes no other run of it."""
WORKER_PATIENCE = 30.0
"""The same for a thread of the simulation. It is sure to wait or end, unless it is stuck outside (at a lock
that a waiting thread holds, say): then the others must be let go on, or nobody ever will."""


class SimulationStuck(Error):  # noqa: N818 - it says what is the matter
    """Every thread waits, and nothing will ever happen that one of them waits for."""


class _Waiter:
    """A thread in a clock wait."""

    __slots__ = ("condition", "deadline", "going", "predicate", "stirred", "stuck", "subject", "thread")

    def __init__(
        self,
        lock: threading.RLock,
        thread: threading.Thread,
        subject: object,
        predicate: Callable[[], bool],
        deadline: float | None,
    ) -> None:
        self.condition = threading.Condition(lock)
        self.thread = thread
        self.subject = subject
        self.predicate = predicate
        self.deadline = deadline
        self.stirred = False
        self.going = False
        self.stuck = ""
        """Why it will never be ready, once that is known."""

    def ready(self) -> bool:
        if not self.stirred:
            return bool(self.stuck)
        self.stirred = False
        try:
            return self.predicate()
        except Exception:  # noqa: BLE001 - evaluated, and raised, once more in the thread it belongs to
            return True


class SimulatedClock:
    """``faxhw.clock.Clock`` on a world.

    ``pace`` is how many simulated seconds may pass in a real one (``None``: as many as can be); ``patience``
    and ``worker_patience`` are for how many real seconds a thread that does not wait holds up the time.
    """

    def __init__(
        self,
        world: World,
        pace: float | None = None,
        patience: float = PATIENCE,
        worker_patience: float = WORKER_PATIENCE,
    ) -> None:
        self.world = world
        self.lock = world.lock
        self._patience = patience
        self._worker_patience = worker_patience
        self._pacer = _Pacer(world, pace) if pace else None
        self._waiters: dict[_Waiter, None] = {}
        self._driver: _Waiter | None = None
        self._holder: threading.Thread | None = None
        self._turn = 0
        self._workers: set[threading.Thread] = set()
        self._foreigners: set[threading.Thread] = set()
        self._in_event = False

    # -- the Clock contract

    def monotonic(self) -> float:
        return self.world.now

    def now(self) -> datetime:
        return self.world.wall()

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.wait(None, lambda: False, max(0.0, seconds))

    def monitor(self) -> Monitor:
        return _Monitor(self)

    def spawn(self, target: Callable[[], None], name: str) -> Worker:
        with self.lock:
            worker = _Worker(self, target, name)
            me = threading.current_thread()
            if me not in self._workers:
                self._foreigners.add(me)
                if self._holder is None:
                    self._take_turn(me)
        return worker

    # -- what monitors and workers are made of; the lock is held

    def wait(self, subject: object, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Wait, letting go of the lock, until ``predicate`` holds after a ``stir(subject)``.

        False if ``timeout`` seconds of simulated time passed first. Raises ``SimulationStuck`` when no event
        is left, no wait will time out, and every thread that is known waits.
        """
        if predicate():
            return True
        if timeout is not None and timeout <= 0:
            return False
        if self._in_event:
            raise RuntimeError("an event of the simulation may not wait; only threads can")
        thread = threading.current_thread()
        if thread not in self._workers:
            self._foreigners.add(thread)
        if self._holder is thread:
            self._holder = None
        deadline = None if timeout is None else self.world.now + timeout
        waiter = _Waiter(self.lock, thread, subject, predicate, deadline)
        self._waiters[waiter] = None
        self.wait_for_turn(waiter)
        return predicate()

    def stir(self, subject: object) -> None:
        """Make those who wait on ``subject`` look at their predicates again."""
        for waiter in self._waiters:
            if waiter.subject is subject:
                waiter.stirred = True
        if self._holder is None and self._driver is not None:
            self._driver.condition.notify()  # it may be asleep for want of anything to do

    def enlist(self, thread: threading.Thread) -> _Waiter:
        """Make a thread that is starting one that the simulation waits for."""
        self._workers.add(thread)
        waiter = _Waiter(self.lock, thread, None, lambda: True, None)
        waiter.stirred = True
        self._waiters[waiter] = None
        return waiter

    def wait_for_turn(self, me: _Waiter) -> None:
        """Drive the world, or sleep while another does, until ``me`` may go on."""
        self._driver = me
        try:
            while not me.going:
                if self._driver is me:
                    self._drive(me)
                elif not me.condition.wait(self._worker_patience) and self._unattended():
                    self._driver = me  # a worker has the turn, and has been away with it for long
        except BaseException:
            if self._holder is None:
                self._take_turn(me.thread)
            raise
        finally:
            del self._waiters[me]
            if self._driver is me:
                self._driver = None
                if self._holder not in self._workers:
                    self._hand_over_driving()
        if me.stuck:
            raise SimulationStuck(me.stuck)

    def end(self) -> None:
        """The calling worker's last act: give up the turn."""
        thread = threading.current_thread()
        self._workers.discard(thread)
        if self._holder is thread:
            self._holder = None
        self._hand_over_driving()

    # -- driving

    def _drive(self, me: _Waiter) -> None:
        """Do one thing that brings somebody nearer to going on, or sleep until there is one."""
        if self._holder is not None:
            self._await_holder(me)
            return
        for waiter in self._waiters:
            if waiter.ready():
                self._let_go_on(waiter)
                return
        deadline = min((w.deadline for w in self._waiters if w.deadline is not None), default=None)
        event = self.world.next_time()
        moment = event if deadline is None else deadline if event is None else min(event, deadline)
        if moment is None:
            self._await_others(me)
        elif self._pacer is not None and (early := self._pacer.early(moment)) > 0:
            me.condition.wait(early)
        elif moment == event:
            self._run_event()
        else:
            self.world.now = moment
            self._let_go_on(next(w for w in self._waiters if w.deadline == deadline))

    def _run_event(self) -> None:
        self._in_event = True
        try:
            self.world.run_next()
        finally:
            self._in_event = False

    def _let_go_on(self, waiter: _Waiter) -> None:
        waiter.going = True
        self._take_turn(waiter.thread)
        waiter.condition.notify()

    def _take_turn(self, thread: threading.Thread) -> None:
        self._holder = thread
        self._turn += 1

    def _await_holder(self, me: _Waiter) -> None:
        """Whoever has the turn may stay away for ever: it is bounded."""
        turn = self._turn
        patience = self._worker_patience if self._holder in self._workers else self._patience
        if not me.condition.wait(patience) and self._turn == turn:
            self._holder = None

    def _await_others(self, me: _Waiter) -> None:
        """Nothing can happen by itself; a thread that is busy elsewhere may still come and act."""
        waiting = {waiter.thread for waiter in self._waiters}
        self._foreigners = {thread for thread in self._foreigners if thread.is_alive()}
        if not self._foreigners | self._workers <= waiting:
            me.condition.wait(self._patience)
            return
        names = ", ".join(sorted(thread.name for thread in waiting))
        for waiter in self._waiters:
            waiter.stuck = (
                f"the simulation is stuck: every thread waits without a time limit ({names}), "
                "and nothing in the simulation is going to happen"
            )

    def _unattended(self) -> bool:
        return self._driver is None

    def _hand_over_driving(self) -> None:
        if self._driver is None and self._waiters:
            self._driver = next(iter(self._waiters))
        if self._driver is not None:
            self._driver.condition.notify()


class _Pacer:
    """Keeps simulated time from running ahead of real time."""

    def __init__(self, world: World, pace: float) -> None:
        self._pace = pace
        self._world = world
        self._real = time.monotonic()
        self._simulated = world.now

    def early(self, moment: float) -> float:
        """How many real seconds it still is until ``moment``; what was lost by standing still stays lost."""
        real = time.monotonic()
        early = self._real + (moment - self._simulated) / self._pace - real
        if early < -0.1:
            self._real, self._simulated = real, moment
        return early


class _Worker:
    """A thread that takes turns."""

    def __init__(self, clock: SimulatedClock, target: Callable[[], None], name: str) -> None:
        self._clock = clock
        self._target = target
        self._ended = False
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        thread.start()  # it gets no further than the clock's lock, which whoever spawns it holds
        self._place = clock.enlist(thread)

    def _run(self) -> None:
        with self._clock.lock:
            self._clock.wait_for_turn(self._place)
        try:
            self._target()
        finally:
            with self._clock.lock:
                self._ended = True
                self._clock.stir(self)
                self._clock.end()

    def join(self, timeout: float | None = None) -> bool:
        with self._clock.lock:
            return self._clock.wait(self, lambda: self._ended, timeout)


class _Monitor:
    """A re-entrant lock with a wait.

    Whoever runs inside it holds the clock's lock too, so only a thread that is *waiting* while it holds a
    monitor can make another one wait for it.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._owner: threading.Thread | None = None
        self._depth = 0
        self._door = object()

    def __enter__(self) -> object:
        self._clock.lock.acquire()
        try:
            self._take(1)
        except BaseException:
            self._clock.lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._owner is threading.current_thread():  # a wait that failed may have lost it
            self._depth -= 1
            if self._depth == 0:
                self._leave()
        self._clock.lock.release()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        self._must_be_owner()
        world = self._clock.world
        deadline = None if timeout is None else world.now + timeout
        while not predicate():
            left = None if deadline is None else deadline - world.now
            if left is not None and left <= 0:
                return False
            depth, self._depth = self._depth, 0
            self._leave()
            try:
                self._clock.wait(self, predicate, left)
            finally:
                self._take(depth)
        return True

    def notify_all(self) -> None:
        self._must_be_owner()
        self._clock.stir(self)

    def _take(self, depth: int) -> None:
        me = threading.current_thread()
        if self._owner is not me:
            self._clock.wait(self._door, lambda: self._owner is None, None)
            self._owner = me
        self._depth += depth

    def _leave(self) -> None:
        self._owner = None
        self._clock.stir(self._door)

    def _must_be_owner(self) -> None:
        if self._owner is not threading.current_thread():
            raise RuntimeError("the monitor is not held by this thread")
