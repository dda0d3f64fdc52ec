"""The Class 1 line, against modems that say exactly what a script has them say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from faxhw import hdlc
from faxhw.at import dle
from faxhw.at.chat import Chat
from faxhw.at.profile import Class1
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Flow
from faxhw.session import Cancelled
from faxhw.t30.line import (
    AnswerTone,
    CarrierLost,
    Data,
    Disconnected,
    Done,
    Frame,
    Heard,
    Nothing,
    OtherCarrier,
    Pause,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFrames,
    SendPage,
    StopReceiving,
)
from faxhw.terms import Family, Modulation
from faxhw_drivers.class1.line import Class1Line
from faxhw_drivers.class1.modem import Modem
from tests.unit.scripted_port import ScriptClock, ScriptedPort, in_order

OK, CONNECT, ERROR = b"\r\nOK\r\n", b"\r\nCONNECT\r\n", b"\r\nERROR\r\n"
NO_CARRIER, FCERROR = b"\r\nNO CARRIER\r\n", b"\r\n+FCERROR\r\n"
END, CAN = b"\x10\x03", b"\x18"
FRH, FTH = b"AT+FRH=3\r", b"AT+FTH=3\r"
TSI, DCS = b"\xff\x03\x43" + b" " * 20, b"\xff\x13\x83\x00\x86\x78"
V17 = Modulation(Family.V17, 14400)
V29 = Modulation(Family.V29, 9600)
TRAITS = Class1()


def on_line(octets: bytes) -> bytes:
    """A frame as a modem hands it up: with its frame check, shielded, ended."""
    return (octets + hdlc.frame_check(octets)).replace(b"\x10", b"\x10\x10") + END


class Bench:
    def __init__(
        self,
        answer: Callable[[bytes], bytes],
        traits: Class1 = TRAITS,
        *,
        flow: Flow = Flow.NONE,
        command: str = "",
        hears_frames: bool = False,
    ) -> None:
        self.clock = ScriptClock()
        self.port = ScriptedPort(self.clock, answer)
        self.chat = Chat(self.port, self.clock, logging.getLogger("faxhw.device.scripted"))
        modem = Modem(self.chat, "scripted", traits, flow)
        self.line = Class1Line(modem, answer=command, hears_frames=hears_frames)


# ----------------------------------------------------------------------------------------------------------
# Frames in


def test_frames_come_up_to_the_final_one() -> None:
    bench = Bench(in_order((FRH, CONNECT + on_line(TSI) + OK), (FRH, CONNECT + on_line(DCS) + OK)))
    assert bench.line.perform(ReceiveFrames(3.0)) == Heard((Frame(TSI), Frame(DCS)), time=0.0)


def test_after_dialling_the_first_frame_is_read_straight_away() -> None:
    bench = Bench(in_order((FRH, CONNECT + on_line(DCS) + OK)), hears_frames=True)
    bench.port.says(on_line(TSI) + OK)
    assert bench.line.perform(ReceiveFrames(3.0)) == Heard((Frame(TSI), Frame(DCS)), time=0.0)


def test_a_frame_that_has_long_gone_by_is_not_read() -> None:
    bench = Bench(in_order((CAN, b""), (FRH, CONNECT + on_line(DCS) + OK)), hears_frames=True)
    bench.port.says(on_line(TSI) + OK)
    bench.clock.sleep(20.0)
    answer = bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(answer, Heard)
    assert answer.frames == (Frame(DCS),)


def test_a_damaged_frame_is_reported_and_the_next_one_heard() -> None:
    damaged = on_line(TSI).replace(b" ", b"!", 1)
    bench = Bench(
        in_order(
            (FRH, CONNECT + on_line(TSI) + OK),
            (FRH, CONNECT + damaged + ERROR),
            (FRH, CONNECT + on_line(DCS) + OK),
        )
    )
    answer = bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(answer, Heard)
    assert [frame.good for frame in answer.frames] == [True, False, True]
    assert answer.frames[1].octets == TSI.replace(b" ", b"!", 1)


def test_a_damaged_frame_that_the_modem_calls_good_is_damaged() -> None:
    bench = Bench(
        in_order(
            (FRH, CONNECT + on_line(TSI) + OK),
            (FRH, CONNECT + on_line(DCS).replace(b"\x86", b"\x87") + OK),
            (FRH, CONNECT + END + NO_CARRIER),
        )
    )
    answer = bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(answer, Heard)
    assert [frame.good for frame in answer.frames] == [True, False]


@pytest.mark.parametrize("form", ["hidden", "inverted", "swapped", "swapped and inverted"])
def test_frame_checks_come_in_every_form(form: str) -> None:
    check = hdlc.frame_check(DCS)
    if "inverted" in form:
        check = bytes(octet ^ 0xFF for octet in check)
    if "swapped" in form:
        check = check[::-1]
    handed_up = DCS + (b"" if form == "hidden" else check)
    bench = Bench(in_order((FRH, CONNECT + handed_up.replace(b"\x10", b"\x10\x10") + END + OK)))
    assert bench.line.perform(ReceiveFrames(3.0)) == Heard((Frame(DCS),), time=0.0)


def test_silence_is_listened_to_until_the_time_is_up() -> None:
    bench = Bench(lambda written: NO_CARRIER)
    answer = bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(answer, Nothing)
    assert 3.0 <= answer.time < 3.3


def test_a_modem_that_waits_for_ever_is_called_off() -> None:
    bench = Bench(in_order((FRH, b""), (CAN, OK)))
    assert bench.line.perform(ReceiveFrames(3.0)) == Nothing(time=3.0)


@pytest.mark.parametrize(
    ("script", "traits"),
    [
        ([(CAN, b""), (END, b""), (b"AT\r", OK)], TRAITS),
        ([(CAN, b""), (END, b""), (b"AT\r", b""), (b"AT\r", OK)], TRAITS),
        ([(b"AT\r", OK)], replace(TRAITS, abort_by_can=False)),
    ],
)
def test_ways_out_of_listening(script: list[tuple[bytes, bytes]], traits: Class1) -> None:
    bench = Bench(in_order((FRH, b""), *script), traits)
    assert isinstance(bench.line.perform(ReceiveFrames(3.0)), Nothing)


def test_a_modem_that_falls_silent_is_reported_within_bounds() -> None:
    bench = Bench(lambda written: b"")
    with pytest.raises(DeviceError, match="stopped answering"):
        bench.line.perform(ReceiveFrames(3.0))
    assert bench.clock.monotonic() < 10.0


@pytest.mark.parametrize("said", [FCERROR, b"\r\n+FCERR\r\n", b"\r\n+F4\r\n"])
def test_another_carrier_in_place_of_frames(said: bytes) -> None:
    bench = Bench(in_order((FRH, said)))
    assert bench.line.perform(ReceiveFrames(3.0)) == OtherCarrier(time=0.0)


def test_connect_without_a_frame_is_nothing_or_another_carrier_by_the_profile() -> None:
    said = CONNECT + b"\xaa\x10\x03" + NO_CARRIER
    assert isinstance(Bench(in_order((FRH, said))).line.perform(ReceiveFrames(3.0)), Nothing)
    lucent = Bench(in_order((FRH, said)), replace(TRAITS, connect_to_any_carrier=True))
    assert isinstance(lucent.line.perform(ReceiveFrames(3.0)), OtherCarrier)


@pytest.mark.parametrize("pace", [0.001, 0.1])
def test_frames_are_bounded_and_so_is_a_transmission(pace: float) -> None:
    bench = Bench(in_order((FRH, CONNECT), (CAN, b""), (END, END), (b"AT\r", OK)))

    def babble(timeout: float | None) -> bytes:
        bench.clock.sleep(pace)
        return read(timeout) or b"\x55" * 100

    read, bench.port.read = bench.port.read, babble  # type: ignore[method-assign]
    answer = bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(answer, Nothing)
    assert answer.time < 15.0


@pytest.mark.parametrize("said", [ERROR, b"\r\nBUSY\r\n", b"\r\nNO DIALTONE\r\n"])
def test_a_modem_that_has_lost_the_call(said: bytes) -> None:
    assert isinstance(Bench(lambda _: said).line.perform(ReceiveFrames(3.0)), Disconnected)
    assert isinstance(Bench(lambda _: said).line.perform(SendFrames((DCS,))), Disconnected)


def test_a_vanished_modem_is_a_port_error() -> None:
    bench = Bench(lambda _: b"")
    bench.port.close()
    with pytest.raises(PortError):
        bench.line.perform(ReceiveFrames(3.0))


def with_check_containing(octet: int) -> bytes:
    """A frame full of DLEs, XONs and XOFFs whose frame check has such an octet too."""
    body = b"\xff\x13\x83\x10\x10\x11\x13\x03\x10\x1a"
    return next(
        frame
        for frame in (body + bytes((number,)) for number in range(256))
        if octet in hdlc.frame_check(frame)
    )


@pytest.mark.parametrize("octet", [0x10, 0x11, 0x13, 0x03])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_frames_may_hold_any_octet_and_so_may_their_checks(octet: int, size: int) -> None:
    frame = with_check_containing(octet)
    arriving = CONNECT + on_line(frame) + OK
    pieces = [arriving[at : at + size] for at in range(0, len(arriving), size)]
    bench = Bench(in_order((FRH, b"")))
    bench.port.on_wait = lambda: bench.port.says(pieces.pop(0))
    assert bench.line.perform(ReceiveFrames(3.0)) == Heard((Frame(frame),), time=0.0)


# ----------------------------------------------------------------------------------------------------------
# Pages in


def test_a_page_comes_in_pieces_and_ends_with_its_carrier() -> None:
    octets = bytes(range(256)) * 5
    bench = Bench(
        in_order((b"AT+FRM=146\r", CONNECT + octets.replace(b"\x10", b"\x10\x10") + END + NO_CARRIER))
    )
    answer = bench.line.perform(ReceivePage(V17, 6.0, short_training=True))
    received = b""
    while isinstance(answer, Data):
        assert answer.octets
        received += answer.octets
        answer = bench.line.perform(ReceiveMore())
    assert isinstance(answer, CarrierLost)
    assert received == octets
    assert isinstance(bench.line.perform(ReceiveMore()), CarrierLost)


def test_a_page_without_an_octet_came_all_the_same() -> None:
    bench = Bench(in_order((b"AT+FRM=96\r", CONNECT + END + NO_CARRIER)))
    assert isinstance(bench.line.perform(ReceivePage(V29, 6.0, short_training=True)), CarrierLost)


def test_a_wrong_carrier_is_tried_again_before_it_counts() -> None:
    frm = b"AT+FRM=145\r"
    bench = Bench(in_order((frm, FCERROR), (frm, FCERROR), (frm, CONNECT + b"abc")))
    bench.port.on_wait = lambda: bench.clock.sleep(0.3)
    assert bench.line.perform(ReceivePage(V17, 6.0)) == Data(b"abc", time=bench.clock.monotonic())
    bench = Bench(in_order(*[(frm, FCERROR)] * 3))
    assert isinstance(bench.line.perform(ReceivePage(V17, 6.0)), OtherCarrier)


FRM, SILENCE_LOOK = b"AT+FRM=96\r", b"AT+FRS=1\r"
IN_VAIN = ((FRM, b""), (CAN, OK))
MUTE = (*IN_VAIN, (SILENCE_LOOK, b""), (CAN, OK))
"""A page's carrier stands, and the modem says nothing of it."""


