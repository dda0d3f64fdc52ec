"""Black and white from any picture: dots kept where they fit, strokes and shades kept where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from faxhw.fax.rendering import PageSource
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import rows_from_bitmap
from faxhw.terms import Coding, PageLength, PageWidth, Resolution
from tests.pages import page_bitmap

from .sheet_pictures import ink, picture, sheet

FINE, STANDARD = Resolution.FINE, Resolution.STANDARD
A4_FINE = (1716, 2297)
"""210 by 297 mm, in dots of 204 by 196."""


def same(one: Image.Image, other: Image.Image) -> bool:
    return (
        one.size == other.size and one.mode == other.mode and not ImageChops.logical_xor(one, other).getbbox()
    )


def arrow(size: tuple[int, int], mode: str = "1") -> Image.Image:
    """Black in the upper left quarter, and in the upper half of the right edge."""
    image = Image.new(mode, size, "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, size[0] // 2, size[1] // 4), fill=0)
    pen.rectangle((size[0] * 7 // 8, 0, size[0], size[1] // 2), fill=0)
    return image


# ----------------------------------------------------------------------------------------------------------
# Dots kept


@pytest.mark.parametrize("resolution", Resolution)
@pytest.mark.parametrize("white_is", [0, 1])
@pytest.mark.parametrize("compression", ["group3", "group4", "raw"])
def test_a_fax_page_is_kept_dot_for_dot(
    tmp_path: Path, resolution: Resolution, white_is: int, compression: str
) -> None:
    page = page_bitmap("mixed", PageWidth.B4.dots(resolution), 120)
    path = tmp_path / "fax.tif"
    page.image().save(path, compression=compression, dpi=resolution.value, tiffinfo={262: white_is})
    assert same(sheet(path, resolution, PageWidth.B4), page.image())


def test_rows_are_those_of_the_picture(tmp_path: Path) -> None:
    page = page_bitmap("mixed", 1728, 700)
    page.image().save(tmp_path / "fax.tif", compression="group4", dpi=(204, 98))
    source = PageSource(tmp_path / "fax.tif")
    (only,) = source.sheets(source.plan(0, STANDARD, PageWidth.A4, PageLength.UNLIMITED))
    assert list(only.rows()) == page.rows
    assert (only.width, only.height) == (1728, 700)


def test_a_narrower_page_stands_in_the_middle_of_the_paper(tmp_path: Path) -> None:
    page = page_bitmap("mixed", 1700, 500)
    page.image().save(tmp_path / "letter.tif", compression="group4", dpi=(200, 200))
    for resolution in (Resolution.DPI_200, FINE):
        drawn = sheet(tmp_path / "letter.tif", resolution)
        assert drawn.size == (1728, 500)
        assert same(drawn.crop((14, 0, 1714, 500)), page.image())
        assert ink(drawn, (0, 0, 14, 500)) == ink(drawn, (1714, 0, 1728, 500)) == 0
    assert sheet(tmp_path / "letter.tif", FINE, PageWidth.A3).size == (2432, 500)


def test_what_hangs_over_is_left_out_where_it_is_white(tmp_path: Path) -> None:
    page = Image.new("1", (1734, 300), 255)
    ImageDraw.Draw(page).rectangle((5, 20, 1730, 280), outline=0)
    page.save(tmp_path / "letter.tif", compression="group4", dpi=(204, 196))
    assert same(sheet(tmp_path / "letter.tif"), page.crop((3, 0, 1731, 300)))
    ImageDraw.Draw(page).line((0, 0, 1733, 299), fill=0, width=3)
    page.save(tmp_path / "letter.tif", compression="group4", dpi=(204, 196))
    shrunk = sheet(tmp_path / "letter.tif")
    assert shrunk.size == (1728, 298)
    assert ink(shrunk, (0, 0, 20, 20)) > 0
    assert ink(shrunk, (1708, 278, 1728, 298)) > 0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["group4", "raw"])
def test_a_tiff_is_turned_upright(tmp_path: Path, orientation: int, compression: str) -> None:
    upright = arrow((1728, 1600))
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    stored.save(tmp_path / "a.tif", compression=compression, dpi=(200, 200), tiffinfo={274: orientation})
    assert same(sheet(tmp_path / "a.tif"), upright)


def test_a_palette_of_black_and_white_keeps_its_dots_too(tmp_path: Path) -> None:
    page = page_bitmap("text", 1728, 400).image()
    for mode in ("L", "RGB", "P"):
        page.convert(mode).save(tmp_path / "a.tif", dpi=(204, 196))
        assert same(sheet(tmp_path / "a.tif"), page)


# ----------------------------------------------------------------------------------------------------------
# Dots scaled


def test_standard_and_fine_double_and_merge_rows(tmp_path: Path) -> None:
    page = page_bitmap("form", 1728, 200).image()
    page.save(tmp_path / "standard.tif", compression="group4", dpi=(204, 98))
    doubled = sheet(tmp_path / "standard.tif", FINE)
    assert same(doubled, page.resize((1728, 400), Image.Resampling.NEAREST))
    doubled.save(tmp_path / "fine.tif", compression="group4", dpi=(204, 196))
    assert same(sheet(tmp_path / "fine.tif", STANDARD), page)


def test_thin_lines_survive_the_coarser_resolution(tmp_path: Path) -> None:
    image = Image.new("1", (1728, 400), 255)
    for row in range(0, 400, 40):
        ImageDraw.Draw(image).line((100, row, 500, row), fill=0)
    image.save(tmp_path / "fine.tif", compression="group4", dpi=(204, 196))
    dots = sheet(tmp_path / "fine.tif", STANDARD)
    rows = rows_from_bitmap(dots.tobytes("raw", "1;I"), 1728)
    assert sum(row == (100, 501) for row in rows) == 10
    assert sum(bool(row) for row in rows) == 10


@pytest.mark.parametrize("dpi", [300, 400, 600])
def test_a_bilevel_scan_comes_out_in_its_size(tmp_path: Path, dpi: int) -> None:
    scan = Image.new("1", (dpi * 210 * 10 // 254, dpi * 100 * 10 // 254), 255)
    ImageDraw.Draw(scan).rectangle((0, 0, scan.width - 1, scan.height - 1), outline=0, width=dpi // 100)
    scan.save(tmp_path / "scan.tif", compression="group4", dpi=(dpi, dpi))
    dots = sheet(tmp_path / "scan.tif")
    left, top, right, bottom = ImageChops.invert(dots).getbbox() or (0, 0, 0, 0)
    assert right - left == pytest.approx(210 / 25.4 * 204, rel=0.003)
    assert bottom - top == dots.height == pytest.approx(100 / 25.4 * 196, rel=0.003)
    assert abs(left - (1728 - right)) <= 1


def test_a_screened_photograph_keeps_its_shades_and_text_its_strokes(tmp_path: Path) -> None:
    page = page_bitmap("text", 2480, 2000).image()
    grey = Image.linear_gradient("L").resize((1200, 800)).convert("1")
    page.paste(grey, (600, 600))
    page.save(tmp_path / "scan.tif", compression="group4", dpi=(300, 300))
    dots = sheet(tmp_path / "scan.tif")
    for part in range(4):
        top = 600 + 200 * part
        share = ink(page, (600, top, 1800, top + 200))
        box = (
            round(600 * 0.68) + 21,
            round(top * 0.6533),
            round(1800 * 0.68) + 21,
            round((top + 200) * 0.6533),
        )
        assert ink(dots, box) == pytest.approx(share, abs=0.1)
    share = ink(page, (0, 1500, 2480, 2000))
    assert share * 0.9 < ink(dots, (21, 980, 1707, 1307)) < share * 2


# ----------------------------------------------------------------------------------------------------------
# Shades


@pytest.mark.parametrize("shade", [60, 128, 200])
@pytest.mark.parametrize("resolution", [FINE, STANDARD])
def test_a_shade_is_that_share_of_white(tmp_path: Path, shade: int, resolution: Resolution) -> None:
    Image.new("L", (800, 1000), shade).save(tmp_path / "grey.png")
    dots = sheet(tmp_path / "grey.png", resolution)
    assert 1 - ink(dots) == pytest.approx((shade - 24) / (255 - 48), abs=0.02)


def test_what_is_nearly_white_is_paper_and_nearly_black_ink(tmp_path: Path) -> None:
    for shade, share in ((0, 1), (15, 1), (240, 0), (255, 0)):
        Image.new("L", (800, 1000), shade).save(tmp_path / "grey.png")
        assert ink(sheet(tmp_path / "grey.png")) == share


MODES = {
    "png": ("L", "LA", "RGB", "RGBA", "P", "I;16"),
    "tif": ("L", "LA", "RGB", "RGBA", "P", "PA", "CMYK", "I;16", "I", "F"),
    "jpg": ("L", "RGB", "CMYK", "YCbCr"),
    "gif": ("P",),
    "webp": ("RGB", "RGBA"),
    "bmp": ("L", "RGB"),
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind in MODES for mode in MODES[kind]])
def test_every_mode_of_picture(tmp_path: Path, kind: str, mode: str) -> None:
    grey = arrow((1000, 1300), "L")
    if mode == "I;16":
        grey = grey.convert("I").point(lambda value: value * 257)
    grey.convert(mode).save(tmp_path / f"a.{kind}")
    dots = sheet(tmp_path / f"a.{kind}")
    assert dots.size == (1728, 2158)
    assert_arrow(dots)


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0, 1e9])
def test_numbers_of_any_range(tmp_path: Path, white: float) -> None:
    grey = arrow((1000, 1300), "L").convert("F").point(lambda value: value * (white / 255) + 0.0)
    grey.save(tmp_path / "a.tif")
    assert_arrow(sheet(tmp_path / "a.tif"))


def test_sixteen_bits_in_the_other_order(tmp_path: Path) -> None:
    grey = arrow((1000, 1300), "L").convert("I").point(lambda value: value * 257).convert("I;16B")
    grey.save(tmp_path / "a.tif")
    assert_arrow(sheet(tmp_path / "a.tif"))


def test_lightness_of_lab(tmp_path: Path) -> None:
    lightness = arrow((1000, 1300), "L")
    neutral = Image.new("L", lightness.size, 128)
    Image.merge("LAB", (lightness, neutral, neutral)).save(tmp_path / "a.tif")
    assert_arrow(sheet(tmp_path / "a.tif"))


def assert_arrow(dots: Image.Image) -> None:
    width, height = dots.size
    assert ink(dots, (20, 20, width // 2 - 20, height // 4 - 20)) == 1
    assert ink(dots, (width * 7 // 8 + 20, 20, width - 20, height // 2 - 20)) == 1
    assert ink(dots, (width // 2 + 20, 20, width * 7 // 8 - 20, height)) == 0
    assert ink(dots, (20, height // 2 + 20, width - 20, height)) == 0


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (1000, 1200), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert ink(sheet(tmp_path / "clear.png")) == 0
    half = Image.new("LA", (1000, 1200), (0, 128))
    half.save(tmp_path / "half.png")
    assert ink(sheet(tmp_path / "half.png")) == pytest.approx(0.5, abs=0.03)
    palette = Image.new("P", (1000, 1200), 1)
    palette.putpalette([255, 255, 255, 0, 0, 0])
    palette.save(tmp_path / "palette.png", transparency=1)
    assert ink(sheet(tmp_path / "palette.png")) == 0
    palette.save(tmp_path / "palette.png", transparency=bytes([255, 255]))
    assert ink(sheet(tmp_path / "palette.png")) == 1


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What a camera held so does to the picture."""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpg", "tif"])
def test_a_photograph_is_turned_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    upright = arrow((1000, 1300), "L")
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[274] = orientation
    stored.save(tmp_path / f"a.{kind}", exif=exif)
    dots = sheet(tmp_path / f"a.{kind}")
    assert dots.size == (1728, 2158)
    assert_arrow(dots)


