"""The order of the bits in what a modem hands up: as the profile says, or found out from the page itself.

Class 2's chips turn the bits of each octet round, whatever +FBOR says, and some do not. The wrong order makes
no rows, so both are tried on the beginning of the first page.
"""

from __future__ import annotations

from faxhw.hdlc import REVERSED
from faxhw.t4.decode import PageDecoder
from faxhw.terms import Parameters

_TRIAL = 1024
"""Octets from which the order is told."""


class BitOrder:
    """The order of one call's pages."""

    def __init__(self, said: str) -> None:
        """``said``: ``lsb``, ``msb`` or ``auto``."""
        self._reversed: bool | None = {"lsb": False, "msb": True}.get(said)
        self._held = b""
        """What has come of the first page, while the order is not known."""

    def take(self, piece: bytes, parameters: Parameters) -> bytes:
        """More of a page, first bit on the line lowest; nothing as long as the order is not known."""
        if self._reversed is None:
            self._held += piece
            return self.rest(parameters) if len(self._held) >= _TRIAL else b""
        return piece.translate(REVERSED) if self._reversed else piece

    def rest(self, parameters: Parameters) -> bytes:
        """What was held back, the page being over or long enough to tell."""
        held, self._held = self._held, b""
        if not held:
            return b""
        turned = held.translate(REVERSED)
        straight_rows, turned_rows = (_good_rows(each, parameters) for each in (held, turned))
        if straight_rows != turned_rows:
            self._reversed = turned_rows > straight_rows
        return turned if turned_rows > straight_rows else held


def _good_rows(octets: bytes, parameters: Parameters) -> int:
    decoder = PageDecoder(parameters.coding, parameters.row_dots)
    decoder.feed(octets)
    report = decoder.finish().report
    return report.rows - report.bad_rows
