"""What becomes of a job when its call is over."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass

from faxhw.fax.causes import Cause
from faxhw.serve import retries
from faxhw.serve.jobs import OVER, Job, JobState
from faxhw.serve.ledger import Calls, Ledger, update
from faxhw.serve.schedule import remembered

log = logging.getLogger("faxhw.serve")


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended."""

    job: Job
    """As it was claimed."""
    cause: str
    raw_cause: str
    pages_sent: int
    ended: float


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: JobState
    tries_left: int
    note: str


def credit(connection: sqlite3.Connection, job: Job, pages_sent: int, pages: int, now: float) -> None:
    """Write down that pages arrived; a job that was given up meanwhile, and has no page left, is done."""
    sent, pages = max(job.pages_sent, pages_sent), pages or job.pages
    update(connection, "job", job.id, pages_sent=sent, pages=pages)
    if 0 < pages <= sent and job.state in (JobState.WAITING, JobState.HELD, JobState.FAILED):
        update(connection, "job", job.id, state=JobState.DONE, note="", ended=now)


def conclude(ledger: Ledger, connection: sqlite3.Connection, result: Result) -> None:
    """Write down the end of a call, and what it means for its job and for others to the same number."""
    job = ledger.job(result.job.id)
    if job.state is not JobState.SENDING or job.attempt != result.job.attempt:
        credit(connection, job, result.pages_sent, 0, result.ended)  # it was taken back before this word came
        return
    sent = max(job.pages_sent, result.pages_sent)
    cause = _cause(result, job, sent)
    update(connection, "attempt", job.attempt, ended=result.ended, cause=cause, raw_cause=result.raw_cause)
    calls = ledger.calls(job.destination)
    verdict = _verdict(job, cause, result.raw_cause, calls)
    update(
        connection,
        "job",
        job.id,
        state=verdict.state,
        wanted="",
        attempt=0,
        pages_sent=sent,
        tries_left=verdict.tries_left,
        last_cause=cause,
        last_raw_cause=result.raw_cause,
        note=verdict.note,
        ended=result.ended if verdict.state in OVER else None,
    )
    if answered_by_people(calls, job.destination):
        connection.execute(
            "UPDATE job SET state = ?, note = ? WHERE state = ? AND destination = ?",
            (JobState.HELD, people_note(job.number), JobState.WAITING, job.destination),
        )
    log.info("%s: fax %d to %s is %s. %s", job.line, job.id, job.number, verdict.state, verdict.note)


def answered_by_people(calls: Calls, destination: str) -> bool:
    """Whether a number is not to be called any more because people are disturbed there."""
    attempts = retries.of_number(remembered(calls.by_destination[destination]))
    return retries.people(attempts) >= retries.MOST_PEOPLE


def people_note(number: str) -> str:
    """Why such a job is held."""
    times = retries.MOST_PEOPLE
    return f"{number} was answered {times} times, but by no fax: check the number, then release it."


def _cause(result: Result, job: Job, sent: int) -> str:
    """The call's cause, corrected by what is known of the pages."""
    if 0 < job.pages <= sent:
        return Cause.NORMAL  # whatever went wrong with the goodbyes
    refused_is_fine = job.options.get("OnBadPage") == "KEEP"
    if result.cause == Cause.NORMAL and sent <= result.job.pages_sent and not refused_is_fine:
        return Cause.COMMSFAULT  # it ended well, and nothing arrived
    return result.cause


def _verdict(job: Job, cause: str, raw_cause: str, calls: Calls) -> _Verdict:
    tries = job.tries_left
    if cause == Cause.NORMAL:
        return _Verdict(JobState.DONE, tries, "")
    if job.wanted == JobState.CANCELLED:
        return _Verdict(JobState.CANCELLED, tries, "It was cancelled during a call.")
    said = retries.sentence(cause, raw_cause)
    tries -= retries.rule(cause, raw_cause).counts
    own = remembered(calls.by_job[job.id])
    if cause == retries.INTERRUPTED and retries.on_end(own) >= retries.MOST_INTERRUPTED:
        return _Verdict(JobState.HELD, tries, f"{said} That was so {retries.MOST_INTERRUPTED} times on end.")
    if why := retries.exhausted(own, tries):
        return _Verdict(JobState.FAILED, tries, f"{said} It was given up: {why}.")
    if answered_by_people(calls, job.destination):
        return _Verdict(JobState.HELD, tries, people_note(job.number))
    return _Verdict(JobState.HELD if job.wanted == JobState.HELD else JobState.WAITING, tries, said)
