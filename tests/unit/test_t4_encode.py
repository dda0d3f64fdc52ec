"""The page encoder against T.4 and T.6, read by a slow decoder that is written off the Recommendations."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.hdlc import bits as line_bits
from faxhw.t4 import codes
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import encode_page, page_chunks
from faxhw.t4.rows import Row
from faxhw.terms import Coding, PageWidth, Resolution
from tests.pages import page_bitmap

WIDTHS = sorted({width.dots(resolution) for width in PageWidth for resolution in Resolution})
RUNS = [{word: run for run, word in words.items()} for words in (codes.WHITE, codes.BLACK)]
MODES = {word: offset for offset, word in codes.VERTICAL.items()} | {
    codes.PASS: "pass",
    codes.HORIZONTAL: "horizontal",
}


class Reader:
    """Takes a page's bits apart, word by word. Colours are 0 for white, 1 for black."""

    def __init__(self, octets: bytes, width: int) -> None:
        self.text = line_bits(octets)
        self.at = 0
        self.width = width

    def skip(self, text: str) -> bool:
        found = self.text.startswith(text, self.at)
        self.at += len(text) * found
        return found

    def fill(self) -> int:
        """Zeros that stand before an EOL and are not part of it."""
        zeros = self.text.index("1", self.at) - self.at - (len(codes.EOL) - 1)
        assert zeros >= 0
        self.at += zeros
        return zeros

    def word(self, words: dict[str, int] | dict[str, int | str]) -> int | str:
        for length in range(1, 14):
            if (found := words.get(self.text[self.at : self.at + length])) is not None:
                self.at += length
                return found
        raise AssertionError(f"no code at bit {self.at}: {self.text[self.at : self.at + 20]}")

    def run(self, colour: int) -> int:
        run = 0
        while True:
            part = self.word(RUNS[colour])
            assert isinstance(part, int)
            run += part
            if part < 64:
                return run

    def one_dimensional(self) -> list[int]:
        """The dots of a row (T.4 clause 4.1.1)."""
        dots: list[int] = []
        while len(dots) < self.width or not dots:
            for colour in (0, 1):
                if len(dots) < self.width:
                    dots += [colour] * self.run(colour)
        assert len(dots) == self.width
        return dots

    def two_dimensional(self, above: list[int]) -> list[int]:
        """The dots of a row below another (T.4 clause 4.2.1.3)."""
        dots: list[int] = []
        colour, a0 = 0, -1
        while len(dots) < self.width:
            changing = [at for at in range(self.width) if above[at] != (above[at - 1] if at else 0)]
            b1 = next((at for at in changing if at > a0 and above[at] != colour), self.width)
            b2 = next((at for at in changing if at > b1), self.width)
            mode = self.word(MODES)
            if mode == "pass":
                dots += [colour] * (b2 - len(dots))
            elif mode == "horizontal":
                dots += [colour] * self.run(colour)
                dots += [1 - colour] * self.run(1 - colour)
            else:
                assert isinstance(mode, int)
                dots += [colour] * (b1 + mode - len(dots))
                colour = 1 - colour
            assert len(dots) > a0
            a0 = len(dots)
        assert len(dots) == self.width
        return dots


def row_of(dots: list[int]) -> Row:
    return tuple(at for at, (before, dot) in enumerate(pairwise([0, *dots])) if before != dot)


def assert_as_t4_has_it(
    octets: bytes, rows: list[Row], coding: Coding, width: int, *, k: int, min_row_bits: int
) -> None:
    """EOL, tag, data, fill, and RTC, each as long as it has to be and no longer."""
    reader = Reader(octets, width)
    above = [0] * width
    tags = {Coding.MH: ("", ""), Coding.MR: ("1", "0")}[coding]
    for number, row in enumerate(rows):
        start = reader.at
        two = coding is Coding.MR and number % k > 0
        assert reader.skip(codes.EOL + tags[two])
        above = reader.two_dimensional(above) if two else reader.one_dimensional()
        assert row_of(above) == row
        unfilled = reader.at - start
        fill = reader.fill()
        assert fill == max(0, min_row_bits - unfilled)  # T.4: data, fill and EOL (and tag bit) together
    assert reader.skip((codes.EOL + tags[0]) * 6)
    assert set(reader.text[reader.at :]) <= {"0"}
    assert len(reader.text) - reader.at < 8


