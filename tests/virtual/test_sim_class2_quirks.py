"""The oddities of class 2, 2.0 and 2.1 modems, each as the DTE meets it."""

from __future__ import annotations

import pytest

from faxhw.hdlc import REVERSED
from faxhw.session import NextStep, PageData
from faxhw.t4.encode import encode_page
from faxhw.t30.answering import answer
from faxhw.t32.dialect import DIALECTS
from faxhw.terms import Coding, Settings
from faxhw.testing.faxes import WIDTH
from faxhw_drivers.sim import MODELS, Fate, FaxQuirks, Quality, Quirks
from tests.virtual.class2 import EVERYTHING, PLAIN, Class2, Job, Pages, decoded, drawn, in_class
from tests.virtual.test_sim_class2_receiving import Steps

NSF = Settings(ident="+49 89 200", nsf=b"\xad\x00\x55A")


def receives(modem: Class2, count: int = 1) -> list[str]:
    """The station calls with so many pages, and the modem answers."""
    modem.rings_with(Pages(drawn(count)))
    return modem.answered()


def sends(modem: Class2, job: Job | None = None, settings: Settings = PLAIN) -> list[str]:
    """The modem calls a station that answers."""
    modem.station.answer_with(lambda: answer(settings), job or Job())
    return modem.dialled()


def coded(number: int = 1) -> bytes:
    return encode_page(drawn(number)[number - 1], Coding.MH, WIDTH)


# ----------------------------------------------------------------------------------------------------------
# Data


@pytest.mark.parametrize(("starts_on", "other"), [(b"\x11", b"\x12"), (b"\x12", b"\x11")])
def test_one_character_only_starts_a_page(starts_on: bytes, other: bytes) -> None:
    modem = in_class("2", fax=FaxQuirks(starts_on=starts_on))
    receives(modem)
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(other)
    assert modem.dte.silent_for(5.0)
    modem.dte.write(starts_on)
    assert decoded(modem.dte.data()) == drawn(1)[0]


def test_no_xon() -> None:
    modem = in_class("2", fax=FaxQuirks(no_xon=True))
    sends(modem)
    assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
    assert modem.dte.silent_for(2.0)


@pytest.mark.parametrize("order", [0, 1])
def test_received_bits_are_turned_whatever_is_asked_for(order: int) -> None:
    modem = in_class("2", fax=FaxQuirks(received_reversed=frozenset({"2"})))
    modem.say(f"+FBOR={order}")
    receives(modem)
    assert decoded(modem.receive()[1].translate(REVERSED)) == drawn(1)[0]


@pytest.mark.parametrize("finish", [True, False])
def test_rtc_is_the_hosts_business(finish: bool) -> None:
    modem = in_class("2.0", fax=FaxQuirks(host_sends_rtc=True))
    sends(modem)
    modem.send(encode_page(drawn(1)[0], Coding.MH, WIDTH, finish=finish), NextStep.NO_MORE)
    modem.bench.run(5.0)
    heard = b"".join(each.data for each in modem.station.calls[0].events if isinstance(each, PageData))
    sent = encode_page(drawn(1)[0], Coding.MH, WIDTH, finish=finish)
    assert heard.strip(b"\0") == sent.strip(b"\0")


def test_zeros_before_a_page() -> None:
    modem = in_class("2", fax=FaxQuirks(zeros_before_page=20))
    receives(modem)
    octets = modem.receive()[1]
    assert octets.startswith(bytes(20))
    assert decoded(octets) == drawn(1)[0]


@pytest.mark.parametrize("coding", [Coding.MR, Coding.MMR])
def test_pages_in_mmr_are_damaged_both_ways(coding: Coding) -> None:
    modem = in_class("2", fax=FaxQuirks(damages=frozenset({Coding.MMR})))
    modem.say(f"+FDCC=1,5,0,2,{3 if coding is Coding.MMR else 1},2")
    modem.rings_with(Pages(drawn(1)), EVERYTHING)
    modem.answered()
    assert (decoded(modem.receive()[1], coding) == drawn(1)[0]) is (coding is Coding.MR)
    modem.dte.command("AT+FDR")
    modem.bench.run(10.0)
    sends(modem, job := Job(), EVERYTHING)
    modem.send(encode_page(drawn(1)[0], coding, WIDTH), NextStep.NO_MORE)
    assert (job.pages == drawn(1)) is (coding is Coding.MR)


