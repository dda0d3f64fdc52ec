"""Documents sent through the Class 1 driver to a far end on the virtual line: whole calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from faxhw.fax.documents import FaxToSend
from faxhw.fax.rendering.header import strip
from faxhw.session import Negotiated
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import bitmap_from_rows
from faxhw.t30.answering import answer
from faxhw.terms import Coding, PageLength, PageWidth, Resolution, Settings
from faxhw_drivers.sim.far_end import KeepsPages
from tests.pages import append_page, page_bitmap
from tests.virtual.calls import THEIRS, Setting, setting

PLAIN = Settings(ident="+49 89 200", width=PageWidth.A3, resolutions=frozenset(Resolution))
CORRECTED = replace(PLAIN, ecm=True, codings=frozenset(Coding))
BOTH = pytest.mark.parametrize("theirs", [PLAIN, CORRECTED], ids=["plain", "corrected"])


def dialled(this: Setting, theirs: Settings) -> KeepsPages:
    """Call a far end that keeps the pages it gets."""
    kept = KeepsPages()
    this.station.answer_with(lambda: answer(theirs), kept)
    assert this.channel.call(THEIRS) == "ANSWERED"
    return kept


def pictures(kept: KeepsPages) -> list[Image.Image]:
    """What came, as images of mode "1"; every row must be sound."""
    found = []
    for data, parameters in zip(kept.pages, kept.parameters, strict=True):
        decoder = PageDecoder(parameters.coding, parameters.row_dots)
        decoder.feed(data)
        decoded = decoder.finish()
        assert decoded.report.complete
        assert not decoded.report.bad_rows
        bitmap = bitmap_from_rows(decoded.rows, parameters.row_dots)
        found.append(Image.frombytes("1", (parameters.row_dots, len(decoded.rows)), bitmap, "raw", "1;I"))
    return found


def mixed(path: Path) -> list[Image.Image]:
    """Pages of many formats in one file; returns those that are to arrive as they are."""
    formats = [
        ("text", PageWidth.A4, Resolution.STANDARD),
        ("form", PageWidth.A4, Resolution.FINE),
        ("text", PageWidth.A4, Resolution.FINE),
        ("form", PageWidth.B4, Resolution.SUPERFINE),
        ("text", PageWidth.A3, Resolution.DPI_200),
        ("text", PageWidth.A4, Resolution.DPI_300),
        ("form", PageWidth.A4, Resolution.R16_SUPERFINE),
        ("form", PageWidth.A4, Resolution.DPI_400),
        ("text", PageWidth.A4, Resolution.DPI_200_100),
    ]
    pages = []
    for kind, width, resolution in formats:
        page = page_bitmap(kind, width.dots(resolution), 150).image()
        append_page(path, page, dpi=resolution.value)
        pages.append(page)
    append_page(path, Image.linear_gradient("L").resize((300, 200)))
    return pages


@BOTH
def test_every_format_in_one_document(theirs: Settings, tmp_path: Path) -> None:
    pages, document = mixed(tmp_path / "mixed.tif"), FaxToSend(tmp_path / "mixed.tif")
    with setting() as this:
        kept = dialled(this, theirs)
        assert this.channel.FaxSender.send(document, {"PageWidth": "A3"}) == "NORMAL"
        assert this.channel.FaxSender.Details.pages == 10
        negotiated = [each for each in this.station.calls[-1].events if isinstance(each, Negotiated)]
    came = pictures(kept)
    assert [each.tobytes() for each in came[:9]] == [page.tobytes() for page in pages]
    assert came[9].width == 1728
    coarse = str(kept.parameters[8].resolution)
    assert coarse in ("200x100", "204x98")  # as good as each other
    assert [(str(each.resolution), str(each.width)) for each in kept.parameters] == [
        ("204x98", "A4"),
        ("204x196", "A4"),
        ("204x196", "A4"),
        ("204x391", "B4"),
        ("200x200", "A3"),
        ("300x300", "A4"),
        ("408x391", "A4"),
        ("408x391", "A4"),  # 400 by 400 is as good, and not worth training anew
        (coarse, "A4"),
        ("204x196", "A4"),
    ]
    assert len(negotiated) == 8
    assert [each.number for each in document.PageDetails] == list(range(1, 11))
    assert all(each.confirmed for each in document.PageDetails)


@BOTH
def test_a_far_end_that_can_do_little_gets_it_all_the_same(theirs: Settings, tmp_path: Path) -> None:
    mixed(tmp_path / "mixed.tif")
    little = replace(
        theirs, width=PageWidth.A4, length=PageLength.A4, resolutions=frozenset({Resolution.STANDARD})
    )
    with setting() as this:
        kept = dialled(this, little)
        assert this.channel.FaxSender.send(filename=tmp_path / "mixed.tif") == "NORMAL"
        negotiated = [each for each in this.station.calls[-1].events if isinstance(each, Negotiated)]
    assert len(negotiated) == 1
    assert len(kept.pages) == 10
    assert {each.size for each in pictures(kept)} >= {(1728, 150), (1728, 75)}


@BOTH
def test_a_page_too_long_for_the_far_end_and_a_header_on_each_sheet(theirs: Settings, tmp_path: Path) -> None:
    page = Image.new("1", (1728, 2500), 255)
    for top in range(50, 2450, 50):
        ImageDraw.Draw(page).rectangle((100, top, 1600, top + 20), fill=0)
    page.save(tmp_path / "long.tif", compression="group4", dpi=(204, 98))
    document = FaxToSend(tmp_path / "long.tif")
    with setting() as this:
        kept = dialled(this, replace(theirs, length=PageLength.A4))
        options = {"Header": "{from} to {to}, {page}/{pages}", "SubscriberId": "+49 89 100"}
        assert this.channel.FaxSender.send(document, options) == "NORMAL"
        assert this.channel.FaxSender.Details.pages == 1
    came = pictures(kept)
    assert [(each.number, each.sheet) for each in document.PageDetails] == [(1, 1), (1, 2), (1, 3)]
    assert all(each.height <= 1157 for each in came)
    joined = b"".join(each.crop((0, 15, 1728, each.height)).tobytes() for each in came)
    assert page.tobytes().startswith(joined)
    assert len(joined) >= 216 * 2421  # what is missing is white
    line = strip("+49 89 100 to 200, 1/1", 1728, Resolution.STANDARD)
    assert {each.crop((0, 0, 1728, 15)).tobytes() for each in came} == {line.tobytes()}


def test_the_rest_of_a_fax_whose_line_was_cut(tmp_path: Path) -> None:
    pages = [page_bitmap("text", 1728, 300, seed).image() for seed in range(4)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], dpi=(204, 98))
    document = FaxToSend(tmp_path / "a.tif")
    with setting() as this:
        kept = dialled(this, CORRECTED)
        this.channel.FaxSender.start(document)
        assert this.channel.FaxSender.wait_for_next_page() == 1
        assert this.channel.FaxSender.wait_for_next_page() == 2
        this.bench.run(3.0)
        this.station.hang_up()
        assert this.channel.FaxSender.wait_until_finished() != "NORMAL"
        this.channel.hang_up()
        assert document.next_page == 3
        this.bench.run(30.0)
        rest = FaxToSend(tmp_path / "a.tif", first_page=document.next_page)
        more = dialled(this, CORRECTED)
        assert this.channel.FaxSender.send(rest) == "NORMAL"
    assert [each.number for each in rest.PageDetails] == [3, 4]
    assert [each.tobytes() for each in pictures(more)] == [page.tobytes() for page in pages[2:]]
    assert len(kept.pages) >= 2
