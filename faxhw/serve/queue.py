"""The queue of faxes to send: what is next, what is known to have arrived, what becomes of a failure.

It belongs to one process, and to one thread of it. What a call returns is on the disk: a job that was taken
is never lost, and a page that was told to be confirmed is never sent again (a page is sent twice only if the
host dies between the far end's word and ours to the disk, or if OnBadPage=KEEP left a page out before it).
While the disk takes nothing no call is begun, for nobody could be told what became of it.

Time is the time of day, for waits last beyond a restart. A clock that is set back delays nothing: what seems
to lie in the future is taken to have been just now.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from faxhw.channel import check_number
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.errors import UsageError
from faxhw.fax.options import ANY_DEVICE, choose
from faxhw.serve import numbers, retries
from faxhw.serve.changes import Wish, change
from faxhw.serve.jobs import OPEN, PRIORITIES, Job, JobState, Submission
from faxhw.serve.ledger import Ledger, insert, update
from faxhw.serve.policy import QueuePolicy
from faxhw.serve.results import Result, answered_by_people, conclude, credit, people_note
from faxhw.serve.retries import INTERRUPTED
from faxhw.serve.schedule import Schedule, WindowParser

log = logging.getLogger("faxhw.serve")

_DAY = 86400.0


class Queue:
    """The queue in the file ``path``, with its documents beside it.

    What a service before this one had under way, and died with, waits again. Raises ``DeviceError`` if
    another service has the queue, ``StorageError`` if it cannot be used.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock = SYSTEM_CLOCK,
        policy: QueuePolicy | None = None,
        parse_window: WindowParser | None = None,
    ) -> None:
        self._clock = clock
        self._policy = policy or QueuePolicy()
        self._owed: dict[int, Result] = {}
        """Calls that are over, by their attempts, and could not be written down yet."""
        self._confirmed: dict[int, tuple[int, int]] = {}
        """The same for pages of jobs: how many arrived, and how many there are."""
        self.ledger = Ledger(path, self._policy)
        self._schedule = Schedule(self.ledger, self._policy, parse_window)
        try:
            self.recover()
            self.tidy()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.ledger.close()

    # ------------------------------------------------------------------------------------------------------
    # Jobs come in

    def submit(self, wanted: Submission, document: int) -> Job:
        """Take a fax; ``document`` is a descriptor of its file, which is copied.

        Raises ``UsageError`` for what can never be sent, ``StorageError`` if it could not be kept: then
        nothing was queued.
        """
        self._check(wanted)
        documents = self.ledger.documents
        copied = documents.copy(document)
        try:
            with self.ledger.change() as connection:
                number = insert(connection, "job", **self._columns(wanted))
                update(connection, "job", number, document=documents.name(copied, number, wanted.name))
        except BaseException:
            documents.discard(copied)  # under its name the next start sweeps it away
            raise
        log.info("fax %d to %s was queued by %s", number, wanted.number, wanted.submitted_by or "nobody")
        return self.ledger.job(number)

    def _check(self, wanted: Submission) -> None:
        check_number(wanted.number)
        choose(wanted.options, ANY_DEVICE)
        policy = self._policy
        if wanted.priority not in PRIORITIES:
            raise UsageError(f"priority {wanted.priority}: give {PRIORITIES[0]} to {PRIORITIES[-1]}")
        if not 1 <= wanted.first_page <= max(wanted.pages, 1):
            raise UsageError(f"there is no page {wanted.first_page} to begin with")
        if wanted.pages > policy.max_pages:
            raise UsageError(f"{wanted.pages} pages are too many: {policy.max_pages} are allowed")
        if numbers.matching(numbers.dialled(wanted.number), policy.blocked):
            raise UsageError(f"{wanted.number} may not be called from here")
        self._schedule.window(wanted.window)
        if len(self.ledger.jobs(OPEN)) >= policy.max_jobs:
            raise UsageError(f"the queue is full: {policy.max_jobs} faxes wait already")

    def _columns(self, wanted: Submission) -> dict[str, object]:
        called = numbers.dialled(wanted.number)
        held = answered_by_people(self.ledger.calls(called), called)
        return {
            "state": JobState.HELD if held else JobState.WAITING,
            "note": people_note(wanted.number) if held else "",
            "number": wanted.number,
            "destination": called,
            "document": "",
            "name": wanted.name,
            "options": json.dumps(dict(wanted.options)),
            "priority": wanted.priority,
            "not_before": wanted.not_before.timestamp() if wanted.not_before else None,
            "window": json.dumps(wanted.window),
            "tries_left": self._policy.tries,
            "pages": wanted.pages,
            "pages_sent": wanted.first_page - 1,
            "submitted_by": wanted.submitted_by,
            "uid": wanted.uid,
            "submitted": self._now(),
        }

    # ------------------------------------------------------------------------------------------------------
    # Jobs go out

    def next_for(self, line: str) -> Job | None:
        """The best job that is due, which the free line is to send now; ``None`` if there is none.

        The highest priority goes first, and of one priority what has been due longest. No number is called by
        two lines at a time. Raises ``StorageError`` if the claim cannot be written down.
        """
        self.settle()
        now = self._believe_clock()
        calls = self.ledger.calls()
        job = self._schedule.best(now, calls)
        if job is None:
            return None
        called = job.destination
        rate = retries.max_rate(calls.by_destination[called])
        with self.ledger.change() as connection:
            attempt = insert(
                connection, "attempt", job=job.id, destination=called, line=line, started=now, max_rate=rate
            )
            update(connection, "job", job.id, state=JobState.SENDING, line=line, attempt=attempt)
        log.info("%s: fax %d goes to %s, from page %d on", line, job.id, job.number, job.first_page)
        return replace(self.ledger.job(job.id), max_rate=rate)

    def next_due(self) -> datetime | None:
        """When it is worth asking again, as things stand: now if at once, ``None`` if nothing waits."""
        return self._schedule.next_due(self._believe_clock())

    def due(self) -> dict[int, datetime]:
        """When each waiting job can begin, if its number is free then."""
        return self._schedule.due(self._believe_clock())

    def least_used(self, lines: Iterable[str]) -> list[str]:
        """Lines in the order in which to ask for jobs: fewest calls first, then longest idle."""
        used = self.ledger.usage()
        return sorted(lines, key=lambda line: (*used.get(line, (0, 0.0)), line))

    # ------------------------------------------------------------------------------------------------------
    # What became of them

    def progress(self, job: Job, pages_sent: int, pages: int = 0) -> None:
        """The far end has confirmed all pages up to this number; ``pages`` is how many there are, if known.

        Raises ``StorageError`` if that cannot be written down now. It is remembered, and written down before
        anything else is done (``settle``).
        """
        known, told = self._confirmed.get(job.id, (0, 0))
        self._confirmed[job.id] = (max(pages_sent, known), pages or told)
        self.settle()

    def done(self, job: Job, cause: str, raw_cause: str = "", pages_sent: int = 0) -> Job:
        """The call of a claimed job is over; returns where the job stands now.

        ``cause`` is the call's, or the fax's where there was one, and ``pages_sent`` as in ``progress``
        (``FaxToSend.next_page - 1``). Raises ``StorageError`` as ``progress`` does.
        """
        self._owed[job.attempt] = Result(job, cause, raw_cause, pages_sent, self._now())
        self.settle()
        return self.ledger.job(job.id)

    def give_back(self, job: Job) -> None:
        """The call of a claimed job was never begun, as another came first: it was not claimed at all."""
        stands = self.ledger.job(job.id)
        if stands.state is not JobState.SENDING or stands.attempt != job.attempt:
            return
        state = JobState(stands.wanted or JobState.WAITING)
        ended = self._now() if state is JobState.CANCELLED else None
        with self.ledger.change() as connection:
            connection.execute("DELETE FROM attempt WHERE id = ?", (job.attempt,))
            update(connection, "job", job.id, state=state, wanted="", attempt=0, ended=ended)

    def recover(self, line: str | None = None) -> list[Job]:
        """Take back what a line had under way whose process died; without ``line``, what any had."""
        lost = [job for job in self.ledger.jobs([JobState.SENDING]) if line in (None, job.line)]
        return [self.done(job, INTERRUPTED) for job in lost if job.attempt not in self._owed]

    def change(self, number: int, wish: Wish) -> Job:
        """Hold, release, cancel or retry a job; where it stands then. Raises ``UsageError``."""
        return change(self.ledger, number, wish, now=self._now(), tries=self._policy.tries)

    def told(self, job: Job) -> None:
        """Whoever is to know of the end of the job has been told (``ledger.untold`` lists the others)."""
        with self.ledger.change() as connection:
            update(connection, "job", job.id, told=True)

    def tidy(self) -> None:
        """Remove what is over and was told, with its document, when its days are over."""
        before = self._now() - self._policy.keep_days * _DAY
        with self.ledger.change() as connection:
            connection.execute(
                "DELETE FROM job WHERE ended < ? AND (state = ? OR told AND state IN (?, ?))",
                (before, JobState.CANCELLED, JobState.DONE, JobState.FAILED),
            )
            connection.execute(
                "DELETE FROM attempt WHERE ended < ? AND job NOT IN (SELECT id FROM job)", (before,)
            )
        self.ledger.documents.sweep({job.document.name for job in self.ledger.jobs()})

    def settle(self) -> None:
        """Write down what is known and could not be written down before; raises ``StorageError``."""
        for number, (sent, pages) in tuple(self._confirmed.items()):
            with suppress(UsageError), self.ledger.change() as connection:  # it may be long gone
                credit(connection, self.ledger.job(number), sent, pages, self._now())
            del self._confirmed[number]
        for attempt, result in tuple(self._owed.items()):
            with suppress(UsageError), self.ledger.change() as connection:
                conclude(self.ledger, connection, result)
            del self._owed[attempt]

    def _believe_clock(self) -> float:
        """The time; calls that seem to have ended after it ended now."""
        now = self._now()
        if self.ledger.ended_after(now):
            log.warning("the clock was set back: waits begin anew")
            with self.ledger.change() as connection:
                connection.execute("UPDATE attempt SET ended = ? WHERE ended > ?", (now, now))
        return now

    def _now(self) -> float:
        return self._clock.now().timestamp()
