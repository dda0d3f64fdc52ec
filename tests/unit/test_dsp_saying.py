"""The line operations on sound that speak, and the ends of calls."""

from __future__ import annotations

import itertools
from array import array

import pytest

from faxhw.audio.port import BLOCK_OCTETS, SILENCE
from faxhw.session import Cancelled
from faxhw.t30.line import (
    AnswerTone,
    Disconnected,
    Done,
    Frame,
    Heard,
    Nothing,
    Operation,
    Pause,
    ReceiveFrames,
    ReceivePage,
    SendFlags,
    SendFrames,
    SendPage,
    TellTime,
)
from faxhw.terms import Family, Modulation
from faxhw_drivers.dsp import driver
from faxhw_drivers.dsp.library import library
from faxhw_drivers.dsp.modems import tones
from faxhw_drivers.dsp.modems.frames import FrameReceiver
from faxhw_drivers.dsp.modems.pages import PageReceiver, Reception
from tests.installed import needs_software_modem

from .dsp_bench import Script, frames, says, silence

pytestmark = needs_software_modem

V17, V29 = Modulation(Family.V17, 14400), Modulation(Family.V29, 9600)
V27TER = Modulation(Family.V27TER, 4800)
DIS, DCS, MPS, MCF = b"\xff\x13\x80\x00", b"\xff\x13\x83\x01", b"\xff\x13\x4f", b"\xff\x13\x8c"
TSI = b"\xff\x03\x43" + b" " * 20


# ----------------------------------------------------------------------------------------------------------
# Sending


def told(port: Script) -> list[Frame]:
    receiver = FrameReceiver(library())
    return [frame for block in [*port.heard, *silence(0.2)] for frame in receiver.feed(block)]


def sounding(port: Script) -> str:
    """Which blocks have sound in them: runs of + and -."""
    return "".join("-" if block == SILENCE else "+" for block in port.heard)


def test_ced_stands_for_three_seconds_after_two_of_silence() -> None:
    perform, port = says()
    perform(AnswerTone())
    perform(SendFrames((DIS,)))
    assert port.heard[90:240] == [tones.sound(tones.Tone.CED)] * 150
    assert sounding(port).startswith("-" * 90 + "+" * 150 + "-" * 4 + "+" * 50)
    assert told(port) == [Frame(DIS)]


def test_the_silence_before_ced_counts_from_the_beginning_of_the_call() -> None:
    perform, port = says(skipped=8000)
    perform(AnswerTone())
    assert sounding(port).startswith("-" * 40 + "+")


def test_flags_stand_until_the_frames_come() -> None:
    perform, port = says()
    assert isinstance(perform(SendFlags()), Done)
    while len(port.heard) < 100:
        perform(TellTime())
    perform(SendFrames((TSI, MCF)))
    assert told(port) == [Frame(TSI), Frame(MCF)]
    assert "-" not in sounding(port), "the carrier stood all the time"


def test_flags_that_nothing_follows_are_ended() -> None:
    perform, port = says()
    perform(SendFlags())
    perform(Pause(0.2))
    assert sounding(port).endswith("-" * 9)
    assert told(port) == []


def test_between_dcs_and_tcf_there_is_the_silence_of_t30() -> None:
    perform, port = says()
    for length in range(3, 12):
        at = len(port.heard)
        perform(SendFrames((b"\xff\x13" + bytes(length),)))
        perform(Pause(0.065))
        perform(SendPage(V17, [bytes(100)]))  # V.29's and V.27ter's training begins with silence of its own
        sound = array("h", b"".join(port.heard[at:]))[: -4 * BLOCK_OCTETS]
        gap = max(
            len(list(run)) for silent, run in itertools.groupby(sound, key=lambda each: each == 0) if silent
        )
        assert 0.055 <= gap / 8000 <= 0.095


@pytest.mark.parametrize("modulation", [V17, V29, V27TER], ids=str)
def test_a_page_reaches_the_far_end(modulation: Modulation) -> None:
    perform, port = says()
    pieces = [bytes([at]) * 90 for at in range(1, 30)]
    perform(SendPage(modulation, iter(pieces)))
    receiver = PageReceiver(library(), modulation.family)
    receiver.listen(modulation)
    octets = b"".join(map(receiver.feed, [*port.heard, *silence(0.2)]))
    assert b"".join(pieces) in octets
    assert receiver.reception is Reception.OVER


