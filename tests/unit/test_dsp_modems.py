"""The modems on libspandsp: each sender into its receiver, and what a receiver makes of everything else."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from faxhw.audio.port import BLOCK_OCTETS, SILENCE
from faxhw.t30.line import Frame
from faxhw.terms import LADDER, Family, Modulation
from faxhw_drivers.dsp.library import library
from faxhw_drivers.dsp.modems import tones
from faxhw_drivers.dsp.modems.frames import FrameReceiver, FrameSender
from faxhw_drivers.dsp.modems.pages import PageReceiver, PageSender, Reception
from faxhw_drivers.dsp.modems.tones import Tone, ToneDetector
from faxhw_drivers.dsp.modems.watch import Watch
from tests.installed import needs_software_modem

from .dsp_bench import louder, noisy, whole

pytestmark = needs_software_modem

V17, V29, V27TER = (
    Modulation(Family.V17, 14400),
    Modulation(Family.V29, 9600),
    Modulation(Family.V27TER, 4800),
)
PAUSE = [SILENCE] * 6


def page(
    modulation: Modulation, data: bytes, *, short: bool = False, level: float = -13.0
) -> Iterator[bytes]:
    """A page's sound, some silence round it."""
    pieces = (data[at : at + 100] for at in range(0, len(data), 100))
    sender = PageSender(library(), modulation, pieces, short_training=short, level=level)
    return itertools.chain(PAUSE, whole(sender), PAUSE)


def octets(seconds: float, modulation: Modulation) -> bytes:
    return Random(str(modulation)).randbytes(round(seconds * modulation.rate / 8))


def heard(receiver: PageReceiver, sound: Iterable[bytes]) -> bytes:
    return b"".join(map(receiver.feed, sound))


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_what_is_said_is_heard(modulation: Modulation) -> None:
    receiver, data = PageReceiver(library(), modulation.family), octets(2, modulation)
    for short in (False, True)[: 1 + modulation.has_short_training]:
        receiver.listen(modulation, short_training=short)
        got = heard(receiver, page(modulation, data, short=short))
        assert receiver.reception is Reception.OVER
        assert got.startswith(data)
        assert len(got) < len(data) + 60  # the carrier's end, read as data
        assert receiver.level == pytest.approx(-13.0, abs=1.0)
        assert receiver.quality is not None
        assert receiver.quality > 15


@pytest.mark.parametrize("level", [-6.0, -20.0, -30.0, -40.0])
@pytest.mark.parametrize("modulation", [V17, V29, V27TER], ids=str)
def test_it_is_heard_at_any_level(modulation: Modulation, level: float) -> None:
    receiver, data = PageReceiver(library(), modulation.family), octets(1, modulation)
    receiver.listen(modulation)
    assert data in heard(receiver, page(modulation, data, level=level))
    assert receiver.level == pytest.approx(level, abs=1.5)


@pytest.mark.parametrize("gain", [0.0, -10.0, -20.0, -27.0, 6.0])
def test_short_training_works_wherever_the_carrier_is_noticed(gain: float) -> None:
    receiver, data = PageReceiver(library(), V17.family), octets(0.5, V17)
    receiver.listen(V17)
    assert data in heard(receiver, louder(page(V17, data), gain))
    for late in range(0, 24, 3):
        receiver.listen(V17, short_training=True)
        sound = louder(page(V17, data, short=True), gain)
        assert data in heard(receiver, _clipped(sound, late)), late


def _clipped(sound: Iterable[bytes], samples: int) -> Iterator[bytes]:
    """Sound without so many samples of its beginning."""
    clipped = False
    for block in sound:
        loud = next((at for at, each in enumerate(array("h", block)) if abs(each) > 20), None)
        if loud is None or clipped:
            yield block
            continue
        clipped, end = True, 2 * (loud + samples)
        yield bytes(end) + block[end:] if end <= len(block) else SILENCE


def test_the_noise_after_a_page_is_not_data() -> None:
    receiver, data = PageReceiver(library(), V29.family), octets(1, V29)
    receiver.listen(V29)
    sound = list(page(V29, data))[: -len(PAUSE)]
    got = heard(receiver, itertools.chain(sound, noisy([SILENCE] * 100, -38.0)))
    assert receiver.reception is Reception.OVER
    assert len(got) < len(data) + 60


