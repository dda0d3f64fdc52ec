"""What arrives of what is said on an audio line, by each impairment; and that a seed says it all."""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import pairwise

import pytest

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, RATE
from faxhw_drivers.sim.audio import AudioLine, Echo, FunctionEnd, Impairments
from faxhw_drivers.sim.audio.samples import level
from faxhw_drivers.sim.audio.sources import in_turn, playing, silence, tone
from tests.virtual.sound import amplitude, block, carried, numbered, values

SAID = numbered(1.0)


def test_a_clean_line_carries_every_sample_at_once_both_ways() -> None:
    caller, called = carried(playing(SAID), 1.0, answer=playing(SAID[::-1]))
    assert called.heard == SAID
    assert caller.heard == SAID[::-1]


@pytest.mark.parametrize("gain", [-40.0, -6.0, 3.0])
def test_gain_is_in_decibels(gain: float) -> None:
    _, called = carried(tone(1700, -10.0), 1.0, Impairments(gain=gain))
    assert level(called.heard) == pytest.approx(-10.0 + gain, abs=0.1)


def test_what_is_too_loud_is_cut_off_and_does_not_turn_round() -> None:
    _, called = carried(playing(block(30000) + block(-30000)), 0.04, Impairments(gain=6.0))
    assert values(called.heard) == [32767, -32768]


@pytest.mark.parametrize("noise", [-60.0, -45.0, -20.0])
def test_noise_has_its_level_and_is_white(noise: float) -> None:
    _, called = carried(silence, 8.0, Impairments(noise=noise))
    assert level(called.heard) == pytest.approx(noise, abs=0.2)
    samples = called.samples
    power = sum(each * each for each in samples)
    for lag in (1, 2, 8, 160):
        alike = sum(a * b for a, b in zip(samples, samples[lag:], strict=False))
        assert abs(alike / power) < 0.02


def test_noise_comes_on_top_of_the_signal() -> None:
    _, called = carried(tone(1700, -10.0), 1.0, Impairments(noise=-30.0))
    clean = carried(tone(1700, -10.0), 1.0)[1].samples
    only = array("h", (a - b for a, b in zip(called.samples, clean, strict=True)))
    assert level(only.tobytes()) == pytest.approx(-30.0, abs=0.2)


@pytest.mark.parametrize(
    ("frequency", "loss"), [(100, 19.0), (300, 3.0), (1000, 0.1), (1700, 0.1), (3400, 3.0), (3900, 40.0)]
)
def test_band_limits(frequency: int, loss: float) -> None:
    _, called = carried(tone(frequency, -10.0), 1.5, Impairments(band_limits=True))
    lost = -10.0 - level(called.heard[-2 * RATE :])
    assert lost == pytest.approx(loss, abs=0.6) if loss < 10 else lost >= loss - 1


@pytest.mark.parametrize("law", Law)
def test_a_law_leaves_what_it_can_say(law: Law) -> None:
    _, called = carried(playing(SAID), 1.0, Impairments(law=law))
    assert called.heard == expand(compress(SAID, law), law) != SAID


def test_delay_is_counted_in_samples() -> None:
    _, called = carried(playing(SAID), 1.0, Impairments(delay=0.2505))
    assert called.heard == (bytes(2 * 2004) + SAID)[: len(SAID)]


def test_a_near_echo_comes_back_to_who_speaks_and_to_nobody_else() -> None:
    caller, called = carried(playing(SAID), 1.0, Impairments(near_echo=Echo(delay=0.003, loss=20.0)))
    assert called.heard == SAID
    said = array("h", SAID)
    assert caller.samples[:24] == array("h", [0] * 24)
    assert all(abs(10 * a - b) <= 6 for a, b in zip(caller.samples[24:], said, strict=False))


def test_a_far_echo_comes_the_whole_way_there_and_back() -> None:
    ways = Impairments(delay=0.1, gain=-6.0)
    echoed = Impairments(delay=0.1, gain=-6.0, far_echo=Echo(delay=0.01, loss=10.0))
    said = in_turn([(0.1, tone(1000, -10.0))])
    caller, called = carried(said, 1.0, echoed, ways)
    came = next(place for place, value in enumerate(caller.samples) if abs(value) > 10)
    assert came == pytest.approx((0.1 + 0.01 + 0.1) * RATE + BLOCK, abs=8)
    back = caller.heard[2 * came : 2 * came + 2 * 800]
    assert level(back) == pytest.approx(-10.0 - 6.0 - 10.0 - 6.0, abs=0.3)
    assert level(called.heard[2 * 1700 :]) == -99.0


