"""The page coders against libtiff (in Pillow), both ways, on every code word and on drawn pages."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from faxhw.hdlc import REVERSED
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row, bitmap_from_rows, rows_from_bitmap
from faxhw.terms import Coding, PageWidth, Resolution
from faxhw.tiff import TiffFax, TiffPage, pages_of
from tests.pages import page_bitmap

WIDE = 5300
EVERY_RUN: list[Row] = [(), (0,), *((run, 2 * run) for run in range(1, WIDE // 2))]
"""A white and a black run of each length up to 2649, beyond the longest pair of codes; and one of 5300."""
WIDTHS = sorted({width.dots(resolution) for width in PageWidth for resolution in Resolution} | {2304})
KINDS = ("text", "photo", "form", "blank", "black", "checkerboard", "noise")


def read_by_libtiff(path: Path, data: bytes, coding: Coding, width: int, rows: int) -> bytes:
    """The bitmap that libtiff makes of our octets."""
    with TiffFax(path) as fax:
        fax.append(TiffPage(data=data, coding=coding, width=width, rows=rows, resolution=Resolution.STANDARD))
    (page,) = pages_of(path)
    return page.bitmap


def written_by_libtiff(bitmap: bytes, coding: Coding, width: int) -> bytes:
    """The octets that libtiff makes of a bitmap, in the bit order of the line."""
    rows = len(bitmap) // ((width + 7) // 8)
    image = Image.frombytes("1", (width, rows), bitmap, "raw", "1;I")
    file = io.BytesIO()
    options = {262: 0, 278: rows} | ({} if coding is Coding.MMR else {292: int(coding is Coding.MR)})
    image.save(file, "TIFF", compression="group4" if coding is Coding.MMR else "group3", tiffinfo=options)
    with TiffImageFile(io.BytesIO(file.getvalue())) as tiff:
        ((at,), (size,)) = tiff.tag_v2[273], tiff.tag_v2[279]
    return file.getvalue()[at : at + size].translate(REVERSED)


@pytest.mark.parametrize("coding", list(Coding))
def test_libtiff_reads_every_run_of_ours(tmp_path: Path, coding: Coding) -> None:
    data = encode_page(EVERY_RUN, coding, WIDE, finish=False)
    read = read_by_libtiff(tmp_path / "a.tif", data, coding, WIDE, len(EVERY_RUN))
    assert read == bitmap_from_rows(EVERY_RUN, WIDE)


@pytest.mark.parametrize("coding", list(Coding))
def test_we_read_runs_of_libtiff(coding: Coding) -> None:
    """A sample: whoever reads what libtiff reads has the same code words."""
    rows = EVERY_RUN[::9]
    decoder = PageDecoder(coding, WIDE)
    decoder.feed(written_by_libtiff(bitmap_from_rows(rows, WIDE), coding, WIDE))
    page = decoder.finish()
    assert page.rows == rows
    assert page.report.bad_rows == 0


def test_we_read_every_run_of_ours() -> None:
    for coding in Coding:
        decoder = PageDecoder(coding, WIDE)
        decoder.feed(encode_page(EVERY_RUN, coding, WIDE))
        assert decoder.finish().rows == EVERY_RUN


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("coding", "k", "min_row_bits"),
    [(Coding.MH, 4, 0), (Coding.MH, 4, 288), (Coding.MR, 2, 0), (Coding.MR, 4, 96), (Coding.MMR, 4, 0)],
)
def test_libtiff_reads_our_pages(
    tmp_path: Path, kind: str, coding: Coding, k: int, min_row_bits: int
) -> None:
    drawn = page_bitmap(kind, 1728, 90)
    data = encode_page(drawn.rows, coding, 1728, k=k, min_row_bits=min_row_bits, finish=False)
    assert read_by_libtiff(tmp_path / "a.tif", data, coding, 1728, 90) == drawn.bits


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("coding", "k", "min_row_bits"),
    [(Coding.MH, 4, 144), (Coding.MR, 2, 144), (Coding.MR, 4, 0), (Coding.MMR, 4, 0)],
)
def test_libtiff_reads_every_width(
    tmp_path: Path, width: int, coding: Coding, k: int, min_row_bits: int
) -> None:
    drawn = page_bitmap("mixed", width, 120)
    data = encode_page(drawn.rows, coding, width, k=k, min_row_bits=min_row_bits, finish=False)
    assert read_by_libtiff(tmp_path / "a.tif", data, coding, width, 120) == drawn.bits


@pytest.mark.parametrize("coding", list(Coding))
def test_libtiff_reads_a_page_of_20000_rows(tmp_path: Path, coding: Coding) -> None:
    drawn = page_bitmap("form", 2432, 1000)
    data = encode_page(drawn.rows * 20, coding, 2432, finish=False)
    assert read_by_libtiff(tmp_path / "a.tif", data, coding, 2432, 20_000) == drawn.bits * 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("coding", list(Coding))
def test_we_read_pages_of_libtiff(kind: str, coding: Coding) -> None:
    drawn = page_bitmap(kind, 1728, 90)
    decoder = PageDecoder(coding, 1728)
    decoder.feed(written_by_libtiff(drawn.bits, coding, 1728))
    page = decoder.finish()
    assert page.rows == drawn.rows
    assert page.report.bad_rows == 0


@pytest.mark.parametrize("coding", list(Coding))
@pytest.mark.parametrize("leading", [b"", b"\xa5\x5a\x0f", bytes(40)])
def test_libtiff_reads_a_clean_page_as_it_came(tmp_path: Path, coding: Coding, leading: bytes) -> None:
    """From the line into the file without coding anew, whatever came before the page and after it."""
    drawn = page_bitmap("mixed", 1728, 200)
    decoder = PageDecoder(coding, 1728)
    if coding is not Coding.MMR:
        decoder.feed(leading)
    decoder.feed(encode_page(drawn.rows, coding, 1728, min_row_bits=200) + b"\x12\x34\x56")
    page = decoder.finish()
    assert page.report.complete
    assert page.clean is not None
    assert read_by_libtiff(tmp_path / "a.tif", page.clean, coding, 1728, page.report.rows) == drawn.bits


def test_bitmaps_and_rows_are_the_same_thing() -> None:
    for width in (1, 7, 8, 9, 1728, 8200):
        drawn = page_bitmap("noise", width, 9)
        assert bitmap_from_rows(drawn.rows, width) == drawn.bits
    assert rows_from_bitmap(bytes([0b01101000, 0xFF, 0b10000000, 0]), 9) == [(1, 3, 4, 5, 8), (0, 1)]
