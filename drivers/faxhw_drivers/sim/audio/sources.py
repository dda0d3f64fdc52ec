"""Functions for ``FunctionEnd``: what says something of its own, whatever it hears."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from math import pi, sin

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE, SILENCE
from faxhw_drivers.sim.audio.samples import rms
from faxhw_drivers.sim.signals import Signal, Tone

Source = Callable[[bytes], bytes]

EXCHANGE_TONE = 425
"""Hz of the dial tone, of ringback and of the busy tone (ITU-T E.180)."""
EXCHANGE_LEVEL = -10.0
_CADENCES = {Tone.DIALTONE: (1, 0), Tone.RINGBACK: (50, 200), Tone.BUSY: (25, 25)}
"""Blocks of sound and of silence, in turn."""


def silence(_: bytes) -> bytes:
    """Says nothing."""
    return SILENCE


def tone(frequency: float, level: float) -> Source:
    """Says a sine of so many Hz and dBm0, from now on."""
    size, step = rms(level) * 2**0.5, 2 * pi * frequency / RATE
    at = 0

    def say(_: bytes) -> bytes:
        nonlocal at
        at += BLOCK
        return array("h", (round(size * sin(step * place)) for place in range(at - BLOCK, at))).tobytes()

    return say


def playing(samples: bytes, then: Source = silence) -> Source:
    """Says a recording, and after its end whatever ``then`` says."""
    at = 0

    def say(heard: bytes) -> bytes:
        nonlocal at
        block = samples[at : at + BLOCK_OCTETS]
        at += BLOCK_OCTETS
        return block.ljust(BLOCK_OCTETS, b"\0") if block else then(heard)

    return say


def in_turn(sources: Iterable[tuple[float, Source]]) -> Source:
    """Says what each source says for so many seconds; then nothing."""
    blocks = (source for seconds, source in sources for _ in range(round(seconds * RATE / BLOCK)))

    def say(heard: bytes) -> bytes:
        return next(blocks, silence)(heard)

    return say


class ExchangeTones:
    """What an exchange lets a subscriber hear before and after a call."""

    def __init__(self) -> None:
        self._say = tone(EXCHANGE_TONE, EXCHANGE_LEVEL)
        self._sound = 0
        self._pause = 1
        self._at = 0

    def set(self, signal: Signal) -> None:
        """Sound so from now on; silence for what is no tone of an exchange."""
        self._sound, self._pause = _CADENCES.get(signal, (0, 1)) if isinstance(signal, Tone) else (0, 1)
        self._at = 0

    def __call__(self, heard: bytes) -> bytes:
        place = self._at % (self._sound + self._pause)
        self._at += 1
        return self._say(heard) if place < self._sound else SILENCE
