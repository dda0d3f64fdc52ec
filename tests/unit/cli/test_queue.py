"""``faxhw queue`` and ``faxhw send --queue`` against a service in this process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from faxhw.cli import queueing
from faxhw.cli.queueing import moment
from faxhw.cli.shell import Exit
from faxhw.clock import SystemClock
from faxhw.errors import UsageError
from faxhw.fax.call import CallCause
from faxhw.fax.causes import Cause
from faxhw.serve.jobs import Job, JobState
from faxhw.serve.ledger import local
from tests.unit.fax_far_end import drawn, saved
from tests.unit.serve.bench import MINUTE, START, Service

from .bench import Shell, one_line


def clock(minutes: int = 0) -> str:
    """The service's time, as it is shown."""
    return local(START.timestamp() + minutes * MINUTE).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path) as running:
        yield running


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return saved(tmp_path / "out.tif", drawn(), drawn()).path


@pytest.fixture
def queue(shell: Shell, service: Service) -> Shell:
    return lambda *arguments: shell("queue", *arguments, "--socket", service.socket)


@pytest.fixture
def send(shell: Shell, service: Service, document: Path) -> Shell:
    return lambda *options: shell("send", "--queue", "123 45", document, "--socket", service.socket, *options)


def test_submit_list_and_change(send: Shell, queue: Shell, service: Service) -> None:
    said = send("--priority", 9, "--option", "HighRes=NO")
    assert (said.code, said.err) == (Exit.NORMAL, "")
    line = "fax 1 to 123 45, {}, 0 of 2 pages sent, {}out.tif{}\n"
    assert said.out == line.format("WAITING", f"due {clock()}, ", "")
    assert queue().out == said.out
    assert queue("hold", 1).out == line.format("HELD", "", ", It was held.")
    assert queue("release", 1).out == said.out
    assert queue("cancel", 1).out == line.format("CANCELLED", "", ", It was cancelled.")
    assert queue("list").out == "no fax waits\n"
    assert queue("list", "--all").out == queue("cancel", 1).out
    assert queue("retry", 1).out == said.out
    job = service.run(lambda it: it.ledger.job(1))
    assert (job.priority, job.options, job.pages, job.name) == (9, {"HighRes": "NO"}, 2, "out.tif")


def test_for_machines(send: Shell, queue: Shell) -> None:
    job = send("--json").json["job"]
    assert isinstance(job, dict)
    assert (job["id"], job["state"], job["number"]) == (1, "WAITING", "123 45")
    assert queue("--json").json["jobs"] == [job]
    assert queue("list", "--json").json == {"exit": 0, "jobs": [job]}
    assert queue("show", 1, "--json").json == {"exit": 0, "job": job, "calls": []}


def test_what_a_failure_looks_like(send: Shell, queue: Shell, service: Service) -> None:
    send()
    service.run(lambda it: it.done(claimed(it.next_for("front")), CallCause.BUSY, "BUSY"))
    note = "The number is busy."
    assert queue("show", 1).out.splitlines() == [
        f"fax 1 to 123 45, WAITING, 0 of 2 pages sent, due {clock(3)}, out.tif, BUSY: " + note,
        f"  {clock()} on front: BUSY (BUSY)",
    ]


def claimed(job: Job | None) -> Job:
    assert job is not None
    return job


def test_cancelled_while_it_is_sent(send: Shell, queue: Shell, service: Service) -> None:
    send()
    service.run(lambda it: it.next_for("front"))
    assert "SENDING, 0 of 2 pages sent, on front, ending" in queue("cancel", 1).out
    assert [job.id for job in service.ended] == [1]
    assert queue("hold", 1).code == Exit.NORMAL
    assert [job.id for job in service.ended] == [1, 1]  # it is being ended, and stays so


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cancel", 9), "there is no fax 9 in the queue"),
        (("cancel", "x"), "'x' is not a valid integer"),
        (("cancel",), "Missing argument 'ID'"),
        (("cansel", 1), "No such command 'cansel'"),
    ],
)
def test_wrong_use(queue: Shell, arguments: tuple[object, ...], message: str) -> None:
    said = queue(*arguments)
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--queue", "123"), "Missing argument 'FILE'"),
        (("--queue", "paper:1", "123", "{}"), "unexpected extra argument"),
        (("paper:1", "123"), "Missing argument 'FILE'"),
        (("paper:1", "123", "{}", "{}"), "unexpected extra argument"),
        (("paper:1", "123", "{}", "--at", "18:00"), "--at goes only with --queue"),
        (("paper:1", "123", "{}", "--wait"), "--wait goes only with --queue"),
        (("--queue", "123", "{}", "--timeout", "3"), "--timeout goes not with --queue"),
        (("--queue", "123", "{}", "--at", "noon"), "give HH:MM"),
        (("--queue", "123", "{}", "--priority", "10"), "1<=x<=9"),
        (("--queue", "call me", "{}"), "not a telephone number"),
        (("--queue", "123", "{}", "--option", "Ecm=NO"), "did you mean ECM"),
        (("--queue", "123", "nothing.tif"), "there is no file nothing.tif"),
        (("--queue", "123", "{}", "--first-page", "3"), "none to begin with at page 3"),
        (("--queue", "123", "{}", "--hours", "Mon"), "knows no hours of single faxes"),
    ],
)
def test_orders_that_are_refused(
    shell: Shell, service: Service, document: Path, arguments: tuple[str, ...], message: str
) -> None:
    socket = ("--socket", service.socket) if "--queue" in arguments else ()
    said = shell("send", *(each.format(document) for each in arguments), *socket)
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)
    assert service.run(lambda it: it.ledger.jobs()) == []