@pytest.mark.parametrize("checked", [True, False])
def test_a_page_is_lost_after_rtn_if_copy_quality_is_checked(checked: bool) -> None:
    modem = in_class("2.0", fax=FaxQuirks(loses_page_after_rtn=True))
    modem.say(f"+FCQ={int(checked)},0")
    receives(modem)
    assert decoded(modem.receive()[1]) == drawn(1)[0]
    modem.say("+FPS=2")
    again = modem.receive()[1]
    assert (again == b"") is checked
    assert checked or decoded(again) == drawn(1)[0]
    modem.say("+FPS=1")
    assert modem.dte.command("AT+FDR") == ["+FHS:00", "OK"]


# ----------------------------------------------------------------------------------------------------------
# Reports


def test_a_report_without_its_plus() -> None:
    modem = in_class("2.0", fax=FaxQuirks(bare_reports=frozenset({"+FNF"})))
    assert "FNF:AD 00 55 41" in sends(modem, settings=NSF)


@pytest.mark.parametrize(("fclass", "report"), [("2", '+FNSF:"AD 00 55 41"'), ("2.0", "+FNF:AD 00 55 41")])
def test_nsf_is_hexadecimal(fclass: str, report: str) -> None:
    assert report in sends(in_class(fclass), settings=NSF)


def test_nsf_is_decimal() -> None:
    assert '+FNSF:"173 0 85 65"' in sends(in_class("2", fax=FaxQuirks(nsf_decimal=True)), settings=NSF)


def test_nsf_as_text() -> None:
    modem = in_class("2", fax=FaxQuirks(nsf_as_text=True))
    assert "+FNSF:..UA" in sends(modem, settings=NSF)


def test_decimal_counts_in_class_2_0() -> None:
    modem = in_class("2.0", fax=FaxQuirks(decimal_page_status=True))
    receives(modem)
    assert modem.receive()[2][0] == "+FPS:1,300,0,0,0"


def test_decimal_hang_up_codes_in_class_2_0() -> None:
    for odd, code in ((False, "A2"), (True, "102")):
        modem = in_class("2.0", fax=FaxQuirks(decimal_hang_up=odd))
        receives(modem)
        modem.dte.write(b"AT+FDR\r")
        modem.bench.run(4.0)
        modem.station.hang_up()
        modem.dte.write(b"\x12")
        modem.dte.data()
        assert modem.dte.result() == [f"+FHS:{code}", "OK"]


def test_hexadecimal_lists_in_class_2() -> None:
    modem = in_class("2", fax=FaxQuirks(hexadecimal_lists=True))
    assert receives(modem)[-2] == "+FDCS:1,5,0,2,0,0,0,0"  # no number of class 2 is greater than 9


def test_no_carrier_in_place_of_a_code() -> None:
    modem = in_class("2", fax=FaxQuirks(no_carrier_for_hang_up=True))
    receives(modem)
    modem.receive()
    assert modem.dte.command("AT+FDR") == ["NO CARRIER"]


def test_the_code_is_the_last_word() -> None:
    modem = in_class("2", fax=FaxQuirks(no_ok_after_hang_up=True))
    receives(modem)
    modem.receive()
    modem.dte.write(b"AT+FDR\r")
    assert modem.dte.line() == "+FHNG:0"
    assert modem.dte.silent_for(5.0)
    modem.say("+FCLASS=0")


def test_connect_comes_first_at_an_answer() -> None:
    modem = in_class("2", fax=FaxQuirks(connect_at_answer=True))
    assert receives(modem) == ["CONNECT"]
    told = modem.dte.result()
    assert (told[0], told[-1]) == ("+FCON", "OK")
    assert decoded(modem.receive()[1]) == drawn(1)[0]


def test_ok_between_documents() -> None:
    modem = in_class("2", fax=FaxQuirks(ok_between_documents=True))
    modem.rings_with(Steps([NextStep.MORE_DOCUMENTS, NextStep.NO_MORE]))
    modem.answered()
    modem.receive()
    assert modem.dte.command("AT+FDR")[-1] == "OK"
    assert decoded(modem.receive()[1]) == drawn(2)[1]
    assert modem.dte.command("AT+FDR") == ["+FHNG:0", "OK"]


@pytest.mark.parametrize("odd", [True, False])
def test_wishes_end_a_call_that_stands(odd: bool) -> None:
    modem = in_class("2", fax=FaxQuirks(wishes_end_call=odd))
    modem.say("+FDIS=1,3,0,2")
    assert sends(modem)[-1] == "OK"
    modem.say("+FDIS=1,2,0,2")
    modem.bench.run(5.0)
    assert modem.dte.command("AT+FDT")[-2:-1] == (["+FHNG:20"] if odd else ["+FDCS:1,2,0,2,0,0,0,0"])


