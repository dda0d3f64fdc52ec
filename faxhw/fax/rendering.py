"""Pages to send, from any image file that Pillow reads: as rows of the width and resolution negotiated.

Pages that are bilevel already keep their dots where they fit; everything else is scaled to the width of the
paper and dithered. Pillow is imported when the first document is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faxhw.errors import StorageError
from faxhw.session import Parameters
from faxhw.t4.rows import Row, rows_from_bitmap
from faxhw.tiff import reading

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_ROWS = 20_000
"""Two and a half metres at fine resolution: more is not a page but a mistake."""
_WHITE_ENOUGH = 192
"""Bilevel dots that are merged become white only if nearly all of them were: thin strokes stay."""
_HEADER_MM = 3.5


class PageSource:
    """The pages of an image file. Raises ``StorageError`` for what cannot be read as one."""

    def __init__(self, path: Path, header: str = "") -> None:
        self._path = path
        self._header = header
        with reading(path) as image:
            self.pages: int = getattr(image, "n_frames", 1)

    def rows(self, number: int, parameters: Parameters) -> list[Row]:
        """The rows of a page (from 0) as ``parameters`` want them."""
        from PIL import ImageChops  # noqa: PLC0415

        with reading(self._path, number) as image:
            page = _fitted(image, parameters)
        if self._header:
            page = _headed(page, self._header, parameters)
        return rows_from_bitmap(ImageChops.invert(page).tobytes(), page.width)


def _fitted(image: Image, parameters: Parameters) -> Image:
    """A bilevel image of the negotiated width, of the length that keeps its proportions."""
    from PIL.Image import Resampling  # noqa: PLC0415

    across, down = _dots_per_inch(image)
    target = parameters.resolution
    width = parameters.row_dots
    stretch = (target.y / down) / (target.x / across)
    same_rows = image.width == width and abs(stretch - 1) < 0.05
    height = image.height if same_rows else max(1, round(image.height * stretch * width / image.width))
    if height > MAX_ROWS:
        raise StorageError(f"a page to send would make {height} rows, more than {MAX_ROWS}")
    if image.mode == "1":
        if same_rows:
            return image.copy()
        scaled = image.convert("L").resize((width, height), Resampling.BOX)
        return scaled.point([0] * _WHITE_ENOUGH + [255] * (256 - _WHITE_ENOUGH), "1")
    return _on_white(image).resize((width, height), Resampling.LANCZOS).convert("1")


def _dots_per_inch(image: Image) -> tuple[float, float]:
    across, down = image.info.get("dpi", (1.0, 1.0))
    return (float(across), float(down)) if across and down else (1.0, 1.0)


def _on_white(image: Image) -> Image:
    """Shades of grey, whatever is transparent as white."""
    from PIL import Image  # noqa: PLC0415

    if not image.has_transparency_data:
        return image.convert("L")
    coloured = image.convert("RGBA")
    paper = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(paper, coloured).convert("L")


def _headed(page: Image, text: str, parameters: Parameters) -> Image:
    """The page below a strip with the header's text."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    resolution = parameters.resolution
    size = round(_HEADER_MM / 25.4 * resolution.x)
    strip = Image.new("L", (page.width, size), 255)
    ImageDraw.Draw(strip).text((size, 0), text, fill=0, font=ImageFont.load_default(size * 0.8))
    strip = strip.resize((page.width, round(size * resolution.y / resolution.x)))
    headed = Image.new("1", (page.width, strip.height + page.height), 255)
    headed.paste(strip.convert("1"), (0, 0))
    headed.paste(page, (0, strip.height))
    return headed
