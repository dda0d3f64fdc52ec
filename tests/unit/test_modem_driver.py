"""The driver of modems of whichever class: which class, and why."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest

from faxhw.device import Device
from faxhw.errors import DeviceError, UsageError
from faxhw.finding import load_driver
from faxhw.modem import listing, wishes
from faxhw.modem.meeting import Meeting
from faxhw.ports.discover import Plugged, SerialDevice
from faxhw.reports import ProbeReport
from faxhw_drivers.class1.device import Class1Device
from faxhw_drivers.class2.device import Class2Device
from faxhw_drivers.modem.driver import ModemDriver
from tests.unit.class2_bench import ABLE, said
from tests.unit.scripted_port import ScriptClock, ScriptedPort

driver = ModemDriver()
SAYS: Mapping[str, str] = {
    "+FCLASS=?": "0,1,2,2.0",
    "+FJUNK=?": "ERROR",
    "+FDCC=?": ABLE["2"],
    "+FCC=?": ABLE["2.0"],
    "+FRM=?": "24,48,72,96",
}


def port(says: Mapping[str, str], name: str = "/dev/ttyS9") -> ScriptedPort:
    def answer(written: bytes) -> bytes:
        if not written.startswith(b"AT"):
            return b""
        text = {**SAYS, **says}.get(written[2:-1].decode(), "OK")
        return said(text) if text in ("OK", "ERROR") else said(text, "OK")

    made = ScriptedPort(ScriptClock(), answer)
    made.name = name
    return made


def opened(says: Mapping[str, str], name: str = "/dev/ttyS9", **options: str) -> Device:
    made = port(says, name)
    return driver.open_on(made, made._clock, options)


def test_class_1_where_the_modem_is_at_hand() -> None:
    assert isinstance(opened({}), Class1Device)


@pytest.mark.parametrize("url", ["rfc2217://host:4000", "socket://host:4000"])
def test_the_modem_runs_t30_where_there_is_a_network(url: str) -> None:
    device = opened({}, url)
    assert isinstance(device, Class2Device)
    assert device.description.endswith("class 2.0")
    assert device.name == url


def test_class_1_over_a_network_where_there_is_no_other() -> None:
    assert isinstance(opened({"+FCLASS=?": "0,1"}, "rfc2217://host:4000"), Class1Device)


def test_the_modem_runs_t30_where_it_has_no_class_1() -> None:
    assert isinstance(opened({"+FCLASS=?": "0,2"}), Class2Device)


def test_the_modem_runs_t30_where_its_profile_is_preferred() -> None:
    device = opened({"+FMI?": "ELSA"})
    assert isinstance(device, Class2Device)
    assert "profile elsa" in device.description


def test_a_modem_whose_other_classes_do_not_work() -> None:
    junk = {"+FDCC=?": "ERROR", "+FCC=?": "ERROR"}
    assert isinstance(opened(junk, "socket://host:4000"), Class1Device)
    with pytest.raises(DeviceError, match=r"no class of its works.*claims class 2"):
        opened({**junk, "+FCLASS=?": "0,2"})


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"class": "2"}, Class2Device),
        ({"class": "1"}, Class1Device),
        ({"profile": "generic"}, Class1Device),
        ({"profile": "hayes"}, Class2Device),
        ({"class": "2.0", "profile": "usr-2.0"}, Class2Device),
    ],
)
def test_what_is_asked_for(options: dict[str, str], kind: type[Device]) -> None:
    assert isinstance(opened({}, **options), kind)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"class": "8"}, "class=8: it must be one of"),
        ({"clas": "2"}, "did you mean"),
        ({"usb": "straight"}, "usb=straight: it must be one of auto, direct"),
    ],
)
def test_wrong_options(options: dict[str, str], complaint: str) -> None:
    made = port({})
    with pytest.raises(UsageError, match=complaint):
        driver.open_on(made, made._clock, options)
    assert not made.written


def test_a_modem_that_is_named_by_its_usb_id(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def open_usb(name: str, *, speed: int, direct: bool) -> ScriptedPort:
        asked.append((name, direct))
        return port({}, name)

    monkeypatch.setattr(wishes, "open_usb", open_usb)
    monkeypatch.setattr(sys.modules[ModemDriver.__module__], "SYSTEM_CLOCK", ScriptClock())
    for options, direct in (({}, False), ({"usb": "auto"}, False), ({"usb": "direct"}, True)):
        device = driver.open("usb:0572:1329", options)
        assert (device.name, asked.pop()) == ("usb:0572:1329", ("usb:0572:1329", direct))
    with pytest.raises(UsageError, match="usb=direct is for a modem that is named by its USB id"):
        driver.open("/dev/ttyS9", {"usb": "direct"})


def test_the_usb_id_in_a_name_is_the_modems() -> None:
    made = port({}, "usb:572:1329:24680246")
    identity = Meeting(made, made._clock, wishes.Wishes(), made.name).identify()
    assert identity.said.usb == "0572:1329"


def test_what_is_no_fax_modem() -> None:
    for says in ({"+FCLASS=?": "ERROR", "+FCLASS=1": "ERROR"}, {"+FCLASS=?": "OK", "+FJUNK=?": "OK"}):
        made = port(says)
        with pytest.raises(DeviceError, match="not a fax modem"):
            driver.open_on(made, made._clock, {})
        assert made.closed


def test_a_modem_that_names_no_classes_is_one_of_class_1() -> None:
    assert isinstance(opened({"+FCLASS=?": "ERROR"}), Class1Device)


@pytest.mark.parametrize(
    ("says", "fclass", "reason"),
    [
        ({}, "1", "it has Class 1 and is at hand; no profile is known for it"),
        ({"+FCLASS=?": "0,2"}, "2", "it has no Class 1; no profile is known for it"),
        ({"+FCLASS=?": "0,1"}, "1", "it has no other class than Class 1; no profile is known for it"),
    ],
)
def test_probing_says_why(
    monkeypatch: pytest.MonkeyPatch, says: Mapping[str, str], fclass: str, reason: str
) -> None:
    report = probed(monkeypatch, says)
    assert (report.fclass, report.reason) == (fclass, reason)
    assert report.driver == ("class1" if fclass == "1" else "class2")


def test_probing_warns_of_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    report = probed(monkeypatch, {"+FCC=?": "ERROR"})
    assert "it claims class 2.0, and answers '' to AT+FCC=?" in [each.what for each in report.findings]


def probed(monkeypatch: pytest.MonkeyPatch, says: Mapping[str, str]) -> ProbeReport:
    clock = ScriptClock()
    for each in (driver, load_driver("class1"), load_driver("class2")):
        module = sys.modules[type(each).__module__]
        monkeypatch.setattr(module, "open_port", lambda *_: port(says))
        monkeypatch.setattr(module, "SYSTEM_CLOCK", clock)
    return driver.probe("/dev/ttyS9", {})


def test_it_is_what_lists_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Plugged([SerialDevice("/dev/ttyS9")])
    monkeypatch.setattr(listing, "plugged", lambda _: found)
    assert [each.device for each in driver.devices()] == ["modem:/dev/ttyS9"]
    assert not list(load_driver("class1").devices())
    assert not list(load_driver("class2").devices())
