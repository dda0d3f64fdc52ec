"""What is heard on a line on which a call is being made: dial tone, ringing, busy, a fax, or a voice.

Countries differ in the frequencies of these tones (350 to 620 Hz, ITU-T E.180 supplement 2) but hardly in
their rhythm, so a tone is known by its frequency to be one of them and by its rhythm to be which. One block
of 20 ms at a time: over that, sines at multiples of 50 Hz are orthogonal, so that their powers add up.
"""

from __future__ import annotations

import math
from array import array
from enum import Enum, auto

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE
from faxhw.audio.pumping import BLOCK_TIME

_PROGRESS = range(300, 700, 50)
_ANSWER_TONE = range(2100, 2101)
_V21_FLAGS = range(1550, 2000, 50)
_CNG = 1100
_SHARE = 0.7
"""Of a block's power, what must lie in a band for the block to be of that kind."""
_QUIET = 25_000.0
"""The mean square below which nothing is heard: -40 dBm0."""

_FAX_TIME = 0.4
"""Seconds of CED or V.21 that only a fax makes: V.21's preamble lasts 0.85 s at least."""
_VOICE_TIME = 0.24
_DIAL_TONE_TIME = 0.4
_STEADY_TIME = 5.0
_SHORT = (0.1, 0.8)
"""Seconds of sound and of silence in busy and congestion tones; ringing pauses for longer."""
_BUSY_CYCLES = 3
"""As many in a row, alike: the British ringing tone has two."""
_ALIKE = 0.25
_RING_TIME = 0.3
"""Seconds of a progress tone that are a ring, if they are no other tone."""


class Sound(Enum):
    """Of which kind a block is."""

    SILENCE = auto()
    PROGRESS = auto()
    FAX = auto()
    OTHER = auto()


def kind_of(block: bytes, *, echo: bool = False) -> Sound:
    """The kind of a block of linear samples; ``echo``: of what there is besides CNG."""
    samples = array("h", block)
    power = sum(sample * sample for sample in samples) / len(samples)
    if echo and power >= _QUIET:
        power -= _power(samples, _CNG)
    if power < _QUIET:
        return Sound.SILENCE
    for band, sound in ((_PROGRESS, Sound.PROGRESS), (_ANSWER_TONE, Sound.FAX), (_V21_FLAGS, Sound.FAX)):
        if sum(_power(samples, frequency) for frequency in band) > _SHARE * power:
            return sound
    return Sound.OTHER


def _power(samples: array[int], frequency: int) -> float:
    """Mean square of the sine of a frequency in a block (Goertzel)."""
    factor = _FACTORS[frequency]
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    return 2 * (last * last + before * before - factor * last * before) / (BLOCK * BLOCK)


_FACTORS = {
    frequency: 2 * math.cos(2 * math.pi * frequency / RATE)
    for band in (_PROGRESS, _ANSWER_TONE, _V21_FLAGS, (_CNG,))
    for frequency in band
}


class Progress:
    """Listens to a line, block by block, and says what has been heard so far."""

    def __init__(self) -> None:
        self.anything = False
        """Whether there was any sound."""
        self.dial_tone = False
        """Whether a progress tone has stood for so long that it may be the dial tone."""
        self.steady = False
        """Whether it has stood for longer than a ring lasts."""
        self.busy = False
        self.fax = False
        self.voice = False
        """A sound that is neither a progress tone nor a fax's, or many things at once."""
        self.rings = 0
        """How often the far end's telephone was heard to ring."""
        self.quiet_for = 0.0
        """Seconds without a progress tone."""
        self._sound = Sound.SILENCE
        self._lasted = 0.0
        self._tones: list[tuple[float, float]] = []
        """Seconds of progress tone and of the silence after it, the latest of these that were short."""
        self._tone = 0.0

    def hear(self, block: bytes, *, echo: bool = False) -> None:
        """Hear a block of ``BLOCK_OCTETS``; ``echo``: our CNG may be heard in it."""
        if len(block) != BLOCK_OCTETS:
            return
        sound = kind_of(block, echo=echo)
        if echo and sound is Sound.OTHER:  # CNG begins or ends in it, perhaps
            sound = self._sound if self._sound is Sound.PROGRESS else Sound.SILENCE
        if sound is not self._sound:
            self._changes(sound)
        self._lasted += BLOCK_TIME
        self.anything = self.anything or sound is not Sound.SILENCE
        self.quiet_for = 0.0 if sound is Sound.PROGRESS else self.quiet_for + BLOCK_TIME
        match sound:
            case Sound.PROGRESS:
                self.dial_tone = self.dial_tone or self._lasted >= _DIAL_TONE_TIME
                self.steady = self.steady or self._lasted >= _STEADY_TIME
            case Sound.FAX:
                self.fax = self.fax or self._lasted >= _FAX_TIME
            case Sound.OTHER:
                self.voice = self.voice or self._lasted >= _VOICE_TIME
            case Sound.SILENCE if self._tone and self._lasted > _SHORT[1]:
                self._long_pause()

    def _changes(self, sound: Sound) -> None:
        if self._sound is Sound.PROGRESS:
            self._tone = self._lasted
        elif self._sound is Sound.SILENCE and sound is Sound.PROGRESS and self._tone:
            self._short_cycle(self._tone, self._lasted)
        self._sound, self._lasted = sound, 0.0

    def _short_cycle(self, tone: float, pause: float) -> None:
        self._tone = 0.0
        if not all(_SHORT[0] <= each <= _SHORT[1] for each in (tone, pause)):
            self._tones.clear()
            return
        self._tones = [*self._tones, (tone, pause)][-_BUSY_CYCLES:]
        cycles = [sum(each) for each in self._tones]
        if len(cycles) == _BUSY_CYCLES and max(cycles) - min(cycles) <= _ALIKE * max(cycles):
            self.busy = True

    def _long_pause(self) -> None:
        if self._tone >= _RING_TIME:
            self.rings += 1
        self._tone = 0.0
        self._tones.clear()
