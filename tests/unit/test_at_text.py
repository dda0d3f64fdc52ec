"""The AT channel's parsers: DLE shielding, reply lines, caller ID; whole, and at every split."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.at import dle
from faxhw.at.caller_id import MAX_FIELD, MAX_FIELDS, CallerId, is_ring, read_line
from faxhw.at.replies import MAX_LINE, Lines, Result, printable, result_of


def pieces(octets: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    return [octets[a:b] for a, b in pairwise(edges)]


CUTS = st.lists(st.integers(0, 60), max_size=8)
DLE_RICH = st.lists(st.sampled_from([b"\x10", b"\x03", b"\x1a", b"a", b"\x18", b"\r"]), max_size=40).map(
    b"".join
)


@given(DLE_RICH | st.binary(max_size=60), CUTS)
def test_shielded_octets_come_back(octets: bytes, cuts: list[int]) -> None:
    unshield = dle.Unshield()
    sent = dle.shield(octets) + dle.END + b"\r\nOK\r\n"
    assert b"".join(unshield.feed(piece) for piece in pieces(sent, cuts)) == octets
    assert unshield.ended
    assert unshield.rest == b"\r\nOK\r\n"


@given(DLE_RICH, CUTS, st.booleans())
def test_any_split_unshields_alike(received: bytes, cuts: list[int], keep: bool) -> None:
    whole, split = dle.Unshield(keep), dle.Unshield(keep)
    octets = whole.feed(received)
    assert b"".join(split.feed(piece) for piece in pieces(received, cuts)) == octets
    assert (split.ended, split.rest) == (whole.ended, whole.rest)


@pytest.mark.parametrize(
    ("received", "keep", "octets"),
    [
        (b"a\x10\x10b", False, b"a\x10b"),
        (b"a\x10\x1ab", False, b"a\x10\x10b"),
        (b"a\x10\x41b", False, b"ab"),
        (b"a\x10\x41b", True, b"a\x10\x41b"),
        (b"a\x10\x03b", True, b"a"),
    ],
)
def test_what_follows_a_dle(received: bytes, keep: bool, octets: bytes) -> None:
    assert dle.Unshield(keep).feed(received) == octets


def lines_of(received: list[bytes], numeric: bool = False) -> list[str]:
    lines, found = Lines(), []
    lines.numeric = numeric
    for piece in received:
        lines.feed(piece)
        while (line := lines.next()) is not None:
            found.append(line)
    return found


TEXT = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b"OK", b"0", b"\x00", b"\x11", b"\x80", b"+FRH:3", b"x" * 300, b"\x10", b"c"]
    ),
    max_size=20,
).map(b"".join)


@given(TEXT, st.lists(st.integers(0, 900), max_size=8), st.booleans())
def test_any_split_gives_the_same_lines(received: bytes, cuts: list[int], numeric: bool) -> None:
    assert lines_of(pieces(received, cuts), numeric) == lines_of([received], numeric)


def test_echo_verbose_and_numeric_lines() -> None:
    assert lines_of([b"ATI3\r\r\nModem X\r\n\r\nOK\r\n"]) == ["ATI3", "Modem X", "OK"]
    assert lines_of([b"AT\r0\r"], numeric=True) == ["AT", "0"]
    assert lines_of([b"0\r"]) == []  # its line feed may still come


def test_lines_are_bounded_and_clean() -> None:
    assert lines_of([b"y" * 5000, b"z" * 5000 + b"\r\nO\x07K\x9b\r\n"]) == ["y" * MAX_LINE, "OK"]
    assert printable("\x1b[2Jboo\u202e\r\n") == "[2Jboo"


def test_an_event_is_a_line_of_its_own_where_a_line_may_begin() -> None:
    assert lines_of([b"\x10c\x10", b"5\r\nOK\r\n\x10q"]) == ["<DLE>c", "<DLE>5", "OK", "<DLE>q"]
    assert lines_of([b"\r\nNA\x10cME\r\n\x10\x03\r\n"]) == ["NAcME"]


def test_data_begins_right_after_the_line_feed_of_connect() -> None:
    lines = Lines()
    lines.feed(b"\r\nCONNECT\r")
    assert lines.next() is None
    lines.feed(b"\n\n\xff\x13")
    assert lines.next() == "CONNECT"
    assert lines.take_rest() == b"\n\xff\x13"


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("OK", Result.OK),
        ("CONNECT 14400/ARQ", Result.CONNECT),
        ("NO DIAL TONE", Result.NO_DIALTONE),
        ("DELAYED 00:05:00", Result.DELAYED),
        ("+FCERROR", Result.OTHER_CARRIER),
        ("+F4", Result.OTHER_CARRIER),
        ("+FRH:3", Result.FRAMES_INSTEAD),
        ("3", None),
        ("CONNECTED", None),
        ("OKAY", None),
    ],
)
def test_results(line: str, result: Result | None) -> None:
    assert result_of(line) is result


def test_digits_are_results_only_in_numeric_mode() -> None:
    assert result_of("3", numeric=True) is Result.NO_CARRIER
    assert result_of("144", numeric=True) is None


USR_FRAME = "801E01083130313532303338020A37303835353530303130070C552E532E524F424F5449435322"
"""Unformatted caller ID, as the manual of a U.S. Robotics modem prints it; its length is too small."""
USR_WHEN = {"DATE": "1015", "TIME": "2038"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["NMBR = 5551234", "NAME = SMITH J"], CallerId("5551234", "", "SMITH J")),
        (["NMBR=5551234", "NDID=77"], CallerId("5551234", "77")),
        (
            ["DATE = 0412", "TIME = 1130", "NMBR = P"],
            CallerId(no_number="WITHHELD", fields={"DATE": "0412", "TIME": "1130"}),
        ),
        (['+CLIP: "5551234"'], CallerId("5551234")),
        (['+CLIP: "+15551234",145'], CallerId("+15551234")),
        (["CALLER'S NUMBER: 12"], CallerId("12")),
        (["CallerID: 12"], CallerId("12")),
        (["RING;12;34"], CallerId("12", "34")),
        (["RING/345"], CallerId("", "345")),
        (["RING: V DN22 33"], CallerId("33", "22")),
        (["RING 1234"], CallerId("1234")),
        (["RING B"], CallerId(distinctive_ring="B")),
        (["RING 1"], CallerId(distinctive_ring="1")),
        (["RING2"], CallerId(distinctive_ring="2")),
        (["ringa"], CallerId(distinctive_ring="A")),
        (["RING5980"], CallerId(call_to="5980")),
        (["RING;0123;"], CallerId("0123")),
        (["DID:5980"], CallerId(call_to="5980")),
        (["DTMF5", "DTMF9", "DTMF#"], CallerId(call_to="59#")),
        (["DDN_NMBR= 12"], CallerId("12")),
        (["NBR=12"], CallerId("12")),
        (["CALLER NUMBER: 12", "CALLER NAME: Ada"], CallerId("12", caller_name="Ada")),
        (["CALLED NUMBER: 34", "TIME: 1130"], CallerId(call_to="34", fields={"TIME": "1130"})),
        (["CID: 12", "DAD: 34"], CallerId("12", "34")),
        (["Diverting number: 9"], CallerId(fields={"DIVERTED": "9"})),
        (["ANID=1", "USER=2", "CDID=3"], CallerId(fields={"ANID": "1", "USER": "2", "CDID": "3"})),
        (["NMBR=O", "NAME=O"], CallerId(no_number="UNAVAILABLE", fields={"NO NAME": "O"})),
        (["NMBR = private", "NMBR = 12"], CallerId("12")),
        (["Reason for no caller number: P"], CallerId(no_number="WITHHELD")),
        (["Reason for no caller number: line fault"], CallerId(no_number="UNAVAILABLE")),
        (["FM:12 TO:34 /5/"], CallerId("12", "34", fields={"SUB": "5"})),
        (["FM:12"], CallerId("12")),
        (["+49891234"], CallerId("+49891234")),
        (["MESG = 033d"], CallerId(fields={"MESG": "033d"})),
        (["MESG = 0303313233"], CallerId("123", fields={"MESG": "0303313233"})),
        (["NMBR = 9", "MESG = 03 03 31 32 33"], CallerId("9", fields={"MESG": "03 03 31 32 33"})),
        ([USR_FRAME], CallerId("7085550010", caller_name="U.S.ROBOTICS", fields=USR_WHEN)),
        (
            ["MESG = 80 0D 04 01 50 08 01 4F 07 04 41 64 61 20 00"],
            CallerId(
                no_number="WITHHELD",
                caller_name="Ada",
                fields={"NO NAME": "O", "MESG": "80 0D 04 01 50 08 01 4F 07 04 41 64 61 20 00"},
            ),
        ),
        (["040B30343132313133303132333F"], CallerId("123", fields={"DATE": "0412", "TIME": "1130"})),
        (["0409303431323131333050"], CallerId(no_number="WITHHELD", fields={"DATE": "0412", "TIME": "1130"})),
        (["Reason for no caller name: P"], CallerId(fields={"NO NAME": "P"})),
    ],
)
def test_caller_id_forms(lines: list[str], expected: CallerId) -> None:
    found = CallerId()
    assert all(read_line(line, found) for line in lines)
    assert found == expected


@given(st.text(max_size=200))
def test_caller_id_is_bounded_and_clean(text: str) -> None:
    found = CallerId()
    read_line("NMBR = " + text, found)
    assert len(found.call_from) <= MAX_FIELD
    assert found.call_from.isprintable()


@given(st.binary(max_size=60), st.booleans())
def test_a_frame_that_makes_no_sense_tells_little(octets: bytes, whole: bool) -> None:
    found = CallerId()
    line = octets.hex() if whole else f"MESG = {octets.hex()[1:]}"
    read_line(line, found)
    for text in (found.call_from, found.caller_name, *found.fields.values()):
        assert len(text) <= MAX_FIELD
        assert not text or text.isprintable()


@given(st.lists(st.from_regex(r"[A-Z<>+/:;=0-9 ]{0,20}", fullmatch=True), max_size=8))
def test_no_line_is_too_odd(lines: list[str]) -> None:
    found = CallerId()
    for line in lines:
        read_line(line, found)
    assert len(found.fields) <= MAX_FIELDS


@pytest.mark.parametrize("line", ["RING", "RING A", "RING;1;2", "ring", "RINGA", "RING5980", "<DLE>R"])
def test_rings(line: str) -> None:
    assert is_ring(line)


@pytest.mark.parametrize("line", ["RINGING", "RINGBACK", "NO CARRIER", "OK", "DID:5", "<DLE>r"])
def test_not_rings(line: str) -> None:
    assert not is_ring(line)


def test_other_lines_tell_nothing() -> None:
    found = CallerId()
    assert not read_line("NO CARRIER", found)
    assert not found
