"""Opening, probing and call control of modems of classes 2, 2.0 and 2.1, sound ones and others."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from faxhw.at.profile import Class2
from faxhw.device import CallResult
from faxhw.errors import DeviceError, UsageError
from faxhw.fax.options import OptionError, choose
from faxhw.modem.choosing import spoken
from faxhw.ports.base import Flow
from faxhw.session import Status
from faxhw.t32.dialect import DIALECTS
from faxhw.terms import DCS_FAMILIES, Coding, Family, PageLength, PageWidth, Resolution
from faxhw.testing.faxes import Job, drive
from faxhw_drivers.class2 import driver
from tests.unit.class2_bench import ABLE, RECEIVER, SENDER, Class2Bench, Sheets, said
from tests.unit.scripted_port import ScriptClock, ScriptedPort

DIS = "+FDIS:1,5,0,2,1,0,0,0"


def refused(says: dict[str, str], fclass: str = "", **options: str) -> str:
    with pytest.raises(DeviceError) as refusal:
        Class2Bench(fclass, says, **options)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("classes", "says", "description"),
    [
        ("0,1,2,2.0,2.1", {}, "generic-2.1"),
        ("0,1,2,2.0", {}, "generic-2.0"),
        ("(0-2)", {}, "generic-2:"),
        ("0,1,2,2.0", {"+FMI?": "U.S. Robotics"}, "usr-2.0"),
        ("0,1,2", {"+FMFR?": "ROCKWELL", "+FMDL?": "AC/K56"}, "rockwell-k56"),
        ("0,1,2", {"+FMFR?": "ROCKWELL", "+FMDL?": "RC32ACL"}, "rc32acl"),
        ("0,1,2", {"+FMFR?": "ROCKWELL", "+FMDL?": "ROCKWELL-AC/V34"}, "rc288dpi"),
        ("0,1,2", {"+FMFR?": "ROCKWELL", "+FMDL?": "RC144DP"}, "rockwell-rc"),
        ("0,1,2,2.0,2.1", {"+FMI?": "Multi-Tech", "+FMM?": "MT5634ZBA"}, "lucent-mt-2.1"),
        ("0,1,2,2.0", {"+FMI?": "Multi-Tech", "+FMM?": "MT5634ZBA"}, "lucent-mt-2.0"),
        ("0,1,2,2.0", {"+FMM?": "MT5634ZBA", "+FMR?": "1.25g"}, "lucent-mt-1.25-2.0"),
        ("0,2", {"+FMFR?": "Multi-Tech", "+FMDL?": "MT5634ZBA"}, "lucent-mt-2:"),
        ("0,2", {"+FMFR?": "Multi-Tech", "+FMDL?": "MT1432BA"}, "mt-1432"),
        ("0,1,2,2.0,2.1", {"+FMI?": "Mainpine"}, "mainpine-2.1"),
        ("0,1,2", {"+FMFR?": "Mainpine"}, "mainpine-2:"),
        ("0,2,2.0", {"I3": "ZyXEL U-336S"}, "zyxel-2.0"),
        ("0,2", {"I3": "ZyXEL U1496E", "+FREV?": "V 6.12"}, "zyxel-6.1-2"),
        ("0,1,2", {"+FMFR?": "DAVICOM"}, "davicom-2"),
        ("0,1,2", {"+FMDL?": "OPTIMA 33600"}, "hayes"),
        ("0,1,2,2.0", {"+FMI?": "ELSA AG", "+FMM?": "MicroLink 56k basic"}, "elsa"),
        ("0,1,2,2.0", {"+FMM?": "Digi RAS modem"}, "digi-2.0"),
        ("0,1,2", {"+FMFR?": "Eicon"}, "eicon-2"),
    ],
)
def test_class_and_profile_are_found(classes: str, says: dict[str, str], description: str) -> None:
    bench = Class2Bench("", {"+FCLASS=?": classes, **says})
    assert f"profile {description.rstrip(':')}:" in bench.device.description


def test_a_family_known_in_a_lower_class_is_used_in_that() -> None:
    says = {"+FCLASS=?": "0,1,2,2.0", "+FMFR?": "Rockwell", "+FMDL?": "RC144"}
    assert Class2Bench("", says).device.description.endswith("class 2")


def test_what_is_asked_for_comes_first() -> None:
    assert Class2Bench("2.0").device.description.endswith("class 2.0")
    bench = Class2Bench("", profile="hayes")
    assert "hayes: asked for" in bench.device.description


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"clas": "2"}, "did you mean class"),
        ({"class": "1"}, "class=1: it must be one of 2.1, 2.0, 2"),
        ({"profile": "usr-rts"}, "'usr-rts' for class2"),
        ({"profile": "nobody"}, "there are generic-2, "),
        ({"profile": "hayes", "class": "2.0"}, "the profile hayes is for 2"),
        ({"speed": "fast"}, "bits per second"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(options: dict[str, str], complaint: str) -> None:
    port = ScriptedPort(ScriptClock(), lambda _: b"")
    with pytest.raises(UsageError, match=complaint):
        driver.open_on(port, ScriptClock(), options)
    assert not port.written


def test_a_modem_of_class_1_only() -> None:
    assert "it offers classes 0, 1, 1.0" in refused({"+FCLASS=?": "0,1,1.0"})


def test_a_modem_that_names_no_classes_is_tried() -> None:
    says = {"+FCLASS=?": "ERROR", "+FCLASS=2.1": "ERROR", "+FCLASS=2.0": "ERROR"}
    assert Class2Bench("", says).device.description.endswith("class 2")
    assert "knows no Class 2" in refused({**says, "+FCLASS=2": "ERROR"})


def test_a_modem_that_says_ok_to_everything() -> None:
    assert "not a fax modem" in refused({"+FCLASS=?": "OK", "+FJUNK=?": "OK"})


def test_a_class_that_is_claimed_and_refused() -> None:
    bench = Class2Bench("", {"+FCLASS=2.1": "ERROR"})
    assert bench.device.description.endswith("class 2.0")


def test_a_class_that_is_asked_for_and_neither_claimed_nor_there() -> None:
    complaint = refused({"+FCLASS=?": "0,1,2", "+FCLASS=2.0": "ERROR"}, fclass="2.0")
    assert "it has no class 2.0; it offers classes 0, 1, 2: " in complaint
    assert complaint.endswith("or name another class")


def test_a_modem_that_falls_silent_when_it_is_asked_for_a_class() -> None:
    assert "it does not answer AT+FCLASS=2" in refused(
        {f"+FCLASS={each}": "" for each in ("2", "2.0", "2.1")}
    )


@pytest.mark.parametrize("junk", ["OK", "ERROR", "+FCC: yes", "(0-9),(x)", "1"])
def test_a_class_that_is_claimed_and_not_there(junk: str) -> None:
    bench = Class2Bench("", {"+FCC=?": junk})
    assert bench.device.description.endswith("class 2")
    assert "claims class 2" in refused({"+FCC=?": junk, "+FDCC=?": junk})


def test_a_class_that_is_asked_for_is_taken_at_its_word() -> None:
    bench = Class2Bench("2", {"+FDCC=?": "ERROR"})
    assert bench.device.capabilities().max_rate == 14400
    assert not bench.device.capabilities().ecm


def test_probing_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Class2Bench("2")
    module = sys.modules[type(driver).__module__]
    monkeypatch.setattr(module, "SYSTEM_CLOCK", bench.clock)
    monkeypatch.setattr(module, "open_port", lambda *_: bench.port)
    bench.says.update({"+FCC=?": "yes", "+FMFR?": "Davicom"})
    report = driver.probe("/dev/ttyS9", {})
    assert (report.profile, report.fclass, report.driver) == ("davicom-2", "2", "class2")
    assert report.identity["maker"] == "Davicom"
    bench.says.update({"+FMFR?": "Nobody"})
    bench.port.closed = False
    report = driver.probe("/dev/ttyS9", {})
    assert report.fclass == "2"
    assert [each.what for each in report.findings[:2]] == [
        "it claims class 2.1, and answers 'yes' to AT+FCC=?",
        "it claims class 2.0, and answers 'yes' to AT+FCC=?",
    ]
    assert bench.port.written[-3:] == [b"AT+FCLASS=0\r", b"ATZ\r", b"ATE0\r"]


# ----------------------------------------------------------------------------------------------------------
# Capabilities


@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_v34_is_not_asked_for(fclass: str) -> None:
    bench = Class2Bench(fclass, {"+FCC=?": "(0-7F),(0-D),(0-2),(0-2),(0-3),(0-3),(0),(0-7)"})
    able = bench.device.capabilities()
    assert (able.families, able.max_rate) == (DCS_FAMILIES, 14400)
    assert choose({"MaxDataRate": 33600}, able).values["MaxDataRate"] == "14400"
    with pytest.raises(
        OptionError, match="MinDataRate=16800 cannot be: the device goes no faster than 14400"
    ):
        choose({"MinDataRate": 16800}, able)
    bench.receives(("ATA", said("+FCO", "+FHS:00", "OK")), settings=choose({}, able).settings)
    told = [each for each in bench.port.written if each.startswith(b"AT+FCC=") and b"?" not in each]
    assert [each.split(b",")[1] for each in told] == [b"5"]


def test_what_the_modem_says_that_it_can_do() -> None:
    able = Class2Bench("2.0").device.capabilities()
    assert able.families == DCS_FAMILIES
    assert able.max_rate == 14400
    assert able.codings == set(Coding)
    assert able.ecm
    assert able.resolutions == set(Resolution) - {Resolution.DPI_400}
    assert (able.width, able.length) == (PageWidth.A3, PageLength.UNLIMITED)
    less = Class2Bench(
        "2", {"+FDCC=?": "+FDCC: (0,1),(0-3),(0),(0-2),(0,1),(0),(0),(0-7)"}
    ).device.capabilities()
    assert less.families == {Family.V29, Family.V27TER}
    assert (less.max_rate, less.ecm) == (9600, False)
    assert less.codings == {Coding.MH, Coding.MR}
    assert less.width is PageWidth.A4


@pytest.mark.parametrize(
    ("profile", "codings", "ecm"),
    [
        ("mainpine-2", {Coding.MH, Coding.MR}, False),
        ("davicom-2", {Coding.MH}, False),
        ("digi-2", {Coding.MH, Coding.MR}, True),
        ("zyxel-6.1-2", {Coding.MH, Coding.MR}, False),
        ("zyxel-2", set(Coding), True),
    ],
)
def test_what_a_modem_claims_too_much_is_cut(profile: str, codings: set[Coding], ecm: bool) -> None:
    able = Class2Bench("", profile=profile).device.capabilities()
    assert able.codings == codings
    assert able.ecm is ecm


def test_numbers_are_written_as_the_modem_has_them() -> None:
    bench = Class2Bench("", {"+FDCC=?": ABLE["2.0"]}, profile="eicon-2")
    reports = said("+FCON", "+FTSI:1", "+FDCS:41,5,0,2,0,0,0,0", "OK")
    bench.called(("ATA", reports), ("AT+FDR", said("+FHNG:A1", "OK")))
    outcome = drive(bench.device.receive(RECEIVER), Job())
    assert outcome.status is Status.RECEIVE_D_BAD_COMMAND


def test_error_correction_is_numbered_as_the_modem_does() -> None:
    two, later = DIALECTS["2"], DIALECTS["2.0"]
    assert spoken(two, Class2(ecm_numbering="2.0")) == replace(two, frame_sizes=later.frame_sizes)
    assert spoken(two, Class2(hexadecimal="yes")).base == 16
    assert spoken(later, Class2(hexadecimal="no")).base == 10
    assert spoken(two, Class2()) == two


# ----------------------------------------------------------------------------------------------------------
# Dialling


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (("BUSY",), CallResult.BUSY),
        (("NO ANSWER",), CallResult.NO_ANSWER),
        (("NO DIALTONE",), CallResult.NO_DIALTONE),
        (("NO CARRIER",), CallResult.NO_CARRIER),
        (("+FHNG:3", "OK"), CallResult.NO_DIALTONE),
        (("+FHNG:4", "OK"), CallResult.NO_ANSWER),
        (("+FHNG:11", "OK"), CallResult.NO_CARRIER),
        (("+FHS:11", "ERROR"), CallResult.NO_CARRIER),
        (("+FHNG:10",), CallResult.NO_CARRIER),
        (("+FCON", "+FHNG:11", "OK"), CallResult.NO_CARRIER),
        (("+FHNG:11", "NO CARRIER"), CallResult.NO_CARRIER),
        (("+FHNG:132", "OK"), CallResult.NO_CARRIER),
        (("+FHNG:11", "BUSY"), CallResult.BUSY),
        (("DELAYED 00:01:00",), CallResult.BLACKLISTED),
        (("ERROR",), CallResult.FAILED),
        (("OK",), CallResult.FAILED),
        (("+FCON", DIS, "OK"), CallResult.CONNECTED),
        (("+FCO", "+FIS:1,5,0,2", "OK"), CallResult.CONNECTED),
        (("CONNECT", "+FCON", DIS, "OK"), CallResult.CONNECTED),
        (("OK", "+FCON", DIS), CallResult.CONNECTED),
        (("+FCON", DIS, "+FHNG:22", "OK"), CallResult.CONNECTED),
    ],
)
def test_what_becomes_of_dialling(answer: tuple[str, ...], result: CallResult) -> None:
    bench = Class2Bench("2")
    began = bench.clock.monotonic()
    assert bench.dials(said(*answer)) is result
    assert bench.device.line_up() is (result is CallResult.CONNECTED)
    assert bench.clock.monotonic() - began < 5


def test_a_fax_that_hung_up_again_is_the_sessions_to_tell() -> None:
    bench = Class2Bench("2")
    assert bench.dials(said("+FCON", DIS, "+FHNG:22", "OK")) is CallResult.CONNECTED
    outcome = drive(bench.device.send(SENDER), Sheets())
    assert outcome.status is Status.SEND_B_DCN
    assert not bench.device.line_up()


def test_a_script_that_thinks_too_long_is_told() -> None:
    bench = Class2Bench("2")
    assert bench.dials(said("+FCON", DIS, "OK")) is CallResult.CONNECTED
    bench.clock.sleep(12.0)
    bench.port.says(said("+FHNG:E0"))
    outcome = drive(bench.device.send(SENDER), Sheets())
    assert outcome.status is Status.DTE_INACTIVE
    assert not any(b"+FDT" in written for written in bench.port.written)


def test_dialling_is_given_up_in_time() -> None:
    bench = Class2Bench("2")
    began = bench.clock.monotonic()
    assert bench.dials(b"") is CallResult.TIMEOUT
    assert bench.clock.monotonic() - began < 75
    assert bench.port.written[-1] == b"ATH0\r"


def test_wishes_go_before_the_number_where_the_profile_says_so() -> None:
    bench = Class2Bench("", {"+FCLASS=?": "0,2", "+FMDL?": "PM14400FXMT"})
    assert bench.dials(said("+FCON", DIS, "OK"), ("AT+FDT", said("+FHNG:27", "OK"))) is CallResult.CONNECTED
    drive(bench.device.send(SENDER), Sheets())
    wishes = [written for written in bench.port.written if b"+FDIS" in written]
    assert wishes == [b"AT+FDIS=1,5,2,2,3,2,0,0\r"]
    assert bench.port.written.index(wishes[0]) < bench.port.written.index(b"ATDT5\r")


def test_wishes_wait_for_the_call() -> None:
    bench = Class2Bench("2")
    bench.dials(said("BUSY"))
    assert not any(b"+FDIS" in written for written in bench.port.written)


def test_a_call_is_answered_silently_where_the_profile_knows_how() -> None:
    bench = Class2Bench("", {"+FMI?": "Mainpine"})
    bench.called()
    assert bench.port.written[-1] == b"ATH1\r"
    assert bench.device.line_up()


def test_flow_and_speed_follow_the_modem_and_come_back() -> None:
    bench = Class2Bench("", profile="rockwell-rc")
    assert bench.port.flows == [Flow.RTS_CTS]
    bench.called(("ATA", said("+FCON", "+FHNG:11", "OK")))
    drive(bench.device.receive(RECEIVER), Job())
    assert bench.port.flows == [Flow.RTS_CTS, Flow.NONE, Flow.RTS_CTS]


def test_a_session_needs_a_call() -> None:
    bench = Class2Bench("2")
    for begin in (bench.device.receive, bench.device.send):
        with pytest.raises(DeviceError, match="answer or dial first"):
            begin(RECEIVER)


def test_closing_leaves_the_fax_class() -> None:
    bench = Class2Bench("2")
    bench.device.close()
    bench.device.close()
    assert bench.port.written[-1] == b"AT+FCLASS=0\r"
    assert bench.port.closed


def test_closing_in_the_middle_of_a_session_drops_dtr() -> None:
    bench = Class2Bench("2")
    bench.called(("ATA", said("+FCON", "+FTSI:1", "+FDCS:0,5,0,2", "OK")))
    session = bench.device.receive(RECEIVER)
    next(session)
    began = bench.clock.monotonic()
    bench.device.close()
    assert bench.clock.monotonic() - began < 10
    assert bench.port.dtr == [False]
    assert bench.port.closed