def test_a_landscape_lies_on_its_side_with_its_top_to_the_left(tmp_path: Path) -> None:
    arrow((3508, 2480), "L").save(tmp_path / "a.png", dpi=(300, 300))
    dots = sheet(tmp_path / "a.png")
    assert dots.size == (1728, 2292)
    assert_arrow(dots.crop((21, 0, 1707, 2292)).transpose(Image.Transpose.ROTATE_270))
    arrow((3508, 2480)).save(tmp_path / "b.tif", dpi=(300, 300), compression="group4")
    assert_arrow(
        sheet(tmp_path / "b.tif", Resolution.DPI_300)
        .crop((56, 0, 2536, 3508))
        .transpose(Image.Transpose.ROTATE_270)
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2), (20000, 10), (10, 7000), (7000, 10)])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    for mode in ("1", "L"):
        Image.new(mode, size, 0).save(tmp_path / "a.png")
        dots = sheet(tmp_path / "a.png")
        assert dots.width == 1728
        assert ink(dots) > 0
        assert dots.height < 20000


def test_a_photograph_is_short_on_the_line(tmp_path: Path) -> None:
    """A third of what error diffusion makes of it, at the least."""
    grey = (
        page_bitmap("photo", 1000, 1300).image().convert("L").resize((1728, 2287), Image.Resampling.BICUBIC)
    )
    grey = grey.resize((50, 60), Image.Resampling.BOX).resize((1728, 2287), Image.Resampling.BICUBIC)
    grey.save(tmp_path / "a.png", dpi=(204, 196))
    ours = encoded(sheet(tmp_path / "a.png"))
    assert ours < encoded(grey.convert("1")) / 2


def encoded(image: Image.Image) -> int:
    rows = rows_from_bitmap(image.tobytes("raw", "1;I"), image.width)
    return min(len(encode_page(rows, coding, image.width)) for coding in Coding)


def test_every_page_of_a_document(tmp_path: Path) -> None:
    pages = [page_bitmap(kind, 1728, 300).image() for kind in ("text", "form", "blank")]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], dpi=(204, 98))
    source = PageSource(tmp_path / "a.tif")
    assert source.pages == 3
    for number, page in enumerate(pages):
        assert same(sheet(tmp_path / "a.tif", STANDARD, page=number), page)
    plan = source.plan(1, STANDARD, PageWidth.A4, PageLength.A4)
    assert same(picture(source.sheets(plan)[0]), pages[1])
