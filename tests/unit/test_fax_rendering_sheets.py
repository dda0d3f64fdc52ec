"""Pages on paper that is too short for them, and the header line: no ink is ever lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from faxhw.fax.rendering import Heading
from faxhw.fax.rendering.header import drawable, strip, strip_rows
from faxhw.t4.rows import rows_from_bitmap
from faxhw.terms import PageLength, PageWidth, Resolution
from tests.pages import page_bitmap

from .sheet_pictures import ink, sheet, sheets

FINE, STANDARD = Resolution.FINE, Resolution.STANDARD
A4_ROWS = {STANDARD: 1157, FINE: 2314}
"""297 mm, and 1 % for rounding."""
HEADING = "From: Ada   Page: 1"


def saved(path: Path, image: Image.Image, resolution: Resolution = STANDARD) -> Path:
    image.save(path, compression="group4", dpi=resolution.value)
    return path


def framed(rows: int, top: int = 20, bottom: int = 20) -> Image.Image:
    """A box, with so many white rows above and below it."""
    image = Image.new("1", (1728, rows), 255)
    ImageDraw.Draw(image).rectangle((100, top, 1600, rows - bottom - 1), outline=0, width=4)
    return image


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and not ImageChops.logical_xor(one, other).getbbox()


def inked_rows(image: Image.Image) -> list[tuple[int, ...]]:
    return [row for row in rows_from_bitmap(image.tobytes("raw", "1;I"), image.width) if row]


# ----------------------------------------------------------------------------------------------------------
# Length


@pytest.mark.parametrize("rows", [1, 1000, 1143, 1157])
def test_what_fits_is_as_it_was(tmp_path: Path, rows: int) -> None:
    page = framed(max(rows, 50)).crop((0, 0, 1728, rows))
    for length in PageLength:
        assert same(sheet(saved(tmp_path / "a.tif", page), STANDARD, length=length), page)


def test_paper_without_end_takes_any_page(tmp_path: Path) -> None:
    page = framed(6000)
    assert same(sheet(saved(tmp_path / "a.tif", page), STANDARD), page)


def test_white_rows_below_the_ink_give_way(tmp_path: Path) -> None:
    page = framed(1250, top=60, bottom=100)
    cut = sheet(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4)
    assert same(cut, page.crop((0, 0, 1728, 1157)))


def test_a_margin_above_does_not_and_shrinks_with_the_page(tmp_path: Path) -> None:
    page = framed(1250, top=60, bottom=40)
    shrunk = sheet(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4)
    _, top, _, bottom = ImageChops.invert(shrunk).getbbox() or (0, 0, 0, 0)
    assert top == pytest.approx(60 * 1157 / 1210, abs=2)
    assert bottom == pytest.approx(1157 * 0.995, abs=2)


def test_a_blank_page_of_any_length_is_one_sheet(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", Image.new("1", (1728, 5000), 255))
    assert sheet(path, STANDARD, length=PageLength.A4).height == A4_ROWS[STANDARD]


@pytest.mark.parametrize(
    ("inches", "length", "count"),
    [
        (12, PageLength.A4, 1),
        (14, PageLength.A4, 1),  # US legal
        (14, PageLength.B4, 1),
        (19, PageLength.A4, 1),
        (22, PageLength.A4, 2),
        (22, PageLength.B4, 1),
        (36, PageLength.A4, 4),
    ],
)
@pytest.mark.parametrize("heading", ["", HEADING])
def test_a_page_too_long_is_shrunk_and_beyond_that_split(
    tmp_path: Path, inches: int, length: PageLength, count: int, heading: str
) -> None:
    page = framed(inches * 98, top=0, bottom=0)
    made = sheets(saved(tmp_path / "a.tif", page), STANDARD, length=length, heading=heading)
    assert len(made) == count
    most = {PageLength.A4: 1157, PageLength.B4: 1418}[length]
    assert all(0 < each.height <= most for each in made)
    extra = strip_rows(STANDARD) if heading else 0
    parts = [each.crop((0, extra, 1728, each.height)) for each in made]
    if count > 1:
        assert [row for part in parts for row in inked_rows(part)] == inked_rows(page)
        return
    box = ImageChops.invert(parts[0]).getbbox() or (0, 0, 0, 0)
    wide, high = box[2] - box[0], box[3] - box[1]
    assert high / wide == pytest.approx(page.height / 1501, rel=0.01)
    assert high <= most - extra
    assert abs(box[0] + box[2] - 1701 - 13) <= 14  # in the middle, as it was


def test_it_is_split_between_lines_of_text(tmp_path: Path) -> None:
    page = Image.new("1", (1728, 4000), 255)
    for top in range(30, 3900, 60):
        ImageDraw.Draw(page).rectangle((100, top, 1500, top + 40), fill=0)
    made = sheets(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4)
    assert len(made) == 4
    assert sum(each.height for each in made) == 3911
    assert not ink(made[0], (0, 0, 1728, 30))
    for each in made:
        rows = rows_from_bitmap(each.tobytes("raw", "1;I"), 1728)
        runs = "".join("x" if row else " " for row in rows).split()
        assert {len(run) for run in runs} == {41}


def test_a_picture_without_a_gap_is_split_at_the_end_of_the_sheet(tmp_path: Path) -> None:
    page = page_bitmap("checkerboard", 1728, 3000).image()
    made = sheets(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4)
    assert [each.height for each in made] == [1157, 1157, 686]
    together = Image.new("1", (1728, 3000))
    for number, each in enumerate(made):
        together.paste(each, (0, 1157 * number))
    assert same(together, page)


def test_no_sheet_has_more_rows_than_receivers_hold(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", framed(36_000, 0, 0), Resolution.SUPERFINE)
    assert [each.height for each in sheets(path, Resolution.SUPERFINE)] == [20_000, 16_000]


# ----------------------------------------------------------------------------------------------------------
# The header line


@pytest.mark.parametrize("resolution", Resolution)
def test_the_header_stands_above_the_page(tmp_path: Path, resolution: Resolution) -> None:
    page = page_bitmap("form", 1728, 300)
    path = saved(tmp_path / "a.tif", page.image(), resolution)
    extra = strip_rows(resolution)
    assert extra == pytest.approx(4 / 25.4 * resolution.y, abs=0.5)
    headed = sheet(path, resolution, heading=HEADING)
    plain = sheet(path, resolution)
    assert same(headed.crop((0, extra, headed.width, headed.height)), plain)
    line = headed.crop((0, 0, headed.width, extra))
    assert 0.02 < ink(line, (0, 0, headed.width // 3, extra)) < 0.3
    assert ink(line, (headed.width // 2, 0, headed.width, extra)) == 0
    left, top, right, bottom = ImageChops.invert(line).getbbox() or (0, 0, 0, 0)
    assert left / resolution.x * 25.4 == pytest.approx(8, abs=0.5)
    assert (bottom - top) / resolution.y * 25.4 == pytest.approx(2.9, abs=0.5)
    assert right > left


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("".join(map(chr, range(32, 127))), "".join(map(chr, range(32, 127)))),
        ("Müller & Söhne \N{EN DASH} Zürich, €5", "Muller & Sohne - Zurich, EUR5"),
        (
            "Łódź, Đà Nẵng, Œuvre, Straße, Cafe\N{COMBINING ACUTE ACCENT}",
            "Lodz, Da Nang, OEuvre, Strasse, Cafe",
        ),
        ("½ № ① ™ ﬁ", "1/2 No 1 TM fi"),
        ("© «“°±·…”»", "© «“°±·…”»"),
        ("日本 Ω", "?? ?"),
    ],
)
def test_the_header_has_no_letters_that_its_font_lacks(text: str, drawn: str) -> None:
    assert drawable(text) == drawn
    font = ImageFont.load_default(40)
    lacking = bytes(font.getmask("\uffff"))
    assert [each for each in drawn if bytes(font.getmask(each)) == lacking] == []


def test_letters_are_strokes_at_every_resolution() -> None:
    """The same letters, as near as the dots come."""
    for resolution in Resolution:
        metric = resolution.x in (204, 408)
        finest = strip("Hamburg 0123456789", 3456, Resolution.R16_SUPERFINE if metric else Resolution.DPI_400)
        line = strip("Hamburg 0123456789", PageWidth.A4.dots(resolution), resolution)
        grey = finest.convert("L").resize(line.size, Image.Resampling.BOX)
        wrong = ink(
            ImageChops.logical_xor(line, grey.point([0] * 128 + [255] * 128, "1")).point([255, 0] * 128)
        )
        assert wrong < 0.35 * ink(line)


def test_where_the_length_is_limited_the_header_takes_the_place_of_white_rows(tmp_path: Path) -> None:
    page = framed(1157, top=30, bottom=5)
    headed = sheet(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4, heading=HEADING)
    assert headed.height == 1157
    assert same(headed.crop((0, 15, 1728, 1157)), page.crop((0, 10, 1728, 1152)))


def test_where_there_are_none_the_page_is_shrunk_by_a_little(tmp_path: Path) -> None:
    page = framed(1157, top=0, bottom=0)
    headed = sheet(saved(tmp_path / "a.tif", page), STANDARD, length=PageLength.A4, heading=HEADING)
    assert headed.height <= 1157
    left, top, right, bottom = (
        ImageChops.invert(headed.crop((0, 15, 1728, headed.height))).getbbox() or (0,) * 4
    )
    assert (right - left) / 1501 == pytest.approx((bottom - top) / 1157, rel=0.01)
    assert 0.97 < (right - left) / 1501 < 1


def test_the_header_needs_no_room_that_the_page_has(tmp_path: Path) -> None:
    page = framed(1143)
    headed = sheet(saved(tmp_path / "a.tif", page), STANDARD, heading=HEADING)
    assert headed.height == 1143 + 15


def test_a_line_too_long_is_made_smaller_and_beyond_that_cut() -> None:
    short, long, longest = (strip("Weihnachten " * count, 1728, FINE) for count in (2, 10, 40))
    for line in (short, long, longest):
        assert line.size == (1728, 31)
        assert ink(line, (1680, 0, 1728, 31)) == 0
    assert ink(long, (1000, 0, 1700, 31)) > 0
    assert ink(longest, (1600, 0, 1680, 31)) > 0


WHEN = datetime(2024, 2, 9, 8, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("%Y-%m-%d %H:%M:%S", "2024-02-09 08:05:03"),
        ("%d.%m.%y %I %p %a %A %b %B %j %Z %z", "09.02.24 08 AM Fri Friday Feb February 040 UTC +0000"),
        ("From {from} to {to}, page {page}/{pages}", "From +49 89 to 0123, page 2/7"),
        ("100 % {of} %{page} %Q % %x {", "100 % {of} %2 %Q % %x {"),
        ("100%%, {{page}}", "100%, {2}"),
        ("", ""),
    ],
)
def test_the_template(template: str, text: str) -> None:
    assert Heading(template, WHEN, "+49 89", "0123").text(2, 7) == text


def test_what_the_far_end_calls_itself_is_no_template_and_no_control_character() -> None:
    heading = Heading("{to}|", WHEN, receiver="%Y{page}\x1b[2J\n" + "9" * 100)
    assert heading.text(1, 1) == "%Y{page}[2J" + "9" * 29 + "|"
