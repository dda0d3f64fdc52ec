"""What is wrong with a command line is told in one line, and nothing reaches the telephone line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxhw.cli.shell import Exit
from faxhw.device import IncomingCall

from .bench import PaperDriver, Shell, one_line


def test_a_file_is_replaced_only_by_force(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    target = tmp_path / "fax.tif"
    target.write_text("precious")
    said = shell("receive", "paper:1", target)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == (f"faxhw: {target} exists: name another file, or give --force to replace it")
    assert driver.device.said == []
    assert target.read_text() == "precious"
    assert shell("receive", "paper:1", target, "--force").code == Exit.NORMAL
    assert target.read_bytes()[:4] == b"II*\0"


def test_a_file_that_comes_to_be_while_a_call_is_awaited_is_not_replaced(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "fax.tif"
    call = IncomingCall()
    monkeypatch.setattr(
        driver.device, "wait_for_call", lambda timeout, rings: (target.write_text("precious"), call)[1]
    )
    said = shell("receive", "paper:1", target)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == f"faxhw: {target} exists: name another file, or give --force to replace it"
    assert "answer" not in driver.device.said
    assert target.read_text() == "precious"


def test_a_file_that_comes_to_be_while_the_fax_comes_is_not_replaced(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "fax.tif"
    answer = driver.device.answer
    monkeypatch.setattr(
        driver.device, "answer", lambda timeout: (target.write_text("precious"), answer(timeout))[1]
    )
    said = shell("receive", "paper:1", target)
    assert said.code == Exit.FAILED
    assert "it exists already, and is not to be replaced" in one_line(said.err)
    assert target.read_text() == "precious"


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("Ecm=YES", "did you mean ECM?"),
        ("Shoe=41", "unknown fax option 'Shoe'"),
        ("v17=MAYBE", "v17 is YES or NO"),
        ("MinDataRate=14401", "MinDataRate is 2400,"),
        ("MinDataRate", "give NAME=VALUE"),
        ("T38=YES", "T.30 only; leave the option out"),
        ("PageWidth=A3", "the device cannot do it; change it"),
    ],
)
def test_a_bad_option_reaches_no_line(
    shell: Shell, driver: PaperDriver, tmp_path: Path, option: str, hint: str
) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--option", option)
    assert said.code == Exit.USAGE
    assert hint in one_line(said.err)
    assert set(driver.device.said) <= {"close"}


def test_options_that_exclude_each_other(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    target = tmp_path / "fax.tif"
    said = shell("receive", "paper:1", target, "--option", "v17=NO", "--option", "MinDataRate=14400")
    assert said.code == Exit.USAGE
    assert "v17=NO, MinDataRate=14400 cannot be" in one_line(said.err)
    assert one_line(said.err).endswith("; change one of them")
    assert driver.device.said == []
    said = shell("receive", "paper:1", target, "--option", "v17=NO", "--option", "v17=YES")
    assert one_line(said.err) == "faxhw: --option v17 is given twice"


def test_a_file_that_cannot_be(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is a directory; name a file in it" in one_line(shell("receive", "paper:1", tmp_path).err)
    for name in (f"{tmp_path}/fax.tif/", f"{tmp_path}//", f"{tmp_path}/nowhere/"):
        said = shell("receive", "paper:1", name)
        assert said.code == Exit.USAGE
        assert f"{name} is the name of a directory; name a file in it" in one_line(said.err)
    said = shell("receive", "paper:1", tmp_path / "nowhere" / "fax.tif")
    assert said.code == Exit.USAGE
    assert "there is no directory" in one_line(said.err)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.USAGE
    assert "cannot be written" in one_line(said.err)
    assert driver.device.said == []


def test_a_device_that_cannot_be_opened(shell: Shell, tmp_path: Path) -> None:
    said = shell("receive", "paper:busy", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.NO_DEVICE
    assert "in use by another program" in one_line(said.err)
    assert said.json["exit"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["receive", "paper:1"], "faxhw: Missing argument 'FILE' (faxhw receive --help tells more)"),
        (["fly"], "faxhw: No such command 'fly' (faxhw --help tells more)"),
        (["explain", "f"], "faxhw: an odd number of hexadecimal digits"),
        (["run", "/no/such/app.py", "paper:1"], "does not exist (faxhw run --help tells more)"),
        (["send", "paper:1", "12345", "/no/such/file"], "faxhw: there is no file /no/such/file to send"),
    ],
)
def test_wrong_use_is_told_in_one_line(shell: Shell, arguments: list[str], message: str) -> None:
    said = shell(*arguments)
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)


def test_no_command_is_wrong_use_and_shows_the_commands(shell: Shell) -> None:
    said = shell()
    assert said.code == Exit.USAGE
    assert "receive" in said.err
    assert shell("--json").json == {"exit": 2, "error": "no command was given"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "fly"],
        ["fly", "--json"],
        ["receive", "paper:1", "--nope", "--json"],
        ["--json", "receive", "paper:1"],
        ["receive", "paper:1", "fax.tif", "--timeout", "nan", "--json"],
        ["receive", "paper:1", "fax.tif", "--json", "--device-option", "profile"],
        ["send", "paper:1", "12;34", "fax.tif", "--json"],
    ],
)
def test_wrong_use_is_told_to_machines_too(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = shell(*arguments)
    assert said.code == Exit.USAGE
    assert said.json == {"exit": 2, "error": one_line(said.err).removeprefix("faxhw: ")}
    assert driver.device.said == []


@pytest.mark.parametrize("option", ["profile", "=x"])
def test_options_of_the_driver_have_names_and_values(shell: Shell, tmp_path: Path, option: str) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--device-option", option)
    assert said.code == Exit.USAGE
    assert "give NAME=VALUE, such as profile=generic" in one_line(said.err)
