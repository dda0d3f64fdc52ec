"""Reading pages of any image file, through Pillow, which is imported when the first page is wanted.

Nothing in the file is trusted: what is broken, cut short, empty or absurdly large is a ``StorageError``, and
so is a pipe, which may never end, or a file that a program would have to run for.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from faxhw.errors import StorageError

if TYPE_CHECKING:
    from PIL import Image

Seen = TypeVar("Seen")

_BROKEN = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    SyntaxError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
    Warning,
    struct.error,
)
"""What Pillow raises at a file that is not what it says; a warning where Python is told to raise them."""
MOST_DOTS = 80_000_000
"""Of a page: two metres of A3 at 400 dots per inch, and less than what Pillow begins to warn of."""
MOST_PAGES = 9999
_MANY_PAGED = frozenset({"TIFF", "DCX"})
"""Formats whose frames are pages; others have animations, layers or previews: the first counts."""
_PROGRAMS = frozenset({"EPS", "WMF"})
"""Formats that Pillow has other programs draw: those would be at the mercy of what the file says."""
_NO_PAGE = 1 | 4
"""Bits of the tag NewSubfileType: a smaller version of another page, a mask (TIFF 6.0 section 8)."""


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
    """The image of a file, at a frame from 0; whatever goes wrong here or inside is a ``StorageError``.

    Raises ``EOFError`` if there is no such frame.
    """
    name = os.fspath(path)
    with _telling(name, "it" if page is None else f"page {page + 1}"), _opened(name) as image:
        if page is not None:
            image.seek(page)
        _check(image, name)
        yield image


def survey(path: str | os.PathLike[str], look: Callable[[Image.Image], Seen]) -> list[tuple[int, Seen]]:
    """What ``look`` sees in each page of a document, and the frame that ``reading`` knows the page by.

    Previews and masks in a TIFF are no pages. Raises ``StorageError`` for a page that cannot be read, whether
    here or in ``look``, and for more than ``MOST_PAGES``.
    """
    name = os.fspath(path)
    seen: list[tuple[int, Seen]] = []
    with _telling(name, "it"), _opened(name) as image:
        for frame in range(MOST_PAGES + 1 if image.format in _MANY_PAGED else 1):
            with _telling(name, f"page {frame + 1}"):
                try:
                    image.seek(frame)
                except EOFError:
                    break
                if _is_page(image):
                    _check(image, name)
                    seen.append((frame, look(image)))
    if len(seen) > MOST_PAGES:
        raise StorageError(f"{name!r} has more than {MOST_PAGES} pages: split it")
    return seen


@contextmanager
def _telling(name: str, what: str) -> Iterator[None]:
    """Turn what goes wrong inside, with a part of the file, into a ``StorageError``."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - slow to import, and seldom wanted

    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise StorageError(f"cannot read {name!r}: {what} is far too large for a fax") from error
    except UnidentifiedImageError as error:
        raise StorageError(f"cannot read {name!r}: {_no_image(name)}") from error
    except _BROKEN as error:
        reason = getattr(error, "strerror", None) or f"{what} is damaged ({error})"
        raise StorageError(f"cannot read {name!r}: {reason}") from error


@contextmanager
def _opened(name: str) -> Iterator[Image.Image]:
    from PIL import Image  # noqa: PLC0415

    mode = Path(name).stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a directory says that it is one
        raise StorageError(f"cannot read {name!r}: it is no file but a pipe or a device")
    # Given a name, Pillow maps the file into memory: one that is cut short meanwhile would kill the process,
    # and Pillow 13.0 garbles uncompressed TIFFs that are to be turned.
    with Path(name).open("rb") as file, Image.open(file) as image:
        if image.format in _PROGRAMS:
            raise StorageError(f"cannot read {name!r}: {image.format} is no image of dots, make a TIFF of it")
        yield image


def _check(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MOST_DOTS:
        raise StorageError(
            f"cannot read {name!r}: {width} by {height} dots are far too large for a fax, "
            f"at most {MOST_DOTS // 10**6} million dots are sent"
        )


def _is_page(image: Image.Image) -> bool:
    kind = image.tag_v2.get(254, 0) if image.format == "TIFF" else 0  # type: ignore[attr-defined]
    return not (isinstance(kind, int) and kind & _NO_PAGE)


def _no_image(name: str) -> str:
    with Path(name).open("rb") as file:
        start = file.read(5)
    if start.startswith((b"%PDF-", b"%!PS")):
        return "it is PDF or PostScript: have a TIFF made of it (Ghostscript's device tiffg4 makes one)"
    return "it is not an image, or it is damaged"


def _page(image: Image.Image) -> StoredPage:
    width, height = image.size
    dots = image.convert("1")
    return StoredPage(width, height, dots.tobytes("raw", "1;I"), _dots_per_inch(image))


def _dots_per_inch(image: Image.Image) -> tuple[float, float] | None:
    across, down = image.info.get("dpi", (0, 0))
    return (float(across), float(down)) if across > 0 and down > 0 else None
