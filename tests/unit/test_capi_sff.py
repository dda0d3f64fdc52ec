"""SFF: pages come through as they were, in any pieces, and any octets are pages or refused."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.capi import sff
from faxhw.capi.fields import CapiError
from faxhw.capi.sff import SffItem, SffOctets, SffPage, SffPageEnd, SffReader
from faxhw.t4.decode import DecodedPage, PageDecoder
from faxhw.t4.rows import Row
from faxhw.terms import Coding
from tests.pages import page_bitmap, page_bitmaps


def document(*pages: list[Row], width: int = 1728, fine: bool = False) -> bytes:
    return (
        sff.document_header()
        + b"".join(b"".join(sff.page(rows, width, fine=fine, length=len(rows))) for rows in pages)
        + sff.document_end()
    )


def decoded(items: list[SffItem], width: int = 1728) -> list[DecodedPage]:
    """The pages that a reader gave, by our own T.4 decoder."""
    found: list[DecodedPage] = []
    decoder = PageDecoder(Coding.MH, width)
    for item in items:
        match item:
            case SffPage():
                decoder = PageDecoder(Coding.MH, item.width)
            case SffOctets():
                decoder.feed(item.data)
            case SffPageEnd():
                decoder.feed(sff.RTC)
                found.append(decoder.finish())
    return found


def test_pages_come_through() -> None:
    pages = [bitmap.rows for bitmap in page_bitmaps(5, rows=300)]
    reader = SffReader()
    items = reader.feed(document(*pages, fine=True))
    assert [page.rows for page in decoded(items)] == pages
    assert all(page.report.complete and not page.report.bad_rows for page in decoded(items))
    assert [item for item in items if isinstance(item, SffPage)] == [SffPage(1728, True, 300)] * 5
    ends = [item for item in items if isinstance(item, SffPageEnd)]
    assert [(end.rows, end.bad_rows, end.last) for end in ends] == [(300, 0, each == 4) for each in range(5)]
    assert reader.ended


@pytest.mark.parametrize("kind", ["black", "checkerboard", "noise"])
def test_rows_of_many_octets(kind: str) -> None:
    rows = page_bitmap(kind, 2432, 40).rows
    items = SffReader().feed(document(rows, width=2432))
    assert decoded(items)[0].rows == rows


@given(st.lists(st.integers(0, 4000), max_size=8))
@settings(max_examples=50)
def test_any_pieces_give_the_same_items(cuts: list[int]) -> None:
    octets = document(page_bitmap("text", rows=60).rows, page_bitmap("noise", rows=9).rows)
    bounds = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    reader = SffReader()
    items = [item for begin, end in pairwise(bounds) for item in reader.feed(octets[begin:end])]
    assert items == SffReader().feed(octets)


def test_octet_by_octet() -> None:
    octets = document(page_bitmap("mixed", rows=50).rows)
    reader = SffReader()
    assert [item for octet in octets for item in reader.feed(bytes([octet]))] == SffReader().feed(octets)


@given(st.lists(st.sampled_from([(), (3, 9), (0,)]), max_size=120))
def test_white_rows_are_counted(rows: list[Row]) -> None:
    items = SffReader().feed(document(rows))
    end = next(item for item in items if isinstance(item, SffPageEnd))
    assert end.rows == len(rows)
    assert decoded(items)[0].rows == rows


def test_damaged_rows_are_damage() -> None:
    rows: list[Row] = [(10, 20)] * 10
    octets = document(rows)
    octets = octets[:-2] + b"\xff\x00" * 3 + octets[-2:]
    items = SffReader().feed(octets)
    assert items[-1] == SffPageEnd(13, 3, last=True)
    report = decoded(items)[0].report
    assert (report.rows, report.bad_rows, report.longest_bad_run) == (13, 3, 3)


def test_notes_are_passed_over() -> None:
    octets = document([(10, 20)])
    assert SffReader().feed(octets[:-2] + b"\xff\x04note" + octets[-2:]) == SffReader().feed(octets)


def test_what_follows_the_end_is_passed_over() -> None:
    reader = SffReader()
    reader.feed(document([(10, 20)]))
    assert reader.feed(b"whatever") == []


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"%PDF", "no SFF"),
        (sff.document_header()[:10] + b"\x05\x00" + bytes(8), "first page is at octet 5"),
        (sff.document_header() + b"\x05", "outside of any page"),
        (sff.document_header() + b"\xfe\x03abc", "header of 5 octets"),
        (sff.document_header() + b"\xfe\x10\x00\x00\x00\x00\xff\xff" + bytes(10), "page of 65535 dots"),
        (sff.document_header() + b"\xfe\x10\x00\x00\x01\x00\xc0\x06" + bytes(10), "in coding 1"),
        (document([])[:-2] + b"\x00\xff\xff", "row of 65535 octets"),
    ],
)
def test_what_is_no_sff_is_refused(octets: bytes, said: str) -> None:
    with pytest.raises(CapiError, match=said):
        SffReader().feed(octets)


@given(st.binary(max_size=300), st.booleans())
def test_any_octets_are_pages_or_refused(octets: bytes, in_page: bool) -> None:
    start = document([])[:-2] if in_page else b""
    with suppress(CapiError):
        SffReader().feed(start + octets)
