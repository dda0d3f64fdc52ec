"""The header line on top of each page: its template, and the strip that it makes.

In a template ``{page}``, ``{pages}``, ``{from}`` and ``{to}`` stand for the page's number, how many there
are, our number and the number called; ``%Y``, ``%m``, ``%d``, ``%H``, ``%M`` and the others of ``strftime``
that are in ``_TIMES`` for the time at which the fax began, ``%%`` for a percent sign. Whatever else it has
stays as it is. Pillow's own font, which every machine has, knows few letters beyond ASCII: others are drawn
without their accents, or as a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from faxhw.terms import Resolution

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

_MM = 25.4
_STRIP_MM = 4.0
_LETTERS_MM = 3.2
"""From the top of the highest letter to the foot of the deepest, about: 12 rows at standard resolution."""
_LEAST_LETTERS_MM = 2.2
_MARGIN_MM = 8.0
_DRAWN_AT = 600
"""Dots per inch at which it is drawn, before it is brought to the fax's."""
_DARK_ENOUGH = 160
_MOST_OF_A_FIELD = 40

_BEYOND_ASCII = frozenset("©«°±·»“”…")
"""What else the font has, and is worth keeping."""
_INSTEAD = str.maketrans(
    dict(zip("øØłŁđĐ•", "oOlLdD·", strict=True))
    | dict(zip("\u2018\u2019\u2039\u203a\u2044\u2013\u2014\u2212\xd7\xa0", "''<>/---x ", strict=True))
    | {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "€": "EUR", "£": "GBP"}
)
"""For what Unicode takes for letters of their own, for quotation marks, dashes and signs."""

_TIMES = "aAbBdHIjmMpSyYZz%"
_FIELD = re.compile(r"\{(page|pages|from|to)\}|%([" + _TIMES + "])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A header line, as far as it is the same on all pages."""

    template: str
    began: datetime
    sender: str = ""
    receiver: str = ""

    def text(self, page: int, pages: int) -> str:
        """The line of a page, counted from 1."""
        fields = {"page": str(page), "pages": str(pages), "from": self.sender, "to": self.receiver}

        def value(found: re.Match[str]) -> str:
            name, directive = found.groups()
            return _printable(fields[name]) if name else self.began.strftime("%" + directive)

        return _FIELD.sub(value, self.template)


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:_MOST_OF_A_FIELD]


def drawable(text: str) -> str:
    """The text in letters that the font has."""
    letters = unicodedata.normalize("NFC", text).translate(_INSTEAD)
    return "".join(each if _has(each) else _plain(each) for each in letters)


def _plain(letter: str) -> str:
    """A letter without its accents, or a question mark."""
    parts = unicodedata.normalize("NFKD", letter)
    base = "".join(each for each in parts if not unicodedata.combining(each)).translate(_INSTEAD)
    return base if all(map(_has, base)) else "?"


def _has(letter: str) -> bool:
    return " " <= letter <= "~" or letter in _BEYOND_ASCII


def strip_rows(resolution: Resolution) -> int:
    """How many rows the strip takes."""
    return round(_STRIP_MM / _MM * resolution.y)


def strip(text: str, row_dots: int, resolution: Resolution) -> Image:
    """The strip of mode "1" with the text; what is too long for the line is made smaller, or else cut."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    canvas = Image.new("L", (row_dots * _DRAWN_AT // resolution.x, _dots(_STRIP_MM)), 255)
    pen = ImageDraw.Draw(canvas)
    margin = _dots(_MARGIN_MM)
    text, font = _fitting(drawable(text), canvas.width - 2 * margin)
    pen.text((margin, canvas.height // 2), text, fill=0, font=font, anchor="lm")
    rows = canvas.resize((row_dots, strip_rows(resolution)), Image.Resampling.BOX)
    return rows.point([0] * _DARK_ENOUGH + [255] * (256 - _DARK_ENOUGH), "1")


def _fitting(text: str, width: int) -> tuple[str, FreeTypeFont | ImageFont]:
    from PIL import ImageFont  # noqa: PLC0415

    font = ImageFont.load_default(_dots(_LETTERS_MM))
    taken = font.getlength(text)
    if taken <= width:
        return text, font
    size = max(_dots(_LEAST_LETTERS_MM), int(_dots(_LETTERS_MM) * width / taken))
    font = ImageFont.load_default(size)
    while font.getlength(text) > width:
        text = text[:-2].rstrip() + "…"
    return text, font


def _dots(mm: float) -> int:
    return round(mm / _MM * _DRAWN_AT)
