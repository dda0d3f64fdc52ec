"""The queue: what is taken and what is next, what survives, and what ends a job."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from faxhw.errors import DeviceError, StorageError, UsageError
from faxhw.fax.call import CallCause
from faxhw.fax.causes import Cause
from faxhw.serve.changes import Wish
from faxhw.serve.jobs import JobState, Submission
from faxhw.serve.ledger import local
from faxhw.serve.policy import QueuePolicy, Window
from faxhw.serve.queue import Queue

from .bench import HOUR, MINUTE, START, Bench, Hours

WAITING, HELD, SENDING = JobState.WAITING, JobState.HELD, JobState.SENDING
DONE, FAILED, CANCELLED = JobState.DONE, JobState.FAILED, JobState.CANCELLED


def test_a_fax_from_submission_to_the_end(bench: Bench) -> None:
    job = bench.submit("0123 456", options={"HighRes": "NO"}, name="letter.tif", submitted_by="ann", uid=7)
    assert (job.state, job.first_page, job.tries_left) == (WAITING, 1, 8)
    bench.document.unlink()
    claimed = bench.claim("front")
    assert (claimed.state, claimed.line, claimed.number) == (SENDING, "front", "0123 456")
    assert claimed.document.read_bytes() == b"II*\0 a letter"
    assert claimed.document.suffix == ".tif"
    assert claimed.fax_options == {"HighRes": "NO"}
    bench.queue.progress(claimed, 2)
    done = bench.queue.done(claimed, Cause.NORMAL, "0x00", 3)
    assert (done.state, done.pages_sent, done.last_cause, done.ended) == (DONE, 3, "NORMAL", START)
    assert bench.queue.next_for("front") is None
    assert [each.id for each in bench.queue.ledger.untold()] == [job.id]
    bench.queue.told(done)
    assert bench.queue.ledger.untold() == []


def test_what_was_confirmed_is_not_sent_again(bench: Bench) -> None:
    bench.submit(pages=5)
    first = bench.claim()
    bench.queue.progress(first, 2)
    bench.queue.done(first, Cause.HANGUP, "0x100", 2)
    again = bench.claim_when_due()
    assert again.first_page == 3
    bench.queue.done(again, Cause.HANGUP, "0x100", 0)
    assert bench.claim_when_due().first_page == 3


def test_goodbyes_that_fail_after_the_last_page_are_no_failure(bench: Bench) -> None:
    bench.submit(pages=2)
    job = bench.claim()
    assert bench.queue.done(job, Cause.HANGUP, "0x100", 2).state is DONE


def test_a_fax_that_ended_well_with_no_page_is_a_failure(bench: Bench) -> None:
    bench.submit(pages=0, first_page=1)
    job = bench.queue.done(bench.claim(), Cause.NORMAL, "0x00", 0)
    assert (job.state, job.last_cause) == (WAITING, "COMMSFAULT")


def test_a_refused_page_that_is_kept_is_no_failure(bench: Bench) -> None:
    bench.submit(pages=2, options={"OnBadPage": "KEEP"})
    assert bench.queue.done(bench.claim(), Cause.NORMAL, "0x00", 0).state is DONE


# ----------------------------------------------------------------------------------------------------------
# What is next


def test_priority_then_age(bench: Bench) -> None:
    for number, priority in (("1", 5), ("2", 9), ("3", 5), ("4", 1)):
        bench.submit(number, priority=priority)
    assert [bench.claim().number for _ in range(4)] == ["2", "1", "3", "4"]


def test_one_call_a_number_however_it_is_written(bench: Bench) -> None:
    bench.submit("0123 45-6")
    bench.submit("0123,456")
    first = bench.claim("front")
    assert bench.queue.next_for("back") is None
    assert bench.queue.next_due() is None
    bench.queue.done(first, Cause.NORMAL, "0x00", 3)
    assert bench.claim("back").number == "0123,456"


def test_not_before(bench: Bench) -> None:
    bench.submit(not_before=START + timedelta(hours=2))
    assert bench.queue.next_for("front") is None
    assert bench.queue.next_due() == START + timedelta(hours=2)
    assert bench.claim_when_due().not_before == START + timedelta(hours=2)


def test_hours_of_the_host_and_of_the_fax(tmp_path: Path) -> None:
    def parse(texts: Sequence[str]) -> Window:
        if texts != ["13-20"] and tuple(texts) != ("13-20",):
            raise UsageError(f"no hours: {texts}")
        return Hours(13, 20)

    bench = Bench(tmp_path, QueuePolicy(window=Hours(8, 15)), parse)
    early, late = bench.submit("1"), bench.submit("2", window=("13-20",))
    with pytest.raises(UsageError, match="no hours"):
        bench.submit("3", window=("noon",))
    assert bench.claim().id == early.id
    assert bench.queue.next_for("back") is None
    assert bench.queue.next_due() == START + timedelta(hours=3)
    bench.clock.moment += 5 * HOUR  # 15:00, and the host's hours are over
    assert bench.queue.next_for("back") is None
    assert bench.queue.due()[late.id] == START + timedelta(days=1, hours=3)
    bench.clock.moment += 22 * HOUR
    assert bench.claim("back").id == late.id
    bench.queue.close()


def test_hours_that_are_not_understood_any_more_hold_nothing_up(tmp_path: Path) -> None:
    bench = Bench(tmp_path, parse_window=lambda _: Hours(0, 1))
    job = bench.submit(window=("nights",))
    assert bench.queue.next_for("front") is None
    bench.parse_window = None
    bench.crash()
    assert bench.claim().id == job.id
    bench.queue.close()


def test_the_least_used_line_is_asked_first(bench: Bench) -> None:
    lines = ["a", "b", "c"]
    for number, line in (("1", "a"), ("2", "a"), ("3", "b")):
        bench.submit(number)
        bench.claim(line)
        bench.clock.moment += 1
    assert bench.queue.least_used(lines) == ["c", "b", "a"]


# ----------------------------------------------------------------------------------------------------------
# Failures


def test_busy_is_tried_soon_and_then_later(bench: Bench) -> None:
    job = bench.submit()
    waits = []
    for _ in range(7):
        failed = bench.queue.done(bench.claim_when_due(), CallCause.BUSY, "BUSY")
        waits.append(bench.wait(job) / MINUTE)
    assert waits == [3, 6, 12, 24, 30, 30, 30]
    assert failed.note == "The number is busy."
    over = bench.queue.done(bench.claim_when_due(), CallCause.BUSY, "BUSY")
    assert (over.state, over.note) == (FAILED, "The number is busy. It was given up: no tries are left.")
    assert bench.queue.next_due() is None


def test_other_faxes_to_a_dead_number_wait_too(bench: Bench) -> None:
    first, second, elsewhere = bench.submit(), bench.submit(), bench.submit("200")
    bench.queue.done(bench.claim(), CallCause.NOANSWER, "NO ANSWER")
    assert bench.wait(first) == bench.wait(second) == 10 * MINUTE
    assert bench.claim().id == elsewhere.id


@pytest.mark.parametrize(("cause", "raw"), [(CallCause.OUTOFORDER, "NO DIALTONE"), (Cause.ERROR, "0x104")])
def test_what_fails_here_costs_no_tries_and_holds_up_no_other_fax(bench: Bench, cause: str, raw: str) -> None:
    bench.submit()
    bench.submit()
    job = bench.queue.done(bench.claim(), cause, raw)
    assert job.tries_left == 8
    assert bench.claim().id != job.id


def test_nothing_is_tried_for_ever(bench: Bench) -> None:
    bench.submit()
    for _ in range(59):
        assert bench.queue.done(bench.claim_when_due(), Cause.ERROR, "0x104").state is WAITING
    assert bench.queue.done(bench.claim_when_due(), Cause.ERROR, "0x104").state is FAILED


@pytest.mark.parametrize(
    ("cause", "raw", "calls"),
    [
        (Cause.UNKNOWN_OPTION, "", 1),
        (Cause.INCONSISTENT_OPTIONS, "", 1),
        (Cause.STANDARDMISMATCH, "0x106", 1),
        (Cause.ERROR, "0x103", 1),
        (CallCause.CHANGED, "", 1),
        (CallCause.UNOBTAINABLE, "", 2),
        (Cause.ERROR, "0x105", 2),
        (CallCause.BARRED, "BLACKLISTED", 3),
        ("SOMETHING_NEW", "", 3),
    ],
)
def test_some_causes_are_worth_few_calls(bench: Bench, cause: str, raw: str, calls: int) -> None:
    bench.submit()
    states = [bench.queue.done(bench.claim_when_due(), cause, raw).state for _ in range(calls)]
    assert states == [WAITING] * (calls - 1) + [FAILED]


def test_a_number_at_which_people_answer_is_held(bench: Bench) -> None:
    job, other = bench.submit(), bench.submit()
    assert bench.queue.done(bench.claim(), Cause.NOTFAX, "0x01").state is WAITING
    assert bench.queue.done(bench.claim_when_due(), CallCause.OTHER, "VCON").state is HELD
    later = bench.submit()
    states = {each.id: each.state for each in bench.queue.ledger.jobs()}
    assert states == {job.id: HELD, other.id: HELD, later.id: HELD}
    assert "answered 2 times, but by no fax" in later.note
    assert bench.queue.change(later.id, Wish.RELEASE).state is WAITING
    assert bench.claim().id == later.id


def test_a_fax_that_got_through_makes_up_for_people(bench: Bench) -> None:
    for _ in range(3):
        bench.submit()
    bench.queue.done(bench.claim(), Cause.NOTFAX, "0x01")
    bench.queue.done(bench.claim_when_due(), Cause.NORMAL, "0x00", 3)
    assert bench.queue.done(bench.claim_when_due(), Cause.NOTFAX, "0x01").state is WAITING


def test_after_two_failures_in_one_phase_the_next_call_is_slower(bench: Bench) -> None:
    bench.submit()
    rates = []
    for raw in ("0x52", "0x27", "0x54", "0x27", "0x27"):
        job = bench.claim_when_due()
        rates.append(job.fax_options.get("MaxDataRate"))
        bench.queue.done(job, Cause.COMMSFAULT, raw)
    assert rates == [None, None, None, "9600", "9600"]
    job = bench.claim_when_due()
    assert bench.queue.done(job, Cause.NORMAL, "0x00", 3).state is DONE
    bench.submit(options={"MaxDataRate": "4800"})
    job = bench.claim()
    assert (job.max_rate, job.fax_options) == (7200, {"MaxDataRate": "4800"})
    bench.queue.done(job, CallCause.BUSY, "BUSY")
    bench.queue.change(job.id, Wish.CANCEL)
    bench.submit(options={"MinDataRate": "14400"})
    assert bench.claim_when_due().fax_options == {"MinDataRate": "14400"}


# ----------------------------------------------------------------------------------------------------------
# What people ask


def test_cancelled_while_it_is_sent(bench: Bench) -> None:
    job = bench.submit()
    bench.claim()
    asked = bench.queue.change(job.id, Wish.CANCEL)
    assert (asked.state, asked.cancelling) == (SENDING, True)
    bench.queue.change(job.id, Wish.RELEASE)
    assert bench.queue.done(asked, Cause.ABORTED, "0x02", 1).state is CANCELLED
    assert bench.queue.change(job.id, Wish.RETRY).first_page == 2


def test_cancelled_too_late(bench: Bench) -> None:
    job = bench.submit()
    claimed = bench.claim()
    bench.queue.change(job.id, Wish.CANCEL)
    assert bench.queue.done(claimed, Cause.NORMAL, "0x00", 3).state is DONE


def test_a_call_in_hand_is_not_forgotten(bench: Bench) -> None:
    bench.submit()
    other = bench.submit()
    claimed = bench.claim()
    bench.queue.change(other.id, Wish.RELEASE)
    assert bench.queue.done(claimed, CallCause.BUSY, "BUSY").state is WAITING
    assert bench.wait(claimed) == 3 * MINUTE


def test_held_while_it_is_sent(bench: Bench) -> None:
    job = bench.submit()
    claimed = bench.claim()
    assert not bench.queue.change(job.id, Wish.HOLD).cancelling
    assert bench.queue.done(claimed, CallCause.BUSY, "BUSY").state is HELD
    assert bench.queue.next_due() is None
    bench.queue.change(job.id, Wish.RELEASE)
    assert bench.claim().id == job.id  # at once: somebody asked for it


def test_retried_after_it_was_given_up(bench: Bench) -> None:
    job = bench.submit()
    bench.queue.done(bench.claim(), Cause.ERROR, "0x103", 1)
    again = bench.queue.change(job.id, Wish.RETRY)
    assert (again.state, again.tries_left, again.first_page, again.ended) == (WAITING, 8, 2, None)
    assert bench.queue.done(bench.claim(), CallCause.BUSY, "BUSY").state is WAITING


@pytest.mark.parametrize(
    ("end", "wish", "message"),
    [
        (Cause.NORMAL, Wish.CANCEL, "it was sent"),
        (Cause.NORMAL, Wish.RETRY, "submit it again"),
        (Cause.UNKNOWN_VALUE, Wish.HOLD, "it has failed"),
        (Cause.UNKNOWN_VALUE, Wish.RELEASE, "retry sends what is left"),
    ],
)
def test_what_comes_too_late(bench: Bench, end: str, wish: Wish, message: str) -> None:
    job = bench.submit()
    bench.queue.done(bench.claim(), end, "", 3 if end == Cause.NORMAL else 0)
    with pytest.raises(UsageError, match=message):
        bench.queue.change(job.id, wish)


def test_wishes_about_no_fax_and_about_one_under_way(bench: Bench) -> None:
    with pytest.raises(UsageError, match="there is no fax 9 in the queue"):
        bench.queue.change(9, Wish.CANCEL)
    job = bench.submit()
    bench.claim()
    with pytest.raises(UsageError, match="no retry, it is being sent"):
        bench.queue.change(job.id, Wish.RETRY)


# ----------------------------------------------------------------------------------------------------------
# Bad orders


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Submission("call me"), "not a telephone number"),
        (Submission("1", options={"Ecm": "YES"}), "did you mean ECM"),
        (Submission("1", priority=10), "give 1 to 9"),
        (Submission("1", pages=3, first_page=4), "no page 4 to begin with"),
        (Submission("1", first_page=0), "no page 0"),
        (Submission("1", pages=501), "500 are allowed"),
        (Submission("+49 900-1"), "may not be called"),
        (Submission("1", window=("Mon",)), "no hours of single faxes"),
    ],
)
def test_what_can_never_be_sent_is_refused(tmp_path: Path, wanted: Submission, message: str) -> None:
    bench = Bench(tmp_path, QueuePolicy(blocked=("+49900*",)))
    with bench.document.open("rb") as file, pytest.raises(UsageError, match=message):
        bench.queue.submit(wanted, file.fileno())
    assert bench.queue.ledger.jobs() == []
    assert [*(tmp_path / "documents").iterdir()] == []
    bench.queue.close()


def test_documents_that_are_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path, QueuePolicy(max_octets=10))
    empty = tmp_path / "empty"
    empty.touch()
    reading, writing = os.pipe()
    for path, message in ((empty, "is empty"), (bench.document, "too large"), (reading, "no ordinary file")):
        file = path if isinstance(path, int) else os.open(path, os.O_RDONLY)
        with pytest.raises(UsageError, match=message):
            bench.queue.submit(Submission("1"), file)
        os.close(file)
    with pytest.raises(UsageError, match="cannot be read"):
        bench.queue.submit(Submission("1"), reading)
    os.close(writing)
    blind = os.open(tmp_path / "blind", os.O_WRONLY | os.O_CREAT)
    os.write(blind, b"123")
    with pytest.raises(StorageError, match="documents cannot be kept"):
        bench.queue.submit(Submission("1"), blind)
    os.close(blind)
    assert [*(tmp_path / "documents").iterdir()] == []
    bench.queue.close()


def test_a_document_that_grows_meanwhile_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, QueuePolicy(max_octets=100))
    monkeypatch.setattr(os, "pread", lambda _file, _most, at: b"x" * 60)
    with pytest.raises(UsageError, match="too large"):
        bench.submit()
    assert [*(tmp_path / "documents").iterdir()] == []
    bench.queue.close()


def test_a_full_queue(tmp_path: Path) -> None:
    bench = Bench(tmp_path, QueuePolicy(max_jobs=2))
    bench.submit()
    bench.submit()
    with pytest.raises(UsageError, match="the queue is full: 2"):
        bench.submit()
    bench.queue.close()


# ----------------------------------------------------------------------------------------------------------
# Crashes, disks, clocks


def test_a_crash_in_the_middle_of_a_fax(bench: Bench) -> None:
    job = bench.submit()
    bench.queue.progress(bench.claim(), 1, 3)
    bench.crash()
    found = bench.queue.ledger.job(job.id)
    assert (found.state, found.first_page, found.last_cause) == (WAITING, 2, "INTERRUPTED")
    assert bench.wait(job) == MINUTE


def test_a_crash_after_the_last_page(bench: Bench) -> None:
    job = bench.submit(pages=0)
    bench.queue.progress(bench.claim(), 3, 3)
    bench.crash()
    assert bench.queue.ledger.job(job.id).state is DONE
    assert [each.id for each in bench.queue.ledger.untold()] == [job.id]


def test_a_fax_that_kills_the_service_is_held(bench: Bench) -> None:
    job = bench.submit()
    for _ in range(4):
        bench.claim_when_due()
        bench.crash()
    found = bench.queue.ledger.job(job.id)
    assert (found.state, found.tries_left) == (HELD, 8)
    assert found.note == "The service stopped during the call. That was so 4 times on end."


def test_one_line_dies(bench: Bench) -> None:
    one, other = bench.submit("1"), bench.submit("2")
    bench.claim("front")
    bench.claim("back")
    assert [job.id for job in bench.queue.recover("front")] == [one.id]
    assert bench.queue.ledger.job(other.id).state is SENDING


def test_a_word_that_comes_after_the_line_was_given_up(bench: Bench) -> None:
    job = bench.submit(pages=4)
    claimed = bench.claim()
    bench.queue.recover("front")
    bench.queue.progress(claimed, 2)
    assert bench.queue.done(claimed, Cause.HANGUP, "0x100", 3).state is WAITING
    assert bench.claim_when_due().first_page == 4
    bench.queue.recover()
    assert bench.queue.done(claimed, Cause.NORMAL, "0x00", 4).state is DONE
    assert bench.queue.ledger.job(job.id).state is DONE


def test_two_services_on_one_queue(bench: Bench) -> None:
    with pytest.raises(DeviceError, match="in use by another faxhw serve"):
        bench.open()
    assert bench.submit().state is WAITING


def test_what_is_on_disk_is_for_this_user_only(bench: Bench) -> None:
    bench.submit()
    paths = [*bench.directory.glob("queue*"), *(bench.directory / "documents").rglob("*")]
    assert len(paths) >= 4
    for path in (*paths, bench.directory / "documents"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_changes_survive_the_loss_of_power(bench: Bench) -> None:
    database = bench.queue.ledger._database
    assert database.rows("PRAGMA synchronous")[0][0] == 2
    assert database.rows("PRAGMA journal_mode")[0][0] == "wal"


def test_a_full_disk(bench: Bench) -> None:
    """Nothing is called while the disk takes nothing, and nothing is forgotten."""
    bench.submit("1", pages=3)
    bench.submit("2")
    job = bench.claim()
    database = bench.queue.ledger._database
    database.rows("PRAGMA query_only = TRUE")
    for sent in (1, 2):
        with pytest.raises(StorageError, match=r"queue\.sqlite cannot be used: .*readonly"):
            bench.queue.progress(job, sent)
    with pytest.raises(StorageError):
        bench.queue.done(job, Cause.HANGUP, "0x100", 0)
    with pytest.raises(StorageError):
        bench.queue.next_for("front")
    with pytest.raises(StorageError):
        bench.submit()
    database.rows("PRAGMA query_only = FALSE")
    assert bench.claim().number == "2"
    found = bench.queue.ledger.job(job.id)
    assert (found.state, found.first_page) == (WAITING, 3)


def test_a_submission_that_could_not_be_written_down_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", _full)
        with pytest.raises(StorageError, match="No space left on device"):
            bench.submit()
    assert bench.queue.ledger.jobs() == []
    assert [*(bench.directory / "documents").iterdir()] == []


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_what_a_crash_left_is_swept_away_and_nothing_else(bench: Bench) -> None:
    job = bench.submit()
    for name in (".new-abc", "17.tif", "README", "notes.tif"):
        (job.document.parent / name).write_text("x")
    bench.crash()
    left = {each.name for each in job.document.parent.iterdir()}
    assert left == {job.document.name, "README", "notes.tif"}


def test_the_queue_is_locked_by_a_backup(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.queue.ledger._database.rows("PRAGMA busy_timeout = 1")
    backup = sqlite3.connect(bench.directory / "queue.sqlite", isolation_level=None)
    backup.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="database is locked"):
        bench.submit()
    backup.execute("ROLLBACK")
    backup.close()
    assert bench.submit().state is WAITING


@pytest.mark.parametrize("back", [HOUR, 20 * 365 * 24 * HOUR])
def test_a_clock_that_is_set_back_delays_nothing(bench: Bench, back: float) -> None:
    job = bench.submit()
    bench.queue.done(bench.claim(), CallCause.BUSY, "BUSY")
    bench.clock.moment -= back
    assert bench.wait(job) == 3 * MINUTE
    bench.clock.moment += 3 * MINUTE
    assert bench.claim().id == job.id


def test_days_go_by(bench: Bench) -> None:
    sent, failed, waits = bench.submit("1"), bench.submit("2"), bench.submit("3")
    bench.queue.told(bench.queue.done(bench.claim(), Cause.NORMAL, "0x00", 3))
    bench.queue.done(bench.claim(), Cause.UNKNOWN_OPTION)
    bench.queue.change(waits.id, Wish.HOLD)
    bench.clock.moment += 15 * 24 * HOUR
    bench.queue.tidy()
    left = bench.queue.ledger.jobs()
    assert [job.id for job in left] == [failed.id, waits.id]  # nobody was told of the failure
    assert not sent.document.exists()
    assert all(job.document.exists() for job in left)


def test_a_queue_of_a_later_version(bench: Bench) -> None:
    bench.queue.ledger._database.rows("PRAGMA user_version = 99")
    bench.queue.close()
    with pytest.raises(UsageError, match="update faxhw"):
        bench.open()


def test_what_is_no_queue(bench: Bench) -> None:
    bench.queue.close()
    for path in bench.directory.glob("queue.sqlite*"):
        path.unlink()
    (bench.directory / "queue.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match=r"is damaged .*submit anew"):
        bench.open()


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        Queue(tmp_path / "nowhere" / "queue.sqlite")


def test_times_are_local() -> None:
    assert local(START.timestamp()) == START
    assert local(START.timestamp()).utcoffset() is not None
