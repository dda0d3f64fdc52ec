"""What is heard on a line while a call is made: the tones of several countries, faxes, voices, noise."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import pi, sin
from operator import add
from random import Random

import pytest

from faxhw.audio.port import BLOCK, RATE
from faxhw_drivers.dsp.dahdi.tones import Progress, Sound, kind_of

Piece = tuple[float, tuple[float, ...]]
"""Seconds, and the frequencies that sound meanwhile."""


def sound(pieces: Iterable[Piece], level: float = 2000.0, noise: float = 0.0) -> array[int]:
    chance, samples = Random(1), array("h")
    for seconds, frequencies in pieces:
        for _ in range(round(seconds * RATE)):
            place = len(samples)
            value = sum(sin(2 * pi * each * place / RATE) for each in frequencies)
            samples.append(round(level * value + chance.gauss(0, noise)))
    return samples


def listened(pieces: Iterable[Piece], level: float = 2000.0, noise: float = 20.0) -> Progress:
    progress = Progress()
    octets = sound(pieces, level, noise).tobytes()
    for at in range(0, len(octets), 2 * BLOCK):
        progress.hear(octets[at : at + 2 * BLOCK])
    return progress


@pytest.mark.parametrize(
    ("frequencies", "kind"),
    [
        ((), Sound.SILENCE),
        ((425,), Sound.PROGRESS),
        ((400,), Sound.PROGRESS),
        ((350, 440), Sound.PROGRESS),
        ((440, 480), Sound.PROGRESS),
        ((480, 620), Sound.PROGRESS),
        ((2100,), Sound.FAX),
        ((1650,), Sound.FAX),
        ((1850,), Sound.FAX),
        ((1100,), Sound.OTHER),
        ((500, 1500, 2500), Sound.OTHER),
    ],
)
def test_a_block_is_known_by_its_frequencies(frequencies: tuple[float, ...], kind: Sound) -> None:
    assert kind_of(sound([(0.02, frequencies)]).tobytes()) is kind


BUSY = {
    "Germany": [(0.48, (425,)), (0.48, ())],
    "USA": [(0.5, (480, 620)), (0.5, ())],
    "USA, congestion": [(0.25, (480, 620)), (0.25, ())],
    "Britain": [(0.375, (400,)), (0.375, ())],
    "France": [(0.5, (440,)), (0.5, ())],
    "Italy, congestion": [(0.2, (425,)), (0.2, ())],
}
RINGING = {
    "Germany": [(1.0, (425,)), (4.0, ())],
    "USA": [(2.0, (440, 480)), (4.0, ())],
    "Britain": [(0.4, (400, 450)), (0.2, ()), (0.4, (400, 450)), (2.0, ())],
    "France": [(1.5, (440,)), (3.5, ())],
    "Sweden": [(1.0, (425,)), (5.0, ())],
}


@pytest.mark.parametrize("pieces", BUSY.values(), ids=BUSY.keys())
@pytest.mark.parametrize("level", [300.0, 6000.0])
def test_a_busy_tone_is_known_within_four_cycles(pieces: list[Piece], level: float) -> None:
    progress = listened(pieces * 4, level)
    assert progress.busy
    assert [progress.rings, progress.fax, progress.voice] == [0, False, False]


@pytest.mark.parametrize("pieces", RINGING.values(), ids=RINGING.keys())
def test_ringing_is_counted_and_is_not_busy(pieces: list[Piece]) -> None:
    progress = listened(pieces * 4)
    assert progress.rings == 4
    assert [progress.busy, progress.fax, progress.voice, progress.steady] == [False] * 4
    assert progress.quiet_for < 5.1


@pytest.mark.parametrize("pieces", [*BUSY.values(), *RINGING.values()])
def test_our_own_calling_tone_is_nobodys_voice(pieces: list[Piece]) -> None:
    progress, octets = Progress(), sound(pieces * 4).tobytes()
    echo = sound([(0.5, (1100,)), (3.0, ())] * 10, level=1500.0).tobytes()
    for at in range(0, len(octets), 2 * BLOCK):
        heard, ours = (array("h", each[at : at + 2 * BLOCK]) for each in (octets, echo))
        progress.hear(array("h", map(add, heard, ours)).tobytes(), echo=any(ours))
    assert not progress.voice
    assert progress.busy == (pieces in BUSY.values())


def test_a_dial_tone_is_steady_in_the_end() -> None:
    dial_tone = listened([(0.5, (425,))])
    assert dial_tone.dial_tone
    assert not dial_tone.steady
    assert listened([(6.0, (425,))]).steady
    assert not listened([(0.2, (425,)), (0.2, ())] * 4).dial_tone


def test_a_fax_is_known_by_ced_and_by_v21() -> None:
    assert listened([(0.5, ()), (0.5, (2100,))]).fax
    assert listened([(0.5, (1650,))]).fax
    assert not listened([(0.3, (2100,)), (0.3, ())]).fax


def test_a_voice_is_what_is_no_tone() -> None:
    assert listened([(1.0, ()), (0.3, (310, 900, 2400))]).voice
    assert not listened([(10.0, ())], noise=100.0).voice, "noise"
    assert not listened([(10.0, ())]).anything
