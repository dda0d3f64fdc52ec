"""The virtual modem on the line: class 1 operations, their results, and the oddities of the field."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faxhw.hdlc import frame_check
from faxhw.ports.base import Flow
from faxhw.session import Outcome, Status
from faxhw.t30.line import (
    Data,
    Heard,
    Pause,
    Procedure,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFrames,
    SendPage,
)
from faxhw.terms import Family, Modulation
from faxhw_drivers.sim import Bench, BitErrors, Direction, FcsStyle, Pauses, Quirks, StationCall
from tests.virtual.dte import Dte

V17 = Modulation(Family.V17, 14400)
V29 = Modulation(Family.V29, 9600)
FINAL, MORE = b"\xff\x13", b"\xff\x03"
DONE = Outcome(Status.NORMAL)

Act = Callable[[], Procedure]


def answered(bench: Bench, act: Act, quirks: Quirks | None = None) -> tuple[Dte, StationCall]:
    """A station calls the modem, which takes the line without a sound; then the station does ``act``."""
    dte = Dte(bench, bench.modem("100", quirks=quirks)).class1()
    call = bench.station("200").call("100", act())
    assert dte.line() == "RING"
    assert dte.command("ATH1") == ["OK"]
    return dte, call


def says(*frames: bytes, after: float = 0.5) -> Act:
    def act() -> Procedure:
        yield Pause(after)
        yield SendFrames(frames)
        yield Pause(60.0)
        return DONE

    return act


def sends(modulation: Modulation, data: bytes, *, short: bool = False) -> Act:
    def act() -> Procedure:
        yield Pause(0.5)
        yield SendPage(modulation, [data], short)
        yield Pause(60.0)
        return DONE

    return act


def hears(heard: list[object], *operations: ReceiveFrames | ReceivePage) -> Act:
    def act() -> Procedure:
        for operation in operations:
            answer = yield operation
            heard.append(answer)
            while isinstance(answer, Data):
                answer = yield ReceiveMore()
                heard.append(answer)
        yield Pause(60.0)
        return DONE

    return act


def octets(heard: list[object]) -> bytes:
    return b"".join(each.octets for each in heard if isinstance(each, Data))


# ----------------------------------------------------------------------------------------------------------
# Frames


def test_frames_come_one_by_one_with_their_check_sequence() -> None:
    bench = Bench()
    first, last = MORE + b"\x01\x10\x03\x10\x1a", FINAL + b"\x02\x10"
    dte, _ = answered(bench, says(first, last))
    for frame in (first, last):
        assert dte.command("AT+FRH=3") == ["CONNECT"]
        assert dte.data() == frame + frame_check(frame)
        assert dte.result() == ["OK"]
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data() == b""
    assert dte.result() == ["NO CARRIER"]


def test_frames_that_nobody_asked_for_yet_are_kept() -> None:
    bench = Bench()
    dte, _ = answered(bench, says(MORE + b"\x01", MORE + b"\x02", FINAL + b"\x03"))
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data()[2:3] == b"\x01"
    assert dte.result() == ["OK"]
    bench.run(3.0)
    for number in (2, 3):
        assert dte.command("AT+FRH=3") == ["CONNECT"]
        assert dte.data()[2] == number
        assert dte.result() == ["OK"]
    assert dte.command("AT+FRH=3") == ["NO CARRIER"]
    dte.write(b"AT+FRH=3\r")
    assert dte.silent_for(10.0)


def test_any_octet_breaks_a_reception_off() -> None:
    bench = Bench()
    dte, _ = answered(bench, says(FINAL + b"\x01", after=5.0))
    dte.write(b"AT+FRH=3\r")
    assert dte.silent_for(1.0)
    dte.write(b"\x18")
    assert dte.result() == ["OK"]
    dte.write(b"AT+FRM=145\r")
    assert dte.silent_for(1.0)
    dte.write(b"\x18")
    assert dte.result() == ["OK"]
    assert dte.command("AT+FRH=3") == ["CONNECT"]


@pytest.mark.parametrize("result", ["ERROR", "NO CARRIER", "+FCERROR"])
def test_a_damaged_frame_ends_in_what_the_modem_says_of_it(result: str) -> None:
    bench = Bench(seed=2)
    bench.impair(BitErrors(rate=0.04))
    frame = FINAL + bytes(range(20))
    dte, _ = answered(bench, says(frame), Quirks(bad_frame_result=result))
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data() != frame + frame_check(frame)
    assert dte.result() == [result]


@pytest.mark.parametrize(
    ("style", "tail"),
    [
        (FcsStyle.HIDDEN, b""),
        (FcsStyle.SWAPPED, frame_check(FINAL + b"\x01")[::-1]),
        (FcsStyle.INVERTED, bytes(octet ^ 0xFF for octet in frame_check(FINAL + b"\x01"))),
    ],
)
def test_the_ways_of_handing_over_the_check_sequence(style: FcsStyle, tail: bytes) -> None:
    bench = Bench()
    dte, _ = answered(bench, says(FINAL + b"\x01"), Quirks(fcs=style))
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data() == FINAL + b"\x01" + tail


def test_frames_are_sent_until_the_final_one() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceiveFrames(35.0)))
    began = bench.world.now
    assert dte.command("AT+FTH=3") == ["CONNECT"]
    dte.write(MORE + b"\x10\x10\x01\x10\x03")
    assert dte.result() == ["CONNECT"]
    assert bench.world.now - began > 1.0
    dte.write(FINAL + b"\x02\x10\x1a\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(1.0)
    [answer] = heard
    assert isinstance(answer, Heard)
    assert [frame.octets for frame in answer.frames] == [MORE + b"\x10\x01", FINAL + b"\x02\x10\x10"]


def test_a_dte_that_owes_a_frame_gets_error_after_five_seconds() -> None:
    bench = Bench()
    dte, _ = answered(bench, hears([], ReceiveFrames(35.0)))
    began = bench.world.now
    assert dte.command("AT+FTH=3") == ["CONNECT"]
    assert dte.result() == ["ERROR"]
    assert bench.world.now - began == pytest.approx(5.0, abs=0.01)
    assert dte.command("AT+FTH=3") == ["CONNECT"]
    dte.write(b"\x10\x03")
    assert dte.result() == ["OK"]


# ----------------------------------------------------------------------------------------------------------
# Pages


@pytest.mark.parametrize(
    ("code", "modulation", "training"),
    [(24, Modulation(Family.V27TER, 2400), 0.943), (96, V29, 0.253), (145, V17, 1.393)],
)
def test_a_page_comes_over_at_its_rate(code: int, modulation: Modulation, training: float) -> None:
    bench = Bench()
    page = bytes(range(256)) * 4
    dte, call = answered(bench, sends(modulation, page))
    assert dte.command(f"AT+FRM={code}") == ["CONNECT"]
    connected = bench.world.now
    assert call.connected is not None
    assert connected - call.connected == pytest.approx(0.5 + training, abs=0.03)
    assert dte.data() == page
    assert bench.world.now - connected == pytest.approx(len(page) * 8 / modulation.rate, abs=0.05)
    assert dte.result() == ["NO CARRIER"]


def test_a_page_is_sent_at_its_rate() -> None:
    bench = Bench()
    page = bytes(range(256)) * 10
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceivePage(V29, 20.0)))
    began = bench.world.now
    dte.port.set_flow(Flow.RTS_CTS)
    assert dte.command("AT+FTM=96") == ["CONNECT"]
    assert bench.world.now - began < 0.05
    dte.write(page.replace(b"\x10", b"\x10\x10") + b"\x10\x03")
    assert dte.result() == ["OK"]
    assert bench.world.now - began == pytest.approx(0.253 + len(page) * 8 / 9600, abs=0.1)
    bench.run(0.1)
    assert octets(heard) == page


@pytest.mark.parametrize(
    ("command", "flow", "whole"),
    [
        ("AT&K3", Flow.RTS_CTS, True),
        ("AT+FLO=1", Flow.XON_XOFF, True),
        ("AT&K0", Flow.RTS_CTS, False),
        ("AT&K3", Flow.NONE, False),
    ],
)
def test_flow_control_that_both_sides_keep_saves_every_octet(command: str, flow: Flow, whole: bool) -> None:
    bench = Bench()
    page = bytes(range(256)) * 80
    heard: list[object] = []
    plugged = bench.modem("100")
    dte = Dte(bench, plugged).class1()
    bench.station("200").call("100", hears(heard, ReceivePage(V17, 20.0))())
    dte.line()
    dte.command("ATH1")
    assert dte.command(command) == ["OK"]
    dte.port.set_flow(flow)
    assert dte.command("AT+FTM=145") == ["CONNECT"]
    dte.port.write(page.replace(b"\x10", b"\x10\x10") + b"\x10\x03", timeout=60)
    dte.result()
    bench.run(0.1)
    assert (octets(heard) == page) == whole
    assert (plugged.lost_octets == 0) == whole


def test_silence_is_filled_with_nuls_after_a_nul_and_ends_the_page_after_anything_else() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceivePage(V29, 20.0), ReceivePage(V29, 20.0)))
    dte.command("AT+FTM=96")
    dte.write(b"\xaa\x00")
    bench.run(3.0)
    dte.write(b"\xbb")
    assert dte.result() == ["OK"]
    bench.run(0.1)
    first = octets(heard)
    assert first.strip(b"\0") == b"\xaa" + bytes(len(first) - 2) + b"\xbb"
    assert len(first) == pytest.approx(3.0 * 1200, rel=0.2)
    heard.clear()
    dte.command("AT+FTM=96")
    began = bench.world.now
    assert dte.result() == ["ERROR"]
    assert bench.world.now - began == pytest.approx(5.0, abs=0.2)


def test_short_training_needs_a_long_one_before() -> None:
    bench = Bench()

    def act() -> Procedure:
        for short in (True, False, True):
            yield Pause(0.5)
            yield SendPage(V17, [bytes(500)], short)
        yield Pause(60.0)
        return DONE

    dte, _ = answered(bench, act)
    assert dte.command("AT+FRM=146") == ["NO CARRIER"]
    assert dte.command("AT+FRM=145") == ["CONNECT"]
    assert dte.data() == bytes(500)
    assert dte.result() == ["NO CARRIER"]
    assert dte.command("AT+FRM=146") == ["CONNECT"]


def test_a_receiver_that_is_late_does_not_train() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V17, bytes(500)))
    bench.run(1.2)
    assert dte.command("AT+FRM=145") == ["NO CARRIER"]


def test_a_frame_that_never_ends_is_bounded_and_ends_in_time() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceiveFrames(35.0)))
    assert dte.command("AT+FTH=3") == ["CONNECT"]
    for _ in range(20):
        dte.write(FINAL + bytes(500))
        bench.run(0.2)
    dte.write(b"\x10")
    bench.run(0.2)
    dte.write(b"\x03")
    assert dte.result() == ["OK"]
    dte.command("AT+FTH=3")
    dte.write(FINAL + bytes(500))  # and no end at all
    began = bench.world.now
    assert dte.result() == ["ERROR"]
    assert bench.world.now - began == pytest.approx(5.0, abs=0.1)


def test_the_end_of_a_page_may_come_in_two_pieces_and_dle_sub_is_two() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceivePage(V29, 20.0)))
    assert dte.command("AT+FTM=96") == ["CONNECT"]
    for piece in (b"a\x10", b"\x10b\x10", b"\x1ac\x10", b"\x03"):
        dte.write(piece)
        bench.run(0.02)
    assert dte.result() == ["OK"]
    bench.run(0.1)
    assert octets(heard) == b"a\x10b\x10\x10c"


def test_ones_stand_before_the_data_of_a_dte_that_is_late() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceivePage(V29, 20.0)))
    assert dte.command("AT+FTM=96") == ["CONNECT"]
    bench.run(1.253)
    dte.write(b"page\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(0.1)
    ones = octets(heard).removesuffix(b"page")
    assert set(ones) == {0xFF}
    assert len(ones) == pytest.approx(1200, rel=0.05)


@pytest.mark.parametrize("page", [True, False])
def test_a_far_end_that_goes_in_the_middle_is_a_carrier_lost_and_then_nothing(page: bool) -> None:
    bench = Bench()
    act = sends(V29, bytes(9600)) if page else says(MORE + bytes(200))
    dte, call = answered(bench, act)
    assert dte.command("AT+FRM=96" if page else "AT+FRH=3") == ["CONNECT"]
    bench.run(2.0)
    bench.exchange.calls[0].cut()
    began = bench.world.now
    assert set(dte.data()) <= {0}
    assert dte.result() == ["NO CARRIER"]
    assert bench.world.now - began < 0.1
    assert call.ended is not None or call.steps
    dte.write(b"AT+FRH=3\r")
    assert dte.silent_for(30.0)


# ----------------------------------------------------------------------------------------------------------
# Other carriers


def test_another_carrier_is_fcerror() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V17, bytes(5000)))
    assert dte.command("AT+FRH=3") == ["+FCERROR"]
    assert dte.command("AT+FRM=96") == ["+FCERROR"]
    bench = Bench()
    dte, _ = answered(bench, says(FINAL + b"\x01"))
    assert dte.command("AT+FRM=145") == ["+FCERROR"]
    assert dte.command("AT+FRH=3") == ["CONNECT"]


def test_adaptive_reception_turns_to_frames() -> None:
    bench = Bench()
    dte, _ = answered(bench, says(FINAL + b"\x01"))
    assert dte.command("AT+FAR=1") == ["OK"]
    assert dte.command("AT+FRM=145") == ["+FRH:3", "CONNECT"]
    assert dte.data()[:3] == FINAL + b"\x01"
    assert dte.result() == ["OK"]


def test_some_modems_connect_to_any_carrier_or_report_none() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V17, bytes(500)), Quirks(frh_takes_any_carrier=True))
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert len(dte.data()) <= 3
    assert dte.result() == ["NO CARRIER"]
    bench = Bench()
    dte, _ = answered(bench, sends(V17, bytes(500)), Quirks(no_fcerror=True))
    assert dte.command("AT+FRH=3") == ["NO CARRIER"]


# ----------------------------------------------------------------------------------------------------------
# Pauses and other oddities


def test_pauses() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V29, bytes(2400)))
    began = bench.world.now
    assert dte.command("AT+FTS=20") == ["OK"]
    assert bench.world.now - began == pytest.approx(0.2, abs=0.02)
    bench.run(0.5)
    assert dte.command("AT+FRS=10") == ["OK"]
    assert bench.world.now - began == pytest.approx(0.5 + 0.253 + 2.0 + 0.1, abs=0.05)
    for hundredths in (0, 1, 7, 255):
        for command in ("+FTS", "+FRS"):
            began = bench.world.now
            assert dte.command(f"AT{command}={hundredths}") == ["OK"]
            assert bench.world.now - began == pytest.approx(hundredths / 100, abs=0.01)
    assert dte.command("AT+FTS=256") == ["ERROR"]
    dte.write(b"AT+FTS=255\r")
    assert dte.silent_for(0.1)
    dte.write(b"\x18")
    assert dte.result() == ["OK"]


def test_modems_without_pauses() -> None:
    bench = Bench()
    dte, _ = answered(bench, says(FINAL), Quirks(pauses=Pauses.UNKNOWN))
    assert dte.command("AT+FTS=8") == ["ERROR"]
    assert dte.command("AT+FRS=8") == ["ERROR"]
    bench = Bench()
    dte, call = answered(bench, says(FINAL), Quirks(pauses=Pauses.FRS_RESETS))
    assert dte.command("AT+FTS=8") == ["OK"]
    assert dte.command("AT+FRS=8") == ["OK"]
    assert dte.command("AT+FCLASS?")[-2:] == ["0", "OK"]
    bench.run(5)
    assert call.ended is not None


def test_a_pause_may_lose_the_page_carrier() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V17, bytes(500)), Quirks(pause_loses_carrier=True))
    assert dte.command("AT+FTS=1") == ["OK"]
    dte.write(b"AT+FRM=145\r")
    assert dte.silent_for(10.0)


def test_the_first_ftm_after_a_pause_may_be_ok_instead_of_connect() -> None:
    bench = Bench()
    dte, _ = answered(bench, hears([], ReceivePage(V29, 20.0)), Quirks(first_ftm_ok=True))
    assert dte.command("AT+FTS=8") == ["OK"]
    assert dte.command("AT+FTM=96") == ["OK"]
    assert dte.command("AT+FTM=96") == ["CONNECT"]


def test_octets_right_after_connect_may_be_lost() -> None:
    bench = Bench()
    heard: list[object] = []
    dte, _ = answered(bench, hears(heard, ReceivePage(V17, 20.0)), Quirks(deaf_after_connect=0.4))
    dte.command("AT+FTM=145")
    dte.write(b"lost")
    bench.run(0.5)
    dte.write(b"kept\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(0.1)
    assert octets(heard) == b"kept"


def test_a_dle_may_come_single_and_an_abort_may_get_no_ok() -> None:
    bench = Bench()
    dte, _ = answered(bench, sends(V29, b"a\x10b"), Quirks(no_dle_doubling=True, no_ok_on_abort=True))
    assert dte.command("AT+FRM=96") == ["CONNECT"]
    assert dte.until(b"NO CARRIER").startswith(b"a\x10b\x10\x03")
    dte.until(b"\r\n")
    dte.write(b"AT+FRH=3\r")
    bench.run(1)
    dte.write(b"\x18")
    assert dte.silent_for(1.0)
    assert dte.command("AT") == ["OK"]


def test_the_ones_of_a_turn_off_may_be_handed_up_after_a_page_but_not_after_a_frame() -> None:
    bench = Bench()

    def act() -> Procedure:
        yield SendPage(V29, [b"page"], False)
        yield SendFrames((b"\xff\x13\x2f",))
        return DONE

    dte, _ = answered(bench, act, Quirks(turn_off=0.005))
    assert dte.command("AT+FRM=96") == ["CONNECT"]
    assert dte.data() == b"page" + b"\xff" * 6
    assert dte.result() == ["NO CARRIER"]
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.data()[:3] == b"\xff\x13\x2f"
    assert dte.result() == ["OK"]


def test_octets_may_be_echoed_in_data() -> None:
    bench = Bench()
    dte, _ = answered(bench, hears([], ReceivePage(V29, 20.0)), Quirks(echo_data=True))
    dte.command("AT+FTM=96")
    dte.write(b"page\x10\x03")
    assert dte.until(b"\x10\x03") == b"page\x10\x03"


def test_noise_in_one_direction_spares_the_other() -> None:
    bench = Bench()
    bench.impair(BitErrors(rate=0.02, directions=(Direction.TO_CALLER,)))
    dte, _ = answered(bench, sends(V17, bytes(3000)))
    assert dte.command("AT+FRM=145") == ["CONNECT"]
    assert dte.data() == bytes(3000)
