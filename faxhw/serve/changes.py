"""What people may ask about a fax that is in the queue: hold it, release it, cancel it, try it again.

A table says what a wish makes of a job in each state. A job that is being sent is changed when its call is
over; to cancel it, whoever has the line is to end the call as well (``Job.cancelling``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from faxhw.errors import UsageError
from faxhw.serve.jobs import OVER, Job, JobState
from faxhw.serve.ledger import Ledger, update

WAITING, HELD, SENDING = JobState.WAITING, JobState.HELD, JobState.SENDING
DONE, FAILED, CANCELLED = OVER


class Wish(StrEnum):
    """Something to be done with one job."""

    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a wish does."""

    become: Mapping[JobState, JobState]
    """The state after it; a job in a state that is not named refuses."""
    when_sending: str | None
    """What is wanted of a job when the call in hand is over; ``None``: it refuses."""
    forgets: bool = False
    """Whether calls to the number delay nothing any more."""
    renews: bool = False
    """Whether the job has all its tries again."""


_EFFECTS: dict[Wish, _Effect] = {
    Wish.HOLD: _Effect({WAITING: HELD, HELD: HELD}, when_sending=HELD),
    Wish.RELEASE: _Effect({HELD: WAITING, WAITING: WAITING}, when_sending="", forgets=True),
    Wish.CANCEL: _Effect({WAITING: CANCELLED, HELD: CANCELLED, CANCELLED: CANCELLED}, when_sending=CANCELLED),
    Wish.RETRY: _Effect(
        dict.fromkeys((WAITING, HELD, FAILED, CANCELLED), WAITING),
        when_sending=None,
        forgets=True,
        renews=True,
    ),
}
_NOTES = {HELD: "It was held.", WAITING: "", CANCELLED: "It was cancelled."}
_WHY_NOT = {
    SENDING: "it is being sent",
    DONE: "it was sent; submit it again if it is to go twice",
    FAILED: "it has failed; faxhw queue retry sends what is left of it",
    CANCELLED: "it was cancelled; faxhw queue retry sends what is left of it",
}


def change(ledger: Ledger, number: int, wish: Wish, *, now: float, tries: int) -> Job:
    """Do what is wished with a job; where it stands then. Raises ``UsageError`` if it cannot be done.

    ``now`` is in seconds since 1970, ``tries`` what a job that is renewed gets.
    """
    job, effect = ledger.job(number), _EFFECTS[wish]
    with ledger.change() as connection:
        if job.state is SENDING and effect.when_sending is not None:
            if job.wanted != CANCELLED:  # its call is being ended already
                update(connection, "job", number, wanted=effect.when_sending)
            return ledger.job(number)
        state = effect.become.get(job.state)
        if state is None:
            raise UsageError(f"fax {number}: no {wish}, {_WHY_NOT[job.state]}")
        ended = None if state is not CANCELLED else now
        update(connection, "job", number, state=state, note=_NOTES[state], ended=ended, told=False)
        if effect.renews:
            update(connection, "job", number, tries_left=tries)
        if effect.forgets:
            connection.execute(
                "UPDATE attempt SET forgotten = TRUE WHERE destination = ? AND ended IS NOT NULL",
                (job.destination,),
            )
    return ledger.job(number)
