"""Sending by a Class 2, 2.0 or 2.1 modem that says exactly what a script has it say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.device import CallResult
from faxhw.errors import PortError
from faxhw.fax.causes import Cause, meaning
from faxhw.session import (
    Cancelled,
    FormatWanted,
    Negotiated,
    NextStep,
    PageSent,
    PageWanted,
    Refused,
    RemoteInfo,
    Status,
)
from faxhw.terms import Coding, Family, Modulation, Resolution
from faxhw.testing.faxes import drive
from tests.unit.class2_bench import (
    END,
    FAX,
    FAX_2_0,
    SENDER,
    Class2Bench,
    Sheets,
    Step,
    said,
)

MORE, NEW, LAST = NextStep.MORE_PAGES, NextStep.MORE_DOCUMENTS, NextStep.NO_MORE
FDT = ("AT+FDT", said(FAX, "CONNECT") + b"\x11")
NEXT = ("AT+FDT", said("CONNECT") + b"\x11")
PAGE = (b"page", b"")
DATA_END = (END, said("OK"))
BYE = ("AT+FET=2", said("+FPTS:1", "+FHNG:0", "OK"))
FDT_2_0 = ("AT+FDT", said(FAX_2_0, "CONNECT"))
BYE_2_0 = (b"\x10.", said("+FPS:1", "+FHS:00", "OK"))


def fet(number: int, *reports: str) -> Step:
    return f"AT+FET={number}", said(*reports, "OK")


def test_a_fax_in_class_2() -> None:
    bench, sheets = Class2Bench("2"), Sheets(MORE, LAST)
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(0, "+FPTS:1"), NEXT, PAGE, DATA_END, BYE, on_event=sheets)
    assert outcome.status is Status.NORMAL
    assert not outcome.line_up
    assert bench.over()
    kinds = [type(event) for event in sheets.events]
    page = [PageWanted, PageSent]
    assert kinds == [RemoteInfo, FormatWanted, Negotiated, *page, *page]
    told = sheets.events[0]
    assert isinstance(told, RemoteInfo)
    assert told.capabilities is not None
    assert told.capabilities["MaxDataRate"] == 14400
    assert b"AT+FDIS=1,5,0,2,1,0,0,0\r" in bench.port.written
    assert b'AT+FLID="+1 200"\r' in bench.port.written


def test_a_modem_that_settles_on_v34_by_itself() -> None:
    bench, sheets = (
        Class2Bench("2.0", {"+FCC=?": "(0-7F),(0-D),(0-2),(0-2),(0-3),(0-1),(0),(0-7)"}),
        Sheets(LAST),
    )
    answer = said("+FCO", "+FIS:1,D,0,2,3,1,0,0", "OK")
    assert bench.dials(answer, ("AT+FDT", said("+FCS:0,B,0,2,3,1,0,0", "CONNECT")), PAGE, BYE_2_0)
    outcome = drive(bench.device.send(replace(SENDER, ecm=True)), sheets)
    assert outcome.status is Status.NORMAL
    told = sheets.events[0]
    assert isinstance(told, RemoteInfo)
    assert told.capabilities is not None
    assert told.capabilities["MaxDataRate"] == 33600
    assert "V.34" in str(told.capabilities["Modems"])
    settled = next(each.parameters for each in sheets.events if isinstance(each, Negotiated))
    assert settled.modulation == Modulation(Family.V34, 28800)
    assert b"AT+FIS=1,5,0,2,1,1,0,0\r" in bench.port.written  # that was what it was told


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_a_fax_in_class_2_0_and_2_1(fclass: str) -> None:
    bench, sheets = Class2Bench(fclass), Sheets(MORE, NEW, LAST)
    outcome = bench.sends(
        *(FDT_2_0, PAGE, (b"\x10,", said("+FPS:1", "OK"))),
        *(("AT+FDT", said("CONNECT")), PAGE, (b"\x10;", said("OK"))),
        *(("AT+FDT", said("+FCS:1,3,0,2,1,0,0,0", "CONNECT")), PAGE, BYE_2_0),
        on_event=sheets,
    )
    assert outcome.status is Status.NORMAL
    assert bench.over()
    assert sheets.given == 3
    rates = [each.parameters.modulation.rate for each in sheets.events if isinstance(each, Negotiated)]
    assert rates == [14400, 9600]


@pytest.mark.parametrize(("maker", "with_rtc"), [("", False), ("U.S. Robotics", True), ("Multi-Tech", True)])
def test_who_ends_a_page_is_for_the_profile_to_say(maker: str, with_rtc: bool) -> None:
    bench, sheets = Class2Bench("2.0", {"+FMI?": maker}), Sheets()
    bench.sends(FDT_2_0, PAGE, BYE_2_0, on_event=sheets)
    (wanted,) = [event for event in sheets.events if isinstance(event, PageWanted)]
    assert wanted.with_rtc is with_rtc


def test_the_formats_are_those_of_both_ends() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    settings = replace(SENDER, ecm=True, codings=frozenset(Coding))
    bench.sends(FDT, PAGE, DATA_END, BYE, on_event=sheets, settings=settings)
    (wanted,) = [event for event in sheets.events if isinstance(event, FormatWanted)]
    assert wanted.formats.codings == {Coding.MH, Coding.MR}  # it has no error correction
    assert wanted.formats.resolutions == {Resolution.STANDARD, Resolution.FINE}


def test_xon_is_waited_for_in_class_2_and_not_for_long() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    began = bench.clock.monotonic()
    silent = "AT+FDT", said(FAX, "CONNECT")
    assert bench.sends(silent, PAGE, DATA_END, BYE, on_event=sheets).status is Status.NORMAL
    assert 1.9 < bench.clock.monotonic() - began < 2.5


def test_a_page_that_is_refused_goes_out_again_slower() -> None:
    bench, sheets = Class2Bench("2"), Sheets(replies=[Refused.SEND_AGAIN])
    again = "AT+FDT", said("+FDCS:0,4,0,2,0,0,0,0", "CONNECT") + b"\x11"
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(2, "+FPTS:2"), again, PAGE, DATA_END, BYE, on_event=sheets)
    assert outcome.status is Status.NORMAL
    assert [event.again for event in sheets.events if isinstance(event, PageWanted)] == [False, True]
    assert [event.confirmed for event in sheets.events if isinstance(event, PageSent)] == [False, True]
    assert b"AT+FDIS=1,4,0,2,1,0,0,0\r" in bench.port.written


def test_a_refused_page_may_be_left_at_that() -> None:
    bench, sheets = Class2Bench("2.0"), Sheets(MORE, LAST, replies=[Refused.GO_ON])
    outcome = bench.sends(
        *(FDT_2_0, PAGE, (b"\x10,", said("ERROR"))), *(FDT_2_0, PAGE, BYE_2_0), on_event=sheets
    )
    assert outcome.status is Status.NORMAL
    assert [event.again for event in sheets.events if isinstance(event, PageWanted)] == [False, False]


def test_a_last_page_that_is_left_refused_is_no_success() -> None:
    bench, sheets = Class2Bench("2.0"), Sheets(replies=[Refused.GO_ON])
    refused = b"\x10.", said("+FPS:2", "ERROR")
    outcome = bench.sends(FDT_2_0, PAGE, refused, ("AT+FKS", said("+FHS:02", "OK")), on_event=sheets)
    assert outcome.status is Status.PAGE_QUALITY


def test_a_page_is_not_refused_for_ever() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    steps: list[Step] = [FDT, PAGE, DATA_END, fet(2, "+FPTS:2")] * 4
    outcome = bench.sends(*steps, ("AT+FK", said("+FHNG:2", "OK")), on_event=sheets)
    assert outcome.status is Status.PAGE_QUALITY
    assert bench.over()


def test_rtp_confirms_and_has_the_format_chosen_anew() -> None:
    bench, sheets = Class2Bench("2"), Sheets(MORE, LAST)
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(0, "+FPTS:3"), FDT, PAGE, DATA_END, BYE, on_event=sheets)
    assert outcome.status is Status.NORMAL
    assert len([event for event in sheets.events if isinstance(event, FormatWanted)]) == 2


def test_modem_that_hangs_up_over_a_refusal() -> None:
    bench, sheets = Class2Bench("2"), Sheets(replies=[Refused.SEND_AGAIN])
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(2, "+FPTS:2", "+FHNG:54"), on_event=sheets)
    assert outcome.status is Status.PAGE_QUALITY


@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        ("20", Status.SEND_B, Cause.COMMSFAULT),
        ("22", Status.SEND_B_DCN, Cause.COMMSFAULT),
        ("23", Status.NO_DIS, Cause.COMMSFAULT),
        ("24", Status.SEND_B_BAD_RESPONSE, Cause.COMMSFAULT),
        ("25", Status.DCS_NO_REPLY, Cause.COMMSFAULT),
        ("26", Status.DIS_AGAIN, Cause.COMMSFAULT),
        ("27", Status.TRAINING_FAILED, Cause.COMMSFAULT),
        ("28", Status.SEND_B_INVALID, Cause.COMMSFAULT),
        ("2", Status.ABORTED, Cause.ABORTED),
        ("0", Status.DCN_RECEIVED, Cause.COMMSFAULT),
        ("129", Status.DEVICE_FAILED, Cause.ERROR),
    ],
)
@pytest.mark.parametrize("fclass", ["2", "2.0"])
def test_hanging_up_in_phase_b(fclass: str, code: str, status: Status, cause: Cause) -> None:
    bench, sheets = Class2Bench(fclass), Sheets()
    outcome = bench.sends(("AT+FDT", said(f"+FHNG:{code}", "OK")), on_event=sheets)
    assert outcome.status is status
    assert meaning(outcome).cause is cause
    assert not any(isinstance(event, PageWanted) for event in sheets.events)


@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        ("40", Status.SEND_C, Cause.ERROR),
        ("43", Status.SEND_C_UNDERFLOW, Cause.ERROR),
        ("45", Status.SEND_C_ROW_LENGTH, Cause.ERROR),
        ("46", Status.SEND_C_PAGE_LENGTH, Cause.ERROR),
        ("47", Status.SEND_C_BAD_CODE, Cause.ERROR),
        ("50", Status.SEND_D, Cause.COMMSFAULT),
        ("51", Status.SEND_D_BAD_RESPONSE, Cause.COMMSFAULT),
        ("52", Status.MPS_NO_REPLY, Cause.COMMSFAULT),
        ("54", Status.EOP_NO_REPLY, Cause.COMMSFAULT),
        ("56", Status.EOM_NO_REPLY, Cause.COMMSFAULT),
        ("58", Status.AFTER_PIN, Cause.COMMSFAULT),
    ],
)
def test_hanging_up_after_a_page(code: str, status: Status, cause: Cause) -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(2, f"+FHNG:{code}"), on_event=sheets)
    assert (outcome.status, meaning(outcome).cause) == (status, cause)
    assert not any(isinstance(event, PageSent) for event in sheets.events)


def test_hanging_up_in_mid_page_ends_the_page() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(FDT, (b"page", said("+FHNG:43", "OK")), on_event=sheets)
    assert outcome.status is Status.SEND_C_UNDERFLOW


def test_a_modem_that_takes_no_more_because_it_has_hung_up() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    write = bench.port.write

    def blocked(data: bytes, timeout: float | None = 10.0) -> None:
        if data == b"page":
            bench.port.says(said("NO CARRIER"))
            raise PortError("the device took nothing")
        write(data, timeout)

    bench.port.write = blocked  # type: ignore[method-assign]
    assert bench.sends(FDT, on_event=sheets).status is Status.LINE_DROPPED


def test_a_normal_end_is_word_enough_on_the_last_page() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(2, "+FHNG:0"), on_event=sheets)
    assert outcome.status is Status.NORMAL
    assert [event.confirmed for event in sheets.events if isinstance(event, PageSent)] == [True]


def test_ok_is_no_word_on_a_page_in_class_2() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(FDT, PAGE, DATA_END, fet(2), on_event=sheets)
    assert outcome.status is Status.DEVICE_FAILED
    assert not any(isinstance(event, PageSent) for event in sheets.events)


def test_a_status_that_comes_after_its_result() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    late = "AT+FET=2", said("OK", "+FPTS:1", "+FHNG:0")
    assert bench.sends(FDT, PAGE, DATA_END, late, on_event=sheets).status is Status.NORMAL


def test_a_modem_that_does_not_hang_up_is_made_to() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    stop = "AT+FK", said("OK")
    assert bench.sends(FDT, PAGE, DATA_END, fet(2, "+FPTS:1"), stop, on_event=sheets).status is Status.NORMAL
    assert bench.over()


def test_no_carrier_after_the_last_page_is_a_normal_end() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    end = "AT+FET=2", said("+FPTS:1", "NO CARRIER")
    assert bench.sends(FDT, PAGE, DATA_END, end, on_event=sheets).status is Status.NORMAL


def test_without_a_dcs_what_was_wanted_holds() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    assert bench.sends(NEXT, PAGE, DATA_END, BYE, on_event=sheets).status is Status.NORMAL
    (negotiated,) = [event for event in sheets.events if isinstance(event, Negotiated)]
    assert negotiated.parameters.modulation == Modulation(Family.V17, 14400)


def test_a_training_slower_than_the_job_allows() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    slow = "AT+FDT", said("+FDCS:0,1,0,2,0,0,0,0", "CONNECT") + b"\x11"
    outcome = bench.sends(
        slow,
        ("*", b""),
        ("*", said("+FHNG:2", "OK")),
        on_event=sheets,
        settings=replace(SENDER, min_rate=9600),
    )
    assert outcome.status is Status.TRAINING_FAILED


@pytest.mark.parametrize("result", ["ERROR", "OK"])
def test_a_modem_that_will_not_send(result: str) -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(("AT+FDT", said(result)), on_event=sheets)
    assert outcome.status is Status.DEVICE_FAILED
    assert f"+FDT with {result}" in outcome.detail


def test_results_that_never_come() -> None:
    for steps in (
        [("AT+FDT", b"")],
        [FDT, PAGE, (END, b"")],
        [FDT, PAGE, DATA_END, ("AT+FET=2", b"")],
    ):
        bench, sheets = Class2Bench("2"), Sheets()
        bench.falls_silent()
        began = bench.clock.monotonic()
        outcome = bench.sends(*steps, on_event=sheets)
        assert outcome.status is Status.DEVICE_FAILED
        assert bench.clock.monotonic() - began < 75


def test_a_reset_in_mid_call() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    outcome = bench.sends(("AT+FDT", b"AT+FDT\r" + said("ERROR")), on_event=sheets)
    assert outcome.status is Status.DEVICE_FAILED
    assert not outcome.line_up


@pytest.mark.parametrize("heeds", [True, False])
@pytest.mark.parametrize(("fclass", "fdt", "stop"), [("2", FDT, "AT+FK"), ("2.0", FDT_2_0, "AT+FKS")])
def test_stopping_in_mid_page(fclass: str, fdt: Step, stop: str, heeds: bool) -> None:
    bench, sheets = Class2Bench(fclass), Sheets()
    ways_out: list[Step] = [("*", b""), ("*", said("OK")), (stop, said("+FHNG:2", "OK"))]
    assert bench.dials(said("+FCON", "+FDIS:1,5,0,2,1", "OK"), fdt, PAGE, *(ways_out if heeds else ())) is (
        CallResult.CONNECTED
    )
    if not heeds:
        bench.falls_silent()
    session = bench.device.send(SENDER)
    event = next(session)
    while not isinstance(event, PageWanted):
        event = session.send(sheets(event))
    bench.device.cancel()
    began = bench.clock.monotonic()
    with pytest.raises(StopIteration) as end:
        session.send(sheets(event))
    assert end.value.value.status is Status.ABORTED
    assert end.value.value.line_up is not heeds
    assert bench.clock.monotonic() - began < 10


def test_stopping_between_events() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    answer = said("+FCON", "+FDIS:1,5,0,2,1", "OK")
    assert bench.dials(answer, ("AT+FK", said("+FHNG:2", "OK"))) is CallResult.CONNECTED
    session = bench.device.send(SENDER)
    event = next(session)
    while not isinstance(event, FormatWanted):
        event = session.send(sheets(event))
    with pytest.raises(StopIteration) as end:
        session.throw(Cancelled())
    assert end.value.value.status is Status.ABORTED
    assert bench.over()


# ----------------------------------------------------------------------------------------------------------
# Being polled


def test_being_polled() -> None:
    bench, sheets = Class2Bench("2"), Sheets()
    bench.called(
        ("ATA", said("+FCON", '+FCIG:"+1 300"', "+FDTC:1,5,0,2,1,0,0,0", "OK")), FDT, PAGE, DATA_END, BYE
    )
    outcome = drive(bench.device.send(SENDER), sheets)
    assert outcome.status is Status.NORMAL
    assert b"AT+FLPL=1\r" in bench.port.written
    told = sheets.events[0]
    assert isinstance(told, RemoteInfo)
    assert told.ident == "+1 300"


def test_a_caller_that_sends_is_turned_away() -> None:
    bench = Class2Bench("2")
    bench.called(("ATA", said("+FCON", FAX, "OK")), ("AT+FK", said("+FHNG:2", "OK")))
    assert drive(bench.device.send(SENDER), Sheets()).status is Status.RECEIVE_B_BAD_COMMAND


@pytest.mark.parametrize(
    ("wanted", "status"),
    [({"password": "1"}, Status.WRONG_PASSWORD), ({"selective_polling": "2"}, Status.CANNOT_BE_POLLED)],
)
def test_who_polls_must_say_the_right_word(wanted: dict[str, str], status: Status) -> None:
    bench = Class2Bench("2.0")
    hello = "ATA", said("+FCO", "+FPW:9", "+FPA:9", "+FTC:1,5,0,2,1,0,0,0", "OK")
    bench.called(hello, ("AT+FKS", said("+FHS:02", "OK")))
    assert drive(bench.device.send(replace(SENDER, **wanted)), Sheets()).status is status  # type: ignore[arg-type]