def test_a_page_that_is_waited_for_in_vain_on_a_silent_line() -> None:
    bench = Bench(in_order(*IN_VAIN, (SILENCE_LOOK, OK)))
    assert isinstance(bench.line.perform(ReceivePage(V29, 6.0)), Nothing)


def test_a_carrier_of_which_the_modem_says_nothing_is_found_by_asking_for_silence() -> None:
    listened = ((FRH, b""), (CAN, OK))
    bench = Bench(
        in_order(*MUTE, *listened, (SILENCE_LOOK, b""), (CAN, OK), *listened, (SILENCE_LOOK, OK), *listened)
    )
    assert isinstance(bench.line.perform(ReceivePage(V29, 6.0)), OtherCarrier)
    assert isinstance(bench.line.perform(ReceiveFrames(1.0)), OtherCarrier)
    assert isinstance(bench.line.perform(ReceiveFrames(1.0)), Nothing)
    assert isinstance(bench.line.perform(ReceiveFrames(1.0)), Nothing)


def test_a_modem_that_takes_no_frs_is_not_asked_for_silence() -> None:
    bench = Bench(in_order(*IN_VAIN), replace(TRAITS, silence_after_receiving="host"))
    assert isinstance(bench.line.perform(ReceivePage(V29, 6.0)), Nothing)


