"""Documents to send, of every kind that cannot be: told in a line, before anything is dialled."""

from __future__ import annotations

import os
import random
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, features

from faxhw.errors import StorageError, UsageError
from faxhw.fax.documents import FaxToSend
from faxhw.fax.rendering import PageSource
from faxhw.terms import PageLength, PageWidth, Resolution
from tests.pages import append_page, page_bitmaps

from .sheet_pictures import ink, sheet


def refused(path: Path, *, by_its_header: bool = True) -> str:
    """Why a file is refused; what its header does not tell is found by ``check`` alone."""
    with pytest.raises(StorageError) as caught:
        FaxToSend(path).check()
    said = str(caught.value)
    assert "\n" not in said
    assert path.name in said
    if by_its_header:
        with pytest.raises(StorageError):
            FaxToSend(path).source()
    else:
        FaxToSend(path).source()
    return said


def pages(path: Path, count: int = 3, **save: Any) -> Path:
    images = [page.image() for page in page_bitmaps(count, width=1728, rows=100)]
    images[0].save(path, save_all=True, append_images=images[1:], dpi=(204, 98), **save)
    return path


def test_a_document_that_can_be_sent(tmp_path: Path) -> None:
    document = FaxToSend(pages(tmp_path / "a.tif"))
    document.check()
    assert document.source().pages == 3


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("Dear Sir or Madam")
    (tmp_path / "none.tif").write_bytes(b"")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n%\xe2\xe3")
    (tmp_path / "a.ps").write_bytes(b"%!PS\nshowpage")
    assert "there is no file" in refused(tmp_path / "missing.tif")
    assert "Is a directory" in refused(tmp_path)
    assert "not an image" in refused(tmp_path / "text.tif")
    assert "not an image" in refused(tmp_path / "none.tif")
    assert "have a TIFF made of it" in refused(tmp_path / "a.pdf")
    assert "have a TIFF made of it" in refused(tmp_path / "a.ps")


def test_what_a_program_would_have_to_draw(tmp_path: Path) -> None:
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    assert "EPS is no image of dots" in refused(tmp_path / "a.eps")


def test_a_kind_of_image_that_pillow_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "odd.dds"
    Image.new("RGB", (8, 8)).save(path)
    octets = bytearray(path.read_bytes())
    octets[80:84] = bytes(4)  # its pixels are of no format
    path.write_bytes(octets)
    with pytest.raises(StorageError, match=r"odd\.dds': it is damaged \(Unknown pixel format"):
        FaxToSend(path).check()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_may_never_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.tif")
    assert "a pipe or a device" in refused(tmp_path / "a.tif")


