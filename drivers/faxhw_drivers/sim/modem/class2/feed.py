"""A page on its way from the DTE to the line: row by row, filled up where the DTE is slow.

Between the zeros of an EOL and its one, zeros may stand as fill (T.4 clause 4.1.3): so rows are let go as far
as the last such place that has come. RTC is taken off, and put on again when the page ends, which in class 2
is known later than its last row. Under error correction flags hold the line, and MMR is passed on as it is.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from math import ceil

from faxhw.hdlc import bits, pack
from faxhw.t4.codes import EOL
from faxhw.terms import Coding, Parameters

_PIECE = 32
"""Octets that are let go together."""
_LONGEST_ROW = 512
"""Octets after which a row is let go though its end has not come: it would fill the modem's buffer."""
_SHORT_ROW = 2
"""Octets of an EOL with nothing, or next to nothing, before the next one."""
_RTC = {Coding.MH: pack(EOL * 6), Coding.MR: pack((EOL + "1") * 6 + "00"), Coding.MMR: b""}
_IS_RTC = {Coding.MH: re.compile("0*1(0{11,}1)+0*"), Coding.MR: re.compile("0*11(0{11,}11)+0*")}
"""From the octet in which the first of its EOLs ends."""
_EOLS = 6
_FIRST_ZEROS = [8] + [(octet & -octet).bit_length() - 1 for octet in range(1, 256)]
"""Zero bits of an octet before its first one, in the order of the line."""
_LAST_ZEROS = [8 - octet.bit_length() for octet in range(256)]


class PageFeed:
    """The octets of one page."""

    def __init__(self, parameters: Parameters, taken: Callable[[], None], *, own_rtc: bool = True) -> None:
        """``taken`` is called whenever the line has asked for octets; ``own_rtc``: whether RTC is the modem's
        business."""
        self._taken = taken
        self._coding = parameters.coding
        self._ecm = parameters.ecm
        self._rtc = _RTC[parameters.coding] if own_rtc else b""
        self._is_rtc = _IS_RTC.get(parameters.coding) if own_rtc else None
        self._least = ceil(parameters.min_scan_time * parameters.modulation.rate / 8)
        self._ready = bytearray()
        self._short_rows: deque[bytes] = deque()
        """What has come after the last row of some length: perhaps an RTC."""
        self._row = bytearray()
        """What came after the last place where fill may stand."""
        self._scanned = 0
        self._zeros = 0
        """Zero bits at the end of what was scanned."""
        self.over = False
        """Whether the DTE has said that there is no more."""
        self._closed = False

    @property
    def waiting(self) -> int:
        """Octets that the modem holds."""
        return len(self._ready) + sum(map(len, self._short_rows)) + len(self._row)

    @property
    def ready(self) -> int:
        """How many of them may go on the line."""
        return len(self._ready)

    @property
    def all_taken(self) -> bool:
        """Whether all whole rows that the DTE has given are on the line."""
        return self.over and not self._ready

    def feed(self, octets: bytes) -> None:
        """More of the page, first bit on the line lowest."""
        self._row += octets
        if self._coding is Coding.MMR:
            self._release()
            return
        while self._scanned < len(self._row):
            octet = self._row[self._scanned]
            if octet and self._zeros + _FIRST_ZEROS[octet] >= len(EOL) - 1:
                self._place_found()
            self._zeros = _LAST_ZEROS[octet] if octet else self._zeros + 8
            self._scanned += 1
        if len(self._row) > _LONGEST_ROW:
            self._release()

    def end(self) -> None:
        """The DTE has no more, for now: what may be the middle of a row stays here."""
        self.over = True

    def go_on(self) -> None:
        """There is more after all (+FDT in mid-page)."""
        self.over = False

    def close(self) -> None:
        """The page is complete: it can end now."""
        self._closed = True
        self._take_rtc_off()
        self._release()
        self._ready += self._rtc

    def __iter__(self) -> Iterator[bytes]:
        """The octets, as the line wants them; an empty piece if there is nothing yet, under error correction.
        It is the line that waits for the end, until ``close``."""
        while self._ready or not self._closed:
            if self._ready:
                piece = bytes(self._ready[:_PIECE])
                del self._ready[:_PIECE]
                yield piece
            else:
                yield b"" if self._ecm else b"\0"
            self._taken()

    def _place_found(self) -> None:
        """Fill may stand before the octet that is being scanned."""
        row, self._row = bytes(self._row[: self._scanned]), self._row[self._scanned :]
        self._scanned = 0
        self._short_rows.append(row)
        while self._short_rows and (len(row) > _SHORT_ROW or len(self._short_rows) > _EOLS):
            self._ready += self._short_rows.popleft().ljust(self._least, b"\0")

    def _take_rtc_off(self) -> None:
        if self._is_rtc is None:
            return
        end = [*self._short_rows, bytes(self._row)]
        for start in range(len(end)):
            if self._is_rtc.fullmatch(bits(b"".join(end[start:]))):
                self._ready += b"".join(end[:start])
                self._short_rows.clear()
                self._row.clear()
                return

    def _release(self) -> None:
        self._ready += b"".join(self._short_rows) + self._row
        self._short_rows.clear()
        self._row.clear()
        self._scanned = 0
