"""Receiving by a Class 2 modem that says exactly what a script has it say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.device import CallResult
from faxhw.errors import PortError
from faxhw.fax.causes import Cause, meaning
from faxhw.hdlc import REVERSED
from faxhw.session import (
    Cancelled,
    Event,
    Negotiated,
    NextStep,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    RemoteInfo,
    Reply,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.terms import Family, FarEndType, Modulation
from faxhw.testing.faxes import Job, drive, page
from tests.unit.class2_bench import (
    CAN,
    DC1,
    DC2,
    FAX,
    FAX_2_0,
    RECEIVER,
    ROWS,
    Class2Bench,
    Step,
    coded,
    handed_up,
    said,
)

HELLO = ("ATA", said("+FCON", '+FTSI:"  +1 200"', FAX, "OK"))
HELLO_2_0 = ("ATA", said("+FCO", '+FTI:"  +1 200"', FAX_2_0, "OK"))
FDR = ("AT+FDR", said("CONNECT"))
GOODBYE = ("AT+FDR", said("+FHNG:0", "OK"))
GOODBYE_2_0 = ("AT+FDR", said("+FHS:00", "OK"))


def a_page(start: bytes = DC1, *reports: str, octets: bytes | None = None) -> Step:
    return start, handed_up(coded() if octets is None else octets) + said(*reports, "OK")


LAST = a_page(DC1, "+FPTS:1,30", "+FET:2")
ONE_MORE = a_page(DC1, "+FPTS:1,30", "+FET:0")


def test_a_fax_in_class_2() -> None:
    bench, job = Class2Bench("2"), Job()
    outcome = bench.receives(HELLO, FDR, ONE_MORE, FDR, LAST, GOODBYE, job=job)
    assert outcome == Outcome(Status.NORMAL, line_up=False, far_end_gone=False, detail=outcome.detail)
    assert bench.over()
    assert job.pages == [ROWS, ROWS]
    kinds = [type(event) for event in job.events if not isinstance(event, PageOver)]
    assert kinds == [RemoteInfo, Negotiated, PageBegins, PageEnds, PageBegins, PageEnds]
    ends = [event.next_step for event in job.events if isinstance(event, PageEnds)]
    assert ends == [NextStep.MORE_PAGES, NextStep.NO_MORE]
    assert job.events[0] == RemoteInfo(ident="+1 200")


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_a_fax_in_class_2_0_and_2_1(fclass: str) -> None:
    bench, job = Class2Bench(fclass), Job()
    last = a_page(DC2, "+FPS:1,1E,0", "+FET:2")
    assert bench.receives(HELLO_2_0, FDR, last, GOODBYE_2_0, job=job).status is Status.NORMAL
    assert job.pages == [ROWS]


@pytest.mark.parametrize(
    ("fclass", "report"), [("2.0", "+FCS:1,D,0,2,0,1,0,0"), ("2", "+FDCS:1,13,0,2,0,2,0,0")]
)
def test_a_modem_that_settles_on_v34_by_itself(fclass: str, report: str) -> None:
    bench, job = Class2Bench(fclass), Job()
    start, status, bye = (
        (DC2, "+FPS:1,1E,0", GOODBYE_2_0) if fclass == "2.0" else (DC1, "+FPTS:1,30", GOODBYE)
    )
    hello = ("ATA", said("+FCON", report, "OK"))
    last = a_page(start, status, "+FET:2", octets=coded(rtc=False))
    assert bench.receives(hello, FDR, last, bye, job=job).status is Status.NORMAL
    settled = next(event.parameters for event in job.events if isinstance(event, Negotiated))
    assert (settled.modulation, settled.ecm) == (Modulation(Family.V34, 33600), True)
    assert job.pages == [ROWS]


def test_what_the_modem_is_told_before_it_answers() -> None:
    bench = Class2Bench("2")
    bench.receives(HELLO, FDR, LAST, GOODBYE)
    before = bench.port.written[: bench.port.written.index(b"ATA\r")]
    assert before[-4:] == [b"AT+FDCC=1,5,0,2,1,0,0,0\r", b"AT+FCR=1\r", b"AT+FLPL=0\r", b'AT+FLID="+1 100"\r']


def test_a_modem_is_told_of_our_nsf_where_it_can_be() -> None:
    settings = replace(RECEIVER, nsf=bytes.fromhex("b5006a"))
    last = a_page(DC2, "+FPS:1,1E,0", "+FET:2")
    bench = Class2Bench("2.0")
    bench.receives(HELLO_2_0, FDR, last, GOODBYE_2_0, settings=settings)
    assert b'AT+FNS="B5006A"\r' in bench.port.written
    bench = Class2Bench("2")
    bench.receives(HELLO, FDR, LAST, GOODBYE, settings=settings)
    assert not any(b"+FNS" in written for written in bench.port.written)


def test_a_page_without_rtc_is_given_one() -> None:
    bench, job = Class2Bench("2"), Job()
    last = a_page(DC1, "+FPTS:1,30", "+FET:2", octets=coded(rtc=False))
    bench.receives(HELLO, FDR, last, GOODBYE, job=job)
    assert job.pages == [ROWS]
    kinds = [type(event) for event in job.events]
    assert kinds.index(PageOver) < kinds.index(PageEnds), "it was over too late"


def test_a_page_without_rtc_of_a_modem_that_passes_it_is_not_whole() -> None:
    bench, came = Class2Bench("2"), bytearray()

    def on_event(event: Event) -> Reply:
        came.extend(event.data if isinstance(event, PageData) else b"")
        return Verdict.GOOD if isinstance(event, PageEnds) else None

    cut = a_page(DC1, "+FPTS:1,30", "+FET:2", octets=coded(rtc=False))
    bench.called(HELLO, FDR, ONE_MORE, FDR, cut, GOODBYE)
    drive(bench.device.receive(RECEIVER), on_event)
    assert came == coded() + coded(rtc=False)


@pytest.mark.parametrize("octets", [coded(), coded().translate(REVERSED)], ids=["straight", "turned round"])
@pytest.mark.parametrize("pieces", [1, 7, 5000])
def test_the_order_of_bits_is_found_out(octets: bytes, pieces: int) -> None:
    bench, job = Class2Bench("2"), Job()
    last = a_page(DC1, "+FPTS:1,30", "+FET:2", octets=octets)
    bench.called(HELLO, FDR, (DC1, b""), GOODBYE)
    incoming = last[1]
    assert isinstance(incoming, bytes)
    rest = [incoming[start : start + pieces] for start in range(0, len(incoming), pieces)]

    def trickle() -> None:
        if bench.script and bench.script[0][0] == b"AT+FDR\r" and rest and bench.port.written[-1] == DC1:
            bench.port.says(rest.pop(0))

    bench.port.on_wait = trickle
    assert drive(bench.device.receive(RECEIVER), job).status is Status.NORMAL
    assert job.pages == [ROWS]


def test_a_page_is_confirmed_only_when_it_is_stored() -> None:
    bench = Class2Bench("2")

    class Stores(Job):
        def __call__(self, event: Event) -> Reply:
            if isinstance(event, PageEnds):
                assert bench.port.written[-1] == DC1  # no +FDR yet
            return super().__call__(event)

    assert bench.receives(HELLO, FDR, LAST, GOODBYE, job=Stores()).status is Status.NORMAL


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.REJECTED, 2), (Verdict.RETRAIN, 3)])
def test_the_jobs_verdict_is_told_to_the_modem(verdict: Verdict, word: int) -> None:
    bench, job = Class2Bench("2"), Job([verdict])
    told = f"AT+FPTS={word}", said("OK")
    outcome = (
        bench.receives(
            HELLO, FDR, LAST, told, ("AT+FDR", said(FAX, "+FCFR", "CONNECT")), LAST, GOODBYE, job=job
        )
        if verdict is Verdict.REJECTED
        else bench.receives(
            HELLO, FDR, ONE_MORE, told, ("AT+FDR", said(FAX, "+FCFR", "CONNECT")), LAST, GOODBYE, job=job
        )
    )
    assert outcome.status is Status.NORMAL
    assert bench.over()
    assert len([event for event in job.events if isinstance(event, Negotiated)]) == 2


def test_what_the_modem_thought_bad_and_we_do_not_is_confirmed() -> None:
    bench, job = Class2Bench("2"), Job()
    bad = a_page(DC1, "+FPTS:2,30", "+FET:0")
    outcome = bench.receives(HELLO, FDR, bad, ("AT+FPTS=1", said("OK")), FDR, LAST, GOODBYE, job=job)
    assert outcome.status is Status.NORMAL
    assert len(job.pages) == 2


def test_a_modem_that_refuses_a_page_by_itself_sends_it_again_and_the_job_is_told() -> None:
    bench, job = Class2Bench("2"), Job()
    bad = a_page(DC1, "+FPTS:2,30", "+FET:2")
    bench.receives(HELLO, FDR, bad, ("AT+FPTS=1", said("ERROR")), ("AT+FDR", said("+FHNG:0", "OK")), job=job)
    ends = [event for event in job.events if isinstance(event, PageEnds)]
    assert [each.perhaps_again for each in ends] == [False]


def test_a_page_that_cannot_be_refused_ends_the_call() -> None:
    bench = Class2Bench("2")
    stop = "AT+FK", said("+FHNG:2", "OK")
    outcome = bench.receives(
        HELLO, FDR, LAST, ("AT+FPTS=2", said("ERROR")), stop, job=Job([Verdict.REJECTED])
    )
    assert outcome.status is Status.PAGE_QUALITY
    assert not outcome.line_up
    assert bench.over()


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Verdict.FAILED, Status.STORAGE_FAILED), (Verdict.GIVEN_UP, Status.PAGE_QUALITY)],
)
@pytest.mark.parametrize(("fclass", "stop"), [("2", "AT+FK"), ("2.0", "AT+FKS")])
def test_a_page_that_is_not_to_be_confirmed_is_not(
    verdict: Verdict, status: Status, fclass: str, stop: str
) -> None:
    bench = Class2Bench(fclass)
    hello, page = (HELLO, LAST) if fclass == "2" else (HELLO_2_0, a_page(DC2, "+FPS:1", "+FET:2"))
    outcome = bench.receives(hello, FDR, page, (stop, said("+FHNG:2", "OK")), job=Job([verdict]))
    assert outcome.status is status
    assert not outcome.line_up
    assert bench.over()


class NeverDone(Job):
    def __call__(self, event: Event) -> Reply:
        return Verdict.PENDING if isinstance(event, PageEnds | VerdictWanted) else super().__call__(event)


def test_a_disk_that_is_never_done_ends_the_call() -> None:
    bench = Class2Bench("2")
    stop = "AT+FK", said("+FHNG:2", "OK")
    outcome = bench.receives(HELLO, FDR, LAST, stop, job=NeverDone())
    assert outcome.status is Status.STORAGE_FAILED


def test_error_corrected_pages_are_intact() -> None:
    bench, job = Class2Bench("2"), Job()
    hello = "ATA", said("+FCON", "+FDCS:0,5,0,2,0,2,0,0", "OK")
    bench.receives(hello, FDR, LAST, GOODBYE, job=job, settings=replace(RECEIVER, ecm=True))
    (ends,) = [event for event in job.events if isinstance(event, PageEnds)]
    assert ends.intact
    (negotiated,) = [event for event in job.events if isinstance(event, Negotiated)]
    assert negotiated.parameters.ecm_frame_size == 256


def test_a_block_of_a_page_is_no_page() -> None:
    bench, job = Class2Bench("2"), Job()
    octets = coded()
    half = a_page(DC1, "+FPTS:1", "+FET:3", octets=octets[:300])
    rest = a_page(DC1, "+FPTS:1", "+FET:2", octets=octets[300:])
    hello = "ATA", said("+FCON", "+FDCS:0,5,0,2,0,2,0,0", "OK")
    bench.receives(hello, FDR, half, FDR, rest, GOODBYE, job=job, settings=replace(RECEIVER, ecm=True))
    assert job.pages == [ROWS]


def test_another_document_begins_with_new_parameters() -> None:
    bench, job = Class2Bench("2"), Job()
    outcome = bench.receives(
        HELLO,
        FDR,
        a_page(DC1, "+FPTS:1,30", "+FET:1"),
        ("AT+FDR", said('+FTSI:"9"', "+FDCS:1,3,0,2,0,0,0,0", "OK")),  # OK in place of CONNECT, once
        FDR,
        LAST,
        GOODBYE,
        job=job,
    )
    assert outcome.status is Status.NORMAL
    rates = [each.parameters.modulation.rate for each in job.events if isinstance(each, Negotiated)]
    assert rates == [14400, 9600]


def test_procedure_interrupts_do_not_matter() -> None:
    job = Job()
    last = a_page(DC1, "+FPTS:1,30", "+FET:6")
    assert Class2Bench("2").receives(HELLO, FDR, last, GOODBYE, job=job).status is Status.NORMAL
    (ends,) = [event for event in job.events if isinstance(event, PageEnds)]
    assert ends.next_step is NextStep.NO_MORE


# ----------------------------------------------------------------------------------------------------------
# What goes wrong


def test_a_sender_that_gives_up_after_a_refusal() -> None:
    bench = Class2Bench("2")
    outcome = bench.receives(
        HELLO,
        FDR,
        LAST,
        ("AT+FPTS=2", said("OK")),
        ("AT+FDR", said("+FHNG:71", "OK")),
        job=Job([Verdict.REJECTED]),
    )
    assert outcome.status is Status.PAGE_QUALITY


@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        ("1", Status.RING_NO_HANDSHAKE, Cause.NOTFAX),
        ("2", Status.ABORTED, Cause.ABORTED),
        ("3", Status.NO_LOOP_CURRENT, Cause.ERROR),
        ("10", Status.PHASE_A, Cause.NOTFAX),
        ("11", Status.NO_ANSWER_T1, Cause.TIMEOUT),
        ("70", Status.RECEIVE_B, Cause.COMMSFAULT),
        ("71", Status.RECEIVE_B_BAD_COMMAND, Cause.COMMSFAULT),
        ("72", Status.COMREC_ERROR, Cause.COMMSFAULT),
        ("73", Status.T2_NO_PAGE, Cause.HANGUP),
        ("74", Status.T1_AFTER_EOM, Cause.TIMEOUT),
        ("90", Status.RECEIVE_C, Cause.COMMSFAULT),
        ("91", Status.MISSING_EOL, Cause.COMMSFAULT),
        ("92", Status.BAD_CRC, Cause.COMMSFAULT),
        ("93", Status.RECEIVE_OVERFLOW, Cause.ERROR),
        ("94", Status.RECEIVE_C_ECM, Cause.COMMSFAULT),
        ("100", Status.RECEIVE_D, Cause.COMMSFAULT),
        ("101", Status.RECEIVE_D_BAD_COMMAND, Cause.COMMSFAULT),
        ("102", Status.RECEIVE_D_NO_COMMAND, Cause.HANGUP),
        ("103", Status.RECEIVE_D_LOCAL, Cause.ERROR),
        ("A2", Status.RECEIVE_D_NO_COMMAND, Cause.HANGUP),
        ("E0", Status.DTE_INACTIVE, Cause.TIMEOUT),
        ("133", Status.DEVICE_FAILED, Cause.ERROR),
        ("0", Status.DCN_RECEIVED, Cause.COMMSFAULT),
    ],
)
def test_hanging_up_in_mid_page(code: str, status: Status, cause: Cause) -> None:
    bench, job = Class2Bench("2"), Job()
    half = DC1, handed_up(coded()[:500]) + said(f"+FHNG:{code}", "OK")
    outcome = bench.receives(HELLO, FDR, half, job=job)
    assert outcome.status is status
    assert meaning(outcome).cause is cause
    assert outcome.heard_fax
    assert not outcome.line_up
    assert not any(isinstance(event, PageEnds) for event in job.events)
    if status is Status.DEVICE_FAILED:
        assert code in outcome.detail


@pytest.mark.parametrize("code", ["11", "1", "70", "73"])
def test_nobody_who_is_a_fax(code: str) -> None:
    outcome = Class2Bench("2").receives(("ATA", said("+FCON", f"+FHNG:{code}", "OK")))
    assert not outcome.heard_fax
    assert meaning(outcome).cause is Cause.NOTFAX


def test_no_carrier_in_place_of_a_code() -> None:
    bench = Class2Bench("2")
    outcome = bench.receives(HELLO, FDR, (DC1, handed_up(coded()[:500]) + said("NO CARRIER")))
    assert outcome.status is Status.LINE_DROPPED
    assert meaning(outcome).cause is Cause.HANGUP


def test_no_carrier_has_the_code_asked_for() -> None:
    bench = Class2Bench("2", {"+FAXERR?": "91"})
    outcome = bench.receives(HELLO, FDR, (DC1, handed_up(b"") + said("NO CARRIER")))
    assert outcome.status is Status.MISSING_EOL


def test_no_carrier_after_the_last_page_is_a_normal_end() -> None:
    outcome = Class2Bench("2").receives(HELLO, FDR, LAST, ("AT+FDR", said("NO CARRIER")))
    assert outcome.status is Status.NORMAL
    assert not outcome.line_up


def test_no_carrier_before_a_code() -> None:
    bench = Class2Bench("2")
    outcome = bench.receives(HELLO, FDR, (DC1, handed_up(b"") + said("NO CARRIER", "+FHNG:91", "OK")))
    assert outcome.status is Status.MISSING_EOL


def test_a_modem_that_does_not_hang_up_is_made_to() -> None:
    bench = Class2Bench("2")
    outcome = bench.receives(HELLO, FDR, LAST, ("AT+FDR", said("OK")), ("AT+FK", said("OK")))
    assert outcome.status is Status.NORMAL
    assert bench.over()


def test_reports_that_come_after_their_result() -> None:
    job = Job()
    hello = "ATA", said("OK", "+FCON", FAX)
    last = DC1, handed_up(coded()) + said("OK", "+FPTS:1,30", "+FET:2")
    bye = "AT+FDR", said("OK", "+FHNG:0")
    assert Class2Bench("2").receives(hello, FDR, last, bye, job=job).status is Status.NORMAL
    assert job.pages == [ROWS]
    (ends,) = [event for event in job.events if isinstance(event, PageEnds)]
    assert ends.next_step is NextStep.NO_MORE


def test_reports_in_the_names_of_another_class() -> None:
    bench, job = Class2Bench("2"), Job()
    hello = "ATA", said("+FCO", '+FTI:"+1 200"', "FNF: AD 00 55", FAX_2_0, "OK")
    last = DC1, handed_up(coded()) + said("+FPS:1,30", "+FET: 2", "OK")
    assert (
        bench.receives(hello, FDR, last, ("AT+FDR", said("+FHS:00", "OK")), job=job).status is Status.NORMAL
    )
    assert job.events[0] == RemoteInfo(ident="+1 200", nsf=b"\xad\x00\x55")


def test_a_page_end_that_is_never_reported() -> None:
    job = Job()
    last = DC1, handed_up(coded()) + said("+FPTS:1", "OK")
    assert Class2Bench("2").receives(HELLO, FDR, last, GOODBYE, job=job).status is Status.NORMAL
    assert job.pages == [ROWS]


def test_a_dcs_that_is_never_reported_is_asked_for() -> None:
    bench, job = Class2Bench("2"), Job()
    hello = "ATA", said("+FCON", "+FTSI:1", "OK")
    asked = "AT+FDCS?", said("0,3,0,2,0,0,0,0", "OK")
    assert bench.receives(hello, asked, FDR, LAST, GOODBYE, job=job).status is Status.NORMAL
    (negotiated,) = [event for event in job.events if isinstance(event, Negotiated)]
    assert negotiated.parameters.modulation.rate == 9600


def test_a_result_that_never_comes_is_not_waited_for_for_ever() -> None:
    for steps in (
        (("ATA", b""), (CAN, b"")),
        (HELLO, ("AT+FDR", b"")),
        (HELLO, FDR, (DC1, handed_up(coded())[:100])),
        (HELLO, FDR, (DC1, handed_up(coded()))),
    ):
        bench = Class2Bench("2")
        bench.called(*steps)
        bench.falls_silent()
        began = bench.clock.monotonic()
        outcome = drive(bench.device.receive(RECEIVER), Job())
        assert outcome.status in (Status.DEVICE_FAILED, Status.RECEIVE_C)
        assert bench.clock.monotonic() - began < 130


def test_a_hang_up_without_a_result() -> None:
    bench = Class2Bench("2")
    began = bench.clock.monotonic()
    outcome = bench.receives(("ATA", said("+FHNG:11")))
    assert outcome.status is Status.NO_ANSWER_T1
    assert bench.clock.monotonic() - began < 5


def test_a_modem_that_is_reset_in_mid_call_is_set_up_again() -> None:
    bench = Class2Bench("2")
    outcome = bench.receives(HELLO, ("AT+FDR", b"AT+FDR\r" + said("ERROR")))
    assert outcome.status is Status.DEVICE_FAILED
    assert "reset" in outcome.detail
    assert not outcome.line_up
    sent = len(bench.port.written)
    bench.device.hang_up()
    assert b"AT+FCLASS=2\r" in bench.port.written[sent:]


def test_a_refusal_that_is_no_reset() -> None:
    outcome = Class2Bench("2").receives(HELLO, ("AT+FDR", said("ERROR")))
    assert outcome.status is Status.DEVICE_FAILED
    assert "+FDR with ERROR" in outcome.detail


def test_a_fax_slower_than_the_job_allows_is_ended() -> None:
    bench = Class2Bench("2")
    hello = "ATA", said("+FCON", "+FDCS:0,0,0,2,0,0,0,0", "OK")
    outcome = bench.receives(
        hello, FDR, ("*", handed_up(b"") + said("+FHNG:2", "OK")), settings=replace(RECEIVER, min_rate=9600)
    )
    assert outcome.status is Status.TRAINING_FAILED
    assert b"AT+FMINSP=3\r" in bench.port.written


def test_a_port_that_goes_is_the_devices_failure() -> None:
    bench = Class2Bench("2")
    bench.called(HELLO)
    bench.port.closed = True
    with pytest.raises(PortError):
        drive(bench.device.receive(RECEIVER), Job())


# ----------------------------------------------------------------------------------------------------------
# Stopping


def test_stopping_in_mid_page() -> None:
    bench = Class2Bench("2")
    octets = handed_up(coded(page(0, rows=200)))[:-2]
    bench.called(HELLO, FDR, (DC1, octets), (CAN, b"\x10\x03" + said("+FHNG:2", "OK")))
    session = bench.device.receive(RECEIVER)
    event = next(session)
    while not isinstance(event, PageData):
        event = session.send(None)
    with pytest.raises(StopIteration) as end:
        session.throw(Cancelled())
    assert end.value.value == Outcome(Status.ABORTED, line_up=False, detail="stopped by the script")
    assert bench.over()


@pytest.mark.parametrize(
    "steps", [[HELLO, FDR, (DC1, handed_up(coded())[:-2])], [HELLO, ("AT+FDR", b"")], [("ATA", b"")]]
)
def test_stopping_a_modem_that_does_not_heed_it(steps: list[Step]) -> None:
    bench = Class2Bench("2")
    bench.called(*steps)
    bench.falls_silent()
    asked: list[float] = []

    def interrupt() -> None:
        if not bench.script and not asked:
            asked.append(bench.clock.monotonic())
            bench.device.cancel()

    bench.port.on_wait = interrupt
    outcome = drive(bench.device.receive(RECEIVER), Job())
    assert outcome.status is Status.ABORTED
    assert bench.clock.monotonic() - asked[0] < 10


# ----------------------------------------------------------------------------------------------------------
# Polling


def test_polling() -> None:
    bench, job = Class2Bench("2"), Job()
    answer = said("+FCON", '+FCSI:"+1 200"', "+FDIS:1,5,0,2,1,0,0,0", "+FPOLL", "OK")
    assert bench.dials(answer, ("AT+FDR", said(FAX, "CONNECT")), LAST, GOODBYE) is CallResult.CONNECTED
    outcome = drive(bench.device.receive(replace(RECEIVER, poll=True)), job)
    assert outcome.status is Status.NORMAL
    assert b'AT+FCIG="+1 100"\r' in bench.port.written
    assert job.pages == [ROWS]


def test_there_is_nothing_to_be_polled() -> None:
    bench = Class2Bench("2")
    answer = said("+FCON", "+FDIS:1,5,0,2,1,0,0,0", "OK")
    assert bench.dials(answer, ("AT+FK", said("+FHNG:2", "OK"))) is CallResult.CONNECTED
    assert drive(bench.device.receive(RECEIVER), Job()).status is Status.CANNOT_BE_POLLED


def test_a_caller_that_polls_is_turned_away() -> None:
    bench = Class2Bench("2")
    hello = "ATA", said("+FCON", "+FDTC:1,5,0,2,1,0,0,0", "OK")
    outcome = bench.receives(hello, ("AT+FK", said("+FHNG:2", "OK")))
    assert outcome.status is Status.CANNOT_BE_POLLED


@pytest.mark.parametrize(
    ("report", "status"), [("+FPW:123", Status.NORMAL), ("+FPW:9", Status.WRONG_PASSWORD)]
)
def test_a_password_is_asked_for(report: str, status: Status) -> None:
    bench = Class2Bench("2.0")
    hello = "ATA", said("+FCO", report, FAX_2_0, "OK")
    page = a_page(DC2, "+FPS:1", "+FET:2")
    steps = [FDR, page, GOODBYE_2_0] if status is Status.NORMAL else [("AT+FKS", said("+FHS:02", "OK"))]
    assert bench.receives(hello, *steps, settings=replace(RECEIVER, password="123")).status is status


def test_what_v17_is_not_wanted_for() -> None:
    bench = Class2Bench("2.0", {"+FMI?": "Mainpine"})
    assert "mainpine-2.0" in bench.device.description
    slow = replace(RECEIVER, families=frozenset({Family.V29, Family.V27TER}))
    page = a_page(DC2, "+FPS:1", "+FET:2", octets=coded().translate(REVERSED))
    bench.receives(("ATS29=1", said("OK")), HELLO_2_0, FDR, page, GOODBYE_2_0, settings=slow)
    assert b"AT+FCC=1,3,0,2,1,0,0,0\r" in bench.port.written


@pytest.mark.parametrize(
    ("fclass", "answer", "who", "stands"),
    [
        ("2", ("VCON",), FarEndType.VOICE, True),
        ("2", ("DATA", "CONNECT 9600"), FarEndType.DATA, False),
        ("2.0", ("+FDM", "CONNECT 28800/ARQ"), FarEndType.DATA, False),
    ],
)
def test_who_is_no_fax_is_told_by_what_the_modem_says(
    fclass: str, answer: tuple[str, ...], who: FarEndType, stands: bool
) -> None:
    bench = Class2Bench(fclass)
    outcome = bench.receives(("ATA", said(*answer)))
    assert (outcome.status, outcome.far_end_type) == (Status.OTHER_THAN_FAX, who)
    assert meaning(outcome).cause is Cause.NOTFAX
    assert outcome.line_up is bench.device.line_up() is stands
    assert bench.port.dtr == ([] if stands else [False, True])


def test_a_call_over_a_trunk() -> None:
    bench = Class2Bench("2.0", profile="lucent-mt-did-2.0")
    assert b"AT*DS1*DD0*DF0*DN4\r" in bench.port.written
    bench.port.says(said("DID:5980"))
    call = bench.device.wait_for_call(10.0)
    assert call is not None
    assert call.call_to == "5980"
    bench.clock.sleep(15.0)
    assert bench.device.answer(10.0) is CallResult.CONNECTED
