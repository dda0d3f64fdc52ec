"""Documents drawn for the line, and looked at as pictures again."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from faxhw.fax.rendering import PageSource, Sheet
from faxhw.terms import PageLength, PageWidth, Resolution


def picture(sheet: Sheet) -> Image.Image:
    """A sheet as an image of mode "1", black on white."""
    return Image.frombytes("1", (sheet.width, sheet.height), sheet.bitmap, "raw", "1;I")


def sheets(
    path: Path,
    resolution: Resolution = Resolution.FINE,
    width: PageWidth = PageWidth.A4,
    length: PageLength = PageLength.UNLIMITED,
    *,
    page: int = 0,
    heading: str = "",
) -> list[Image.Image]:
    """The sheets that a page of a file makes."""
    source = PageSource(path)
    return [picture(each) for each in source.sheets(source.plan(page, resolution, width, length, heading))]


def sheet(
    path: Path,
    resolution: Resolution = Resolution.FINE,
    width: PageWidth = PageWidth.A4,
    length: PageLength = PageLength.UNLIMITED,
    *,
    page: int = 0,
    heading: str = "",
) -> Image.Image:
    """The only one."""
    (only,) = sheets(path, resolution, width, length, page=page, heading=heading)
    return only


def ink(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> float:
    """The share of the dots that are black."""
    dots = image.crop(box) if box else image
    return dots.histogram()[0] / (dots.width * dots.height)
