"""Whose calls a line answers: by its hours, the number that was called and the caller's, in this order.

What the network tells of a caller is a claim: who is let in by it gets no more than anybody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from faxhw.serve.numbers import ANONYMOUS, matching, told
from faxhw.serve.settings import Line, OnReject

RING_KIND = "kind"
"""The field of a distinctive ring: the ``B`` of ``RING B``, for the second number of a line."""


class Verdict(StrEnum):
    """What is to be done with a call."""

    ANSWER = "ANSWER"
    LET_RING = "LET_RING"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and why in a few words for the log."""

    verdict: Verdict
    reason: str


class Call(Protocol):
    """A call that rings, as far as it matters here (``faxhw.fax.call.CallDetails``)."""

    @property
    def call_from(self) -> str: ...

    @property
    def call_to(self) -> str: ...

    @property
    def fields(self) -> Mapping[str, str]: ...


_UNWANTED = {OnReject.RING: Verdict.LET_RING, OnReject.HANG_UP: Verdict.REJECT}


def decide(line: Line, call: Call, now: datetime) -> Decision:
    """What a line does with a call."""
    if not line.answers:
        return Decision(Verdict.LET_RING, "the line only sends")
    if not line.hours.open_at(now):
        return Decision(Verdict.LET_RING, "it is out of hours")
    called = call.call_to or call.fields.get(RING_KIND, "")
    if line.called and matching(called, line.called) is None:
        return Decision(
            Verdict.LET_RING, f"{called or 'nobody knows what'} was called, and it is not for faxes"
        )
    caller = told(call.call_from) or ANONYMOUS
    if (pattern := matching(call.call_from, line.reject)) is not None:
        return Decision(_UNWANTED[line.on_reject], f"{caller} is rejected by {pattern!r}")
    if not line.accept:
        return Decision(Verdict.ANSWER, "everybody is accepted")
    if (pattern := matching(call.call_from, line.accept)) is not None:
        return Decision(Verdict.ANSWER, f"{caller} is accepted by {pattern!r}")
    return Decision(_UNWANTED[line.on_reject], f"{caller} is not accepted")
