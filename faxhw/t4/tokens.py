"""From the tokens of one row to the row, or to the verdict that it is damaged.

A row is damaged if its codes do not end exactly at the right edge (T.4 clause 4.1.1: the runs of a row add
up to its width), if one of them was invalid, or if the changing elements would not ascend.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from faxhw.t4.rows import POSITIONS, Row
from faxhw.t4.transducer import BAD, PASS, VERTICAL_0


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


def row_of_modes(tokens: Iterator[int], reference: Row, width: int) -> Row | None:
    """The row that these tokens make on its reference row; ``None`` if they make none.

    Takes no more tokens than the row has. The names are those of T.4 clause 4.2.1.1.
    """
    above = (*reference, width, width, width)
    row: list[int] = []
    a0, there = -1, 0  # above[there] is b1
    for token in tokens:
        if token == VERTICAL_0:
            a0 = above[there]
            row.append(a0)
            there += 1
        else:
            if token >= 0:
                a1 = max(a0, 0) + (token if token < 64 else _made_up(token, tokens))
                second = next(tokens, BAD)
                a2 = a1 + (second if second < 64 else _made_up(second, tokens))
                if not (a0 < a1 < a2 <= width or a0 < a1 == a2 == width):
                    return None
                row += (a1, a2)
                a0 = a2
            elif token == PASS:
                a0 = above[there + 1]
                if a0 == width:
                    return None
                there += 2
            else:
                a1 = above[there] + token - VERTICAL_0
                if not a0 < a1 <= width:
                    return None
                row.append(a1)
                a0 = a1
                there += -1 if there else 1
            while above[there] <= a0 < width:
                there += 2
        if a0 == width:
            return tuple(POSITIONS[position] for position in row if position < width)
    return None


def _made_up(part: int, tokens: Iterator[int]) -> int:
    """The whole run that begins with a make-up code."""
    run = part
    while 64 <= part < BAD:
        part = next(tokens, BAD)
        run += part
    return run
