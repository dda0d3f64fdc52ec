"""The shell commands that make no call, and the help of all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit
from faxhw.device import SimulatedCapi
from faxhw.reports import ProbeReport
from faxhw.serve.settings import all_keys

from .bench import PaperDriver, Shell, one_line


def test_devices_and_probe(shell: Shell) -> None:
    assert shell("devices").out == "paper:1  A sheet, Mill, 0000:0001\n"
    listed = shell("devices", "--json").json["devices"]
    assert isinstance(listed, list)
    assert listed[0]["device"] == "paper:1"
    said = shell("probe", "paper:1")
    assert said.code == Exit.NORMAL
    assert "origami: it folds" in said.out
    assert shell("probe", "paper:1", "--json").json["profile"] == "origami"


def test_a_card_is_not_told_of_as_a_modem(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    card = ProbeReport("paper:1", "paper", "", "it is a card", {"channels": "2"})
    monkeypatch.setattr(PaperDriver, "probe", lambda *_: card)
    assert shell("probe", "paper:1").out.splitlines() == [
        "paper:1",
        "channels  2",
        "Fax",
        "driver   paper",
        "because  it is a card",
        "What is wrong, and what to do",
        "-  nothing is wrong, as far as can be seen without a call",
    ]


def test_options_are_listed(shell: Shell) -> None:
    assert "SubscriberId" in shell("options").out
    rows = shell("options", "--json").json["options"]
    assert isinstance(rows, list)
    assert {"name": "ECM", "values": "YES or NO", "default": "YES"}.items() <= next(
        row for row in rows if row["name"] == "ECM"
    ).items()


def test_explain(shell: Shell) -> None:
    assert shell("explain", "ff", "13", "8c").out.startswith("MCF")
    assert shell("explain", "ff138c", "--json").json["octets"] == "ff138c"


def test_help_is_quick() -> None:
    """It loads neither the core below the shell, nor what draws progress."""
    script = (
        "import sys; from faxhw.cli import main\n"
        "sys.argv = ['faxhw', '--help']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted({'rich', 'serial', 'usb', 'PIL', 'faxhw.channel'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
    assert "Commands:" in ended.stdout


@pytest.mark.parametrize("command", sorted(faxhw.commands))
def test_every_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    said = shell(command, "--help")
    assert said.code == Exit.NORMAL
    assert f"Example: faxhw {command}" in said.out


def test_simulate_lends_the_modems_asked_for(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    said = shell("simulate", "--modem", "12", "--modem", "34:0,1", "--link", tmp_path, "--speed", 2)
    assert said.code == Exit.INTERRUPTED
    assert said.out == "12 /dev/paper/0\n34 /dev/paper/1\n"
    assert said.err == ""
    assert driver.lent == [({"12": (), "34": ("0", "1")}, tmp_path, 2.0)]


def test_simulate_for_machines(shell: Shell) -> None:
    said = shell("simulate", "--json")
    assert said.json == {"exit": 0, "modems": {"100": "/dev/paper/0", "200": "/dev/paper/1"}}


def test_simulate_lends_capi_controllers(shell: Shell, driver: PaperDriver) -> None:
    said = shell("simulate", "--modem", "12", "--capi", "5031", "--capi", "[::1]:0=49,50")
    assert said.out == "12 /dev/paper/0\n5031 capi:5031\n49 capi:0\n50 capi:0\n"
    assert driver.controllers == [
        SimulatedCapi(("5031",), "127.0.0.1", 5031),
        SimulatedCapi(("49", "50"), "::1", 0),
    ]
    assert shell("simulate", "--json", "--capi", "0=49").json == {
        "exit": 0,
        "modems": {},
        "capi": {"49": "capi:0"},
    }


@pytest.mark.parametrize("text", ["", "box", "5031:box", "65536", "-1", "٣"])
def test_a_controller_needs_a_port(shell: Shell, driver: PaperDriver, text: str) -> None:
    said = shell("simulate", "--capi", text)
    assert said.code == Exit.USAGE
    assert "give [HOST:]PORT or [HOST:]PORT=NUMBER,NUMBER" in one_line(said.err)
    assert driver.lent == []


def test_a_controller_at_any_port_needs_a_number(shell: Shell) -> None:
    said = shell("simulate", "--capi", "0")
    assert said.code == Exit.USAGE
    assert "name the controller's numbers, as in --capi 0=5031" in one_line(said.err)


def test_simulated_modems_have_numbers_of_their_own(shell: Shell, driver: PaperDriver) -> None:
    said = shell("simulate", "--modem", "12", "--modem", "12:1")
    assert said.code == Exit.USAGE
    assert "there is a modem 12 already" in one_line(said.err)
    assert driver.lent == []


def test_all_that_can_be_written_in_a_configuration(shell: Shell) -> None:
    said = shell("serve", "--keys")
    listed = shell("serve", "--keys", "--json").json["keys"]
    assert isinstance(listed, list)
    assert [(row["section"], row["key"]) for row in listed] == [(row.section, row.key) for row in all_keys()]
    words = said.out.split()
    for row in all_keys():
        assert row.key in words
        assert row.section in said.out
    assert "rings A call is answered when it has rung so often: a whole number from 1 to 20 (default: 1)" in (
        " ".join(words)
    )


def test_a_service_needs_a_configuration(shell: Shell) -> None:
    said = shell("serve", "--check")
    assert said.code == Exit.USAGE
    assert one_line(said.err) == "faxhw: Missing argument 'CONFIG' (faxhw serve --help tells more)"
