"""Our page encoder against libspandsp's: the same page, the same bits on the line."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Resolution
from faxhw.tiff import TiffFax, TiffPage
from tests.installed import needs_libspandsp
from tests.interop.spandsp import library
from tests.pages import page_bitmap

pytestmark = [pytest.mark.interop, needs_libspandsp]

CODINGS = {Coding.MH: 1, Coding.MR: 2, Coding.MMR: 3}
"""Their numbers in libspandsp's t4_rx.h (0.0.6)."""
PIECE = 256


def coded_by_spandsp(path: Path, coding: Coding, min_row_bits: int) -> bytes:
    """What libspandsp makes of the first page of a TIFF."""
    spandsp = ctypes.CDLL(library())
    spandsp.t4_tx_init.restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(spandsp.t4_tx_init(None, str(path).encode(), 0, 0))
    assert encoder.value is not None
    spandsp.t4_tx_set_tx_encoding(encoder, CODINGS[coding])
    spandsp.t4_tx_set_min_bits_per_row(encoder, min_row_bits)
    assert spandsp.t4_tx_start_page(encoder) == 0
    coded, taken = b"", PIECE
    piece = ctypes.create_string_buffer(PIECE)
    while taken == PIECE:
        taken = spandsp.t4_tx_get_chunk(encoder, piece, PIECE)
        coded += piece.raw[:taken]
    spandsp.t4_tx_free(encoder)
    return coded


@pytest.mark.parametrize("kind", ["text", "form", "photo", "noise", "blank", "black", "checkerboard"])
@pytest.mark.parametrize("resolution", [Resolution.STANDARD, Resolution.FINE])
def test_the_same_bits(tmp_path: Path, kind: str, resolution: Resolution) -> None:
    """EOL, tag bit, K by the resolution, fill, RTC: all but what fills the last octet up."""
    drawn = page_bitmap(kind, 1728, 120)
    path = tmp_path / "page.tif"
    with TiffFax(path) as fax:
        data = encode_page(drawn.rows, Coding.MMR, 1728, finish=False)
        fax.append(TiffPage(data=data, coding=Coding.MMR, width=1728, rows=120, resolution=resolution))
    k = 2 if resolution is Resolution.STANDARD else 4
    for coding in Coding:
        for min_row_bits in (0, 48, 96, 288):
            ours = encode_page(drawn.rows, coding, 1728, k=k, min_row_bits=min_row_bits)
            theirs = coded_by_spandsp(path, coding, min_row_bits)
            assert len(theirs) == len(ours)
            assert theirs[:-1] == ours[:-1]


@pytest.mark.parametrize("width", [2048, 2432])
def test_the_same_bits_at_other_widths(tmp_path: Path, width: int) -> None:
    drawn = page_bitmap("mixed", width, 200)
    path = tmp_path / "page.tif"
    with TiffFax(path) as fax:
        data = encode_page(drawn.rows, Coding.MH, width, finish=False)
        fax.append(TiffPage(data=data, coding=Coding.MH, width=width, rows=200, resolution=Resolution.FINE))
    for coding in Coding:
        ours = encode_page(drawn.rows, coding, width, min_row_bits=144)
        assert coded_by_spandsp(path, coding, 144)[:-1] == ours[:-1]
