"""Oddities that the Class 2 driver, or a profile, has a remedy for: the same calls with it, and without.

Each switch of the virtual modem is on; the second run of a call takes the remedy away, and must go wrong.
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from faxhw.at.library import profiles
from faxhw.ports.base import Flow
from faxhw.t30.answering import answer
from faxhw.t30.calling import poll
from faxhw.terms import Family, Modulation
from faxhw.testing.faxes import Job
from faxhw_drivers.sim import BitErrors, FaxQuirks
from tests.virtual.calls import OURS, STANDARD, THEIRS
from tests.virtual.odd_modems import PAGES, TWO, TWO_0, TWO_1, answered, change, fax, opened

USR = FaxQuirks(host_sends_rtc=True, not_down_to=7200)


@pytest.mark.parametrize("remedy", [True, False])
def test_a_rate_that_the_modem_does_not_come_down_to(
    remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, "usr-2.0", not_down_to=0)
    with opened(TWO_0, USR, maker="U.S. Robotics") as line:
        line.bench.impair(BitErrors(rate=0.1, above=7200, v21=False))
        assert line.sends(tmp_path / "fax.tif") == "COMMSFAULT"
        assert line.channel.FaxSender.Details.raw_cause == "0x25"
        assert (line.sends(tmp_path / "fax.tif") == "NORMAL") is remedy
        assert not remedy or line.channel.FaxSender.Details.negotiated["DataRate"] == 7200


def test_nor_does_the_driver_below_what_the_options_allow(tmp_path: Path) -> None:
    with opened(TWO_0, USR, maker="U.S. Robotics") as line:
        line.bench.impair(BitErrors(rate=0.1, above=7200, v21=False))
        assert line.sends(tmp_path / "fax.tif") == "COMMSFAULT"
        assert line.sends(tmp_path / "fax.tif", MinDataRate="9600") == "COMMSFAULT"
        assert line.channel.FaxSender.Details.raw_cause == "0x27"


def test_who_asks_for_no_more_gets_it_at_once(tmp_path: Path) -> None:
    with opened(TWO_0, USR, maker="U.S. Robotics") as line:
        line.bench.impair(BitErrors(rate=0.1, above=7200, v21=False))
        assert line.sends(tmp_path / "fax.tif", MaxDataRate="7200") == "NORMAL"


@pytest.mark.parametrize("remedy", [True, False])
def test_a_modem_that_takes_the_most_for_the_least(
    remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, "usr-2.0-early", rate_is_least=False)
    odd = replace(USR, rate_is_least=True)
    with opened(TWO_0, odd, ati0="1445", maker="U.S. Robotics") as line:
        line.bench.impair(BitErrors(rate=0.1, above=9600, v21=False))
        assert (line.receives(tmp_path / "fax.tif") == "NORMAL") is remedy
        assert (line.sends(tmp_path / "fax.tif") == "NORMAL") is remedy


@pytest.mark.parametrize("classes", [TWO, TWO_0, TWO_1])
def test_the_least_rate_of_one_fax_is_not_that_of_the_next(classes: tuple[str, ...], tmp_path: Path) -> None:
    with opened(classes, FaxQuirks()) as line:
        line.bench.impair(BitErrors(rate=0.1, above=4800, v21=False))
        for does in (line.receives, line.sends):
            assert does(tmp_path / "fax.tif", MinDataRate="9600") == "COMMSFAULT"
            assert does(tmp_path / "fax.tif") == "NORMAL"


@pytest.mark.parametrize("classes", [TWO, TWO_0, TWO_1])
def test_dcd_that_drops_at_each_page(
    classes: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does where DCD is the far end's carrier: mgetty has to be told so (USR, RC288DPi)."""
    with opened(classes, FaxQuirks()) as line:
        shown, show = [], line.modem.port.set_carrier

        def watched(on: bool) -> None:
            shown.append(on)
            show(on)

        monkeypatch.setattr(line.modem.port, "set_carrier", watched)
        assert line.sends(tmp_path / "fax.tif") == "NORMAL"
        assert list(pairwise(shown)).count((True, False)) > len(PAGES)


