"""The line operations on sound that hear: frames and pages that a scripted far end says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faxhw.audio.port import SILENCE
from faxhw.t30 import training
from faxhw.t30.line import (
    Answer,
    CarrierLost,
    Data,
    Done,
    Frame,
    Heard,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFrames,
    SendPage,
    StopReceiving,
    TellTime,
)
from faxhw.terms import Family, Modulation
from faxhw_drivers.dsp.modems import tones
from faxhw_drivers.dsp.sound import Sound
from tests.installed import needs_software_modem

from .dsp_bench import Script, frames, louder, noisy, page, says, silence

pytestmark = needs_software_modem

V17, V29 = Modulation(Family.V17, 14400), Modulation(Family.V29, 9600)
V27TER = Modulation(Family.V27TER, 4800)
DIS, DCS, MPS, MCF = b"\xff\x13\x80\x00", b"\xff\x13\x83\x01", b"\xff\x13\x4f", b"\xff\x13\x8c"
TSI = b"\xff\x03\x43" + b" " * 20


def received(perform: Callable[[Operation], Answer], first: Answer) -> tuple[bytes, Answer]:
    """All octets of a page, and how it ended."""
    octets = b""
    while isinstance(first, Data):
        octets += first.octets
        first = perform(ReceiveMore())
    return octets, first


# ----------------------------------------------------------------------------------------------------------
# Frames


def test_frames_are_heard_to_the_last_one() -> None:
    perform, _ = says(silence(0.5), frames(TSI, DCS), silence(1))
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(TSI), Frame(DCS))
    assert heard.time == pytest.approx((25 + len(frames(TSI, DCS))) * 0.02, abs=0.06)


def test_silence_is_nothing_after_exactly_its_time() -> None:
    perform, port = says()
    assert perform(TellTime()) == Done(time=0.0)
    assert perform(ReceiveFrames(3.0)) == Nothing(time=3.0)
    assert perform(ReceivePage(V29, 2.0)) == Nothing(time=5.0)
    assert perform(TellTime()) == Done(time=5.0)
    assert len(port.heard) == 250


def test_a_final_frame_that_is_lost_ends_with_its_carrier() -> None:
    sound = frames(TSI, DCS)
    perform, _ = says(sound[:-7], silence(3))
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert [each.good for each in heard.frames] == [True, False]
    assert heard.time < len(sound) * 0.02 + 0.2


def test_a_drop_out_in_a_frame_costs_no_other() -> None:
    sound = frames(TSI, DCS)
    sound[70:73] = silence(0.06)
    perform, _ = says(sound, silence(1))
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames[-1] == Frame(DCS)
    assert not all(each.good for each in heard.frames)


@pytest.mark.parametrize("modulation", [V17, V29, V27TER], ids=str)
def test_a_page_is_another_carrier_to_who_waits_for_frames(modulation: Modulation) -> None:
    perform, _ = says(silence(0.2), page(modulation, bytes(2000)))
    answer = perform(ReceiveFrames(3.0))
    assert isinstance(answer, OtherCarrier)
    assert answer.time < 0.2 + 0.75, "within the time of a glance"


def test_tones_and_speech_are_waited_out() -> None:
    speech = [block for at in range(20) for block in noisy(silence(0.1), -20.0 - 15 * (at % 2), seed=at)]
    perform, _ = says([tones.sound(tones.Tone.CED)] * 150, speech, silence(0.1), frames(DIS), calling=True)
    heard = perform(ReceiveFrames(10.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(DIS),)


def test_flags_with_nothing_in_them_are_nothing() -> None:
    perform, _ = says(frames(), silence(1))
    answer = perform(ReceiveFrames(3.0))
    assert isinstance(answer, Nothing)
    assert answer.time < 1.5


def test_flags_without_end_are_left() -> None:
    perform, _ = says(frames(preamble=30.0))
    answer = perform(ReceiveFrames(3.0))
    assert isinstance(answer, Nothing)
    assert answer.time == pytest.approx(12.3, abs=0.5)


def test_the_first_frames_of_a_call_may_be_faint() -> None:
    perform, _ = says(silence(1), louder(frames(DIS), -27.0), silence(1), calling=True)
    heard = perform(ReceiveFrames(35.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(DIS),)


def test_frames_are_heard_over_noise_that_is_a_carrier_itself() -> None:
    perform, _ = says(
        noisy([*silence(3), *frames(TSI, DCS), *silence(0.1), *page(V27TER, bytes(900))], -38.0)
    )
    assert isinstance(heard := perform(ReceiveFrames(6.0)), Heard)
    assert heard.frames == (Frame(TSI), Frame(DCS))
    octets, end = received(perform, perform(ReceivePage(V27TER, 3.0)))
    assert bytes(900) in octets
    assert isinstance(end, CarrierLost)


# ----------------------------------------------------------------------------------------------------------
# Pages


def test_a_page_and_its_figures() -> None:
    data = bytes(range(256)) * 8
    perform, _ = says(silence(0.3), page(V29, data), silence(0.08), frames(MPS))
    octets, end = received(perform, perform(ReceivePage(V29, 2.0)))
    assert data in octets
    assert isinstance(end, CarrierLost)
    assert end.signal is not None
    assert end.signal.level == pytest.approx(-13.0, abs=1.5)
    assert end.signal.quality is not None
    assert perform(ReceiveMore()) == CarrierLost(time=end.time)
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(MPS),)


@pytest.mark.parametrize("modulation", [V17, V29, V27TER], ids=str)
def test_a_command_that_follows_without_a_pause_ends_the_page(modulation: Modulation) -> None:
    perform, _ = says(silence(0.2), page(modulation, bytes(2000))[:-3], frames(MPS), silence(1))
    octets, end = received(perform, perform(ReceivePage(modulation, 2.0)))
    assert bytes(1900) in octets
    assert isinstance(end, CarrierLost)
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(MPS),)


def test_short_training_after_a_long_one() -> None:
    tcf = b"".join(training.tcf(14400))
    sound = [*silence(0.2), *page(V17, tcf), *silence(1), *page(V17, b"\x55" * 3000, short=True), *silence(1)]
    perform, _ = says(louder(sound, -20.0))
    perform(ReceiveFrames(0.1))  # so that it knows how loud silence is
    assert tcf in received(perform, perform(ReceivePage(V17, 2.0)))[0]
    assert b"\x55" * 3000 in received(perform, perform(ReceivePage(V17, 2.0, short_training=True)))[0]


def test_a_command_in_place_of_a_page_is_kept_for_who_asks() -> None:
    perform, _ = says(silence(0.5), frames(TSI, DCS), silence(1))
    assert isinstance(perform(ReceivePage(V17, 6.0)), OtherCarrier)
    heard = perform(ReceiveFrames(0.75))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(TSI), Frame(DCS))


def test_a_command_that_is_not_asked_for_at_once_is_forgotten() -> None:
    perform, _ = says(silence(0.5), frames(TSI), silence(3))
    assert isinstance(perform(ReceivePage(V17, 6.0)), OtherCarrier)
    perform(Pause(0.5))
    assert isinstance(perform(ReceiveFrames(1.0)), Nothing)


def test_a_damaged_command_is_one_too() -> None:
    sound = frames(MPS)
    sound[54:57] = noisy(silence(0.06), -10.0)
    perform, _ = says(silence(1.5), sound, silence(3))
    assert isinstance(perform(ReceivePage(V29, 6.0)), OtherCarrier)
    heard = perform(ReceiveFrames(0.75))
    assert isinstance(heard, Heard)
    assert not heard.frames[0].good


@pytest.mark.parametrize("modulation", [V17, V29, V27TER], ids=str)
def test_a_page_at_another_modulation_is_told_while_it_stands(modulation: Modulation) -> None:
    perform, _ = says(silence(1), page(modulation, bytes(modulation.rate)))  # 8 s
    for other in {V17, V29, V27TER} - {modulation}:
        answer = perform(ReceivePage(other, 3.0))
        assert isinstance(answer, OtherCarrier)
        assert answer.time < 7.0


def test_a_carrier_that_comes_and_goes_untrained_is_lost() -> None:
    perform, _ = says(silence(1), page(V29, bytes(12)), silence(5))  # 0.3 s
    answer = perform(ReceivePage(V27TER, 4.0))
    assert isinstance(answer, CarrierLost | Nothing)
    perform, _ = says(silence(1), page(V29, bytes(300)), silence(5))
    assert isinstance(perform(ReceivePage(V27TER, 4.0)), CarrierLost)


def test_a_page_whose_training_was_missed_and_whose_carrier_stands() -> None:
    perform, _ = says(page(V29, bytes(3000))[40:], silence(0.08), frames(MPS))
    assert isinstance(perform(ReceivePage(V29, 4.0)), OtherCarrier)
    while not isinstance(answer := perform(ReceiveFrames(0.75)), Heard):
        assert isinstance(answer, OtherCarrier)
    assert answer.frames == (Frame(MPS),)


def test_a_page_that_drops_out_is_over_and_its_rest_is_another_carrier() -> None:
    sound = page(V29, bytes(6000))
    sound[100:110] = silence(0.2)
    perform, _ = says(sound, silence(1))
    octets, end = received(perform, perform(ReceivePage(V29, 2.0)))
    assert 1500 < len(octets) < 3000
    assert isinstance(end, CarrierLost)
    assert end.time == pytest.approx(2.0, abs=0.2)
    assert isinstance(perform(ReceiveFrames(2.0)), OtherCarrier)


def test_a_page_can_be_left() -> None:
    perform, _ = says(page(V29, bytes(6000)))
    assert isinstance(perform(ReceivePage(V29, 2.0)), Data)
    assert isinstance(perform(StopReceiving()), Done)
    assert isinstance(perform(ReceiveMore()), CarrierLost)


# ----------------------------------------------------------------------------------------------------------
# Our own voice


@pytest.mark.parametrize("blocks", [1, 2, 5, 14, 28])
def test_our_own_words_that_come_back_are_no_command(blocks: int) -> None:
    perform, port = says(echo=blocks)
    perform(SendFrames((MCF,)))
    ended = len(port.heard)
    sound = page(V17, bytes(2000))
    port.says = [SILENCE] * (ended + blocks + 4) + sound
    octets, _ = received(perform, perform(ReceivePage(V17, 6.0)))
    assert bytes(2000) in octets


def test_what_comes_back_at_once_is_not_listened_to() -> None:
    sound = Sound(Script([], echo=1))
    loud = tones.sound(tones.Tone.CED)
    sound.say(loud)
    sound.say(loud)
    assert [sound.hear(loud) for _ in range(2)] == [SILENCE] * 2
    assert sound.hear() != SILENCE


@pytest.mark.parametrize("blocks", [2, 14, 32])
def test_our_own_page_that_comes_back_is_no_carrier(blocks: int) -> None:
    perform, port = says(echo=blocks)
    perform(ReceiveFrames(0.2))  # so that it knows how loud silence is
    perform(SendPage(V29, [bytes(1800)]))
    port.says = [SILENCE] * (len(port.heard) + blocks + 4) + frames(MCF)
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(MCF),)
