"""A bench for the service: a clock that a test sets, and a queue on it that dies and is opened again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faxhw.clock import SYSTEM_CLOCK, SystemClock
from faxhw.serve.control import Control, Handler
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


@contextmanager
def serving(path: Path, handlers: Mapping[str, Handler]) -> Iterator[None]:
    """A control socket that is served meanwhile, in a thread."""
    over: list[bool] = []
    control = Control(path, handlers)

    def serve() -> None:
        while not over:
            control.serve_once(0.01)

    worker = SYSTEM_CLOCK.spawn(serve, "control")
    try:
        yield
    finally:
        over.append(True)
        assert worker.join(5)
        control.close()
