"""What a listener who takes no part has made of fax calls: the exchange, and the pages as they came.

Plain values, from whoever heard the sound of the calls to whoever prints the one and stores the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faxhw.terms import Parameters, SignalFigures


class Party(StrEnum):
    """Who said something."""

    CALLER = "caller"
    CALLED = "called"
    UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said: a frame, the carrier of a page, a tone."""

    call: int
    """From 1: which of the calls in the sound."""
    time: float
    """Seconds from the beginning of the sound to the end of it."""
    channel: int
    """From 0: the channel of the sound that it was heard on."""
    party: Party
    name: str
    """A frame's name (``DIS``), a carrier's modulation (``V.17 14400``), a tone's name."""
    said: tuple[str, ...]
    """What that means, line by line."""
    octets: bytes = b""
    """A frame's, as ``faxhw.t30.line.Frame`` has them."""
    good: bool = True
    """Whether a frame came whole, and a carrier could be understood."""
    level: float | None = None
    """In dBm0, where it was measured."""


class Fate(StrEnum):
    """What the receiver said of a page."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """It was asked for again, and perhaps came again."""
    UNANSWERED = "not confirmed"


@dataclass(frozen=True, slots=True)
class OverheardPage:
    """A page as it came."""

    call: int
    """From 1: which of the calls in the sound."""
    time: float
    """Seconds from the beginning of the sound to the beginning of the page."""
    seconds: float
    """Time on the line."""
    channel: int
    parameters: Parameters
    """What the DCS before it says."""
    data: bytes
    """The coded page, first bit on the line in the lowest bit; over gaps where frames of ECM are missing."""
    intact: bool
    """Every bit is as it was sent: ECM, and no frame is missing."""
    ended: bool
    """A command followed that ends the page: it was not cut off."""
    fate: Fate
    repetitions: int = 0
    """Blocks of it that came again in part (ECM)."""
    sender: str = ""
    """What the sending station calls itself (TSI)."""
    signal: SignalFigures | None = None
    """How its last carrier was received."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """All that was heard, in the order of time."""

    entries: tuple[Entry, ...]
    pages: tuple[OverheardPage, ...]
    seconds: float
    """How long the sound is."""
