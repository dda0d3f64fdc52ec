"""The rows of a page as they come, good or damaged, and what they amount to in the end.

A burst on the line swallows whole rows, ends of line and all, so that few rows are *seen* to be bad.
Between two good rows stand pieces, parted by EOLs. If none is longer than the longest good row around, each
was one row. Else rows were swallowed (and EOLs made of noise, perhaps): then there were as many as rows of
the average length of the good ones around would fill the stretch, but no fewer than there are pieces as long
as a row. The page then about keeps its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from faxhw.t4.rows import Row

_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something damaged between two EOLs."""

    after: int
    """How many good rows came before it."""
    bits: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The page with its damaged rows repaired for the eye: each is a copy of the good row before it."""

    rows: list[Row]
    bad_rows: int
    longest_bad_run: int
    missing_rows: int


class Ledger:
    """Takes down a page's rows: at most ``max_rows``, with ``max_changes`` changing elements in all."""

    def __init__(self, max_rows: int, max_changes: int) -> None:
        self._max_rows, self._changes_left = max_rows, max_changes
        self._good: list[Row] = []
        self._lengths: list[int] = []
        self._pieces: list[_Piece] = []

    @property
    def damaged(self) -> bool:
        return bool(self._pieces)

    @property
    def full(self) -> bool:
        """Whether no further row is let in."""
        return self._changes_left < 0 or len(self._good) + len(self._pieces) >= self._max_rows

    def good(self, row: Row, bits: int) -> None:
        """A row, and the bits that it took with its EOL."""
        self._good.append(row)
        self._lengths.append(bits)
        self._changes_left -= len(row)

    def bad(self, bits: int) -> None:
        """So many bits between two EOLs were no row."""
        self._pieces.append(_Piece(len(self._good), bits))

    def mark(self) -> int:
        """This moment, for ``back_to``."""
        return len(self._pieces)

    def back_to(self, mark: int) -> None:
        """Strike out what came after the mark; no row has been good since."""
        del self._pieces[mark:]

    def settle(self) -> Settled:
        """What the page amounts to."""
        rows: list[Row] = []
        taken = bad = longest = missing = 0
        room = max(0, self._max_rows - len(self._good) - len(self._pieces))
        for after, stretch in groupby(self._pieces, key=lambda piece: piece.after):
            rows += self._good[taken:after]
            taken = after
            pieces = [piece.bits for piece in stretch]
            lost = min(self._rows_in(pieces, after), len(pieces) + room)
            room -= max(0, lost - len(pieces))
            missing += max(0, lost - len(pieces))
            rows += [rows[-1] if rows else ()] * lost
            bad += lost
            longest = max(longest, lost)
        rows += self._good[taken:]
        return Settled(rows, bad, longest, missing)

    def _rows_in(self, pieces: list[int], after: int) -> int:
        """How many rows were lost in these pieces.

        *Around* are as many good rows, half of them before and half after, as have as many bits together as
        the stretch, and eight each way at least: a short stretch is measured by its neighbours, a long one
        by a good part of the page. On the ITU's test charts this is off by a factor of 1.5 as a rule, too
        much as often as too little; neither fixed neighbourhoods nor the whole page did better throughout.
        """
        bits, reach = sum(pieces), _NEIGHBOURS
        while True:
            around = self._lengths[max(0, after - reach) : after + reach]
            if sum(around) >= bits or len(around) == len(self._lengths):
                break
            reach *= 2
        if not around or max(pieces) <= max(around):
            return len(pieces)
        as_long_as_rows = sum(piece >= min(around) for piece in pieces)
        return max(as_long_as_rows, round(bits * len(around) / sum(around)))
