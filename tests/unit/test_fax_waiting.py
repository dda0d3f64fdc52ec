"""Waiting for a job, from several threads and over several jobs; what a script may keep and change."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import pytest
from PIL import Image

from faxhw.channel import Channel
from faxhw.errors import Error, UsageError
from faxhw.fax.documents import FaxToReceive
from faxhw.fax.receiver import CallFaxReceiver
from faxhw.session import Outcome, Status

from .fax_bench import ROWS, FakeDevice, answered, coded, ends_with, fax

Cause = CallFaxReceiver.Cause


@pytest.fixture
def document(tmp_path: Path) -> FaxToReceive:
    return FaxToReceive(tmp_path / "fax.tif")


def test_two_threads_that_wait_for_a_page_both_get_it(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, device):
        receiver = channel.FaxReceiver
        receiver.start(document)
        seen: list[int] = []
        workers = [
            device.clock.spawn(lambda: seen.append(receiver.wait_for_next_page()), f"waiter {number}")
            for number in range(2)
        ]
        assert all(worker.join(60) for worker in workers)
        assert seen == [1, 1]
        assert receiver.wait_for_next_page() == 2


def test_who_waits_for_an_old_job_takes_nothing_from_the_new_one(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded(), coded())) as (channel, device):
        receiver = channel.FaxReceiver
        receiver.start(document)
        old_details, seen = receiver.Details, list[int]()

        def wait_for_three() -> None:
            while old_details.pages < 3:
                seen.append(receiver.wait_for_next_page())

        waiter = device.clock.spawn(wait_for_three, "waiter")
        assert receiver.wait_until_finished() is Cause.NORMAL
        device.script = fax(coded())
        receiver.start(document)
        assert receiver.wait_for_next_page() == 1
        assert waiter.join(5)
        assert seen == [1, 2, 3]


def test_what_a_script_kept_of_an_earlier_fax_stays(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, device):
        channel.FaxReceiver.receive(document)
        details, pages = channel.FaxReceiver.Details, document.PageDetails
        device.script = ends_with(Outcome(Status.TRAINING_FAILED))
        assert channel.FaxReceiver.receive(document) is Cause.COMMSFAULT
        assert document.PageDetails == []
        assert [page.number for page in pages] == [1, 2]
        assert (details.pages, details.raw_cause) == (2, "0x00")
        assert details.ID != channel.FaxReceiver.Details.ID


def test_a_start_that_fails_changes_nothing(document: FaxToReceive, tmp_path: Path) -> None:
    Image.new("1", (1728, 10), 255).save(tmp_path / "page.png")
    with answered(fax(coded())) as (channel, device):
        channel.FaxReceiver.receive(document)
        device.script = fax(coded())
        channel.FaxSender.start(filename=tmp_path / "page.png")
        with pytest.raises(Error, match="in use"):
            channel.FaxReceiver.start(document)
        assert len(document.PageDetails) == 1
        assert channel.FaxReceiver.cause() is Cause.NORMAL


def test_two_channels_do_not_receive_to_one_file(document: FaxToReceive) -> None:
    """Whichever stores its first page later is refused, and what the other had confirmed stays."""
    first = FakeDevice(fax(coded(), coded()))
    second = FakeDevice(fax(coded(ROWS[:90])), clock=first.clock, name="fake:2")
    with Channel(first) as one, Channel(second) as two:
        for channel in (one, two):
            channel.wait_for_call()
            channel.answer()
        assert two.FaxReceiver.start(FaxToReceive(document.path))
        assert one.FaxReceiver.start(document)
        assert one.FaxReceiver.wait_until_finished() is Cause.ERROR
        assert first.said[-1] == "DCN"
        assert "another file has taken its name" in one.FaxReceiver.Details.raw_cause_text
        assert two.FaxReceiver.wait_until_finished() is Cause.NORMAL
    with Image.open(document.path) as image:
        assert image.height == 90


def test_odd_time_outs(document: FaxToReceive) -> None:
    with answered(fax(coded())) as (channel, _device):
        receiver = channel.FaxReceiver
        assert channel.wait_for_idle(-1) is channel.State.ANSWERED
        receiver.start(document)
        assert receiver.wait_until_finished(-1) is Cause.TIMEOUT
        for function in (receiver.wait_until_finished, receiver.wait_for_next_page, channel.wait_for_idle):
            with pytest.raises(UsageError, match="not a number"):
                function(math.nan)
        assert receiver.wait_for_negotiated_settings(1e30) != {}
        assert receiver.wait_until_finished(math.inf) is Cause.NORMAL


def test_options_are_the_jobs_own(document: FaxToReceive) -> None:
    options = {"OnBadPage": "ABORT", "MaxPages": "5"}
    with answered(fax(coded()[:300])) as (channel, _device):
        channel.FaxReceiver.start(document, options)
        options["OnBadPage"] = channel.FaxReceiver.Details.options["OnBadPage"] = "KEEP"
        assert channel.FaxReceiver.wait_until_finished() is Cause.PAGEQUALITY


def test_the_log_tells_the_story_of_a_fax(document: FaxToReceive, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "faxhw")
    with answered(fax(coded())) as (channel, _device):
        channel.FaxReceiver.receive(document)
    story = [record.getMessage().removeprefix("fake:1: ") for record in caplog.records]
    negotiated = next(line for line in story if line.startswith("negotiated"))
    assert story == [
        "the call is WAITING",
        "a call from 0123",
        "the call is CALL_INCOMING",
        "the call is ANSWERING",
        "the call is ANSWERED",
        f"the fax starts, {document.path}",
        "the far end is made by unknown maker 01 (Niger)",
        negotiated,
        "page 1: GOOD, 100 rows",
        "the fax ended, NORMAL: The fax ended normally.",
        "the call is IDLE",
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.TRAINING_FAILED, "COMMSFAULT: Training failed at the lowest rate both ends have."),
        (Status.DEVICE_FAILED, "ERROR: The device failed."),
    ],
)
def test_a_failure_is_one_error_in_the_log(
    document: FaxToReceive, caplog: pytest.LogCaptureFixture, status: Status, said: str
) -> None:
    with answered(ends_with(Outcome(status, detail="So it was."))) as (channel, _device):
        channel.FaxReceiver.receive(document)
    (error,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert error.getMessage() == f"fake:1: the fax failed, {said} So it was."