def test_each_short_training_begins_a_little_later_for_far_ends_that_missed_it() -> None:
    perform, port = says()
    begins = []
    for _ in range(3):
        at = len(port.heard)
        perform(SendPage(V17, [bytes(100)], short_training=True))
        sound = array("h", b"".join(port.heard[at:]))
        begins.append(next(place for place, sample in enumerate(sound) if sample))
    assert begins == [begins[0], 7, 14]
    assert begins[0] < 7


def test_who_calls_sounds_cng_until_there_is_an_answer() -> None:
    perform, port = says(silence(8), frames(DIS), silence(1), calling=True)
    assert isinstance(perform(ReceiveFrames(5.0)), Nothing)
    assert isinstance(perform(ReceiveFrames(35.0)), Heard)
    perform(ReceiveFrames(8.0))
    assert port.heard[:25] == [tones.sound(tones.Tone.CNG)] * 25
    assert sounding(port)[: 2 * 175 + 25] == ("+" * 25 + "-" * 150) * 2 + "+" * 25
    assert "+" not in sounding(port)[2 * 175 + 70 :]


def test_who_is_called_does_not() -> None:
    perform, port = says()
    perform(ReceiveFrames(5.0))
    assert sounding(port) == "-" * 250


# ----------------------------------------------------------------------------------------------------------
# Ends


def test_the_call_is_gone_for_good() -> None:
    perform, _ = says(silence(9), hangs_up=100)
    assert perform(ReceiveFrames(5.0)) == Disconnected(time=2.0)
    assert perform(SendFrames((MCF,))) == Disconnected(time=2.0)


@pytest.mark.parametrize(
    "operation",
    [AnswerTone(), SendFrames((TSI,)), SendPage(V17, [bytes(9000)]), ReceivePage(V17, 9.0), Pause(9.0)],
    ids=lambda each: type(each).__name__,
)
def test_it_may_go_during_any_operation(operation: Operation) -> None:
    perform, _ = says(hangs_up=50)
    assert perform(operation) == Disconnected(time=1.0)


def test_it_may_go_while_flags_stand() -> None:
    perform, _ = says(hangs_up=50)
    perform(SendFlags())
    assert perform(SendFrames((MCF,))) == Disconnected(time=1.0)


def test_a_busy_tone_says_that_it_is_gone() -> None:
    step = list(itertools.chain(tones_of(425, 24), silence(0.48)))
    perform, _ = says(step * 12)
    answer = perform(ReceiveFrames(30.0))
    assert isinstance(answer, Disconnected)
    assert answer.time < 7.0


def tones_of(hertz: int, blocks: int) -> list[bytes]:
    """A tone, a whole number of its periods in a block."""
    from .test_dsp_modems import in_blocks, mixed  # noqa: PLC0415

    return in_blocks(mixed(hertz, seconds=blocks * 0.02))


@pytest.mark.parametrize(
    "operation",
    [AnswerTone(), SendPage(V29, [bytes(60000)]), ReceiveFrames(30.0), ReceivePage(V29, 30.0)],
    ids=lambda each: type(each).__name__,
)
def test_what_lasts_is_broken_off_once(operation: Operation) -> None:
    port = Script([])
    line = driver.line_on(port, calling=False)
    port.at_block = lambda at: line.cancel() if at == 60 else None
    with pytest.raises(Cancelled):
        line.perform(operation)
    assert len(port.heard) in (60, 61, 62)
    assert isinstance(line.perform(SendFrames((MCF,))), Done)
    assert Frame(MCF) in told(port)


def test_frames_are_said_to_their_end_and_then_it_is_broken_off() -> None:
    port = Script([])
    line = driver.line_on(port, calling=False)
    port.at_block = lambda at: line.cancel() if at == 20 else None
    assert isinstance(line.perform(SendFrames((TSI, DCS))), Done)
    with pytest.raises(Cancelled):
        line.perform(ReceiveFrames(3.0))
    assert told(port) == [Frame(TSI), Frame(DCS)]


def test_closing_ends_flags_that_stand() -> None:
    port = Script([])
    line = driver.line_on(port, calling=False)
    line.perform(SendFlags())
    line.close()
    said = len(port.heard)
    assert isinstance(line.perform(Pause(0.1)), Disconnected)
    assert len(port.heard) == said
