"""Documents that programs of others send and receive: written, and compared, by Pillow alone."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageSequence

_PHOTOMETRIC, _MIN_IS_WHITE = 262, 0
_ROWS_PER_STRIP = 278


def write_tiff(path: Path, pages: list[Image.Image], dots_down: int) -> None:
    """As fax programs want it: each page in one strip and white as zeros.

    HylaFAX sends the first strip of a page and no more, and turns black and white over where white is ones.
    """
    as_wanted = {_PHOTOMETRIC: _MIN_IS_WHITE, _ROWS_PER_STRIP: max(page.height for page in pages)}
    pages[0].save(
        path,
        save_all=True,
        append_images=pages[1:],
        compression="group4",
        dpi=(204, dots_down),
        tiffinfo=as_wanted,
    )


def pixels(path: Path) -> list[tuple[tuple[int, int], bytes]]:
    with Image.open(path) as document:
        return [(page.size, page.convert("1").tobytes()) for page in ImageSequence.Iterator(document)]
