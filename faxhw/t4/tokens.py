"""From the tokens of one row to the row, or to the verdict that it is damaged.

A row is damaged if its codes do not end exactly at the right edge (T.4 clause 4.1.1: the runs of a row add
up to its width), if one of them was invalid, or if the changing elements would not ascend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from faxhw.t4.rows import POSITIONS, Row
from faxhw.t4.transducer import (
    FIRST,
    MAKE_UP,
    NO_FIRST,
    NO_SECOND,
    PASS,
    SECOND,
    VERTICAL_0,
    VERTICAL_MOST,
    Entry,
)


def row_of_runs(runs: list[int], width: int) -> Row | None:
    """The row of these runs, white first; ``None`` if they do not add up to ``width``. Changes the list."""
    if sum(runs) != width:
        return None
    if 0 in runs:
        if runs[-1] == 0 and len(runs) > 1 and runs[-2] >= 64:
            return None  # a make-up code without its terminating code
        _join_over_nothing(runs)
    return tuple(map(POSITIONS.__getitem__, accumulate(runs[:-1])))


def _join_over_nothing(runs: list[int]) -> None:
    """A run of nothing, but for the first of a row, makes one of the runs beside it."""
    at = 1
    try:
        while True:
            at = runs.index(0, at)
            runs[at - 1 : at + 2] = [sum(runs[at - 1 : at + 2])]
    except ValueError:
        return


def row_of_modes(  # noqa: PLR0912 - here decoding spends its time: a call for each code would double it
    octets: Sequence[int], start: int, state: Mapping[int, Entry], reference: Row, width: int
) -> tuple[Row | None, int, int]:
    """The two-dimensional row that begins in ``octets[start]``, read by ``state``, on its reference row.

    Returns the row, the octet that it ends in, and the end of its last token there as the entry has it. The
    row is ``None`` if it is damaged, and if the octets run out first: then the place is behind the last of
    them. The names are those of T.4 clause 4.2.1.1.
    """
    above = (0, *reference, width, width, width)
    row: list[int] = []
    a0, there = 0, 1  # above[there] is b1
    for at in range(start, len(octets)):
        tokens, state, _, ends = state[octets[at]]
        unread = iter(tokens)
        for token in unread:
            if token == VERTICAL_0:
                a0 = above[there]
                row.append(a0)
                there += 1
                if a0 == width:
                    break
            elif token <= VERTICAL_MOST:
                a1 = above[there] + token
                if a1 <= a0 and (a1 < 0 or row or a0):
                    return None, at, 0
                a0 = a1
                row.append(a0)
                if a0 >= width:
                    break
                if token < 0:
                    there += -1 if above[there - 1] > a0 else 1
                else:
                    there += 1
                    while above[there] <= a0:
                        there += 2
            elif token < SECOND:
                a0 += token - FIRST
                if token < MAKE_UP:
                    row.append(a0)
                elif a0 > width:
                    return None, at, 0
            elif token < PASS:
                a0 += token - SECOND
                row.append(a0)
                if a0 >= width:
                    break
                while above[there] <= a0:
                    there += 2
            elif token == PASS:
                a0 = above[there + 1]
                there += 2
                if a0 == width:
                    return None, at, 0
            elif token == NO_FIRST and not row and not a0:
                row.append(0)
            elif token == NO_SECOND and a0 == width:
                break
            else:
                return None, at, 0
        else:
            continue
        if a0 > width:
            return None, at, 0
        while row and row[-1] == width:
            row.pop()
        return tuple(map(POSITIONS.__getitem__, row)), at, ends[-1 - len(tuple(unread))]
    return None, len(octets), 0
