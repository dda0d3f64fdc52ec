"""SFF, structured fax files: the form in which CAPI carries pages, to and from octets of T.4.

A document header of 20 octets; for each page a header of 18 and a record a row, in MH without EOL, each row
from a whole octet on, first bit on the line lowest; an empty page header ends the document. Records begin
with an octet: 1 to 216, so many octets of a row; 0, a word with their number; 217 to 253, white rows, 216
less; 254, a page header; 255, a damaged row, or notes. Source: CAPI 2.0 part I, annex B.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from faxhw.capi.fields import CapiError
from faxhw.hdlc import pack
from faxhw.t4 import codes
from faxhw.t4.encode import encode_page, one_dimensional
from faxhw.t4.rows import Row
from faxhw.terms import Coding

DOCUMENT_HEADER = 20
PAGE_HEADER = 18
_ID = b"Sfff"
_VERSION = 1
_LONGEST_SHORT = 216
_MOST_WHITE = 253
_PAGE, _OTHER = 254, 255
_END = bytes([_PAGE, 0])
_WIDEST = 8191
"""Dots of a row; T.4 has 4864 at most."""
_LONGEST_ROW = 16384
"""Octets of a row: one of single dots, twice over."""
_EOL = b"\x00\x80"
"""EOL with fill before it, so that it ends with an octet (T.4 clause 4.1.2)."""
_SPOILT = _EOL + pack(codes.WHITE[8].ljust(8, "0"))
"""A row of eight dots: what T.4's decoders find damaged."""


@dataclass(frozen=True, slots=True)
class SffPage:
    """A page begins."""

    width: int
    """Dots in a row: 1728, 2048 or 2432."""
    fine: bool
    """196 rows an inch rather than 98."""
    length: int = 0
    """How many rows it has; 0 if that is not said."""


@dataclass(frozen=True, slots=True)
class SffOctets:
    """Octets of the page in MH, with an EOL before each row; a damaged row is one that no decoder takes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SffPageEnd:
    """The page is complete: what its octets lack is RTC."""

    rows: int
    bad_rows: int
    last: bool
    """Whether the document ends with it."""


SffItem = SffPage | SffOctets | SffPageEnd

RTC = encode_page([], Coding.MH, 1728)
"""Six EOLs, by which a page of T.4 ends."""


class SffReader:
    """Takes the octets of a document in any pieces; little is kept, however long it is."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._started = False
        self._page: SffPage | None = None
        self._white = b""
        self._rows = self._bad = 0
        self.ended = False
        """Whether the document's end has come. What follows it is passed over."""

    @property
    def rows(self) -> int:
        """Rows of the page in hand so far; 0 between pages."""
        return self._rows if self._page else 0

    def feed(self, octets: bytes) -> list[SffItem]:
        """What the octets bring. Raises ``CapiError`` for what is no SFF; nothing can follow then."""
        self._octets += octets
        items: list[SffItem] = []
        at = 0
        while not self.ended:
            size = self._document_header(at) if not self._started else self._record(at, items)
            if size is None or at + size > len(self._octets):
                break
            at += size
        if self.ended:
            self._octets.clear()
        del self._octets[:at]
        return items

    def _document_header(self, at: int) -> int | None:
        octets = self._octets[at : at + DOCUMENT_HEADER]
        if not _ID.startswith(octets[:4]):
            raise CapiError("the pages that the card gives are no SFF")
        if len(octets) < DOCUMENT_HEADER:
            return None
        first = _word(octets, 10)
        if first < DOCUMENT_HEADER:
            raise CapiError(f"an SFF document whose first page is at octet {first}")
        if at + first <= len(self._octets):
            self._started = True
        return first

    def _record(self, at: int, items: list[SffItem]) -> int | None:
        """The size of the record that begins there, where that can be told; its items, if it is complete."""
        octets = self._octets
        here = len(octets) - at
        if not here:
            return None
        kind = octets[at]
        if self._page is None and kind != _PAGE:
            raise CapiError(f"an SFF record 0x{kind:02X} outside of any page")
        if _LONGEST_SHORT < kind <= _MOST_WHITE:
            white = kind - _LONGEST_SHORT
            self._row(self._white * white, items, rows=white)
            return 1
        if here < (2 if kind else 3):
            return None
        if kind == _PAGE:
            return self._page_header(at, items)
        if kind == _OTHER:
            if not octets[at + 1]:
                self._row(_SPOILT, items, bad=1)
            return 2 + octets[at + 1]
        begin, length = (1, kind) if kind else (3, _word(octets, at + 1))
        if length > _LONGEST_ROW:
            raise CapiError(f"an SFF row of {length} octets")
        if begin + length <= here:
            self._row(_EOL + bytes(octets[at + begin : at + begin + length]), items)
        return begin + length

    def _row(self, data: bytes, items: list[SffItem], rows: int = 1, bad: int = 0) -> None:
        self._rows += rows
        self._bad += bad
        items.append(SffOctets(data))

    def _page_header(self, at: int, items: list[SffItem]) -> int | None:
        size = 2 + self._octets[at + 1]
        header = self._octets[at : at + size]
        if size == len(_END):
            self._end_page(items, last=True)
            self.ended = True
            return size
        if size < 10:
            raise CapiError(f"an SFF page header of {size} octets")
        if len(header) < size:
            return None
        if header[4] != 0:
            raise CapiError(f"an SFF page in coding {header[4]}: there should be MH alone")
        width = _word(header, 6)
        if not 0 < width <= _WIDEST:
            raise CapiError(f"an SFF page of {width} dots")
        self._end_page(items, last=False)
        self._page = SffPage(width, fine=header[2] > 0, length=_word(header, 8))
        self._white = _EOL + row_octets((), width)
        self._rows = self._bad = 0
        items.append(self._page)
        return size

    def _end_page(self, items: list[SffItem], *, last: bool) -> None:
        if self._page is not None:
            items.append(SffPageEnd(self._rows, self._bad, last))
        self._page = None


# ----------------------------------------------------------------------------------------------------------
# Writing


def document_header() -> bytes:
    """The beginning of a document whose pages nobody has counted yet."""
    return _ID + bytes([_VERSION, 0]) + b"".join(map(_to_word, (0, 0, DOCUMENT_HEADER))) + bytes(8)


def document_end() -> bytes:
    """The empty page header."""
    return _END


def page(rows: Iterable[Row], width: int, *, fine: bool, length: int = 0) -> Iterator[bytes]:
    """A page's header and its records, one by one; ``length``: its rows, 0 if that is not known."""
    yield bytes([_PAGE, 16, fine, 0, 0, 0]) + _to_word(width) + _to_word(length) + bytes(8)
    white = 0
    for row in rows:
        if not row and white < _MOST_WHITE - _LONGEST_SHORT:
            white += 1
            continue
        if white:
            yield bytes([_LONGEST_SHORT + white])
        white = 0 if row else 1
        if row:
            octets = row_octets(row, width)
            size = len(octets)
            yield (bytes([size]) if size <= _LONGEST_SHORT else b"\0" + _to_word(size)) + octets
    if white:
        yield bytes([_LONGEST_SHORT + white])


def row_octets(row: Row, width: int) -> bytes:
    """A row in MH without EOL, filled up to a whole octet."""
    text = one_dimensional(row, width)
    return pack(text + "0" * (-len(text) % 8))


def _word(octets: bytes | bytearray, at: int) -> int:
    return int.from_bytes(octets[at : at + 2], "little")


def _to_word(value: int) -> bytes:
    return min(value, 0xFFFF).to_bytes(2, "little")
