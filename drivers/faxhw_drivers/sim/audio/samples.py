"""Arithmetic on blocks of samples: levels, gain, sums, white noise, and a band-pass filter.

Levels are in dBm0 as G.711 has them: a sine that just reaches the largest 16-bit sample has 3.14 dBm0.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cache
from math import cos, log10, pi, sin, sqrt
from operator import add
from random import Random

from faxhw.audio.port import RATE

LOUDEST = 3.14
"""dBm0 of a sine as large as a sample can be."""
_LARGEST = 32768.0
_NOISE_SAMPLES = 1 << 16


def rms(level: float) -> float:
    """Root of the mean square of samples that have a level in dBm0."""
    return float(_LARGEST / sqrt(2) * 10 ** ((level - LOUDEST) / 20))


def level(samples: bytes) -> float:
    """The level of samples, in dBm0; -99 for silence."""
    values = array("h", samples)
    power = sum(value * value for value in values) / max(1, len(values))
    return max(-99.0, LOUDEST + 10 * log10(power * 2 / _LARGEST**2)) if power else -99.0


def limited(values: Iterable[int]) -> array[int]:
    """As samples: what is too large is as large as can be."""
    kept = list(values)
    try:
        return array("h", kept)
    except OverflowError:
        return array("h", [min(32767, max(-32768, value)) for value in kept])


def mixed(samples: array[int], others: array[int]) -> array[int]:
    """The sum of both."""
    return limited(map(add, samples, others))


@cache
def amplified(gain: float) -> array[int]:
    """For each sample (negative ones by negative index) what it is once it is louder by so many dB."""
    factor = 10 ** (gain / 20)
    return limited(round(factor * sample) for sample in (*range(32768), *range(-32768, 0)))


def looked_up(table: array[int], samples: array[int]) -> array[int]:
    return array("h", map(table.__getitem__, samples))


class Noise:
    """White noise of a level, by a source of chance."""

    def __init__(self, level: float, chance: Random) -> None:
        size = rms(level)
        self._chance = chance
        self._samples = limited(round(size * value) for value in _white())

    def take(self, count: int) -> array[int]:
        """So many samples of it."""
        start = int(self._chance.random() * (_NOISE_SAMPLES - count))
        return self._samples[start : start + count]


@cache
def _white() -> array[float]:
    """Noise of power 1. Pieces of it taken at random are as good as ever new noise, and cost nothing."""
    gauss = Random(1).gauss
    return array("d", (gauss(0, 1) for _ in range(_NOISE_SAMPLES)))


class BandPass:
    """300 to 3400 Hz: Butterworth filters, of second order below and fourth above (bilinear transform)."""

    def __init__(self) -> None:
        self._sections = [_Section(300, 1 / sqrt(2), high_pass=True)]
        self._sections += [
            _Section(3400, 1 / (2 * cos(angle)), high_pass=False) for angle in (pi / 8, 3 * pi / 8)
        ]

    def __call__(self, samples: array[int]) -> array[int]:
        values: list[float] = list(samples)
        for section in self._sections:
            values = section(values)
        return limited(map(round, values))


class _Section:
    """A filter of the second order, in transposed direct form II."""

    def __init__(self, frequency: float, quality: float, *, high_pass: bool) -> None:
        omega = 2 * pi * frequency / RATE
        alpha = sin(omega) / (2 * quality)
        scale = 1 / (1 + alpha)
        middle = (1 + cos(omega)) if high_pass else (1 - cos(omega))
        self._forward = (middle / 2 * scale, (-middle if high_pass else middle) * scale)
        self._back = (-2 * cos(omega) * scale, (1 - alpha) * scale)
        self._kept = (0.0, 0.0)

    def __call__(self, values: list[float]) -> list[float]:
        b0, b1 = self._forward
        a1, a2 = self._back
        first, second = self._kept
        passed = []
        for value in values:
            result = b0 * value + first
            first = b1 * value - a1 * result + second
            second = b0 * value - a2 * result
            passed.append(result)
        self._kept = first, second
        return passed
