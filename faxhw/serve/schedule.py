"""What of the queue is due, and when: priorities, waits after failures, hours, one call a number."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from faxhw.errors import UsageError
from faxhw.serve import retries
from faxhw.serve.jobs import Attempt, Job, JobState
from faxhw.serve.ledger import Calls, Ledger, local
from faxhw.serve.policy import QueuePolicy, Window

log = logging.getLogger("faxhw.serve")

_STEPS_OF_WINDOWS = 20
"""How often two windows are asked in turn for a moment at which both are open."""

WindowParser = Callable[[Sequence[str]], Window]
"""Makes the texts of a time window one; raises ``UsageError``."""


class Schedule:
    """Reads the ledger, and changes nothing."""

    def __init__(self, ledger: Ledger, policy: QueuePolicy, parse_window: WindowParser | None) -> None:
        self._ledger = ledger
        self._policy = policy
        self._parse_window = parse_window

    def best(self, now: float, calls: Calls) -> Job | None:
        """The job to begin now: the highest priority, then what has been due longest, then the oldest."""
        ready = [
            (-job.priority, due, job.id, job)
            for job, due in self._free(calls)
            if due <= now and all(each.open_at(local(now)) for each in self._windows(job))
        ]
        return min(ready)[-1] if ready else None

    def next_due(self, now: float) -> datetime | None:
        """When the first of the waiting jobs can begin, as things stand; ``None`` if none can."""
        free = self._free(self._ledger.calls())
        return min((self._opening(job, max(due, now)) for job, due in free), default=None)

    def due(self, now: float) -> dict[int, datetime]:
        """When each waiting job can begin, if its number is free then."""
        calls = self._ledger.calls()
        jobs = self._ledger.jobs([JobState.WAITING])
        return {job.id: self._opening(job, max(_due(job, calls), now)) for job in jobs}

    def window(self, texts: Sequence[str]) -> Window | None:
        """A job's own hours; raises ``UsageError``."""
        if not texts:
            return None
        if self._parse_window is None:
            raise UsageError("this service knows no hours of single faxes: leave them out")
        return self._parse_window(texts)

    def _free(self, calls: Calls) -> Iterator[tuple[Job, float]]:
        """Waiting jobs whose number nobody calls, each with when it is due."""
        busy = {job.destination for job in self._ledger.jobs([JobState.SENDING])}
        for job in self._ledger.jobs([JobState.WAITING]):
            if job.destination not in busy:
                yield job, _due(job, calls)

    def _windows(self, job: Job) -> list[Window]:
        try:
            own = self.window(job.window)
        except UsageError as error:  # it was understood when it was submitted
            log.warning("fax %d goes at any hour: %s", job.id, error)
            own = None
        return [each for each in (self._policy.window, own) if each is not None]

    def _opening(self, job: Job, due: float) -> datetime:
        """The first moment from then on at which all its windows are open."""
        moment = local(due)
        for _ in range(_STEPS_OF_WINDOWS):
            before = moment
            for each in self._windows(job):
                moment = each.next_opening(moment)
            if moment == before:
                break
        return moment


def _due(job: Job, calls: Calls) -> float:
    return max(
        0.0 if job.not_before is None else job.not_before.timestamp(),
        retries.due(remembered(calls.by_job[job.id])),
        retries.due(retries.of_number(remembered(calls.by_destination[job.destination]))),
    )


def remembered(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those that nobody said are to delay nothing any more."""
    return [each for each in attempts if not each.forgotten]
