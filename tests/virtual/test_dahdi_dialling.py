"""Calls that are made on DAHDI's stand-in: by what is heard, and by what the exchange says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faxhw.audio.pumping import LEAD
from faxhw.device import CallResult
from faxhw.errors import UsageError
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Settings
from faxhw_drivers.dsp.dahdi.device import DahdiDevice
from faxhw_drivers.sim.audio.sources import Source, playing, silence
from faxhw_drivers.sim.dahdi import Manners
from tests.installed import needs_software_modem
from tests.virtual.sound import Ear, amplitude
from tests.virtual.sound_bench import SoundBench, voice

pytestmark = needs_software_modem

OURS, THEIRS = "100", "200"


@pytest.fixture
def bench() -> Iterator[SoundBench]:
    bench = SoundBench()
    yield bench
    bench.close()


def quiet() -> Source:
    """Who answers and says nothing."""
    return playing(b"", silence)


def far_end(bench: SoundBench, make: object) -> None:
    bench.network.station(THEIRS).answer_with(make)  # type: ignore[arg-type] # a source is one


def timed(bench: SoundBench, device: DahdiDevice, number: str = THEIRS) -> tuple[CallResult, float]:
    began = bench.clock.monotonic()
    return device.dial(number, 60.0), bench.clock.monotonic() - began


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("200", "200"),
        ("T200", "200"),
        ("+2 (0)-0", "200"),
        ("9,200", "9WWWW200"),
        ("*#a200", "*#A200"),
    ],
)
def test_what_is_dialled(bench: SoundBench, number: str, dialled: str) -> None:
    device = bench.dahdi(OURS)
    device.dial(number, 5.0)
    assert bench.card.channels[1].dialled == dialled


@pytest.mark.parametrize("number", ["", "12W34", "12;34", "1" * 100, "12\n34", "\u0663"])
def test_what_cannot_be_dialled_is_refused(bench: SoundBench, number: str) -> None:
    device = bench.dahdi(OURS)
    with pytest.raises(UsageError, match=r"dahdi:1: .*cannot be dialled"):
        device.dial(number, 5.0)
    assert not bench.card.channels[1].off_hook


def test_a_fax_that_answers_is_heard(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    bench.station(THEIRS).answer_with(lambda: answer(Settings()))
    result, seconds = timed(bench, device)
    assert result is CallResult.CONNECTED
    assert seconds < 10.0
    assert bench.card.channels[1].sound.most_to_say <= LEAD + 1, "what was said while dialling waits still"


def test_who_speaks_has_answered(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    far_end(bench, voice)
    result, seconds = timed(bench, device)
    assert result is CallResult.CONNECTED
    assert seconds < 10.0


def test_who_answers_without_a_sound_is_known_by_not_ringing_any_more(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    far_end(bench, quiet)
    result, seconds = timed(bench, device)
    assert result is CallResult.CONNECTED
    assert 7.0 < seconds < 14.0


def test_the_calling_tone_is_sent_from_the_last_digit_on(bench: SoundBench) -> None:
    device, ear = bench.dahdi(OURS), Ear()
    far_end(bench, lambda: ear)
    assert device.dial(THEIRS, 60.0) is CallResult.CONNECTED
    loud = [amplitude(ear.samples[at : at + 160], 1100) > 500 for at in range(0, len(ear.samples) - 160, 160)]
    assert sum(loud) >= 24, "half a second of it, at least once, while it is still listened for ringing"


def test_a_reversal_of_polarity_says_that_the_call_is_answered(bench: SoundBench) -> None:
    device = bench.dahdi(OURS, Manners(reverses_polarity=True))
    far_end(bench, quiet)
    result, seconds = timed(bench, device)
    assert result is CallResult.CONNECTED
    assert seconds < 6.0
    assert device.line_up()


def test_nobody_answers(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    bench.network.station(THEIRS)
    result, seconds = timed(bench, device)
    assert result is CallResult.NO_ANSWER
    assert 60.0 <= seconds < 62.0
    assert not bench.card.channels[1].off_hook


def test_a_number_that_is_nobodys_is_busy(bench: SoundBench) -> None:
    result, seconds = timed(bench, bench.dahdi(OURS), "999")
    assert result is CallResult.BUSY
    assert seconds < 10.0


def test_a_line_without_a_dial_tone(bench: SoundBench) -> None:
    device, blind = bench.dahdi(OURS), bench.dahdi("101", dialtone="ignore")
    for channel in bench.card.channels.values():
        channel.phone.dead = True
    result, seconds = timed(bench, device)
    assert result is CallResult.NO_DIALTONE
    assert seconds < 7.0
    assert blind.dial(THEIRS, 20.0) is CallResult.NO_CARRIER
    assert bench.card.channels[2].dialled == THEIRS


def test_a_call_that_comes_in_is_not_dialled_over(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    bench.station(THEIRS).call(OURS, call(Settings()))
    bench.run(4.0)
    assert device.dial("300", 60.0) is CallResult.INCOMING
    assert device.wait_for_call(0.0) is not None


def test_a_call_that_was_over_before_anybody_looked_is_not_reported(bench: SoundBench) -> None:
    device = bench.dahdi(OURS)
    far = bench.station(THEIRS)
    assert device.wait_for_call(1.0) is None
    far.call(OURS, call(Settings()))
    bench.run(20.0)
    far.hang_up()
    bench.run(20.0)
    assert device.wait_for_call(10.0) is None
