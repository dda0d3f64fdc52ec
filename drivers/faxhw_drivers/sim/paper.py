"""The pages that a simulated fax sends: drawn for whatever width and resolution were settled."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from faxhw.t4.rows import Row, rows_from_bitmap
from faxhw.terms import Parameters
from faxhw_drivers.sim.far_end import PageRows

A4_INCHES = 11.69
_LINES = (
    "This page was sent by a simulated fax machine over a simulated",
    "telephone line, and received by the driver that real modems use.",
    "",
    "The quick brown fox jumps over the lazy dog. 0123456789",
    "Pack my box with five dozen liquor jugs! (+44 20 7946 0000)",
)


def pages(count: int) -> list[PageRows]:
    """So many pages, numbered."""
    return [_page(number, count) for number in range(1, count + 1)]


def _page(number: int, count: int) -> PageRows:
    def rows(parameters: Parameters) -> Iterable[Row]:
        height = round(A4_INCHES * parameters.resolution.y)
        return _drawn(number, count, parameters.row_dots, height)

    return rows


@lru_cache(maxsize=16)
def _drawn(number: int, count: int, width: int, height: int) -> tuple[Row, ...]:
    from PIL import Image, ImageChops, ImageDraw, ImageFont  # noqa: PLC0415 - only who sends pages pays for it

    # Drawn upright on a sheet as wide as the page, then brought to the page's rows: its dots are not square.
    sheet = Image.new("L", (width, width * 1414 // 1000), 255)
    draw = ImageDraw.Draw(sheet)
    unit = width // 60
    draw.text(
        (6 * unit, 6 * unit), f"Page {number} of {count}", fill=0, font=ImageFont.load_default(4 * unit)
    )
    for place, text in enumerate(_LINES):
        top = (14 + 3 * place) * unit
        draw.text((6 * unit, top), text, fill=0, font=ImageFont.load_default(3 * unit // 2))
    draw.rectangle((4 * unit, 4 * unit, width - 4 * unit, sheet.height - 4 * unit), outline=0, width=3)
    for ring in range(2 + number):
        radius = (3 + 3 * ring) * unit
        centre = (width // 2, 55 * unit)
        draw.ellipse(
            (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius),
            outline=0,
            width=1 + ring,
        )
    page = ImageChops.invert(sheet.resize((width, height))).point(lambda grey: 255 * (grey > 96), "1")
    return tuple(rows_from_bitmap(page.tobytes(), width))
