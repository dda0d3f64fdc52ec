"""When a failed fax is tried again, and what the calls to a number teach: tables, and functions over them.

Causes are those of the call (``faxhw.fax.call.CallCause``) and of the fax (``faxhw.fax.causes.Cause``); where
both have a word it means the same to us. A raw cause that says more has a row of its own. Nothing here knows
of the database or of a clock: what was tried is passed in, oldest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from faxhw.capi.reasons import REASONS
from faxhw.fax.call import CallCause
from faxhw.fax.causes import MEANINGS, Cause, raw_cause
from faxhw.serve.jobs import Attempt
from faxhw.session import Status

INTERRUPTED = "INTERRUPTED"
"""The cause of a call whose end nobody told of: the service or the host died meanwhile."""
MOST_ATTEMPTS = 60
"""Calls for one job, counted or not: nothing is tried for ever."""
MOST_INTERRUPTED = 4
"""Such calls on end; the job may be what kills the service, so it is held then."""
MOST_PEOPLE = 2
"""Calls that a person, or something else that is no fax, answered; a number that has so many is held."""
_MINUTE = 60.0
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do about a cause."""

    first: float
    """Seconds until the next try; twice as long after each failure on end by the same cause."""
    longest: float = 2 * _HOUR
    most: int = MOST_ATTEMPTS
    """So many failures by this cause, on end or not, are the end of the job."""
    counts: bool = True
    """Whether it costs one of the job's tries."""
    of_number: bool = True
    """Whether it speaks of the number called, so that other jobs for it wait, too."""
    slower: bool = False
    """Whether a lower rate may help."""
    person: bool = False
    """Whether a person may have been called to the telephone."""

    def wait(self, failures: int) -> float:
        """Seconds after so many failures on end, from 1."""
        return min(self.first * 2.0 ** min(failures - 1, 30), self.longest)


_NEVER = Rule(0, most=1, of_number=False)
_BUSY = Rule(3 * _MINUTE, longest=30 * _MINUTE)
_NO_ANSWER = Rule(10 * _MINUTE)
_FAULT = Rule(5 * _MINUTE, slower=True)
_PERSON = Rule(15 * _MINUTE, person=True)
_OURS = Rule(2 * _MINUTE, longest=_HOUR, counts=False, of_number=False)
_OUR_PAGE = Rule(5 * _MINUTE, most=2, of_number=False)
"""Twice, for another modem may take what this one did not."""
_STRANGE = Rule(10 * _MINUTE, most=3)

BY_CAUSE: dict[str, Rule] = {
    CallCause.BUSY: _BUSY,
    CallCause.NOANSWER: _NO_ANSWER,
    CallCause.NOCHANNELS: replace(_BUSY, of_number=False),
    CallCause.CONGESTION: replace(_BUSY, of_number=False),
    CallCause.OUTOFORDER: _OURS,
    CallCause.BARRED: Rule(_HOUR, longest=6 * _HOUR, most=3),
    CallCause.REJECTED: Rule(15 * _MINUTE, most=3),
    CallCause.UNOBTAINABLE: Rule(_HOUR, most=2),
    CallCause.CHANGED: Rule(_HOUR, most=1),
    CallCause.OTHER: _PERSON,
    CallCause.FAILED: _STRANGE,
    Cause.NOTFAX: _PERSON,
    Cause.COMMSFAULT: _FAULT,
    Cause.HANGUP: _FAULT,
    Cause.TIMEOUT: _FAULT,
    Cause.PAGEQUALITY: _FAULT,
    Cause.ERROR: _OURS,
    Cause.ABORTED: Rule(_MINUTE, counts=False, of_number=False),
    Cause.UNKNOWN_OPTION: _NEVER,
    Cause.UNKNOWN_VALUE: _NEVER,
    Cause.INCONSISTENT_OPTIONS: _NEVER,
    Cause.STANDARDMISMATCH: _NEVER,
    INTERRUPTED: Rule(_MINUTE, counts=False, of_number=False),
}
BY_STATUS: dict[Status, Rule] = {
    Status.RINGBACK_NO_ANSWER: _NO_ANSWER,
    Status.NO_COMMON_RATE: _NEVER,
    Status.SEND_C_IMAGE: _NEVER,
    Status.SEND_C_CODE: _NEVER,
    Status.STORAGE_FAILED: _NEVER,
    Status.SEND_C_UNSPECIFIED_LENGTH: _OUR_PAGE,
    Status.SEND_C_ROW_LENGTH: _OUR_PAGE,
    Status.SEND_C_PAGE_LENGTH: _OUR_PAGE,
    Status.SEND_C_BAD_CODE: _OUR_PAGE,
    Status.PROGRAM_FAILED: _OUR_PAGE,
}
_BY_RAW_CAUSE = {raw_cause(status): rule for status, rule in BY_STATUS.items()} | {
    raw_cause(each.status, code): BY_STATUS[each.status]
    for code, each in REASONS.items()
    if each.status in BY_STATUS
}

