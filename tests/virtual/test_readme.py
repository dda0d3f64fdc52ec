"""The README's commands and examples run as printed, on ``sim:`` in place of the modem."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit
from tests.pages import page_bitmap
from tests.readme import README, blocks

FAXHW = Path(sys.executable).with_name("faxhw")
MODEM, VIRTUAL = "/dev/ttyACM0", "sim:"


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the files that the README tells to make."""
    for block in blocks("python"):
        if block.name:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
    page_bitmap("text", rows=300).image().save(tmp_path / "letter.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = [command for block in blocks("console") if not block.name for command in block.commands]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(workplace: Path, command: str) -> None:
    name, *arguments = shlex.split(command.replace(MODEM, VIRTUAL))
    assert name == "faxhw"
    ended = subprocess.run([FAXHW, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    if {"receive", "run"} & set(arguments):
        assert [path.stat().st_size > 0 for path in workplace.glob("*.tif")] == [True]


def test_a_script(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = (block for block in blocks("python") if not block.name)
    exec(compile(block.text.replace(MODEM, VIRTUAL), "README.md", "exec"), {})
    assert "page 3 GOOD" in capsys.readouterr().out
    assert (workplace / "inbound.tif").stat().st_size > 0


def test_a_script_that_sends(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = (block for block in blocks("python") if block.name == "send.py")
    names: dict[str, Any] = {}
    exec(compile(block.text.replace(MODEM, VIRTUAL), "README.md", "exec"), names)
    assert capsys.readouterr().out == ""
    assert [page.confirmed for page in names["letter"].PageDetails] == [True]


def test_the_exit_codes_are_those_there_are() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.split("| Exit code | means |\n|---|---|\n")[1].split("\n\n")[0]
    assert [int(row.split("|")[1]) for row in table.splitlines()] == list(Exit)


def test_every_command_named_is_one() -> None:
    words = (
        part.split("`")[0].split()[0] for part in README.read_text(encoding="utf-8").split("`faxhw ")[1:]
    )
    assert set(words) <= set(faxhw.commands)
