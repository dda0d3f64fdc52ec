"""What goes between the lines and the rest of the service: jobs out of the queue, events to the hooks.

It is the supervisor's thread that calls here, and so the queue's one thread. The hooks run in a thread of
their own, for they take their time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from faxhw.clock import Clock, Deadline
from faxhw.errors import StorageError
from faxhw.serve.config import Config
from faxhw.serve.events import Event
from faxhw.serve.hooks import Spool
from faxhw.serve.jobs import Job, JobState
from faxhw.serve.posts import Words
from faxhw.serve.queue import Queue
from faxhw.serve.settings import Kind
from faxhw.serve.station import Station

log = logging.getLogger("faxhw.serve")

_TIDY_EVERY = 3600.0
_LOOK_EVERY = 2.0
"""Seconds between looks at what has become due, where nothing else has changed."""
_DISK_REST = 10.0
"""Seconds until the queue is tried again, on a disk that took nothing."""


class Dispatch:
    """The queue and the hooks of a service."""

    def __init__(self, clock: Clock, queue: Queue, spool: Spool) -> None:
        self.queue = queue
        self.spool = spool
        self._clock = clock
        self._given: dict[str, Job] = {}
        """The jobs that lines have, by the lines' names."""
        self._tidy = Deadline(clock, _TIDY_EVERY)
        self._rest = Deadline(clock, 0.0)
        self._due = Deadline(clock, 0.0)
        self._seen: tuple[int, list[str]] | None = None
        """What stood when it was last looked at: the changes to the queue, and the lines that were free."""

    def change_to(self, config: Config) -> None:
        """Go by another configuration from now on."""
        self.spool.hooks, self.spool.failed.limits = config.hooks, config.given_up

    def close(self) -> None:
        self.queue.close()

    # ------------------------------------------------------------------------------------------------------
    # Jobs

    def look(self, stations: Iterable[Station]) -> None:
        """Give jobs to lines that are free, and tell of those that are over. Most calls find nothing new."""
        if not self._rest.passed():
            return
        self._trying(lambda: self._look({each.line.name: each for each in stations}))

    def _look(self, stations: dict[str, Station]) -> None:
        free = [name for name, each in stations.items() if each.free]
        seen = self.queue.ledger.changes, free
        if seen == self._seen and not self._due.passed():
            return
        self._seen, self._due = seen, Deadline(self._clock, _LOOK_EVERY)
        for name in self.queue.least_used(free) if free else ():
            job = self.queue.next_for(name)
            if job is None:
                break  # nothing is due for any line
            self._give(stations[name], job)
        for job in self.queue.ledger.untold():
            self._tell_of(job)
        if self._tidy.passed():
            self.queue.tidy()
            self._tidy = Deadline(self._clock, _TIDY_EVERY)

    def _give(self, station: Station, job: Job) -> None:
        self._given[station.line.name] = job
        station.job = job.id
        self._order(
            station,
            {
                "do": "job",
                "id": job.id,
                "number": job.number,
                "document": str(job.document),
                "first_page": job.first_page,
                "options": job.fax_options,
            },
        )

    def _order(self, station: Station, words: Words) -> None:
        if station.post is not None:
            station.post.order(words)

    def end_call(self, stations: Mapping[str, Station], job: Job) -> None:
        """Have the line that sends a job, which was cancelled, end its call."""
        if job.line in stations:
            self._order(stations[job.line], {"do": "cancel", "id": job.id})

    def heard(self, station: Station, words: Words) -> None:
        """News of a job, or of a fax that came."""
        match words:
            case {"pages": int(number), "sent_pages": int(pages)}:
                self._with_job(station, number, lambda job: self.queue.progress(job, pages))
            case {"declined": int(number)}:
                self._with_job(station, number, self.queue.give_back)
                self._leave(station)
            case {"sent": int(number), "cause": str(cause)}:
                pages, raw = int(words.get("sent_pages", 0)), str(words.get("raw_cause", ""))
                station.count_sent(cause, words)
                self._with_job(station, number, lambda job: self.queue.done(job, cause, raw, pages))
                self._leave(station)
            case {"fax": dict(fax)}:
                station.count_received(fax)
            case {"trouble": str(trouble)}:
                station.trouble = trouble
            case _:
                log.error("%s: news that nobody knows: %s", station.line.name, words)

    def ended(self, station: Station) -> None:
        """A line's process has ended: what it was sending has to be sent by another."""
        job = self._leave(station)
        if job is not None:
            self._trying(lambda: self.queue.recover(station.line.name))

    def _leave(self, station: Station) -> Job | None:
        station.job = None
        return self._given.pop(station.line.name, None)

    def _with_job(self, station: Station, number: int, act: Callable[[Job], object]) -> None:
        job = self._given.get(station.line.name)
        if job is None or job.id != number:
            log.error("%s: it tells of fax %d, which it was not given", station.line.name, number)
            return
        self._trying(lambda: act(job))

    def _trying(self, act: Callable[[], object]) -> None:
        """Do what writes to the queue; a disk that takes nothing holds up no line."""
        try:
            act()
        except StorageError as error:
            log.error("the queue: %s", error)  # noqa: TRY400 - it says what and where
            self._rest = Deadline(self._clock, _DISK_REST)

    # ------------------------------------------------------------------------------------------------------
    # Hooks

    def _tell_of(self, job: Job) -> None:
        """Have the hooks know of a job that is over."""
        self.spool.put(
            Event(
                kind=Kind.SENT if job.state is JobState.DONE else Kind.FAILED,
                line=job.line,
                id=f"job-{job.id}",
                file=str(job.document),
                pages=job.pages_sent,
                cause=job.last_cause,
                raw_cause=job.last_raw_cause,
                raw_cause_text=job.note,
                called=job.number,
                started=job.submitted,
                ended=job.ended,
                job=job.id,
            )
        )
        self.queue.told(job)