@pytest.mark.parametrize("quality", [Quality.CONSTANT, Quality.GARBAGE])
def test_counts_that_are_worthless(quality: Quality) -> None:
    modem = in_class("2", fax=FaxQuirks(quality=quality))
    receives(modem)
    status = modem.receive()[2][0]
    assert status != "+FPTS:1,300,0,0"
    assert (status == "+FPTS:1,0,0,0") is (quality is Quality.CONSTANT)


def test_names_of_another_class() -> None:
    modem = in_class("2", fax=FaxQuirks(names_of="2.0"))
    assert receives(modem) == ["+FCO", '+FTI:"          +49 89 200"', "+FCS:1,5,0,2,0,0,0,0", "OK"]
    assert modem.receive()[2][0] == "+FPS:1,300,0,0"
    assert modem.dte.command("AT+FDR") == ["+FHS:0", "OK"]


def test_reports_out_of_order() -> None:
    modem = in_class("2", fax=FaxQuirks(out_of_order=True))
    assert receives(modem)[0].startswith("+FDCS")
    before, octets, after = modem.receive()
    assert before == ["+FDCS:1,5,0,2,0,0,0,0", "+FCFR", "CONNECT"]
    assert after == ["+FET:2", "+FPTS:1,300,0,0", "OK"]
    assert decoded(octets) == drawn(1)[0]


def test_replies_in_pieces() -> None:
    modem = in_class("2", quirks=Quirks(reply_gap=0.02))
    began = modem.bench.world.now
    assert modem.dte.command("AT+FCLASS=?")[-1] == "OK"
    assert modem.bench.world.now - began > 0.02 * len("\r\n0,1,1.0,2,2.0,2.1\r\n\r\nOK\r\n")
    receives(modem)
    began = modem.bench.world.now
    assert decoded(modem.receive()[1]) == drawn(1)[0]
    assert modem.bench.world.now - began < 40.0


# ----------------------------------------------------------------------------------------------------------
# Settings


@pytest.mark.parametrize("claim", ["MR", "MMR", "ECM"])
def test_a_claim_that_is_not_true(claim: str) -> None:
    modem = in_class("2", fax=FaxQuirks(claims=frozenset({claim})))
    assert "(0,1,3),(0-2)" in modem.dte.command("AT+FDCC=?")[0]
    lists = {"MR": ",,,,1", "ECM": ",,,,,2", "MMR": ",,,,3,0"}
    for each, numbers in lists.items():
        assert modem.dte.command(f"AT+FDCC={numbers}") == (["ERROR"] if each == claim else ["OK"])


@pytest.mark.parametrize(("fclass", "numbers_of", "ec"), [("2", "2.0", "1"), ("2.0", "2", "2")])
def test_error_correction_by_the_numbers_of_another_class(fclass: str, numbers_of: str, ec: str) -> None:
    modem = in_class(fclass, fax=FaxQuirks(frame_sizes_of=numbers_of))
    modem.say(f"{modem.dialect.capabilities}=1,5,0,2,3,{ec}")
    modem.rings_with(Pages(drawn(1)), EVERYTHING)
    assert modem.answered()[-2] == f"{modem.dialect.dcs}:1,5,0,2,3,{ec},0,0"


def test_commands_that_it_refuses() -> None:
    modem = in_class("2", quirks=Quirks(refuses=frozenset({"+FBUG", "+FAP", "+FTBC", "+FSPL", "+FPHCTO"})))
    for command in ("+FBUG=0", "+FAP=0,0,0", "+FTBC=0", "+FSPL=1", "+FPHCTO=30", "+FBUG=?"):
        assert modem.dte.command(f"AT{command}") == ["ERROR"]
    modem.say("+FCR=1")


def test_a_class_that_is_only_claimed() -> None:
    modem = in_class("2", quirks=Quirks(lacks=frozenset({"2.0"}), fails_in=frozenset({"2.1"})))
    assert modem.dte.command("AT+FCLASS=?") == ["0,1,1.0,2,2.0,2.1", "OK"]
    assert modem.dte.command("AT+FCLASS=2.0") == ["ERROR"]
    modem.say("+FCLASS=2.1")
    for command in ("+FCC=?", "+FLI?", "+FDR", "+FCR=1"):
        assert modem.dte.command(f"AT{command}") == ["ERROR"]
    modem.say("+FCLASS=2", "+FCR=1")


@pytest.mark.parametrize("leaves", [True, False])
def test_the_class_after_a_call(leaves: bool) -> None:
    modem = in_class("2", fax=FaxQuirks(leaves_class=leaves))
    receives(modem)
    modem.receive()
    modem.dte.command("AT+FDR")
    assert modem.dte.command("AT+FCLASS?") == ["0" if leaves else "2", "OK"]


