"""The virtual modem and DTEs that leave, hold it up, say too much or nothing, wherever the modem stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.session import Outcome, Reply, Status
from faxhw.t30.line import Answer, Heard, Pause, Procedure, ReceiveFrames, SendFrames, SendPage
from faxhw.terms import Family, Modulation
from faxhw_drivers.sim import Bench, PluggedModem, Quirks, Station, Tone
from faxhw_drivers.sim.exchange import Hook
from tests.virtual.dte import Dte

V29 = Modulation(Family.V29, 9600)
DONE = Outcome(Status.NORMAL)
SAID = ["", "A", "H", "H1", "DT200", "DT200;", "Z", "&F", "V0", "Q1", "S0=1", "+FCLASS=1", "+FCLASS=8", "&D0"]
SAID += ["+FTH=3", "+FRH=3", "+FTM=96", "+FRM=96", "+FTS=8", "+FRS=8", "+FAR=1", "+FLO=1", "+FIT=5", "S7=5"]
PAGE = bytes(range(256)) * 40
FRAME = b"\xff\x13\x01"


def sends_a_page() -> Procedure:
    yield Pause(1.0)
    yield SendPage(V29, [PAGE])
    yield Pause(60.0)
    return DONE


def says_a_frame() -> Procedure:
    yield Pause(1.0)
    yield SendFrames((FRAME,))
    yield Pause(60.0)
    return DONE


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def plugged(bench: Bench) -> PluggedModem:
    return bench.modem("100")


@pytest.fixture
def dte(bench: Bench, plugged: PluggedModem) -> Dte:
    return Dte(bench, plugged).class1()


@pytest.fixture
def far(bench: Bench) -> Station:
    return bench.station("200")


def answered(dte: Dte, far: Station, act: Procedure | Tone) -> None:
    far.call("100", act)
    assert dte.line() == "RING"
    assert dte.command("ATH1") == ["OK"]


def hook(plugged: PluggedModem) -> Hook:
    return plugged.modem.phone.state


# ----------------------------------------------------------------------------------------------------------
# DTR


@pytest.mark.parametrize(
    "doing", ["", "+FTH=3", "+FTM=96", "+FRH=3", "+FRM=145", "+FTS=255", "+FRS=255", "A"]
)
def test_a_drop_of_dtr_ends_whatever_goes_on(bench: Bench, dte: Dte, far: Station, doing: str) -> None:
    for since in (0.001, 0.4, 2.0):
        answered(dte, far, Tone.VOICE)
        dte.write(f"AT{doing}\r".encode())
        bench.run(since)
        dte.port.set_dtr(False)
        dte.port.set_dtr(True)
        bench.run(1.0)
        dte.port.discard_input()
        dte.rest = b""
        assert dte.command("AT+FTS=1") == ["ERROR"], "the line is still up"
        bench.run(10.0)
        assert far.calls[-1].ended is not None
        assert dte.silent_for(10.0)


def test_a_drop_of_dtr_ends_a_page_in_the_middle_both_ways(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, sends_a_page())
    assert dte.command("AT+FRM=96") == ["CONNECT"]
    bench.run(2.0)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    dte.port.discard_input()
    bench.run(10.0)
    assert far.calls[0].ended is not None
    far.call("100", Tone.VOICE)
    dte.rest = b""
    assert dte.line() == "RING"
    dte.command("ATH1")
    assert dte.command("AT+FTM=96") == ["CONNECT"]
    dte.write(bytes(3000))
    bench.run(1.0)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    bench.run(5.0)
    assert dte.command("AT+FTS=1")[-1] == "ERROR"


def test_d1_returns_to_commands_and_keeps_the_line(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, Tone.VOICE)
    dte.command("AT&D1")
    dte.write(b"AT+FRH=3\r")
    assert dte.silent_for(1.0)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    assert dte.command("AT+FTS=1") == ["OK"]


def test_some_modems_ignore_dtr(bench: Bench) -> None:
    plugged = bench.modem("100", quirks=Quirks(ignores_dtr=True))
    dte = Dte(bench, plugged)
    dte.command("ATE0H1&D3")
    dte.port.set_dtr(False)
    assert hook(plugged) is Hook.DIALTONE


def test_without_a_dte_nobody_answers(bench: Bench, plugged: PluggedModem, dte: Dte, far: Station) -> None:
    dte.command("ATS0=1")
    dte.port.set_dtr(False)
    far.call("100", Tone.VOICE)
    bench.run(20.0)
    assert hook(plugged) is Hook.RINGING
    dte.port.set_dtr(True)
    bench.run(6.0)
    assert hook(plugged) is Hook.TALKING


def test_half_a_command_is_forgotten_with_whoever_wrote_it(bench: Bench, dte: Dte) -> None:
    dte.write(b"AT+FCL")
    bench.run(0.1)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    assert dte.command("ATS7?") == ["060", "OK"]


# ----------------------------------------------------------------------------------------------------------
# Flow control against the modem


def test_a_dte_may_hold_up_a_page_that_comes_in(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, sends_a_page())
    assert dte.command("AT+FLO=1") == ["OK"]
    assert dte.command("AT+FRM=96") == ["CONNECT"]
    dte.port.read(1.0)
    dte.write(b"\x13")
    bench.run(0.1)
    dte.port.discard_input()
    assert dte.port.read(3.0) == b""
    began = bench.world.now
    dte.write(b"\x11")
    assert dte.port.read(3.0)
    assert bench.world.now - began < 0.1
    assert dte.result()[-1] == "NO CARRIER"


def test_nothing_is_lost_for_an_xoff(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, sends_a_page())
    dte.command("AT+FLO=1")
    assert dte.command("AT+FRM=96") == ["CONNECT"]
    for _ in range(4):
        dte.write(b"\x13")
        bench.run(1.0)
        dte.write(b"\x11")
        bench.run(0.2)
    assert dte.data() == PAGE


def test_xon_and_xoff_are_characters_where_they_are_not_flow_control(
    bench: Bench, dte: Dte, far: Station
) -> None:
    answered(dte, far, Tone.VOICE)
    assert dte.command("AT+FLO=2") == ["OK"]
    dte.write(b"AT+FRH=3\r")
    assert dte.silent_for(1.0)
    dte.write(b"\x13")
    assert dte.result() == ["OK"]


def test_who_comes_after_a_dte_that_said_xoff_is_heard(dte: Dte) -> None:
    dte.command("AT+FLO=1")
    dte.write(b"\x13")
    dte.write(b"AT\r")
    assert dte.silent_for(5.0)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    assert dte.result() == ["OK"]


def test_data_may_hold_both_characters(bench: Bench, dte: Dte, far: Station) -> None:
    heard: list[Answer | Reply] = []

    def hears() -> Procedure:
        heard.append((yield ReceiveFrames(35.0)))
        return DONE

    answered(dte, far, hears())
    dte.command("AT+FLO=1")
    assert dte.command("AT+FTH=3") == ["CONNECT"]
    dte.write(b"\xff\x13\x11\x13\x11\x10\x03")
    assert dte.result() == ["OK"]
    bench.run(1.0)
    [answer] = heard
    assert isinstance(answer, Heard)
    assert [frame.octets for frame in answer.frames] == [b"\xff\x13\x11\x13\x11"]


# ----------------------------------------------------------------------------------------------------------
# What is said, and not said


def test_a_line_feed_after_a_command_line_breaks_nothing_off(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, says_a_frame())
    for speed in (115200, 1200):
        dte.port.set_speed(speed)
        dte.write(b"AT+FRS=5\r\n")
        began = bench.world.now
        assert dte.result() == ["OK"]
        assert bench.world.now - began >= 0.05
    dte.write(b"AT+FRH=3\r")
    bench.run(0.3)
    dte.write(b"\n")
    assert dte.result() == ["OK"]


def test_a_command_line_that_is_too_long_is_an_error_and_not_half_carried_out(dte: Dte) -> None:
    assert dte.command("ATS7=30" + "S8=2" * 70) == ["ERROR"]
    assert dte.command("ATS7?") == ["060", "OK"]


def test_other_line_ends(bench: Bench, dte: Dte) -> None:
    dte.write(b"ATS3=33S4=95\r")
    assert dte.until(b"OK!_") == b"!_OK!_"
    dte.write(b"ATV0!")
    assert dte.until(b"0!") == b"0!"


def test_inactivity_releases_the_line(bench: Bench, plugged: PluggedModem, dte: Dte, far: Station) -> None:
    assert dte.command("AT+FIT=?") == ["(0-255),(0-1)", "OK"]
    assert dte.command("AT+FIT=256,0") == ["ERROR"]
    for keeps_class in (0, 1):
        assert dte.command(f"AT+FCLASS=1;+FIT=10,{keeps_class};+FIT?") == [f"10,{keeps_class}", "OK"]
        answered(dte, far, Tone.VOICE)
        bench.run(9.0)
        assert dte.command("AT+FTS=1") == ["OK"]
        bench.run(9.0)
        assert hook(plugged) is Hook.TALKING
        bench.run(1.1)
        assert hook(plugged) is Hook.IDLE
        assert dte.silent_for(5.0)
        assert dte.command("AT+FCLASS?") == [str(keeps_class), "OK"]


def test_inactivity_counts_only_while_the_dte_owes_a_word(bench: Bench, dte: Dte, far: Station) -> None:
    assert dte.command("AT+FIT=3") == ["OK"]
    bench.run(10.0)  # on hook
    answered(dte, far, Tone.VOICE)
    dte.write(b"AT+FRH=3\r")  # the word is the modem's now
    assert dte.silent_for(10.0)
    dte.write(b"\x18")
    assert dte.result() == ["OK"]
    assert dte.command("AT+FTS=1") == ["OK"]


def test_a_call_that_is_broken_off_is_no_carrier_or_on_some_modems_ok(bench: Bench, far: Station) -> None:
    for number, quirks in (("300", Quirks()), ("400", Quirks(broken_off_call_result="OK"))):
        dte = Dte(bench, bench.modem(number, quirks=quirks)).class1()
        dte.write(b"ATDT200\r")
        bench.run(4.0)
        dte.write(b"x")
        assert dte.result() == [quirks.broken_off_call_result]
        assert dte.command("AT+FRH=3") == ["ERROR"]
        bench.run(5.0)


def test_dcd_follows_the_carrier_or_is_on_always(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, says_a_frame())
    assert dte.command("AT+FRH=3") == ["CONNECT"]
    assert dte.port.carrier() is True
    dte.data()
    dte.result()
    bench.run(0.5)
    assert dte.port.carrier() is False
    dte.command("AT&C0")
    assert dte.port.carrier() is True
    dte.command("ATH&C1")
    assert dte.port.carrier() is False


def test_a_line_that_went_dead_after_a_call_has_no_dial_tone(
    bench: Bench, plugged: PluggedModem, dte: Dte
) -> None:
    assert dte.command("ATH1") == ["OK"]
    bench.run(1.0)
    assert dte.command("ATH") == ["OK"]
    plugged.modem.phone.dead = True
    began = bench.world.now
    assert dte.command("ATDT200") == ["NO DIALTONE"]
    assert bench.world.now - began == pytest.approx(5.0, abs=0.1)
    began = bench.world.now
    assert dte.command("ATS7=20DTW200") == ["NO DIALTONE"]
    assert bench.world.now - began == pytest.approx(20.0, abs=0.1)


def test_the_pauses_of_a_busy_tone_are_silence(bench: Bench, dte: Dte, far: Station) -> None:
    answered(dte, far, Tone.VOICE)
    far.hang_up()
    bench.run(5.0)
    began = bench.world.now
    assert dte.command("AT+FRS=7") == ["OK"]
    assert bench.world.now - began == pytest.approx(0.57, abs=0.05)
    dte.write(b"AT+FRS=100\r")
    assert dte.silent_for(10.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*(f"AT{text}\r".encode() for text in SAID), b"\x10\x03", b"\x18", b"A/"])
            | st.binary(max_size=30),
            st.sampled_from([0.0, 0.004, 0.1, 1.5, 8.0]),
        ),
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_a_drop_of_dtr_brings_the_modem_back(said: list[tuple[bytes, float]]) -> None:
    bench = Bench()
    dte = Dte(bench, bench.modem("100"))
    far = bench.station("200")
    far.answer_with(says_a_frame)
    far.call("100", sends_a_page())
    dte.write(b"ATE0+FCLASS=1\r")
    for octets, pause in said:
        dte.write(octets)
        bench.run(pause)
    dte.write(b"\x10\x03\x11\rAT&D3\r")
    bench.run(20.0)
    dte.write(b"AT&D3\r")
    bench.run(1.0)
    dte.port.set_dtr(False)
    dte.port.set_dtr(True)
    bench.run(120.0)
    dte.port.discard_input()
    dte.rest = b""
    # A call may have swallowed every &D3: then the drop hangs up only, and ATV0 stands.
    assert dte.command("ATV1E0")[-1] == "OK"
    assert dte.command("ATH")[-1] == "OK"
