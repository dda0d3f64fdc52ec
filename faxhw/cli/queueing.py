"""``faxhw queue`` and ``faxhw send --queue``: what is asked of the running service."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from faxhw.channel import check_number
from faxhw.cli.faxes import parse_options
from faxhw.cli.shell import Exit, Shell, complain, libraries_silent, say
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.errors import DeviceError, UsageError
from faxhw.fax.documents import FaxToSend
from faxhw.serve.asking import ask, usual_path
from faxhw.serve.jobs import OVER, JobState

CLOCK: Clock = SYSTEM_CLOCK
_INTERVAL = 2.0
"""Seconds between looks at a fax that is waited for."""
_HIDDEN = (JobState.DONE, JobState.CANCELLED)

Words = Mapping[str, Any]
"""A job, as the service tells of it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a fax is to be sent."""

    at: str | None
    hours: tuple[str, ...]
    priority: int
    first_page: int
    options: tuple[str, ...]
    wait: bool


def submit(shell: Shell, number: str, file: Path, wishes: Wishes, socket: Path | None) -> Exit:
    """Hand a file to the service; what is wrong with it is found here, where its owner sees it."""
    check_number(number)
    options = parse_options(wishes.options)
    not_before = moment(wishes.at, CLOCK.now()) if wishes.at else None
    document = FaxToSend(file, first_page=wishes.first_page)
    with libraries_silent():
        document.check()
    path = socket or usual_path()
    handle = os.open(document.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        answer = ask(
            path,
            "submit",
            fd=handle,
            number=number,
            options=options,
            priority=wishes.priority,
            not_before=not_before.isoformat() if not_before else "",
            window=wishes.hours,
            pages=document.pages,
            first_page=wishes.first_page,
            name=document.path.name,
        )
    finally:
        os.close(handle)
    job = _job(answer)
    if not shell.json:
        say(_line(job))
    return _wait(shell, path, job) if wishes.wait else shell.result({"job": job})


def _wait(shell: Shell, path: Path, job: Words) -> Exit:
    said = _line(job)
    while job["state"] not in OVER:
        try:
            CLOCK.sleep(_INTERVAL)
            job = _job(ask(path, "queue", id=job["id"]))
        except DeviceError as error:
            raise DeviceError(f"fax {job['id']} stays in the queue, but {error}") from error
        except KeyboardInterrupt:
            return shell.failure(f"interrupted; fax {job['id']} stays in the queue", Exit.INTERRUPTED)
        if (line := _line(job)) != said and not shell.json:
            say(line)
            said = line
    if job["state"] == JobState.DONE:
        return shell.result({"job": job})
    message = f"fax {job['id']} is {job['state']}: {job['note']}"
    complain(message)
    return shell.outcome({"error": message, "job": job}, Exit.FAILED)


def listing(shell: Shell, socket: Path | None, *, everything: bool) -> Exit:
    """List the queue."""
    jobs: Any = ask(socket or usual_path(), "queue")["jobs"]
    shown = [job for job in jobs if everything or job["state"] not in _HIDDEN]
    if not shell.json:
        for job in shown:
            say(_line(job))
        if not shown:
            say("no fax waits")
    return shell.result({"jobs": shown})


def show(shell: Shell, socket: Path | None, number: int) -> Exit:
    """Tell of one fax."""
    answer = ask(socket or usual_path(), "queue", id=number)
    if not shell.json:
        say(_line(_job(answer)))
        calls: Any = answer["calls"]
        for call in calls:
            raw = f" ({call['raw_cause']})" if call["raw_cause"] else ""
            say(f"  {_time(call['started'])} on {call['line']}: {call['cause']}{raw}")
    return shell.result(answer)


def change(shell: Shell, socket: Path | None, wish: str, number: int) -> Exit:
    """Hold, release, cancel or retry a fax."""
    job = _job(ask(socket or usual_path(), wish, id=number))
    if not shell.json:
        say(_line(job))
    return shell.result({"job": job})


def moment(text: str, now: datetime) -> datetime:
    """The moment that ``--at`` names, in local time; raises ``UsageError``."""
    try:
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
            hour, minute = map(int, text.split(":"))
            at = now.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
            if at < now.replace(tzinfo=None):
                at += timedelta(days=1)
            return at.astimezone()
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--at {text!r}: give HH:MM or YYYY-MM-DDTHH:MM") from error


def _job(answer: Mapping[str, object]) -> Words:
    job: Any = answer["job"]
    return job  # type: ignore[no-any-return]


def _line(job: Words) -> str:
    """A fax in a line: number, state, how far it is, when it goes on, why."""
    pages = f"{job['pages_sent']} of {job['pages'] or '?'} pages sent"
    when = f"due {_time(job['due'])}" if job["due"] else ""
    if job["state"] == JobState.SENDING:
        when = f"on {job['line']}" + (", ending" if job["wanted"] == JobState.CANCELLED else "")
    cause = f"{job['last_cause']}: " if job["last_cause"] and job["note"] else ""
    parts = (
        f"fax {job['id']} to {job['number']}",
        job["state"],
        pages,
        when,
        job["name"],
        cause + job["note"],
    )
    return ", ".join(filter(None, parts))


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
