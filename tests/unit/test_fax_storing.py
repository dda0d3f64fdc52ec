"""Storing what is received: what the disk does to a fax, and when a page is in the file."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from faxhw.clock import Clock
from faxhw.errors import Error, StorageError
from faxhw.fax.documents import FaxToReceive
from faxhw.fax.receiver import CallFaxReceiver
from faxhw.session import (
    Negotiated,
    NextStep,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    Session,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.terms import Settings
from faxhw.tiff import TiffFax, TiffPage

from .fax_bench import PARAMETERS, FakeDevice, Script, answered, coded, ends_with, fax, stored_rows

Cause = CallFaxReceiver.Cause


@pytest.fixture
def document(tmp_path: Path) -> FaxToReceive:
    return FaxToReceive(tmp_path / "fax.tif")


@pytest.mark.parametrize("step", ["prepare", "commit"])
def test_a_page_that_cannot_be_stored_is_not_confirmed(
    document: FaxToReceive, step: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    perform = getattr(TiffFax, step)

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def perform_until_full(file: TiffFax, *page: TiffPage) -> None:
        if file.pages == 1:
            monkeypatch.setattr(os, "pwrite", refuse)
        perform(file, *page)

    monkeypatch.setattr(TiffFax, step, perform_until_full)
    with answered(fax(coded(), coded(), coded())) as (channel, device):
        receiver = channel.FaxReceiver
        assert receiver.receive(document) is Cause.ERROR
        assert device.said == ["receive", "MCF", "DCN"]
        assert (receiver.Details.pages, receiver.Details.raw_cause) == (1, "0x103")
        assert "No space left" in receiver.Details.raw_cause_text
        assert receiver.wait_for_next_page() == 1
        with pytest.raises(Error, match="No space left") as caught:
            receiver.wait_for_next_page()
        assert isinstance(caught.value.__cause__, StorageError)
        assert isinstance(caught.value.__cause__.__cause__, OSError)
    assert stored_rows(document) == [100]
    with caplog.at_level(logging.ERROR):
        assert "No space left" in caplog.text


class SlowDisk:
    """A disk whose syncs wait until they may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
        self._monitor = clock.monitor()
        self._waits = True
        for name in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, name, self._slowly(getattr(os, name)))

    def _slowly(self, sync: Callable[[int], None]) -> Callable[[int], None]:
        def waits(file: int) -> None:
            with self._monitor:
                self._monitor.wait_for(lambda: not self._waits, 30)
            sync(file)

        return waits

    def go_on(self) -> None:
        with self._monitor:
            self._waits = False
            self._monitor.notify_all()


def late(monkeypatch: pytest.MonkeyPatch) -> Script:
    """A session that asks for its verdict until the disk has gone on."""

    def script(device: FakeDevice, settings: Settings) -> Session:
        disk = SlowDisk(monkeypatch, device.clock)
        yield Negotiated(PARAMETERS)
        yield PageBegins(PARAMETERS)
        yield PageData(coded())
        yield PageOver()
        verdict = yield PageEnds(NextStep.NO_MORE, patience=0.0)
        for patience in (0.01, 0.01, 10.0):
            assert verdict is Verdict.PENDING
            device.said.append("wait")
            if patience > 1:
                disk.go_on()
            verdict = yield VerdictWanted(patience)
        assert isinstance(verdict, Verdict)
        device.said.append(verdict.value)
        return Outcome(Status.NORMAL)

    return script


def test_a_slow_disk_does_not_hold_the_session_up(
    document: FaxToReceive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answered(late(monkeypatch)) as (channel, device):
        assert channel.FaxReceiver.receive(document) is Cause.NORMAL
        assert device.said == ["receive", "wait", "wait", "wait", "MCF"]
        assert channel.FaxReceiver.Details.pages == 1
    assert stored_rows(document) == [100]


def test_a_page_whose_command_never_came_is_not_stored(document: FaxToReceive) -> None:
    def script(device: FakeDevice, settings: Settings) -> Session:
        yield Negotiated(PARAMETERS)
        yield PageBegins(PARAMETERS)
        yield PageData(coded())
        yield PageOver()
        device.wait(0.1)
        return Outcome(Status.RECEIVE_D_NO_COMMAND)

    with answered(script) as (channel, _device):
        channel.FaxReceiver.receive(document)
        assert channel.FaxReceiver.Details.pages == 0
    assert list(document.path.parent.iterdir()) == []


def test_a_directory_that_goes_away_during_the_fax(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    document = FaxToReceive(folder / "fax.tif")
    with answered(fax(coded())) as (channel, device):
        channel.FaxReceiver.start(document)
        folder.rmdir()
        assert channel.FaxReceiver.wait_until_finished() is Cause.ERROR
        assert device.said[-1] == "DCN"
        assert document.PageDetails == []


def test_an_old_file_stays_until_the_first_page_is_safe(document: FaxToReceive) -> None:
    document.path.write_bytes(b"an older fax")
    with answered(ends_with(Outcome(Status.DCN_RECEIVED), negotiated=True)) as (channel, _device):
        channel.FaxReceiver.receive(document)
    assert document.path.read_bytes() == b"an older fax"
    with answered(fax(coded())) as (channel, _device):
        channel.FaxReceiver.receive(document)
    assert stored_rows(document) == [100]