@pytest.mark.parametrize("when", ["instead of a page", "after a page"])
def test_frames_that_the_modem_announces_are_read_without_a_command(when: str) -> None:
    announced = b"\r\n+FRH:3\r\n" + CONNECT + on_line(DCS) + OK
    bench = Bench(
        in_order((b"AT+FRM=145\r", (CONNECT + b"abc" + END if when == "after a page" else b"") + announced))
    )
    answer = bench.line.perform(ReceivePage(V17, 6.0))
    if when == "after a page":
        assert isinstance(answer, Data)
        assert isinstance(bench.line.perform(ReceiveMore()), CarrierLost)
    else:
        assert isinstance(answer, OtherCarrier)
    assert bench.line.perform(ReceiveFrames(3.0)) == Heard((Frame(DCS),), time=0.0)


def test_a_page_that_runs_dry_without_a_word_is_over() -> None:
    bench = Bench(in_order((b"AT+FRM=145\r", CONNECT + b"abc"), (CAN, END + OK)))
    assert isinstance(bench.line.perform(ReceivePage(V17, 6.0)), Data)
    assert isinstance(bench.line.perform(ReceiveMore()), CarrierLost)
    assert bench.clock.monotonic() < 10.0


def test_a_reception_can_be_stopped() -> None:
    bench = Bench(in_order((b"AT+FRM=145\r", CONNECT + b"abc"), (CAN, b"def" + END + OK)))
    assert isinstance(bench.line.perform(ReceivePage(V17, 6.0)), Data)
    assert isinstance(bench.line.perform(StopReceiving()), Done)


