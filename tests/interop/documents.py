"""Documents that programs of others send and receive: written, and compared, by Pillow alone."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageSequence


def write_tiff(path: Path, pages: list[Image.Image], dots_down: int) -> None:
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4", dpi=(204, dots_down))


def pixels(path: Path) -> list[tuple[tuple[int, int], bytes]]:
    with Image.open(path) as document:
        return [(page.size, page.convert("1").tobytes()) for page in ImageSequence.Iterator(document)]
