"""The inbox: names that are nobody else's, what stands beside a fax, what is told; death at any moment."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faxhw.channel import Channel
from faxhw.device import CallResult, IncomingCall
from faxhw.errors import Hangup, StorageError
from faxhw.fax.causes import Cause
from faxhw.serve.claims import abandoned, claim
from faxhw.serve.config import Inbox, Kind, Line
from faxhw.serve.events import Event
from faxhw.serve.inbox import recover, store
from faxhw.session import Outcome, Session, Status
from faxhw.terms import Settings
from tests.unit.fax_bench import FakeDevice, Script, coded, ends_with, fax

LINE = Line("front", "fake:1", options={"MaxPages": 5, "Password": "1234"})
RING = IncomingCall(call_from="+49 30 123", caller_name="Ann\x00 ../", call_to="99", fields={"kind": "B"})


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path, "{line}-{caller}.tif")


@contextmanager
def ringing(script: Script, **device: object) -> Iterator[tuple[Channel, FakeDevice]]:
    fake = FakeDevice(script, **{"ring": RING, **device})  # type: ignore[arg-type]
    with Channel(fake) as channel:
        channel.wait_for_call()
        fake.said.clear()
        yield channel, fake


def found(inbox: Inbox) -> list[str]:
    return sorted(each.name for each in inbox.directory.iterdir())


def refusing(error: OSError) -> Callable[..., int]:
    def refuse(*_arguments: object, **_named: object) -> int:
        raise error

    return refuse


def test_a_fax_is_stored_and_told_of(inbox: Inbox) -> None:
    told: list[tuple[Event, list[str]]] = []
    with ringing(fax(coded(), coded())) as (channel, device):
        record = store(channel, inbox, LINE, lambda event: told.append((event, found(inbox))))
        details = channel.FaxReceiver.Details
    assert device.said[:2] == ["answer", "receive"]
    event = record.event
    assert [each for each, _ in told] == [event]
    names = ["front-+4930123.tif", "front-+4930123.tif.json"]
    assert set(names) < set(told[0][1]), "told only when both are there"
    assert found(inbox) == names
    assert event == Event(
        Kind.RECEIVED,
        "front",
        event.id,
        file=str(inbox.directory / names[0]),
        pages=2,
        cause="NORMAL",
        raw_cause=details.raw_cause,
        raw_cause_text=details.raw_cause_text,
        caller="+49 30 123",
        caller_name=RING.caller_name,
        called="99",
        remote_id="+44 1908 273800",
        started=event.started,
        ended=details.ended,
    )
    beside = json.loads((inbox.directory / names[1]).read_bytes())
    assert {name: beside[name] for name in event.as_dict()} == event.as_dict()
    assert beside["call"]["fields"] == {"kind": "B"}
    assert beside["fax"]["ID"] == details.ID
    assert beside["fax"]["nsf"] == "01"
    assert beside["fax"]["negotiated"]["DataRate"] == 14400
    assert beside["fax"]["options"]["MaxPages"] == "5"
    assert "Password" not in beside["fax"]["options"]
    assert [page["number"] for page in beside["page_details"]] == [1, 2]
    assert Event.from_dict(beside) == event


def test_a_call_that_stands_is_taken(inbox: Inbox) -> None:
    with ringing(fax(coded())) as (channel, device):
        channel.answer()
        store(channel, inbox, LINE, lambda _: None)
    assert device.said.count("answer") == 1


def test_nothing_is_replaced(inbox: Inbox) -> None:
    names = ["front-+4930123.tif", "front-+4930123-2.tif", "front-+4930123-3.tif.json"]
    for each in names:
        (inbox.directory / each).write_text("mine")
    with ringing(fax(coded())) as (channel, _):
        assert store(channel, inbox, LINE, lambda _: None).event.file.endswith("front-+4930123-4.tif")
    assert [(inbox.directory / each).read_text() for each in names] == ["mine"] * 3


def test_two_lines_at_once_have_two_names(inbox: Inbox) -> None:
    stored: list[str] = []

    def second(device: FakeDevice, settings: Settings) -> Session:
        """While the first is under way and has no page yet, the other line has a whole fax."""
        with ringing(fax(coded())) as (other, _):
            stored.append(store(other, inbox, LINE, lambda _: None).event.file)
        return (yield from fax(coded())(device, settings))

    with ringing(second) as (channel, _):
        stored.append(store(channel, inbox, LINE, lambda _: None).event.file)
    assert [Path(each).name for each in stored] == ["front-+4930123-2.tif", "front-+4930123.tif"]
    assert len(found(inbox)) == 4


def test_a_file_that_comes_meanwhile_is_not_replaced(inbox: Inbox) -> None:
    def rude(device: FakeDevice, settings: Settings) -> Session:
        (inbox.directory / "front-+4930123.tif").write_text("mine")
        return (yield from fax(coded())(device, settings))

    with ringing(rude) as (channel, device):
        record = store(channel, inbox, LINE, lambda _: None)
    assert (record.event.kind, record.event.file, record.event.pages) == (Kind.FAILED, "", 0)
    assert "MCF" not in device.said
    assert (inbox.directory / "front-+4930123.tif").read_text() == "mine"


def test_a_call_without_a_page_leaves_nothing(inbox: Inbox) -> None:
    told: list[Event] = []
    with ringing(ends_with(Outcome(Status.NO_ANSWER_T1))) as (channel, _):
        record = store(channel, inbox, LINE, told.append)
    assert told == [record.event]
    assert (record.event.kind, record.event.file, record.event.pages) == (Kind.FAILED, "", 0)
    assert record.event.cause != Cause.NORMAL
    assert found(inbox) == []


def test_what_came_of_a_fax_that_failed_is_told(inbox: Inbox) -> None:
    def cut(device: FakeDevice, settings: Settings) -> Session:
        yield from fax(coded())(device, settings)
        return Outcome(Status.T1_AFTER_EOM, line_up=False)

    with ringing(cut) as (channel, _):
        event = store(channel, inbox, LINE, lambda _: None).event
    assert (event.kind, event.pages) == (Kind.FAILED, 1)
    assert Path(event.file).exists()


@pytest.mark.parametrize("result", [CallResult.NO_CARRIER, CallResult.FAILED])
def test_a_call_that_is_not_answered_leaves_nothing(inbox: Inbox, result: CallResult) -> None:
    told: list[Event] = []
    with (
        ringing(fax(coded()), result=result) as (channel, _),
        pytest.raises(Hangup, match="was not answered"),
    ):
        store(channel, inbox, LINE, told.append)
    assert (told, found(inbox)) == ([], [])


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("open", OSError(errno.EROFS, "Read-only file system")),
        ("pwrite", OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_an_inbox_that_cannot_be_written_answers_no_call(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, operation: str, error: OSError
) -> None:
    with ringing(fax(coded())) as (channel, device):
        monkeypatch.setattr(os, operation, refusing(error))
        with pytest.raises(
            StorageError, match=f"no fax can be stored in {inbox.directory}: {error.strerror}"
        ):
            store(channel, inbox, LINE, lambda _: None)
        monkeypatch.undo()
        assert device.said == []
        assert channel.state() is channel.State.CALL_INCOMING
    assert found(inbox) == []


def test_a_disk_that_is_full_for_the_file_beside_it(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fills(device: FakeDevice, settings: Settings) -> Session:
        outcome = yield from fax(coded())(device, settings)
        monkeypatch.setattr(os, "pwrite", refusing(OSError(errno.ENOSPC, "No space left on device")))
        return outcome

    told: list[Event] = []
    with ringing(fills) as (channel, _):
        store(channel, inbox, LINE, told.append)
    monkeypatch.undo()
    assert found(inbox) == ["front-+4930123.tif"]
    assert [each.kind for each in told] == [Kind.RECEIVED]
    assert "front-+4930123.tif.json cannot be written: No space left" in caplog.text


def test_whom_nobody_could_be_told_of_is_told_later(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    def full(_event: Event) -> None:
        raise StorageError("the spool is full")

    with ringing(fax(coded())) as (channel, _):
        record = store(channel, inbox, LINE, full)
    assert "nobody could be told of" in caplog.text
    assert [each.event for each in recover(inbox.directory, full)] == [record.event]
    told: list[Event] = []
    recover(inbox.directory, told.append)
    recover(inbox.directory, told.append)
    assert told == [record.event]
    assert len(found(inbox)) == 2


def test_an_interrupt_leaves_what_was_stored_to_the_next(inbox: Inbox) -> None:
    """As when a signal ends the process politely."""
    with ringing(fax(coded())) as (channel, _):
        channel.answer()
        real = channel.FaxReceiver.receive

        def receive(*arguments: object) -> Cause:
            real(*arguments)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        channel.FaxReceiver.receive = receive  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            store(channel, inbox, LINE, lambda _: None)
    told: list[Event] = []
    recover(inbox.directory, told.append)
    assert [(each.kind, each.pages, each.caller) for each in told] == [(Kind.FAILED, 1, "+49 30 123")]
    assert found(inbox) == ["front-+4930123.tif", "front-+4930123.tif.json"]


# ----------------------------------------------------------------------------------------------------------
# Claims


def test_a_claim_of_somebody_who_lives_is_left_alone(tmp_path: Path) -> None:
    mine = claim(tmp_path, ["a.tif", "b.tif"], {"for": "me"})
    other = claim(tmp_path, ["a.tif", "b.tif"], {"for": "you"})
    assert (mine.fax.name, other.fax.name) == ("a.tif", "b.tif")
    with pytest.raises(StorageError, match="every name is taken"):
        claim(tmp_path, ["a.tif", "b.tif"], {})
    assert list(abandoned(tmp_path)) == []
    other.leave()
    (left,) = abandoned(tmp_path)
    assert (left.fax, left.purpose()) == (tmp_path / "b.tif", {"for": "you", "name": "b.tif"})
    left.release()
    mine.release()
    assert list(tmp_path.iterdir()) == []


def test_a_claim_of_the_dead_without_a_fax_is_taken_over(tmp_path: Path) -> None:
    claim(tmp_path, ["a.tif"], {"for": "the dead"}).leave()
    mine = claim(tmp_path, ["a.tif"], {"for": "me"})
    assert mine.purpose()["for"] == "me"
    mine.release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 3}', '{"name": "../../x"}'])
def test_a_claim_that_says_nothing_is_removed(tmp_path: Path, text: str) -> None:
    (tmp_path / ".faxhw-0.claim").write_text(text)
    assert recover(tmp_path, lambda _: None) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.broken_tiffs
def test_a_fax_that_cannot_be_read_is_left_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    event = Event(Kind.FAILED, "front", "1")
    claim(tmp_path, ["a.tif"], {"event": event.as_dict()}).leave()
    (tmp_path / "a.tif").write_text("no TIFF")
    assert recover(tmp_path, lambda _: None) == []
    assert "a.tif cannot be told of" in caplog.text
    assert [each.name for each in tmp_path.iterdir()] == ["a.tif"]


def test_an_inbox_that_is_gone(tmp_path: Path) -> None:
    assert recover(tmp_path / "gone", lambda _: None) == []


# ----------------------------------------------------------------------------------------------------------
# Death


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """The process dies before each operation on the disk, in turn; then the inbox is opened anew."""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", f"{__package__}.dying_inbox", str(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "drivers")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) > 20
    assert [each["lived"] for each in runs] == [*[False] * (len(runs) - 1), True]
    for run in runs:
        assert run["again"] == 0, "what was told on opening is not told again"
        assert {Path(name).suffix for name in run["others"]} <= {".tmp"}, "which is removed an hour later"
        told = {*run["told"], *(each[0] for each in run["recovered"])}
        if run["confirmed"]:
            (pages,) = run["pages"]
            assert run["confirmed"] <= pages <= run["confirmed"] + 1
            ((beside, counted, name),) = run["sidecars"]
            assert told == {beside}, "told at least once, and always by the same name"
            assert (counted, [name]) == (pages, run["names"])
        else:
            assert len(run["pages"]) == len(run["sidecars"]) <= 1
    assert (runs[-1]["confirmed"], runs[-1]["pages"], runs[-1]["recovered"]) == (3, [3], [])
    assert {each["confirmed"] for each in runs} == {0, 1, 2, 3}