def test_single_dles_are_kept_where_the_profile_says_so() -> None:
    said = CONNECT + b"a\x10\x41" + END + NO_CARRIER
    kept = Bench(in_order((b"AT+FRM=145\r", said)), replace(TRAITS, keep_lone_dle=True))
    assert kept.line.perform(ReceivePage(V17, 6.0)) == Data(b"a\x10\x41", time=0.0)


# ----------------------------------------------------------------------------------------------------------
# Out


def test_frames_go_out_one_after_the_other() -> None:
    bench = Bench(in_order((FTH, CONNECT), (TSI + END, CONNECT), (DCS + END, OK)))
    assert isinstance(bench.line.perform(SendFrames((TSI, DCS))), Done)


def test_after_the_answer_tone_the_first_frame_needs_no_command() -> None:
    bench = Bench(in_order((b"ATA\r", CONNECT), (TSI + END, CONNECT), (DCS + END, OK)), command="A")
    assert isinstance(bench.line.perform(AnswerTone()), Done)
    assert isinstance(bench.line.perform(SendFrames((TSI, DCS))), Done)


def test_flags_that_have_stopped_since_the_answer_tone_are_started_again() -> None:
    bench = Bench(in_order((b"ATA\r", CONNECT), (FTH, CONNECT), (DCS + END, OK)), command="A")
    bench.line.perform(AnswerTone())
    bench.port.says(OK)
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_answering_a_line_that_is_taken_already_may_be_refused() -> None:
    bench = Bench(in_order((b"ATA\r", ERROR), (FTH, CONNECT), (DCS + END, OK)), command="A")
    assert isinstance(bench.line.perform(AnswerTone()), Done)
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_answering_nobody() -> None:
    assert isinstance(
        Bench(in_order((b"ATA\r", NO_CARRIER)), command="A").line.perform(AnswerTone()), Disconnected
    )


def test_frames_left_over_from_an_under_run_go_out_again() -> None:
    bench = Bench(in_order((FTH, CONNECT), (TSI + END, OK), (FTH, CONNECT), (DCS + END, OK)))
    assert isinstance(bench.line.perform(SendFrames((TSI, DCS))), Done)