@st.composite
def fax_pages(draw: st.DrawFn) -> tuple[int, list[Row]]:
    """Rows of a fax width, some like the row before, some close to it, some with long runs."""
    width = draw(st.sampled_from([*WIDTHS, 1, 2, 17]))
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.integers(0, 2))
        positions = draw(st.lists(st.integers(0, width - 1), max_size=12))
        if rows and kind:
            shifts = draw(st.lists(st.integers(-4, 4), min_size=len(rows[-1]), max_size=len(rows[-1])))
            moved = (
                [at + shift for at, shift in zip(rows[-1], shifts, strict=True)] if kind == 2 else rows[-1]
            )
            positions = [*(at for at in moved if 0 <= at < width), *positions[:1]]
        rows.append(tuple(sorted(set(positions))))
    return width, rows


@given(fax_pages(), st.integers(1, 5), st.sampled_from([0, 24, 60, 96, 288]))
def test_every_row_of_mh_and_mr_is_as_t4_has_it(
    page: tuple[int, list[Row]], k: int, min_row_bits: int
) -> None:
    width, rows = page
    for coding in (Coding.MH, Coding.MR):
        octets = encode_page(rows, coding, width, k=k, min_row_bits=min_row_bits)
        assert_as_t4_has_it(octets, rows, coding, width, k=k, min_row_bits=min_row_bits)


@given(fax_pages(), st.sampled_from([0, 288]))
def test_every_row_of_mmr_is_as_t6_has_it(page: tuple[int, list[Row]], min_row_bits: int) -> None:
    """No EOL, no fill whatever the minimum, EOFB at the end (T.6 clause 2.4.1)."""
    width, rows = page
    reader = Reader(encode_page(rows, Coding.MMR, width, min_row_bits=min_row_bits), width)
    above = [0] * width
    for row in rows:
        above = reader.two_dimensional(above)
        assert row_of(above) == row
    assert reader.skip(codes.EOFB)
    assert set(reader.text[reader.at :]) <= {"0"}
    assert len(reader.text) - reader.at < 8


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("kind", ["form", "photo", "checkerboard"])
@pytest.mark.parametrize("min_row_bits", [0, 96])
def test_drawn_pages_are_as_t4_has_them(kind: str, k: int, min_row_bits: int) -> None:
    drawn = page_bitmap(kind, 300, 30)
    for coding in (Coding.MH, Coding.MR):
        octets = encode_page(drawn.rows, coding, 300, k=k, min_row_bits=min_row_bits)
        assert_as_t4_has_it(octets, drawn.rows, coding, 300, k=k, min_row_bits=min_row_bits)


def test_words_of_the_recommendation() -> None:
    """By hand: a white row and one with a black dot, in MR with K = 2."""
    rows: list[Row] = [(), (3, 5), ()]
    text = line_bits(encode_page(rows, Coding.MR, 1728, k=2, min_row_bits=40))
    white_row = "010011011" + "00110101"  # 1728, and 0
    horizontal = "001" + "1000" + "11"  # white 3, black 2
    expected = [
        "000000000001" + "1" + white_row + "0" * 10,
        "000000000001" + "0" + horizontal + "1" + "0" * 17,
        "000000000001" + "1" + white_row + "0" * 10,
        "0000000000011" * 6,
    ]
    assert text.startswith("".join(expected))


@pytest.mark.parametrize("coding", list(Coding))
def test_a_page_of_20000_rows_goes_out_in_little_memory(coding: Coding) -> None:
    drawn = page_bitmap("form", 2432, 1000).rows

    def rows() -> Iterator[Row]:
        for _ in range(20):
            yield from drawn

    decoder = PageDecoder(coding, 2432)
    for chunk in page_chunks(rows(), coding, 2432):  # what is worked out once, is kept
        decoder.feed(chunk)
    assert decoder.finish().rows == drawn * 20
    tracemalloc.start()
    try:
        octets = sum(map(len, page_chunks(rows(), coding, 2432)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert octets > 200_000
    assert peak < 500_000


def test_no_page_at_all_still_has_an_end() -> None:
    assert line_bits(encode_page([], Coding.MH, 1728)).startswith(codes.EOL * 6)
    assert line_bits(encode_page([], Coding.MR, 1728)).startswith((codes.EOL + "1") * 6)
    assert line_bits(encode_page([], Coding.MMR, 1728)) == codes.EOFB
    assert encode_page([], Coding.MH, 1728, finish=False) == b""