def test_a_call_ends_on_which_the_dte_says_nothing() -> None:
    modem = in_class("2.1", fax=FaxQuirks(idle_limit=10.0))
    sends(modem)
    for _ in range(3):
        modem.bench.run(8.0)
        modem.say("")
    modem.bench.run(14.0)
    assert modem.dte.command("AT+FDT") == ["+FHS:E0", "OK"]


def test_the_speed_changes_at_an_answer() -> None:
    modem = in_class("2", fax=FaxQuirks(speed_at_answer=19200))
    modem.rings_with(Pages(drawn(1)))
    modem.dte.write(b"ATA\r")
    modem.bench.run(15.0)
    assert modem.dte.silent_for(0.1) or b"+FCON" not in modem.dte.rest
    modem.dte.rest = b""
    modem.dte.port.set_speed(19200)
    assert modem.receive()[2][-1] == "OK"
    assert modem.dte.command("AT+FDR") == ["+FHNG:0", "OK"]
    modem.dte.port.set_speed(115200)
    modem.say("+FCLASS=0")


# ----------------------------------------------------------------------------------------------------------
# Breakdowns


def test_commands_that_are_never_answered() -> None:
    modem = in_class("2", fax=FaxQuirks(never_answers=frozenset({"+FDR", "+FET"})))
    receives(modem)
    modem.dte.write(b"AT+FDR\r")
    assert modem.dte.silent_for(120.0)
    modem = in_class("2", fax=FaxQuirks(never_answers=frozenset({"+FET"})))
    sends(modem)
    modem.dte.command("AT+FDT")
    modem.dte.until(b"\x11")
    modem.dte.write(coded().replace(b"\x10", b"\x10\x10") + b"\x10\x03")
    assert modem.dte.result() == ["OK"]
    modem.dte.write(b"AT+FET=2\r")
    assert modem.dte.silent_for(20.0)


def test_the_end_of_the_call_among_the_pages_octets() -> None:
    modem = in_class("2", fax=FaxQuirks(fate=Fate.HANGS_UP, fate_in_page=2))
    receives(modem, 2)
    modem.receive()
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(b"\x12")
    said = modem.dte.until(b"\r\nOK\r\n")
    assert said.endswith(b"\r\n+FHNG:90\r\n\r\nOK\r\n")
    assert b"\x10\x03" not in said.replace(b"\x10\x10", b"")


def test_a_reset_in_mid_call() -> None:
    modem = in_class("2", fax=FaxQuirks(fate=Fate.RESETS))
    receives(modem)
    assert modem.dte.command("AT+FDR")[-1] == "CONNECT"
    modem.dte.write(b"\x12")
    modem.bench.run(5.0)
    modem.dte.port.discard_input()
    modem.dte.rest = b""
    assert modem.dte.command("AT+FDR") == ["AT+FDR", "ERROR"], "it echoes again, and is in class 0"


def test_a_modem_that_dies() -> None:
    modem = in_class("2.0", fax=FaxQuirks(fate=Fate.DIES, fate_in_page=2))
    job = Job()
    sends(modem, job)
    assert modem.send(coded(1), NextStep.MORE_PAGES)[-1] == "OK"
    assert modem.dte.command("AT+FDT")[-1] == "CONNECT"
    modem.bench.run(5.0)
    modem.dte.write(b"\x10.\rAT\rAT\r")
    assert modem.dte.silent_for(60.0)
    assert job.pages == drawn(1)


# ----------------------------------------------------------------------------------------------------------
# Makes


@pytest.mark.parametrize(
    ("make", "fclass"),
    [(make, each) for make, model in MODELS.items() for each in DIALECTS if each in model.classes],
)
def test_every_make_receives_and_sends(make: str, fclass: str) -> None:
    modem = in_class(fclass, model=MODELS[make])
    modem.rings_with(Pages(drawn(1)))
    modem.dte.write(b"ATA\r")
    if speed := MODELS[make].quirks.fax.speed_at_answer:
        modem.bench.run(0.5)
        modem.dte.port.set_speed(speed)
    assert modem.dte.result()[-1] == "OK"
    octets = modem.receive()[1]
    turned = fclass in MODELS[make].quirks.fax.received_reversed
    assert decoded(octets.translate(REVERSED) if turned else octets) == drawn(1)[0]
    assert modem.dte.command("AT+FDR")[-2:] == [modem.hang_up_report("0"), "OK"]
    modem.dte.port.set_speed(115200)
    modem.bench.run(30.0)
    sends(modem, job := Job())
    assert modem.send(coded(), NextStep.NO_MORE)[-2:] == [modem.hang_up_report("0"), "OK"]
    assert job.pages == drawn(1)
