"""The line as a modem in voice class hears it: events, each a DLE and a character (V.253, before it IS-101).

They tell a fax from a data modem and from a voice while nobody has said a word to the caller, and what digits
were pressed; no modem has all of them.
"""

from __future__ import annotations

from faxhw.at.replies import EVENT
from faxhw.terms import FarEndType

MAX_DIGITS = 64
DIGITS = frozenset("0123456789*#ABCD")
"""Some modems say a ``/`` before each and a ``~`` after it, which tell nothing more."""
_TYPES = {
    "c": FarEndType.FAX,
    "m": FarEndType.FAX,
    "e": FarEndType.DATA,
    "f": FarEndType.DATA,
    "v": FarEndType.VOICE,
    "V": FarEndType.VOICE,
    "q": FarEndType.VOICE,
}
"""Calling tones of a fax and of a data modem; a voice, and the silence after one."""
_GONE = frozenset("bKdil")
"""The busy tone, the dial tone and a break of the loop current: the far end has hung up."""


class Ear:
    """What was heard on one call."""

    def __init__(self) -> None:
        self.far_end_type = FarEndType.UNKNOWN
        self.digits = ""
        self.gone = False
        """Whether the far end has hung up."""

    def hear(self, line: str) -> bool:
        """Learn from an event; False if the line is none."""
        if not line.startswith(EVENT):
            return False
        event = line.removeprefix(EVENT)
        found = _TYPES.get(event)
        if event in DIGITS:
            self.digits = (self.digits + event)[:MAX_DIGITS]
        elif event in _GONE:
            self.gone = True
        elif found is not None and (found is not FarEndType.VOICE or self._is_unknown()):
            self.far_end_type = found
        return True

    def _is_unknown(self) -> bool:
        """A tone says more than a voice, for which much is taken that is none."""
        return self.far_end_type is FarEndType.UNKNOWN
