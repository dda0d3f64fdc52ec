"""Sending: what scripts see of it; pages are counted once the far end confirms them."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.errors import Error, Hangup, StorageError, UsageError
from faxhw.fax.documents import FaxToSend
from faxhw.fax.rendering.header import strip
from faxhw.fax.sender import CallFaxSender
from faxhw.session import (
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageSent,
    PageWanted,
    RemoteInfo,
    Session,
    Status,
)
from faxhw.t4.rows import Row
from faxhw.terms import Resolution, Settings

from .fax_bench import PARAMETERS, FakeDevice, answered
from .fax_far_end import EVERYTHING, FarEnd, drawn, rows_of, saved, taking

Cause = CallFaxSender.Cause
State = CallFaxSender.State


def test_a_fax_of_two_pages(tmp_path: Path) -> None:
    pages = [drawn(), drawn(300, mark=50)]
    document = saved(tmp_path / "out.tif", *pages)
    heard: list[tuple[list[Row], NextStep]] = []
    with answered(taking(heard)) as (channel, device):
        sender = channel.FaxSender
        assert sender.start(fax_to_send=document, fax_options={"HighRes": "NO"}) is True
        assert sender.state() is State.TRANSMITTING
        assert sender.wait_for_negotiated_settings()["RemoteId"] == "999"
        assert sender.wait_for_next_page() == 1
        assert sender.Details.last_page is False
        assert sender.wait_for_next_page() == 2
        assert sender.wait_until_finished() is Cause.NORMAL
        assert sender.state() is State.IDLE
        assert (sender.Details.pages, sender.Details.last_page) == (2, True)
        assert sender.Details.remote_capabilities == {"ECM": False}
        assert device.said == ["send"]
    assert heard == [(rows_of(pages[0]), NextStep.MORE_PAGES), (rows_of(pages[1]), NextStep.NO_MORE)]
    first, second = document.PageDetails
    assert (first.number, first.length, first.confirmed, first.receive_quality) == (1, 200, True, "GOOD")
    assert (second.number, second.compression, second.resolution) == (2, "MH", "204x98")
    assert second.size > 0
    assert second.seconds == pytest.approx(10)


def test_a_refused_page_goes_out_again_and_counts_once(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(), drawn())
    heard: list[tuple[list[Row], NextStep]] = []
    with answered(taking(heard, False, False, True, True)) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
        assert channel.FaxSender.Details.pages == 2
    assert [step for _, step in heard] == [NextStep.MORE_PAGES] * 3 + [NextStep.NO_MORE]
    assert [each.retransmissions for each in document.PageDetails] == [2, 0]


def test_only_confirmed_pages_count(tmp_path: Path) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        yield PageWanted(PARAMETERS)
        device.wait(1)
        return Outcome(Status.LINE_DROPPED, line_up=False)

    document = saved(tmp_path / "out.tif", drawn())
    with answered(script) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.HANGUP
        assert channel.FaxSender.state() is State.ERROR
        assert channel.FaxSender.Details.pages == 0
        with pytest.raises(Hangup):
            channel.FaxSender.wait_for_next_page()
        with pytest.raises(Hangup):
            channel.FaxSender.start(document)
    assert [(each.confirmed, each.receive_quality) for each in document.PageDetails] == [(False, "BAD")]


def test_stop(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn())
    with answered(taking([])) as (channel, device):
        channel.FaxSender.start(document)
        device.clock.sleep(1)
        assert channel.FaxSender.stop() is True
        assert channel.FaxSender.cause() is Cause.ABORTED


@pytest.mark.parametrize("arguments", [{}, {"fax_to_send": FaxToSend("a"), "filename": "b"}])
def test_either_a_document_or_a_file_name(arguments: dict[str, object]) -> None:
    with answered() as (channel, _device), pytest.raises(UsageError, match="either"):
        channel.FaxSender.send(**arguments)  # type: ignore[arg-type]


def test_files_that_cannot_be_sent(tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("dear sir")
    with answered() as (channel, device):
        for name, says in ((tmp_path / "none.tif", "there is no file"), (text, "it is not an image")):
            assert channel.FaxSender.start(filename=name) is False
            assert channel.FaxSender.cause() is Cause.ERROR
            assert says in channel.FaxSender.Details.raw_cause_text
        assert device.said == []


def test_a_page_that_turns_out_damaged(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    drawn().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with answered(taking([])) as (channel, _device):
        assert channel.FaxSender.send(filename=path) is Cause.ERROR
        assert channel.FaxSender.Details.raw_cause == "0x103"
        with pytest.raises(Error, match="page 1 is damaged") as caught:
            channel.FaxSender.wait_for_next_page()
        assert isinstance(caught.value.__cause__, StorageError)


@pytest.mark.parametrize("event", [PageSent(confirmed=True), RemoteInfo()])
def test_a_session_out_of_order(tmp_path: Path, event: PageSent | RemoteInfo) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield event
        yield PageSent(confirmed=True)
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        assert channel.FaxSender.send(saved(tmp_path / "out.tif", drawn())) is Cause.ERROR
        assert channel.FaxSender.Details.raw_cause == "0x105"


# ----------------------------------------------------------------------------------------------------------
# Resuming


def test_the_rest_of_a_fax_that_failed(tmp_path: Path) -> None:
    pages = [drawn(100, mark=number) for number in range(5)]
    document = saved(tmp_path / "out.tif", *pages)
    first = FarEnd(answers=["MCF", "MCF", "HANGUP"])
    with answered(first, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.HANGUP
        assert channel.FaxSender.Details.pages == 2
    assert [(each.number, each.confirmed) for each in document.PageDetails] == [
        (1, True),
        (2, True),
        (3, False),
    ]
    assert document.next_page == 3
    rest = FaxToSend(tmp_path / "out.tif", first_page=document.next_page)
    second = FarEnd()
    with answered(second, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(rest) is Cause.NORMAL
        assert (channel.FaxSender.Details.pages, channel.FaxSender.Details.last_page) == (3, True)
    assert [each.tobytes() for each in second.pages] == [each.tobytes() for each in pages[2:]]
    assert [each.number for each in rest.PageDetails] == [3, 4, 5]
    assert rest.next_page == 6


def test_a_first_page_that_there_is_not(tmp_path: Path) -> None:
    document = FaxToSend(saved(tmp_path / "out.tif", drawn()).path, first_page=2)
    with answered() as (channel, device):
        assert channel.FaxSender.start(document) is False
        assert channel.FaxSender.cause() is Cause.ERROR
        assert "none to begin with at page 2" in channel.FaxSender.Details.raw_cause_text
        assert device.said == []


# ----------------------------------------------------------------------------------------------------------
# The header line, and what is told meanwhile


def test_the_header_of_each_page(tmp_path: Path) -> None:
    texts: list[str] = []
    document = saved(tmp_path / "out.tif", drawn(50), drawn(50), drawn(50))
    document = FaxToSend(document.path, first_page=2)
    far_end = FarEnd()
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        options = {"Header": "%d %H:%M from {from} to {to}: {page} of {pages}", "SubscriberId": "+49 89 1"}
        assert channel.FaxSender.send(document, options) is Cause.NORMAL
        when = channel.FaxSender.Details.started
    assert when is not None
    for number, page in enumerate(far_end.pages, 2):
        text = f"{when:%d %H:%M} from +49 89 1 to : {number} of 3"
        texts.append(text)
        line = strip(text, 1728, Resolution.STANDARD)
        assert page.crop((0, 0, 1728, line.height)).tobytes() == line.tobytes()
        assert page.crop((0, line.height, 1728, page.height)).tobytes() == drawn(50).tobytes()
    assert len(set(texts)) == 2


def test_octets_of_the_page_under_way(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(1000))
    seen: list[tuple[int, int]] = []

    def script(device: FakeDevice, settings: Settings) -> Session:
        page = yield PageWanted(PARAMETERS)
        assert isinstance(page, OutgoingPage)
        for _ in range(2):  # whoever sends it may go through it more than once
            for _piece in page.data:
                details = channel.FaxSender.Details
                seen.append((details.page_octets, details.page_size))
        yield PageSent(confirmed=True)
        assert (channel.FaxSender.Details.page_octets, channel.FaxSender.Details.page_size) == (0, 0)
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
    size = document.PageDetails[0].size
    assert seen == [(octets, size) for octets in range(0, size, 1024)] * 2
