"""A document to send: its pages described, and drawn on sheets when they are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from faxhw.errors import StorageError
from faxhw.fax.rendering.dots import bilevel
from faxhw.fax.rendering.header import strip, strip_rows
from faxhw.fax.rendering.layout import Placement, mm_on_a4, place, rows_allowed
from faxhw.fax.rendering.originals import Original, describe
from faxhw.fax.rendering.sheets import Sheet, sheets
from faxhw.terms import PageLength, PageWidth, Resolution
from faxhw.tiff import reading, survey

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_MM = 2500.0
"""Two and a half metres: more is not a page but a mistake."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the look of a page depends on: equal plans make equal sheets."""

    page: int
    """From 0."""
    resolution: Resolution
    width: PageWidth
    most_rows: int | None
    """On one sheet; ``None`` where the page fits in any case."""
    heading: str

    @property
    def row_dots(self) -> int:
        return self.width.dots(self.resolution)


class PageSource:
    """The pages of an image file. Raises ``StorageError`` for what cannot be read, or sent, as such."""

    def __init__(self, path: Path, *, thorough: bool = False) -> None:
        """Look at the header of each page, and if ``thorough`` at every dot."""
        self._path = path

        numbers = count(1)

        def look(image: Image) -> Original:
            original = describe(image)
            self._refuse_what_has_no_end(original, next(numbers))
            if thorough:
                image.load()
            return original

        seen = survey(path, look)
        if not seen:
            raise StorageError(f"{str(path)!r} has no page to send")
        self._frames = [frame for frame, _ in seen]
        self.originals = [original for _, original in seen]
        """The pages in order."""

    @property
    def pages(self) -> int:
        return len(self.originals)

    def plan(
        self, page: int, resolution: Resolution, width: PageWidth, length: PageLength, heading: str = ""
    ) -> Plan:
        """How a page, from 0, is to look in a format, below a header line if there is one."""
        most_rows = rows_allowed(resolution, length)
        placement = place(self.originals[page], resolution, width)
        rows = placement.height + (strip_rows(resolution) if heading else 0)
        return Plan(page, resolution, width, most_rows if rows > most_rows else None, heading)

    def sheets(self, plan: Plan) -> list[Sheet]:
        """The sheets that a page makes: one, unless it is too long for the paper."""
        try:
            with reading(self._path, self._frames[plan.page]) as image:
                return self._sheets(image, plan)
        except EOFError as error:
            raise StorageError(
                f"page {plan.page + 1} of {str(self._path)!r} is gone: the file was changed"
            ) from error

    def _sheets(self, image: Image, plan: Plan) -> list[Sheet]:
        original = describe(image)
        self._refuse_what_has_no_end(original, plan.page + 1)

        def draw(placement: Placement) -> Image:
            return bilevel(image, original, placement)

        return sheets(
            draw,
            place(original, plan.resolution, plan.width),
            row_dots=plan.row_dots,
            most_rows=plan.most_rows or rows_allowed(plan.resolution, PageLength.UNLIMITED),
            heading=strip(plan.heading, plan.row_dots, plan.resolution) if plan.heading else None,
        )

    def _refuse_what_has_no_end(self, original: Original, number: int) -> None:
        long = mm_on_a4(original)
        if long > LONGEST_MM:
            raise StorageError(
                f"page {number} of {str(self._path)!r} would be {long / 1000:.1f} m long, and at most "
                f"{LONGEST_MM / 1000:.1f} m are sent: cut it into pages"
            )
