"""What a page looks like inside a TIFF: its strip, its tags, its directory (TIFF 6.0 section 2; RFC 2306).

Little-endian, one strip a page, bits within octets in the order of the line (FillOrder 2). A directory
stands where its pointer to the next one falls on a multiple of four, so that the pointer never straddles
two sectors.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from faxhw.terms import Coding, Resolution

HEADER_OCTETS = 8
MOST_OCTETS = 2**32 - 1
_LONGEST_TEXT = 200
_SOFTWARE = "faxhw"


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPage:
    """One page to store."""

    data: bytes
    """The coded page, first bit on the line in the lowest bit: MH and MR with EOLs and without RTC, MMR with
    EOFB."""
    coding: Coding
    width: int
    """Dots in a row."""
    rows: int
    resolution: Resolution
    bad_rows: int = 0
    """Rows that were damaged when they came; ``data`` holds them repaired."""
    longest_bad_run: int = 0
    description: str = ""
    """Free text, like that in ``make`` and ``model``: control characters are dropped, the rest is bounded."""
    make: str = ""
    model: str = ""
    date: datetime | None = None


class Block(NamedTuple):
    """A page as it goes into the file at one place."""

    octets: bytes
    directory_at: int
    """Where its directory will stand in the file."""
    pointer_at: int
    """Where the pointer to the next directory will stand; a multiple of four."""


def header(first_directory: int) -> bytes:
    """The file's first eight octets."""
    return struct.pack("<2sHI", b"II", 42, first_directory)


def block(page: TiffPage, number: int, at: int) -> Block:
    """The page, counted from 0, as it goes into the file at offset ``at``."""
    out = bytearray(page.data)
    entries = b""
    tags = sorted(_tags(page, number, strip_at=at))
    for tag, kind, values in tags:
        packed = _packed(kind, values)
        count = len(packed) // _SIZE[kind]
        if len(packed) > 4:
            out += bytes((at + len(out)) % 2)
            place = at + len(out)
            out += packed
            packed = place.to_bytes(4, "little")
        entries += struct.pack("<HHI4s", tag, kind, count, packed)
    out += bytes((2 - at - len(out)) % 4)
    directory_at = at + len(out)
    out += struct.pack("<H", len(tags)) + entries
    pointer_at = at + len(out)
    return Block(bytes(out) + bytes(4), directory_at, pointer_at)


_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_SIZE = {_ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8}
_Values = Sequence[int] | str


def _packed(kind: int, values: _Values) -> bytes:
    if isinstance(values, str):
        return values.encode("ascii", "replace") + b"\0"
    return struct.pack(f"<{len(values)}H" if kind == _SHORT else f"<{len(values)}I", *values)


def _tags(page: TiffPage, number: int, strip_at: int) -> list[tuple[int, int, _Values]]:
    """Tag, type and values, names as in the registry. A rational is two numbers."""
    mmr = page.coding is Coding.MMR
    tags: list[tuple[int, int, _Values]] = [
        (254, _LONG, [2]),  # NewSubfileType: one page of several
        (256, _LONG, [page.width]),  # ImageWidth
        (257, _LONG, [page.rows]),  # ImageLength
        (258, _SHORT, [1]),  # BitsPerSample
        (259, _SHORT, [4 if mmr else 3]),  # Compression: T6, T4
        (262, _SHORT, [0]),  # PhotometricInterpretation: white is zero
        (266, _SHORT, [2]),  # FillOrder: lowest bit first
        (273, _LONG, [strip_at]),  # StripOffsets
        (274, _SHORT, [1]),  # Orientation: top left
        (277, _SHORT, [1]),  # SamplesPerPixel
        (278, _LONG, [page.rows]),  # RowsPerStrip
        (279, _LONG, [len(page.data)]),  # StripByteCounts
        (282, _RATIONAL, [page.resolution.x, 1]),  # XResolution
        (283, _RATIONAL, [page.resolution.y, 1]),  # YResolution
        (293, _LONG, [0]) if mmr else (292, _LONG, [int(page.coding is Coding.MR)]),  # T6Options, T4Options
        (296, _SHORT, [2]),  # ResolutionUnit: inch
        (297, _SHORT, [min(number, 65535), 0]),  # PageNumber: of how many is not known yet
        (326, _LONG, [page.bad_rows]),  # BadFaxLines
        (327, _SHORT, [1 if page.bad_rows else 0]),  # CleanFaxData: bad rows were regenerated, or none
        (328, _LONG, [page.longest_bad_run]),  # ConsecutiveBadFaxLines
    ]
    texts = {270: page.description, 271: page.make, 272: page.model, 305: _SOFTWARE}
    if page.date is not None:
        texts[306] = page.date.strftime("%Y:%m:%d %H:%M:%S")
    return tags + [(tag, _ASCII, text) for tag, raw in texts.items() if (text := _plain(raw))]


def _plain(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:_LONGEST_TEXT]