@pytest.mark.broken_tiffs
def test_a_tiff_without_pages(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(struct.pack("<2sHI", b"II", 42, 0))
    refused(tmp_path / "a.tif")
    (tmp_path / "b.tif").write_bytes(struct.pack("<2sHIHI", b"II", 42, 8, 0, 0))
    refused(tmp_path / "b.tif")


def test_a_tiff_of_nothing_but_previews(tmp_path: Path) -> None:
    pages(tmp_path / "a.tif", 2, tiffinfo={254: 1})
    assert "no page to send" in refused(tmp_path / "a.tif")


def test_previews_and_masks_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    images = [page.image() for page in page_bitmaps(3, width=1728, rows=100)]
    for image, kind in zip(images, (2, 1, 2), strict=True):
        append_page(path, image, dpi=(204, 98), tiffinfo={254: kind})
    source = PageSource(path)
    assert source.pages == 2
    assert ink(sheet(path, Resolution.STANDARD, page=1)) == pytest.approx(ink(images[2]))


def tag_places(file: bytes, tag: int) -> list[int]:
    """Where the values of a tag stand, in each directory of a little-endian TIFF."""
    found = []
    (at,) = struct.unpack_from("<I", file, 4)
    while at:
        (count,) = struct.unpack_from("<H", file, at)
        entries = range(at + 2, at + 2 + 12 * count, 12)
        found += [entry + 8 for entry in entries if struct.unpack_from("<H", file, entry) == (tag,)]
        (at,) = struct.unpack_from("<I", file, at + 2 + 12 * count)
    return found


@pytest.mark.broken_tiffs
@pytest.mark.parametrize("compression", ["raw", "group4", "tiff_lzw"])
def test_a_tiff_cut_short_anywhere(tmp_path: Path, compression: str) -> None:
    whole = pages(tmp_path / "whole.tif", compression=compression).read_bytes()
    cut = tmp_path / "cut.tif"
    last_strip = max(struct.unpack_from("<I", whole, at)[0] for at in tag_places(whole, 273))
    for length in range(0, max(last_strip, len(whole) * 3 // 4), 97):
        cut.write_bytes(whole[:length])
        with pytest.raises(StorageError, match=r"cut\.tif"):
            FaxToSend(cut).check()


@pytest.mark.broken_tiffs
def test_a_damaged_page_behind_good_ones_is_found_before_dialling(tmp_path: Path) -> None:
    path = pages(tmp_path / "a.tif", compression="group4")
    file = bytearray(path.read_bytes())
    struct.pack_into("<I", file, tag_places(bytes(file), 273)[1], len(file) - 4)
    path.write_bytes(file)
    assert "page 2 is damaged" in refused(path, by_its_header=False)


@pytest.mark.broken_tiffs
def test_pages_in_a_ring_are_so_many_and_no_more(tmp_path: Path) -> None:
    path = pages(tmp_path / "a.tif")
    file = bytearray(path.read_bytes())
    first = struct.unpack_from("<I", file, 4)
    at = first[0]
    for _ in range(2):
        (at,) = struct.unpack_from("<I", file, at + 2 + 12 * struct.unpack_from("<H", file, at)[0])
    struct.pack_into("<I", file, at + 2 + 12 * struct.unpack_from("<H", file, at)[0], *first)
    path.write_bytes(file)
    assert FaxToSend(path).source().pages == 3


def png(path: Path, width: int, height: int) -> Path:
    """A PNG that says so much of itself and has nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


@pytest.mark.parametrize("size", [(9000, 9000), (12_000, 12_000), (60_000, 60_000), (2_000_000_000, 1)])
def test_a_bomb_is_not_unpacked(tmp_path: Path, size: tuple[int, int]) -> None:
    assert "far too large for a fax" in refused(png(tmp_path / "bomb.png", *size))


def test_a_page_without_end(tmp_path: Path) -> None:
    assert "5.8 m long, and at most 2.5 m" in refused(
        endless(tmp_path / "tape.tif", 1728, 45_000, dpi=(204, 196))
    )
    assert "far too large" in refused(endless(tmp_path / "reel.tif", 1728, 100_000, dpi=(204, 196)))
    assert "cut it into pages" in refused(png(tmp_path / "tape.png", 8, 10_000_000))
    assert "cut it into pages" in refused(png(tmp_path / "thread.png", 1, 80_000_000))


def endless(path: Path, width: int, height: int, dpi: tuple[int, int]) -> Path:
    Image.new("1", (width, height), 255).save(path, compression="group4", dpi=dpi)
    return path


def test_so_many_dots_and_rows_can_be_sent(tmp_path: Path) -> None:
    path = endless(tmp_path / "long.tif", 1728, 19_000, (204, 196))
    assert sheet(path).size == (1728, 19_000)
    assert sheet(path, Resolution.STANDARD).size == (1728, 9500)
    Image.new("L", (8900, 8900), 255).save(tmp_path / "large.png", compress_level=1)
    assert sheet(tmp_path / "large.png").width == 1728


def test_of_an_animation_the_first_picture_is_sent(tmp_path: Path) -> None:
    frames = [Image.new("L", (700, 900), shade) for shade in (0, 100, 255)]
    for kind in ("gif", "png", "webp"):
        path = tmp_path / f"a.{kind}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        FaxToSend(path).check()
        assert PageSource(path).pages == 1
        assert ink(sheet(path)) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_shades_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    path = tmp_path / "a.tif"
    Image.new("F", (100, 100), value).save(path)
    source = PageSource(path)
    with pytest.raises(StorageError, match="no numbers"):
        source.sheets(source.plan(0, Resolution.FINE, PageWidth.A4, PageLength.A4))


def test_the_file_changes_under_way(tmp_path: Path) -> None:
    path = pages(tmp_path / "a.tif")
    source = PageSource(path)
    plan = source.plan(2, Resolution.STANDARD, PageWidth.A4, PageLength.A4)
    pages(path, 1)
    with pytest.raises(StorageError, match=r"page 3 .* is gone"):
        source.sheets(plan)
    path.unlink()
    with pytest.raises(StorageError, match="No such file"):
        source.sheets(plan)


def test_too_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faxhw.tiff.reader.MOST_PAGES", 2)
    assert "more than 2 pages: split it" in refused(pages(tmp_path / "a.tif"))
    FaxToSend(pages(tmp_path / "b.tif", 2)).check()


# ----------------------------------------------------------------------------------------------------------
# Where to begin


def test_the_first_page(tmp_path: Path) -> None:
    path = pages(tmp_path / "a.tif")
    for first in (1, 2, 3):
        document = FaxToSend(path, first_page=first)
        document.check()
        assert (document.first_page, document.next_page) == (first, first)
    with pytest.raises(StorageError, match="has 3 pages, none to begin with at page 4"):
        FaxToSend(path, first_page=4).check()
    pages(path, 1)
    with pytest.raises(StorageError, match="has 1 page, none"):
        FaxToSend(path, first_page=2).source()


@pytest.mark.parametrize("first", [0, -1])
def test_no_page_number(first: int) -> None:
    with pytest.raises(UsageError, match="a number from 1 on"):
        FaxToSend("a.tif", first_page=first)


# ----------------------------------------------------------------------------------------------------------
# Whatever else


@pytest.mark.broken_tiffs
def test_broken_files_of_every_kind_are_refused_or_drawn(tmp_path: Path) -> None:
    """And nothing else comes of them."""
    drawing = Image.new("L", (300, 400), 200)
    ImageDraw.Draw(drawing).ellipse((20, 20, 280, 380), fill=40)
    for kind in (
        "tif",
        "png",
        "gif",
        "jpg",
        "bmp",
        "webp",
        "dds",
        *(["avif"] if features.check("avif") else []),
    ):
        drawing.save(tmp_path / f"whole.{kind}")
        whole = (tmp_path / f"whole.{kind}").read_bytes()
        path = tmp_path / f"broken.{kind}"
        for seed in range(40):
            dice = random.Random(f"{kind} {seed}")
            octets = bytearray(whole)
            for _ in range(dice.randrange(1, 6)):
                octets[dice.choice((dice.randrange(len(whole)), dice.randrange(16)))] = dice.randrange(256)
            path.write_bytes(octets[: dice.choice((len(octets), dice.randrange(len(octets))))])
            with suppress(StorageError):
                source = PageSource(path)
                for number in range(min(source.pages, 2)):
                    source.sheets(source.plan(number, Resolution.FINE, PageWidth.A4, PageLength.A4, "x"))
