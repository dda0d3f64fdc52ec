"""The shell, with a driver of paper and no other."""

from __future__ import annotations

import pytest

from faxhw import device as finding
from faxhw.cli import simulate
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import execute
from faxhw.device import Driver

from .bench import PaperDriver, Said, Shell


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> PaperDriver:
    paper = PaperDriver()

    def load(name: str) -> Driver:
        return paper

    monkeypatch.setattr(finding, "drivers", lambda: {"paper": None})
    monkeypatch.setattr(finding, "load_driver", load)
    monkeypatch.setattr(simulate, "load_driver", load)
    return paper


@pytest.fixture
def shell(driver: PaperDriver, capsys: pytest.CaptureFixture[str]) -> Shell:
    def run(*arguments: object) -> Said:
        code = execute(faxhw, [str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
