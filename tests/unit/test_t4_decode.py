"""The page decoder: the same page from any pieces, the habits of odd senders, and bounds on everything."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.hdlc import bits as line_bits
from faxhw.hdlc import pack
from faxhw.t4 import codes
from faxhw.t4.decode import DecodedPage, PageDecoder
from faxhw.t4.encode import encode_page, page_chunks
from faxhw.t4.rows import Row
from faxhw.terms import Coding
from tests.pages import page_bitmap

WIDTH = 1728
HORIZONTAL = codes.HORIZONTAL
CODINGS = st.sampled_from(list(Coding))


def decoded(coding: Coding, *pieces: bytes, width: int = WIDTH, **limits: int) -> DecodedPage:
    decoder = PageDecoder(coding, width, **limits)
    for piece in pieces:
        decoder.feed(piece)
    return decoder.finish()


def line(text: str) -> bytes:
    """Text of 0s and 1s, spaces for the eye, as octets of the line; filled up with zeros."""
    text = text.replace(" ", "")
    return pack(text + "0" * (-len(text) % 8))


def row_text(row: Row, width: int = WIDTH) -> str:
    """One row in MH, without its EOL, word by word from the tables."""
    text = ""
    edges = (0, *row, width)
    for number, (start, end) in enumerate(pairwise(edges)):
        words, run = (codes.BLACK if number % 2 else codes.WHITE), end - start
        text += (words[run & ~63] if run >= 64 else "") + words[run & 63]
    return text


def rows_of(width: int) -> st.SearchStrategy[Row]:
    positions = st.lists(st.integers(0, width - 1), max_size=12, unique=True)
    return positions.map(lambda each: tuple(sorted(each)))


@st.composite
def pages(draw: st.DrawFn) -> tuple[int, list[Row]]:
    """A width, and rows that like to repeat and to shift, as those of real pages do."""
    width = draw(st.sampled_from([1, 5, 64, 300, WIDTH, 2700]))
    rows: list[Row] = []
    for row in draw(st.lists(rows_of(width), min_size=1, max_size=8)):
        rows.append(row)
        for shift in draw(st.lists(st.integers(-3, 3), max_size=3)):
            moved = {min(width - 1, max(0, position + shift)) for position in rows[-1]}
            rows.append(tuple(sorted(moved)))
    return width, rows


@given(pages(), CODINGS, st.integers(1, 5), st.sampled_from([0, 24, 200]))
def test_what_was_coded_is_decoded(
    page: tuple[int, list[Row]], coding: Coding, k: int, min_row_bits: int
) -> None:
    width, rows = page
    data = encode_page(rows, coding, width, k=k, min_row_bits=min_row_bits)
    result = decoded(coding, data, width=width)
    assert result.rows == rows
    assert (result.report.rows, result.report.bad_rows, result.report.complete) == (len(rows), 0, True)
    assert result.clean is not None
    assert decoded(coding, result.clean, width=width).rows == rows


@given(pages(), CODINGS, st.data())
def test_any_split_and_any_damage_give_the_same_sound_page(
    page: tuple[int, list[Row]], coding: Coding, data: st.DataObject
) -> None:
    width, rows = page
    octets = bytearray(encode_page(rows, coding, width))
    for at, mask in data.draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6)):
        octets[at % len(octets)] ^= mask
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    whole = decoded(coding, bytes(octets), width=width)
    pieces = [bytes(octets[a:b]) for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert decoded(coding, *pieces, width=width) == whole
    assert decoded(coding, *(bytes([octet]) for octet in octets), width=width) == whole
    assert_sound(whole, width)


def assert_sound(page: DecodedPage, width: int) -> None:
    report = page.report
    assert report.rows == len(page.rows)
    assert 0 <= report.missing_rows <= report.bad_rows <= report.rows
    assert bool(report.longest_bad_run) == bool(report.bad_rows)
    assert report.longest_bad_run <= report.bad_rows
    assert page.clean is None or not report.bad_rows
    for row in page.rows:
        assert all(a < b for a, b in zip((-1, *row), (*row, width), strict=True))


@pytest.mark.parametrize("coding", list(Coding))
def test_long_pages_come_out_in_chunks(coding: Coding) -> None:
    drawn = page_bitmap("mixed", WIDTH, 300)
    chunks = list(page_chunks(drawn.rows, coding, WIDTH))
    assert len(chunks) > 3
    assert decoded(coding, *chunks).rows == drawn.rows


# ----------------------------------------------------------------------------------------------------------
# Habits of senders

ONE, TWO, THREE = (100, 200), (100, 201, 1000, 1728 - 64), (0, 5)
GOOD = codes.EOL + row_text(ONE) + codes.EOL + row_text(TWO) + codes.EOL + row_text(THREE)


@pytest.mark.parametrize("leading", ["", "1", "0101 1100 1111", "0" * 300])
def test_what_comes_before_the_first_eol_does_not_count(leading: str) -> None:
    page = decoded(Coding.MH, line(leading + GOOD + codes.EOL * 6))
    assert page.rows == [ONE, TWO, THREE]
    assert page.report.bad_rows == 0
    assert page.clean == line(GOOD)


def test_the_first_eol_may_be_missing() -> None:
    page = decoded(Coding.MH, line(GOOD[len(codes.EOL) :] + codes.EOL * 6))
    assert page.rows == [ONE, TWO, THREE]
    assert page.report.bad_rows == 0
    assert page.report.complete
    assert page.clean is None  # a file wants an EOL before each row


@pytest.mark.parametrize("eols", [2, 3, 5, 6, 7, 100])
def test_rtc_may_be_short_or_long(eols: int) -> None:
    page = decoded(Coding.MH, line(GOOD + codes.EOL * eols))
    assert page.rows == [ONE, TWO, THREE]
    assert page.report.complete
    assert page.clean == line(GOOD)


@pytest.mark.parametrize("tag", ["1", "0", ""])
@pytest.mark.parametrize("eols", [2, 6])
def test_rtc_of_mr_with_right_tags_wrong_tags_and_none(tag: str, eols: int) -> None:
    coded = codes.EOL + "1" + row_text(ONE) + codes.EOL + "0" + codes.VERTICAL[0] * 3
    page = decoded(Coding.MR, line(coded + (codes.EOL + tag) * eols))
    assert page.rows == [ONE, ONE]
    assert page.report.complete
    assert page.clean == line(coded)


def test_noise_after_rtc_does_not_count() -> None:
    noise = random.Random(1).randbytes(5000)
    page = decoded(Coding.MH, line(GOOD + codes.EOL * 6), noise, line(GOOD))
    assert page.rows == [ONE, TWO, THREE]
    assert page.clean == line(GOOD)


def test_fill_is_no_row_and_no_damage() -> None:
    filled = GOOD.replace(codes.EOL, "0" * 77 + codes.EOL)
    page = decoded(Coding.MH, line(filled + codes.EOL * 6))
    assert page.rows == [ONE, TWO, THREE]
    assert page.report.bad_rows == 0


@pytest.mark.parametrize("last_eol", ["", codes.EOL])
def test_a_page_without_rtc_is_not_complete_but_whole(last_eol: str) -> None:
    page = decoded(Coding.MH, line(GOOD + last_eol))
    assert page.rows == [ONE, TWO, THREE]
    assert page.report.bad_rows == 0
    assert not page.report.complete
    assert (page.clean is not None) == bool(last_eol)


def test_a_row_that_breaks_off_is_bad() -> None:
    page = decoded(Coding.MH, line(GOOD)[:-2])
    assert page.rows == [ONE, TWO, TWO]
    assert (page.report.bad_rows, page.report.complete) == (1, False)


def test_runs_of_nothing_join_their_neighbours() -> None:
    """Nobody should send them; the row is plain all the same."""
    white, black = codes.WHITE, codes.BLACK
    odd = white[20] + black[0] + white[30] + black[7] + white[0] + black[3]
    odd += white[1664] + white[0] + black[0] + white[4]
    page = decoded(Coding.MH, line(codes.EOL + odd + codes.EOL * 6))
    assert page.rows == [(50, 60)]


def test_nothing_at_all() -> None:
    for coding in Coding:
        for data in (b"", bytes(100), b"\xff" * 100):
            page = decoded(coding, data)
            assert not page.report.complete
            assert page.clean is None
    assert decoded(Coding.MH, line(codes.EOL * 6)).report.complete


@pytest.mark.parametrize("width", [0, -1, 8193])
def test_widths_that_no_page_has_are_refused(width: int) -> None:
    with pytest.raises(ValueError, match="dots"):
        PageDecoder(Coding.MH, width)


# ----------------------------------------------------------------------------------------------------------
# MMR


def test_mmr_without_eofb_is_not_complete() -> None:
    drawn = page_bitmap("text", WIDTH, 100)
    text = line_bits(encode_page(drawn.rows, Coding.MMR, WIDTH))
    whole = text[: text.rindex(codes.EOFB)]
    page = decoded(Coding.MMR, line(whole))
    assert page.rows == drawn.rows
    assert not page.report.complete
    assert page.clean is None


def test_mmr_ends_at_the_first_fault() -> None:
    drawn = page_bitmap("text", WIDTH, 200)
    data = bytearray(encode_page(drawn.rows, Coding.MMR, WIDTH))
    middle = len(data) // 2
    data[middle : middle + 4] = b"\0\0\0\0"
    page = decoded(Coding.MMR, bytes(data))
    good = page.report.rows - page.report.bad_rows
    assert 50 < good < 150
    assert page.rows[:good] == drawn.rows[:good]
    assert set(page.rows[good:]) == {page.rows[good - 1]}
    assert abs(page.report.rows - 200) < 40
    assert page.report.longest_bad_run == page.report.bad_rows
    assert not page.report.complete


@pytest.mark.parametrize("kind", ["photo", "form", "blank", "checkerboard"])
@pytest.mark.parametrize("piece", [1, 64, 4095, 10_000])
def test_long_mmr_pages_are_the_same_in_any_pieces(kind: str, piece: int) -> None:
    drawn = page_bitmap(kind, WIDTH, 40 if kind != "form" else 900)
    data = encode_page(drawn.rows, Coding.MMR, WIDTH)
    page = decoded(Coding.MMR, *(data[start : start + piece] for start in range(0, len(data), piece)))
    assert page.rows == drawn.rows
    assert page.report.complete
    assert page.clean is not None
    assert page.clean == data[: len(page.clean)]


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 250, 257, 2000])
def test_white_rows_of_mmr_are_a_bit_each(rows: int) -> None:
    text = "1" * rows + HORIZONTAL + codes.WHITE[9] + codes.BLACK[11] + "1" + "111" * rows
    page = decoded(Coding.MMR, line(text + codes.EOFB), width=50)
    assert page.rows == [()] * rows + [(9, 20)] * (1 + rows)
    assert page.report.complete


@pytest.mark.parametrize("zeros", [0, 5, 14, 30, 46])
def test_a_mmr_page_may_break_off_behind_a_row(zeros: int) -> None:
    page = decoded(Coding.MMR, pack("1" * 50 + "0" * zeros + "0" * (-(50 + zeros) % 8)))
    assert (page.report.rows, page.report.bad_rows, page.report.complete) == (50, 0, False)


@pytest.mark.parametrize(
    "rest",
    [
        "0" * 64,
        "0" * 70 + codes.EOFB,
        "0" * 40 + "1",
        codes.PASS,
        HORIZONTAL + codes.WHITE[9] + codes.BLACK[0],
        HORIZONTAL + codes.WHITE[1664] + codes.WHITE[0] + codes.BLACK[64] + codes.BLACK[1],
        codes.VERTICAL[-1] + codes.VERTICAL[1],
        codes.VERTICAL[1],
        "0000001111",
    ],
    ids=str,
)
def test_what_is_no_row_of_mmr_is_one_bad_row_at_most(rest: str) -> None:
    page = decoded(Coding.MMR, line("1" * 80 + rest + "1" * 8))
    assert page.rows[:80] == [()] * 80
    assert page.report.bad_rows == page.report.rows - 80 > 0
    assert not page.report.complete


@pytest.mark.parametrize("second", ["", "000000000011", "0" * 9, "1" * 12])
def test_an_eofb_of_which_half_came_ends_the_page_all_the_same(second: str) -> None:
    page = decoded(Coding.MMR, line("1" * 50 + codes.EOL + second))
    assert (page.report.rows, page.report.bad_rows, page.report.complete) == (50, 0, True)
    assert page.clean is None


# ----------------------------------------------------------------------------------------------------------
# Floods


@pytest.mark.parametrize("ones", [1, 2, 6, 40])
@pytest.mark.parametrize("last", [(), (5, 9), (0, 3, 700, 1000), (1728 - 64,)])
@pytest.mark.parametrize("rows_before", range(4))
@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
def test_the_ones_of_a_carrier_s_end_are_no_part_of_the_last_row(
    coding: Coding, rows_before: int, last: Row, ones: int
) -> None:
    """From a sender without RTC; with RTC, they come too late to be looked at."""
    rows = [(5, 9)] * rows_before + [last]
    page = encode_page(rows, coding, 1728, finish=False) + b"\xff" * ones
    decoder = PageDecoder(coding, 1728)
    decoder.feed(page)
    decoded = decoder.finish()
    assert decoded.rows == rows
    assert (decoded.report.bad_rows, decoded.report.complete) == (0, False)


@pytest.mark.parametrize("coding", list(Coding))
def test_a_page_without_end_is_cut_off(coding: Coding) -> None:
    decoder = PageDecoder(coding, WIDTH, max_rows=1000)
    for chunk in page_chunks(((number % WIDTH,) for number in range(3000)), coding, WIDTH, finish=False):
        decoder.feed(chunk)
    page = decoder.finish()
    assert page.report.rows == 1000
    assert page.report.too_long
    assert not page.report.complete


def test_a_page_may_be_as_long_as_the_limit() -> None:
    page = decoded(Coding.MH, encode_page([ONE] * 1000, Coding.MH, WIDTH), max_rows=1000)
    assert page.report.complete
    assert not page.report.too_long


@pytest.mark.parametrize("coding", list(Coding))
def test_octets_are_limited(coding: Coding) -> None:
    data = encode_page([ONE, TWO] * 500, coding, WIDTH)
    whole = decoded(coding, data, max_octets=len(data))
    assert (whole.report.rows, whole.report.too_long) == (1000, False)
    for pieces in ([data], [data[:700], data[700:]], [bytes([octet]) for octet in data]):
        page = decoded(coding, *pieces, max_octets=800)
        assert page.report.too_long
        assert page.report.rows < 600
        assert page == decoded(coding, data, max_octets=800)


FLOODS = {
    "zeros": bytes(200_000),
    "ones": b"\xff" * 200_000,
    "noise": random.Random(7).randbytes(200_000),
    "EOLs": line(codes.EOL * 2) * 60_000,
    "EOLs with tags": line((codes.EOL + "1") * 8) * 15_000,
    "endless row": line(codes.EOL + "1") + line((codes.WHITE[0] + codes.BLACK[0]) * 8) * 10_000,
    "endless make-up": line(codes.EOL + "1") + line(codes.WHITE[2560] * 2) * 60_000,
    "bad rows": line((codes.EOL + "1" + "0000001") * 8) * 10_000,
    "horizontal nothings": line(codes.EOL + "0" + (HORIZONTAL + codes.WHITE[0] + codes.BLACK[0]) * 2000),
    "nothings of MMR": line((HORIZONTAL + codes.WHITE[0] + codes.BLACK[0]) * 8) * 10_000,
    "endless make-up of MMR": line(HORIZONTAL) + line(codes.WHITE[2560] * 2) * 60_000,
    "zeros in a row of MMR": line(HORIZONTAL) + bytes(200_000),
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("coding", list(Coding))
def test_floods_end_in_a_sound_report(coding: Coding, flood: str) -> None:
    page = decoded(coding, FLOODS[flood])
    assert_sound(page, WIDTH)
    assert page.report.rows <= 20_000


@settings(max_examples=30)
@given(st.binary(max_size=3000), CODINGS, st.sampled_from([1, 64, WIDTH, 8192]))
def test_noise_ends_in_a_sound_report(noise: bytes, coding: Coding, width: int) -> None:
    assert_sound(decoded(coding, line(codes.EOL + "1") + noise, width=width), width)
