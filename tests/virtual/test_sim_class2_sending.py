"""The virtual modem in classes 2, 2.0 and 2.1 sends: settling, pages however they come, words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from faxhw.hdlc import REVERSED
from faxhw.session import NextStep, RemoteInfo, Status, Verdict
from faxhw.t4.encode import encode_page
from faxhw.t30 import calling
from faxhw.t30.answering import answer, hold_ready
from faxhw.terms import Coding, Resolution, Settings
from faxhw.testing.faxes import WIDTH
from faxhw_drivers.sim import BitErrors, Bursts, Cut, StationCall, Tone
from tests.virtual.class2 import EVERYTHING, PLAIN, WITH_ECM, Class2, Job, Pages, decoded, drawn, in_class

EVERY_CLASS = pytest.mark.parametrize("fclass", ["2", "2.0", "2.1"])


def answers(modem: Class2, job: Job, settings: Settings = PLAIN) -> None:
    modem.station.answer_with(lambda: answer(settings), job)


def ended(modem: Class2) -> StationCall:
    """The station's call, once it is over."""
    modem.bench.run(10.0)
    return modem.station.calls[-1]


def coded(number: int = 1, coding: Coding = Coding.MH) -> bytes:
    return encode_page(drawn(number)[number - 1], coding, WIDTH)


# ----------------------------------------------------------------------------------------------------------
# A whole call


