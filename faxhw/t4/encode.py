"""Coding rows as MH, MR (T.4 clauses 4.1, 4.2) or MMR (T.6).

Bits are gathered as text of 0s and 1s and packed some rows at a time: joining text is the fastest thing
Python does. The first bit on the line is the lowest of its octet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import sub

from faxhw.hdlc import pack
from faxhw.t4 import codes
from faxhw.t4.rows import Row
from faxhw.terms import Coding

_CHUNK_BITS = 1 << 15
_V0 = codes.VERTICAL[0]
_RTC_EOLS = 6
_ONE, _TWO = codes.EOL + "1", codes.EOL + "0"
_ENDS = {
    Coding.MH: ((codes.EOL, codes.EOL), codes.EOL * _RTC_EOLS),
    Coding.MR: ((_ONE, _TWO), _ONE * _RTC_EOLS),
    Coding.MMR: (("", ""), codes.EOFB),
}
"""What stands before a one- and a two-dimensional row, and at the end of the page."""


class _RunCodes(dict[int, str]):
    """The whole code of a run of any length, worked out when it is first wanted."""

    def __init__(self, words: dict[int, str]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, run: int) -> str:
        if run >= codes.LONGEST_MAKE_UP + 64:
            text = self._words[codes.LONGEST_MAKE_UP] + self[run - codes.LONGEST_MAKE_UP]
        elif run >= 64:
            text = self._words[run & ~63] + self._words[run & 63]
        else:
            text = self._words[run]
        self[run] = text
        return text


_WHITE, _BLACK = _RunCodes(codes.WHITE), _RunCodes(codes.BLACK)


def encode_page(
    rows: Iterable[Row], coding: Coding, width: int, *, k: int = 4, min_row_bits: int = 0, finish: bool = True
) -> bytes:
    """A whole page as ``page_chunks`` makes it."""
    return b"".join(page_chunks(rows, coding, width, k=k, min_row_bits=min_row_bits, finish=finish))


def page_chunks(
    rows: Iterable[Row], coding: Coding, width: int, *, k: int = 4, min_row_bits: int = 0, finish: bool = True
) -> Iterator[bytes]:
    """The octets of a page, some rows at a time; the last octet is filled up with zeros.

    MH and MR: an EOL before each row, in MR every ``k``-th row one-dimensional (T.4 clause 4.2.2: 2 at
    standard resolution, 4 at fine), zeros behind a row that makes fewer than ``min_row_bits`` with an EOL and
    its tag bit (T.4 clause 4.1.3: data, fill and EOL count), and RTC at the end unless ``finish`` is False,
    as TIFF wants it. MMR: EOFB at the end either way, and no fill (T.6).
    """
    every = {Coding.MH: 1, Coding.MR: max(1, k), Coding.MMR: 0}[coding]
    return packed(_coded(rows, width, every), coding, min_row_bits=min_row_bits, finish=finish)


def packed(
    rows: Iterable[tuple[bool, str]], coding: Coding, *, min_row_bits: int = 0, finish: bool = True
) -> Iterator[bytes]:
    """As ``page_chunks``, of rows that are coded: whether two-dimensional, and the codes."""
    before, end = _ENDS[coding]
    waiting: list[str] = []
    size = 0
    for two, codes_of_row in rows:
        text = before[two] + codes_of_row
        if len(text) < min_row_bits and coding is not Coding.MMR:
            text = text.ljust(min_row_bits, "0")
        waiting.append(text)
        size += len(text)
        if size >= _CHUNK_BITS:
            joined = "".join(waiting)
            whole = size & ~7
            yield pack(joined[:whole])
            waiting, size = [joined[whole:]], size - whole
    tail = "".join(waiting) + (end if finish or coding is Coding.MMR else "")
    if tail:
        yield pack(tail + "0" * (-len(tail) % 8))


def _coded(rows: Iterable[Row], width: int, every: int) -> Iterator[tuple[bool, str]]:
    """Each ``every``-th row, the first among them, one-dimensional, the others two-dimensional; 0: none."""
    reference: Row = ()
    for number, row in enumerate(rows):
        if every and not number % every:
            yield False, one_dimensional(row, width)
        else:
            yield True, two_dimensional(row, reference, width)
        reference = row


def one_dimensional(row: Row, width: int) -> str:
    """The codes of a row (T.4 clause 4.1.1)."""
    runs = list(map(sub, (*row, width), (0, *row)))
    words = [""] * len(runs)
    words[::2] = map(_WHITE.__getitem__, runs[::2])
    words[1::2] = map(_BLACK.__getitem__, runs[1::2])
    return "".join(words)


def two_dimensional(row: Row, reference: Row, width: int) -> str:
    """The codes of a row below its reference row (T.4 clause 4.2.1.3, with its names ``a0``, ``b1``, …)."""
    if row == reference:
        return _V0 * (len(row) + 1)
    coded, above = (*row, width, width), (*reference, width, width, width)
    words: list[str] = []
    a0 = here = there = 0
    while a0 < width:
        a1, b1 = coded[here], above[there]
        if a1 == b1:
            words.append(_V0)
            a0 = a1
            here += 1
            there += 1
            continue
        if above[there + 1] < a1:
            words.append(codes.PASS)
            a0 = above[there + 1]
            there += 2
            continue
        if -4 < a1 - b1 < 4:
            words.append(codes.VERTICAL[a1 - b1])
            a0 = a1
            here += 1
            there += -1 if there else 1
        else:
            a2 = coded[here + 1]
            first, second = (_BLACK, _WHITE) if here & 1 else (_WHITE, _BLACK)
            words += (codes.HORIZONTAL, first[a1 - a0], second[a2 - a1])
            a0 = a2
            here += 2
        while above[there] <= a0 < width:
            there += 2
    return "".join(words)
