"""A probe's report as a profile: it is sound, is chosen for the modem that it is of, and for no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faxhw.at.library import check, library, profiles
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit, execute
from faxhw.modem.drafting import draft
from faxhw.reports import ProbeReport
from faxhw_drivers.modem.driver import ModemDriver
from faxhw_drivers.sim import Bench, Quirks
from faxhw_drivers.sim.modem import MODELS, Model

driver = ModemDriver()
STRANGER = Model(
    maker="Nobody",
    name="NB-1",
    identity={0: "4711", 3: 'Nobody "NB-1" (rev. C) \\ x+y'},
    classes=("0", "1"),
    quirks=Quirks(refuses=frozenset({"+FRS", "&K", "+VCID"})),
)


def probed(model: Model, **options: str) -> ProbeReport:
    bench = Bench()
    return driver.probe_on(bench.modem("100", model).port, bench.clock, options)


def saved(report: ProbeReport, directory: Path) -> str:
    """Put the profile of a report among the user's; its name."""
    made = draft(report)
    file = directory / f"{made.name}.toml"
    file.write_text(made.text, encoding="utf-8")
    assert list(check(file)) == [made.name]
    library.cache_clear()
    return made.name


def test_a_modem_that_nobody_has_met(user_profiles: Path) -> None:
    before = probed(STRANGER)
    assert before.profile == "generic"
    name = saved(before, user_profiles)
    after = probed(STRANGER)
    assert after.profile == name
    assert "ATI3" in after.reason
    profile = profiles()[name]
    assert profile.class1.silence_after_receiving == "host"
    assert profile.class1.silence_before_sending == "+FTS"
    assert profile.flow_commands == {"none": "?&H0&I0&R1", "rtscts": "?&H1&I0&R2", "xonxoff": "?&H2&I2&R1"}
    assert profile.caller_id == "+VCID=1|#CID=1"
    assert profile.set_up == profiles()["generic"].set_up
    assert not after.findings
    assert probed(replace(STRANGER, identity={0: "4711", 3: "Nobody NB-2"})).profile == "generic"


def test_a_modem_that_runs_t30_itself(user_profiles: Path) -> None:
    stranger = replace(STRANGER, classes=("0", "2"), quirks=Quirks())
    name = saved(probed(stranger), user_profiles)
    after = probed(stranger)
    assert (after.profile, after.fclass) == (name, "2")
    assert profiles()[name].class2 == profiles()["generic-2"].class2


def test_a_known_modem_keeps_what_is_known(user_profiles: Path) -> None:
    name = saved(probed(MODELS["lucent"]), user_profiles)
    assert profiles()[name].class1 == profiles()["lucent-mt"].class1
    again = draft(probed(MODELS["lucent"]))
    assert 'base = "lucent-mt"' in again.text  # a file cannot build on another of the user's


def test_a_modem_that_says_nothing(user_profiles: Path) -> None:
    silent = replace(STRANGER, identity={}, classes=("0", "1"), quirks=Quirks())
    name = saved(probed(silent), user_profiles)
    assert not profiles()[name].match
    assert probed(silent, profile=name).profile == name
    usb = replace(probed(silent), identity={"usb": "1234:abcd"})
    assert 'match = [{ usb = "1234:abcd" }]' in draft(usb).text


def test_all_that_it_said_is_in_the_comments() -> None:
    text = draft(probed(STRANGER)).text
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    for told in (
        "identity +FMI: Nobody",
        "lists +FRS: ",
        "classes: 0, 1",
        "finding: it does not say what +FRS",
    ):
        assert any(told.strip() in line for line in comments)


def test_saving_never_replaces_a_file_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: object) -> Exit:
        return execute(faxhw, [str(each) for each in arguments])

    file = tmp_path / "mine.toml"
    assert run("probe", "sim:", "--save", file) == Exit.NORMAL
    first = file.read_text(encoding="utf-8")
    assert "profile my-faxhw-virtual-modem" in capsys.readouterr().out
    file.write_text("precious", encoding="utf-8")
    assert run("probe", "sim:", "--save", file) == Exit.USAGE
    assert file.read_text(encoding="utf-8") == "precious"
    assert "--force" in capsys.readouterr().err
    assert run("probe", "sim:", "--save", file, "--force") == Exit.NORMAL
    assert file.read_text(encoding="utf-8") == first
    assert run("probe", "sim:", "--save", tmp_path / "none" / "x.toml") == Exit.USAGE
