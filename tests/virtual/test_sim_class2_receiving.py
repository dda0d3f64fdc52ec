"""The virtual modem in classes 2, 2.0 and 2.1 receives: reports, pages, and the DTE's word on each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.hdlc import REVERSED
from faxhw.session import Event, NextStep, Outcome, OutgoingPage, PageSent, PageWanted, Reply, Status
from faxhw.t30.answering import hold_ready
from faxhw.t30.calling import poll
from faxhw.t30.line import Pause, Procedure
from faxhw.terms import Coding
from faxhw_drivers.sim import Bursts, Cut, Dcn, Tone
from tests.virtual.class2 import EVERYTHING, PLAIN, WITH_ECM, Pages, decoded, drawn, in_class

EVERY_CLASS = pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])
MF, MD, EOP = 0, 1, 2


class Steps(Pages):
    """Pages, each followed by what its step says."""

    def __init__(self, steps: list[NextStep]) -> None:
        super().__init__(drawn(len(steps)))
        self.steps = steps
        self.words: list[bool] = []

    def __call__(self, event: Event) -> Reply:
        reply = super().__call__(event)
        if isinstance(event, PageSent):
            self.words.append(event.confirmed)
        if isinstance(event, PageWanted) and isinstance(reply, OutgoingPage):
            reply.next_step = self.steps[self.confirmed]
        return reply


class Damaged(Pages):
    """Pages that come damaged in the middle."""

    def __call__(self, event: Event) -> Reply:
        reply = super().__call__(event)
        if isinstance(reply, OutgoingPage):
            octets = b"".join(reply.data)
            third = len(octets) // 3
            reply.data = [octets[:third], b"\x55" * third, octets[2 * third :]]
        return reply


# ----------------------------------------------------------------------------------------------------------
# A whole call


def test_two_pages_in_class_2() -> None:
    modem = in_class("2")
    modem.say('+FLID="+1 555 0100"', "+FCR=1", "+FDCC=1,5,0,2")
    call = modem.rings_with(pages := Pages(drawn(2)))
    dcs = "+FDCS:1,5,0,2,0,0,0,0"
    assert modem.answered() == ["+FCON", '+FTSI:"          +49 89 200"', dcs, "OK"]
    before, first, after = modem.receive()
    assert before == ["+FCFR", dcs, "CONNECT"]
    assert after == ["+FPTS:1,300,0,0", "+FET:0", "OK"]
    before, second, after = modem.receive()
    assert before == [dcs, "CONNECT"]
    assert after == ["+FPTS:1,300,0,0", "+FET:2", "OK"]
    assert pages.confirmed == 1, "the last page is not confirmed before the DTE says so"
    assert modem.dte.command("AT+FDR") == ["+FHNG:0", "OK"]
    assert [decoded(first), decoded(second)] == drawn(2)
    assert pages.confirmed == 2
    assert call.outcome is not None
    assert call.outcome.status is Status.NORMAL
    assert modem.dte.command("AT+FAXERR?") == ["0", "OK"]


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_two_pages_in_class_2_0(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say('+FLI="+1 555 0100"', "+FCR=1", "+FCC=1,5,0,2")
    modem.rings_with(pages := Pages(drawn(2)))
    dcs = "+FCS:1,5,0,2,0,0,0,0"
    assert modem.answered() == ["+FCO", '+FTI:"          +49 89 200"', dcs, "OK"]
    before, first, after = modem.receive()
    assert before == [dcs, "CONNECT"]
    assert after == ["+FPS:1,12C,0,0,0", "+FET:0", "OK"]
    _, second, after = modem.receive()
    assert after == ["+FPS:1,12C,0,0,0", "+FET:2", "OK"]
    assert modem.dte.command("AT+FDR") == ["+FHS:00", "OK"]
    assert [decoded(first), decoded(second)] == drawn(2)
    assert pages.confirmed == 2
    assert modem.dte.command("AT+FHS?") == ["00", "OK"]


@EVERY_CLASS
def test_error_correction_and_mmr(fclass: str) -> None:
    modem = in_class(fclass)
    modem.bench.impair(Bursts(every=4.0, length=0.05))
    modem.say(f"{modem.dialect.capabilities}={WITH_ECM[fclass]}")
    modem.rings_with(pages := Pages(drawn(2)), EVERYTHING)
    ec = "2" if modem.two else "1"
    assert modem.answered()[-2:] == [f"{modem.dialect.dcs}:1,5,0,2,3,{ec},0,0", "OK"]
    received = [modem.receive()[1] for _ in range(2)]
    assert modem.dte.command("AT+FDR")[0] == modem.hang_up_report("0")
    assert [decoded(octets, Coding.MMR) for octets in received] == drawn(2)
    assert pages.confirmed == 2


@EVERY_CLASS
def test_another_document_is_settled_anew(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(pages := Steps([NextStep.MORE_DOCUMENTS, NextStep.NO_MORE]))
    modem.answered()
    assert modem.receive()[2][-2:] == ["+FET:1", "OK"]
    before, octets, _ = modem.receive()
    assert f"{modem.dialect.dcs}:1,5,0,2,1,0,0,0" not in before
    assert before[-2].startswith(modem.dialect.dcs)
    assert decoded(octets) == drawn(2)[1]
    assert modem.dte.command("AT+FDR")[0] == modem.hang_up_report("0")
    assert pages.words == [True, True]


# ----------------------------------------------------------------------------------------------------------
# The DTE's word


@EVERY_CLASS
@pytest.mark.parametrize(("word", "confirmed"), [(2, False), (3, True)], ids=["RTN", "RTP"])
def test_the_dte_may_change_the_word_on_a_page(fclass: str, word: int, confirmed: bool) -> None:
    modem = in_class(fclass)
    modem.rings_with(pages := Steps([NextStep.MORE_PAGES] * 2 + [NextStep.NO_MORE]))
    modem.answered()
    assert modem.receive()[2][0].startswith(f"{modem.dialect.page_status}:1,")
    modem.say(f"{modem.dialect.page_status}={word}")
    _, octets, _ = modem.receive()
    assert pages.words == [confirmed]
    assert decoded(octets) == drawn(3)[1 if confirmed else 0]


@EVERY_CLASS
def test_a_damaged_page_is_refused_by_the_modem_itself(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(Damaged(drawn(1)))
    modem.answered()
    assert modem.receive()[2][0].startswith(f"{modem.dialect.page_status}:2,")


@EVERY_CLASS
def test_copy_quality_is_none_of_the_modems_business_where_the_dte_says_so(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say("+FCQ=0" if modem.two else "+FCQ=0,0")
    modem.rings_with(Damaged(drawn(1)))
    modem.answered()
    assert modem.receive()[2][0].startswith(f"{modem.dialect.page_status}:1,")


@EVERY_CLASS
@pytest.mark.parametrize("ecm", [False, True])
def test_the_far_end_waits_for_a_slow_dte(fclass: str, ecm: bool) -> None:
    modem = in_class(fclass)
    if ecm:
        modem.say(f"{modem.dialect.capabilities}={WITH_ECM[fclass]}")
    call = modem.rings_with(pages := Pages(drawn(1)), EVERYTHING)
    modem.answered()
    modem.receive()
    modem.bench.run(20.0 if ecm else 7.0)
    assert pages.confirmed == pages.refused == 0
    assert call.outcome is None
    assert modem.dte.command("AT+FDR") == [modem.hang_up_report("0"), "OK"]
    assert pages.confirmed == 1


@EVERY_CLASS
def test_a_dte_that_is_too_slow_loses_the_call(fclass: str) -> None:
    modem = in_class(fclass)
    call = modem.rings_with(pages := Pages(drawn(1)))
    modem.answered()
    modem.receive()
    modem.bench.run(60.0)
    assert call.outcome is not None
    assert call.outcome.status is Status.EOP_NO_REPLY
    report, result = modem.dte.command("AT+FDR")
    assert report.startswith(modem.dialect.hung_up)
    assert report != modem.hang_up_report("0")
    assert result == "OK"
    assert pages.confirmed == 0


@EVERY_CLASS
def test_the_page_waits_for_dc1_or_dc2(fclass: str) -> None:
    for start in (b"\x11", b"\x12"):
        modem = in_class(fclass)
        modem.rings_with(Pages(drawn(1)))
        modem.answered()
        assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
        assert modem.dte.silent_for(15.0)
        modem.dte.write(start)
        assert decoded(modem.dte.data()) == drawn(1)[0]
        assert modem.dte.result()[-1] == "OK"


def test_dc1_starts_a_page_also_where_it_is_xon() -> None:
    modem = in_class("2")
    modem.say("&K4")
    modem.rings_with(Pages(drawn(1)))
    modem.answered()
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(b"\x11")
    assert decoded(modem.dte.data()) == drawn(1)[0]


@EVERY_CLASS
@pytest.mark.parametrize(("order", "turned"), [(0, False), (1, True), (2, False), (3, True)])
def test_bit_order(fclass: str, order: int, turned: bool) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.bit_order}={order}")
    modem.rings_with(Pages(drawn(1)))
    modem.answered()
    octets = modem.receive()[1]
    assert decoded(octets.translate(REVERSED) if turned else octets) == drawn(1)[0]


# ----------------------------------------------------------------------------------------------------------
# Reports that have to be asked for


def test_class_2_0_reports_only_what_was_asked_for() -> None:
    modem = in_class("2.0")
    modem.say("+FNR=0,0,0,0")
    modem.rings_with(Pages(drawn(1)))
    assert modem.answered() == ["+FCO", "OK"]
    assert modem.receive()[0] == ["CONNECT"]


@EVERY_CLASS
def test_sub_address_and_password(fclass: str) -> None:
    sender = replace(PLAIN, sub_address="22", password="secret")
    for reports, expected in (
        ("0,0,0", []),
        ("1,0,0", ['+FSA:"22"']),
        ("1,1,1", ['+FPW:"secret"', '+FSA:"22"']),
    ):
        modem = in_class(fclass)
        modem.say(f"+FAP={reports}")
        modem.rings_with(Pages(drawn(1)), sender)
        assert [each for each in modem.answered() if each[:4] in ("+FSA", "+FPW")] == expected


@EVERY_CLASS
@pytest.mark.parametrize(("reports", "offered"), [("1,0,0", False), ("1,1,1", True)])
def test_a_document_may_be_asked_for_by_name(reports: str, offered: bool, fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.holds_document}=1", f"+FAP={reports}")
    poller = replace(PLAIN, selective_polling="12", password="secret")
    modem.rings_with(Pages(drawn(1)), poller, act=poll)
    said = [each for each in modem.answered() if each[:4] in ("+FPA", "+FPW")]
    assert said == (['+FPW:"secret"', '+FPA:"12"'] if offered else [])


@EVERY_CLASS
def test_frames_are_traced(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.trace}=1")
    modem.rings_with(Pages(drawn(1)))
    told = modem.answered()
    assert any(each.startswith("+FHT:FF 13 80") for each in told), told  # DIS
    assert any(each.startswith("+FHR:FF 13 83") for each in told), told  # DCS


# ----------------------------------------------------------------------------------------------------------
# Ends


@EVERY_CLASS
def test_nobody_there(fclass: str) -> None:
    modem = in_class(fclass)
    for act, code in ((Tone.VOICE, "1"), (_silent(), "11")):
        modem.station.call("100", act)
        assert modem.dte.line() == "RING"
        assert modem.answered() == [modem.hang_up_report(code), "NO CARRIER"]
        modem.bench.run(60.0)


@EVERY_CLASS
@pytest.mark.parametrize("harm", [Cut(at=2.0, page=3), Dcn(at=2.0, page=3)], ids=["cut", "dcn"])
def test_the_far_end_goes_in_mid_page(fclass: str, harm: Cut | Dcn) -> None:
    modem = in_class(fclass)
    modem.bench.impair(harm)
    modem.rings_with(Pages(drawn(3)))
    modem.answered()
    modem.receive()
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(b"\x12")
    modem.dte.data()
    report, result = modem.dte.result()
    assert report.startswith(modem.dialect.hung_up)
    assert report != modem.hang_up_report("0")
    assert result == "OK"


@EVERY_CLASS
def test_the_dte_cancels_a_page(fclass: str) -> None:
    modem = in_class(fclass)
    call = modem.rings_with(Pages(drawn(1)))
    modem.answered()
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(b"\x12")
    modem.bench.run(2.0)
    modem.dte.write(b"\x18")
    modem.dte.data()
    assert modem.dte.result() == [modem.hang_up_report("2"), "OK"]
    modem.bench.run(60.0)
    assert call.outcome is not None


@EVERY_CLASS
def test_the_dte_ends_the_call_between_pages(fclass: str) -> None:
    modem = in_class(fclass)
    call = modem.rings_with(pages := Pages(drawn(2)))
    modem.answered()
    modem.receive()
    assert modem.dte.command(f"AT{modem.dialect.stop}") == [modem.hang_up_report("2"), "OK"]
    modem.bench.run(5.0)
    assert call.outcome is not None
    assert call.outcome.status is Status.SEND_D_BAD_RESPONSE, "DCN was said"
    assert pages.confirmed == 0


@EVERY_CLASS
@pytest.mark.parametrize("after", [each / 10 for each in range(0, 30, 2)])
def test_the_call_may_be_ended_whenever_a_page_waits_for_its_word(after: float, fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(pages := Pages(drawn(2)))
    modem.answered()
    modem.receive()
    modem.bench.run(after)
    assert modem.dte.command(f"AT{modem.dialect.stop}") == [modem.hang_up_report("2"), "OK"]
    modem.bench.run(30.0)
    assert pages.confirmed == 0


@EVERY_CLASS
def test_an_octet_breaks_an_answer_off(fclass: str) -> None:
    modem = in_class(fclass)
    modem.station.call("100", _silent())
    assert modem.dte.line() == "RING"
    modem.dte.write(b"ATA\r")
    modem.bench.run(8.0)
    modem.dte.write(b" ")
    assert modem.dte.result() == [modem.hang_up_report("2"), "OK"]


@EVERY_CLASS
def test_hanging_up_forgets_the_call(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(Pages(drawn(1)))
    modem.answered()
    modem.say("H")
    assert modem.dte.command("AT+FDR") == ["ERROR"]


@EVERY_CLASS
def test_there_is_one_call_at_a_time(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(pages := Pages(drawn(1)))
    modem.answered()
    assert modem.dte.command("ATA") == ["ERROR"]
    assert modem.dte.command("ATDT300") == ["ERROR"]
    modem.receive()
    modem.dte.command("AT+FDR")
    assert pages.confirmed == 1


@EVERY_CLASS
def test_who_receives_cannot_send(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(Pages(drawn(1)))
    modem.answered()
    assert modem.dte.command("AT+FDT") == ["ERROR"]
    assert modem.dte.command("AT+FET=2") == ["ERROR"]
    assert decoded(modem.receive()[1]) == drawn(1)[0]


@EVERY_CLASS
def test_a_page_that_the_dte_never_lets_come_is_not_confirmed(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(pages := Pages(drawn(1)))
    modem.answered()
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    assert modem.dte.data() == b""
    report, result = modem.dte.result()
    assert report != modem.hang_up_report("0")
    assert result == "OK"
    assert pages.confirmed == 0


@EVERY_CLASS
def test_another_class_is_the_end_of_the_call(fclass: str) -> None:
    modem = in_class(fclass)
    modem.rings_with(Pages(drawn(1)))
    modem.answered()
    modem.say("+FCLASS=1", f"+FCLASS={fclass}")
    assert modem.dte.command("AT+FDR") == ["ERROR"]


def test_adaptive_answer_leads_to_class_2() -> None:
    modem = in_class("2")
    modem.say("+FAA=1", "+FCLASS=0")
    modem.rings_with(Pages(drawn(1)))
    assert modem.answered()[0] == "+FCON"
    assert decoded(modem.receive()[1]) == drawn(1)[0]


# ----------------------------------------------------------------------------------------------------------
# Polling


@EVERY_CLASS
def test_a_fax_is_fetched(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.may_poll}=1", f'{modem.dialect.polling_id}="+1 555 0100"')
    pages = Pages(drawn(2))
    modem.station.answer_with(lambda: hold_ready(PLAIN), pages)
    said = modem.dialled()
    assert said[-2:] == [modem.dialect.polled, "OK"]
    before, octets, _ = modem.receive()
    assert f'{modem.dialect.sender_id}:"          +49 89 200"' in before
    assert decoded(octets) == drawn(1)[0]
    assert decoded(modem.receive()[1]) == drawn(2)[1]
    assert modem.dte.command("AT+FDR") == [modem.hang_up_report("0"), "OK"]
    assert pages.confirmed == 2


def _silent() -> Procedure:
    yield Pause(60.0)
    return Outcome(Status.NORMAL)
