"""Which coding makes a page smallest on the line.

All three are made of the same parts: each row coded by itself, and each row coded below the one before it. So
a page is coded in all of them in little more time than one of them takes. A dense page (a dithered photograph
has twenty times the changing elements of a page of text) is judged by a sample of its rows and coded once.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from faxhw.t4.encode import encode_page, one_dimensional, packed, two_dimensional
from faxhw.t4.rows import Row
from faxhw.terms import Coding

_DENSE = 250_000
"""Changing elements: a page with more is judged by a sample. The densest of the ITU's charts has 180,000."""
_SAMPLE = 60_000
"""Changing elements of a sample, about."""
_AS_GOOD = 1.01
"""A sample knows no better: then the simpler coding, which is made sooner and loses fewer rows to damage."""
_GROUPS_OF = 16
"""Rows of a sample that follow each other, at most."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best coding for a page."""

    coding: Coding
    data: bytes
    """The page in that coding, as ``faxhw.t4.encode.encode_page`` makes it."""
    octets: Mapping[Coding, int]
    """What the page takes on the line in each coding that was allowed, fill and all; where the page is dense
    the others' are estimates."""


def smallest(
    rows: Sequence[Row], width: int, codings: Collection[Coding], *, k: int = 4, min_row_bits: int = 0
) -> Chosen:
    """Code a page in whichever of the codings makes it smallest; in MH rather than MR, and in MR rather than
    MMR, where they are as good.

    ``k`` and ``min_row_bits`` as for ``encode_page``. ``ValueError`` if no coding is allowed.
    """
    allowed = [coding for coding in Coding if coding in codings]
    if not allowed:
        raise ValueError("there is no coding to choose from")
    page = _Page(rows, width, max(1, k), min_row_bits)
    changes = sum(map(len, rows))
    if len(allowed) > 1 and changes <= _DENSE:
        pages = page.parts(range(len(rows)), allowed)
        best = min(allowed, key=lambda coding: len(pages[coding]))
        return Chosen(best, pages[best], {coding: len(data) for coding, data in pages.items()})
    best, octets = allowed[0], {}
    if len(allowed) > 1:
        sample = _sample(len(rows), _SAMPLE / changes, min(page.k, _GROUPS_OF))
        parts = page.parts(sample, allowed)
        octets = {coding: len(part) * len(rows) // len(sample) for coding, part in parts.items()}
        best = next(each for each in allowed if octets[each] <= _AS_GOOD * min(octets.values()))
    data = encode_page(rows, best, width, k=page.k, min_row_bits=min_row_bits)
    return Chosen(best, data, octets | {best: len(data)})


@dataclass(frozen=True, slots=True)
class _Page:
    rows: Sequence[Row]
    width: int
    k: int
    min_row_bits: int

    def parts(self, numbers: Sequence[int], codings: Collection[Coding]) -> dict[Coding, bytes]:
        """The rows of these numbers in each of the codings."""
        every = {Coding.MH: 1, Coding.MR: self.k, Coding.MMR: 0}
        rows = {
            coding: [(not each or number % each > 0, number) for number in numbers]
            for coding, each in every.items()
            if coding in codings
        }
        coded = {key: self._row(*key) for key in set(chain.from_iterable(rows.values()))}
        return {
            coding: b"".join(
                packed(((key[0], coded[key]) for key in keys), coding, min_row_bits=self.min_row_bits)
            )
            for coding, keys in rows.items()
        }

    def _row(self, two: bool, number: int) -> str:
        if not two:
            return one_dimensional(self.rows[number], self.width)
        return two_dimensional(self.rows[number], self.rows[number - 1] if number else (), self.width)


def _sample(rows: int, share: float, group: int) -> list[int]:
    """Numbers of about that share of the rows: groups, anywhere, so that no pattern is missed.

    A group is a one-dimensional row of MR and those that hang on it. The same rows for the same page.
    """
    starts = range(0, rows, group)
    wanted = max(1, round(len(starts) * share))
    chosen = sorted(random.Random(rows).sample(starts, wanted))
    return list(chain.from_iterable(range(start, min(rows, start + group)) for start in chosen))