def test_two_pages_in_class_2() -> None:
    modem = in_class("2")
    modem.say('+FLID="+1 555 0100"')
    answers(modem, job := Job())
    assert modem.dialled() == ["+FCON", '+FCSI:"          +49 89 200"', "+FDIS:1,5,0,2,1,0,0,0", "OK"]
    trained = ["+FCFR", "+FDCS:1,5,0,2,0,0,0,0"]
    assert modem.send(coded(1), NextStep.MORE_PAGES) == [*trained, "CONNECT", "+FPTS:1", "OK"]
    assert modem.send(coded(2), NextStep.NO_MORE) == ["CONNECT", "+FPTS:1", "+FHNG:0", "OK"]
    assert job.pages == drawn(2)
    assert ended(modem).outcome is not None
    idents = [event.ident for event in modem.station.calls[0].events if hasattr(event, "ident")]
    assert idents == ["+1 555 0100"]
    assert modem.dte.command("AT+FDT") == ["ERROR"]


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_two_pages_in_class_2_0(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    assert modem.dialled() == ["+FCO", '+FCI:"          +49 89 200"', "+FIS:1,5,0,2,1,0,0,0", "OK"]
    assert modem.send(coded(1), NextStep.MORE_PAGES) == ["+FCS:1,5,0,2,0,0,0,0", "CONNECT", "OK"]
    assert modem.send(coded(2), NextStep.NO_MORE) == ["CONNECT", "+FHS:00", "OK"]
    assert job.pages == drawn(2)


@EVERY_CLASS
def test_the_bit_order_is_that_of_pages_sent_too(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.bit_order}=1")
    answers(modem, job := Job())
    modem.dialled()
    modem.send(coded().translate(REVERSED), NextStep.NO_MORE)
    assert job.pages == drawn(1)


@EVERY_CLASS
def test_error_correction_and_mmr(fclass: str) -> None:
    modem = in_class(fclass)
    modem.bench.impair(Bursts(every=9.0, length=0.05))
    modem.say(f"{modem.dialect.capabilities}={WITH_ECM[fclass]}")
    answers(modem, job := Job(), EVERYTHING)
    ec = "2" if modem.two else "1"
    assert modem.dialled()[-2:] == [f"{modem.dialect.dis}:1,5,0,2,3,{ec},0,0", "OK"]
    said = modem.send_all(drawn(3), Coding.MMR)
    assert said[:3][-2] == f"{modem.dialect.dcs}:1,5,0,2,3,{ec},0,0" or said[0].startswith(modem.dialect.dcs)
    assert said[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == drawn(3)


@EVERY_CLASS
@pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
def test_error_correction_without_mmr(fclass: str, coding: Coding) -> None:
    modem = in_class(fclass)
    ec = "2" if modem.two else "1"
    modem.say(f"{modem.dialect.capabilities}=1,5,0,2,{int(coding is Coding.MR)},{ec}")
    answers(modem, job := Job(), EVERYTHING)
    modem.dialled()
    modem.send_all(drawn(2), coding)
    assert job.pages == drawn(2)


@EVERY_CLASS
def test_another_document_is_settled_anew(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    modem.dialled()
    assert modem.send(coded(1), NextStep.MORE_DOCUMENTS)[-1] == "OK"
    modem.say(f"{modem.dialect.wishes}=0")
    said = modem.send(coded(2), NextStep.NO_MORE)
    assert f"{modem.dialect.dcs}:0,5,0,2,0,0,0,0" in said
    assert said[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == drawn(2)


# ----------------------------------------------------------------------------------------------------------
# What is settled


@EVERY_CLASS
def test_what_is_wished_for_is_settled(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, Job(), EVERYTHING)
    modem.dialled()
    modem.say(f"{modem.dialect.wishes}=0,3,0,0,1,0")
    assert f"{modem.dialect.dcs}:0,3,0,0,1,0,0,0" in modem.dte.command("AT+FDT")


@EVERY_CLASS
def test_fdt_may_say_it_too(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.capabilities}=1,5,0,2,1")
    answers(modem, Job())
    modem.dialled()
    assert f"{modem.dialect.dcs}:0,5,0,2,0,0,0,0" in modem.dte.command("AT+FDT=0,0,0,2")


@EVERY_CLASS
def test_the_far_end_may_be_able_to_do_less(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.capabilities}={WITH_ECM[fclass]}")
    poor = Settings(
        max_rate=4800, codings=frozenset({Coding.MH}), resolutions=frozenset({Resolution.STANDARD})
    )
    answers(modem, Job(), poor)
    assert f"{modem.dialect.dis}:0,1,0,2,0,0,0,0" in modem.dialled()
    assert f"{modem.dialect.dcs}:0,1,0,2,0,0,0,0" in modem.dte.command("AT+FDT")


@EVERY_CLASS
def test_a_noisy_line_is_trained_down(fclass: str) -> None:
    modem = in_class(fclass)
    modem.bench.impair(BitErrors(rate=0.02, above=7200, v21=False))
    answers(modem, job := Job())
    modem.dialled()
    said = modem.send(coded(1), NextStep.NO_MORE)
    assert f"{modem.dialect.dcs}:1,2,0,2,0,0,0,0" in said
    assert job.pages == drawn(1)


def test_the_least_speed_is_heeded() -> None:
    modem = in_class("2")
    modem.bench.impair(BitErrors(rate=0.02, above=7200, v21=False))
    modem.say("+FMINSP=4")
    answers(modem, Job())
    modem.dialled()
    assert modem.dte.command("AT+FDT") == ["+FHNG:27", "OK"]


@EVERY_CLASS
def test_sub_address_and_password_are_given(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say('+FSA="22 33"', '+FPW="secret"')
    answers(modem, job := Job(), Settings(password="secret"))
    modem.dialled()
    modem.send_all(drawn(1))
    told = next(event for event in job.events if isinstance(event, RemoteInfo))
    assert (told.sub_address, told.password) == ("22 33", "secret")
    assert modem.dte.command("AT+FSA?;+FPW?") == ['""', '""', "OK"], "for one call"


@EVERY_CLASS
def test_a_selection_and_a_password_are_given_when_polling(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.may_poll}=1", '+FPA="7"', '+FPW="secret"')
    held = Settings(password="secret", selective_polling="7")
    modem.station.answer_with(lambda: hold_ready(held), Pages(drawn(1)))
    modem.dialled()
    assert decoded(modem.receive()[1]) == drawn(1)[0]


# ----------------------------------------------------------------------------------------------------------
# Words on pages


@dataclass
class Word:
    """The words of a receiver on its pages, and what the DTE is told of each."""

    verdict: Verdict
    number: int
    confirms: bool


@EVERY_CLASS
@pytest.mark.parametrize(
    "word",
    [Word(Verdict.REJECTED, 2, False), Word(Verdict.RETRAIN, 3, True)],
    ids=["RTN", "RTP"],
)
def test_the_far_ends_word_on_a_page(fclass: str, word: Word) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job([word.verdict]))
    modem.dialled()
    said = modem.send(coded(1), NextStep.MORE_PAGES)
    if modem.two:
        assert said[-2:] == [f"+FPTS:{word.number}", "OK"]
    else:
        assert said[-1] == ("OK" if word.confirms else "ERROR")
        assert modem.dte.command("AT+FPS?") == [str(word.number), "OK"]
    again = modem.send(coded(2 if word.confirms else 1), NextStep.NO_MORE)
    assert again[-3 if not modem.two else -4] == "CONNECT"
    assert any(each.startswith(modem.dialect.dcs) for each in again), "it is trained anew"
    assert again[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == (drawn(2) if word.confirms else drawn(1))


@EVERY_CLASS
def test_a_last_page_that_is_refused_may_be_sent_again(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job([Verdict.REJECTED]))
    modem.dialled()
    modem.send(coded(1), NextStep.NO_MORE)
    assert modem.send(coded(1), NextStep.NO_MORE)[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == drawn(1)


# ----------------------------------------------------------------------------------------------------------
# Slow, fast and stalling DTEs


@EVERY_CLASS
@pytest.mark.parametrize("coding", Coding)
def test_a_slow_dte_costs_time_and_nothing_else(fclass: str, coding: Coding) -> None:
    modem = in_class(fclass)
    ecm = coding is Coding.MMR
    modem.say(f"{modem.dialect.capabilities}={WITH_ECM[fclass] if ecm else '1,5,0,2,1'}")
    answers(modem, job := Job(), replace(EVERYTHING, codings=frozenset({coding})))
    modem.dialled()
    assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
    shielded = coded(1, coding).replace(b"\x10", b"\x10\x10")
    for start in range(0, len(shielded), 300):
        modem.dte.write(shielded[start : start + 300])
        modem.bench.run(0.7)
    modem.deliver(b"", NextStep.NO_MORE)
    assert job.pages == drawn(1)


@EVERY_CLASS
def test_a_fast_dte_is_held_back(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    modem.dialled()
    modem.send_all(drawn(2))
    assert job.pages == drawn(2)


@EVERY_CLASS
def test_a_dte_that_stalls_loses_the_call(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.stall}={50 if modem.two else 5}")
    answers(modem, Job())
    modem.dialled()
    assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
    modem.dte.write(coded(1)[:500])
    assert modem.dte.silent_for(4.5) or modem.dte.rest == b"\x11"
    modem.dte.rest = b""
    assert modem.dte.result() == [modem.hang_up_report("43"), "OK"]


@EVERY_CLASS
@pytest.mark.parametrize("finish", [True, False], ids=["RTC", "no RTC"])
def test_rtc_is_added_where_it_lacks(fclass: str, finish: bool) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    modem.dialled()
    modem.send(encode_page(drawn(1)[0], Coding.MH, WIDTH, finish=finish), NextStep.NO_MORE)
    assert job.pages == drawn(1)


def test_a_page_may_be_sent_in_two_goes() -> None:
    modem = in_class("2")
    answers(modem, job := Job())
    modem.dialled()
    octets = coded(1).replace(b"\x10", b"\x10\x10")
    half = len(octets) // 2
    for piece in (octets[:half], octets[half:]):
        assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
        modem.dte.until(b"\x11")
        modem.dte.write(piece + b"\x10\x03", timeout=60.0)
        assert modem.dte.result() == ["OK"]
    assert modem.dte.command("AT+FET=2") == ["+FPTS:1", "+FHNG:0", "OK"]
    assert job.pages == drawn(1)


# ----------------------------------------------------------------------------------------------------------
# Ends


@EVERY_CLASS
def test_nobody_to_send_to(fclass: str) -> None:
    modem = in_class(fclass)
    assert modem.dte.command("ATDT999") == ["BUSY"]
    modem.station.answer_with(Tone.VOICE)
    modem.say("S7=20")
    assert modem.dialled() == ["NO CARRIER"]
    modem.bench.run(60.0)
    modem.station.phone.off_hook()
    assert modem.dialled() == ["BUSY"]


@EVERY_CLASS
def test_a_station_that_cannot_be_sent_to(fclass: str) -> None:
    modem = in_class(fclass)
    modem.station.answer_with(lambda: hold_ready(PLAIN), lambda event: None)
    assert modem.dialled()[-1] == "OK"
    assert modem.dte.command("AT+FDT") == [modem.hang_up_report("28"), "OK"]


@EVERY_CLASS
def test_the_far_end_goes_in_mid_page(fclass: str) -> None:
    modem = in_class(fclass)
    modem.bench.impair(Cut(at=2.0, page=3))
    answers(modem, Job())
    modem.dialled()
    modem.send(coded(1), NextStep.MORE_PAGES)
    said = modem.send(coded(2), NextStep.NO_MORE)
    assert said[-2].startswith(modem.dialect.hung_up)
    assert said[-2] != modem.hang_up_report("0")


@EVERY_CLASS
def test_the_far_end_says_dcn_after_a_page(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, Job([Verdict.FAILED]))
    modem.dialled()
    said = modem.send(coded(1), NextStep.MORE_PAGES)
    assert said[-2:] == [modem.hang_up_report("51"), "OK"]


@EVERY_CLASS
def test_the_dte_ends_the_call(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, Job())
    modem.dialled()
    assert modem.dte.command(f"AT{modem.dialect.stop}") == [modem.hang_up_report("2"), "OK"]
    outcome = ended(modem).outcome
    assert outcome is not None
    assert outcome.status is Status.DCN_RECEIVED


@EVERY_CLASS
def test_who_sends_cannot_receive(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    modem.dialled()
    assert modem.dte.command("AT+FDR") == ["ERROR"]
    modem.send_all(drawn(1))
    assert job.pages == drawn(1)


def test_a_line_of_commands_goes_on_while_the_call_does() -> None:
    modem = in_class("2")
    answers(modem, job := Job())
    modem.dialled()
    modem.dte.command("AT+FDT")
    modem.dte.until(b"\x11")
    modem.dte.write(coded(1).replace(b"\x10", b"\x10\x10") + b"\x10\x03", timeout=60.0)
    assert modem.dte.result() == ["OK"]
    assert modem.dte.command("AT+FET=0;+FK") == ["+FPTS:1", "+FHNG:2", "OK"]
    assert job.pages == drawn(1)


def test_a_line_of_commands_may_end_the_call() -> None:
    modem = in_class("2")
    answers(modem, Job())
    modem.dialled()
    modem.dte.command("AT+FDT")
    modem.dte.until(b"\x11")
    modem.dte.write(coded(1).replace(b"\x10", b"\x10\x10") + b"\x10\x03", timeout=60.0)
    assert modem.dte.result() == ["OK"]
    assert modem.dte.command("AT+FET=0;H") == ["+FPTS:1", "OK"]
    assert modem.dte.command("AT+FDT") == ["ERROR"]


@EVERY_CLASS
def test_the_dte_cancels_a_page(fclass: str) -> None:
    modem = in_class(fclass)
    answers(modem, job := Job())
    modem.dialled()
    assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
    if modem.two:
        modem.dte.until(b"\x11")
    modem.dte.write(coded(1)[:700] + b"\x10\x18")
    assert modem.dte.result() == [modem.hang_up_report("2"), "OK"]
    assert job.pages == []


# ----------------------------------------------------------------------------------------------------------
# Being polled


@EVERY_CLASS
def test_a_fax_is_held_ready(fclass: str) -> None:
    modem = in_class(fclass)
    modem.say(f"{modem.dialect.holds_document}=1")
    job = Job()
    modem.station.call("100", calling.poll(PLAIN), job)
    assert modem.dte.line() == "RING"
    said = modem.answered()
    assert said == [
        modem.dialect.connected,
        f'{modem.dialect.poller_id}:"          +49 89 200"',
        f"{modem.dialect.dtc}:1,5,0,2,1,0,0,0",
        "OK",
    ]
    assert modem.send_all(drawn(2))[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == drawn(2)