@pytest.mark.parametrize("remedy", [True, False])
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("rockwell-rc", {"maker": "ROCKWELL", "name": "RC144DP"}),
        ("rc288dpi", {"maker": "ROCKWELL", "name": "AC/V34"}),
        ("ppi", {"name": "PM14400FXMT"}),
    ],
)
def test_a_modem_that_goes_over_to_xon_xoff_when_it_answers(
    profile: str, said: dict[str, str], remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, profile, fax_flow="")
    odd = FaxQuirks(starts_on=b"\x11\x12", host_sends_rtc=profile == "ppi", flow_at_answer=Flow.XON_XOFF)
    with opened(TWO, odd, **said) as line:
        slower = replace(STANDARD, families=frozenset({Family.V27TER}))  # than the serial line
        line.far.call(OURS, poll(slower), received := Job())
        answered(line.channel)
        found = line.channel.FaxSender.send(fax(tmp_path / "fax.tif"), fax_options={"Poll": "YES"})
        line.channel.hang_up()
        assert (found == "NORMAL" and line.modem.lost_octets == 0) is remedy
        assert (received.pages == [page.rows for page in PAGES]) is remedy
        # At its next call it heeds what is set again.
        lost = line.modem.lost_octets
        assert line.sends(tmp_path / "fax.tif") == "NORMAL"
        assert line.modem.lost_octets == lost


@pytest.mark.parametrize("remedy", [True, False])
@pytest.mark.parametrize(("profile", "classes"), [("mainpine-2.0", TWO_0), ("mainpine-2.1", TWO_1)])
def test_v17_that_a_register_turns_off(
    profile: str, classes: tuple[str, ...], remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, profile, v17=())
    odd = FaxQuirks(received_reversed=frozenset(classes), host_sends_rtc=True, v17_register=29)
    with opened(classes, odd, maker="Mainpine") as line:
        # A DIS cannot say "V.17, but no faster than V.29": to receive, br is enough.
        for does, enough in ((line.receives, True), (line.sends, remedy)):
            assert does(tmp_path / "fax.tif", v17="NO") == "NORMAL"
            assert all(each.family is not Family.V17 for each in line.modulations()) is enough
            assert does(tmp_path / "fax.tif") == "NORMAL"
            assert line.modulations() == {Modulation(Family.V17, 14400)}


AGERE = FaxQuirks(host_sends_rtc=True, idle_limit=10.0)


@pytest.mark.parametrize("remedy", [True, False])
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("lucent-mt-2.0", {"name": "MT5634ZBA"}),
        ("lucent-mt-2.1", {"name": "MT5634ZBA"}),
        ("mainpine-2.0", {"maker": "Mainpine"}),
        ("mainpine-2.1", {"maker": "Mainpine"}),
    ],
)
def test_a_modem_that_ends_a_call_while_the_disk_is_slow(
    profile: str, said: dict[str, str], remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, profile, idle_calls_end=False)
    with opened(("0", *profiles()[profile].classes), AGERE, **said) as line:
        monkeypatch.setattr(os, "fsync", lambda file: line.bench.clock.sleep(6.0))
        patient = replace(STANDARD, ecm=True)
        assert line.receives(tmp_path / "fax.tif", patient) == ("NORMAL" if remedy else "TIMEOUT")
        assert remedy or line.channel.FaxReceiver.Details.raw_cause == "0xe0"


def test_a_modem_that_ends_a_call_while_the_script_thinks(tmp_path: Path) -> None:
    with opened(TWO_1, AGERE, name="MT5634ZBA") as line:
        line.far.answer_with(lambda: answer(STANDARD), Job())
        assert line.channel.call(THEIRS) == "ANSWERED"
        line.bench.run(15.0)
        assert line.channel.FaxSender.send(fax(tmp_path / "fax.tif")) == "TIMEOUT"
        assert line.channel.FaxSender.Details.raw_cause == "0xe0"
