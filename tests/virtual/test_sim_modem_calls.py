"""The virtual modem and the exchange: ringing, answering, dialling, hanging up."""

from __future__ import annotations

import itertools

import pytest

from faxhw.session import Outcome, Status
from faxhw.t30.line import AnswerTone, Heard, Pause, Procedure, ReceiveFrames, SendFrames
from faxhw_drivers.sim import Bench, PluggedModem, Quirks, Station, Tone
from tests.virtual.dte import Dte

DONE = Outcome(Status.NORMAL)
GONE = Outcome(Status.LINE_DROPPED, line_up=False)
DIS = b"\xff\x13\x80\x00"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def modem(bench: Bench) -> PluggedModem:
    return bench.modem("100")


@pytest.fixture
def dte(bench: Bench, modem: PluggedModem) -> Dte:
    return Dte(bench, modem).class1()


@pytest.fixture
def far(bench: Bench) -> Station:
    return bench.station("200")


def listening() -> Procedure:
    heard = yield ReceiveFrames(35.0)
    return DONE if isinstance(heard, Heard) else GONE


def answering() -> Procedure:
    yield AnswerTone()
    yield SendFrames((DIS,))
    yield Pause(20.0)
    return DONE


def test_it_rings_every_six_seconds_until_the_caller_gives_up(bench: Bench, dte: Dte, far: Station) -> None:
    call = far.call("100", listening())
    rings = []
    for _ in range(3):
        assert dte.line() == "RING"
        rings.append(bench.world.now)
        assert dte.port.ring() is True
    assert [later - before for before, later in itertools.pairwise(rings)] == pytest.approx([6, 6], abs=0.01)
    far.hang_up()
    assert dte.port.ring() is False
    assert dte.silent_for(20.0)
    assert call.connected is None


def test_caller_id_comes_between_the_first_two_rings(bench: Bench, dte: Dte, far: Station) -> None:
    far.phone.name = "A. Bell"
    assert dte.command("AT+VCID=1") == ["OK"]
    far.call("100", listening())
    lines = [dte.line() for _ in range(6)]
    assert lines == ["RING", "DATE = 0229", "TIME = 0930", "NMBR = 200", "NAME = A. Bell", "RING"]


def test_caller_id_may_be_withheld_or_not_wanted_or_of_another_form(bench: Bench) -> None:
    quirks = Quirks(ring_text="RING;{number};", caller_id=("NMBR={number}",))
    dte = Dte(bench, bench.modem("100", quirks=quirks)).class1()
    far = bench.station("200")
    far.call("100", listening())
    assert [dte.line(), dte.line()] == ["RING;200;", "RING;200;"]
    far.hang_up()
    bench.run(10)
    far.phone.withheld = "P"
    dte.command("AT#CID=1")
    far.call("100", listening())
    assert [dte.line(), dte.line()] == ["RING;;", "NMBR=P"]


