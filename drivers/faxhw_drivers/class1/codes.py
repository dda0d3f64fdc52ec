"""Modulations and their numbers in +FTM and +FRM (T.31 clause 8.3.5, table 5)."""

from __future__ import annotations

from faxhw.terms import Family, Modulation

FRAMES = 3
"""V.21 channel 2, 300 bit/s, with HDLC: the number in +FTH and +FRH."""

CODES: dict[Modulation, int] = {
    Modulation(Family.V27TER, 2400): 24,
    Modulation(Family.V27TER, 4800): 48,
    Modulation(Family.V29, 7200): 72,
    Modulation(Family.V29, 9600): 96,
    Modulation(Family.V17, 7200): 73,
    Modulation(Family.V17, 9600): 97,
    Modulation(Family.V17, 12000): 121,
    Modulation(Family.V17, 14400): 145,
}
"""With long training; V.17's short training has the next number."""


def code_of(modulation: Modulation, *, short_training: bool) -> int:
    short = short_training and modulation.family is Family.V17
    return CODES[modulation] + short
