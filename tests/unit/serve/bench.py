"""A bench for the service: a clock that a test sets, and a queue on it that dies and is opened again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

from faxhw.clock import SYSTEM_CLOCK, SystemClock
from faxhw.serve.asking import ask
from faxhw.serve.control import Control, Handler, Request
from faxhw.serve.desk import Desk
from faxhw.serve.jobs import Job, Submission
from faxhw.serve.ledger import local
from faxhw.serve.policy import QueuePolicy
from faxhw.serve.queue import Queue
from faxhw.serve.schedule import WindowParser

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = 60.0
HOUR = 3600.0


class SetClock(SystemClock):
    """A time of day that stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = START.timestamp()

    def now(self) -> datetime:
        return local(self.moment)

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


class Hours:
    """Open from one hour to another of each day, UTC."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last

    def open_at(self, moment: datetime) -> bool:
        return self._first <= moment.astimezone(UTC).hour < self._last

    def next_opening(self, moment: datetime) -> datetime:
        while not self.open_at(moment):
            moment = (moment + timedelta(hours=1)).replace(minute=0, second=0)
        return moment


class Bench:
    """A queue in a directory."""

    def __init__(
        self, directory: Path, policy: QueuePolicy | None = None, parse_window: WindowParser | None = None
    ) -> None:
        self.clock = SetClock()
        self.directory = directory
        self.policy = policy or QueuePolicy()
        self.parse_window = parse_window
        self.document = directory / "letter.tif"
        self.document.write_bytes(b"II*\0 a letter")
        self.queue = self.open()

    def open(self) -> Queue:
        return Queue(self.directory / "queue.sqlite", self.clock, self.policy, self.parse_window)

    def crash(self) -> None:
        """The service dies, and is started again."""
        self.queue.close()
        self.queue = self.open()

    def submit(self, number: str = "100", *, pages: int = 3, **more: object) -> Job:
        file = os.open(self.document, os.O_RDONLY)
        try:
            return self.queue.submit(Submission(number, pages=pages, **more), file)  # type: ignore[arg-type]
        finally:
            os.close(file)

    def claim(self, line: str = "front") -> Job:
        job = self.queue.next_for(line)
        assert job is not None
        return job

    def claim_when_due(self) -> Job:
        """The next job, however long one has to wait for it."""
        due = self.queue.next_due()
        assert due is not None
        self.clock.moment = max(due.timestamp(), self.clock.moment)
        return self.claim()

    def wait(self, job: Job) -> float:
        """Seconds until a job is due."""
        return self.queue.due()[job.id].timestamp() - self.clock.moment


T = TypeVar("T")


@contextmanager
def serving(path: Path, handlers: Mapping[str, Handler]) -> Iterator[None]:
    """A control socket that is served meanwhile, in a thread."""
    with in_thread(lambda: Control(path, handlers)):
        yield


@contextmanager
def in_thread(opened: Callable[[], AbstractContextManager[Control]], wait: float = 0.01) -> Iterator[None]:
    """Open and serve a control socket, in a thread of its own."""
    started, over, failed = SYSTEM_CLOCK.monitor(), list[bool](), list[Exception]()
    running: list[bool] = []

    def serve() -> None:
        try:
            with opened() as control:
                with started:
                    running.append(True)
                    started.notify_all()
                while not over:
                    control.serve_once(wait)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            with started:
                failed.append(error)
                started.notify_all()

    worker = SYSTEM_CLOCK.spawn(serve, "control")
    with started:
        assert started.wait_for(lambda: bool(running or failed), 5)
    try:
        yield
    finally:
        over.append(True)
        assert worker.join(5)
        for error in failed:
            raise error


class Service:
    """A queue behind its socket, as the supervisor has them."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "run" / "control"
        self.ended: list[Job] = []
        """Jobs whose calls were to be ended."""
        self._directory = directory
        self._stack = ExitStack()

    def __enter__(self) -> Service:
        self._stack.enter_context(in_thread(self._open))
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stack.close()

    def run(self, deed: Callable[[Queue], T]) -> T:
        """Do something in the service's thread."""
        self._deed: Callable[[Queue], object] = deed
        ask(self.socket, "run")
        return cast("T", self._result)

    @contextmanager
    def _open(self) -> Iterator[Control]:
        (self._directory / "state").mkdir()
        queue = Queue(self._directory / "state" / "queue.sqlite", SetClock())

        def run(_request: Request) -> Mapping[str, object]:
            self._result = self._deed(queue)
            return {}

        handlers = {**Desk(queue, self.ended.append).handlers(), "run": run}
        with closing(queue), Control(self.socket, handlers) as control:
            yield control
