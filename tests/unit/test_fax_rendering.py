"""Which format suits a page, and where it comes to stand on the paper."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faxhw.fax.rendering.layout import choose, place
from faxhw.fax.rendering.originals import SCREEN, Original, describe
from faxhw.terms import Coding, Format, Formats, PageLength, PageWidth, Resolution

A4, B4, A3 = PageWidth
STANDARD, FINE, SUPERFINE, R16, DPI_200, DPI_200_100, DPI_300, DPI_400 = Resolution
USUAL = frozenset({STANDARD, FINE})
ALL = frozenset(Resolution)


def formats(resolutions: frozenset[Resolution] = USUAL, width: PageWidth = A4) -> Formats:
    return Formats(frozenset(Coding), resolutions, width, PageLength.UNLIMITED)


def fax_page(resolution: Resolution, paper: PageWidth = A4, rows: int = 1000) -> Original:
    """A bilevel page that fits a format to the dot."""
    return Original(paper.dots(resolution), rows, resolution.x, resolution.y, sized=True, bilevel=True)


def scan(mm_wide: float, mm_long: float, dpi: float = 300, *, bilevel: bool = False) -> Original:
    width, height = (max(1, round(mm / 25.4 * dpi)) for mm in (mm_wide, mm_long))
    return Original(width, height, dpi, dpi, sized=True, bilevel=bilevel)


def picture(width: int, height: int) -> Original:
    """One whose size the file does not say."""
    return Original(width, height, SCREEN, SCREEN, sized=False, bilevel=False)


# ----------------------------------------------------------------------------------------------------------
# The format


@pytest.mark.parametrize("resolution", Resolution)
@pytest.mark.parametrize("paper", PageWidth)
def test_a_fax_page_goes_dot_for_dot_where_the_far_end_has_its_format(
    resolution: Resolution, paper: PageWidth
) -> None:
    page = fax_page(resolution, paper)
    chosen = choose(page, formats(ALL, A3))
    assert chosen == Format(resolution=resolution, width=paper, length=PageLength.UNLIMITED)
    placed = place(page, chosen.resolution, chosen.width)
    assert (placed.width, placed.height, placed.kept) == (page.width, page.height, True)


@pytest.mark.parametrize(
    ("resolution", "available", "expected"),
    [
        (DPI_200, USUAL, FINE),  # metric and inch count as the same
        (DPI_200_100, USUAL, STANDARD),
        (DPI_400, USUAL | {R16}, R16),
        (FINE, frozenset({STANDARD, DPI_200}), DPI_200),
        (FINE, frozenset({STANDARD}), STANDARD),
        (SUPERFINE, USUAL, FINE),
        (DPI_300, USUAL | {SUPERFINE}, FINE),  # 391 rows would be more than there is
        (DPI_400, USUAL | {SUPERFINE}, SUPERFINE),
        (DPI_400, USUAL | {SUPERFINE, DPI_300}, DPI_300),
        (R16, frozenset({STANDARD}), STANDARD),
    ],
)
def test_without_its_resolution_the_next_that_is_no_finer(
    resolution: Resolution, available: frozenset[Resolution], expected: Resolution
) -> None:
    assert choose(fax_page(resolution), formats(available)).resolution is expected


def test_a_scan_of_600_dots_an_inch_has_the_detail_for_the_finest() -> None:
    page = scan(210, 297, 600, bilevel=True)
    assert choose(page, formats(ALL)).resolution is DPI_400
    assert choose(page, formats(ALL - {DPI_400})).resolution is R16
    assert choose(page, formats(USUAL)).resolution is FINE


@pytest.mark.parametrize("page", [scan(210, 297, 600), picture(4000, 3000), picture(40, 30)])
def test_shades_go_at_fine_resolution_and_no_finer(page: Original) -> None:
    assert choose(page, formats(ALL)).resolution is FINE
    assert choose(page, formats(ALL - {FINE})).resolution is DPI_200
    assert choose(page, formats(ALL - {FINE, DPI_200})).resolution is STANDARD


def test_the_resolution_in_force_is_kept_where_it_is_as_good() -> None:
    photo = picture(4000, 3000)
    assert choose(photo, formats(ALL), Format(resolution=DPI_200)).resolution is DPI_200
    assert choose(photo, formats(ALL), Format(resolution=DPI_400)).resolution is FINE
    assert choose(fax_page(DPI_200), formats(ALL), Format(resolution=FINE)).resolution is FINE
    assert choose(fax_page(DPI_200), formats(ALL), Format(resolution=FINE, width=B4)).resolution is DPI_200


@pytest.mark.parametrize(
    ("page", "widest", "expected"),
    [
        (scan(210, 297), A3, A4),
        (scan(216, 279), A3, A4),
        (scan(216, 356), A3, A4),
        (scan(257, 364), A3, B4),
        (scan(297, 420), A3, A3),
        (scan(297, 420), B4, B4),
        (scan(297, 420), A4, A4),
        (scan(297, 210), A3, A4),  # on its side
        (scan(420, 297), A3, A3),
        (scan(210, 900), A3, A4),
        (scan(600, 210), A3, A4),
        (scan(841, 1189), A3, A3),
        (scan(80, 200), A3, A4),
        (picture(12000, 9000), A3, A4),
    ],
)
def test_the_narrowest_paper_on_which_the_page_keeps_its_size(
    page: Original, widest: PageWidth, expected: PageWidth
) -> None:
    assert choose(page, formats(ALL, widest)).width is expected


# ----------------------------------------------------------------------------------------------------------
# The place on the paper


@pytest.mark.parametrize(
    ("page", "mm", "turned"),
    [
        (scan(210, 297), (210, 297), False),
        (scan(216, 279), (215.2, 278.2), False),  # letter is a little wider than a row
        (scan(148, 210), (148, 210), False),
        (scan(80, 200), (80, 200), False),
        (scan(210, 900), (210, 900), False),
        (scan(430, 600), (215.2, 300.2), False),
        (scan(297, 210), (210, 297), True),
        (scan(279, 216), (215.2, 278.2), True),
        (scan(148, 105), (148, 105), False),  # fits as it is
        (scan(215, 200), (215, 200), False),
        (picture(3000, 4000), (215.2, 286.9), False),
        (picture(4000, 3000), (215.2, 286.9), True),
        (picture(1920, 1080), (167.1, 297), True),
        (picture(1080, 2400), (133.7, 297), False),
        (picture(1080, 9000), (215.2, 1793), False),  # to fit it on a sheet would make it too small
        (picture(300, 150), (101.6, 50.8), False),
        (picture(4000, 400), (215.2, 21.5), False),  # a banner
        (scan(840, 84), (29.7, 297), True),
        (picture(1, 1), (0.3387, 0.3387), False),
    ],
)
def test_how_large_a_page_comes_out(page: Original, mm: tuple[float, float], turned: bool) -> None:
    placed = place(page, FINE, A4)
    assert [placed.width / 204 * 25.4, placed.height / 196 * 25.4] == pytest.approx(mm, rel=0.005, abs=0.2)
    assert placed.turned is turned


def test_letter_paper_at_204_dots_an_inch_hangs_over_and_keeps_its_dots() -> None:
    page = Original(1734, 2156, 204, 196, sized=True, bilevel=True)
    assert place(page, FINE, A4).kept
    assert not place(Original(1800, 2156, 204, 196, sized=True, bilevel=True), FINE, A4).kept


ORIGINALS = st.builds(
    lambda width, height, dpi, stretch, sized, bilevel: Original(
        width, height, dpi, dpi * stretch, sized, bilevel
    ),
    width=st.integers(1, 20000),
    height=st.integers(1, 20000),
    dpi=st.floats(75, 4800),
    stretch=st.floats(0.2, 5),
    sized=st.booleans(),
    bilevel=st.booleans(),
)


@given(ORIGINALS, st.sampled_from(PageWidth), st.sets(st.sampled_from(Resolution)))
def test_any_page_fits_the_row_and_keeps_its_proportions(
    page: Original, widest: PageWidth, resolutions: set[Resolution]
) -> None:
    chosen = choose(page, formats(frozenset(resolutions | {STANDARD}), widest))
    assert chosen.resolution in resolutions | {STANDARD}
    assert list(PageWidth).index(chosen.width) <= list(PageWidth).index(widest)
    placed = place(page, chosen.resolution, chosen.width)
    assert 1 <= placed.width <= chosen.width.dots(chosen.resolution) * (1.02 if placed.kept else 1)
    upright = page.turned() if placed.turned else page
    proportion = (placed.width / chosen.resolution.x) / (placed.height / chosen.resolution.y)
    if min(placed.width, placed.height) >= 50:  # a dot cannot be halved
        off = 0.11 if placed.kept else 0.02  # 5 % across and 5 % down
        assert proportion == pytest.approx(upright.mm_wide / upright.mm_long, rel=off)


# ----------------------------------------------------------------------------------------------------------
# What a file says of its pages


def described(image: Image.Image, kind: str, **save: object) -> Original:
    file = io.BytesIO()
    image.save(file, kind, **save)
    file.seek(0)
    with Image.open(file) as opened:
        return describe(opened)


@pytest.mark.parametrize(
    ("dpi", "expected"),
    [
        ((204, 98), (204, 98, True)),
        ((300, 300), (300, 300, True)),
        ((72, 72), (SCREEN, SCREEN, False)),
        ((1, 1), (SCREEN, SCREEN, False)),
        ((10, 20), (SCREEN, 2 * SCREEN, False)),
        ((0, 0), (SCREEN, SCREEN, False)),
        ((0, 300), (SCREEN, SCREEN, False)),
        ((1_000_000, 1_000_000), (SCREEN, SCREEN, False)),
        ((4000, 100), (SCREEN, SCREEN, False)),
    ],
)
def test_densities(dpi: tuple[int, int], expected: tuple[float, float, bool]) -> None:
    page = described(Image.new("L", (30, 20)), "TIFF", dpi=dpi)
    assert (page.across, page.down, page.sized) == expected


def test_a_density_by_the_centimetre() -> None:
    page = described(Image.new("L", (30, 20)), "TIFF", resolution_unit=3, resolution=80)
    assert page.across == page.down == pytest.approx(203.2)


@pytest.mark.parametrize(
    "nonsense", [(float("nan"), 200.0), (float("inf"), 200.0), (-200.0, -200.0), "200", 7]
)
def test_densities_that_are_none(nonsense: object) -> None:
    image = Image.new("L", (30, 20))
    image.info["dpi"] = nonsense
    page = describe(image)
    assert (page.across, page.down, page.sized) == (SCREEN, SCREEN, False)


def test_a_shape_without_a_density() -> None:
    image = Image.new("L", (30, 20))
    image.info["aspect"] = (2, 1)
    assert (describe(image).across, describe(image).down) == (SCREEN, SCREEN / 2)


@pytest.mark.parametrize("width", [1728, 2048, 2432])
def test_a_bilevel_image_of_a_faxs_width_is_a_fax(width: int) -> None:
    page = described(Image.new("1", (width, 20)), "PNG")
    assert (page.across, page.down, page.sized, page.bilevel) == (204, 196, True, True)
    assert described(Image.new("L", (width, 20)), "PNG").sized is False


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "PNG"])
def test_orientations(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    page = described(Image.new("L", (30, 20)), kind, exif=exif, dpi=(300, 150))
    sideways = 5 <= orientation <= 8
    assert (page.width, page.height) == ((20, 30) if sideways else (30, 20))
    assert (page.across, page.down) == pytest.approx((150, 300) if sideways else (300, 150), rel=0.001)


def test_a_picture_is_sound_though_its_exif_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.new("L", (30, 20))

    def damaged() -> Image.Exif:
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(image, "getexif", damaged)
    assert describe(image).orientation == 1
