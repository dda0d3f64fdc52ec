"""The line operations on sound: what a scripted far end says, and what reaches it."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from faxhw.audio.port import BLOCK_OCTETS, SILENCE
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.session import Cancelled
from faxhw.t30 import training
from faxhw.t30.line import (
    Answer,
    AnswerTone,
    CarrierLost,
    Data,
    Disconnected,
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
    SendFlags,
    SendFrames,
    SendPage,
    StopReceiving,
    TellTime,
)
from faxhw.terms import Family, Modulation
from faxhw_drivers.dsp import driver
from faxhw_drivers.dsp.library import library
from faxhw_drivers.dsp.modems import tones
from faxhw_drivers.dsp.modems.frames import FrameReceiver, FrameSender
from faxhw_drivers.dsp.modems.pages import PageReceiver, PageSender, Reception

from .dsp_bench import have_library, louder, noisy, whole

pytestmark = pytest.mark.usefixtures("_library")

V17, V29 = Modulation(Family.V17, 14400), Modulation(Family.V29, 9600)
V27TER = Modulation(Family.V27TER, 4800)
DIS, DCS, MPS, MCF = b"\xff\x13\x80\x00", b"\xff\x13\x83\x01", b"\xff\x13\x4f", b"\xff\x13\x8c"
TSI = b"\xff\x03\x43" + b" " * 20


@pytest.fixture(name="_library")
def _have_library() -> None:
    have_library()


@dataclass
class Script:
    """A port on which a far end says its blocks, then silence; what it is told is kept."""

    says: list[bytes]
    echo: int = 0
    """Blocks after which it hears itself; 0: it does not."""
    hangs_up: int = 10**9
    """The block from which the call is gone."""
    at_block: Callable[[int], None] = lambda _: None
    heard: list[bytes] = field(default_factory=list)
    skipped: int = 0
    clock: Clock = SYSTEM_CLOCK
    name: str = "script"

    def transfer(self, said: bytes) -> bytes:
        assert len(said) == BLOCK_OCTETS
        at = len(self.heard)
        self.at_block(at)
        if at >= self.hangs_up:
            return b""
        self.heard.append(said)
        if self.echo and at >= self.echo and self.heard[at - self.echo] != SILENCE:
            return next(louder([self.heard[at - self.echo]], -15.0))
        return self.says[at] if at < len(self.says) else SILENCE

    def skip(self) -> int:
        skipped, self.skipped = self.skipped, 0
        return skipped

    def close(self) -> None:
        pass


def silence(seconds: float) -> list[bytes]:
    return [SILENCE] * round(seconds * 50)


def frames(*said: bytes, preamble: float = 1.0) -> list[bytes]:
    sender = FrameSender(library(), preamble)
    sender.add(said)
    sender.end()
    return list(whole(sender))


def page(modulation: Modulation, data: bytes, *, short: bool = False) -> list[bytes]:
    return list(whole(PageSender(library(), modulation, [data], short_training=short)))


def says(
    *parts: Iterable[bytes], calling: bool = False, **script: object
) -> tuple[Callable[[Operation], Answer], Script]:
    """What performs operations on a line whose far end says this, and its port."""
    port = Script(list(itertools.chain(*parts)), **script)  # type: ignore[arg-type]
    return driver.line_on(port, calling=calling).perform, port


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


def test_short_training_after_a_long_one() -> None:
    tcf = b"".join(training.tcf(14400))
    perform, _ = says(
        louder([*page(V17, tcf), *silence(1), *page(V17, b"\x55" * 3000, short=True)], -20.0), silence(1)
    )
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


@pytest.mark.parametrize("blocks", [2, 14, 28])
def test_our_own_page_that_comes_back_is_no_carrier(blocks: int) -> None:
    perform, port = says(echo=blocks)
    perform(SendPage(V29, [bytes(1800)]))
    port.says = [SILENCE] * (len(port.heard) + blocks + 4) + frames(MCF)
    heard = perform(ReceiveFrames(3.0))
    assert isinstance(heard, Heard)
    assert heard.frames == (Frame(MCF),)


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
