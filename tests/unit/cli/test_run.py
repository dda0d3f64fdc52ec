"""``faxhw run``: an application, its arguments, and how it may end."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.cli.shell import Exit

from .bench import PaperDriver, Shell, one_line


def application(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "app.py"
    head = "def main(channel, application_instance_id, file_man, my_log, application_parameters):\n"
    path.write_text(
        "import faxhw\n" + head + "".join(f"    {line}\n" for line in body.splitlines()), encoding="utf-8"
    )
    return path


def test_run(shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = application(
        tmp_path,
        "channel.wait_for_call(); channel.answer()\n"
        "channel.FaxReceiver.receive(filename=file_man.path(application_parameters.split()[0]))\n"
        "file_man.write('note.txt', application_parameters.encode())\n"
        "my_log.info('the fax is %s', application_instance_id and 'here')\n"
        "print(file_man.names())",
    )
    said = shell("run", app, "paper:1", "in.tif", "--rest")
    assert said.code == Exit.NORMAL
    assert said.out == "['app.py', 'in.tif', 'note.txt']\n"
    assert said.err == "INFO the fax is here\n"
    assert (tmp_path / "note.txt").read_text() == "in.tif --rest"
    assert driver.device.said[-2:] == ["hang up", "close"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("channel.wait_for_call()\nraise faxhw.Hangup('not today')", Exit.NO_CALL, "not today"),
        ("channel.wait_for_call(); channel.answer()\nraise faxhw.Hangup('done')", Exit.NORMAL, ""),
        ("raise faxhw.Error('it will not do')", Exit.FAILED, "it will not do"),
        ("channel.wait_for_call(); channel.answer()\n1 / 0", Exit.FAILED, "ZeroDivisionError"),
        ("file_man.read('../secret')", Exit.USAGE, "app.py: '../secret' is not a file in"),
        ("channel.call('ATH')", Exit.USAGE, "app.py: "),
    ],
)
def test_how_an_application_ends(
    shell: Shell, driver: PaperDriver, tmp_path: Path, *, body: str, code: Exit, message: str
) -> None:
    said = shell("run", application(tmp_path, body), "paper:1")
    assert said.code == code
    assert message in said.err
    assert driver.device.said[-1] == "close"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("main = 3", "has no function main"),
        (
            "def main(channel): pass",
            "its main takes other arguments than main(channel, application_instance_id",
        ),
        ("\n1 / 0", "app.py:2)"),
        ("def main(:", "cannot be loaded: SyntaxError"),
        ("import no_such_module_anywhere", "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_an_application_that_cannot_be_loaded(
    shell: Shell, driver: PaperDriver, tmp_path: Path, text: str, message: str
) -> None:
    app = tmp_path / "app.py"
    app.write_text(text)
    said = shell("run", app, "paper:1")
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)
    assert driver.device.said == []
