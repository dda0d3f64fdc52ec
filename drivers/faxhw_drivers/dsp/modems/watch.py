"""What can be told of a sound without demodulating it: how loud, how steady, how like a page; a busy tone."""

from __future__ import annotations

import math
import operator
from array import array
from collections import deque

from faxhw_drivers.dsp.modems.bits import CUTOFF
from faxhw_drivers.dsp.modems.tones import SILENCE_LEVEL, decibels

_WINDOW = 15
"""Blocks, 0.3 s, for which a page's carrier has to stand: within the flags of who speaks V.21 instead."""
_STEADY = 4.0
"""dB by which the blocks of a page's carrier differ at most; measured: 2.7. Speech differs by far more."""
_ABOVE_NOISE = 6.0
"""dB that make a signal of what might be noise."""
_BROAD = 0.15
"""Share of a sound's power that its last two samples do not foretell. Measured: V.27ter 0.28, V.29 and V.17
0.7; V.21 0.05, and tones, one or two together, less."""
_TONAL = 0.05
_LOW = math.cos(2 * math.pi * 700 / 8000)
"""Correlation of neighbouring samples of a sound at 700 Hz: busy tones lie below, T.30's own tones above."""
_BUSY_BLOCKS = range(8, 30)
"""Blocks that a busy or congestion tone stands, and is silent: 0.2 to 0.5 s (ITU-T E.180), and some slack."""
_BUSY_BURSTS = 5
_MARGIN = 5.0
"""dB by which a signal has to be louder than the noise."""
_QUIETEST, _NOISIEST = CUTOFF - _MARGIN, -30.0
"""What the noise is taken for at the least and at the most, in dBm0: where it is louder there is no fax."""
_RISE = 0.05
"""dB a block by which the noise is taken to rise while all that is heard is a rush that nobody can read."""
_QUIET = 2
"""Blocks on end that tell how loud silence is: within the pause between two signals."""


class Watch:
    """Looks at each block that is heard."""

    def __init__(self) -> None:
        self._noise = _NOISIEST  # until silence has been heard
        self._recent: deque[float] = deque(maxlen=_QUIET)
        self._on = self._off = self._bursts = 0
        self.restart()

    def restart(self) -> None:
        """Forget the sound; the line's noise is kept in mind."""
        self._levels: deque[float] = deque(maxlen=_WINDOW)
        self._breadths: deque[float] = deque(maxlen=_WINDOW)
        self._on = self._off = self._bursts = 0
        self.level = SILENCE_LEVEL
        """Of the last block, in dBm0."""

    @property
    def cutoff(self) -> float:
        """The level in dBm0 below which a modem should take a sound for silence."""
        return self._noise + _MARGIN

    @property
    def page_like(self) -> bool:
        """Whether what stands is like a page's carrier, and has been for 0.3 s."""
        return (
            len(self._levels) == _WINDOW
            and min(self._levels) > self._noise + _ABOVE_NOISE
            and max(self._levels) - min(self._levels) < _STEADY
            and sum(self._breadths) > _BROAD * _WINDOW
        )

    @property
    def busy(self) -> bool:
        """Whether a busy or congestion tone has been heard, several times over."""
        return self._bursts >= _BUSY_BURSTS

    def feed(self, block: bytes, *, unread: bool = False) -> None:
        """Take a block; ``unread``: nothing that was heard of late is known to be a signal."""
        samples = array("h", block)
        power = sum(map(operator.mul, samples, samples))
        self.level = decibels(power / max(1, len(samples)))
        self._recent.append(self.level)
        self._levels.append(self.level)
        breadth, correlation = _foretold(samples, power) if self.level > CUTOFF else (0.0, 0.0)
        if len(self._recent) == _QUIET:
            rise = _RISE if unread and breadth > _BROAD else 0.0
            self._noise = min(max(min(max(self._recent), self._noise + rise), _QUIETEST), _NOISIEST)
        self._breadths.append(breadth)
        self._cadence(sounds=self.level > CUTOFF, low_tone=breadth < _TONAL and correlation > _LOW)

    def _cadence(self, *, sounds: bool, low_tone: bool) -> None:
        """Count bursts of a low tone with silences like them between."""
        if sounds and low_tone:
            if self._off:
                self._bursts = self._bursts + 1 if self._off in _BUSY_BLOCKS else 0
            self._on, self._off = self._on + 1, 0
            if self._on not in range(_BUSY_BLOCKS.stop):
                self._bursts = 0
        elif not sounds:
            if self._on and self._on not in _BUSY_BLOCKS:
                self._bursts = 0
            self._on, self._off = 0, self._off + 1
            if self._off not in range(_BUSY_BLOCKS.stop):
                self._bursts = 0


def _foretold(samples: array[int], power: int) -> tuple[float, float]:
    """Share of the power that two samples do not foretell (linear prediction), correlation of neighbours."""
    first = sum(map(operator.mul, samples[1:], samples)) / power
    second = sum(map(operator.mul, samples[2:], samples)) / power
    left = 1 - first * first
    reflection = (second - first * first) / left if left else 0.0
    return left * (1 - reflection * reflection), first
