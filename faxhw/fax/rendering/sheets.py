"""Sheets: a page between the edges of the far end's paper, below its header line.

No ink is lost. Where the page is too long for the paper, white rows at its end give way, and the header takes
the place of white ones at its top; if that is not enough the page is shrunk, and if that would make it too
small it is split, at a white row where there is one near the end of the sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faxhw.fax.rendering.layout import LEAST_SHRINK, Placement
from faxhw.t4.rows import Row, rows_from_bitmap

if TYPE_CHECKING:
    from PIL.Image import Image

_BAND = 256
"""Rows that are taken apart at a time."""
_GAP_WITHIN = 0.25
"""A split looks for a white row in so much of the sheet, from its end on."""
_SHRINK_MARGIN = 0.995
"""Shrunk a little further than need be, for strokes grow by parts of a dot."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it goes out."""

    width: int
    height: int
    bitmap: bytes
    """Packed, most significant bit first, 1 for black, each row filled up to an octet."""

    def rows(self) -> Iterator[Row]:
        """As the page coders take them, some at a time."""
        octets = (self.width + 7) // 8 * _BAND
        for start in range(0, len(self.bitmap), octets):
            yield from rows_from_bitmap(self.bitmap[start : start + octets], self.width)


def sheets(
    draw: Callable[[Placement], Image],
    placement: Placement,
    *,
    row_dots: int,
    most_rows: int,
    heading: Image | None,
) -> list[Sheet]:
    """The page that ``draw`` draws at ``placement``, on as many sheets as it needs."""
    top = heading.height if heading else 0
    room = most_rows - top
    page = _shorter(_no_wider(draw, placement, row_dots), room, top)
    if page.height > room and (shrink := room / page.height) >= LEAST_SHRINK:
        page = _shorter(draw(placement.smaller(shrink * _SHRINK_MARGIN)), room, top)
    return [_sheet(part, heading, row_dots) for part in _parts(page, room)]


def _no_wider(draw: Callable[[Placement], Image], placement: Placement, row_dots: int) -> Image:
    """A page that keeps its dots may hang over, if its edges are white."""
    page = draw(placement)
    if page.width <= row_dots:
        return page
    left, _, right, _ = _ink(page) or (0, 0, 0, 0)
    if right - left > row_dots:
        return draw(placement.smaller(row_dots / page.width))
    edge = min(max((page.width - row_dots) // 2, right - row_dots), left)
    return page.crop((edge, 0, edge + row_dots, page.height))


def _shorter(page: Image, room: int, top: int) -> Image:
    """The page without white rows below its ink, as far as they are too many.

    If it fits then but for some of the ``top`` rows that a header takes, without white ones above the ink.
    """
    spare = page.height - room
    if spare <= 0:
        return page
    _, first, _, last = _ink(page) or (0, 0, 0, 0)
    below = min(spare, page.height - last)
    above = spare - below if spare - below <= min(first, top) else 0
    return page.crop((0, above, page.width, page.height - below))


def _parts(page: Image, room: int) -> Iterator[Image]:
    start = 0
    while page.height - start > room:
        end = _gap(page, start, start + room)
        yield page.crop((0, start, page.width, end))
        start = end
    yield page.crop((0, start, page.width, page.height))


def _gap(page: Image, start: int, end: int) -> int:
    """Behind the last white row shortly before ``end``, or ``end`` if there is none."""
    earliest = end - int((end - start) * _GAP_WITHIN)
    strip = page.crop((0, earliest, page.width, end)).tobytes("raw", "1;I")
    octets = (page.width + 7) // 8
    white = bytes(octets)
    for row in range(end - earliest - 1, -1, -1):
        if strip[row * octets : (row + 1) * octets] == white:
            return earliest + row + 1
    return end


def _sheet(page: Image, heading: Image | None, row_dots: int) -> Sheet:
    """The page in the middle of its paper, below the heading."""
    from PIL import Image  # noqa: PLC0415

    if heading is not None or page.width != row_dots:
        top = heading.height if heading else 0
        paper = Image.new("1", (row_dots, top + page.height), 255)
        if heading is not None:
            paper.paste(heading, (0, 0))
        paper.paste(page, ((row_dots - page.width) // 2, top))
        page = paper
    return Sheet(page.width, page.height, page.tobytes("raw", "1;I"))


def _ink(page: Image) -> tuple[int, int, int, int] | None:
    """The box around all that is black."""
    from PIL import ImageChops  # noqa: PLC0415

    return ImageChops.invert(page).getbbox()
