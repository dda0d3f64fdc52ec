"""How a page goes onto paper: which format suits it, how large it is there, and whether it is turned.

A page keeps its size where it fits; it is made smaller, in proportion, where it is wider than the paper, and
turned by a quarter where it is a landscape that fits better so. Bilevel pages keep their very dots where the
far end has their resolution; metric and inch-based ones count as the same (R8 by 7.7 lines/mm as 200 by 200
dots an inch, and so on, T.30 table 2 notes: 2 % either way), because scaling would hurt text more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from faxhw.fax.rendering.originals import Original
from faxhw.terms import Format, Formats, PageLength, PageWidth, Resolution

_MM = 25.4
_WIDE = {PageWidth.A4: 215.0, PageWidth.B4: 255.0, PageWidth.A3: 303.0}
"""Millimetres of a row (T.4 clause 2)."""
_SHEET_LONG = {PageWidth.A4: 297.0, PageWidth.B4: 364.0, PageWidth.A3: 420.0}
"""Millimetres of the sheet of paper that goes with a width."""
_LONGEST = {PageLength.A4: 297.0, PageLength.B4: 364.0}
_FITS = 0.97
"""A page that must be shrunk by less fits: 1728 dots at 200 an inch are 219 mm."""
_SLACK = 1.01
"""A page may be longer than the paper by this factor: lengths are rounded, 7.7 rows a mm called 196 dpi."""
_WORTH_TURNING = 1.1
"""A page is turned if it comes out larger by this factor."""
MOST_ROWS = 20_000
"""More on one sheet, even of unlimited length, is more than receivers hold (ours among them)."""
_BANNER = 2
"""A picture so many times as wide as high has not the shape of a page."""
LEAST_SHRINK = 0.6
"""A page too long for the paper is shrunk to fit as far as this, and beyond it split: text of 10 points
becomes one of 6."""
_SAME_DOTS = 0.05
"""Dots whose sides differ by no more, as a share, are taken for each other."""
_OVERHANG = 1.02
"""Bilevel pages may be wider than the row by this factor, where their edges are white: letter paper at 204
dots an inch is 1734 dots wide."""

_ORDINARY = (Resolution.FINE, Resolution.DPI_200)
_COARSE = (Resolution.STANDARD, Resolution.DPI_200_100)
_DENSEST_FIRST = sorted(Resolution, key=lambda each: -each.x * each.y)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a page comes to stand."""

    resolution: Resolution
    width: int
    """Dots of the fax."""
    height: int
    turned: bool
    kept: bool
    """Whether its dots are the fax's dots, and none is to be scaled."""

    def smaller(self, factor: float) -> Placement:
        return replace(
            self,
            width=max(1, int(self.width * factor)),
            height=max(1, int(self.height * factor)),
            kept=False,
        )


def choose(original: Original, formats: Formats, in_force: Format | None = None) -> Format:
    """The format that suits a page; its coding is left at MH.

    The paper is the narrowest on which the page fits in its own size. Shades go at fine resolution (204 by
    196 or 200 by 200) and no more, for a photograph at 400 by 400 costs four times the minutes. Bilevel pages
    go dot for dot where the far end has their resolution, else at the finest that is no finer than they are.
    The format in force is kept where it is as good. The length is the longest that the far end takes.
    """
    paper = _paper(original, formats.width)
    turned = better_turned(original, paper)
    page = original.turned() if turned else original
    resolutions = _suitable(page, paper, formats.resolutions)
    keep = in_force is not None and in_force.width is paper and in_force.resolution in resolutions
    resolution = in_force.resolution if in_force is not None and keep else resolutions[0]
    return Format(resolution=resolution, width=paper, length=formats.length)


