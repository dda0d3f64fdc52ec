"""What commands say and where: output that nobody takes, ``-v`` and ``--json``, options of the driver."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit, execute

from .bench import PaperDriver, Shell, one_line

FULL = Path("/dev/full")
Run = Callable[..., Exit]


def run(*arguments: object) -> Exit:
    return execute(faxhw, [str(each) for each in arguments])


@pytest.fixture
def run_with_a_full_disk(driver: PaperDriver, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Standard output is on a full disk."""
    if not FULL.exists():
        pytest.skip(f"there is no {FULL} here")

    def run_so(*arguments: object) -> Exit:
        with io.TextIOWrapper(FULL.open("wb")) as output, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", output)
            return run(*arguments)

    return run_so


def test_a_fax_goes_on_when_nobody_reads_of_it(
    run_with_a_full_disk: Run, driver: PaperDriver, tmp_path: Path
) -> None:
    assert run_with_a_full_disk("receive", "paper:1", tmp_path / "fax.tif") == Exit.NORMAL
    assert driver.device.said[-4:] == ["MCF", "MCF", "hang up", "close"]


def test_a_result_that_cannot_be_printed(
    run_with_a_full_disk: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is the fax's."""
    assert run_with_a_full_disk("receive", "paper:1", tmp_path / "fax.tif", "--json") == Exit.NORMAL
    assert "standard output cannot be written: No space left" in one_line(capsys.readouterr().err)


def test_a_failure_that_cannot_be_printed(
    run_with_a_full_disk: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with_a_full_disk("receive", "paper:busy", tmp_path / "x.tif", "--json") == Exit.NO_DEVICE
    assert [line.split(":")[1] for line in capsys.readouterr().err.splitlines()] == [
        " paper",
        " standard output cannot be written",
    ]


@pytest.mark.parametrize(
    "arguments", [["options"], ["options", "--json"], ["devices"], ["explain", "ff138c"]]
)
def test_a_list_that_cannot_be_printed(
    run_with_a_full_disk: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with_a_full_disk(*arguments) == Exit.FAILED
    assert "standard output cannot be written: No space left" in one_line(capsys.readouterr().err)


@pytest.mark.usefixtures("driver")
def test_without_any_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run("receive", "paper:1", tmp_path / "fax.tif") == Exit.NORMAL
    assert run("receive", "paper:busy", tmp_path / "another.tif") == Exit.NO_DEVICE


@pytest.mark.parametrize(
    ("arguments", "traces", "details"),
    [
        (["receive"], 0, False),
        (["-v", "receive"], 1, False),
        (["receive", "-v"], 1, False),
        (["-v", "receive", "-v"], 1, True),
    ],
)
def test_tracing_may_be_asked_for_before_the_command(
    shell: Shell, tmp_path: Path, arguments: list[str], *, traces: int, details: bool
) -> None:
    shell("-vv", "options")
    said = shell(*arguments, "paper:1", tmp_path / "fax.tif")
    assert said.err.count("the fax starts") == traces
    assert ("'pages': 1" in said.err) == details


def test_a_result_for_machines_may_be_asked_for_before_the_command(shell: Shell) -> None:
    assert shell("--json", "devices").json["exit"] == 0


def test_options_for_the_driver(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("def main(*_): pass\n", encoding="utf-8")
    options = ["--device-option", "fold=twice", "--device-option", "device=a=b"]
    for arguments in (
        ["receive", *options, "paper:1", tmp_path / "fax.tif"],
        ["send", "paper:1", "123", tmp_path / "fax.tif", *options],
        ["probe", "paper:1", *options],
        ["run", *options, app, "paper:1", "--device-option", "mine=1"],
    ):
        driver.options = {}
        shell(*arguments)
        assert driver.options == {"fold": "twice", "device": "a=b"}
