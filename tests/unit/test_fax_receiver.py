"""Receiving: what scripts see of a job, and what becomes of its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.channel import Channel
from faxhw.clock import SYSTEM_CLOCK
from faxhw.errors import DeviceError, Error, Hangup, StorageError, UsageError
from faxhw.fax.documents import FaxToReceive
from faxhw.fax.receiver import CallFaxReceiver
from faxhw.session import (
    Cancelled,
    Negotiated,
    NextStep,
    Outcome,
    PageBegins,
    PageData,
    RemoteInfo,
    Session,
    Status,
)
from faxhw.terms import Coding, Settings, SignalFigures

from .fax_bench import (
    PARAMETERS,
    ROWS,
    FakeDevice,
    answered,
    coded,
    ends_with,
    fax,
    page,
    stored_rows,
    with_bad_rows,
)

Cause = CallFaxReceiver.Cause
State = CallFaxReceiver.State


@pytest.fixture
def document(tmp_path: Path) -> FaxToReceive:
    return FaxToReceive(tmp_path / "fax.tif")


# ----------------------------------------------------------------------------------------------------------
# A fax that goes well


def test_a_fax_of_three_pages(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded(ROWS[:50]), coded(ROWS[:70]))) as (channel, device):
        cause = channel.FaxReceiver.receive(document, fax_options={"SubscriberId": "42"})
        assert cause is Cause.NORMAL is channel.FaxReceiver.cause()
        assert channel.FaxReceiver.state() is State.IDLE
        assert channel.state() is channel.State.ANSWERED
        assert device.said == ["receive", "MCF", "MCF", "MCF"]
        details = channel.FaxReceiver.Details
        assert (details.pages, details.last_page, details.raw_cause) == (3, True, "0x00")
        assert (details.remote_id, details.nsf) == ("+44 1908 273800", b"\x01")
        assert (details.line, details.fax_standard) == ("fake:1", "T.30")
        assert details.options["SubscriberId"] == "42"
        assert details.failed_option == {}
        assert details.started is not None
        assert details.ended is not None
        assert details.started < details.ended
        assert channel.Details.far_end_type == "FAX"
    assert stored_rows(document) == [100, 50, 70]
    first = document.PageDetails[0]
    assert (first.number, first.receive_quality, first.width, first.length) == (1, "GOOD", 1728, 100)
    assert (first.resolution, first.compression, first.data_rate) == ("204x98", "MH", 14400)
    assert (first.size, first.bad_rows, first.confirmed) == (len(coded()), 0, True)
    assert first.seconds > 0


def test_the_negotiated_settings(document: FaxToReceive) -> None:
    with answered(fax(coded())) as (channel, _device):
        channel.FaxReceiver.start(document)
        negotiated = channel.FaxReceiver.wait_for_negotiated_settings()
        assert dict(negotiated.iteritems()) == {
            "Modem": "V.17",
            "DataRate": 14400,
            "ECM": False,
            "Compression": "MH",
            "Resolution": "204x98",
            "HighRes": False,
            "PageWidth": "A4",
            "PageLength": "A4",
            "MinScanTime": 0.0,
            "RemoteId": "+44 1908 273800",
        }
        assert negotiated == channel.FaxReceiver.Details.negotiated
        channel.FaxReceiver.wait_until_finished()
        assert channel.FaxReceiver.wait_for_negotiated_settings() == negotiated


def test_page_by_page(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded(), coded())) as (channel, _device):
        receiver = channel.FaxReceiver
        assert receiver.start(document) is True
        assert receiver.state() is State.RECEIVING
        assert receiver.cause() is Cause.NONE
        assert receiver.wait_for_next_page(0.5) == 0
        seen = []
        while receiver.Details.last_page is not True:
            seen.append((receiver.wait_for_next_page(), document.PageDetails[-1].receive_quality))
        assert seen == [(1, "GOOD"), (2, "GOOD"), (3, "GOOD")]
        assert receiver.wait_for_next_page() == 3
        assert receiver.wait_until_finished() is Cause.NORMAL
        assert receiver.wait_for_next_page() == 3


def test_nobody_waits_for_a_page_after_the_last(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        outcome = yield from fax(coded())(device, settings)
        device.wait(6.0)  # for DCN
        return outcome

    with answered(script) as (channel, device):
        receiver = channel.FaxReceiver
        receiver.start(document)
        assert receiver.wait_for_next_page() == 1
        assert receiver.Details.last_page is True
        asked = device.clock.monotonic()
        assert receiver.wait_for_next_page() == 1
        assert device.clock.monotonic() == asked
        assert receiver.state() is receiver.State.RECEIVING


def test_pages_completed_meanwhile_are_told_at_once(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        device.clock.sleep(60)
        assert channel.FaxReceiver.wait_for_next_page(0) == 2


def test_waiting_has_a_time_limit(document: FaxToReceive) -> None:
    with answered(fax(coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        assert channel.FaxReceiver.wait_for_negotiated_settings(1) == {}
        assert channel.FaxReceiver.wait_for_next_page(1) == 0
        assert channel.FaxReceiver.wait_until_finished(0.5) is Cause.TIMEOUT
        assert device.clock.monotonic() == pytest.approx(2.5)
        assert channel.FaxReceiver.cause() is Cause.NONE
        assert channel.FaxReceiver.wait_until_finished() is Cause.NORMAL


def test_a_file_name_in_place_of_a_document(tmp_path: Path) -> None:
    with answered(fax(coded())) as (channel, _device):
        assert channel.FaxReceiver.start(filename=str(tmp_path / "my_fax.tif")) == True  # noqa: E712
        assert channel.FaxReceiver.wait_until_finished() is Cause.NORMAL
    assert stored_rows(FaxToReceive(tmp_path / "my_fax.tif")) == [100]


def test_two_faxes_on_one_call(document: FaxToReceive) -> None:
    with answered(fax(coded())) as (channel, _device):
        channel.FaxReceiver.receive(document)
        first = channel.FaxReceiver.Details
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
        assert channel.FaxReceiver.Details.ID != first.ID
        assert len(document.PageDetails) == 1
        assert channel.FaxReceiver.wait_for_next_page() == 1


def test_settings_reach_the_session(document: FaxToReceive) -> None:
    seen: list[Settings] = []

    def script(device: FakeDevice, settings: Settings) -> Session:
        seen.append(settings)
        return (yield from fax(coded())(device, settings))

    with answered(script) as (channel, _device):
        channel.FaxReceiver.receive(document, {"SubscriberId": "123", "v17": "NO"})
    assert seen[0].ident == "123"
    assert not seen[0].ecm
    assert max(each.rate for each in seen[0].modulations()) == 9600


# ----------------------------------------------------------------------------------------------------------
# Exceptions and refusals


def test_without_a_call_there_is_no_fax(document: FaxToReceive) -> None:
    with Channel(FakeDevice()) as channel:
        receiver = channel.FaxReceiver
        for function in (
            lambda: receiver.start(document),
            lambda: receiver.receive(document),
            receiver.stop,
            receiver.wait_for_negotiated_settings,
            receiver.wait_for_next_page,
        ):
            with pytest.raises(Hangup):
                function()
        assert receiver.wait_until_finished() is Cause.NONE
        assert receiver.state() is State.IDLE
        channel.wait_for_call()
        for function in (lambda: receiver.start(document), lambda: receiver.receive(document), receiver.stop):
            with pytest.raises(Error, match="not answered"):
                function()


def test_before_a_job_was_started(document: FaxToReceive) -> None:
    with answered() as (channel, _device):
        assert channel.FaxReceiver.stop() is True
        with pytest.raises(Error, match="no fax was started"):
            channel.FaxReceiver.wait_for_next_page()
        with pytest.raises(Error, match="no fax was started"):
            channel.FaxReceiver.wait_for_negotiated_settings()


def test_one_job_at_a_time(document: FaxToReceive, tmp_path: Path) -> None:
    from PIL import Image  # noqa: PLC0415

    Image.new("1", (1728, 10), 255).save(tmp_path / "page.png")
    with answered(fax(coded())) as (channel, _device):
        channel.FaxReceiver.start(document)
        with pytest.raises(Error, match="in progress"):
            channel.FaxReceiver.start(document)
        with pytest.raises(Error, match="in use"):
            channel.FaxSender.start(filename=tmp_path / "page.png")
        assert channel.FaxReceiver.wait_until_finished() is Cause.NORMAL
        assert len(document.PageDetails) == 1


def test_a_call_that_ended_before_the_fax(document: FaxToReceive) -> None:
    with answered() as (channel, device):
        device.up = False
        with pytest.raises(Hangup):
            channel.FaxReceiver.start(document)
        assert channel.state() is channel.State.IDLE


@pytest.mark.parametrize("arguments", [{}, {"fax_to_receive": FaxToReceive("a"), "filename": "b"}])
def test_either_a_document_or_a_file_name(arguments: dict[str, object]) -> None:
    with answered() as (channel, _device), pytest.raises(UsageError, match="either"):
        channel.FaxReceiver.start(**arguments)  # type: ignore[arg-type]


def test_a_document_without_a_file_name() -> None:
    with answered() as (channel, _device), pytest.raises(UsageError, match="set_file_name"):
        channel.FaxReceiver.start(FaxToReceive())


@pytest.mark.parametrize(
    ("options", "cause", "offenders"),
    [
        ({"HiRes": "YES", "v17": "NO"}, Cause.UNKNOWN_OPTION, {"HiRes": "YES"}),
        ({"HighRes": "MAYBE", "v17": "NO"}, Cause.UNKNOWN_VALUE, {"HighRes": "MAYBE"}),
        (
            {"v17": "NO", "MinDataRate": "14400", "HighRes": "NO"},
            Cause.INCONSISTENT_OPTIONS,
            {"v17": "NO", "MinDataRate": "14400"},
        ),
        ({"T38": "YES"}, Cause.STANDARDMISMATCH, {"T38": "YES"}),
    ],
)
def test_bad_options(
    document: FaxToReceive,
    options: dict[str, object],
    cause: str,
    offenders: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with answered() as (channel, device):
        receiver = channel.FaxReceiver
        assert receiver.start(document, fax_options=options) is False
        assert receiver.cause() == cause
        assert receiver.state() is State.ERROR
        assert receiver.Details.failed_option == offenders
        assert receiver.Details.last_page is True
        assert receiver.receive(document, fax_options=options) == cause
        assert device.said == []
        with pytest.raises(Error, match="not started") as caught:
            receiver.wait_for_next_page()
        assert isinstance(caught.value.__cause__, UsageError)
        assert all(name in caplog.text for name in offenders)
        assert channel.state() is channel.State.ANSWERED


def test_a_file_that_plainly_cannot_be_written(tmp_path: Path) -> None:
    with answered() as (channel, device):
        receiver = channel.FaxReceiver
        for name, says in (
            (tmp_path, "it is a directory"),
            (tmp_path / "no" / "x.tif", "there is no directory"),
        ):
            assert receiver.start(FaxToReceive(name)) is False
            assert receiver.cause() is Cause.ERROR
            assert receiver.Details.raw_cause == "0x103"
            assert says in receiver.Details.raw_cause_text
            with pytest.raises(StorageError, match=says):
                FaxToReceive(name).check()
        assert device.said == []


# ----------------------------------------------------------------------------------------------------------
# A fax that goes wrong


@pytest.mark.parametrize(
    ("outcome", "cause", "raw"),
    [
        (Outcome(Status.NO_ANSWER_T1, heard_fax=False), Cause.NOTFAX, "0x11"),
        (Outcome(Status.TRAINING_FAILED), Cause.COMMSFAULT, "0x27"),
        (Outcome(Status.T2_NO_PAGE), Cause.TIMEOUT, "0x73"),
        (Outcome(Status.STANDARD_MISMATCH), Cause.STANDARDMISMATCH, "0x106"),
        (Outcome(Status.PAGE_QUALITY), Cause.PAGEQUALITY, "0x102"),
        (Outcome(Status.NORMAL), Cause.COMMSFAULT, "0x101"),
    ],
)
def test_a_failure_with_the_line_left_up(
    document: FaxToReceive, outcome: Outcome, cause: str, raw: str
) -> None:
    with answered(ends_with(outcome)) as (channel, device):
        receiver = channel.FaxReceiver
        receiver.start(document)
        assert receiver.wait_for_negotiated_settings() == {}
        assert receiver.wait_until_finished() == cause
        assert (receiver.state(), receiver.Details.raw_cause) == (State.ERROR, raw)
        assert receiver.Details.raw_cause_text
        assert receiver.Details.last_page is True
        with pytest.raises(Error, match=cause):
            receiver.wait_for_next_page()
        assert channel.state() is channel.State.ANSWERED
        assert device.said == ["receive"]
    assert not document.path.exists()


def test_the_far_end_hangs_up(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        yield from page(device, coded(), NextStep.MORE_PAGES)
        yield PageBegins(PARAMETERS)
        yield PageData(coded()[:100])
        device.wait(2)
        return Outcome(Status.LINE_DROPPED, line_up=False)

    with answered(script) as (channel, device):
        receiver = channel.FaxReceiver
        receiver.start(document)
        assert receiver.wait_for_next_page() == 1
        with pytest.raises(Hangup):
            receiver.wait_for_next_page()
        assert receiver.wait_until_finished() is Cause.HANGUP
        assert channel.state() is channel.State.IDLE
        assert device.said == ["receive", "MCF", "hang up"]
        with pytest.raises(Hangup):
            receiver.stop()
        assert receiver.wait_for_negotiated_settings()["Modem"] == "V.17"
    assert stored_rows(document) == [100]


def test_the_far_end_hangs_up_before_anything_is_negotiated(document: FaxToReceive) -> None:
    with answered(ends_with(Outcome(Status.LINE_DROPPED, line_up=False))) as (channel, _device):
        channel.FaxReceiver.start(document)
        with pytest.raises(Hangup):
            channel.FaxReceiver.wait_for_negotiated_settings()


def test_a_bug_in_the_session(document: FaxToReceive, caplog: pytest.LogCaptureFixture) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield RemoteInfo(ident="1")
        raise ZeroDivisionError("oops")

    with answered(script) as (channel, _device):
        receiver = channel.FaxReceiver
        assert receiver.receive(document) is Cause.ERROR
        assert receiver.Details.raw_cause == "0x105"
        assert "oops" in receiver.Details.raw_cause_text
        for function in (receiver.wait_for_next_page, receiver.wait_for_negotiated_settings):
            with pytest.raises(Error, match="cause ERROR") as caught:
                function()
            assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert channel.state() is channel.State.ANSWERED
    assert any(record.exc_info for record in caplog.records)


def test_a_modem_that_vanishes(document: FaxToReceive, caplog: pytest.LogCaptureFixture) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        device.wait(1)
        device.broken = True
        device.hang_up()
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        assert channel.FaxReceiver.receive(document) is Cause.ERROR
        assert channel.FaxReceiver.Details.raw_cause == "0x104"
        assert channel.state() is channel.State.ERROR
        with pytest.raises(Error) as caught:
            channel.FaxReceiver.wait_for_next_page()
        assert isinstance(caught.value.__cause__, DeviceError)
    assert "vanished" in caplog.text


def test_a_session_that_ends_in_cancellation_by_itself(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        device.cancel()
        device.wait(1)
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        assert channel.FaxReceiver.receive(document) is Cause.ABORTED


def test_a_session_out_of_order(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield PageData(b"x")
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        assert channel.FaxReceiver.receive(document) is Cause.ERROR
        assert "before the page" in channel.FaxReceiver.Details.raw_cause_text


# ----------------------------------------------------------------------------------------------------------
# Stopping


def stopper(device: FakeDevice, channel: Channel, after: float, answers: list[bool]) -> None:
    device.clock.sleep(after)
    answers.append(channel.FaxReceiver.stop())


@pytest.mark.parametrize("after", [0.0, 1.0, 3.05, 3.2])
def test_stop_from_another_thread(document: FaxToReceive, after: float) -> None:
    answers: list[bool] = []
    with answered(fax(coded(), coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        device.clock.spawn(lambda: stopper(device, channel, after, answers), "stopper")
        assert channel.FaxReceiver.wait_until_finished() is Cause.ABORTED
        assert channel.FaxReceiver.state() is State.IDLE
        assert channel.FaxReceiver.Details.raw_cause == "0x02"
        assert channel.state() is channel.State.ANSWERED
        device.clock.sleep(1)
        assert answers == [True]
        assert channel.FaxReceiver.stop() is True


def test_a_session_may_say_goodbye(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        try:
            device.wait(None)
        except Cancelled:
            device.said.append("DCN")
            yield RemoteInfo(ident="late")
            return Outcome(Status.ABORTED)
        raise AssertionError("not cancelled")

    with answered(script) as (channel, device):
        channel.FaxReceiver.start(document)
        device.clock.sleep(1)
        assert channel.FaxReceiver.stop() is True
        assert device.said == ["receive", "DCN"]
        assert channel.FaxReceiver.Details.remote_id == "late"


def test_stop_in_real_time(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        device.wait(None)
        return Outcome(Status.NORMAL)

    with answered(script, clock=SYSTEM_CLOCK) as (channel, _device):
        channel.FaxReceiver.start(document)
        assert channel.FaxReceiver.wait_for_negotiated_settings()["Modem"] == "V.17"
        assert channel.FaxReceiver.stop() is True
        assert channel.FaxReceiver.cause() is Cause.ABORTED


def test_a_session_that_does_not_stop_in_time(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        for number in range(40):
            device.wait(1)
            yield RemoteInfo(ident=str(number))
        return Outcome(Status.NORMAL)

    with answered(script, heedless=True) as (channel, device):
        channel.FaxReceiver.start(document)
        device.clock.sleep(2.5)
        assert channel.FaxReceiver.stop() is False
        assert device.clock.monotonic() == pytest.approx(12.5)
        assert channel.FaxReceiver.wait_until_finished() is Cause.ABORTED
        assert device.clock.monotonic() < 14


def test_closing_the_channel_during_a_job(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        channel.FaxReceiver.wait_for_next_page()
    assert channel.FaxReceiver.cause() is Cause.ABORTED
    assert device.said == ["receive", "MCF", "hang up", "close"]
    assert stored_rows(document) == [100]


def test_hanging_up_during_a_job(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        channel.FaxReceiver.wait_for_next_page()
        assert channel.hang_up() is channel.State.IDLE
        assert channel.FaxReceiver.cause() is Cause.ABORTED
        assert device.said[-1] == "hang up"


def test_two_channels_at_once(tmp_path: Path) -> None:
    documents = [FaxToReceive(tmp_path / f"{number}.tif") for number in range(2)]
    first = FakeDevice(fax(coded(), coded()))
    second = FakeDevice(ends_with(Outcome(Status.DCN_RECEIVED)), clock=first.clock, name="fake:2")
    with Channel(first) as one, Channel(second) as two:
        for channel, document in zip((one, two), documents, strict=True):
            channel.wait_for_call()
            channel.answer()
            channel.FaxReceiver.start(document)
        assert two.FaxReceiver.wait_until_finished() is Cause.COMMSFAULT
        assert one.FaxReceiver.wait_until_finished() is Cause.NORMAL


# ----------------------------------------------------------------------------------------------------------
# Page quality


def test_a_damaged_page_within_the_limits_is_kept_and_repaired(document: FaxToReceive) -> None:
    with answered(fax(with_bad_rows(5))) as (channel, device):
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
        assert device.said[-1] == "MCF"
    only = document.PageDetails[0]
    assert (only.receive_quality, only.bad_rows, only.longest_bad_run) == ("FAIR", 5, 1)
    assert stored_rows(document) == [100]


def test_a_bad_page_is_asked_for_again_and_then_given_up(document: FaxToReceive) -> None:
    with answered(fax(coded(), with_bad_rows(20))) as (channel, device):
        assert channel.FaxReceiver.receive(document) is Cause.PAGEQUALITY
        assert device.said == ["receive", "MCF", "RTN", "RTN", "quality"]
        assert channel.FaxReceiver.Details.pages == 1
        assert channel.FaxReceiver.wait_for_next_page() == 1
        assert channel.FaxReceiver.wait_for_next_page() == 1
    assert stored_rows(document) == [100]


def test_a_page_that_comes_well_the_second_time(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        yield from page(device, with_bad_rows(20))
        return (yield from page(device, coded()))

    with answered(script) as (channel, device):
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
        assert device.said == ["receive", "RTN", "MCF"]
    assert [each.retransmissions for each in document.PageDetails] == [1]


@pytest.mark.parametrize(
    ("options", "verdict", "cause"),
    [
        ({"OnBadPage": "KEEP"}, "RTP", Cause.NORMAL),
        ({"OnBadPage": "ABORT"}, "quality", Cause.PAGEQUALITY),
        ({"MaxPercentBadLines": 20}, "MCF", Cause.NORMAL),
        (
            {"MaxPercentBadLines": 20, "MaxConsecBadLines": 0, "OnBadPage": "ABORT"},
            "quality",
            Cause.PAGEQUALITY,
        ),
    ],
)
def test_what_a_bad_page_is_worth_is_the_options_business(
    document: FaxToReceive, options: dict[str, object], verdict: str, cause: str
) -> None:
    with answered(fax(with_bad_rows(20))) as (channel, device):
        assert channel.FaxReceiver.receive(document, options) == cause
        assert device.said[-1] == verdict
    assert [each.receive_quality for each in document.PageDetails] == (
        [] if cause is Cause.PAGEQUALITY else ["BAD" if verdict == "RTP" else "FAIR"]
    )


def test_a_page_with_nothing_on_it_is_never_kept(document: FaxToReceive) -> None:
    with answered(fax(coded([]))) as (channel, device):
        assert channel.FaxReceiver.receive(document, {"OnBadPage": "KEEP"}) is Cause.PAGEQUALITY
        assert "MCF" not in device.said


@pytest.mark.parametrize("more", [0, 4000])
@pytest.mark.parametrize("on_bad_page", ["RETRAIN", "KEEP"])
def test_a_page_without_end_ends_the_fax(document: FaxToReceive, on_bad_page: str, more: int) -> None:
    """At once, not when the sender is done with it."""
    endless = coded([()] * (20_001 + more))
    with answered(fax(coded(), endless)) as (channel, device):
        assert channel.FaxReceiver.receive(document, {"OnBadPage": on_bad_page}) is Cause.PAGEQUALITY
        assert device.said == ["receive", "MCF"]
        assert channel.FaxReceiver.Details.raw_cause_text == "The page is longer than any page can be."
        seconds = (len(coded()) + len(coded([()] * 20_001))) / 200 * 0.1
        assert device.clock.monotonic() < seconds + 5
    assert stored_rows(document) == [100]


def test_a_page_that_was_cut_off_is_asked_for_again(document: FaxToReceive) -> None:
    with answered(fax(coded()[:-60])) as (channel, device):
        channel.FaxReceiver.receive(document)
        assert device.said[1] == "RTN"


def test_a_device_that_vouches_for_the_page_is_believed(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        return (yield from page(device, with_bad_rows(20), intact=True, retransmissions=3))

    with answered(script) as (channel, _device):
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
    assert [(each.receive_quality, each.retransmissions) for each in document.PageDetails] == [("BAD", 3)]


def test_mr_pages(document: FaxToReceive) -> None:
    from dataclasses import replace  # noqa: PLC0415

    parameters = replace(PARAMETERS, coding=Coding.MR)
    with answered(fax(coded(coding=Coding.MR), parameters=parameters)) as (channel, _device):
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
    assert document.PageDetails[0].compression == "MR"
    assert stored_rows(document) == [100]


def test_more_pages_than_allowed(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded(), coded())) as (channel, device):
        assert channel.FaxReceiver.receive(document, {"MaxPages": 2}) is Cause.ABORTED
        assert device.said == ["receive", "MCF", "MCF"]
        assert "MaxPages=2" in channel.FaxReceiver.Details.raw_cause_text
    assert stored_rows(document) == [100, 100]


def test_as_many_pages_as_allowed(document: FaxToReceive) -> None:
    with answered(fax(coded(), coded())) as (channel, _device):
        assert channel.FaxReceiver.receive(document, {"MaxPages": 2}) is Cause.NORMAL


def test_figures_of_the_signal_where_the_device_has_them(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        yield from page(device, coded(), NextStep.MORE_PAGES, signal=SignalFigures(-21.5, 27.0))
        return (yield from page(device, coded()))

    with answered(script) as (channel, _):
        assert channel.FaxReceiver.receive(document) == CallFaxReceiver.Cause.NORMAL
    assert [(each.signal_level, each.signal_quality) for each in document.PageDetails] == [
        (-21.5, 27.0),
        (None, None),
    ]
