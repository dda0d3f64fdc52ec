"""Hooks with real commands: what they are given, and that nothing of them stays."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faxhw.serve.commands import Running, end_orphan, start
from faxhw.serve.config import Hook, Kind
from faxhw.serve.events import Event
from faxhw.serve.hooks import Spool

pytestmark = pytest.mark.interop

EVENT = Event(Kind.SENT, "front", "1f", file="/in/ü.tif", caller_name="x" * 200_000)
"""More than a pipe holds."""


def soon(true: Callable[[], object]) -> None:
    """Wait for something that comes true within a few seconds."""
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def open_files() -> set[str]:
    return {each.name for each in Path("/proc/self/fd").iterdir()}


def script(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "hook"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return (str(path), str(tmp_path / "out"))


def ended(running: Running) -> int | None:
    soon(lambda: running.poll() is not None)
    return running.poll()


def deliver_until(spool: Spool, true: Callable[[], object]) -> None:
    def delivered() -> object:
        spool.deliver_due()
        return true()

    soon(delivered)


def test_what_a_command_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/x")
    command = script(tmp_path, 'cat > "$1"; env > "$1.env"; ls /proc/self/fd > "$1.fd"; echo told; exit 7')
    environment = EVENT.as_environment() | {"FAXHW_CALLER_NAME": ""}
    assert ended(start(command, EVENT.as_json().encode(), environment)) == 7
    assert json.loads((tmp_path / "out").read_text()) == EVENT.as_dict()
    given = (tmp_path / "out.env").read_text()
    assert "FAXHW_FILE=/in/ü.tif\n" in given
    assert "NOTIFY_SOCKET" not in given
    assert (tmp_path / "out.fd").read_text().split() == ["0", "1", "2", "3"], "the last is that of ls itself"


def test_a_command_that_reads_nothing(tmp_path: Path) -> None:
    assert ended(start(script(tmp_path, "exit 0"), b"x" * 1_000_000, {})) == 0


def test_nothing_of_a_command_stays(tmp_path: Path) -> None:
    command = script(tmp_path, 'sleep 60 & echo $! > "$1"; exit 0')
    assert ended(start(command, b"", {})) == 0
    soon(lambda: not alive(int((tmp_path / "out").read_text())))


def test_a_command_that_will_not_end(tmp_path: Path) -> None:
    command = script(tmp_path, 'trap "" TERM; sleep 60 & echo $! > "$1"; wait; sleep 60')
    running = start(command, b"", {})
    soon(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text().strip())
    assert running.poll() is None
    running.kill()
    running.kill()
    assert running.poll() == -9
    soon(lambda: not alive(int((tmp_path / "out").read_text())))


def test_a_command_whose_starter_has_died_is_ended_and_no_other(tmp_path: Path) -> None:
    running = start(script(tmp_path, 'sleep 60 & echo $! > "$1"; wait'), b"", {})
    soon(lambda: (tmp_path / "out").exists() and (tmp_path / "out").read_text().strip())
    number, began, host = running.identity.split()
    for other in (f"{number} {int(began) + 1} {host}", f"{number} {began} x", number, "", "1 0 0", "x y z"):
        assert not end_orphan(other)
    assert running.poll() is None
    assert end_orphan(running.identity)
    soon(lambda: not alive(int((tmp_path / "out").read_text())))
    assert ended(running) == -9
    assert not end_orphan(running.identity)


def test_no_such_command() -> None:
    before = open_files()
    with pytest.raises(FileNotFoundError):
        start(("/no/such/command",), b"", {})
    assert open_files() == before


def test_a_spool_with_real_commands(tmp_path: Path) -> None:
    command = script(
        tmp_path, 'cat > "$1.new"; test -e "$1.ready" || { touch "$1.ready"; exit 1; }; mv "$1.new" "$1"'
    )
    spool = Spool(tmp_path / "spool", (Hook(command, first_wait=1),))
    spool.put(Event(Kind.SENT, "front", "1"))
    deliver_until(spool, (tmp_path / "out").exists)
    deliver_until(spool, lambda: not spool.pending)
    assert json.loads((tmp_path / "out").read_text())["kind"] == "sent"
    assert list(spool.directory.glob("*.json")) == []


def test_a_service_that_is_killed_tells_after_a_restart(tmp_path: Path) -> None:
    """The process that put the event dies without a word; the next one delivers it."""
    command = script(tmp_path, 'cat > "$1"')
    dying = (
        "import os, signal\nfrom pathlib import Path\n"
        "from faxhw.serve.config import Hook, Kind\nfrom faxhw.serve.events import Event\n"
        "from faxhw.serve.hooks import Spool\n"
        f"spool = Spool(Path({str(tmp_path / 'spool')!r}), (Hook({command!r}),))\n"
        "spool.put(Event(Kind.RECEIVED, 'front', '1'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", dying]) == -9
    spool = Spool(tmp_path / "spool")
    deliver_until(spool, (tmp_path / "out").exists)
    spool.close()
