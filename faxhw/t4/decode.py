"""Decoding a received page and judging it (T.4 clause 4; T.6).

Pieces of any size go in; a report, the rows and, where nothing was damaged, the octets as they came go out.
Whatever comes, noise or a flood, time and memory are bounded: rows, their width, their changing elements
and the page's octets. What is damaged costs the rows it hits and no others, except in MR, where a row
counts only if the row that it refers to does, and in MMR, where nothing counts after the first fault.
"""

from __future__ import annotations

from dataclasses import dataclass

from faxhw.t4.damage import Ledger
from faxhw.t4.mhmr import MhMrReader
from faxhw.t4.mmr import MmrReader
from faxhw.t4.rows import POSITIONS, Row
from faxhw.terms import Coding

_MOST_CHANGES = 10_000_000
"""Changing elements of a page: a grey A4 page at 400 dots per inch has some 7 million."""
_SLICE = 4096


@dataclass(frozen=True, slots=True)
class PageReport:
    """What a received page is worth."""

    rows: int
    """Rows of the page, the damaged and the missing ones among them."""
    bad_rows: int
    """Rows that were damaged, and rows lost whole: the latter are estimated (``faxhw.t4.damage``)."""
    longest_bad_run: int
    """The most bad rows one after the other."""
    complete: bool
    """Whether the page's own end was seen: RTC, or EOFB."""
    missing_rows: int = 0
    """Those of the bad rows of which nothing was seen."""
    too_long: bool = False
    """Whether the page went beyond the limits; the rest of it was not looked at."""


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """A received page."""

    report: PageReport
    rows: list[Row]
    """As many as the report says; a bad one is a copy of the good one before it, or white."""
    clean: bytes | None
    """The page as it came, from the first EOL to the end of the last row (MMR: of EOFB), in the bit order of
    the line, moved to begin with an octet and filled up with zeros. ``None`` if any row was bad, or if the
    octets lack what a file should have (the EOL before the first row or after the last, EOFB): then ``rows``
    are to be coded anew."""


class PageDecoder:
    """Takes the octets of one page in any pieces, first bit on the line in the lowest bit."""

    def __init__(
        self, coding: Coding, width: int, *, max_rows: int = 20000, max_octets: int = 16 * 2**20
    ) -> None:
        if not 0 < width <= len(POSITIONS):
            raise ValueError(f"rows of {width} dots: 1 to {len(POSITIONS)} can be decoded")
        self._ledger = Ledger(max_rows, _MOST_CHANGES)
        self._reader: MhMrReader | MmrReader
        if coding is Coding.MMR:
            self._reader = MmrReader(width, self._ledger)
        else:
            self._reader = MhMrReader(width, self._ledger, tagged=coding is Coding.MR)
        self._octets = bytearray()
        self._octets_left = max_octets
        self._too_long = False

    @property
    def too_long(self) -> bool:
        """Whether the page has gone beyond the limits; what comes now is not looked at."""
        return self._too_long or self._reader.too_long

    def feed(self, data: bytes) -> None:
        """The next octets of the page; what comes after its end is ignored."""
        for start in range(0, len(data), _SLICE):
            if self._reader.done or self._too_long:
                return
            piece = data[start : start + min(_SLICE, self._octets_left)]
            self._too_long = self._octets_left < min(_SLICE, len(data) - start)
            self._octets_left -= len(piece)
            if not self._ledger.damaged:
                self._octets += piece
            self._reader.feed(piece)

    def finish(self) -> DecodedPage:
        """The page as far as it came. Call it once."""
        self._reader.finish()
        settled = self._ledger.settle()
        report = PageReport(
            rows=len(settled.rows),
            bad_rows=settled.bad_rows,
            longest_bad_run=settled.longest_bad_run,
            complete=self._reader.complete,
            missing_rows=settled.missing_rows,
            too_long=self.too_long,
        )
        whole = report.rows and not report.bad_rows and not report.too_long
        span = self._reader.clean_span if whole else None
        return DecodedPage(report, settled.rows, _cut(self._octets, *span) if span else None)


def _cut(octets: bytearray, start: int, end: int) -> bytes:
    """The bits from ``start`` to ``end``, beginning with an octet."""
    whole = int.from_bytes(octets[start // 8 : (end + 7) // 8], "little") >> start % 8
    return (whole & (1 << (end - start)) - 1).to_bytes((end - start + 7) // 8, "little")
