"""What stands in a file to send: the size, density and direction of each page, from its header alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faxhw.terms import PageWidth, Resolution

if TYPE_CHECKING:
    from PIL.Image import Image

_MM = 25.4
SCREEN = 75.0
"""Dots per inch of an image that does not say them, or says fewer: that is a screen's density and no size."""
_MOST = 4800.0
_MOST_UNEVEN = 8.0
"""Dots that are longer than wide, or wider than long, by more than this are nonsense."""
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
"""Values of the tag Orientation by which the rows of the file are columns of the picture."""


@dataclass(frozen=True, slots=True)
class Original:
    """A page as it stands in the file, upright."""

    width: int
    """Dots."""
    height: int
    across: float
    """Dots per inch."""
    down: float
    sized: bool
    """Whether the file says how large the page is; else only its shape is known."""
    bilevel: bool
    orientation: int = 1
    """What is still to be done once it is read, as the tag Orientation counts (TIFF 6.0, EXIF)."""

    @property
    def mm_wide(self) -> float:
        return self.width / self.across * _MM

    @property
    def mm_long(self) -> float:
        return self.height / self.down * _MM

    def turned(self) -> Original:
        """The same page on its side."""
        return replace(self, width=self.height, height=self.width, across=self.down, down=self.across)


def describe(image: Image) -> Original:
    """The page that an opened image stands at. It need not be loaded yet, and must not be if it is a TIFF."""
    orientation = _orientation(image)
    width, height = _size(image)
    bilevel = image.mode == "1"
    across, down, sized = _density(image, width, bilevel=bilevel)
    if orientation in _QUARTER_TURNS:
        width, height, across, down = height, width, down, across
    # Pillow turns TIFFs itself while it loads them, and only them
    left = 1 if image.format == "TIFF" else orientation
    return Original(width, height, across, down, sized, bilevel, left)


def _size(image: Image) -> tuple[int, int]:
    """As stored: some versions of Pillow give a TIFF's size turned already, others do not."""
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]  # of TiffImageFile only
        return int(tags[256]), int(tags[257])
    return image.size


def _orientation(image: Image) -> int:
    try:
        value = image.getexif().get(274, 1)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the picture may be sound
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _density(image: Image, width: int, *, bilevel: bool) -> tuple[float, float, bool]:
    """Dots per inch across and down, and whether the file says them."""
    said = _pair(image.info.get("dpi")) or _pair(image.info.get("resolution"))
    if said is not None and all(SCREEN <= each <= _MOST for each in said):
        return *said, True
    if bilevel and (said is None or said[0] == said[1]) and (fax := _fax_density(width)):
        return float(fax.x), float(fax.y), True
    shape = said or _pair(image.info.get("aspect")) or _pair(image.info.get("jfif_density")) or (1.0, 1.0)
    return SCREEN, SCREEN * shape[1] / shape[0], False


def _fax_density(width: int) -> Resolution | None:
    """What a bilevel image of a fax's width is taken for where it does not say."""
    for resolution in (Resolution.FINE, Resolution.DPI_300, Resolution.R16_SUPERFINE):
        if any(paper.dots(resolution) == width for paper in PageWidth):
            return resolution
    return None


def _pair(value: object) -> tuple[float, float] | None:
    """Two numbers that may be densities, or at least each other's proportion."""
    try:
        across, down = (float(each) for each in value)  # type: ignore[attr-defined]  # whatever the file has
    except (TypeError, ValueError, ArithmeticError):
        return None
    fit = all(math.isfinite(each) and each > 0 for each in (across, down))
    return (across, down) if fit and 1 / _MOST_UNEVEN <= across / down <= _MOST_UNEVEN else None
