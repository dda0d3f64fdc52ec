"""Sending: each page in the format that suits it, on as many sheets as it needs, ready before the line is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from faxhw.clock import Clock
from faxhw.errors import StorageError
from faxhw.fax.documents import FaxToSend
from faxhw.fax.preparing import Order, PreparedPage, prepare
from faxhw.fax.rendering import PageSource
from faxhw.fax.sender import CallFaxSender
from faxhw.session import (
    NextStep,
    Outcome,
    OutgoingPage,
    PagesDelivered,
    PageTaken,
    PageWanted,
    Session,
    Status,
)
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Format, PageLength, PageWidth, Resolution, Settings
from tests.pages import append_page, page_bitmap

from .fax_bench import PARAMETERS, FakeDevice, answered
from .fax_far_end import EVERYTHING, USUAL, FarEnd, drawn, rows_of, saved, taking

Cause = CallFaxSender.Cause


# ----------------------------------------------------------------------------------------------------------
# Formats


def mixed_document(path: Path) -> tuple[FaxToSend, list[Image.Image]]:
    """Standard, fine twice, fine of B4, and a photograph; the first four as they should arrive."""
    kinds = [("text", 1728, (204, 98)), ("form", 1728, (204, 196)), ("blank", 1728, (204, 196))]
    kinds.append(("text", 2048, (204, 196)))
    pages = [page_bitmap(kind, width, 300).image() for kind, width, _ in kinds]
    for image, (_, _, dpi) in zip(pages, kinds, strict=True):
        append_page(path, image, dpi=dpi)
    append_page(path, Image.linear_gradient("L").resize((600, 800)), dpi=(72, 72))
    return FaxToSend(path), pages


def test_each_page_goes_in_the_format_that_suits_it(tmp_path: Path) -> None:
    document, pages = mixed_document(tmp_path / "mixed.tif")
    far_end = FarEnd(replace(USUAL, width=PageWidth.B4))
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document, {"PageWidth": "B4"}) is Cause.NORMAL
        assert channel.FaxSender.Details.pages == 5
    mps, eom = NextStep.MORE_PAGES, NextStep.MORE_DOCUMENTS
    assert far_end.steps == [eom, mps, eom, eom, NextStep.NO_MORE]
    assert [(str(each.resolution), each.width) for each in far_end.chosen] == [
        ("204x98", "A4"),
        ("204x196", "A4"),
        ("204x196", "B4"),
        ("204x196", "A4"),
    ]
    assert {each.coding for each in far_end.chosen[:3]} == {Coding.MMR}
    assert {each.length for each in far_end.chosen} == {PageLength.UNLIMITED}
    for number, page in enumerate(pages):
        assert far_end.pages[number].tobytes() == page.tobytes()
    assert far_end.pages[4].size == (1728, 2091)  # as on a screen of 75 dots an inch
    assert [each.number for each in document.PageDetails] == [1, 2, 3, 4, 5]
    assert [each.width for each in document.PageDetails] == [1728, 1728, 1728, 2048, 1728]


def test_where_the_far_end_has_one_format_all_pages_follow_by_mps(tmp_path: Path) -> None:
    document, _ = mixed_document(tmp_path / "mixed.tif")
    far_end = FarEnd(
        replace(USUAL, codings=frozenset({Coding.MH}), resolutions=frozenset({Resolution.STANDARD}))
    )
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert far_end.steps == [NextStep.MORE_PAGES] * 4 + [NextStep.NO_MORE]
    assert far_end.chosen == [Format(Coding.MH, Resolution.STANDARD, PageWidth.A4, PageLength.UNLIMITED)]
    assert {each.width for each in far_end.pages} == {1728}


def test_a_session_that_asks_for_no_format_gets_pages_in_what_it_says(tmp_path: Path) -> None:
    document, pages = mixed_document(tmp_path / "mixed.tif")
    heard: list[tuple[list[Row], NextStep]] = []
    fine = replace(PARAMETERS, resolution=Resolution.FINE, coding=Coding.MR, min_scan_time=0.01)
    with answered(taking(heard, parameters=fine)) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert [step for _, step in heard] == [NextStep.MORE_PAGES] * 4 + [NextStep.NO_MORE]
    assert heard[0][0][::2] == heard[0][0][1::2] == rows_of(pages[0])
    assert heard[1][0] == rows_of(pages[1])


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        (frozenset(Coding), Coding.MMR),
        (frozenset({Coding.MH, Coding.MR}), Coding.MR),
        (frozenset({Coding.MH}), Coding.MH),
    ],
)
def test_the_coding_is_one_of_those_that_both_ends_have(
    tmp_path: Path, codings: frozenset[Coding], expected: Coding
) -> None:
    far_end = FarEnd(replace(USUAL, codings=codings))
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(saved(tmp_path / "out.tif", drawn())) is Cause.NORMAL
    assert far_end.chosen[0].coding is expected


@pytest.mark.parametrize("kind", ["text", "checkerboard", "photo"])
def test_the_coding_is_the_one_that_makes_the_page_smallest(tmp_path: Path, kind: str) -> None:
    page = page_bitmap(kind, 1728, 300)
    sizes = {coding: len(encode_page(page.rows, coding, 1728, k=2)) for coding in Coding}
    far_end = FarEnd()
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(saved(tmp_path / "out.tif", page.image())) is Cause.NORMAL
    assert len(far_end.data[0]) == sizes[far_end.chosen[0].coding] <= 1.01 * min(sizes.values())


def test_the_coding_of_a_page_on_several_sheets_is_the_best_for_all(tmp_path: Path) -> None:
    page = Image.new("1", (1728, 2400), 255)
    page.paste(page_bitmap("noise", 1728, 1100).image(), (0, 0))
    page.paste(page_bitmap("text", 1728, 1200, seed=3).image(), (0, 1200))
    far_end = FarEnd(replace(USUAL, length=PageLength.A4))
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(saved(tmp_path / "out.tif", page)) is Cause.NORMAL
    assert len(far_end.data) == 3
    assert far_end.chosen[0].coding is Coding.MH  # the noise weighs most
    assert b"".join(each.tobytes() for each in far_end.pages) == page.tobytes()[: sum_of(far_end.pages) * 216]


def sum_of(pages: list[Image.Image]) -> int:
    return sum(each.height for each in pages)


@pytest.mark.parametrize("rate", [14400, 2400])
def test_rows_take_their_least_time_on_the_line(tmp_path: Path, rate: int) -> None:
    document = saved(tmp_path / "out.tif", Image.new("1", (1728, 100), 255), drawn(100))
    far_end = FarEnd(replace(USUAL, codings=frozenset({Coding.MH})), rate=rate, min_scan_time=0.02)
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
    for data, details in zip(far_end.data, document.PageDetails, strict=True):
        assert len(data) * 8 >= 100 * 0.02 * rate
        assert details.size == len(data)


def test_after_rtn_the_page_goes_out_in_the_parameters_that_are_settled_then(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(), drawn(300, mark=9), dpi=(204, 196))
    far_end = FarEnd(answers=["MCF", "RTN", "RTN"])
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert [each.tobytes() for each in far_end.pages[1:]] == [drawn(300, mark=9).tobytes()] * 3
    assert len(far_end.chosen) == 3
    assert [each.retransmissions for each in document.PageDetails] == [0, 2]


# ----------------------------------------------------------------------------------------------------------
# Pages longer than the far end's paper


def test_a_page_on_several_sheets_is_one_page(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(100), drawn(3000), drawn(100))
    far_end = FarEnd(replace(USUAL, length=PageLength.A4), answers=["MCF", "MCF", "RTN"])
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        sender = channel.FaxSender
        sender.start(document)
        assert [sender.wait_for_next_page() for _ in range(3)] == [1, 2, 3]
        assert sender.wait_until_finished() is Cause.NORMAL
    assert far_end.steps == [NextStep.MORE_PAGES] * 5 + [NextStep.NO_MORE]
    assert [(each.number, each.sheet) for each in document.PageDetails] == [
        (1, 1),
        (2, 1),
        (2, 2),
        (2, 3),
        (3, 1),
    ]
    assert [each.retransmissions for each in document.PageDetails] == [0, 0, 1, 0, 0]
    joined = b"".join(each.tobytes() for each in (far_end.pages[1], far_end.pages[3], far_end.pages[4]))
    assert joined == drawn(3000).tobytes()


def test_a_page_of_which_a_sheet_is_missing_is_sent_again_whole(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(100), drawn(3000))
    limited = replace(USUAL, length=PageLength.A4)
    with answered(FarEnd(limited, answers=["MCF", "MCF", "HANGUP"]), able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.HANGUP
        assert channel.FaxSender.Details.pages == 1
    assert [each.confirmed for each in document.PageDetails] == [True, True, False]
    assert document.next_page == 2


# ----------------------------------------------------------------------------------------------------------
# Pages that the far end refuses


def test_a_refused_page_is_let_be_if_bad_ones_are_kept(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", *(drawn(100, mark=number) for number in range(4)))
    far_end = FarEnd(answers=["MCF", "RTN"])
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document, {"OnBadPage": "KEEP"}) is Cause.NORMAL
        assert (channel.FaxSender.Details.pages, channel.FaxSender.Details.last_page) == (3, True)
    assert len(far_end.pages) == 4
    assert [(each.number, each.confirmed, each.receive_quality) for each in document.PageDetails] == [
        (1, True, "GOOD"),
        (2, False, "BAD"),
        (3, True, "GOOD"),
        (4, True, "GOOD"),
    ]
    assert document.next_page == 2


def test_a_page_is_not_whole_without_a_sheet_of_it(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(3000), drawn(100))
    far_end = FarEnd(replace(USUAL, length=PageLength.A4), answers=["RTN"])
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document, {"OnBadPage": "KEEP"}) is Cause.NORMAL
        assert channel.FaxSender.Details.pages == 1
    assert [each.confirmed for each in document.PageDetails] == [False, True, True, True]
    assert document.next_page == 1


def test_a_refused_page_ends_the_fax_if_that_is_wanted(tmp_path: Path) -> None:
    document = saved(tmp_path / "out.tif", drawn(), drawn())
    with answered(FarEnd(answers=["MCF", "RTN"]), able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document, {"OnBadPage": "ABORT"}) is Cause.PAGEQUALITY
        assert channel.FaxSender.Details.pages == 1
        assert "refused page 2" in channel.FaxSender.Details.raw_cause_text
    assert [each.confirmed for each in document.PageDetails] == [True, False]


# ----------------------------------------------------------------------------------------------------------
# Ahead of the line


def slow(clock: Clock, seconds: float, orders: list[Order]) -> Callable[[PageSource, Order], PreparedPage]:
    def draw(source: PageSource, order: Order) -> PreparedPage:
        orders.append(order)
        clock.sleep(seconds)
        return prepare(source, order)

    return draw


def test_each_page_is_ready_before_the_line_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, _ = mixed_document(tmp_path / "mixed.tif")
    far_end, orders = FarEnd(), list[Order]()
    with answered(far_end, able=EVERYTHING) as (channel, device):
        monkeypatch.setattr("faxhw.fax.sending.prepare", slow(device.clock, 2.5, orders))
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert far_end.waited == [0] * 5
    assert [order.plan.page for order in orders] == [0, 1, 2, 3, 4]


def test_a_page_slow_to_draw_holds_up_nothing_but_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = saved(tmp_path / "out.tif", drawn(), drawn())
    far_end, orders = FarEnd(), list[Order]()
    with answered(far_end, able=EVERYTHING) as (channel, device):
        monkeypatch.setattr("faxhw.fax.sending.prepare", slow(device.clock, 8.0, orders))
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert far_end.waited == [pytest.approx(8 - 3 - 1.5 - 3), 0]


def test_what_the_far_end_cannot_do_is_drawn_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = saved(tmp_path / "out.tif", drawn(400), dpi=(204, 196))
    far_end, orders = FarEnd(replace(USUAL, resolutions=frozenset({Resolution.STANDARD}))), list[Order]()
    with answered(far_end, able=EVERYTHING) as (channel, device):
        monkeypatch.setattr("faxhw.fax.sending.prepare", slow(device.clock, 0.5, orders))
        assert channel.FaxSender.send(document) is Cause.NORMAL
    assert [str(order.plan.resolution) for order in orders] == ["204x196", "204x98"]
    assert far_end.waited == [0]


def test_a_page_that_cannot_be_drawn_ends_the_fax_when_its_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(source: PageSource, order: Order) -> PreparedPage:
        if order.plan.page == 1:
            raise StorageError("page 2 is damaged")
        return prepare(source, order)

    monkeypatch.setattr("faxhw.fax.sending.prepare", draw)
    document = saved(tmp_path / "out.tif", drawn(), drawn(), drawn())
    far_end = FarEnd()
    with answered(far_end, able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(document) is Cause.ERROR
        assert channel.FaxSender.Details.raw_cause == "0x103"
        assert "page 2 is damaged" in channel.FaxSender.Details.raw_cause_text
        assert channel.FaxSender.Details.pages == 1
    assert far_end.steps == [NextStep.MORE_PAGES]
    assert document.next_page == 2


def test_a_mistake_in_drawing_is_an_error_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: PageSource, order: Order) -> PreparedPage:
        raise RuntimeError("out of ink")

    monkeypatch.setattr("faxhw.fax.sending.prepare", broken)
    with answered(FarEnd(), able=EVERYTHING) as (channel, _device):
        assert channel.FaxSender.send(saved(tmp_path / "out.tif", drawn())) is Cause.ERROR
        assert channel.FaxSender.Details.raw_cause == "0x105"
        assert "out of ink" in channel.FaxSender.Details.raw_cause_text


# ----------------------------------------------------------------------------------------------------------
# Devices that tell at the end alone what was confirmed


@pytest.mark.parametrize(
    ("delivered", "arrived"), [(0, []), (1, [1]), (2, [1]), (3, [1, 2]), (4, [1, 2, 3]), (9, [1, 2, 3])]
)
def test_pages_that_were_taken_count_once_they_are_known_to_have_arrived(
    tmp_path: Path, delivered: int, arrived: list[int]
) -> None:
    for height in (100, 4000, 100):  # the one in the middle takes two sheets of A4
        append_page(tmp_path / "out.tif", page_bitmap("text", 1728, height).image(), dpi=(204, 196))
    document = FaxToSend(tmp_path / "out.tif")
    fine = replace(PARAMETERS, resolution=Resolution.FINE)

    def script(device: FakeDevice, settings: Settings) -> Session:
        while True:
            page = yield PageWanted(fine, with_rtc=False)
            assert isinstance(page, OutgoingPage)
            assert b"".join(page.data)
            assert (yield PageTaken()) is None
            assert channel.FaxSender.Details.pages == 0
            if page.next_step is NextStep.NO_MORE:
                break
        yield PagesDelivered(delivered)
        return Outcome(Status.NORMAL if delivered >= 4 else Status.LINE_DROPPED)

    with answered(script) as (channel, _device):
        cause = channel.FaxSender.send(document)
        assert channel.FaxSender.Details.pages == len(arrived)
    assert cause is (Cause.NORMAL if delivered >= 4 else Cause.HANGUP)
    assert [each.confirmed for each in document.PageDetails] == [each < delivered for each in range(4)]
    assert document.next_page == len(arrived) + 1
