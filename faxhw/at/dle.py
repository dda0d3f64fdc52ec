"""DLE shielding: how data and its end travel on a line that carries commands too (T.31 clause 8.1).

In the data a DLE octet is doubled, DLE SUB stands for two DLEs, and DLE ETX ends it. Any other octet after a
DLE means nothing and goes, with its DLE; a modem that does not double the DLEs of its data needs them kept.
"""

from __future__ import annotations

import re

DLE, ETX, SUB, CAN = b"\x10", b"\x03", b"\x1a", b"\x18"
END = DLE + ETX

_PAIR = re.compile(rb"\x10(.)", re.DOTALL)


def shield(octets: bytes) -> bytes:
    """Octets as they are sent to the modem; ``END`` must follow the last of them."""
    return octets.replace(DLE, DLE + DLE)


class Unshield:
    """Takes shielded data apart; fed in any pieces, it gives the same octets."""

    def __init__(self, keep_lone_dle: bool = False) -> None:
        self._keep = keep_lone_dle
        self._half = b""
        self.ended = False
        """Whether DLE ETX has come."""
        self.rest = b""
        """What came after it: text again."""

    def feed(self, received: bytes) -> bytes:
        """The octets that these bring; all of them before the end."""
        if self.ended:
            self.rest += received
            return b""
        if not self._half and DLE not in received:
            return received
        received = self._half + received
        self._half = b""
        octets: list[bytes] = []
        start = 0
        for pair in _PAIR.finditer(received):
            octets.append(received[start : pair.start()])
            start = pair.end()
            if pair[1] == ETX:
                self.ended, self.rest = True, received[start:]
                return b"".join(octets)
            octets.append(self._meaning(pair[1]))
        tail = received[start:]
        if tail.endswith(DLE):
            self._half, tail = DLE, tail[:-1]
        octets.append(tail)
        return b"".join(octets)

    def _meaning(self, after_dle: bytes) -> bytes:
        if after_dle == DLE:
            return DLE
        if after_dle == SUB:
            return DLE + DLE
        return DLE + after_dle if self._keep else b""
