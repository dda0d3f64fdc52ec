"""The queue under any order of events: no job lost, no confirmed page again, one call a number."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from faxhw.errors import StorageError, UsageError
from faxhw.fax.call import CallCause
from faxhw.fax.causes import Cause
from faxhw.serve.changes import Wish
from faxhw.serve.jobs import Job, JobState
from faxhw.serve.numbers import dialled
from faxhw.serve.policy import QueuePolicy

from .bench import Bench

ENDS = (
    (CallCause.BUSY, "BUSY"),
    (CallCause.OTHER, "VCON"),
    (CallCause.OUTOFORDER, "NO DIALTONE"),
    (Cause.COMMSFAULT, "0x27"),
    (Cause.HANGUP, "0x100"),
    (Cause.ABORTED, "0x02"),
    (Cause.ERROR, "0x103"),
    (Cause.NORMAL, "0x00"),
)
LINES = ("front", "back")


@dataclass
class Fax:
    """What the far end and the host know of a fax."""

    pages: int
    confirmed: int = 0
    """Pages that the far end has confirmed, and the queue was told so."""
    got: list[int] = field(default_factory=list)
    """Pages as the far end got and confirmed them, in order."""


class QueueMachine(RuleBasedStateMachine):
    """A model beside the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.no_sync = patch("os.fsync")  # nothing here loses power
        self.no_sync.start()
        self.bench = Bench(self.directory, QueuePolicy(tries=3))
        self.faxes: dict[int, Fax] = {}
        self.calls: dict[str, tuple[Job, int]] = {}
        """What each line has in hand, and the page that it comes to next."""
        self.disk_full = False
        self.be_quick()

    def be_quick(self) -> None:
        self.bench.queue.ledger._database.rows("PRAGMA synchronous = OFF")

    def teardown(self) -> None:
        self.bench.queue.close()
        self.no_sync.stop()
        shutil.rmtree(self.directory)

    @rule(number=st.sampled_from(("100", "1-0-0", "200", "300")), pages=st.integers(1, 4))
    def submit(self, number: str, pages: int) -> None:
        try:
            job = self.bench.submit(number, pages=pages)
        except StorageError:
            assert self.disk_full
            return
        self.faxes[job.id] = Fax(pages)

    @rule(line=st.sampled_from(LINES))
    def claim(self, line: str) -> None:
        if line in self.calls:
            return
        try:
            job = self.bench.queue.next_for(line)
        except StorageError:
            assert self.disk_full
            return
        if job is not None:
            fax = self.faxes[job.id]
            assert job.first_page == fax.confirmed + 1 <= fax.pages
            self.calls[line] = (job, job.first_page)

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def page(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(sorted(self.calls)))
        job, page = self.calls[line]
        fax = self.faxes[job.id]
        if page > fax.pages:
            return
        fax.got.append(page)
        self.calls[line] = (job, page + 1)
        try:
            self.bench.queue.progress(job, page, fax.pages)
        except StorageError:
            assert self.disk_full
        fax.confirmed = page

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), end=st.sampled_from(ENDS), counted=st.booleans())
    def end(self, data: st.DataObject, end: tuple[str, str], *, counted: bool) -> None:
        line = data.draw(st.sampled_from(sorted(self.calls)))
        job, page = self.calls.pop(line)
        cause, raw = end
        try:
            after = self.bench.queue.done(job, cause, raw, page - 1 if counted else 0)
        except StorageError:
            assert self.disk_full
            return
        assert after.state is not JobState.SENDING
        if page > self.faxes[job.id].pages:
            assert after.state is JobState.DONE
        elif cause != Cause.NORMAL:
            assert after.state is not JobState.DONE

    @precondition(lambda self: self.faxes and not self.disk_full)
    @rule(data=st.data(), wish=st.sampled_from(Wish))
    def change(self, data: st.DataObject, wish: Wish) -> None:
        number = data.draw(st.sampled_from(sorted(self.faxes)))
        before = self.bench.queue.ledger.job(number).state
        try:
            after = self.bench.queue.change(number, wish)
        except UsageError:
            assert before in (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.SENDING)
            return
        assert (after.state is JobState.SENDING) == (before is JobState.SENDING)

    @rule(seconds=st.sampled_from((60.0, 3600.0, 90_000.0, -7200.0)))
    def wait(self, seconds: float) -> None:
        self.bench.clock.moment += seconds

    @precondition(lambda self: not self.disk_full)
    @rule()
    def crash(self) -> None:
        """What was said to be written down is there; calls in hand are lost."""
        self.bench.crash()
        self.be_quick()
        self.calls.clear()

    @rule(full=st.booleans())
    def disk(self, full: bool) -> None:
        self.disk_full = full
        self.bench.queue.ledger._database.rows(f"PRAGMA query_only = {full}")
        if not full:
            self.bench.queue.settle()

    @invariant()
    def no_job_is_lost(self) -> None:
        jobs = {job.id: job for job in self.bench.queue.ledger.jobs()}
        assert jobs.keys() == self.faxes.keys()
        assert all(job.document.exists() for job in jobs.values())

    @invariant()
    def no_confirmed_page_went_again(self) -> None:
        for fax in self.faxes.values():
            assert fax.got == [*range(1, len(fax.got) + 1)]

    @invariant()
    def one_call_a_number(self) -> None:
        called = [dialled(job.number) for job, _ in self.calls.values()]
        assert len(called) == len(set(called))

    @invariant()
    def what_waits_has_its_time(self) -> None:
        if self.disk_full:
            return
        due = self.bench.queue.due()
        for job in self.bench.queue.ledger.jobs([JobState.WAITING]):
            assert due[job.id].timestamp() - self.bench.clock.moment <= 7200


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
