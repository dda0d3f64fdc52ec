"""Answering in Class 1: what a modem says that finds out by itself who calls, and what becomes of it then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.at.library import profiles
from faxhw.at.profile import Class1
from faxhw.device import CallResult
from faxhw.fax.causes import Cause, meaning
from faxhw.session import Cancelled, Status
from faxhw.t30.line import AnswerTone, Disconnected, Done, NoFax, SendFrames
from faxhw.terms import FarEndType, Settings
from faxhw.testing.faxes import Job, drive
from faxhw_drivers.class1.device import Class1Device
from tests.unit.scripted_port import ScriptClock, ScriptedPort, in_order
from tests.unit.test_class1_line import CAN, DCS, END, ERROR, NO_CARRIER, OK, TRAITS, Bench
from tests.unit.test_class1_opening import modem, opened

ADAPTIVE = replace(TRAITS, adaptive_answer="+FAA=1")
FAA, ATA = b"AT+FAA=1\r", b"ATA\r"


def said(*lines: str) -> bytes:
    return "".join(f"\r\n{line}\r\n" for line in lines).encode()


def answering(answer: bytes, traits: Class1 = ADAPTIVE) -> Bench:
    """A line whose modem says so to ATA."""
    told = [(FAA, OK)] if traits.adaptive_answer else []
    return Bench(in_order(*told, (ATA, answer), (DCS + END, OK)), traits, command="A")


@pytest.mark.parametrize("answer", [("CONNECT",), ("FAX", "CONNECT"), ("FAX", "CONNECT 300")])
def test_a_fax_is_answered(answer: tuple[str, ...]) -> None:
    bench = answering(said(*answer))
    assert isinstance(bench.line.perform(AnswerTone()), Done)
    assert isinstance(bench.line.perform(SendFrames((DCS,))), Done)
    assert not bench.line.left_class


@pytest.mark.parametrize(
    "answer",
    [("CONNECT 9600",), ("CONNECT 28800/ARQ/V34",), ("+FDM", "CONNECT"), ("DATA", "CONNECT"), ("DATA",)],
)
def test_a_data_modem_is_known(answer: tuple[str, ...]) -> None:
    bench = answering(said(*answer))
    assert bench.line.perform(AnswerTone()) == NoFax(FarEndType.DATA, time=0.0)
    assert bench.line.left_class


def test_a_modem_that_adapts_though_it_was_not_told_to() -> None:
    assert answering(said("DATA"), TRAITS).line.perform(AnswerTone()) == NoFax(FarEndType.DATA, time=0.0)
    assert isinstance(answering(said("CONNECT 300"), TRAITS).line.perform(AnswerTone()), Done)


@pytest.mark.parametrize("answer", [NO_CARRIER, b""])
def test_a_modem_that_finds_nobody_at_all(answer: bytes) -> None:
    script = [(FAA, OK), (ATA, answer), *([] if answer else [(CAN, NO_CARRIER)])]
    bench = Bench(in_order(*script), ADAPTIVE, command="A")
    found = bench.line.perform(AnswerTone())
    assert isinstance(found, NoFax)
    assert found.far_end_type is FarEndType.UNKNOWN
    assert found.time < 60.0
    plain = Bench(in_order(*script[1:]), command="A")
    assert isinstance(plain.line.perform(AnswerTone()), Disconnected)


def test_a_modem_that_refuses_to_adapt_answers_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    script = in_order((FAA, ERROR), (ATA, said("CONNECT 300")), (DCS + END, OK))
    bench = Bench(script, ADAPTIVE, command="A")
    assert isinstance(bench.line.perform(AnswerTone()), Done)
    assert "refuses AT+FAA=1" in caplog.text


@pytest.mark.parametrize(("later", "answer"), [("CONNECT", Done), ("DATA", NoFax)])
def test_what_is_found_while_the_job_is_told_to_stop(later: str, answer: type[Done | NoFax]) -> None:
    bench = Bench(in_order((FAA, OK), (ATA, said("FAX")), (END, OK)), ADAPTIVE, command="A")

    def interrupt() -> None:
        bench.port.on_wait = lambda: bench.port.says(said(later))
        bench.chat.interrupt()

    bench.port.on_wait = interrupt
    assert isinstance(bench.line.perform(AnswerTone()), answer)
    if answer is Done:
        with pytest.raises(Cancelled):
            bench.line.perform(SendFrames((DCS,)))


# ----------------------------------------------------------------------------------------------------------
# The device


ROCKWELL = {"I0": "28800", "I3": "V1.410-V34_DP", "+FCLASS=?": "0,1,2", "+FJUNK=?": "ERROR"}


def called(answer: bytes) -> tuple[Class1Device, ScriptedPort, ScriptClock]:
    """A Rockwell modem whose call has been answered, and that says so to ATA."""
    plain = modem(ROCKWELL)
    device, port, clock = opened(
        lambda written: answer if written == ATA else plain(written), profile="rc288dpi-1-adaptive"
    )
    port.says(said("RING"))
    assert device.wait_for_call(10.0)
    assert device.answer(10.0) is CallResult.CONNECTED
    return device, port, clock


@pytest.mark.parametrize(
    ("answer", "status", "who"),
    [
        (said("DATA"), Status.OTHER_THAN_FAX, FarEndType.DATA),
        (NO_CARRIER, Status.RING_NO_HANDSHAKE, FarEndType.UNKNOWN),
    ],
)
def test_the_session_of_a_caller_that_is_no_fax(answer: bytes, status: Status, who: FarEndType) -> None:
    device, port, _ = called(answer)
    outcome = drive(device.receive(Settings(ident="+1 100")), Job())
    assert (outcome.status, outcome.far_end_type, outcome.heard_fax) == (status, who, False)
    assert meaning(outcome).cause is Cause.NOTFAX
    assert outcome.line_up is device.line_up() is False
    assert port.dtr == [False, True]
    after = port.written[port.written.index(ATA) :]
    assert after.index(b"ATH0\r") < after.index(b"AT+FCLASS=1\r")  # on hook, and in class 1 again


def test_a_document_that_is_held_ready_is_for_faxes_too() -> None:
    device, _, _ = called(said("DATA"))
    outcome = drive(device.send(Settings(ident="+1 100")), Job())
    assert (outcome.status, outcome.far_end_type) == (Status.OTHER_THAN_FAX, FarEndType.DATA)


def test_a_modem_is_told_to_adapt_just_before_it_answers() -> None:
    device, port, _ = called(said("DATA"))
    assert b"AT+FAE=1\r" not in port.written
    drive(device.receive(Settings()), Job())
    assert port.written[port.written.index(ATA) - 1] == b"AT+FAE=1\r"


def test_no_modem_adapts_unasked() -> None:
    assert not [each.name for each in profiles().values() if each.match and each.class1.adaptive_answer]
