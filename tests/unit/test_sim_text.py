"""AT text and DLE shielding as the virtual modem reads them: any split gives the same."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw_drivers.sim.modem.commandline import BadCommand, Command, commands
from faxhw_drivers.sim.modem.dle import Unshielder, shielded


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("", []),
        (" e0 v1 ", [("E", "0", ""), ("V", "1", "")]),
        ("&F&D2", [("&F", "", ""), ("&D", "2", "")]),
        ("S7=60S0?S30=?", [("S", "7=60", ""), ("S", "0", "?"), ("S", "30", "=?")]),
        ("S0=", [("S", "0=", "")]),
        ("+FCLASS=1;+FTM=?;+FAR?", [("+FCLASS", "1", ""), ("+FTM", "", "=?"), ("+FAR", "", "?")]),
        ("H0+FCLASS=1.0;S0=1", [("H", "0", ""), ("+FCLASS", "1.0", ""), ("S", "0=1", "")]),
        ("DT0,12@W#*-3", [("D", "T0,12@W#*-3", "")]),
        ("X3DT200;E1", [("X", "3", ""), ("D", "T200;", ""), ("E", "1", "")]),
        ("#CID=1;*ID1", [("#CID", "1", ""), ("*I", "", ""), ("D", "1", "")]),
        (";;H;", [("H", "", "")]),
    ],
)
def test_a_line_falls_into_commands(line: str, meant: list[tuple[str, str, str]]) -> None:
    assert list(commands(line)) == [Command(*each) for each in meant]


@pytest.mark.parametrize("line", ["?", "E0!", "+", "1", '"x"'])
def test_a_line_that_makes_no_sense(line: str) -> None:
    with pytest.raises(BadCommand):
        list(commands(line))


@given(st.text(max_size=40))
def test_any_line_is_commands_or_bad(line: str) -> None:
    try:
        found = list(commands(line))
    except BadCommand:
        return
    assert all(command.name for command in found)


@given(st.binary(max_size=60), st.lists(st.integers(1, 60), max_size=4))
def test_shielded_octets_come_back_whatever_the_split(data: bytes, cuts: list[int]) -> None:
    said = shielded(data) + b"\x10\x03and what follows"
    places = sorted({0, *(cut for cut in cuts if cut < len(said)), len(said)})
    unshielder = Unshielder()
    plain = b""
    for begin, end in itertools.pairwise(places):
        piece, ended = unshielder.feed(said[begin:end])
        plain += piece
        if ended:
            break
    assert plain == data


def test_dle_sub_is_two_and_an_unknown_pair_is_none() -> None:
    assert Unshielder().feed(b"a\x10\x1ab\x10Xc") == (b"a\x10\x10bc", False)
    assert shielded(b"\x10", doubling=False) == b"\x10"
