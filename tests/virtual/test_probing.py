"""Probing virtual modems: what is told of each, what is wrong with it, and how it is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.errors import DeviceError
from faxhw.ports.base import Flow
from faxhw.reports import ProbeReport
from faxhw_drivers.modem.driver import ModemDriver
from faxhw_drivers.sim import Bench, PluggedModem, Quirks
from faxhw_drivers.sim.modem import MODELS, Model

driver = ModemDriver()


def plugged(model: Model | str = "generic", quirks: Quirks | None = None) -> tuple[Bench, PluggedModem]:
    bench = Bench()
    return bench, bench.modem("100", model, quirks)


def probed(model: Model | str = "generic", quirks: Quirks | None = None, **options: str) -> ProbeReport:
    bench, modem = plugged(model, quirks)
    return driver.probe_on(modem.port, bench.clock, options)


def wrong(report: ProbeReport) -> str:
    return " / ".join(each.what for each in report.findings)


def test_a_sound_modem() -> None:
    report = probed("conexant")
    assert (report.profile, report.driver, report.fclass) == ("conexant-1.0", "class1", "1.0")
    assert report.classes == report.classes_taken == ("0", "1", "1.0", "8")
    assert report.identity["ATI3"] == "CX93001-EIS_V0.2002-V92"
    assert report.identity["+FMI"] == "CONEXANT"
    assert report.lists["+FRM"].startswith("3,24,48,72")
    assert report.lists["+F34"] == ""
    assert report.flow_taken == {"&K0": True, "&K3": True, "&K4": True}
    assert (report.caller_id, report.speed, report.flow) == ("+VCID=1", 19200, "rtscts")
    assert report.turnaround is not None
    assert 0.003 < report.turnaround < 0.02
    assert "V.17 14400" in report.modulations
    assert not report.findings
    assert not report.unanswered


def test_it_is_left_as_it_was_found() -> None:
    bench, modem = plugged()
    registers = modem.modem.registers
    registers.flow, registers.fclass, registers.echo = Flow.NONE, "2.0", True
    registers.s[0] = 0
    driver.probe_on(modem.port, bench.clock, {})
    registers = modem.modem.registers
    assert (registers.flow, registers.fclass, registers.echo) == (Flow.NONE, "0", True)
    assert not registers.caller_id
    registers.flow, registers.echo = Flow.XON_XOFF, False
    driver.probe_on(modem.port, bench.clock, {})
    registers = modem.modem.registers
    assert (registers.flow, registers.echo) == (Flow.XON_XOFF, False)


def test_classes_that_are_claimed_and_refused() -> None:
    report = probed(quirks=Quirks(lacks=frozenset({"2", "2.1"})))
    assert report.classes_taken == ("0", "1", "1.0", "2.0")
    assert wrong(report).count("it claims class 2, and refuses to be put in it") == 1
    assert wrong(report).count("it claims class 2.1, and refuses to be put in it") == 1


def test_a_modem_that_says_ok_to_anything() -> None:
    report = probed(quirks=Quirks(ok_to_everything=True))
    assert report.credulous
    assert "OK to commands that do not exist" in wrong(report)


@pytest.mark.parametrize(
    ("refused", "complaint"),
    [
        ({"&K"}, "refuses AT&K3 for rtscts flow control, and takes AT&H1&I0&R2"),
        ({"&K", "&H"}, "no command for flow control"),
        ({"+VCID", "#CID"}, "no command for caller ID"),
        ({"+FRS"}, "does not say what +FRS can do"),
    ],
)
def test_what_a_modem_refuses(refused: set[str], complaint: str) -> None:
    report = probed(quirks=Quirks(refuses=frozenset(refused)))
    assert complaint in wrong(report)
    assert all(each.remedy for each in report.findings)
    assert report.fclass == "1.0"


def test_a_modem_that_refuses_what_it_must_not_is_told_of_all_the_same() -> None:
    report = probed("conexant", Quirks(refuses=frozenset({"S"})))
    assert "the modem refuses ATS0=0" in wrong(report)
    assert report.lists["+FRM"]


def test_slow_answers() -> None:
    report = probed(replace(MODELS["conexant"], reaction=0.080))
    assert report.turnaround is not None
    assert report.turnaround > 0.080
    assert "ms to answer" in wrong(report)


def test_a_modem_that_never_answers_some_of_it_costs_bounded_time() -> None:
    bench, modem = plugged()
    deaf_to = ("ATI", "AT&", "AT+G", "AT+FM", "AT\\", "AT#", "AT+V", "AT+FT", "AT*")
    write = modem.port.write

    def lose(data: bytes, timeout: float | None = 10.0) -> None:
        if not data.startswith(tuple(each.encode() for each in deaf_to)):
            write(data, timeout)

    modem.port.write = lose  # type: ignore[method-assign]
    began = bench.clock.monotonic()
    report = driver.probe_on(modem.port, bench.clock, {"profile": "iaxmodem"})
    assert bench.clock.monotonic() - began < 90
    assert "ATI1" in report.unanswered
    assert "it does not answer" in wrong(report)


def test_nobody_answers() -> None:
    bench, modem = plugged(quirks=Quirks(silent=True))
    with pytest.raises(DeviceError, match="no modem answers"):
        driver.probe_on(modem.port, bench.clock, {})
    assert bench.clock.monotonic() < 10
