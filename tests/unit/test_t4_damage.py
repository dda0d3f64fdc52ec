"""Damaged pages: what is seen to be bad, what was swallowed whole, and what the eye gets instead."""

from __future__ import annotations

import random

import pytest

from faxhw.hdlc import bits as line_bits
from faxhw.hdlc import pack
from faxhw.t4 import codes
from faxhw.t4.decode import DecodedPage, PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding
from tests.pages import page_bitmap

WIDTH = 1728


def lines_of(rows: list[Row], coding: Coding, k: int = 4) -> list[str]:
    """The coded page as text of 0s and 1s, row by row with the EOL before it, RTC last."""
    text = line_bits(encode_page(rows, coding, WIDTH, k=k))
    starts = [0]
    while (found := text.find(codes.EOL, starts[-1] + len(codes.EOL))) >= 0 and len(starts) <= len(rows):
        # a code that ends in zeros makes the EOL seem to begin earlier than it does
        starts.append(text.index("1", found + len(codes.EOL) - 1) + 1 - len(codes.EOL))
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def octets_of(lines: list[str]) -> bytes:
    text = "".join(lines)
    return pack(text + "0" * (-len(text) % 8))


def decode(lines: list[str], coding: Coding) -> DecodedPage:
    decoder = PageDecoder(coding, WIDTH)
    decoder.feed(octets_of(lines))
    return decoder.finish()


def text_page(rows: int = 400) -> list[Row]:
    return page_bitmap("text", WIDTH, rows).rows


def noise(bits: int, seed: int) -> str:
    return f"{random.Random(seed).getrandbits(bits):0{bits}b}"


def test_each_kind_of_bad_row_costs_that_row_only() -> None:
    rows: list[Row] = [(number, 900 + number) for number in range(60)]
    lines = lines_of(rows, Coding.MH)
    lines[20] = codes.EOL + "000000001"  # no valid code
    lines[25] = codes.EOL + codes.WHITE[1664] + codes.WHITE[63]  # one dot short
    lines[30] = codes.EOL + codes.WHITE[1728] + codes.WHITE[1]  # one dot too many
    lines[40] = codes.EOL + codes.WHITE[1728]  # a make-up code and no terminating code
    page = decode(lines, Coding.MH)
    expected = rows.copy()
    for bad in (20, 25, 30, 40):
        expected[bad] = expected[bad - 1]
    assert page.rows == expected
    assert page.clean is None
    assert page.report.complete
    assert (page.report.bad_rows, page.report.missing_rows, page.report.longest_bad_run) == (4, 0, 1)