def test_frames_that_never_go_out_are_not_called_sent() -> None:
    bench = Bench(lambda written: CONNECT if written == FTH else ERROR)
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Disconnected)


def test_a_page_goes_out_shielded_and_ended() -> None:
    bench = Bench(in_order((b"AT+FTM=145\r", CONNECT), (b"a\x10\x10b", b""), (b"c", b""), (END, OK)))
    assert isinstance(bench.line.perform(SendPage(V17, [b"a\x10b", b"c"])), Done)


def test_ok_in_place_of_connect_is_asked_again() -> None:
    ftm = b"AT+FTM=96\r"
    bench = Bench(in_order((ftm, OK), (ftm, CONNECT), (b"x", b""), (END, OK)))
    assert isinstance(bench.line.perform(SendPage(V29, [b"x"])), Done)


def test_a_carrier_that_takes_its_time_is_waited_for() -> None:
    bench = Bench(
        in_order((b"AT+FTM=96\r", CONNECT), (b"x", b""), (END, OK)), replace(TRAITS, carrier_delay=0.4)
    )
    assert bench.line.perform(SendPage(V29, [b"x"])) == Done(time=0.4)


def test_xon_xoff_is_heeded_only_while_a_page_goes_out() -> None:
    bench = Bench(in_order((b"AT+FTM=96\r", CONNECT), (b"x", b""), (END, OK)), flow=Flow.XON_XOFF)
    bench.line.perform(SendPage(V29, [b"x"]))
    assert bench.port.flows == [Flow.XON_XOFF, Flow.NONE]


def test_a_page_that_cannot_be_made_still_ends_its_carrier() -> None:
    def broken() -> list[bytes]:
        raise RuntimeError("no page")

    bench = Bench(in_order((b"AT+FTM=96\r", CONNECT), (END, OK)))
    with pytest.raises(RuntimeError, match="no page"):
        bench.line.perform(SendPage(V29, (piece for piece in broken())))


# ----------------------------------------------------------------------------------------------------------
# Silence


def test_silence_after_a_reception_is_the_line_s() -> None:
    bench = Bench(in_order((FRH, CONNECT + on_line(DCS) + OK), (b"AT+FRS=6\r", OK)))
    bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(bench.line.perform(Pause(0.075)), Done)


def test_silence_after_a_transmission_is_the_modem_s() -> None:
    bench = Bench(in_order((FTH, CONNECT), (DCS + END, OK), (b"AT+FTS=6\r", OK)))
    bench.line.perform(SendFrames((DCS,)))
    assert isinstance(bench.line.perform(Pause(0.075)), Done)


def test_silence_while_another_carrier_stands_is_the_host_s() -> None:
    bench = Bench(in_order((FRH, FCERROR)))
    bench.line.perform(ReceiveFrames(3.0))
    assert bench.line.perform(Pause(0.2)) == Done(time=0.2)


def test_a_modem_without_silences_is_asked_once() -> None:
    heard = (FRH, CONNECT + on_line(DCS) + OK)
    bench = Bench(in_order(heard, (b"AT+FRS=6\r", ERROR), heard))
    for expected in (0.075, 0.15):
        bench.line.perform(ReceiveFrames(3.0))
        assert bench.line.perform(Pause(0.075)) == Done(time=expected)


def test_silence_that_never_comes_is_given_up() -> None:
    bench = Bench(in_order((FRH, CONNECT + on_line(DCS) + OK), (b"AT+FRS=6\r", b""), (CAN, OK)))
    bench.line.perform(ReceiveFrames(3.0))
    answer = bench.line.perform(Pause(0.075))
    assert isinstance(answer, Done)
    assert answer.time < 3.0


# ----------------------------------------------------------------------------------------------------------
# Cancelling