def test_no_service(shell: Shell, tmp_path: Path, document: Path) -> None:
    for command in (("queue",), ("send", "--queue", "1", document)):
        said = shell(*command, "--socket", tmp_path / "nothing")
        assert said.code == Exit.NO_DEVICE
        assert "no service runs at" in one_line(said.err)


# ----------------------------------------------------------------------------------------------------------
# Waiting


class Meanwhile(SystemClock):
    """Something happens whenever the command waits."""

    def __init__(self, *events: Callable[[], object]) -> None:
        self._events = list(events)

    def sleep(self, seconds: float) -> None:
        self._events.pop(0)()


def waiting(monkeypatch: pytest.MonkeyPatch, *events: Callable[[], object]) -> None:
    monkeypatch.setattr(queueing, "CLOCK", Meanwhile(*events))


def test_wait_until_it_is_sent(send: Shell, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Job] = []

    def claim() -> None:
        jobs.append(claimed(service.run(lambda it: it.next_for("front"))))

    waiting(
        monkeypatch,
        claim,
        lambda: None,
        lambda: service.run(lambda it: it.progress(jobs[0], 1)),
        lambda: service.run(lambda it: it.done(jobs[0], Cause.NORMAL, "0x00", 2)),
    )
    said = send("--wait")
    assert (said.code, said.err) == (Exit.NORMAL, "")
    assert said.out.splitlines() == [
        f"fax 1 to 123 45, WAITING, 0 of 2 pages sent, due {clock()}, out.tif",
        "fax 1 to 123 45, SENDING, 0 of 2 pages sent, on front, out.tif",
        "fax 1 to 123 45, SENDING, 1 of 2 pages sent, on front, out.tif",
        "fax 1 to 123 45, DONE, 2 of 2 pages sent, out.tif",
    ]


def test_wait_for_one_that_fails(send: Shell, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        service.run(lambda it: it.done(claimed(it.next_for("front")), CallCause.CHANGED, ""))

    waiting(monkeypatch, fail)
    said = send("--wait", "--json")
    assert said.code == said.json["exit"] == Exit.FAILED
    assert one_line(said.err) == (
        "faxhw: fax 1 is FAILED: The number has changed. It was given up: another call would end the same."
    )


def test_waiting_is_interrupted(send: Shell, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
    said = send("--wait")
    assert said.code == Exit.INTERRUPTED
    assert one_line(said.err) == "faxhw: interrupted; fax 1 stays in the queue"
    assert service.run(lambda it: it.ledger.job(1)).state is JobState.WAITING


def test_the_service_stops_meanwhile(send: Shell, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(monkeypatch, service.stop)
    said = send("--wait")
    assert said.code == Exit.NO_DEVICE
    assert "fax 1 stays in the queue, but no service runs" in one_line(said.err)


def test_at() -> None:
    now = datetime(2026, 3, 2, 10, 30).astimezone()
    assert moment("18:05", now) == datetime(2026, 3, 2, 18, 5).astimezone()
    assert moment("9:05", now) == datetime(2026, 3, 3, 9, 5).astimezone()
    assert moment("2026-04-01T07:00", now) == datetime(2026, 4, 1, 7, 0).astimezone()
    assert moment("2026-04-01T07:00+00:00", now) == datetime.fromisoformat("2026-04-01T07:00+00:00")
    for wrong in ("25:00", "noon", "9999-99-99", "0001-01-01", ""):
        with pytest.raises(UsageError, match="--at"):
            moment(wrong, now)
