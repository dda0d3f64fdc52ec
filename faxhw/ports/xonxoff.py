"""Outbound XON/XOFF flow control, for ports that have no operating system to do it."""

from __future__ import annotations

XON, XOFF = 0x11, 0x13
_NEITHER = bytes((XON, XOFF))


class XonXoff:
    """Takes XON and XOFF out of what arrives while they are heeded; they are data otherwise."""

    def __init__(self) -> None:
        self.held = False
        """Whether the last of them was XOFF."""
        self._heeded = False

    def heed(self, on: bool) -> None:
        """Act upon them from now on, or not; nothing is held back by an XOFF from before."""
        self._heeded, self.held = on, False

    def strip(self, data: bytes) -> bytes:
        """What has arrived, without them."""
        if not self._heeded or not (XON in data or XOFF in data):
            return data
        self.held = data.rfind(XOFF) > data.rfind(XON)
        return data.translate(None, _NEITHER)
