"""CAPI's reasons: each has its words, and comes to a documented cause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.capi.reasons import REASONS, CallEnd, reason
from faxhw.device import CallResult
from faxhw.fax.causes import Cause, meaning, raw_cause
from faxhw.session import Outcome, Status


def test_every_reason_has_a_sentence() -> None:
    for code, each in REASONS.items():
        assert each.code == code
        assert each.sentence[0].isupper()
        assert each.sentence.endswith((".", "?"))


def test_every_end_of_a_call_is_a_result_of_the_device_contract() -> None:
    assert {CallResult(each) for each in CallEnd} <= set(CallResult)


@given(st.integers(0, 0xFFFF))
def test_any_code_is_a_reason(code: int) -> None:
    assert str(reason(code)).startswith(f"0x{code:04x}: ")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (0x3301, Cause.HANGUP),
        (0x3302, Cause.COMMSFAULT),
        (0x3311, Cause.NOTFAX),
        (0x3312, Cause.COMMSFAULT),
        (0x3313, Cause.COMMSFAULT),
        (0x3314, Cause.HANGUP),
        (0x3315, Cause.COMMSFAULT),
        (0x3316, Cause.ERROR),
        (0x3317, Cause.ERROR),
        (0x3318, Cause.ABORTED),
        (0x3319, Cause.ERROR),
        (0x33EE, Cause.COMMSFAULT),
        (0x3490, Cause.HANGUP),
        (0x34EE, Cause.HANGUP),
        (0x2006, Cause.ERROR),
    ],
)
def test_what_a_reason_comes_to_for_a_fax(code: int, cause: Cause) -> None:
    outcome = Outcome(reason(code).status, heard_fax=False, reason=code)
    assert meaning(outcome).cause is cause
    assert meaning(outcome).sentence == reason(code).sentence
    assert raw_cause(outcome.status, outcome.reason) == f"0x{code:04x}"


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (0x3481, CallResult.UNOBTAINABLE),
        (0x3490, CallResult.NO_CARRIER),
        (0x3491, CallResult.BUSY),
        (0x3492, CallResult.NO_ANSWER),
        (0x3493, CallResult.NO_ANSWER),
        (0x3495, CallResult.REJECTED),
        (0x3496, CallResult.CHANGED),
        (0x34A2, CallResult.NO_CHANNELS),
        (0x34A6, CallResult.NO_DIALTONE),
        (0x34AA, CallResult.CONGESTION),
        (0x34B9, CallResult.BLACKLISTED),
        (0x34E6, CallResult.TIMEOUT),
        (0x34EF, CallResult.FAILED),
        (0x2003, CallResult.NO_CHANNELS),
        (0x2002, CallResult.FAILED),
    ],
)
def test_what_a_reason_comes_to_for_a_call(code: int, result: CallResult) -> None:
    assert CallResult(reason(code).call) is result


def test_without_a_reason_the_status_is_the_raw_cause() -> None:
    assert raw_cause(Status.TRAINING_FAILED) == "0x27"