def test_more_noise_shows_in_the_quality() -> None:
    receiver, data, quality = PageReceiver(library(), V29.family), octets(2, V29), []
    for noise in (-60.0, -40.0, -34.0):
        receiver.listen(V29, cutoff=-30.0)
        heard(receiver, noisy(page(V29, data), noise))
        assert receiver.quality is not None
        quality.append(receiver.quality)
    assert quality[0] > quality[1] + 2 > quality[2] + 4


def test_a_receiver_hears_its_own_family_only() -> None:
    with pytest.raises(ValueError, match=r"V.29 cannot hear V.17 14400"):
        PageReceiver(library(), Family.V29).listen(V17)


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_v21_and_other_pages_are_not_taken_for_one(modulation: Modulation) -> None:
    receiver = PageReceiver(library(), modulation.family)
    others = [
        list(page(each, bytes(500))) for each in (V17, V29, V27TER) if each.family is not modulation.family
    ]
    receiver.listen(modulation)
    heard(receiver, page(modulation, bytes(500)))  # so that there may be short training
    for short in (False, True)[: 1 + modulation.has_short_training]:
        for other in (list(frames(b"\xff\x13\x84")), *others):
            receiver.listen(modulation, short_training=short)
            assert heard(receiver, other) == b""
            assert receiver.reception is Reception.SILENCE


def test_what_data_raises_comes_out() -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(10)
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk"):
        list(whole(PageSender(library(), V29, broken())))


# ----------------------------------------------------------------------------------------------------------
# Frames


def frames(*said: bytes, level: float = -13.0) -> Iterator[bytes]:
    sender = FrameSender(library(), level=level)
    sender.add(said)
    sender.end()
    return itertools.chain(PAUSE, whole(sender), PAUSE)


SAID = (b"\xff\x03\x43" + bytes(range(20)), b"\xff\x13\x80\xff\xff\xff\x7e\x7e")


@pytest.mark.parametrize("level", [-6.0, -13.0, -30.0, -40.0])
def test_frames_go_over(level: float) -> None:
    receiver = FrameReceiver(library())
    got = [frame for block in frames(*SAID, level=level) for frame in receiver.feed(block)]
    assert got == [Frame(each) for each in SAID]
    assert not receiver.carrier
    assert receiver.flags


def test_carrier_and_flags_are_told_before_the_frame() -> None:
    receiver, seen = FrameReceiver(library()), []
    for at, block in enumerate(frames(*SAID)):
        got = receiver.feed(block)
        seen.append((receiver.carrier, receiver.flags, len(got)))
        if (at + 1) * 0.02 > 0.12 + 0.3:
            assert receiver.flags, "0.3 s of flags are enough"
        if got:
            break
    assert seen[0] == (False, False, 0)
    assert seen[-1] == (True, True, 1)


def test_a_damaged_frame_is_told_and_the_next_one_is_good() -> None:
    receiver, sound = FrameReceiver(library()), list(frames(*SAID))
    in_the_first = len(PAUSE) + 50 + 12
    sound[in_the_first] = SILENCE
    got = [frame for block in sound for frame in receiver.feed(block)]
    assert [each.good for each in got] == [False, True]
    assert got[1].octets == SAID[1]


def test_a_frame_cut_off_is_a_damaged_one() -> None:
    receiver, sound = FrameReceiver(library()), list(frames(*SAID))
    got = [frame for block in sound[: len(PAUSE) + 50 + 15] + PAUSE for frame in receiver.feed(block)]
    assert [each.good for each in got] == [False]


def test_flags_stand_until_there_is_a_frame() -> None:
    sender, receiver = FrameSender(library()), FrameReceiver(library())
    for _ in range(200):
        assert receiver.feed(sender.next_block()) == []
    assert receiver.flags
    sender.add([SAID[0]])
    sender.end()
    got = [frame for block in whole(sender) for frame in receiver.feed(block)]
    assert got == [Frame(SAID[0])]


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_pages_have_no_flags_or_frames(modulation: Modulation) -> None:
    receiver = FrameReceiver(library())
    for block in page(modulation, octets(3, modulation)):
        assert receiver.feed(block) == []
        assert not receiver.flags


