"""What travels on a telephone line: silence, tones, a voice, and carriers with their training.

Training times are those of T.30 clause 5 and of V.17, V.27ter and V.29: from the first sound of the carrier
to its first data bit. A carrier's octets follow as separate deliveries while it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faxhw.terms import Family, Modulation


class Tone(StrEnum):
    """Anything that is not a fax carrier."""

    SILENCE = "silence"
    DIALTONE = "dial tone"
    RINGBACK = "ringback"
    BUSY = "busy tone"
    CED = "CED"
    """2100 Hz of an answering fax (or, to a listener without patience, of a data modem)."""
    CNG = "CNG"
    VOICE = "a voice"
    DATA = "a data modem"


V21_RATE = 300
PREAMBLE = 1.0
"""Seconds of flags before the first frame (T.30 clause 5.3.1: 1 s, +-15 %)."""

_TRAINING = {
    Modulation(Family.V27TER, 2400): 0.943,
    Modulation(Family.V27TER, 4800): 0.708,
    Modulation(Family.V29, 7200): 0.253,
    Modulation(Family.V29, 9600): 0.253,
    Modulation(Family.V17, 7200): 1.393,
    Modulation(Family.V17, 9600): 1.393,
    Modulation(Family.V17, 12000): 1.393,
    Modulation(Family.V17, 14400): 1.393,
}
_SHORT_TRAINING = 0.142


@dataclass(frozen=True, slots=True)
class Carrier:
    """A modulated carrier; ``modulation`` is ``None`` for V.21 channel 2, the control frames' 300 bit/s."""

    modulation: Modulation | None
    short: bool = False
    """V.17's short training sequence."""
    resumed: bool = False
    """It comes back from a drop-out: there is no training to be heard any more."""
    spoilt: bool = False
    """Noise has made its training useless."""

    @property
    def rate(self) -> int:
        return V21_RATE if self.modulation is None else self.modulation.rate

    @property
    def training(self) -> float:
        """Seconds from its beginning to its first data bit."""
        if self.modulation is None or self.resumed:
            return 0.0
        return _SHORT_TRAINING if self.short else _TRAINING[self.modulation]

    def same_kind(self, other: Carrier) -> bool:
        """Whether it is of the modulation and training that ``other`` is of."""
        return self.modulation == other.modulation and self.short == other.short

    def __str__(self) -> str:
        name = "V.21" if self.modulation is None else str(self.modulation)
        return name + (" short" if self.short else "")


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit pressed at a telephone: two tones."""

    digit: str


Signal = Tone | Carrier | Digit

V21 = Carrier(None)

CLASS1_CODES: dict[int, Carrier] = {
    3: V21,
    24: Carrier(Modulation(Family.V27TER, 2400)),
    48: Carrier(Modulation(Family.V27TER, 4800)),
    72: Carrier(Modulation(Family.V29, 7200)),
    73: Carrier(Modulation(Family.V17, 7200)),
    74: Carrier(Modulation(Family.V17, 7200), short=True),
    96: Carrier(Modulation(Family.V29, 9600)),
    97: Carrier(Modulation(Family.V17, 9600)),
    98: Carrier(Modulation(Family.V17, 9600), short=True),
    121: Carrier(Modulation(Family.V17, 12000)),
    122: Carrier(Modulation(Family.V17, 12000), short=True),
    145: Carrier(Modulation(Family.V17, 14400)),
    146: Carrier(Modulation(Family.V17, 14400), short=True),
}
"""The values of +FTM, +FRM, +FTH and +FRH (TIA-578, T.31 table 4)."""
