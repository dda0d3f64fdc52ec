"""A modem that is pulled out, at every moment of a call; and one that goes mad in the middle of one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.errors import PortError
from faxhw.ports.base import Port
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import Bench
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels

IN_PAGE = (13, 14, 16, 20)
"""Seconds into a call at which page data comes."""
PAGES = [page_bitmap("text", rows=300), page_bitmap("form", rows=300)]
CALL_SECONDS = 29


def threads_of_faxes() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("fax ")]


def channel_on(bench: Bench, number: str) -> tuple[Channel, Callable[[], None]]:
    plugged = bench.modem(number)
    return Channel(driver.open_on(plugged.port, bench.clock, {})), plugged.vanish


@pytest.mark.parametrize("moment", range(CALL_SECONDS))
def test_it_vanishes_while_it_receives(tmp_path: Path, moment: int) -> None:
    bench = Bench()
    ours, vanish = channel_on(bench, OURS)
    other, _ = channel_on(bench, "500")
    other_fax = tmp_path / "other.tif"
    with ours, other:
        bench.station("600").call("500", call(STANDARD), Pages(PAGES))
        assert other.wait_for_call(60) == "CALL_INCOMING"
        other.answer()
        assert other.FaxReceiver.start(faxhw.FaxToReceive(str(other_fax)))
        far = Pages(PAGES)
        bench.station(THEIRS).call(OURS, call(STANDARD), far)
        assert ours.wait_for_call(60) == "CALL_INCOMING"
        assert ours.answer() == "ANSWERED"
        document = tmp_path / "fax.tif"
        receiver = ours.FaxReceiver
        assert receiver.start(faxhw.FaxToReceive(str(document)))
        bench.run(moment)
        vanish()
        began = bench.clock.monotonic()
        assert receiver.wait_until_finished() == "ERROR"
        assert bench.clock.monotonic() - began < 1.0
        assert receiver.state() == "ERROR"
        assert ours.state() == "ERROR"
        assert receiver.Details.raw_cause == "0x104"
        assert "unplugged" in receiver.Details.raw_cause_text
        assert (pixels(document) if document.exists() else []) == drawn(PAGES)[: receiver.Details.pages]
        assert far.confirmed <= receiver.Details.pages
        with pytest.raises(PortError, match="unplugged"):
            ours.hang_up()
        assert other.FaxReceiver.wait_until_finished() == "NORMAL"
        assert pixels(other_fax) == drawn(PAGES)
    assert threads_of_faxes() == []


@pytest.mark.parametrize("moment", range(0, 30, 3))
def test_it_vanishes_while_it_sends(tmp_path: Path, moment: int) -> None:
    bench = Bench()
    ours, vanish = channel_on(bench, OURS)
    document = tmp_path / "sent.tif"
    PAGES[0].image().save(document, compression="group4", dpi=(204, 98))
    bench.station(THEIRS).answer_with(lambda: answer(STANDARD))
    with ours:
        assert ours.call(THEIRS) == "ANSWERED"
        assert ours.FaxSender.start(faxhw.FaxToSend(str(document)))
        bench.run(moment / 2)
        vanish()
        assert ours.FaxSender.wait_until_finished() == "ERROR"
        assert ours.state() == "ERROR"
    assert threads_of_faxes() == []


@pytest.mark.parametrize("use", ["wait_for_call", "call", "ring", "answer", "hang_up"])
def test_it_vanishes_from_under_a_script(use: str) -> None:
    bench = Bench()
    ours, vanish = channel_on(bench, OURS)
    far = bench.station(THEIRS)
    with ours:
        if use in {"ring", "answer", "hang_up"}:
            far.call(OURS, call(STANDARD))
            assert ours.wait_for_call(60) == "CALL_INCOMING"
            vanish()
        else:
            bench.world.call_later(5.0, vanish)
        arguments = (THEIRS,) if use == "call" else ()
        with pytest.raises(PortError, match="unplugged") as refusal:
            getattr(ours, use)(*arguments)
        assert "\n" not in str(refusal.value)
        assert ours.state() == "ERROR"


class MadPort:
    """A port that passes everything on, until its modem goes mad."""

    def __init__(self, bench: Bench, port: Port) -> None:
        self._clock = bench.clock
        self._port = port
        self._said = b""
        self.madness = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def read(self, timeout: float | None) -> bytes:
        if not self.madness:
            return self._port.read(timeout)
        if self.madness.startswith("never stops"):
            self._clock.sleep(0.01)
            return b"\x55" * 100 if self.madness.endswith("a line") else b"\r\nBABBLE\r\n" * 8
        said, self._said = self._said, b""
        if not said:
            self._port.read(timeout)
        return said

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        if not self.madness:
            self._port.write(data, timeout)
        elif self.madness == "echoes":
            self._said += data
        elif self.madness == "says OK" and data.endswith((b"\r", b"\x10\x03", b"\x18")):
            self._said += b"\r\nOK\r\n"


@pytest.mark.parametrize("moment", [0, 1, 4, 8, 9, 11, *IN_PAGE])
@pytest.mark.parametrize(
    "madness", ["is silent", "echoes", "says OK", "never stops, in lines", "never stops, without a line"]
)
def test_it_goes_mad_in_the_middle_of_a_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, madness: str, moment: int
) -> None:
    bench = Bench()
    port = MadPort(bench, bench.modem(OURS).port)
    channel = Channel(driver.open_on(port, bench.clock, {}))
    bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    channel.answer()
    receiver = channel.FaxReceiver
    assert receiver.start(faxhw.FaxToReceive(str(tmp_path / "fax.tif")))
    bench.run(moment)
    port.madness = madness
    began = bench.clock.monotonic()
    if madness.startswith("never stops") and moment in IN_PAGE:  # it may be a page
        assert receiver.wait_until_finished(20) == "TIMEOUT"
        began = bench.clock.monotonic()
        receiver.stop()
    cause = receiver.wait_until_finished(50)
    assert cause == ("HANGUP" if madness == "says OK" else "ERROR")
    assert channel.state() == ("IDLE" if madness == "says OK" else "ERROR")
    assert bench.clock.monotonic() - began < 50
    began = bench.clock.monotonic()
    channel.close()
    assert bench.clock.monotonic() - began < 30
    assert threads_of_faxes() == []
    for record in caplog.records:
        assert "\n" not in record.getMessage()
        assert record.exc_info is None
