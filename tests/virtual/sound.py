"""Ends of audio lines for tests, and what can be measured of what they hear."""

from __future__ import annotations

from array import array
from math import cos, hypot, pi, sin

from faxhw.audio.port import BLOCK, RATE
from faxhw_drivers.sim.audio import CLEAN, AudioLine, FunctionEnd, Impairments
from faxhw_drivers.sim.audio.sources import Source, silence


class Ear:
    """A source for ``FunctionEnd`` that says what another one says, and keeps what it hears."""

    def __init__(self, source: Source = silence) -> None:
        self._source = source
        self._blocks: list[bytes] = []

    def __call__(self, heard: bytes) -> bytes:
        self._blocks.append(heard)
        return self._source(heard)

    @property
    def heard(self) -> bytes:
        """All of it, from the beginning of the line."""
        return b"".join(self._blocks[1:])

    @property
    def samples(self) -> array[int]:
        return array("h", self.heard)


def carried(
    said: Source,
    seconds: float,
    there: Impairments = CLEAN,
    back: Impairments = CLEAN,
    *,
    answer: Source = silence,
    seed: int = 1,
) -> tuple[Ear, Ear]:
    """Both ends, after so long a call in which the first says something."""
    ends = Ear(said), Ear(answer)
    line = AudioLine(FunctionEnd(ends[0]), FunctionEnd(ends[1]), there, back, seed=seed)
    for _ in range(round(seconds * RATE / BLOCK) + 1):
        line.carry()
    return ends


def numbered(seconds: float) -> bytes:
    """Samples none of which is like the one before, nor 0: it is seen where one is missing."""
    return array("h", (place % 30011 + 1 for place in range(round(seconds * RATE)))).tobytes()


def amplitude(samples: array[int], frequency: float) -> float:
    """That of a sine of so many Hz among samples."""
    step = 2 * pi * frequency / RATE
    real = sum(value * cos(step * place) for place, value in enumerate(samples))
    imaginary = sum(value * sin(step * place) for place, value in enumerate(samples))
    return 2 * hypot(real, imaginary) / len(samples)


def block(value: int) -> bytes:
    """A block of which every sample is the same."""
    return array("h", [value]).tobytes() * BLOCK


def values(blocks: bytes) -> list[int]:
    """The first sample of each block."""
    return array("h", blocks)[::BLOCK].tolist()
