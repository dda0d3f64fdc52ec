"""Pages for tests, drawn with Pillow: the same ones for the same arguments, like those that real faxes carry.

``page_bitmaps`` gives them in turn: text, a dithered photograph, a form of lines and boxes, text with a
picture, blank. Nothing is read from a file. A bitmap is packed, most significant bit first, 1 for black.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, TiffImagePlugin

from faxhw.t4.rows import Row, rows_from_bitmap

KINDS = ("text", "photo", "form", "mixed", "blank")


@dataclass(frozen=True, slots=True)
class PageBitmap:
    """One drawn page."""

    kind: str
    width: int
    height: int
    bits: bytes

    @property
    def rows(self) -> list[Row]:
        """As the page coders take it."""
        return rows_from_bitmap(self.bits, self.width)

    def image(self) -> Image.Image:
        """A Pillow image of mode "1" in which, as Pillow has it, white is 255."""
        return Image.frombytes("1", (self.width, self.height), self.bits, "raw", "1;I")


def page_bitmaps(count: int, width: int = 1728, rows: int = 1143, seed: int = 0) -> list[PageBitmap]:
    """So many pages, the kinds in turn, no two alike but the blank ones; 1143 rows are A4 at 98 an inch."""
    return [page_bitmap(KINDS[number % len(KINDS)], width, rows, seed + number) for number in range(count)]


@lru_cache(maxsize=64)
def page_bitmap(kind: str, width: int = 1728, rows: int = 1143, seed: int = 0) -> PageBitmap:
    """One page of a kind: one of ``KINDS``, or "black", "checkerboard" or "noise", which try the coders."""
    image = _DRAWN[kind](width, rows, random.Random(f"{kind} {seed}"))
    return PageBitmap(kind, width, rows, ImageChops.invert(image).tobytes())


def append_page(path: Path, image: Image.Image, **save: Any) -> None:
    """Add a page to a TIFF, or begin it, with parameters of Pillow's for this page alone."""
    with TiffImagePlugin.AppendingTiffWriter(os.fspath(path)) as file:
        image.save(file, "TIFF", **save)


def _blank(width: int, rows: int, _: random.Random) -> Image.Image:
    return Image.new("1", (width, rows), 255)


def _black(width: int, rows: int, _: random.Random) -> Image.Image:
    return Image.new("1", (width, rows), 0)


def _text(width: int, rows: int, dice: random.Random) -> Image.Image:
    image = _blank(width, rows, dice)
    draw = ImageDraw.Draw(image)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    size = max(8, min(36, rows // 12))
    for top in range(size, rows - 2 * size, size * 7 // 4):
        if dice.random() < 0.1:
            continue  # a blank line between paragraphs
        words = ("".join(dice.choices(letters, k=dice.randint(1, 9))) for _ in range(width // (4 * size)))
        draw.text((width // 12, top), " ".join(words), fill=0, font_size=size)
    return image


def _photo(width: int, rows: int, dice: random.Random) -> Image.Image:
    """Clouds of grey, turned to dots by error diffusion."""
    grains = Image.frombytes("L", (24, 24), dice.randbytes(24 * 24))
    return grains.resize((width, rows), Image.Resampling.BICUBIC).convert("1")


def _form(width: int, rows: int, dice: random.Random) -> Image.Image:
    image = _text(width, rows, dice)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        left, top = dice.randrange(width), dice.randrange(rows)
        draw.rectangle(
            (left, top, left + dice.randrange(width), top + dice.randrange(rows)), outline=0, width=3
        )
    return image


def _mixed(width: int, rows: int, dice: random.Random) -> Image.Image:
    image = _text(width, rows, dice)
    image.paste(_photo(width // 2, rows // 3, dice), (width // 4, rows // 3))
    return image


def _checkerboard(width: int, rows: int, _: random.Random) -> Image.Image:
    odd, even = (bytes([octet]) * ((width + 7) // 8) for octet in (0x55, 0xAA))
    return Image.frombytes("1", (width, rows), ((odd + even) * (rows // 2 + 1))[: len(odd) * rows])


def _noise(width: int, rows: int, dice: random.Random) -> Image.Image:
    return Image.frombytes("1", (width, rows), dice.randbytes((width + 7) // 8 * rows))


_DRAWN: dict[str, Callable[[int, int, random.Random], Image.Image]] = {
    "text": _text,
    "photo": _photo,
    "form": _form,
    "mixed": _mixed,
    "blank": _blank,
    "black": _black,
    "checkerboard": _checkerboard,
    "noise": _noise,
}
