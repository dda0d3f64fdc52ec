"""The rows of a page as they come, good or damaged, and what they amount to in the end.

A burst on the line swallows whole rows, ends of line and all, so that few rows are *seen* to be bad. What
stood between two EOLs and is damaged counts as one row if it is no longer than the longest good row around
it; else as so many as rows of the average length of the good ones around it would fit. *Around* are as many
good rows, half of them before and half after, as have as many bits together as the damaged stretch, and
eight each way at least: a short stretch is measured by its neighbours, a long one by a good part of the
page.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from faxhw.t4.rows import Row

_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class _Stretch:
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
        self._stretches: list[_Stretch] = []

    @property
    def damaged(self) -> bool:
        return bool(self._stretches)

    @property
    def full(self) -> bool:
        """Whether no further row is let in."""
        return self._changes_left < 0 or len(self._good) + len(self._stretches) >= self._max_rows

    def good(self, row: Row, bits: int) -> None:
        """A row, and the bits that it took with its EOL."""
        self._good.append(row)
        self._lengths.append(bits)
        self._changes_left -= len(row)

    def bad(self, bits: int) -> None:
        """So many bits between two EOLs were no row."""
        self._stretches.append(_Stretch(len(self._good), bits))

    def mark(self) -> tuple[int, int]:
        """This moment, for ``back_to``."""
        return len(self._good), len(self._stretches)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Strike out what came after the mark."""
        good, stretches = mark
        del self._good[good:], self._lengths[good:], self._stretches[stretches:]

    def settle(self) -> Settled:
        """What the page amounts to."""
        rows: list[Row] = []
        taken = longest = missing = 0
        room = max(0, self._max_rows - len(self._good) - len(self._stretches))
        for after, group in groupby(self._stretches, key=lambda stretch: stretch.after):
            rows += self._good[taken:after]
            taken = after
            estimates = [self._rows_in(stretch) for stretch in group]
            unseen = min(sum(estimates) - len(estimates), room - missing)
            missing += unseen
            lost = len(estimates) + unseen
            rows += [rows[-1] if rows else ()] * lost
            longest = max(longest, lost)
        rows += self._good[taken:]
        return Settled(rows, len(self._stretches) + missing, longest, missing)

    def _rows_in(self, stretch: _Stretch) -> int:
        reach = _NEIGHBOURS
        while True:
            around = self._lengths[max(0, stretch.after - reach) : stretch.after + reach]
            if sum(around) >= stretch.bits or len(around) == len(self._lengths):
                break
            reach *= 2
        if not around or stretch.bits <= max(around):
            return 1
        return max(1, round(stretch.bits * len(around) / sum(around)))
