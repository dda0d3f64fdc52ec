"""The shell, with a driver of paper and no other."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest

from faxhw import finding
from faxhw.cli import simulate
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import execute
from faxhw.device import Driver

from .bench import PaperDriver, Said, Shell


@pytest.fixture(autouse=True)
def _interrupts_as_at_a_terminal() -> Iterator[None]:
    """A shell that runs the tests in the background has them ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    package = logging.getLogger("faxhw")
    handlers, level = [*package.handlers], package.level
    yield
    package.handlers[:], package.level = handlers, level


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
