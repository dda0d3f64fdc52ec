"""NSF: makers and countries by T.35, in either bit order, and the text that some machines add."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.hdlc import REVERSED
from faxhw.t30.nsf import Facilities, facilities


def read(octets: bytes) -> Facilities:
    found = facilities(octets)
    assert found is not None
    return found


def test_hylafax_as_a_log_shows_it() -> None:
    logged = "AD0055 48796C61464158202874 6D292056657273696F6E20362E302E33"
    found = read(bytes.fromhex(logged))
    assert found == Facilities("AD 00 55", "United States", "HylaFAX", "HylaFAX (tm) Version 6.0.3")
    assert str(found) == 'HylaFAX (United States), "HylaFAX (tm) Version 6.0.3"'


def test_muratec_as_its_service_manual_shows_it() -> None:
    found = read(bytes.fromhex("000045") + bytes(15))
    assert found == Facilities("00 00 45", "Japan", "Muratec", "")
    assert str(found) == "Muratec (Japan)"


@pytest.mark.parametrize(
    ("octets", "country", "maker"),
    [
        ("00000E0000000F", "Japan", "Panasonic"),
        ("000025102C", "Japan", "Ricoh"),
        ("AD0036", "United States", "HP"),
        ("2041590402", "Germany", "Siemens"),
        ("860000", "South Korea", None),
        ("BC5301", "France", None),
        ("2D0000", "United Kingdom", None),
        ("7F0001", "Taiwan", None),
        ("A50000", "Sweden", None),
        ("800000", "Albania", None),
        ("FC0000", None, None),
    ],
)
def test_countries_and_makers(octets: str, country: str | None, maker: str | None) -> None:
    found = read(bytes.fromhex(octets))
    assert (found.country, found.maker) == (country, maker)


@pytest.mark.parametrize("octets", ["AD0036", "204159", "860000", "BC5301", "2D0000", "7F0001", "000000"])
def test_a_country_sent_with_its_lowest_bit_first_is_still_found(octets: str) -> None:
    right = bytes.fromhex(octets)
    swapped = right.translate(REVERSED)
    assert read(swapped).country == read(right).country
    assert read(swapped).maker == read(right).maker
    assert read(swapped).code == swapped.hex(" ").upper()


def test_an_unknown_maker_is_its_code() -> None:
    assert str(read(bytes.fromhex("86FE01"))) == "unknown maker 86 FE 01 (South Korea)"
    assert str(read(bytes.fromhex("FF010203"))) == "unknown maker FF 01 02 03"


def test_the_escape_is_followed_by_an_octet_more() -> None:
    found = read(bytes.fromhex("FF80ABCD") + b"rebmuN xaF ruO")
    assert found == Facilities("FF 80 AB CD", None, None, "Our Fax Number")


@pytest.mark.parametrize("octets", [b"\x00", b"\x00\x00", b"\xff", b"\xad\x00"])
def test_short_fields(octets: bytes) -> None:
    found = read(octets)
    assert found.code == octets.hex(" ").upper()
    assert found.maker is None
    assert found.text == ""


def test_nothing_is_nothing() -> None:
    assert facilities(b"") is None


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"\x01\x820010555 EMCA\x00\x81", "ACME 5550100"),  # the last character first, as in CSI
        (b"gnidloH emcA", "Acme Holding"),
        (b"Acme Holding", "Acme Holding"),  # told by its capitals
        (b"   Acme Holding   \x00\x00", "Acme Holding"),
        (b"Acme Holding".translate(REVERSED), "Acme Holding"),
        (b"\x00ab12\x00", ""),  # too short to mean anything
        (b"\x00@@@@!!!!####\x00", ""),
        (b"\x00\x1b[2J\x1b[31mRed Alert\x07\x00", "[31mRed Alert"),
        (b"\xc3\xa9\xff" * 20, ""),
    ],
)
def test_text(sent: bytes, text: str) -> None:
    assert read(bytes.fromhex("86FE01") + sent).text == text


def test_text_is_bounded() -> None:
    assert read(bytes.fromhex("AD0055") + b"Version " * 500).text == ("Version " * 5).strip()


@given(st.binary(max_size=600))
def test_whatever_comes_is_printable_and_short(octets: bytes) -> None:
    found = facilities(octets)
    assert (found is None) == (not octets)
    if found is not None:
        assert str(found).isascii()
        assert str(found).isprintable()
        assert len(str(found)) < 120
        assert found.text == found.text.strip()
