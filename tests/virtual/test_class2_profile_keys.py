"""Keys of the Class 2 profiles, each on a modem that needs it: without the key, or its line, the call fails.

What a modem is told in vain here, and so cannot be missed: &C1 (nobody looks at DCD), +FBUG and +FBU (frames
that are reported are passed over), +FCR and +FLP (said again before each answer), +FPHCTO and +FCT (the job
stalls for no time that could be told), +FIE, +FPP, +FRY, and the registers of ZyXEL and USR (no virtual modem
knows them). The bit order ``lsb`` is found out without its key.
``hexadecimal`` changes nothing: the numbers of class 2 are below 10, and lists are read by either base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import faxhw
from faxhw.at.library import profiles
from faxhw.ports.base import Flow
from faxhw.session import Event, OutgoingPage, Reply
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call
from faxhw.terms import Family as Modem
from faxhw.testing.faxes import Job
from faxhw_drivers.sim import Model
from faxhw_drivers.sim.exchange import Hook
from faxhw_drivers.sim.modem.uart import Uart
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages
from tests.virtual.odd_modems import PAGES, answered, change, fax, opened_on
from tests.virtual.test_class2_quirks import FAMILIES

REMEDY = pytest.mark.parametrize("remedy", [True, False])
BY_PROFILE = {each.profile: each for each in FAMILIES}
SLOW = replace(STANDARD, families=frozenset({Modem.V27TER}))
"""A far end to which a page goes more slowly than over any serial line."""


def every(profiles_: Mapping[str, object]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", profiles_)


def without(monkeypatch: pytest.MonkeyPatch, name: str, *lines: str) -> None:
    """Take lines out of a profile's set-up, by their beginnings."""
    profile = profiles()[name]
    own, in_class = (
        tuple(each for each in set_up if not each.lstrip("?").startswith(lines))
        for set_up in (profile.set_up, profile.class2.set_up)
    )
    assert (own, in_class) != (profile.set_up, profile.class2.set_up), "the profile has no such line"
    changed = replace(profile, set_up=own, class2=replace(profile.class2, set_up=in_class))
    monkeypatch.setitem(profiles(), name, changed)


# ----------------------------------------------------------------------------------------------------------
# Flow control and speed


def _commands(none: str, rtscts: str, xonxoff: str) -> dict[str, Flow]:
    return {none: Flow.NONE, rtscts: Flow.RTS_CTS, xonxoff: Flow.XON_XOFF}


_USUAL = _commands("&K0", "&K3", "&K4")
_OWN = {
    "usr-2.0": _commands("&H0", "&H1", "&H2"),
    "mt-1432": _commands("&E3", "&E4", "&E5"),
    "zyxel-2": _commands("&H0", "&H3", "&H4"),
    "zyxel-2.0": _commands("&H0", "&H3", "&H4"),
    "elsa": _commands("&K0", "&K3", "&K1"),
}
"""Those of makes that do not follow Hayes; ``none`` comes first."""


