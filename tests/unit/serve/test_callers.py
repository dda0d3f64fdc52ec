"""Whose calls are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from faxhw.fax.call import CallDetails
from faxhw.serve.callers import Verdict, decide
from faxhw.serve.config import Line, OnReject
from faxhw.serve.hours import Hours
from faxhw.serve.numbers import matching

NOON = datetime(2025, 6, 2, 12).astimezone()
ANSWER, LET_RING, REJECT = Verdict
BERLIN = CallDetails("fake:1", call_from="+49 (30) 123-4")


@pytest.mark.parametrize(
    ("settings", "call", "verdict", "reason"),
    [
        ({}, {}, ANSWER, "everybody is accepted"),
        ({"answers": False}, {}, LET_RING, "the line only sends"),
        ({"hours": Hours.parse(["Mon 13:00-14:00"])}, {}, LET_RING, "it is out of hours"),
        ({"accept": ("+49 30*",)}, {}, ANSWER, "+49301234 is accepted by '+49 30*'"),
        ({"accept": ("+4940*",)}, {}, LET_RING, "+49301234 is not accepted"),
        ({"accept": ("+4940*",), "on_reject": OnReject.HANG_UP}, {}, REJECT, "+49301234 is not accepted"),
        ({"accept": ("+49*",), "reject": ("+49[1-4]0*",)}, {}, LET_RING, "is rejected by '+49[1-4]0*'"),
        ({"reject": ("+4930*",), "on_reject": OnReject.HANG_UP}, {}, REJECT, "is rejected by"),
        ({"reject": ("anonymous",)}, {}, ANSWER, "everybody"),
        ({"reject": ("Anonymous",)}, {"call_from": ""}, LET_RING, "anonymous is rejected by 'Anonymous'"),
        ({"reject": ("anonymous",)}, {"call_from": "P"}, LET_RING, "anonymous is rejected"),
        ({"reject": ("anonymous",)}, {"call_from": "Out of area"}, LET_RING, "anonymous is rejected"),
        ({"accept": ("*",)}, {"call_from": "O"}, LET_RING, "anonymous is not accepted"),
        ({"called": ("*123",)}, {"call_to": "030 5-123"}, ANSWER, "everybody"),
        (
            {"called": ("*123",)},
            {"call_to": "0305124"},
            LET_RING,
            "0305124 was called, and it is not for faxes",
        ),
        ({"called": ("*123",)}, {}, LET_RING, "nobody knows what was called"),
        ({"called": ("B",)}, {"fields": {"kind": "B"}}, ANSWER, "everybody"),
        ({"called": ("B",)}, {"fields": {"kind": "A"}}, LET_RING, "A was called"),
    ],
)
def test_decisions(settings: dict[str, Any], call: dict[str, Any], verdict: Verdict, reason: str) -> None:
    details = CallDetails(**{"device": "fake:1", "call_from": BERLIN.call_from, **call})
    decision = decide(Line("front", "fake:1", **settings), details, NOON)
    assert decision.verdict is verdict
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("0(1)2?", ["0123", "01 2-4"]),
        ("[!1-9]0*", ["00", "0033"]),
        ("+1 [2-4]-5", ["+125", "+1-35"]),
        ("*7", ["7", "667"]),
    ],
)
def test_patterns(pattern: str, numbers: list[str]) -> None:
    asked = ["0123", "01 2-4", "00", "0033", "+125", "+1-35", "7", "667", "+165"]
    assert [each for each in asked if matching(each, [pattern])] == numbers
