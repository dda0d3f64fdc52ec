"""The call that rings: what is counted, how its ring sounds, and a called number that comes by digits."""

from __future__ import annotations

import pytest

from faxhw.at.rings import Rings


def heard(*lines: str) -> Rings:
    rings = Rings(8.0)
    for line in lines:
        rings.hear(line, 0.0, 1.0)
    return rings


@pytest.mark.parametrize(
    ("lines", "cadence"),
    [
        (["DRON=20", "RING"], "L"),
        (["DROF=40", "DRON = 8", "DROF=4", "DRON=8", "RING"], "SS"),
        (["DRON=4", "DROF=2", "DRON=4", "DROF=2", "DRON=10", "RING", "DROF=40"], "SSL"),
        (["DRON=8", "RING", "DROF=40", "DRON=20", "RING"], "L"),
        (["RING 2"], "2"),
        (["RING"], ""),
        (["DRON=8"] * 50 + ["RING"], "SSSSSSSS"),
        (["DRON=", "DRON=x", "DRON=999999", "RING"], "L"),
    ],
)
def test_distinctive_ring(lines: list[str], cadence: str) -> None:
    assert heard(*lines).caller.distinctive_ring == cadence


def test_the_cadence_of_a_call_that_has_gone_is_not_the_next_ones() -> None:
    rings = heard("DRON=8", "RING", "DRON=8")
    rings.hear("DRON=20", 20.0, 20.0)
    rings.hear("RING", 20.0, 20.0)
    assert rings.caller.distinctive_ring == "L"


def test_a_ring_may_be_an_event() -> None:
    assert heard("<DLE>R", "<DLE>R").count == 2


def test_a_number_called_that_comes_after_a_ring_is_none() -> None:
    rings = heard("RING", "DID:5980")
    assert (rings.count, rings.announced, rings.caller.call_to) == (1, False, "5980")


@pytest.mark.parametrize("lines", [["DID:5980"], ["DTMF5", "DTMF9", "DTMF8", "DTMF0"]])
def test_a_trunk_tells_of_a_call_once(lines: list[str]) -> None:
    rings = heard(*lines)
    assert (rings.count, rings.announced, rings.caller.call_to) == (1, True, "5980")
    assert rings.digits_come is lines[0].startswith("DTMF")