@pytest.mark.parametrize("flow", ["rtscts", "xonxoff", ""])
@every({"generic-2": None, "generic-2.0": None, "rockwell-k56": None, "mainpine-2": None, **_OWN})
def test_the_commands_for_flow_control(
    name: str, flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``flow``: empty where the profile has no commands."""
    if not flow:
        change(monkeypatch, name, flow_commands={})
    model = replace(BY_PROFILE[name].model(), flow=Flow.NONE, flow_commands=_OWN.get(name, _USUAL))
    with opened_on(model, flow=flow or "rtscts") as line:
        line.sends(tmp_path / "fax.tif", SLOW)
        assert (line.modem.lost_octets == 0) is bool(flow)


@REMEDY
def test_the_flow_control_that_works(remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HylaFAX has K56 on XON/XOFF: as on a modem of which CTS is worth nothing."""
    if not remedy:
        change(monkeypatch, "rockwell-k56", flow=Flow.RTS_CTS)
    model = BY_PROFILE["rockwell-k56"].model()
    with opened_on(replace(model, quirks=replace(model.quirks, no_cts=True))) as line:
        line.sends(tmp_path / "fax.tif", SLOW)
        assert (line.modem.lost_octets == 0) is remedy


SPEEDS = {
    "mt-1432": 38400,
    "lucent-mt-2.1": 57600,
    "lucent-mt-1.25-2.1": 57600,
    "mainpine-2.1": 57600,
    "elsa": 115200,
}


@every(BY_PROFILE)
def test_the_speed_of_the_serial_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = [19200]  # at which it is asked who it is
    monkeypatch.setattr(Uart, "set_speed", lambda uart, speed: speeds.append(speed))
    with opened_on(BY_PROFILE[name].model()):
        assert speeds[-1] == SPEEDS.get(name, 19200)


# ----------------------------------------------------------------------------------------------------------
# Calls that come


@REMEDY
@every(BY_PROFILE)
def test_caller_id_is_turned_on(name: str, remedy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not remedy:
        change(monkeypatch, name, caller_id="")
    model = BY_PROFILE[name].model()
    other = "+VCID" if name in ("usr-2.0", "eicon-2") else "#CID"
    quirks = replace(model.quirks, refuses=model.quirks.refuses | {other})
    with opened_on(replace(model, quirks=quirks)) as line:
        line.far.call(OURS, call(STANDARD), Pages(PAGES))
        assert line.channel.wait_for_call(60) == "CALL_INCOMING"
        assert line.channel.Details.call_from == (THEIRS if remedy else "")


@every({name: each for name, each in BY_PROFILE.items() if name.startswith(("usr", "mainpine", "lucent"))})
@REMEDY
def test_the_line_is_taken_without_a_sound(
    name: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        change(monkeypatch, name, silent_answer="")
    with opened_on(BY_PROFILE[name].model()) as line:
        line.far.call(OURS, call(STANDARD), Pages(PAGES))
        answered(line.channel)
        assert line.modem.modem.phone.state is (Hook.TALKING if remedy else Hook.RINGING)
        line.bench.run(5.0)
        document = faxhw.FaxToReceive(str(tmp_path / "fax.tif"))
        assert line.channel.FaxReceiver.receive(document) == "NORMAL"


@REMEDY
@every(BY_PROFILE)
def test_no_modem_answers_by_itself(name: str, remedy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not remedy:
        without(monkeypatch, name, "S0=0")
    with opened_on(replace(BY_PROFILE[name].model(), stored="S0=1")) as line:
        line.far.call(OURS, call(STANDARD), Pages(PAGES))
        line.bench.run(5.0)
        assert (line.modem.modem.phone.state is Hook.RINGING) is remedy


# ----------------------------------------------------------------------------------------------------------
# Lines of the set-up


def odd(name: str, stored: str) -> Model:
    """A family's modem in whose memory something was left, by a command of its class."""
    fclass = profiles()[name].classes[0]
    return replace(BY_PROFILE[name].model(), stored=f"+FCLASS={fclass};{stored};+FCLASS=0")


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("generic-2", "+FBOR=1"),
        ("generic-2.0", "+FBO=1"),
        ("elsa", "S7=5"),
    ],
)
@REMEDY
def test_what_was_left_in_the_modem_spoils_no_page(
    name: str, stored: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        without(monkeypatch, name, stored.partition("=")[0], "X3S7")
    received = Job()
    with opened_on(odd(name, stored)) as line:
        line.far.answer_with(lambda: answer(STANDARD), received, rings=2)
        if line.channel.call(THEIRS) == "ANSWERED":
            line.channel.FaxSender.send(fax(tmp_path / "fax.tif"))
    assert (received.pages == [page.rows for page in PAGES]) is remedy


@pytest.mark.parametrize(("name", "line"), [("generic-2", "+FSPL"), ("generic-2.0", "+FSP")])
@REMEDY
def test_polling_is_allowed(
    name: str, line: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        without(monkeypatch, name, line)
    with opened_on(odd(name, f"{line}=0")) as this:
        this.far.answer_with(lambda: hold_ready(STANDARD), Pages(PAGES))
        assert this.channel.call(THEIRS) == "ANSWERED"
        document = faxhw.FaxToReceive(str(tmp_path / "fax.tif"))
        found = this.channel.FaxReceiver.receive(document, fax_options={"Poll": "YES"})
        assert (found == "NORMAL") is remedy


@every({"generic-2": None, "generic-2.0": None, "lucent-mt-2.1": None})
@REMEDY
def test_sub_addresses_are_asked_for(
    name: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        without(monkeypatch, name, "+FAP")
    with opened_on(BY_PROFILE[name].model()) as line:
        assert line.receives(tmp_path / "fax.tif", replace(STANDARD, sub_address="4711")) == "NORMAL"
        assert line.channel.FaxReceiver.Details.sub_address == ("4711" if remedy else "")


@every({"generic-2.0": None, "usr-2.0": None, "lucent-mt-2.1": None})
@REMEDY
def test_the_far_end_is_asked_for(
    name: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not remedy:
        without(monkeypatch, name, "+FNR")
    with opened_on(BY_PROFILE[name].model()) as line:
        assert line.receives(tmp_path / "fax.tif") == "NORMAL"
        assert line.channel.FaxReceiver.Details.remote_id == (STANDARD.ident if remedy else "")


@every({"generic-2": None, "generic-2.0": None, "usr-2.0": None})
@REMEDY
def test_the_modems_own_judgement_is_turned_off(
    name: str, remedy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a modem whose word cannot be changed: a page that is good enough in spite of bad rows comes once."""
    if not remedy:
        without(monkeypatch, name, "{quality}")
    model = BY_PROFILE[name].model()
    refuses = model.quirks.refuses | {"+FPTS", "+FPS"}
    with opened_on(replace(model, quirks=replace(model.quirks, refuses=refuses))) as line:
        line.far.call(OURS, call(STANDARD), sender := SlightlyDamaged(PAGES))
        answered(line.channel)
        line.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif")))
        assert (sender.refused == 0 and sender.confirmed == len(PAGES)) is remedy


class SlightlyDamaged(Pages):
    """Pages of which a stretch comes damaged."""

    def __call__(self, event: Event) -> Reply:
        reply = super().__call__(event)
        if isinstance(reply, OutgoingPage):
            octets = b"".join(reply.data)
            third, some = len(octets) // 3, len(octets) // 14
            reply.data = [octets[:third], b"\x55" * some, octets[third + some :]]
        return reply
