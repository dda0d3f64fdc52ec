"""The page reader: right pages from good files, one clear error from anything else."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from faxhw.errors import StorageError
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Resolution
from faxhw.tiff import TiffFax, TiffPage, pages_of
from tests.pages import page_bitmap, page_bitmaps


def _stored(path: Path, pages: int = 3) -> Path:
    with TiffFax(path) as fax:
        for page in page_bitmaps(pages, width=200, rows=50):
            data = encode_page(page.rows, Coding.MH, page.width, finish=False)
            fax.append(
                TiffPage(data=data, coding=Coding.MH, width=200, rows=50, resolution=Resolution.STANDARD)
            )
    return path


def _refused(path: Path) -> str:
    with pytest.raises(StorageError) as caught:
        list(pages_of(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("compression", ["raw", "group3", "group4", "tiff_lzw"])
@pytest.mark.parametrize("white_is", [0, 1])
def test_files_of_others(tmp_path: Path, compression: str, white_is: int) -> None:
    """Both photometric interpretations; the width is no multiple of eight."""
    page = page_bitmap("mixed", 203, 60)
    page.image().save(tmp_path / "a.tif", compression=compression, dpi=(204, 98), tiffinfo={262: white_is})
    (read,) = pages_of(tmp_path / "a.tif")
    assert (read.width, read.height, read.dots_per_inch) == (203, 60, (204, 98))
    assert read.bitmap == page.bits


def test_a_grey_picture_is_dithered(tmp_path: Path) -> None:
    Image.new("L", (64, 64), 128).save(tmp_path / "a.png")
    (read,) = pages_of(tmp_path / "a.png")
    assert 1500 < int.from_bytes(read.bitmap, "big").bit_count() < 2600
    assert read.dots_per_inch is None


def test_no_such_file_and_no_image(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("Dear Sir or Madam")
    (tmp_path / "none.tif").write_bytes(b"")
    (tmp_path / "bare.tif").write_bytes(struct.pack("<2sHI", b"II", 42, 0))
    assert "No such file" in _refused(tmp_path / "missing.tif")
    assert "directory" in _refused(tmp_path)
    assert "not an image" in _refused(tmp_path / "text.tif")
    assert "not an image" in _refused(tmp_path / "none.tif")
    _refused(tmp_path / "bare.tif")


@pytest.mark.broken_tiffs
@pytest.mark.broken_tiffs
@pytest.mark.parametrize("side", [9000, 15000])
def test_a_bomb_is_not_unpacked(tmp_path: Path, side: int) -> None:
    width = side.to_bytes(4, "little")
    file = bytearray(_stored(tmp_path / "a.tif", 1).read_bytes())
    (directory,) = struct.unpack_from("<I", file, 4)
    file[directory + 2 + 12 + 8 : directory + 2 + 12 + 12] = width
    file[directory + 2 + 24 + 8 : directory + 2 + 24 + 12] = width
    (tmp_path / "a.tif").write_bytes(file)
    _refused(tmp_path / "a.tif")


@pytest.mark.broken_tiffs
@pytest.mark.broken_tiffs
def test_each_truncation_gives_the_pages_before_it(tmp_path: Path) -> None:
    whole = _stored(tmp_path / "a.tif").read_bytes()
    expected = [page.bitmap for page in pages_of(tmp_path / "a.tif")]
    cut = tmp_path / "cut.tif"
    for length in range(0, len(whole), 97):
        cut.write_bytes(whole[:length])
        read: list[bytes] = []
        with pytest.raises(StorageError):
            read.extend(page.bitmap for page in pages_of(cut))
        assert read == expected[: len(read)]


@pytest.mark.broken_tiffs
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8))
def test_damage_is_a_storage_error_or_a_page(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    file = bytearray(_stored(tmp_path / "a.tif").read_bytes())
    for at, mask in flips:
        file[at % len(file)] ^= mask
    (tmp_path / "b.tif").write_bytes(file)
    try:
        for number, page in enumerate(pages_of(tmp_path / "b.tif")):
            assert len(page.bitmap) == (page.width + 7) // 8 * page.height
            assert number < 1000
    except StorageError:
        pass