_SENTENCES: dict[str, str] = {
    CallCause.BUSY: "The number is busy.",
    CallCause.NOANSWER: "Nobody answered.",
    CallCause.NOCHANNELS: "There is no free line.",
    CallCause.CONGESTION: "The network is busy.",
    CallCause.OUTOFORDER: "There is no dial tone: is the line plugged in?",
    CallCause.BARRED: "The modem or the network refuses to call this number for now.",
    CallCause.REJECTED: "The call was refused.",
    CallCause.UNOBTAINABLE: "There is no such number.",
    CallCause.CHANGED: "The number has changed.",
    CallCause.OTHER: "Something answered that is not a fax.",
    INTERRUPTED: "The service stopped during the call.",
}
_BY_RAW_SENTENCE = {raw_cause(status): meaning.sentence for status, meaning in MEANINGS.items()} | {
    raw_cause(each.status, code): each.sentence for code, each in REASONS.items()
}

SLOWER = (9600, 7200, 4800, 2400)
"""bit/s; a step down after each two failures in one phase of the call."""


def rule(cause: str, raw: str) -> Rule:
    """The rule for a call that ended so."""
    return _BY_RAW_CAUSE.get(raw) or BY_CAUSE.get(cause, _STRANGE)


def _rule_of(attempt: Attempt) -> Rule | None:
    """``None`` where it went well."""
    return None if attempt.cause == Cause.NORMAL else rule(attempt.cause, attempt.raw_cause)


def sentence(cause: str, raw: str) -> str:
    """A call's end in words."""
    return _BY_RAW_SENTENCE.get(raw) or _SENTENCES.get(cause) or f"The call ended with {cause} ({raw})."


def due(attempts: Sequence[Attempt]) -> float:
    """When the next try may be, in seconds since 1970, after these calls; 0.0: at once."""
    last = _rule_of(attempts[-1]) if attempts else None
    return 0.0 if last is None else attempts[-1].ended + last.wait(on_end(attempts))


def on_end(attempts: Sequence[Attempt]) -> int:
    """How many calls up to the last ended as it did, as far as the rules go."""
    rules = [_rule_of(each) for each in reversed(attempts)]
    return next((count for count, each in enumerate(rules) if each != rules[0]), len(rules))


def of_number(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The calls that speak of the number that was called."""
    rules = [(each, _rule_of(each)) for each in attempts]
    return [each for each, found in rules if found is None or found.of_number]


def people(attempts: Sequence[Attempt]) -> int:
    """How often something that is no fax answered this number since a fax went there."""
    count = 0
    for each in reversed(attempts):
        found = _rule_of(each)
        if found is None:
            break
        count += found.person
    return count


def max_rate(attempts: Sequence[Attempt]) -> int:
    """The rate to begin with at this number, bit/s; 0: whatever the two ends can do.

    A rate at which a fax got through stays: the line is as it is.
    """
    rate, failures = 0, Counter[str]()
    for each in attempts:
        found = _rule_of(each)
        if found is None:
            rate = each.max_rate
            failures.clear()
        elif found.slower:
            phase = _phase(each.raw_cause)
            failures[phase] += 1
            if failures[phase] == 2:
                rate = next((step for step in SLOWER if not rate or step < rate), SLOWER[-1])
                failures.clear()
    return rate


def _phase(raw: str) -> str:
    """The phase of the call that a raw cause belongs to; ``+FHS`` codes have it in their first digit."""
    return raw[:-1] if len(raw) == len("0x20") else raw


def exhausted(attempts: Sequence[Attempt], tries_left: int) -> str:
    """Why a job whose last call failed is given up; empty where it is tried again."""
    last = rule(attempts[-1].cause, attempts[-1].raw_cause)
    if sum(_rule_of(each) == last for each in attempts) >= last.most:
        return "another call would end the same"
    if tries_left <= 0:
        return "no tries are left"
    return "" if len(attempts) < MOST_ATTEMPTS else f"{len(attempts)} calls were made for it"
