"""libspandsp2, whose modem and terminal are not ours, calls and sends to our Class 1 driver, and the reverse.

Real time, real modulations: the soft modem trains and demodulates 8 kHz audio.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import faxhw
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.spandsp import BUSY, MH, MR, V17, V27TER, V29, Plan, SoftModem
from tests.pages import page_bitmap

pytestmark = [pytest.mark.interop, needs_libspandsp]


@dataclass(frozen=True)
class Case:
    modems: int
    compressions: int
    dots_down: int
    kinds: tuple[str, ...]
    """Of each page, what is on it and how many rows it has."""
    negotiated: tuple[str, int, str]


@pytest.mark.parametrize(
    "case",
    [
        Case(V17 | V29 | V27TER, MH, 98, ("text:500", "form:400", "blank:200"), ("V.17", 14400, "MH")),
        Case(V17 | V29 | V27TER, MH | MR, 196, ("text:800", "mixed:150"), ("V.17", 14400, "MR")),
        Case(V29 | V27TER, MH, 196, ("text:300", "form:300"), ("V.29", 9600, "MH")),
        Case(V29 | V27TER, MH | MR, 98, ("form:500", "text:400"), ("V.29", 9600, "MR")),
        Case(V27TER, MH, 98, ("text:200", "form:200"), ("V.27ter", 4800, "MH")),
        Case(V27TER, MH | MR, 196, ("text:300", "form:200"), ("V.27ter", 4800, "MR")),
    ],
    ids=lambda case: "-".join(map(str, case.negotiated)),
)
def test_it_calls_and_sends_and_every_pixel_arrives(tmp_path: Path, case: Case) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    drawn = [
        page_bitmap(kind, rows=int(rows)).image() for kind, rows in (each.split(":") for each in case.kinds)
    ]
    write_tiff(sent, drawn, case.dots_down)
    with (
        SoftModem(Plan(str(sent), modems=case.modems, compressions=case.compressions)) as far,
        faxhw.open_channel(f"class1:{far.path}") as channel,
    ):
        far.call()
        assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
        assert channel.answer() == channel.State.ANSWERED
        cause = channel.FaxReceiver.receive(faxhw.FaxToReceive(str(received)))
        details = channel.FaxReceiver.Details
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert (outcome["code"], outcome["pages"]) == (0, len(case.kinds)), outcome
    settled = details.negotiated
    assert (settled["Modem"], settled["DataRate"], settled["Compression"]) == case.negotiated
    assert settled["RemoteId"] == "+1 555 0100"
    assert pixels(received) == pixels(sent)


def test_it_is_called_and_receives(tmp_path: Path) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [page_bitmap("text", rows=500).image(), page_bitmap("form", rows=300).image()], 196)
    with (
        SoftModem(Plan(str(received), calls=False)) as far,
        faxhw.open_channel(f"class1:{far.path}") as channel,
    ):
        assert channel.call("5550100") == channel.State.ANSWERED
        cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxSender.Cause.NORMAL
    assert (outcome["code"], outcome["pages"], outcome["rate"]) == (0, 2, 14400), outcome
    assert pixels(received) == pixels(sent)


def test_it_is_busy(tmp_path: Path) -> None:
    with (
        SoftModem(Plan(str(tmp_path / "none.tif"), calls=False, refuses=BUSY)) as far,
        faxhw.open_channel(f"class1:{far.path}") as channel,
    ):
        assert channel.call("5550100") == channel.State.IDLE
        assert channel.cause() == channel.Cause.BUSY


def test_its_caller_hangs_up_in_the_middle_of_a_page(tmp_path: Path) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [page_bitmap("blank", rows=100).image(), page_bitmap("text", rows=900).image()], 98)
    with SoftModem(Plan(str(sent))) as far, faxhw.open_channel(f"class1:{far.path}") as channel:
        far.call()
        channel.wait_for_call(30)
        channel.answer()
        receiver = channel.FaxReceiver
        assert receiver.start(faxhw.FaxToReceive(str(received)))
        while receiver.wait_for_next_page(60) < 1:
            pass
        time.sleep(4)
        far.drop()
        assert receiver.wait_until_finished(60) in {receiver.Cause.HANGUP, receiver.Cause.COMMSFAULT}
        channel.hang_up()
    assert pixels(received) == pixels(sent)[:1]


@pytest.mark.parametrize("when", ["before a word was heard", "in the middle of a page"])
def test_it_is_stopped(tmp_path: Path, when: str) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [page_bitmap("text", rows=900).image()], 98)
    plan = Plan(str(sent), mute=when.startswith("before"))
    with SoftModem(plan) as far, faxhw.open_channel(f"class1:{far.path}") as channel:
        far.call()
        channel.wait_for_call(30)
        channel.answer()
        receiver = channel.FaxReceiver
        assert receiver.start(faxhw.FaxToReceive(str(received)))
        if plan.mute:
            time.sleep(8)
        else:
            assert receiver.wait_for_negotiated_settings(60)
            time.sleep(2)
        began = time.monotonic()
        assert receiver.stop()
        assert receiver.wait_until_finished(30) == receiver.Cause.ABORTED
        assert time.monotonic() - began < 10
        assert channel.state() == channel.State.ANSWERED
        channel.hang_up()
    assert not received.exists()
