"""Rows of a page as the positions where the colour changes, and packed bitmaps.

Every coder and decoder here works on changing elements (T.4 clause 4.2.1.1): a row is cheap to keep, to
compare and to code, however wide it is. Bitmaps are what images are made of: packed, most significant bit
first, 1 for black, each row filled up to an octet.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from itertools import compress
from operator import xor

Row = tuple[int, ...]
"""Positions of the changing elements, ascending: the first is the first black dot. ``()`` is all white."""

POSITIONS = tuple(range(8192))
"""One object for each position: a page of rows shares them, which keeps a grey page four times smaller."""

_TRUTH = bytes.maketrans(b"01", b"\x00\x01")


def rows_from_bitmap(data: bytes, width: int) -> list[Row]:
    """The rows of a packed bitmap; an incomplete row at the end is ignored."""
    octets, spare = (width + 7) // 8, -width % 8
    positions = POSITIONS if width <= len(POSITIONS) else tuple(range(width))
    rows: list[Row] = []
    last_packed = b""
    last_row: Row = ()
    for start in range(0, len(data) - octets + 1, octets):
        packed = data[start : start + octets]
        if packed != last_packed:
            dots = int.from_bytes(packed, "big") >> spare
            changes = f"{dots ^ dots >> 1:0{width}b}".encode().translate(_TRUTH)
            last_packed, last_row = packed, tuple(compress(positions, changes))
        rows.append(last_row)
    return rows


def bitmap_from_rows(rows: Iterable[Row], width: int) -> bytes:
    """The packed bitmap of the rows."""
    octets, onwards = (width + 7) // 8, _onwards(width)
    return b"".join(
        reduce(xor, map(onwards.__getitem__, row), 0).to_bytes(octets, "big") if row else bytes(octets)
        for row in rows
    )


@lru_cache(maxsize=4)
def _onwards(width: int) -> tuple[int, ...]:
    """For each position, a packed row that is black from there on: a row is the exclusive or of some."""
    spare = -width % 8
    return tuple(((1 << (width - position)) - 1) << spare for position in range(width))
