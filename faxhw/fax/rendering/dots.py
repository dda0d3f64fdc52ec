"""Black and white from any picture, at the size that it has on the paper.

Bilevel pictures are scaled with a bias to black, so that thin strokes stay; where they are screened
photographs, their shades are found again and screened anew. Pictures in shades are sharpened, which keeps
text legible, and screened by clustered dots: error diffusion looks finer, but a fax codes it at four times
the length, and a photograph would be ten minutes on the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw.fax.rendering.layout import Placement
from faxhw.fax.rendering.originals import Original
from faxhw.terms import Resolution

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

_WHITE_ENOUGH = 192
"""Bilevel dots that are merged become white only if nearly all of them were: thin strokes stay."""
_BUSY_BOX = 24
_BUSY = 77
"""A box of so many dots a side is taken for screened where 30 % of its dots differ from their neighbours; in
text of any size it is less."""
_LEVELS = [max(0, min(255, round((value - 24) * 255 / (255 - 2 * 24)))) for value in range(256)]
"""What is nearly white is paper and what is nearly black is ink, free of stray dots."""
_NUMBERS = frozenset({"I", "F"})
"""Modes whose pixels are numbers of no certain range."""
_BAND = 256
"""Rows that are turned to grey at a time."""
_ON_OR_OFF = [0] + [255] * 255

_SCREEN = (
    (24, 10, 12, 26, 35, 47, 49, 37),
    (8, 0, 2, 14, 45, 59, 61, 51),
    (22, 6, 4, 16, 43, 57, 63, 53),
    (30, 20, 18, 28, 33, 41, 55, 39),
    (34, 46, 48, 36, 25, 11, 13, 27),
    (44, 58, 60, 50, 9, 1, 3, 15),
    (42, 56, 62, 52, 23, 7, 5, 17),
    (32, 40, 54, 38, 31, 21, 19, 29),
)
"""The order in which the dots of a cell turn white as it grows lighter: two clusters at 45 degrees."""


def bilevel(image: Image, original: Original, placement: Placement) -> Image:
    """The picture of mode "1" that ``placement`` wants of an opened image, upright or on its side."""
    moves = _moves(original.orientation, turned=placement.turned)
    size = placement.width, placement.height
    if sum(_swaps(each) for each in moves) % 2:
        size = size[1], size[0]
    if placement.kept:
        dots = image
        dots.load()
    elif image.mode == "1":
        dots = _merged(image, size, placement.resolution)
    else:
        dots = _screened(_shades(image, size), placement.resolution)
    for move in moves:
        dots = dots.transpose(move)
    return dots


def _moves(orientation: int, *, turned: bool) -> list[Transpose]:
    from PIL.Image import Transpose  # noqa: PLC0415

    upright = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    moves = [upright[orientation]] if orientation in upright else []
    return [*moves, Transpose.ROTATE_90] if turned else moves


def _swaps(move: Transpose) -> bool:
    from PIL.Image import Transpose  # noqa: PLC0415

    return move in (Transpose.TRANSPOSE, Transpose.TRANSVERSE, Transpose.ROTATE_90, Transpose.ROTATE_270)


# ----------------------------------------------------------------------------------------------------------
# From black and white


def _merged(image: Image, size: tuple[int, int], resolution: Resolution) -> Image:
    from PIL import Image  # noqa: PLC0415

    grey = image.convert("L").resize(size, Image.Resampling.BOX)
    solid = grey.point([0] * _WHITE_ENOUGH + [255] * (256 - _WHITE_ENOUGH), "1")
    busy = _busy(image, size)
    return solid if busy is None else Image.composite(_screened(grey, resolution), solid, busy)


def _busy(image: Image, size: tuple[int, int]) -> Image | None:
    """White where the picture is a screened one; ``None`` if that is nowhere, or no dots are merged."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    if size[0] >= image.width and size[1] >= image.height:
        return None
    changes = ImageChops.logical_xor(image, ImageChops.offset(image, 1, 0)).convert("L")
    boxes = (size[0] // _BUSY_BOX + 1, size[1] // _BUSY_BOX + 1)
    share = changes.resize(boxes, Image.Resampling.BOX)
    mask = share.point([0] * _BUSY + [255] * (256 - _BUSY), "1")
    return mask.resize(size, Image.Resampling.NEAREST) if mask.getbbox() else None


# ----------------------------------------------------------------------------------------------------------
# From shades


def _shades(image: Image, size: tuple[int, int]) -> Image:
    """Of mode "L", of that size, sharpened."""
    from PIL import Image, ImageFilter  # noqa: PLC0415

    if image.format == "JPEG" and image.mode in ("L", "RGB"):
        image.draft("L", size)  # unpacks no more of it than is wanted
    grey = _grey(image)
    if grey.size != size:
        grey = grey.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return grey.filter(ImageFilter.UnsharpMask(radius=3, percent=200, threshold=4)).point(_LEVELS)


def _grey(image: Image) -> Image:
    """Of mode "L"; band by band, for the steps between take up to four times the memory."""
    from PIL import Image  # noqa: PLC0415

    image.load()
    white = _white(image)
    grey = Image.new("L", image.size)
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height)))
        grey.paste(_grey_band(band, white), (0, top))
    return grey


def _grey_band(band: Image, white: float) -> Image:
    """What is transparent becomes white."""
    from PIL import Image  # noqa: PLC0415

    if band.mode in _NUMBERS:
        return band.convert("F").point(lambda value: value * (255 / white) + 0.0).convert("L")
    if band.mode.startswith("I;16"):
        return band.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if band.mode == "LAB":
        return band.getchannel("L")
    if not band.has_transparency_data:
        return band.convert("L")
    coloured = band.convert("RGBA")
    return Image.composite(coloured.convert("L"), Image.new("L", band.size, 255), coloured.getchannel("A"))


def _white(image: Image) -> float:
    """The number that stands for white: the least of 1, 255 and 65535 that none in the picture exceeds."""
    if image.mode not in _NUMBERS:
        return 255.0
    most = image.getextrema()[1]
    if not isinstance(most, (int, float)) or not most < float("inf"):
        raise ValueError("its shades are no numbers")
    limits = (255.0, 65535.0) if image.mode == "I" else (1.0, 255.0, 65535.0)
    return next((each for each in limits if most <= each), float(most))


def _screened(grey: Image, resolution: Resolution) -> Image:
    """Black wherever a dot is no lighter than the dot of the screen that lies on it."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    rows = _SCREEN if resolution.y > 150 else _SCREEN[::2]  # so that a cell is about as long as wide
    order = sorted(rank for row in rows for rank in row)
    thresholds = bytes(int((order.index(rank) + 0.5) * 255 / len(order)) for row in rows for rank in row)
    cell = Image.frombytes("L", (8, len(rows)), thresholds)
    band = Image.new("L", (grey.width, len(rows)))
    for left in range(0, grey.width, 8):
        band.paste(cell, (left, 0))
    screen = Image.new("L", grey.size)
    for top in range(0, grey.height, len(rows)):
        screen.paste(band, (0, top))
    return ImageChops.subtract(grey, screen).point(_ON_OR_OFF, "1")
