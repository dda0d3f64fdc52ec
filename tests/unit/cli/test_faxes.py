"""``faxhw receive`` and ``send`` on a device made of paper: output, JSON, exit codes, interrupts."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from faxhw.cli.shell import Exit
from faxhw.device import CallResult
from faxhw.session import Outcome, Session, Status
from faxhw.terms import Settings
from tests.unit.fax_bench import FakeDevice, coded, ends_with, fax

from .bench import PaperDriver, Shell, one_line

SIZE = len(coded())
SECONDS = (SIZE + 199) // 200 / 10


def test_receive(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--rings", 3)
    assert said.code == Exit.NORMAL
    assert said.err == ""
    assert said.out.splitlines() == [
        "opening paper:1",
        "paper:1: waiting for a call",
        "call from 0123",
        "answering",
        "negotiating",
        "negotiated with +44 1908 273800: V.17 14400 bit/s, MH, 204x98, A4, no ECM",
        *(
            line
            for number in (1, 2)
            for line in (
                f"receiving page {number}",
                f"page {number}: GOOD, 1728 x 100 dots, MH, {SIZE} octets in {SECONDS} s at 14400 bit/s",
            )
        ),
        "finishing",
        f"NORMAL: 2 pages stored in {tmp_path / 'fax.tif'}",
    ]
    assert driver.device.said[-2:] == ["hang up", "close"]
    assert (tmp_path / "fax.tif").stat().st_size > 0


def test_receive_for_machines(shell: Shell, tmp_path: Path) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    result = said.json
    assert result["exit"] == 0
    assert result["cause"] == "NORMAL"
    assert result["raw_cause"] == "0x00"
    assert result["file"] == str(tmp_path / "fax.tif")
    assert result["call_from"] == "0123"
    assert result["remote_id"] == "+44 1908 273800"
    pages = result["pages"]
    assert isinstance(pages, list)
    assert [(page["number"], page["receive_quality"], page["length"]) for page in pages] == [
        (1, "GOOD", 100),
        (2, "GOOD", 100),
    ]
    negotiated = result["negotiated"]
    assert isinstance(negotiated, dict)
    assert negotiated["DataRate"] == 14400


def test_a_failed_fax_says_why(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.script = ends_with(Outcome(Status.TRAINING_FAILED))
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.FAILED
    assert one_line(said.err) == (
        "faxhw: paper:1: the fax failed, COMMSFAULT: Training failed at the lowest rate both ends have. "
        f"(raw cause 0x27); no pages stored in {tmp_path / 'fax.tif'}"
    )


def test_no_call(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.ring = None
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--timeout", 30)
    assert said.code == Exit.NO_CALL
    assert (
        one_line(said.err)
        == "faxhw: paper:1: no call within 30 s; check the line, or give a longer --timeout"
    )
    assert driver.device.said[-1] == "close"


def test_not_answered(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.result = CallResult.NO_CARRIER
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.NO_CALL
    assert said.json == {
        "exit": 4,
        "error": "paper:1: the call was not answered, OTHER (NO CARRIER)",
    }


def interrupted_by(number: signal.Signals) -> Callable[[FakeDevice, Settings], Session]:
    def script(device: FakeDevice, settings: Settings) -> Session:
        first_page = fax(coded(), coded())(device, settings)
        yield from _until_page_data(first_page, lambda: os.kill(os.getpid(), number))
        return Outcome(Status.NORMAL)

    return script


def _until_page_data(session: Session, act: Callable[[], None]) -> Session:
    event = next(session)
    count = 0
    while True:
        count += 1
        if count == 4:
            act()
        event = session.send((yield event))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_releases_the_line(
    shell: Shell, driver: PaperDriver, tmp_path: Path, number: signal.Signals
) -> None:
    driver.device.script = interrupted_by(number)
    before = signal.getsignal(number)
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.INTERRUPTED
    assert "the fax was interrupted, ABORTED" in one_line(said.err)
    assert said.json["cause"] == "ABORTED"
    assert driver.device.said[-2:] == ["hang up", "close"]
    assert signal.getsignal(number) is before


def test_an_interrupt_while_waiting_for_a_call(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(timeout: float | None, rings: int = 1) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(driver.device, "wait_for_call", interrupt)
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.INTERRUPTED
    assert "interrupted" in said.err
    assert driver.device.said[-1] == "close"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (CallResult.BUSY, "12345 did not answer, BUSY (BUSY)"),
        (CallResult.NO_CARRIER, "12345 was answered by no fax, OTHER (NO CARRIER)"),
    ],
)
def test_send_to_a_number_where_no_fax_answers(
    shell: Shell, driver: PaperDriver, tmp_path: Path, result: CallResult, message: str
) -> None:
    page = tmp_path / "page.tif"
    Image.new("1", (1728, 10), 255).save(page)
    driver.device.result = result
    said = shell("send", "paper:1", "12345", page)
    assert said.code == Exit.NO_CALL
    assert one_line(said.err) == f"faxhw: paper:1: {message}"
