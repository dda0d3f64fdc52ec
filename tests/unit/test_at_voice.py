"""What is heard in voice class, event by event."""

from __future__ import annotations

import pytest

from faxhw.at.voice import MAX_DIGITS, Ear
from faxhw.terms import FarEndType


def heard(events: str) -> Ear:
    ear = Ear()
    for event in events:
        assert ear.hear(f"<DLE>{event}")
    return ear


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ("c", "FAX"),
        ("m", "FAX"),
        ("e", "DATA"),
        ("f", "DATA"),
        ("V", "VOICE"),
        ("v", "VOICE"),
        ("q", "VOICE"),
        ("Vc", "FAX"),
        ("cV", "FAX"),
        ("eVq", "DATA"),
        ("s", "UNKNOWN"),
        ("1a", "UNKNOWN"),
        ("hHpPRrwtJuL!", "UNKNOWN"),
    ],
)
def test_what_the_far_end_is(events: str, found: str) -> None:
    ear = heard(events)
    assert ear.far_end_type is FarEndType(found)
    assert not ear.gone


@pytest.mark.parametrize("event", "bKdil")
def test_the_far_end_has_gone(event: str) -> None:
    assert heard(event).gone


def test_digits() -> None:
    assert heard("/1~/2~*#D").digits == "12*#D"
    assert len(heard("1" * 500).digits) == MAX_DIGITS


@pytest.mark.parametrize("line", ["", "c", "OK", "DLE c"])
def test_what_is_no_event(line: str) -> None:
    ear = Ear()
    assert not ear.hear(line)
    assert ear.far_end_type is FarEndType.UNKNOWN
