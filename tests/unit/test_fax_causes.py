"""The table of raw causes."""

from __future__ import annotations

import pytest

from faxhw.fax.causes import MEANINGS, Cause, meaning, raw_cause
from faxhw.session import Outcome, Status


def test_every_status_has_a_cause_and_a_sentence() -> None:
    assert set(MEANINGS) == set(Status)
    for found in MEANINGS.values():
        assert found.cause is not Cause.NONE
        assert found.sentence[0].isupper()
        assert found.sentence.endswith((".", "?"))


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (Status.NORMAL, Cause.NORMAL),
        (Status.ABORTED, Cause.ABORTED),
        (Status.LINE_DROPPED, Cause.HANGUP),
        (Status.DCN_RECEIVED, Cause.COMMSFAULT),
        (Status.TRAINING_FAILED, Cause.COMMSFAULT),
        (Status.EOP_NO_REPLY, Cause.COMMSFAULT),
        (Status.NO_COMMON_RATE, Cause.COMMSFAULT),
        (Status.PAGE_QUALITY, Cause.PAGEQUALITY),
        (Status.T2_EXPIRED, Cause.TIMEOUT),
        (Status.NO_ANSWER_T1, Cause.TIMEOUT),
        (Status.STANDARD_MISMATCH, Cause.STANDARDMISMATCH),
        (Status.STORAGE_FAILED, Cause.ERROR),
        (Status.DEVICE_FAILED, Cause.ERROR),
        (Status.OTHER_THAN_FAX, Cause.NOTFAX),
        (Status.SEND_C_UNDERFLOW, Cause.ERROR),
    ],
)
def test_the_documented_cause(status: Status, cause: Cause) -> None:
    assert meaning(Outcome(status)).cause is cause


@pytest.mark.parametrize(
    "status", [Status.NO_ANSWER_T1, Status.RECEIVE_B, Status.NO_DIS, Status.DCS_NO_REPLY, Status.T2_EXPIRED]
)
def test_waiting_in_vain_for_what_was_never_a_fax(status: Status) -> None:
    assert meaning(Outcome(status, heard_fax=False)).cause is Cause.NOTFAX


@pytest.mark.parametrize("status", [Status.LINE_DROPPED, Status.ABORTED, Status.DEVICE_FAILED])
def test_what_else_may_happen_before_a_fax_is_heard(status: Status) -> None:
    assert meaning(Outcome(status, heard_fax=False)).cause is meaning(Outcome(status)).cause


def test_raw_causes_are_hexadecimal() -> None:
    assert raw_cause(Status.NO_ANSWER_T1) == "0x11"
    assert raw_cause(Status.NORMAL) == "0x00"
    assert raw_cause(Status.LINE_DROPPED) == "0x100"
