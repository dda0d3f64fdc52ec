"""Hooks on a clock that a test moves, with commands that a test ends: tries, waits, restarts, crashes."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from faxhw.errors import StorageError
from faxhw.serve.config import GivenUp, Hook, Kind
from faxhw.serve.events import Event
from faxhw.serve.hooks import AT_ONCE, Spool
from tests.unit.crashing_disk import Disk, recorded

from .bench import START, SetClock

EVENT = Event(
    kind=Kind.RECEIVED,
    line="front",
    id="1f",
    file="/in/a.tif",
    pages=2,
    cause="NORMAL",
    caller="0123",
    started=START,
    ended=START,
)
HOOK = Hook(("notify", "now"), tries=3, timeout=60, first_wait=10)


class StillClock(SetClock):
    """All of its time is moved by a test."""

    def monotonic(self) -> float:
        return self.moment


@dataclass
class Command:
    """A command that a test ends."""

    command: Sequence[str]
    said: bytes
    environment: Mapping[str, str]
    code: int | None = None
    killed: bool = False
    identity: str = "no process"

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.killed = True


@dataclass
class Bench:
    """A spool that can be opened again, on the same directory and clock."""

    directory: Path
    clock: StillClock = field(default_factory=StillClock)
    started: list[Command] = field(default_factory=list)
    refused: OSError | None = None

    def __post_init__(self) -> None:
        self.spool = self.open()

    def open(self, *hooks: Hook) -> Spool:
        self.spool = Spool(self.directory / "hooks", hooks or (HOOK,), self.clock, self.start)
        return self.spool

    def start(self, command: Sequence[str], said: bytes, environment: Mapping[str, str]) -> Command:
        if self.refused:
            raise self.refused
        self.started.append(Command(command, said, environment))
        return self.started[-1]

    def tries_until(self, seconds: float) -> int:
        """How many commands were started when so much time has passed, each ending with 1 at once."""
        for _ in range(int(seconds)):
            self.spool.deliver_due()
            for each in self.started:
                each.code = 1
            self.clock.sleep(1)
        return len(self.started)

    @property
    def files(self) -> list[str]:
        return sorted(
            str(each.relative_to(self.spool.directory).parent / each.suffix)
            for each in self.spool.directory.rglob("*")
            if each.is_file()
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_hook_is_told(bench: Bench) -> None:
    bench.spool.put(EVENT)
    assert (bench.started, bench.files) == ([], [".json"])
    bench.spool.deliver_due()
    (command,) = bench.started
    assert command.command == HOOK.command
    assert json.loads(command.said) == {
        "kind": "received",
        "line": "front",
        "id": "1f",
        "file": "/in/a.tif",
        "pages": 2,
        "cause": "NORMAL",
        "raw_cause": "",
        "raw_cause_text": "",
        "caller": "0123",
        "caller_name": "",
        "called": "",
        "remote_id": "",
        "started": "2026-03-02T10:00:00+00:00",
        "ended": "2026-03-02T10:00:00+00:00",
        "job": None,
    }
    assert command.environment["FAXHW_KIND"] == "received"
    assert command.environment["FAXHW_FILE"] == "/in/a.tif"
    assert command.environment["FAXHW_PAGES"] == "2"
    assert command.environment["FAXHW_JOB"] == ""
    assert bench.spool.pending == 1
    command.code = 0
    bench.spool.deliver_due()
    assert (bench.files, bench.spool.pending) == ([], 0)
    bench.spool.deliver_due()
    assert len(bench.started) == 1


def test_only_those_are_told_that_want_it(bench: Bench) -> None:
    bench.open(
        replace(HOOK, command=("a",), on=frozenset({Kind.SENT})),
        replace(HOOK, command=("b",), lines=("back",)),
        replace(HOOK, command=("c",), lines=("back", "front")),
        replace(HOOK, command=("d",)),
    )
    bench.spool.put(EVENT)
    bench.spool.deliver_due()
    assert sorted(each.command[0] for each in bench.started) == ["c", "d"]


def test_tries_and_waits(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.spool.put(EVENT)
    assert bench.tries_until(10) == 1
    assert bench.tries_until(20) == 2
    assert bench.tries_until(1000) == 3
    assert bench.files == ["failed/.json"]
    assert [each.levelname for each in caplog.records] == ["WARNING", "WARNING", "ERROR"]
    assert "hook notify, received fax 1f on front: it ended with 1; again in 20 s" in caplog.text
    assert "given up, see" in caplog.text
    (failed,) = (bench.spool.directory / "failed").iterdir()
    failed.replace(bench.spool.directory / failed.name)
    assert bench.tries_until(10) == 3, "what is put back as it is was tried often enough"
    assert bench.files == ["failed/.json"]


def test_a_command_that_takes_too_long_is_killed(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.spool.put(EVENT)
    bench.spool.deliver_due()
    bench.clock.sleep(59)
    bench.spool.deliver_due()
    assert [each.killed for each in bench.started] == [False]
    bench.clock.sleep(1)
    bench.spool.deliver_due()
    assert [each.killed for each in bench.started] == [True, False], "the next try was due long since"
    assert "it took longer than 60 s; again in 10 s" in caplog.text


def test_a_command_that_cannot_be_started(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.refused = FileNotFoundError(errno.ENOENT, "No such file or directory")
    bench.spool.put(EVENT)
    bench.spool.deliver_due()
    assert "No such file or directory; again in 10 s" in caplog.text
    bench.refused = None
    bench.clock.sleep(10)
    bench.spool.deliver_due()
    assert len(bench.started) == 1


def test_a_restart_goes_on_where_it_was(bench: Bench) -> None:
    bench.spool.put(EVENT)
    bench.spool.deliver_due()
    bench.spool.close()
    assert bench.started[0].killed
    bench.open()
    bench.spool.deliver_due()
    assert len(bench.started) == 1, "the next try is not due yet"
    bench.clock.sleep(10)
    bench.spool.deliver_due()
    assert len(bench.started) == 2
    bench.open()  # and nobody closed it
    assert bench.tries_until(1000) == 3
    assert bench.files == ["failed/.json"]


def test_what_was_given_up_is_kept_for_so_long_and_so_many(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    hook = replace(HOOK, tries=1)
    bench.open(hook).failed.limits = GivenUp(keep_days=2, keep=3)

    def give_up(*ids: str) -> None:
        for each in ids:
            bench.spool.put(replace(EVENT, id=each))
            bench.tries_until(2)

    def kept() -> list[str]:
        files = sorted(bench.spool.failed.directory.iterdir(), key=lambda file: file.stat().st_mtime)
        assert len(bench.spool.failed) == len(files)
        return [json.loads(each.read_bytes())["event"]["id"] for each in files]

    give_up("1", "2", "3")
    assert kept() == ["1", "2", "3"]
    give_up("4", "5")
    assert kept() == ["3", "4", "5"]
    bench.clock.sleep(1.5 * 86400)
    give_up("6")
    assert kept() == ["4", "5", "6"]
    bench.clock.sleep(86400)
    bench.spool.deliver_due()
    assert kept() == ["6"]
    assert "2 events that were given up are not kept any longer" in caplog.text
    bench.clock.sleep(31 * 86400)
    bench.open().deliver_due()
    assert kept() == []


def test_a_clock_that_was_put_back_holds_nothing_up(bench: Bench) -> None:
    bench.spool.put(EVENT)
    bench.clock.moment -= 365 * 86400.0
    assert bench.tries_until(1) == 1
    bench.clock.moment -= 365 * 86400.0
    assert bench.tries_until(1) == 2


def test_an_event_that_is_put_twice_is_told_once(bench: Bench) -> None:
    bench.spool.put(EVENT)
    assert bench.tries_until(5) == 1
    bench.spool.put(EVENT)
    other = Spool(bench.spool.directory, (HOOK,), bench.clock)  # another process
    other.put(EVENT)
    other.put(replace(EVENT, id="20"))
    assert bench.tries_until(1) == 2
    assert bench.started[1].environment["FAXHW_ID"] == "20"


def test_so_many_at_once(bench: Bench) -> None:
    for number in range(AT_ONCE + 3):
        bench.spool.put(replace(EVENT, id=f"{number}"))
    bench.spool.deliver_due()
    assert (len(bench.started), bench.spool.pending) == (AT_ONCE, AT_ONCE + 3)
    bench.started[0].code = 0
    bench.spool.deliver_due()
    assert len(bench.started) == AT_ONCE + 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"event": {"kind": "x"}, "command": []}', "\xff"])
def test_a_file_that_is_no_delivery(bench: Bench, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (bench.spool.directory / "x.json").write_text(text, encoding="latin-1")
    bench.spool.put(EVENT)
    bench.spool.deliver_due()
    assert len(bench.started) == 1
    assert "x.json cannot be delivered" in caplog.text
    assert bench.files == [".json", ".running", "failed/.json"]


def test_a_full_disk(bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    bench.spool.put(EVENT)

    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StorageError, match=r"received fax 2 on front cannot be kept.*No space left"):
        bench.spool.put(replace(EVENT, id="2"))
    bench.spool.deliver_due()
    assert len(bench.started) == 1, "what was put before is told"
    assert "a try cannot be noted" in caplog.text
    bench.started[0].code = 0
    bench.spool.deliver_due()
    assert bench.files == []


def test_a_spool_that_cannot_be_written_tells_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench.spool.put(EVENT)
    bench.spool.deliver_due()

    def read_only(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "unlink", read_only)
    bench.started[0].code = 0
    for _ in range(3):
        bench.spool.deliver_due()
    assert len(bench.started) == 1
    assert caplog.text.count("cannot be removed, and will be told of once more") == 1


def test_what_a_killed_process_left_is_removed(bench: Bench) -> None:
    left, fresh = (bench.spool.directory / f".faxhw-{name}.tmp" for name in "ab")
    for each in (left, fresh):
        each.touch()
    now = bench.clock.now().timestamp()
    os.utime(left, (now, now - 4000))
    os.utime(fresh, (now, now))
    bench.open()
    assert (left.exists(), fresh.exists()) == (False, True)


def test_texts_of_the_line_do_no_harm() -> None:
    told = Event(Kind.FAILED, "front", "1", caller_name="a\0b\n\x1b[31m", remote_id="x" * 20)
    environment = told.as_environment()
    assert environment["FAXHW_CALLER_NAME"] == "ab[31m"
    assert "\n" not in told.as_json()
    assert Event.from_dict(json.loads(told.as_json())) == told


@pytest.mark.parametrize("told", [{}, {"kind": "received"}, {"kind": "lost", "line": "", "id": ""}])
def test_what_is_no_event(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is no|is not a valid"):
        Event.from_dict(told)


# ----------------------------------------------------------------------------------------------------------
# A crash at any moment


def test_whenever_the_machine_stops_what_was_put_is_told(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From ``put`` on, and until the command has ended well, the delivery is on disk and can be read."""
    with recorded(monkeypatch) as log:
        bench.spool.put(EVENT)
        log.append(("put", None, None))
        bench.spool.deliver_due()
        bench.started[0].code = 1
        bench.clock.sleep(20)
        bench.spool.deliver_due()
        bench.spool.deliver_due()
        bench.started[1].code = 0
        log.append(("taken", None, None))
        bench.spool.deliver_due()
    (name,) = {Path(arguments[1]) for operation, arguments, _ in log if operation == "replace"}
    disk, was_put, taken, looked_at = Disk({}, {}), False, False, 0
    for operation, arguments, result in log:
        was_put, taken = was_put or operation == "put", taken or operation == "taken"
        disk.perform(operation, arguments, result)
        for number, content in enumerate(disk.after_crash(name)):
            looked_at += 1
            if content is None:
                assert taken or not was_put
                continue
            again = Bench(tmp_path / f"{looked_at}-{number}", bench.clock)
            (again.spool.directory / name.name).write_bytes(content)
            bench.clock.sleep(1000)
            again.spool.deliver_due()
            assert [each.said for each in again.started] == [EVENT.as_json().encode()]
    assert taken
    assert looked_at > 20
