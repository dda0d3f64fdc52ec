"""DLE shielding as the modem sees it (T.31 clause 6.2): a second reading of the text, not the driver's own.

The package has another in ``faxhw.at``; a misreading that both shared could not be seen by any test.
"""

from __future__ import annotations

DLE, ETX, SUB = 0x10, 0x03, 0x1A
END = b"\x10\x03"


def shielded(data: bytes, doubling: bool = True) -> bytes:
    """Octets for the DTE; without ``doubling`` a DLE goes out single, as on modems that know no better."""
    return data.replace(b"\x10", b"\x10\x10") if doubling else data


class Unshielder:
    """Takes the DTE's octets, split anywhere."""

    def __init__(self, ends: bytes = bytes((ETX,))) -> None:
        """``ends``: the octets that after a DLE end the data."""
        self.ended_by: int | None = None
        """The one of them that did."""
        self._ends = ends
        self._dle = False

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """The plain octets, and whether their end has come; what follows it is nobody's."""
        if not self._dle and DLE not in data:
            return data, False
        plain = bytearray()
        for octet in data:
            if not self._dle:
                self._dle = octet == DLE
                if not self._dle:
                    plain.append(octet)
                continue
            self._dle = False
            if octet in self._ends:
                self.ended_by = octet
                return bytes(plain), True
            if octet == DLE:
                plain.append(DLE)
            elif octet == SUB:
                plain += b"\x10\x10"
        return bytes(plain), False
