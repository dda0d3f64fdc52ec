#!/usr/bin/env python3
"""Makes a PNG that shows the pages of a fax side by side, with square dots whatever the fax's resolution was.

Usage: preview.py FAX.tif PREVIEW.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

DOTS_PER_INCH = 75
MARGIN = 8
COLUMNS = 4


def square(page: Image.Image) -> Image.Image:
    """A page in shades of grey, as many dots to the inch across as down."""
    across, down = (float(each) for each in page.info["dpi"])
    size = (round(page.width * DOTS_PER_INCH / across), round(page.height * DOTS_PER_INCH / down))
    return ImageOps.expand(page.convert("L").resize(size, Image.Resampling.BOX), border=1, fill=128)


def side_by_side(pages: list[Image.Image]) -> Image.Image:
    """All pages on one sheet."""
    width, height = (MARGIN + max(getattr(page, side) for page in pages) for side in ("width", "height"))
    columns = min(COLUMNS, len(pages))
    rows = -(-len(pages) // columns)
    sheet = Image.new("L", (columns * width + MARGIN, rows * height + MARGIN), 208)
    for number, page in enumerate(pages):
        row, column = divmod(number, columns)
        sheet.paste(page, (MARGIN + column * width, MARGIN + row * height))
    return sheet


def main(fax: Path, preview: Path) -> None:
    with Image.open(fax) as image:
        pages = [square(page) for page in ImageSequence.Iterator(image)]
    side_by_side(pages).save(preview)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
