"""The progress display of a terminal; whole runs in ``test_faxes`` show the plain one."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from faxhw.cli.progress import Live, Plain, Silent, progress
from faxhw.cli.shell import Shell
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Standard output is a terminal; what it has shown, at the end. (After fixtures pytest sets it anew.)"""
    shown: list[bytes] = []
    other_end, end = pty.openpty()
    with monkeypatch.context() as patch, os.fdopen(end, "w") as stdout:
        patch.setenv("TERM", "xterm")
        patch.setattr(sys, "stdout", stdout)
        yield shown
    with suppress(OSError):  # the terminal's way of saying that there is no more
        while True:
            shown.append(os.read(other_end, 4096))
    os.close(other_end)


def test_the_last_line_tells_what_goes_on_and_for_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimulatedClock(World())
    octets = 100
    with terminal(monkeypatch) as screen:
        live = Live(clock)
        with live.display:
            live.doing("receiving page 1", lambda: f"{octets} octets")
            clock.sleep(7.2)
            octets = 200
            live.display.refresh()
            live.say("page 1: [bold]GOOD")
            live.doing("finishing")
            live.display.refresh()
    shown = b"".join(screen).decode()
    assert "receiving page 1, 200 octets, 7 s" in shown
    assert "page 1: [bold]GOOD" in shown
    assert "finishing, 0 s" in shown


@pytest.mark.parametrize(
    ("shell", "kind"), [(Shell(), Live), (Shell(json=True), Silent), (Shell(verbosity=1), Plain)]
)
def test_what_fits_a_terminal(shell: Shell, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch), progress(shell) as news:
        assert type(news) is kind


def test_a_file_gets_plain_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "log").open("w") as log:
        monkeypatch.setattr(sys, "stdout", log)
        with progress(Shell()) as news:
            news.doing("waiting")
    assert (tmp_path / "log").read_text() == "waiting\n"
