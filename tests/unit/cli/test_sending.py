"""``faxhw send`` on a device made of paper: progress, what is found before dialling, the rest of a fax."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.cli.faxes import SENDING, Fax
from faxhw.cli.progress import Detail
from faxhw.cli.shell import Exit
from faxhw.fax.documents import FaxToSend
from faxhw.session import (
    Negotiated,
    NextStep,
    Outcome,
    OutgoingPage,
    PagesDelivered,
    PageSent,
    PageTaken,
    PageWanted,
    Session,
    Status,
)
from faxhw.terms import Settings
from tests.unit.fax_bench import PARAMETERS, FakeDevice, answered
from tests.unit.fax_far_end import EVERYTHING, FarEnd, drawn, saved

from .bench import PaperDriver, Shell, one_line


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return saved(tmp_path / "out.tif", drawn(), drawn(), drawn()).path


def sending(driver: PaperDriver, *answers: str) -> FarEnd:
    far_end = FarEnd(answers=list(answers))
    driver.device.script, driver.device.able = far_end, EVERYTHING
    return far_end


def test_send(shell: Shell, driver: PaperDriver, document: Path) -> None:
    far_end = sending(driver)
    said = shell("send", "paper:1", "12345", document)
    assert (said.code, said.err) == (Exit.NORMAL, "")
    size = len(far_end.data[0])
    assert said.out.splitlines() == [
        "opening paper:1",
        "paper:1: calling 12345",
        "negotiating",
        "negotiated: V.17 14400 bit/s, MMR, 204x98, A4, with ECM",
        *(
            line
            for number in (1, 2, 3)
            for line in (
                f"sending page {number} of 3",
                f"page {number}: GOOD, 1728 x 200 dots, MMR, {size} octets in 10.0 s at 14400 bit/s",
            )
        ),
        "finishing",
        f"NORMAL: 3 pages sent of {document}",
    ]


def test_pages_are_told_of_once_it_is_known_whether_they_arrived(
    shell: Shell, driver: PaperDriver, document: Path
) -> None:
    def card(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        for _ in range(3):
            page = yield PageWanted(PARAMETERS, with_rtc=False)
            assert isinstance(page, OutgoingPage)
            assert b"".join(page.data)
            device.wait(1.0)
            yield PageTaken()
        device.wait(5.0)
        yield PagesDelivered(2)
        return Outcome(Status.LINE_DROPPED)

    driver.device.script = card
    said = shell("send", "paper:1", "12345", document)
    assert said.code == Exit.FAILED
    told = [line.split(", 1728")[0] for line in said.out.splitlines() if line.startswith("page ")]
    assert told == ["page 1: GOOD", "page 2: GOOD", "page 3: BAD, not confirmed"]
    assert "--first-page 3 sends the rest" in said.err


def test_a_fax_that_fails_says_how_to_send_the_rest(
    shell: Shell, driver: PaperDriver, document: Path
) -> None:
    sending(driver, "MCF", "HANGUP")
    said = shell("send", "paper:1", "12345", document)
    assert said.code == Exit.FAILED
    assert one_line(said.err).endswith(f"1 page sent of {document}; --first-page 2 sends the rest")
    far_end = sending(driver)
    driver.device = FakeDevice(far_end, name="paper:1", able=EVERYTHING)
    said = shell("send", "paper:1", "12345", document, "--first-page", 2, "--json")
    assert said.code == Exit.NORMAL
    pages = said.json["pages"]
    assert isinstance(pages, list)
    assert [(page["number"], page["sheet"], page["confirmed"]) for page in pages] == [
        (2, 1, True),
        (3, 1, True),
    ]
    assert far_end.steps == [NextStep.MORE_PAGES, NextStep.NO_MORE]


@pytest.mark.parametrize(
    ("answers", "ending"),
    [
        (("MCF", "RTN", "HANGUP"), "; --first-page 2 sends the rest"),
        (("MCF", "RTN", "MCF"), "2 pages sent of {}; --first-page 2 sends the rest"),
        (("RTN", "MCF", "HANGUP"), "1 page sent of {}"),
    ],
)
def test_the_rest_begins_with_the_page_that_was_refused(
    shell: Shell, driver: PaperDriver, document: Path, answers: tuple[str, ...], ending: str
) -> None:
    sending(driver, *answers)
    said = shell("send", "paper:1", "12345", document, "--option", "OnBadPage=KEEP")
    assert (said.err or said.out).splitlines()[-1].endswith(ending.format(document))


def test_a_fax_of_which_nothing_arrived_has_no_rest(
    shell: Shell, driver: PaperDriver, document: Path
) -> None:
    sending(driver, "HANGUP")
    said = shell("send", "paper:1", "12345", document)
    assert one_line(said.err).endswith(f"no pages sent of {document}")


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("4", "out.tif has 3 pages, none to begin with at page 4"),
        ("0", "'--first-page'"),
        ("x", "'--first-page'"),
    ],
)
def test_a_first_page_that_there_is_not(
    shell: Shell, driver: PaperDriver, document: Path, first: str, message: str
) -> None:
    said = shell("send", "paper:1", "12345", document, "--first-page", first)
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)
    assert driver.device.said == []


def test_a_damaged_page_is_found_before_anything_is_dialled(
    shell: Shell, driver: PaperDriver, tmp_path: Path
) -> None:
    path = tmp_path / "half.png"
    drawn().save(path)
    path.write_bytes(path.read_bytes()[:-200])
    said = shell("send", "paper:1", "12345", path)
    assert said.code == Exit.USAGE
    assert "page 1 is damaged" in one_line(said.err)
    assert driver.device.said == []


class News:
    """Looks at the detail whenever it is told something to do."""

    def __init__(self) -> None:
        self.detail: Detail = lambda: ""

    def say(self, text: str) -> None:
        pass

    def doing(self, text: str, detail: Detail | None = None) -> None:
        self.detail = detail or (lambda: "")


def test_how_far_a_page_has_gone(document: Path) -> None:
    news, seen = News(), list[str]()

    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        for _ in range(3):
            page = yield PageWanted(PARAMETERS)
            assert isinstance(page, OutgoingPage)
            for _piece in page.data:
                seen.append(news.detail())
                device.wait(1)
            yield PageSent(confirmed=True)
        return Outcome(Status.NORMAL)

    with answered(script) as (channel, _device):
        fax = FaxToSend(document)
        channel.FaxSender.start(fax)
        Fax(channel, channel.FaxSender, fax, news, SENDING)._follow()
    size = fax.PageDetails[0].size
    assert f"{100 * 1024 // size} % of {size} octets" in seen
    assert len(set(seen)) >= size // 1024
