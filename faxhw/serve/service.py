"""The service as a whole: its parts made, joined, run, and let go of again."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.serve.config import Config
from faxhw.serve.control import Control, Handler, Request
from faxhw.serve.desk import Desk
from faxhw.serve.dispatch import Dispatch
from faxhw.serve.hooks import Spool
from faxhw.serve.hours import Hours
from faxhw.serve.jobs import JobState
from faxhw.serve.notify import ServiceManager
from faxhw.serve.permissions import make_directory
from faxhw.serve.posts import Processes, Staff
from faxhw.serve.queue import Queue
from faxhw.serve.status import metrics, status
from faxhw.serve.supervisor import Supervisor

log = logging.getLogger("faxhw.serve")

_LOOK = 1.0
"""Seconds between looks of the threads at whether the service is over."""


def serve(config: Config, staff: Staff | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reads the configuration anew. To be called by the main thread.

    The folders of the state and of the socket are made where they are missing. Raises ``DeviceError`` if
    another service has the queue or the socket, ``StorageError`` or ``UsageError`` if they cannot be used.
    """
    make_directory(config.state)
    queue = Queue(config.state / "queue.db", clock, config.queue, Hours.parse)
    spool = Spool(config.state / "hooks", config.hooks, clock, limits=config.given_up)
    dispatch = Dispatch(clock, queue, spool)
    try:
        supervisor = Supervisor(config, staff or Processes(clock), clock, dispatch, ServiceManager())
        with Control(config.socket, _handlers(supervisor, dispatch), clock) as control, _signals(supervisor):
            over = [False]
            threads = [
                clock.spawn(lambda: _listen(control, over), "control"),
                clock.spawn(lambda: _tell_hooks(dispatch.spool, clock, over), "hooks"),
            ]
            try:
                supervisor.run()
            finally:
                over[0] = True
                for thread in threads:
                    thread.join(2 * _LOOK)
    finally:
        dispatch.close()


def _listen(control: Control, over: list[bool]) -> None:
    while not over[0]:
        control.serve_once(_LOOK)


def _tell_hooks(spool: Spool, clock: Clock, over: list[bool]) -> None:
    spool.end_orphans()
    while not over[0]:
        try:
            spool.deliver_due()
        except Exception:  # a bug in one delivery must not end them all
            log.exception("the hooks could not be told")
        clock.sleep(_LOOK)
    spool.close()


def _handlers(supervisor: Supervisor, dispatch: Dispatch) -> Mapping[str, Handler]:
    """What the control socket answers. Each is done in the supervisor's thread."""

    def told() -> dict[str, object]:
        jobs: dict[JobState, int] = {}
        for job in dispatch.queue.ledger.jobs():
            jobs[job.state] = jobs.get(job.state, 0) + 1
        return status(supervisor, jobs, dispatch.spool)

    handlers: dict[str, Handler] = {
        "status": lambda _: told(),
        "metrics": lambda _: {"text": metrics(told())},
        **Desk(dispatch.queue, partial(dispatch.end_call, supervisor.stations)).handlers(),
    }
    return {verb: partial(_asked, supervisor, handler) for verb, handler in handlers.items()}


def _asked(supervisor: Supervisor, handler: Handler, request: Request) -> Mapping[str, object]:
    return supervisor.ask(lambda: handler(request))


@contextmanager
def _signals(supervisor: Supervisor) -> Iterator[None]:
    """What SIGTERM, SIGINT and SIGHUP do meanwhile.

    A handler runs in the midst of whatever the main thread does, and so may not wait for a lock of it.
    """
    acts: dict[signal.Signals, Callable[[], None]] = {
        signal.SIGTERM: supervisor.stop,
        signal.SIGINT: supervisor.stop,
        signal.SIGHUP: supervisor.reload,
    }

    def handle(number: int, _frame: FrameType | None) -> None:
        SYSTEM_CLOCK.spawn(acts[signal.Signals(number)], "signal")

    before = {each: signal.signal(each, handle) for each in acts}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
