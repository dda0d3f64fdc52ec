"""The service in simulated time: lines on virtual modems, calls, jobs, and everything that can go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faxhw.errors import Error
from faxhw.ports.base import BUSY
from faxhw.serve.changes import Wish
from faxhw.serve.jobs import JobState
from faxhw.session import Verdict
from faxhw.t30.answering import answer
from faxhw_drivers.sim.far_end import KeepsPages
from tests.pages import page_bitmap
from tests.virtual.calls import STANDARD, drawn, pixels
from tests.virtual.services import PAGES, serving


def test_faxes_come_on_several_lines_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": "", "101": "", "102": ""}) as it:
        sent = [it.calls(number, f"2{number}")[1] for number in ("100", "101", "102")]
        it.bench.run(120)
        for number, pages in zip(("100", "101", "102"), sent, strict=True):
            assert pages.confirmed == 2
            stored = it.fax(f"line{number}-2{number}.tif")
            assert pixels(stored) == drawn(PAGES)
            told = json.loads(Path(f"{stored}.json").read_text())
            assert (told["cause"], told["pages"], told["caller"]) == ("NORMAL", 2, f"2{number}")
            counts = it.station(number).counts
            assert (counts.calls, counts.received, counts.pages_received) == (1, 1, 2)
        assert "3 lines, 0 in a call" in it.supervisor.summary()


def test_a_line_that_fails_is_taken_up_again_and_no_other_notices(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": "", "101": ""}) as it:
        _, pages = it.calls("101", "2101")
        it.bench.run(20)
        gone = it.staff.unplug("100")
        it.bench.run(30)
        station = it.station("100")
        assert station.state == "DOWN"
        assert "there is no such device" in station.error
        it.staff.plug_back(gone)
        it.bench.run(100)
        assert station.state == "WAITING"
        assert not station.error
        assert pages.confirmed == 2
        _, more = it.calls("100", "2100")
        it.bench.run(90)
        assert more.confirmed == 2
        assert it.station("101").counts.restarts == 0


def test_remedies_grow_stronger_until_the_modem_is_back(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": ""}) as it:
        modem = it.staff.modems["100"].modem
        modem.dead = True
        it.bench.run(1000)
        assert [duty.remedy for duty in it.staff.started][:7] == [
            "",
            "",
            "",
            "dtr",
            "usb-reset",
            "usb-power",
            "",
        ]
        modem.dead = False
        it.bench.run(120)
        assert it.station("100").state == "WAITING"


def test_a_device_that_another_program_uses_is_not_reset(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": ""}) as it:
        gone = it.staff.unplug("100")
        it.staff.missing = BUSY
        it.bench.run(1000)
        assert {duty.remedy for duty in it.staff.started} == {""}
        it.staff.plug_back(gone)
        it.bench.run(120)
        assert it.station("100").state == "WAITING"


APPLICATION_LINE = """
[[line]]
name = "line100"
device = "/dev/100"
[line.application]
file = "answer.py"
"""


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("raise ValueError('boom')", "answer.py: ValueError: boom"),
        ("raise SystemExit(3)", ""),
        ("pass", ""),
    ],
)
def test_what_an_application_does_is_told_and_ends_nothing(tmp_path: Path, text: str, trouble: str) -> None:
    application = tmp_path / "answer.py"
    application.write_text(f"def main(channel, *others):\n    {text}\n")
    application.chmod(0o640)
    with serving(tmp_path, {}, APPLICATION_LINE, ["100"]) as it:
        it.calls("100", "2100")
        it.bench.run(60)
        station = it.station("100")
        assert station.counts.calls == 1
        assert station.trouble.endswith(trouble)
        assert bool(station.trouble) == bool(trouble)
        assert (station.state, station.counts.restarts) == ("WAITING", 0)


def test_an_application_that_goes_on_without_its_call_is_ended(tmp_path: Path) -> None:
    application = tmp_path / "answer.py"
    application.write_text(
        "def main(channel, *others):\n    while True:\n        channel.FaxReceiver._call.clock.sleep(5)\n"
    )
    application.chmod(0o640)
    lines = APPLICATION_LINE.replace("[line.app", "max_seconds = 60\n[line.app")
    with serving(tmp_path, {}, lines, ["100"]) as it:
        it.calls("100", "2100")
        it.bench.run(60)
        assert it.station("100").counts.restarts == 0
        it.bench.run(100)
        assert it.station("100").counts.restarts == 1


def test_an_application_that_does_not_load_any_more_is_told_of_before_a_call(tmp_path: Path) -> None:
    application = tmp_path / "answer.py"
    application.write_text("def main(channel, *others): pass\n")
    application.chmod(0o640)
    with serving(tmp_path, {}, APPLICATION_LINE, ["100"]) as it:
        application.write_text("from os import no_such_thing\n")
        gone = it.staff.unplug("100")
        it.bench.run(30)
        it.staff.plug_back(gone)
        it.bench.run(100)
        assert "answer.py cannot be loaded: ImportError" in it.station("100").trouble


def test_a_script_that_cannot_be_loaded_leaves_the_old_configuration(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    application = tmp_path / "answer.py"
    application.write_text("def main(channel, *others): pass\n")
    application.chmod(0o640)
    with serving(tmp_path, {}, APPLICATION_LINE, ["100", "101"]) as it:
        application.write_text("1 / 0\n")
        it.write({"101": ""}, APPLICATION_LINE)
        it.supervisor.reload()
        it.bench.run(30)
        assert set(it.supervisor.stations) == {"line100"}
        assert "the configuration stays as it was" in caplog.text
        assert f"ZeroDivisionError: division by zero ({application}:1)" in caplog.text
        application.write_text("def main(channel, *others): pass\n")
        it.supervisor.reload()
        it.bench.run(30)
        assert set(it.supervisor.stations) == {"line100", "line101"}


def test_a_post_that_hangs_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": "", "101": ""}) as it:
        it.staff.hang("100")
        it.bench.run(100)
        assert it.station("100").counts.restarts == 1
        _, pages = it.calls("100", "2100")
        it.bench.run(90)
        assert pages.confirmed == 2


def test_stopping_lets_the_page_in_hand_finish(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": "", "101": ""}) as it:
        _, pages = it.calls("100", "2100")
        while not it.station("100").call.get("octets"):
            it.bench.run(0.5)
    assert pages.confirmed == 1
    assert pixels(it.fax("line100-2100.tif")) == drawn(PAGES[:1])


def test_a_changed_line_is_changed_after_its_call_and_others_stay(tmp_path: Path) -> None:
    with serving(tmp_path, {"100": "", "101": "", "102": ""}) as it:
        _, pages = it.calls("100", "2100")
        it.bench.run(30)
        posts = {post.duty.line.name: post for post in it.staff.posts}
        it.staff.plug_in("103")
        it.write({"100": "rings = 2", "101": "", "103": ""})
        it.supervisor.reload()
        it.bench.run(5)
        assert set(it.supervisor.stations) == {"line100", "line101", "line103"}
        assert posts["line100"] in it.staff.posts, "a call was dropped"
        it.bench.run(90)
        assert pages.confirmed == 2
        now = {post.duty.line.name: post for post in it.staff.posts}
        assert set(now) == {"line100", "line101", "line103"}
        assert now["line101"] is posts["line101"]
        assert now["line100"].duty.line.rings == 2


def test_a_configuration_that_is_wrong_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, {"100": ""}) as it:
        it.write({"100": "rings = 0"})
        it.supervisor.reload()
        it.bench.run(5)
        assert "the configuration stays as it was" in caplog.text
        assert it.station("100").line.rings == 1


def test_jobs_go_out_between_calls(tmp_path: Path) -> None:
    document = tmp_path / "letter.tif"
    page_bitmap("text", rows=200).image().save(document, dpi=(204, 98))
    with serving(tmp_path, {"100": "", "101": ""}) as it:
        far, kept = it.bench.station("500"), KeepsPages()
        far.answer_with(lambda: answer(STANDARD), kept)
        job = it.queue_up(document, "500").id
        it.bench.run(90)
        assert len(kept.pages) == 1
        assert it.supervisor.ask(lambda: it.queue.ledger.job(job).state) is JobState.DONE
        it.calls("100", "2100")
        it.calls("101", "2101")
        it.bench.run(15)
        job = it.queue_up(document, "500").id
        it.bench.run(200)
        assert it.supervisor.ask(lambda: it.queue.ledger.job(job).state) is JobState.DONE
        assert it.fax("line100-2100.tif").exists()
        assert it.fax("line101-2101.tif").exists()


def test_a_job_whose_line_dies_is_sent_by_another(tmp_path: Path) -> None:
    document = tmp_path / "letter.tif"
    images = [page.image() for page in PAGES]
    images[0].save(document, dpi=(204, 98), save_all=True, append_images=images[1:])
    with serving(tmp_path, {"100": "", "101": ""}) as it:
        kept = KeepsPages()
        it.bench.station("500").answer_with(lambda: answer(STANDARD), kept)
        job = it.queue_up(document, "500").id
        it.bench.run(25)
        [busy] = [each for each in it.supervisor.stations.values() if each.state == "SENDING"]
        it.staff.unplug(busy.line.device.removeprefix("/dev/"))
        it.bench.run(400)
        stands = it.supervisor.ask(lambda: it.queue.ledger.job(job))
        assert stands.state is JobState.DONE
        assert stands.line != busy.line.name


def test_a_page_that_was_refused_and_passed_over_is_sent_in_the_next_call(tmp_path: Path) -> None:
    document = tmp_path / "letter.tif"
    images = [page.image() for page in PAGES]
    images[0].save(document, dpi=(204, 98), save_all=True, append_images=images[1:])
    with serving(tmp_path, {"100": 'options = { OnBadPage = "KEEP", ECM = "NO" }'}) as it:
        kept = KeepsPages(verdicts=[Verdict.REJECTED])
        it.bench.station("500").answer_with(lambda: answer(STANDARD), kept)
        job = it.queue_up(document, "500").id
        it.bench.run(60)
        assert len(kept.pages) == 1, "only the second page was confirmed"
        stands = it.supervisor.ask(lambda: it.queue.ledger.job(job))
        assert (stands.state, stands.pages_sent) != (JobState.DONE, 2)
        assert stands.pages_sent == 0
        it.bench.run(1200)
        stands = it.supervisor.ask(lambda: it.queue.ledger.job(job))
        assert (stands.state, stands.pages_sent) == (JobState.DONE, 2)
        assert len(kept.pages) == 3


def test_what_nobody_waits_for_any_more_is_not_done(tmp_path: Path) -> None:
    done: list[str] = []
    with serving(tmp_path, {"100": ""}) as it:
        it.supervisor.do(lambda: it.bench.clock.sleep(40))
        it.bench.run(1)
        with pytest.raises(Error, match="too busy to answer"):
            it.supervisor.ask(lambda: done.append("too late"))
        it.bench.run(30)
        it.supervisor.ask(lambda: done.append("in time"))
        assert done == ["in time"]


@pytest.mark.parametrize("seconds", [3, 5, 8, 11, 14, 20])
def test_a_job_can_be_cancelled_at_any_moment_of_its_call(tmp_path: Path, seconds: float) -> None:
    document = tmp_path / "letter.tif"
    PAGES[0].image().save(document, dpi=(204, 98))
    with serving(tmp_path, {"100": ""}) as it:
        it.bench.station("500").answer_with(lambda: answer(STANDARD), KeepsPages(), rings=3)
        job = it.queue_up(document, "500").id
        it.bench.run(seconds)
        assert it.station("100").state == "SENDING"
        it.supervisor.ask(lambda: it.queue.change(job, Wish.CANCEL))
        it.station("100").post.order({"do": "cancel", "id": job})  # type: ignore[union-attr]
        it.bench.run(60)
        assert it.supervisor.ask(lambda: it.queue.ledger.job(job)).state is JobState.CANCELLED
        assert (it.station("100").state, it.station("100").counts.restarts) == ("WAITING", 0)


def test_what_was_cancelled_in_its_call_can_be_tried_again_on_the_same_line(tmp_path: Path) -> None:
    document = tmp_path / "letter.tif"
    images = [page_bitmap("text", seed=number).image() for number in range(4)]
    images[0].save(document, dpi=(204, 98), save_all=True, append_images=images[1:])
    with serving(tmp_path, {"100": ""}) as it:
        it.bench.station("500").answer_with(lambda: answer(STANDARD), KeepsPages())
        job = it.queue_up(document, "500").id
        it.bench.run(40)
        it.supervisor.ask(lambda: it.queue.change(job, Wish.CANCEL))
        it.station("100").post.order({"do": "cancel", "id": job})  # type: ignore[union-attr]
        it.bench.run(60)
        assert it.supervisor.ask(lambda: it.queue.ledger.job(job)).state is JobState.CANCELLED
        it.supervisor.ask(lambda: it.queue.change(job, Wish.RETRY))
        it.bench.run(300)
        assert it.supervisor.ask(lambda: it.queue.ledger.job(job)).state is JobState.DONE


def test_what_is_cancelled_in_its_call_ends_it(tmp_path: Path) -> None:
    document = tmp_path / "letter.tif"
    images = [page_bitmap("text", seed=number).image() for number in range(8)]
    images[0].save(document, dpi=(204, 98), save_all=True, append_images=images[1:])
    with serving(tmp_path, {"100": ""}) as it:
        it.bench.station("500").answer_with(lambda: answer(STANDARD), KeepsPages())
        job = it.queue_up(document, "500")
        it.bench.run(40)
        it.station("100").post.order({"do": "cancel", "id": job.id})  # type: ignore[union-attr]
        it.bench.run(30)
        assert it.station("100").state == "WAITING"
        assert it.station("100").job is None
