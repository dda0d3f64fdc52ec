"""Reading pages of any image file, through Pillow, which is imported when the first page is wanted.

Nothing in the file is trusted: what is broken, cut short, empty or absurdly large is a ``StorageError``.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faxhw.errors import StorageError

if TYPE_CHECKING:
    from PIL import Image

_BROKEN = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    SyntaxError,
    ArithmeticError,
    MemoryError,
    Warning,
    struct.error,
)
"""What Pillow raises at a file that is not what it says; a warning where Python is told to raise them."""
_MOST_DOTS = 80_000_000
"""Two metres of A3 at 400 dots per inch, and less than what Pillow begins to warn of."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page of a file."""

    width: int
    height: int
    bitmap: bytes
    """Packed, most significant bit first, 1 for black, each row filled up to an octet; greys are dithered."""
    dots_per_inch: tuple[float, float] | None
    """Across and down, as the file says; ``None`` if it does not."""


def pages_of(path: str | os.PathLike[str]) -> Iterator[StoredPage]:
    """The pages of an image file, read one at a time. Raises ``StorageError`` where one cannot be read."""
    number = 0
    while True:
        try:
            with reading(path, number) as image:
                page = _page(image)
        except EOFError:
            return
        yield page
        number += 1


@contextmanager
def reading(path: str | os.PathLike[str], page: int | None = None) -> Iterator[Image.Image]:
    """The image of a file, at a page from 0; whatever goes wrong here or inside is a ``StorageError``.

    Raises ``EOFError`` if there is no such page.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - slow to import, and seldom wanted

    name = os.fspath(path)
    what = "it" if page is None else f"page {page + 1}"
    try:
        with Image.open(name) as image:
            if page is not None:
                image.seek(page)
            yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise StorageError(f"cannot read {name!r}: {what} is far too large for a fax") from error
    except UnidentifiedImageError as error:
        raise StorageError(f"cannot read {name!r}: it is not an image, or it is damaged") from error
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or f"{what} is damaged ({error})"
        raise StorageError(f"cannot read {name!r}: {reason}") from error


def _page(image: Image.Image) -> StoredPage:
    width, height = image.size
    if width * height > _MOST_DOTS:
        raise ValueError(f"{width} by {height} dots")
    dots = image.convert("1")
    return StoredPage(width, height, dots.tobytes("raw", "1;I"), _dots_per_inch(image))


def _dots_per_inch(image: Image.Image) -> tuple[float, float] | None:
    across, down = image.info.get("dpi", (0, 0))
    return (float(across), float(down)) if across > 0 and down > 0 else None