def test_restart_forgets() -> None:
    receiver, sound = FrameReceiver(library()), list(frames(*SAID))
    for block in sound[:60]:
        receiver.feed(block)
    assert receiver.flags
    receiver.restart()
    assert (receiver.carrier, receiver.flags) == (False, False)


# ----------------------------------------------------------------------------------------------------------
# Tones, levels, and what a sound is like


@pytest.mark.parametrize("tone", Tone)
def test_tones_are_told_apart(tone: Tone) -> None:
    detectors = {each: ToneDetector(each) for each in Tone}
    block = tones.sound(tone)
    assert tones.level(block) == pytest.approx(-13.0, abs=0.1)
    told = [{each for each in Tone if detectors[each].feed(block)} for _ in range(12)]
    assert told[8:] == [set(), {tone}, {tone}, {tone}]
    assert not any(detector.feed(SILENCE) for detector in detectors.values())


def test_pages_and_frames_are_no_tones() -> None:
    for sound in (frames(*SAID), page(V29, octets(1, V29)), page(V27TER, octets(1, V27TER))):
        detectors = [ToneDetector(each) for each in Tone]
        assert not any(each.feed(block) for block in sound for each in detectors)


def test_silence_has_a_level() -> None:
    assert tones.level(SILENCE) == tones.SILENCE_LEVEL


@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_a_pages_carrier_is_known_in_its_middle(modulation: Modulation) -> None:
    watch = Watch()
    for block in itertools.islice(page(modulation, octets(3, modulation)), 120, 136):
        watch.feed(block)
    assert watch.page_like


def mixed(*hertz: float, seconds: float, amplitude: int = 3000) -> bytes:
    """Tones together."""
    return array(
        "h",
        (
            round(sum(amplitude * math.sin(2 * math.pi * each * at / 8000) for each in hertz))
            for at in range(round(8000 * seconds))
        ),
    ).tobytes()


def in_blocks(sound: bytes) -> list[bytes]:
    return [sound[at : at + BLOCK_OCTETS] for at in range(0, len(sound) - BLOCK_OCTETS + 1, BLOCK_OCTETS)]


@pytest.mark.parametrize("hertz", [(2100,), (1100,), (440, 480), (350, 440), (425,)])
def test_tones_are_not_like_a_page(hertz: tuple[int, ...]) -> None:
    watch = Watch()
    for block in in_blocks(mixed(*hertz, seconds=2)):
        watch.feed(block)
        assert not watch.page_like


def test_frames_and_syllables_are_not_like_a_page() -> None:
    syllables = in_blocks(
        b"".join(
            noise for swell in range(6) for noise in noisy([SILENCE] * 5, -20.0 - 8 * (swell % 2), seed=swell)
        )
    )
    for sound in (frames(*SAID), syllables):
        watch = Watch()
        for block in sound:
            watch.feed(block)
            assert not watch.page_like


@pytest.mark.parametrize(
    ("hertz", "on", "off", "is_busy"),
    [
        ((480, 620), 0.5, 0.5, True),
        ((425,), 0.48, 0.48, True),
        ((400,), 0.375, 0.375, True),
        ((425,), 0.24, 0.24, True),
        ((440, 480), 2.0, 4.0, False),
        ((425,), 1.0, 4.0, False),
        ((1100,), 0.5, 0.5, False),
    ],
)
def test_a_busy_tone_is_one_of_short_low_bursts(
    hertz: tuple[int, ...], on: float, off: float, is_busy: bool
) -> None:
    watch = Watch()
    for block in in_blocks((mixed(*hertz, seconds=on) + bytes(2 * round(8000 * off))) * 8):
        watch.feed(block)
    assert watch.busy is is_busy


def test_what_is_no_louder_than_the_noise_is_silence() -> None:
    watch = Watch()
    for _ in range(10):
        watch.feed(SILENCE)
    assert watch.cutoff == -45.0
    for block in noisy([SILENCE] * 400, -43.0):
        watch.feed(block, unread=True)
    assert watch.cutoff == pytest.approx(-38.0, abs=1.0)
    assert not watch.page_like
