"""The reader of MMR pages (T.6): rows follow each other without a mark between them.

MMR travels with error correction only, so there is nothing to find one's way back by: a fault ends the
page. Octets are read when enough have come for several rows; a row that is not whole by then is begun anew
when more has come.
"""

from __future__ import annotations

from faxhw.t4 import codes
from faxhw.t4.damage import Ledger
from faxhw.t4.rows import Row
from faxhw.t4.tokens import row_of_modes
from faxhw.t4.transducer import MMR_TRANSDUCER

_WORTH_READING = 4096
"""Octets that are waited for: beginning a row anew then costs little."""
_MOST_PADDING = 63
"""Zeros that may stand behind the last row: more of them are no end of a page but a fault."""
_EOL, _EOFB = (int(word[::-1], 2) for word in (codes.EOL, codes.EOFB))
_WHITE_AT_ONCE = 32
"""Octets of white rows, a bit each, that are taken together."""
_STARTS = tuple(MMR_TRANSDUCER.start(skip) for skip in range(8))


class MmrReader:
    """Tells the ledger of the rows. Positions are in bits."""

    def __init__(self, width: int, ledger: Ledger) -> None:
        self._width, self._ledger = width, ledger
        self._octets = bytearray()
        self._at = 0
        """Where the next row begins in these octets."""
        self._bits = 0  # of the page so far
        self._gone = 0  # those that are no longer in the octets
        self._reference: Row = ()
        self._fault: int | None = None
        self.done = False
        """Whether more octets would change nothing."""
        self.complete = False
        self.too_long = False
        self.clean_span: tuple[int, int] | None = None
        """Up to the end of EOFB, once it was seen."""

    def feed(self, data: bytes) -> None:
        self._bits += 8 * len(data)
        if self._fault is None:
            self._octets += data
            if len(self._octets) >= _WORTH_READING:
                self._read(last=False)

    def finish(self) -> None:
        """Without EOFB the page is incomplete, and damaged too if it breaks off within a row."""
        self._read(last=True)
        if self._fault is not None:
            self._ledger.bad(self._bits - self._fault)

    def _read(self, *, last: bool) -> None:
        while not self.done and self._fault is None:
            octet, bit = divmod(self._at, 8)
            if octet == len(self._octets) or (
                not self._octets[octet] >> bit and self._ends_or_waits(octet, bit, last=last)
            ):
                break
            if not self._reference and self._octets[octet] >> bit & 1:
                self._white_rows(octet, bit)
                continue
            row, end, end_bit = row_of_modes(self._octets, octet, _STARTS[bit], self._reference, self._width)
            if row is not None:
                self._take(row, 8 * end + end_bit - self._at)
            elif end < len(self._octets) or last:
                self._fault = self._gone + self._at
            else:
                break
        whole = self._at // 8
        del self._octets[:whole]
        self._gone += 8 * whole
        self._at %= 8

    def _ends_or_waits(self, octet: int, bit: int, *, last: bool) -> bool:
        """Where a row should begin are zeros: whether they are EOFB, padding, or too few to tell."""
        ahead = int.from_bytes(self._octets[octet : octet + 9], "little") >> bit
        left = 8 * len(self._octets) - self._at
        if not ahead:
            return left <= _MOST_PADDING
        if ahead & (1 << len(codes.EOL)) - 1 != _EOL:
            return False
        if last or left >= len(codes.EOFB):
            self.complete = self.done = True
            if ahead & (1 << len(codes.EOFB)) - 1 == _EOFB:
                self.clean_span = 0, self._gone + self._at + len(codes.EOFB)
        return True

    def _white_rows(self, octet: int, bit: int) -> None:
        """White rows below a white one are a one each."""
        ahead = int.from_bytes(self._octets[octet : octet + _WHITE_AT_ONCE], "little") >> bit
        for _ in range((ahead ^ ahead + 1).bit_length() - 1):
            self._take((), 1)

    def _take(self, row: Row, bits: int) -> None:
        if self._ledger.full:
            self.too_long = self.done = True
        else:
            self._ledger.good(row, bits)
            self._reference = row
            self._at += bits