def test_listening_can_be_cancelled_and_dcn_still_goes_out() -> None:
    bench = Bench(in_order((FRH, b""), (CAN, OK), (FTH, CONNECT), (DCS + END, OK)))
    bench.port.on_wait = bench.chat.interrupt
    with pytest.raises(Cancelled):
        bench.line.perform(ReceiveFrames(30.0))
    bench.port.on_wait = lambda: None
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_a_page_can_be_cancelled_in_the_middle() -> None:
    bench = Bench(in_order((b"AT+FRM=145\r", CONNECT + b"abc"), (CAN, END + OK)))
    assert isinstance(bench.line.perform(ReceivePage(V17, 6.0)), Data)
    bench.port.on_wait = bench.chat.interrupt
    with pytest.raises(Cancelled):
        bench.line.perform(ReceiveMore())


def test_sending_a_page_can_be_cancelled_and_its_carrier_ends() -> None:
    bench = Bench(in_order((b"AT+FTM=145\r", CONNECT), (b"a", b""), (END, OK)))

    def pages() -> list[bytes]:
        bench.chat.interrupt()
        return [b"a", b"b"]

    with pytest.raises(Cancelled):
        bench.line.perform(SendPage(V17, (piece for piece in pages())))


def test_a_page_that_is_cut_behind_half_a_dle_still_ends() -> None:
    sent = bytearray()

    def cut_short(data: bytes, timeout: float | None = 10.0) -> None:
        if data.endswith(b"\x10\x10"):
            bench.chat.interrupt()
            data = data[:-1]
        sent.extend(data)
        write(data, timeout)

    bench = Bench(lambda written: CONNECT if written.startswith(b"AT") else OK if END in written else b"")
    write, bench.port.write = bench.port.write, cut_short  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        bench.line.perform(SendPage(V17, [b"abc\x10", b"never"]))
    unshield = dle.Unshield()
    assert unshield.feed(bytes(sent).partition(b"\r")[2]) == b"abc"
    assert unshield.ended


def test_answering_can_be_cancelled_and_the_line_is_kept() -> None:
    bench = Bench(
        in_order((b"ATA\r", b""), (END, OK), (FTH, CONNECT), (DCS + END, OK)),
        command="A",
    )

    def interrupt() -> None:
        bench.port.on_wait = lambda: bench.port.says(CONNECT)
        bench.chat.interrupt()

    bench.port.on_wait = interrupt
    assert isinstance(bench.line.perform(AnswerTone()), Done)
    bench.port.on_wait = lambda: None
    with pytest.raises(Cancelled):
        bench.line.perform(SendFrames((TSI,)))
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_answering_that_comes_to_nothing_is_given_up_soon_once_it_is_cancelled() -> None:
    bench = Bench(lambda written: b"" if written.startswith(b"ATA") else OK, command="A")

    def interrupt() -> None:
        bench.port.on_wait = lambda: None
        bench.chat.interrupt()

    bench.port.on_wait = interrupt
    assert isinstance(bench.line.perform(AnswerTone()), Disconnected)
    assert bench.clock.monotonic() < 8.0


def test_a_late_ok_to_can_does_not_answer_the_next_command() -> None:
    late = [OK]
    script = in_order((FRH, b""), (CAN, b""), (END, b""), (b"AT\r", OK), (FTH, CONNECT), (DCS + END, OK))

    def answer(written: bytes) -> bytes:
        return (late.pop() if written == FTH and late else b"") + script(written)

    def wait() -> None:
        if bench.port.written[-1] == b"AT\r" and late:
            bench.port.says(late.pop())

    bench = Bench(answer)
    bench.port.on_wait = wait
    assert isinstance(bench.line.perform(ReceiveFrames(3.0)), Nothing)
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_a_cancel_between_operations_counts_once() -> None:
    bench = Bench(in_order((FTH, CONNECT), (DCS + END, OK)))
    bench.chat.interrupt()
    with pytest.raises(Cancelled):
        bench.line.perform(ReceiveFrames(3.0))
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)


def test_everything_said_is_traced(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "faxhw")
    bench = Bench(in_order((FRH, b"\r\n\x1b[2Jodd\r\n" + CONNECT + on_line(DCS) + OK)))
    bench.line.perform(ReceiveFrames(3.0))
    assert caplog.messages == [
        "> AT+FRH=3",
        "< [2Jodd",
        "< CONNECT",
        "< OK",
        "ReceiveFrames -> Heard ff1383008678",
    ]