def test_an_answer_is_a_pause_ced_and_frames(bench: Bench, dte: Dte, far: Station) -> None:
    call = far.call("100", listening())
    dte.line()
    answered = bench.world.now
    assert dte.command("ATA") == ["CONNECT"]
    assert bench.world.now - answered == pytest.approx(1.9 + 3.0 + 0.075, abs=0.01)
    dte.write(DIS + b"\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(1)
    assert call.outcome == DONE


def test_a_line_taken_in_silence_can_be_answered_later(bench: Bench, dte: Dte, far: Station) -> None:
    call = far.call("100", listening())
    dte.line()
    assert dte.command("ATH1") == ["OK"]
    bench.run(10.0)
    answered = bench.world.now
    assert dte.command("ATA") == ["CONNECT"]
    assert bench.world.now - answered < 3.5
    dte.write(DIS + b"\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(1)
    assert call.outcome == DONE


def test_voice_class_takes_the_line_in_silence_too(bench: Bench, far: Station) -> None:
    dte = Dte(bench, bench.modem("100", "conexant")).class1()
    assert dte.command("AT+FCLASS=8") == ["OK"]
    call = far.call("100", Tone.VOICE)
    dte.line()
    assert dte.command("ATA") == ["OK"]
    assert call.connected is not None


ROCKWELL = Quirks(fax_report="FAX", data_report="DATA", data_waits=True)


@pytest.mark.parametrize("command", ["+FAA=1", "+FAE=1"])
@pytest.mark.parametrize(
    ("quirks", "fax", "data"),
    [
        (Quirks(), ["CONNECT"], ["CONNECT 9600"]),
        (Quirks(data_report="+FDM"), ["CONNECT"], ["+FDM", "CONNECT 9600"]),
        (ROCKWELL, ["FAX", "CONNECT"], ["DATA"]),
    ],
)
def test_an_adaptive_answer_in_class_1(
    bench: Bench, command: str, quirks: Quirks, fax: list[str], data: list[str]
) -> None:
    far = bench.station("200")
    dte = Dte(bench, bench.modem("100", quirks=quirks, classes=("0", "1"))).class1()
    assert dte.command(f"AT{command}") == ["OK"]
    for act, said in ((Tone.SILENCE, fax), (Tone.DATA, data)):
        far.call("100", act)
        assert dte.line() == "RING"
        dte.write(b"ATA\r")
        assert [dte.line() for _ in said] == said
        if act is Tone.SILENCE:
            dte.port.set_dtr(False)
            dte.port.set_dtr(True)
            bench.run(10.0)
            far.hang_up()
            bench.run(10.0)
    if quirks is ROCKWELL:  # it waits for ATO
        assert dte.command("AT+FCLASS?") == ["0", "OK"]


def test_s0_answers_by_itself(bench: Bench, dte: Dte, far: Station) -> None:
    assert dte.command("ATS0=2") == ["OK"]
    far.call("100", listening())
    assert [dte.line(), dte.line(), dte.line()] == ["RING", "RING", "CONNECT"]


def test_an_answer_is_broken_off_by_any_octet(bench: Bench, dte: Dte, far: Station) -> None:
    call = far.call("100", listening())
    dte.line()
    dte.write(b"ATA\r")
    bench.run(2.0)
    dte.write(b"\x18")
    assert dte.result() == ["NO CARRIER"]
    bench.run(3.0)
    assert call.outcome == GONE
    assert call.ended is not None


def test_a_call_made_ends_in_the_frames_of_the_far_end(bench: Bench, dte: Dte, far: Station) -> None:
    far.answer_with(answering)
    assert dte.command("ATDT2,0-0") == ["CONNECT"]
    assert dte.data()[:4] == DIS
    assert dte.result() == ["OK"]
    assert far.calls[0].number == "100"


@pytest.mark.parametrize(("x", "result"), [(4, "BUSY"), (2, "NO CARRIER")])
def test_busy_and_a_number_that_is_nobodys(bench: Bench, dte: Dte, far: Station, x: int, result: str) -> None:
    far.phone.off_hook()
    for number in ("200", "999"):
        began = bench.world.now
        assert dte.command(f"ATX{x}S7=30DT{number}") == [result]
        assert bench.world.now - began < (6 if x == 4 else 40)


def test_nobody_answers(bench: Bench, dte: Dte, far: Station) -> None:
    began = bench.world.now
    assert dte.command("ATS7=40DT200", 100) == ["NO ANSWER"]
    assert bench.world.now - began == pytest.approx(41, abs=2)
    far.answer_with(Tone.VOICE)
    assert dte.command("ATS7=25DT200", 100) == ["NO CARRIER"]


def test_some_modems_know_no_no_answer(bench: Bench, far: Station) -> None:
    dte = Dte(bench, bench.modem("100", quirks=Quirks(no_no_answer=True))).class1()
    assert dte.command("ATDT200", 100) == ["NO CARRIER"]


def test_a_dead_line(bench: Bench, modem: PluggedModem, dte: Dte, far: Station) -> None:
    modem.modem.phone.dead = True
    assert dte.command("ATDT200") == ["NO DIALTONE"]
    assert dte.command("ATX3S7=20DT200") == ["NO CARRIER"]
    assert not far.calls


def test_dialling_may_end_in_commands_and_be_broken_off(bench: Bench, dte: Dte, far: Station) -> None:
    far.answer_with(answering)
    assert dte.command("ATDT200;") == ["OK"]
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data()[:4] == DIS
    dte.result()
    assert dte.command("ATH") == ["OK"]
    bench.run(30)
    dte.write(b"ATDT200\r")
    bench.run(3)
    dte.write(b"\x18")
    assert dte.result() == ["NO CARRIER"]
    assert dte.command("AT+FTS=1") == ["ERROR"]


def test_pauses_and_pulses_take_their_time(bench: Bench, dte: Dte, far: Station) -> None:
    times = []
    for number in ("T200;", "T2,00;", "P200;"):
        began = bench.world.now
        assert dte.command(f"ATD{number}") == ["OK"]
        times.append(bench.world.now - began)
        dte.command("ATH")
    assert times[1] == pytest.approx(times[0] + 2.0, abs=0.01)
    assert times[2] > times[0] + 2.0


def test_a_far_end_that_hangs_up_is_silence_and_then_a_busy_tone(
    bench: Bench, modem: PluggedModem, dte: Dte, far: Station
) -> None:
    far.call("100", Tone.VOICE)
    dte.line()
    dte.command("ATH1")
    heard = []
    for seconds in (5.0, 0.2, 0.5):
        bench.run(seconds)
        heard.append(modem.modem.receiver.signal)
        far.hang_up()
    assert heard == [Tone.VOICE, Tone.SILENCE, Tone.BUSY]


def test_modems_call_one_another(bench: Bench, dte: Dte) -> None:
    other = Dte(bench, bench.modem("300")).class1()
    frame = b"\xff\x13\x01"

    def answer() -> None:
        assert other.line() == "RING"
        assert other.command("ATA") == ["CONNECT"]
        other.write(frame + b"\x10\x03")
        assert other.result() == ["OK"]
        assert other.command("AT+FRM=96") == ["CONNECT"]
        assert other.data() == b"page"

    worker = bench.clock.spawn(answer, "the other host")
    assert dte.command("ATDT300") == ["CONNECT"]
    assert dte.data()[:3] == frame
    assert dte.result() == ["OK"]
    bench.run(0.1)
    assert dte.command("AT+FTM=96") == ["CONNECT"]
    dte.write(b"page\x10\x03")
    assert dte.result() == ["OK"]
    assert worker.join(5.0)


def test_one_call_at_a_time(bench: Bench, dte: Dte, far: Station) -> None:
    third = bench.station("300")
    far.call("100", Tone.VOICE)
    dte.line()
    dte.command("ATH1")
    call = third.call("100", Tone.VOICE)
    bench.run(10)
    assert call.failure == "BUSY"
    with pytest.raises(RuntimeError, match="on a call already"):
        far.call("300", Tone.VOICE)


def test_a_number_belongs_to_one_subscriber(bench: Bench, far: Station) -> None:
    with pytest.raises(ValueError, match="the number 200 is taken"):
        bench.modem("200")