def test_both_ends_may_send_back_echoes_without_an_end() -> None:
    echoed = Impairments(far_echo=Echo(delay=0.0, loss=10.0))
    caller, called = carried(in_turn([(0.02, tone(1000, -10.0))]), 0.2, echoed, echoed)
    assert [round(level(called.heard[at : at + 320])) for at in (0, 640, 1280)] == [-10, -30, -50]
    assert [round(level(caller.heard[at : at + 320])) for at in (320, 960)] == [-20, -40]


def test_slips_double_samples() -> None:
    _, called = carried(playing(SAID), 1.0, Impairments(doubled_every=0.1))
    doubled = [
        place for place, (a, b) in enumerate(zip(called.samples, called.samples[1:], strict=False)) if a == b
    ]
    assert len(doubled) == 9
    assert doubled[0] == 800
    assert called.samples[-1] == array("h", SAID)[-10]


def test_slips_lose_samples() -> None:
    _, called = carried(playing(SAID), 1.0, Impairments(lost_every=0.1))
    heard = called.samples[800:]
    steps = [b - a for a, b in pairwise(heard)]
    assert set(steps) == {1, 2}
    assert [place for place, step in enumerate(steps) if step == 2] == list(range(799, 7200, 799))


def test_a_way_that_has_lost_its_margin_falls_silent_and_goes_on() -> None:
    _, called = carried(playing(SAID), 1.0, Impairments(lost_every=2 / RATE))
    assert len(called.heard) == len(SAID)
    assert 0 in called.samples[-BLOCK:].tolist()


def test_bursts_last_as_long_as_they_should_and_come_as_often() -> None:
    bursts = Impairments(burst_every=0.5, burst_length=0.1, burst_level=-6.0)
    _, called = carried(silence, 60.0, bursts)
    loud = sum(1 for value in called.samples if value)
    assert loud / RATE == pytest.approx(60.0 * 0.1 / 0.6, rel=0.25)


def test_dropped_blocks_are_silent() -> None:
    _, called = carried(playing(block(1000) * 1000), 20.0, Impairments(dropped=0.1))
    assert set(values(called.heard)) == {0, 1000}
    assert values(called.heard).count(0) == pytest.approx(100, abs=30)


def test_a_line_is_cut_at_its_moment() -> None:
    told: list[int] = []
    line = AudioLine(
        FunctionEnd(silence), FunctionEnd(silence), Impairments(cut=0.5), on_cut=lambda: told.append(1)
    )
    while line.carry():
        pass
    assert (line.blocks, line.stands, told) == (25, False, [1])
    assert not line.carry()


EVERYTHING = Impairments(
    gain=-3.0,
    band_limits=True,
    noise=-40.0,
    burst_every=0.3,
    law=Law.A,
    dropped=0.05,
    doubled_every=0.21,
    lost_every=0.2,
    delay=0.1,
    near_echo=Echo(delay=0.002, loss=15.0),
    far_echo=Echo(delay=0.03, loss=20.0),
)


def test_the_same_seed_gives_the_same_octets_and_another_one_does_not() -> None:
    def heard(seed: int) -> list[bytes]:
        ends = carried(tone(1700, -10.0), 2.0, EVERYTHING, EVERYTHING, answer=tone(900, -10.0), seed=seed)
        return [each.heard for each in ends]

    assert heard(1) == heard(1)
    assert heard(1)[0] != heard(2)[0]
    assert heard(1)[1] != heard(2)[1]


def test_what_befalls_one_way_does_not_depend_on_the_other() -> None:
    noisy = Impairments(noise=-40.0, dropped=0.1)
    alone = carried(tone(1700, -10.0), 2.0, noisy)[1].heard
    other = replace(EVERYTHING, near_echo=None, far_echo=None)
    assert carried(tone(1700, -10.0), 2.0, noisy, other, answer=tone(900, -10.0))[1].heard == alone


def test_a_tone_is_what_it_is_called() -> None:
    samples = carried(tone(2100, -10.0), 1.0)[1].samples
    assert level(samples.tobytes()) == pytest.approx(-10.0, abs=0.05)
    assert amplitude(samples, 2100) == pytest.approx(max(samples), rel=0.02)
    assert amplitude(samples, 1100) < 5