def test_a_bad_first_row_is_shown_white() -> None:
    rows: list[Row] = [(5, 900)] * 10
    lines = lines_of(rows, Coding.MH)
    lines[0] = codes.EOL + "000000001"
    assert decode(lines, Coding.MH).rows == [(), *rows[1:]]


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("hit", range(8, 12))
def test_a_bad_row_of_mr_costs_the_rows_up_to_the_next_one_dimensional_one(k: int, hit: int) -> None:
    rows: list[Row] = [(10 + number, 600 - 2 * number) for number in range(20)]
    lines = lines_of(rows, Coding.MR, k)
    lines[hit] = lines[hit][: len(codes.EOL) + 1] + "000000001"
    page = decode(lines, Coding.MR)
    until = (hit // k + 1) * k
    assert page.rows == [*rows[:hit], *[rows[hit - 1]] * (until - hit), *rows[until:]]
    assert page.report.bad_rows == page.report.longest_bad_run == until - hit
    assert page.report.missing_rows == 0


def test_a_lost_eol_loses_two_rows() -> None:
    rows = text_page()
    lines = lines_of(rows, Coding.MH)
    lines[200] = lines[200][len(codes.EOL) :]
    page = decode(lines, Coding.MH)
    assert (page.report.bad_rows, page.report.longest_bad_run, page.report.rows) == (2, 2, 400)
    assert page.rows == [*rows[:199], rows[198], rows[198], *rows[201:]]


@pytest.mark.parametrize("wiped_out", [1, 2, 7])
def test_rows_that_the_line_wiped_out_are_not_the_end(wiped_out: int) -> None:
    rows = text_page()
    lines = lines_of(rows, Coding.MH)
    for number in range(200, 200 + wiped_out):
        lines[number] = codes.EOL + "0" * (len(lines[number]) - len(codes.EOL))
    page = decode(lines, Coding.MH)
    assert (page.report.bad_rows, page.report.rows) == (wiped_out, 400)
    assert page.rows[200 + wiped_out :] == rows[200 + wiped_out :]


@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
def test_a_burst_of_zeros_makes_many_eols_and_no_end(coding: Coding) -> None:
    """Few ones among zeros are EOL after EOL, some of them close together."""
    rows = text_page()
    for seed in range(20):
        generator = random.Random(seed)
        text = "".join(lines_of(rows, coding))
        start = generator.randrange(len(text) // 2)
        burst = "".join(generator.choices("01", weights=(96, 4), k=1500))
        page = decode([text[:start], burst, text[start + len(burst) :]], coding)
        assert page.report.complete
        assert page.report.bad_rows
        assert page.rows[-100:] == rows[-100:]


def test_rows_wiped_out_before_rtc_are_missed() -> None:
    rows = text_page()
    lines = lines_of(rows, Coding.MH)
    lines[-2] = codes.EOL + "0" * (len(lines[-2]) - len(codes.EOL))
    page = decode(lines, Coding.MH)
    assert page.report.complete
    assert (page.report.bad_rows, page.report.rows) == (1, 400)


def test_eols_made_of_noise_are_not_rtc() -> None:
    """A burst holds two empty rows, far apart; the page goes on behind it."""
    rows = text_page()
    lines = lines_of(rows, Coding.MH)
    lines[200:300] = [*[noise(300, 1), codes.EOL * 2, noise(4000, 2)] * 3, noise(300, 3)]
    page = decode(lines, Coding.MH)
    assert page.rows[-100:] == rows[-100:]
    assert page.report.bad_rows > 20


@pytest.mark.parametrize("hit", [1, 2, 3])
def test_a_damaged_rtc_still_ends_the_page(hit: int) -> None:
    rows = text_page()
    eols = [codes.EOL] * 6
    eols[hit] = "000000100001"
    lines = lines_of(rows, Coding.MH)[:-1]
    page = decode([*lines, *eols], Coding.MH)
    assert page.report.complete
    assert page.rows[:400] == rows
    assert page.report.bad_rows == page.report.rows - 400 == (1 if hit == 1 else 0)
    assert page.clean == (None if hit == 1 else octets_of(lines))


@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
@pytest.mark.parametrize("kind", ["text", "photo"])
@pytest.mark.parametrize(("top", "swallowed"), [(150, 100), (300, 369), (500, 100), (500, 369)])
def test_a_burst_is_judged_by_the_rows_that_it_swallowed(
    coding: Coding, kind: str, top: int, swallowed: int
) -> None:
    """Noise of the same length instead of some rows: they count, and the page about keeps its length."""
    page, rows = _page_with_burst(kind, coding, top, swallowed)
    assert 0.7 * swallowed <= page.report.bad_rows <= 1.5 * swallowed
    assert page.report.longest_bad_run == page.report.bad_rows
    assert page.rows[: top - 1] == rows[: top - 1]  # the EOL behind the row before was lost
    assert page.rows[-100:] == rows[-100:]


@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
@pytest.mark.parametrize("kind", ["form", "mixed"])
@pytest.mark.parametrize("top", [100, 300, 500, 700])
def test_a_burst_is_never_a_trifle(coding: Coding, kind: str, top: int) -> None:
    """Where a page changes its looks within the burst the estimate is rough, but it is no excuse."""
    page, _ = _page_with_burst(kind, coding, top, 200)
    assert page.report.longest_bad_run >= 40


def _page_with_burst(kind: str, coding: Coding, top: int, swallowed: int) -> tuple[DecodedPage, list[Row]]:
    rows = page_bitmap(kind, WIDTH, 1143).rows
    lines = lines_of(rows, coding)
    lost = sum(map(len, lines[top : top + swallowed]))
    page = decode([*lines[:top], noise(lost, top), *lines[top + swallowed :]], coding)
    assert page.report.complete
    assert page.report.rows == len(page.rows)
    return page, rows


def test_scattered_bit_errors_do_not_make_rows_missing() -> None:
    rows = page_bitmap("text", WIDTH, 1143).rows
    lines = lines_of(rows, Coding.MH)
    hit = random.Random(3).sample(range(1143), 60)
    for number in hit:
        at = random.Random(number).randrange(len(codes.EOL), len(lines[number]))
        lines[number] = lines[number][:at] + "10"[int(lines[number][at])] + lines[number][at + 1 :]
    page = decode(lines, Coding.MH)
    assert 50 <= page.report.bad_rows <= 64
    assert abs(page.report.rows - 1143) <= 4
