"""The queue's jobs: what is asked for, where it stands, and the calls that were made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from faxhw.errors import UsageError
from faxhw.fax.options import ANY_DEVICE, choose

PRIORITIES = range(1, 10)
"""9 goes first."""
USUAL_PRIORITY = 5


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "WAITING"
    """For a line, for its time, or for its next try."""
    HELD = "HELD"
    """For somebody to release it."""
    SENDING = "SENDING"
    """A line has it."""
    DONE = "DONE"
    """Every page was confirmed."""
    FAILED = "FAILED"
    """It was given up; what was confirmed stays so, and ``retry`` goes on from there."""
    CANCELLED = "CANCELLED"


OPEN = (JobState.WAITING, JobState.HELD, JobState.SENDING)
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Submission:
    """A fax to send, as it is asked for."""

    number: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Fax options (``faxhw.fax.options``)."""
    priority: int = USUAL_PRIORITY
    not_before: datetime | None = None
    """Aware of its zone."""
    window: tuple[str, ...] = ()
    """When calls may begin, as texts; within the hours that the policy allows."""
    pages: int = 0
    """Of the document; 0: not known."""
    first_page: int = 1
    """Pages before this one are not to be sent."""
    name: str = ""
    """What whoever submitted it calls the document."""
    submitted_by: str = ""
    uid: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stood when it was looked at."""

    id: int
    state: JobState
    number: str
    """As it is dialled."""
    destination: str
    """The number as it counts: ``numbers.dialled(number)``."""
    document: Path
    name: str
    options: Mapping[str, str]
    """As they were submitted; ``fax_options`` are those for the call."""
    priority: int
    not_before: datetime | None
    window: tuple[str, ...]
    tries_left: int
    pages: int
    """Of the document; 0: not known."""
    pages_sent: int
    """Pages from the first on that need not be sent any more, all of them confirmed or left out."""
    last_cause: str
    last_raw_cause: str
    note: str
    """Why it stands as it does, for people."""
    submitted_by: str
    uid: int
    submitted: datetime
    ended: datetime | None
    line: str
    """Which has it, or had it last."""
    wanted: str
    """The state to enter when the call in hand is over: HELD, CANCELLED, or empty."""
    attempt: int
    """Which call is in hand; 0: none."""
    max_rate: int = 0
    """bit/s; what the calls to this number so far teach, 0: nothing."""

    @property
    def first_page(self) -> int:
        """For ``FaxToSend``."""
        return self.pages_sent + 1

    @property
    def cancelling(self) -> bool:
        """Whether the call in hand is to be ended."""
        return self.state is JobState.SENDING and self.wanted == JobState.CANCELLED

    @property
    def fax_options(self) -> dict[str, str]:
        """The options for the call: no faster than is known to work, where the job's own allow that."""
        options = dict(self.options)
        if not self.max_rate or int(options.get("MaxDataRate", self.max_rate)) < self.max_rate:
            return options
        slower = {**options, "MaxDataRate": str(self.max_rate)}
        try:
            choose(slower, ANY_DEVICE)
        except UsageError:
            return options
        return slower


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that was made for a job."""

    job: int
    line: str
    started: float
    """Seconds since 1970, as ``ended``."""
    ended: float
    cause: str
    raw_cause: str
    max_rate: int = 0
    """bit/s; the limit that the queue had set, 0: none."""
    forgotten: bool = False
    """Whether somebody said that it is to delay nothing any more."""
