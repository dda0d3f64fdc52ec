"""What modems of classes 2, 2.0 and 2.1 report, in all the ways in which they write it; the order of bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.hdlc import REVERSED
from faxhw.session import RemoteInfo
from faxhw.t4.encode import encode_page
from faxhw.t32.dialect import DIALECTS
from faxhw.t32.parameters import Subparameters
from faxhw.terms import Coding, Family, Modulation, Parameters
from faxhw.testing.faxes import WIDTH, page
from faxhw_drivers.class2.bitorder import BitOrder
from faxhw_drivers.class2.reports import Reports

EVERY = pytest.mark.parametrize("fclass", DIALECTS)


def heard(*lines: str, fclass: str = "2", nsf_hexadecimal: bool = True) -> Reports:
    reports = Reports(DIALECTS[fclass], nsf_hexadecimal=nsf_hexadecimal)
    for line in lines:
        assert reports.hear(line)
    return reports


@EVERY
@pytest.mark.parametrize(
    "line", ['+FTSI: "  +49 1 "', '+FTI:"+49 1"', "+FCSI:+49 1", '+FCI: "+49 1"', "FTSI:+49 1"]
)
def test_who_is_there(fclass: str, line: str) -> None:
    assert heard(line, fclass=fclass).take_news() == RemoteInfo(ident="+49 1")


@EVERY
@pytest.mark.parametrize("line", ["+FDCS:1,5,0,2,1,0,0,0", "+FCS: 1,5,0,2,1,0,0,0", "+FDCS: 1, 5, 0, 2, 1"])
def test_what_was_settled(fclass: str, line: str) -> None:
    assert heard(line, fclass=fclass).settled == Subparameters(1, 5, 0, 2, 1)


def test_hexadecimal_where_decimal_is_due() -> None:
    assert heard("+FDCS:4B,5,0,2,1,0,0,0").settled == Subparameters(0x4B, 5, 0, 2, 1)


def test_nonsense_settles_nothing() -> None:
    reports = heard("+FDCS:1,5,0,2,1", "+FDCS:what")
    assert reports.settled == Subparameters(1, 5, 0, 2, 1)


@pytest.mark.parametrize(
    ("line", "hexadecimal"),
    [
        ("+FNSF:AD 00 55", True),
        ('+FNSF:"AD0055"', True),
        ("FNF:AD0055", True),
        ("+FNF: ad,00,55", True),
        ("+FNSF:173 0 85", False),
    ],
)
def test_non_standard_facilities(line: str, hexadecimal: bool) -> None:
    assert heard(line, nsf_hexadecimal=hexadecimal).take_news() == RemoteInfo(nsf=b"\xad\x00\x55")


def test_only_a_fax_says_frames() -> None:
    assert not heard("+FCON", "+FHNG:11").heard_fax
    assert heard("+FDIS:1,5").heard_fax


@pytest.mark.parametrize("line", ["RING", "NMBR = 5", "FM:5 TO:6", "OK", "+FXYZ:1", "FREE", ""])
def test_what_is_no_report(line: str) -> None:
    assert not Reports(DIALECTS["2"]).hear(line)


@pytest.mark.parametrize(
    ("line", "code"), [("+FHNG:0", "0"), ("+FHS:00", "00"), ("+FHNG: 72", "72"), ("+FHNG:", "0")]
)
def test_hanging_up(line: str, code: str) -> None:
    assert heard(line).hung_up == code


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("+FPTS:1,300,0,0", 1),
        ("+FPTS:2", 2),
        ("+FPS:3,12C,0", 3),
        ("+FPTS: 01, 5", 1),
        ("+FPTS:", None),
        ("+FPTS:x", None),
    ],
)
def test_the_status_of_a_page(line: str, status: int | None) -> None:
    assert heard(line).page_status == status


def test_news_are_told_once() -> None:
    reports = heard('+FTSI:"1"', "+FDIS:1,5,0,2")
    news = reports.take_news()
    assert news is not None
    assert news.ident == "1"
    assert news.capabilities is not None
    assert reports.take_news() is None


@given(st.text(max_size=200))
def test_whatever_comes_is_taken(text: str) -> None:
    reports = Reports(DIALECTS["2.0"])
    for name in ("+FTSI", "+FNSF", "+FDCS", "+FDIS", "+FPTS", "+FET", "+FHNG"):
        reports.hear(f"{name}:{text}")
    news = reports.take_news()
    if news is not None and news.ident:
        assert len(news.ident) <= 20
        assert news.ident.isprintable()


# ----------------------------------------------------------------------------------------------------------

PARAMETERS = {
    each: Parameters(Modulation(Family.V17, 14400), each, ecm=each is Coding.MMR) for each in Coding
}


@pytest.mark.parametrize("coding", Coding)
@pytest.mark.parametrize("turned", [False, True])
@given(pieces=st.lists(st.integers(1, 3000), max_size=6))
def test_the_order_of_bits_is_found_whatever_the_pieces(
    coding: Coding, turned: bool, pieces: list[int]
) -> None:
    octets = encode_page(page(0, rows=40), coding, WIDTH)
    came = octets.translate(REVERSED) if turned else octets
    order, passed = BitOrder("auto"), b""
    for size in pieces:
        passed += order.take(came[:size], PARAMETERS[coding])
        came = came[size:]
    passed += order.take(came, PARAMETERS[coding]) + order.rest(PARAMETERS[coding])
    assert passed == octets


@pytest.mark.parametrize(("said", "expected"), [("lsb", b"\x01"), ("msb", b"\x80")])
def test_the_order_that_the_profile_says(said: str, expected: bytes) -> None:
    order = BitOrder(said)
    assert order.take(b"\x01", PARAMETERS[Coding.MH]) + order.rest(PARAMETERS[Coding.MH]) == expected


def test_a_page_without_rows_tells_nothing() -> None:
    order = BitOrder("auto")
    assert order.take(b"\x55", PARAMETERS[Coding.MH]) + order.rest(PARAMETERS[Coding.MH]) == b"\x55"
    good = encode_page(page(0), Coding.MH, WIDTH)
    turned = good.translate(REVERSED)
    assert order.take(turned, PARAMETERS[Coding.MH]) + order.rest(PARAMETERS[Coding.MH]) == good
