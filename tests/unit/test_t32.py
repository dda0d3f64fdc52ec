"""The words of classes 2, 2.0 and 2.1: lists of numbers, and hang-up codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.session import Status
from faxhw.t32 import parameters
from faxhw.t32.dialect import DIALECTS, Dialect
from faxhw.t32.hangup import code_of, status_of
from faxhw.t32.parameters import Subparameters, parse
from faxhw.terms import (
    DCS_FAMILIES,
    LADDER,
    Coding,
    Family,
    Modulation,
    PageLength,
    PageWidth,
    Parameters,
    Resolution,
    Settings,
)

TWO, TWO_0 = DIALECTS["2"], DIALECTS["2.0"]
EVERY = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())


def test_numbers_are_decimal_in_class_2_and_hexadecimal_in_2_0() -> None:
    numbers = Subparameters(vr=0x40, br=5, ln=2)
    assert numbers.text(TWO) == "64,5,0,2,0,0,0,0"
    assert numbers.text(TWO_0) == "40,5,0,2,0,0,0,0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,5,0,2,1,0,0,0", Subparameters(1, 5, 0, 2, 1)),
        (" 1, 3 ,0,2", Subparameters(1, 3, 0, 2)),
        (",3,,,1", Subparameters(br=3, df=1)),
        ("1,5,0,2,3,1,0,0,7F", Subparameters(1, 5, 0, 2, 3, 1)),
        ("5B,D", Subparameters(0x5B, 0xD)),
        ("", Subparameters()),
        ("1,x", None),
        ("-1", None),
        ("1FF", None),
    ],
)
def test_lists_are_read_however_they_are_written(text: str, expected: Subparameters | None) -> None:
    assert parse(text, 16) == expected


def test_what_a_list_leaves_out_stays_as_it_was() -> None:
    assert parse(",,1", 10, Subparameters(vr=1, br=5, wd=2)) == Subparameters(vr=1, br=5, wd=1)


@EVERY
def test_what_is_offered_is_understood(dialect: Dialect) -> None:
    ours = Settings(
        max_rate=9600,
        resolutions=frozenset(Resolution),
        codings=frozenset(Coding),
        ecm=True,
        width=PageWidth.A3,
    )
    remote = parameters.understand(parameters.offered(ours, dialect), dialect)
    assert remote.max_rate == 9600
    assert remote.families == {Family.V29, Family.V27TER}
    assert remote.codings == set(Coding)
    assert remote.width is PageWidth.A3
    assert remote.length is PageLength.UNLIMITED
    named = set(Resolution) - {Resolution.DPI_400}
    assert remote.resolutions == ({Resolution.STANDARD, Resolution.FINE} if dialect is TWO else named)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(0,1),(0-5),(0-2),(0-2),(0-3),(0-2),(0),(0-7)", Subparameters(1, 5, 2, 2, 3, 2, 0, 7)),
        ("+FCC: (0-7F),(0-5),(0-2),(0-2),(0-3),(0,1)", Subparameters(0x7F, 5, 2, 2, 3, 1)),
        ("(00,01,02,08),(0-D),(0),(0-2),(0,1)", Subparameters(0x0B, 0xD, 0, 2, 1)),
        ("0-1,0-3,0,2", Subparameters(1, 3, 0, 2)),
        ("", None),
        ("OK", None),
        ("(0,1),(0-5)", None),
        ("(),(),(),()", None),
        ("(0),(1),(2),(1FF)", None),
    ],
)
def test_the_most_that_a_modem_claims(text: str, expected: Subparameters | None) -> None:
    assert parameters.most(text, 16) == expected


def test_what_is_claimed_too_much_is_cut() -> None:
    claimed = Subparameters(vr=0x5B, br=5, wd=2, ln=2, df=3, ec=2)
    assert parameters.limited(claimed, Subparameters(0x41, 3, 0xFF, 0xFF, 1)) == Subparameters(
        0x41, 3, 2, 2, 1
    )


def test_mmr_is_not_offered_without_error_correction() -> None:
    assert parameters.offered(Settings(codings=frozenset(Coding)), TWO).df == 1


@EVERY
@given(data=st.data())
def test_a_report_of_a_dcs_says_what_was_settled(dialect: Dialect, data: st.DataObject) -> None:
    ecm = data.draw(st.booleans())
    modulation = data.draw(st.sampled_from([each for each in LADDER if each != Modulation(Family.V29, 9600)]))
    known = [Resolution.STANDARD, Resolution.FINE]
    if dialect is not TWO:
        known = [each for each in Resolution if each is not Resolution.DPI_400]
    expected = Parameters(
        modulation,
        coding=data.draw(st.sampled_from(Coding if ecm else [Coding.MH, Coding.MR])),
        resolution=data.draw(st.sampled_from(known)),
        width=data.draw(st.sampled_from(PageWidth)),
        length=data.draw(st.sampled_from(PageLength)),
        min_scan_time=0.0 if ecm else data.draw(st.sampled_from([0.0, 0.005, 0.010, 0.020, 0.040])),
        ecm=ecm,
    )
    numbers = parse(parameters.reported(expected, dialect).text(dialect), dialect.base)
    assert numbers is not None
    families = frozenset({modulation.family, Family.V27TER})
    assert parameters.settled(numbers, dialect, families) == expected


@EVERY
@pytest.mark.parametrize(("br", "rate"), [(6, 16800), (9, 24000), (11, 28800), (13, 33600), (0xFF, 33600)])
def test_v34_is_understood(dialect: Dialect, br: int, rate: int) -> None:
    numbers = Subparameters(br=br, ec=1)
    settled = parameters.settled(numbers, dialect, DCS_FAMILIES)
    assert settled.modulation == Modulation(Family.V34, rate)
    assert parameters.reported(settled, dialect).br == min(br, 13)
    remote = parameters.understand(numbers, dialect)
    assert (remote.max_rate, remote.families) == (rate, frozenset(Family))
    assert parameters.described(remote, dialect).br == min(br, 13)


@EVERY
@given(st.builds(Subparameters, *[st.integers(0, 255)] * 8))
def test_whatever_a_modem_reports_comes_to_something(dialect: Dialect, numbers: Subparameters) -> None:
    parameters.settled(numbers, dialect, frozenset(Family))
    remote = parameters.understand(numbers, dialect)
    assert parse(parameters.described(remote, dialect).text(dialect), dialect.base) is not None


@pytest.mark.parametrize(
    ("decimal", "hexadecimal", "status"),
    [
        ("0", "00", Status.NORMAL),
        ("11", "11", Status.NO_ANSWER_T1),
        ("73", "73", Status.T2_NO_PAGE),
        ("100", "A0", Status.RECEIVE_D),
        ("103", "A3", Status.RECEIVE_D_LOCAL),
    ],
)
def test_hang_up_codes(decimal: str, hexadecimal: str, status: Status) -> None:
    assert status_of(decimal, hexadecimal=False) is status
    assert status_of(hexadecimal, hexadecimal=True) is status
    assert code_of(status, hexadecimal=False) == decimal
    assert code_of(status, hexadecimal=True) == hexadecimal


@pytest.mark.parametrize(
    ("decimal", "status"), [("102", Status.RECEIVE_D_NO_COMMAND), ("73", Status.T2_NO_PAGE)]
)
def test_class_2s_codes_where_hexadecimal_ones_are_due(decimal: str, status: Status) -> None:
    assert status_of(decimal, hexadecimal=True) is status


@pytest.mark.parametrize("text", ["0", "000", " 0x00 "])
def test_nothing_but_zeros_is_the_normal_end(text: str) -> None:
    assert status_of(text, hexadecimal=True) is Status.NORMAL


@pytest.mark.parametrize("text", ["", "128", "151", "9", "zz", "1;2", "-3"])
def test_a_code_that_no_class_has_is_none(text: str) -> None:
    assert status_of(text, hexadecimal=False) is None


@pytest.mark.parametrize("status", Status)
def test_every_end_has_a_code(status: Status) -> None:
    for hexadecimal in (False, True):
        assert status_of(code_of(status, hexadecimal=hexadecimal), hexadecimal=hexadecimal) is not None