def place(original: Original, resolution: Resolution, paper: PageWidth) -> Placement:
    """Where a page stands on paper of a width at a resolution."""
    turned = better_turned(original, paper)
    page = original.turned() if turned else original
    row_dots = paper.dots(resolution)
    if page.bilevel and _same_dots(page, resolution) and page.width <= row_dots * _OVERHANG:
        return Placement(resolution, page.width, page.height, turned, kept=True)
    wide, long = page.mm_wide / _MM * resolution.x, page.mm_long / _MM * resolution.y
    scale = min(1.0, row_dots / wide)
    on_a_sheet = min(scale, _SHEET_LONG[paper] / page.mm_long)
    if turned or (not page.sized and on_a_sheet >= LEAST_SHRINK * scale):
        scale = on_a_sheet
    width, height = min(row_dots, max(1, round(wide * scale))), max(1, round(long * scale))
    return Placement(resolution, width, height, turned, kept=False)


def rows_allowed(resolution: Resolution, length: PageLength) -> int:
    """The most rows of a page."""
    longest = _LONGEST.get(length)
    return MOST_ROWS if longest is None else int(longest * _SLACK / _MM * resolution.y)


def mm_on_a4(original: Original) -> float:
    """How long a page is in millimetres once it fits the width of A4."""
    return place(replace(original, bilevel=False), Resolution.FINE, PageWidth.A4).height / 196 * _MM


def better_turned(original: Original, paper: PageWidth) -> bool:
    """Whether a page is a landscape that comes out notably larger on its side.

    A picture of no known size must have the shape of a page for that: a banner stays upright.
    """
    banner = not original.sized and original.mm_wide > _BANNER * original.mm_long
    if banner or original.mm_wide <= original.mm_long:
        return False
    return _fit(original.turned(), paper) > _WORTH_TURNING * _fit(original, paper)


def _paper(original: Original, widest: PageWidth) -> PageWidth:
    """The narrowest paper that the page fits across, in its own size."""
    papers = tuple(PageWidth)
    allowed = papers[: papers.index(widest) + 1]
    if not original.sized:
        return allowed[0]
    for paper in allowed:
        if _is_row_of(original, paper):  # a short one might fit a narrower paper on its side
            return paper
    for paper in allowed:
        page = original.turned() if better_turned(original, paper) else original
        if _WIDE[paper] / page.mm_wide >= _FITS:
            return paper
    return allowed[-1]


def _is_row_of(original: Original, paper: PageWidth) -> bool:
    """Whether the page is a fax page of that width."""
    return original.bilevel and any(
        original.width == paper.dots(each) and _same_dots(original, each) for each in Resolution
    )


def _fit(page: Original, paper: PageWidth) -> float:
    """By how much a page is to be shrunk to fit on a sheet: 1.0 for not at all."""
    return min(1.0, _WIDE[paper] / page.mm_wide, _SHEET_LONG[paper] / page.mm_long)


def _suitable(page: Original, paper: PageWidth, available: frozenset[Resolution]) -> list[Resolution]:
    """The resolutions that are equally good for a page, the best first."""
    ordinary = _among(_ORDINARY, available) or _among(_COARSE, available)
    if not page.bilevel:
        return ordinary
    scale = min(1.0, _WIDE[paper] / page.mm_wide)
    if scale >= _FITS and (same := [each for each in available if _same_dots(page, each)]):
        return sorted(same, key=lambda each: abs(page.across - each.x) + abs(page.down - each.y))
    across, down = (density / scale * (1 + _SAME_DOTS) for density in (page.across, page.down))
    finest = next(
        (each for each in _DENSEST_FIRST if each in available and each.x <= across and each.y <= down), None
    )
    if finest is None or finest in _ORDINARY:
        return ordinary
    return _among(_COARSE, available) if finest in _COARSE else [finest]


def _among(wanted: Iterable[Resolution], available: frozenset[Resolution]) -> list[Resolution]:
    return [each for each in wanted if each in available]


def _same_dots(page: Original, resolution: Resolution) -> bool:
    return (
        abs(page.across / resolution.x - 1) <= _SAME_DOTS and abs(page.down / resolution.y - 1) <= _SAME_DOTS
    )
