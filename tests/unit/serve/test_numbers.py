"""Telephone numbers in their bare form."""

from __future__ import annotations

from faxhw.serve.numbers import dialled, matching, told


def test_as_they_are_called() -> None:
    assert dialled("(0) 12,34-5/6.7 w") == "01234567"
    assert dialled("+49 a*#") == "+49A*#"


def test_as_they_are_told() -> None:
    assert told("+49 (30) 12-3/4.5") == "+49301 2345".replace(" ", "")
    assert [told(each) for each in ("P", " Out of Area ", "")] == ["", "", ""]


def test_patterns_are_bare_too() -> None:
    assert matching("+49.30.1234", ("+49 (30) [1-9]*",)) == "+49 (30) [1-9]*"
    assert matching("+49 900 1", ("+49 30*", "anonymous")) is None
