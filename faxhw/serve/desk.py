"""The queue's verbs on the control socket: submit, queue, hold, release, cancel, retry.

Whoever may use the socket may submit, and see what is there. A fax is changed by who submitted it, by root,
and by the user that the service runs as.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime

from faxhw.errors import UsageError
from faxhw.serve.changes import Wish
from faxhw.serve.control import Handler, Request
from faxhw.serve.jobs import USUAL_PRIORITY, Attempt, Job, JobState, Submission
from faxhw.serve.ledger import local
from faxhw.serve.queue import Queue

_YEARS = range(1970, 2200)


class Desk:
    """Answers for a queue; ``end_call`` has the line end the call of a job that is cancelled."""

    def __init__(self, queue: Queue, end_call: Callable[[Job], None]) -> None:
        self._queue = queue
        self._end_call = end_call

    def handlers(self) -> dict[str, Handler]:
        """For ``Control``."""
        return {
            "submit": self._submit,
            "queue": self._list,
            **{str(wish): self._changer(wish) for wish in Wish},
        }

    def _submit(self, request: Request) -> Mapping[str, object]:
        if request.fd is None:
            raise UsageError("submit: no document came with the request")
        wanted = Submission(
            number=request.text("number"),
            options=request.table("options"),
            priority=request.number("priority", USUAL_PRIORITY),
            not_before=_moment(request.text("not_before")),
            window=request.texts("window"),
            pages=request.number("pages"),
            first_page=request.number("first_page", 1),
            name=request.text("name"),
            submitted_by=_user(request.peer.uid),
            uid=request.peer.uid,
        )
        return self._stands(self._queue.submit(wanted, request.fd))

    def _list(self, request: Request) -> Mapping[str, object]:
        """One job with its calls (``id``), or all."""
        if "id" in request.words:
            job = self._queue.ledger.job(request.number("id"))
            calls = self._queue.ledger.calls(job.destination).by_job[job.id]
            return {**self._stands(job), "calls": [_words(each) for each in calls]}
        due = self._queue.due()
        return {"jobs": [_described(job, due) for job in self._queue.ledger.jobs()]}

    def _changer(self, wish: Wish) -> Handler:
        def change(request: Request) -> Mapping[str, object]:
            job = self._queue.ledger.job(request.number("id"))
            if request.peer.uid not in (0, os.geteuid(), job.uid):
                raise UsageError(f"fax {job.id} is {job.submitted_by}'s: it is not yours to {wish}")
            job = self._queue.change(job.id, wish)
            if job.cancelling:
                self._end_call(job)
            return self._stands(job)

        return change

    def _stands(self, job: Job) -> dict[str, object]:
        """Where a job stands, as the answer."""
        return {"job": _described(job, self._queue.due() if job.state is JobState.WAITING else {})}


def _described(job: Job, due: Mapping[int, datetime]) -> dict[str, object]:
    moment = due.get(job.id)
    return {**_words(job), "due": None if moment is None else moment.isoformat(timespec="seconds")}


def _words(value: Job | Attempt) -> dict[str, object]:
    """As it goes over the socket, times with their zone."""
    words = asdict(value)
    if isinstance(value, Attempt):
        words |= {name: local(words[name]) for name in ("started", "ended")}
    return {
        name: each.isoformat(timespec="seconds") if isinstance(each, datetime) else each
        for name, each in words.items()
    }


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"submit: not_before {text!r} is no date and time") from error
    if moment.tzinfo is None:
        raise UsageError(f"submit: not_before {text!r} has no zone")
    if moment.year not in _YEARS:  # some of the others are none in another zone
        raise UsageError(f"submit: not_before {text!r} is not of these days")
    return moment


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
