"""Tones: CED and CNG, said and heard, and how loud a block is (T.30 clauses 4.3.3.2 and 4.3.3.3; V.25)."""

from __future__ import annotations

import math
import operator
from array import array
from enum import Enum

from faxhw.audio.port import BLOCK, RATE
from faxhw_drivers.dsp.modems.bits import SEND_LEVEL

_FULL_SCALE = 3.14
"""The level of a sine that fills 16 bits (G.711)."""
SILENCE_LEVEL = -90.0
"""The level of no sound at all."""
_LOUD_ENOUGH = -43.0
_PURE = 0.8
"""Share of a block's power that a tone has to itself; the rest is noise."""
_BLOCKS = 10
"""Blocks on end that make a tone one that was meant: 0.2 s, within CNG's half second."""


class Tone(Enum):
    """A tone's frequency in hertz."""

    CED = 2100
    CNG = 1100


def sound(tone: Tone, level: float = SEND_LEVEL) -> bytes:
    """A block of the tone; blocks join without a seam, for both have whole periods in one."""
    amplitude = 32768 * 10 ** ((level - _FULL_SCALE) / 20)
    step = 2 * math.pi * tone.value / RATE
    return array("h", [round(amplitude * math.sin(step * at)) for at in range(BLOCK)]).tobytes()


def level(block: bytes) -> float:
    """A block's level in dBm0."""
    return decibels(_power(array("h", block)) / max(1, len(block) // 2))


def _power(samples: array[int]) -> int:
    return sum(map(operator.mul, samples, samples))


def decibels(mean_square: float) -> float:
    """A mean square of samples in dBm0."""
    if mean_square < 0.5:
        return SILENCE_LEVEL
    return 10 * math.log10(mean_square / (32768**2 / 2)) + _FULL_SCALE


class ToneDetector:
    """Tells when a tone has stood for 0.2 s."""

    def __init__(self, tone: Tone) -> None:
        step = 2 * math.pi * tone.value / RATE
        self._cosine = [math.cos(step * at) for at in range(BLOCK)]
        self._sine = [math.sin(step * at) for at in range(BLOCK)]
        self._blocks = 0

    def feed(self, block: bytes) -> bool:
        """Whether the tone stands at the end of this block (of ``BLOCK`` samples)."""
        samples = array("h", block)
        power = _power(samples)
        pure = False
        if power and decibels(power / len(samples)) >= _LOUD_ENOUGH:
            real = sum(map(operator.mul, samples, self._cosine))
            imaginary = sum(map(operator.mul, samples, self._sine))
            pure = 2 * (real * real + imaginary * imaginary) / len(samples) >= _PURE * power
        self._blocks = self._blocks + 1 if pure else 0
        return self._blocks >= _BLOCKS
