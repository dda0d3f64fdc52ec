"""Sending: pages rendered as the far end takes them, counted once it confirms them."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from faxhw.errors import Error, Hangup, StorageError, UsageError
from faxhw.fax.documents import FaxToSend
from faxhw.fax.rendering import PageSource
from faxhw.fax.sender import CallFaxSender
from faxhw.session import (
    Coding,
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PageSent,
    PageWanted,
    Parameters,
    RemoteInfo,
    Resolution,
    Session,
    Settings,
    Status,
)
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import Row, rows_from_bitmap

from .fax_bench import PARAMETERS, FakeDevice, Script, answered

Cause = CallFaxSender.Cause
State = CallFaxSender.State
FINE = replace(PARAMETERS, resolution=Resolution.FINE, coding=Coding.MR, min_scan_time=0.01)


def drawn(height: int = 200, mark: int = 0) -> Image.Image:
    """A bilevel page with lines on it, black on white."""
    image = Image.new("1", (1728, height), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((100 + mark, 20, 300, 60), fill=0)
    pen.line((0, 0, 1727, height - 1), fill=0, width=3)
    return image


def rows_of(image: Image.Image) -> list[Row]:
    return rows_from_bitmap(ImageChops.invert(image).tobytes(), image.width)


def saved(path: Path, *pages: Image.Image, dpi: tuple[int, int] = (204, 98)) -> FaxToSend:
    pages[0].save(path, format="TIFF", compression="group4", save_all=True, append_images=pages[1:], dpi=dpi)
    return FaxToSend(path)


def taking(
    heard: list[tuple[list[Row], NextStep]], *answers: bool, parameters: Parameters = PARAMETERS
) -> Script:
    """A session whose far end takes pages, and confirms or refuses each as ``answers`` say, then all."""

    def script(device: FakeDevice, settings: Settings) -> Session:
        yield RemoteInfo(ident="999", capabilities={"ECM": False})
        yield Negotiated(parameters)
        verdicts = iter(answers)
        again = False
        while True:
            page = yield PageWanted(parameters, again=again)
            assert isinstance(page, OutgoingPage)
            decoder = PageDecoder(parameters.coding, parameters.row_dots)
            for piece in page.data:
                decoder.feed(piece)
            device.wait(10)
            decoded = decoder.finish()
            assert decoded.report.complete
            assert not decoded.report.bad_rows
            heard.append((decoded.rows, page.next_step))
            confirmed = next(verdicts, True)
            yield PageSent(confirmed)
            again = not confirmed
            if confirmed and page.next_step is NextStep.NO_MORE:
                return Outcome(Status.NORMAL)

    return script


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
        for name, says in ((tmp_path / "none.tif", "No such file"), (text, "it is not an image")):
            assert channel.FaxSender.start(filename=name) is False
            assert channel.FaxSender.cause() is Cause.ERROR
            assert says in channel.FaxSender.Details.raw_cause_text
        assert device.said == []


@pytest.mark.broken_tiffs
def test_broken_files_of_every_kind_are_refused_or_sent(tmp_path: Path) -> None:
    """And nothing else comes of them."""
    whole = saved(tmp_path / "whole.tif", drawn(), drawn()).path.read_bytes()
    path = tmp_path / "broken.tif"
    for seed in range(60):
        dice = random.Random(seed)
        octets = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            octets[dice.choice((dice.randrange(len(whole)), dice.randrange(16)))] = dice.randrange(256)
        path.write_bytes(octets[: dice.choice((len(octets), dice.randrange(len(octets))))])
        with suppress(StorageError):
            source = PageSource(path)
            for number in range(min(source.pages, 2)):
                source.rows(number, PARAMETERS)


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
# Rendering


def test_standard_and_fine_keep_their_proportions(tmp_path: Path) -> None:
    fine = saved(tmp_path / "fine.tif", drawn(400), dpi=(204, 196))
    standard = saved(tmp_path / "standard.tif", drawn(200))
    assert PageSource(fine.path).rows(0, FINE) == rows_of(drawn(400))
    assert len(PageSource(fine.path).rows(0, PARAMETERS)) == 200
    doubled = PageSource(standard.path).rows(0, FINE)
    assert len(doubled) == 400
    assert doubled[::2] == doubled[1::2] == rows_of(drawn(200))


def test_thin_lines_survive_the_coarser_resolution(tmp_path: Path) -> None:
    image = Image.new("1", (1728, 400), 255)
    for row in range(0, 400, 40):
        ImageDraw.Draw(image).line((100, row, 500, row), fill=0)
    rows = PageSource(saved(tmp_path / "fine.tif", image, dpi=(204, 196)).path).rows(0, PARAMETERS)
    assert sum(row == (100, 501) for row in rows) == 10


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "LA", "I;16"])
def test_any_image_is_scaled_to_the_paper(tmp_path: Path, mode: str) -> None:
    grey = Image.linear_gradient("L").resize((864, 400))
    image = Image.new(mode, (864, 400)) if mode == "I;16" else grey.convert(mode)
    path = tmp_path / "photo.png"
    image.save(path)
    rows = PageSource(path).rows(0, FINE)
    assert abs(len(rows) - 800 * 196 / 204) < 1
    assert all(row == () or row[-1] <= 1728 for row in rows)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(path)
    assert set(PageSource(path).rows(0, PARAMETERS)) == {()}


def test_an_endless_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tape.png"
    Image.new("1", (8, 4000), 255).save(path)
    with pytest.raises(Error, match="more than 20000"):
        PageSource(path).rows(0, FINE)


def test_the_header_stands_on_top(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(100))
    plain = PageSource(document.path).rows(0, PARAMETERS)
    headed = PageSource(document.path, header="From: Ada   Page: 1").rows(0, PARAMETERS)
    extra = len(headed) - len(plain)
    assert 10 < extra < 20
    assert headed[extra:] == plain
    assert any(headed[:extra])
