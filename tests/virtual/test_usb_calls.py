"""Whole faxes through a modem on USB without a kernel driver: pyusb on a bus in memory, in simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.ports.usb.opening import open_direct
from faxhw.t30.calling import call
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import MODELS, Bench
from faxhw_drivers.sim.modem import VirtualModem
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap
from tests.usb_bus import BULK_IN, BULK_OUT, Bus, Stick
from tests.virtual.calls import STANDARD, Pages

NAME = "usb:0572:1329"
PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "original.tif"
    write_tiff(path, [page.image() for page in PAGES], 196)
    return path


def plugged(bench: Bench, number: str) -> Stick:
    stick = Stick(bench.clock)
    stick.attach(VirtualModem(bench.world, bench.exchange, number, stick, MODELS["generic"]))
    return stick


@contextmanager
def channel_on(bench: Bench, stick: Stick, fclass: str = "1") -> Iterator[Channel]:
    port = open_direct(NAME, bench.clock, speed=115200, backend=Bus(stick))
    with Channel(driver.open_on(port, bench.clock, {"class": fclass})) as channel:
        yield channel


def whole_fax(bench: Bench, caller: Channel, called: Channel, document: Path, came: Path) -> list[str]:
    causes: list[str] = []

    def receive() -> None:
        called.wait_for_call(60)
        called.answer()
        causes.append(called.FaxReceiver.receive(faxhw.FaxToReceive(str(came))))
        called.hang_up()

    receiving = bench.clock.spawn(receive, "the receiver")
    assert caller.call("200") == "ANSWERED"
    causes.append(caller.FaxSender.send(faxhw.FaxToSend(str(document))))
    assert receiving.join(300.0)
    return causes


@pytest.mark.parametrize("way", ["sends", "receives"])
@pytest.mark.parametrize("fclass", ["1", "2", "2.0"])
def test_a_whole_fax(fclass: str, way: str, original: Path, tmp_path: Path) -> None:
    bench, came = Bench(), tmp_path / "came.tif"
    ours, theirs = ("100", "200") if way == "sends" else ("200", "100")
    stick = plugged(bench, ours)
    other = Channel(driver.open_on(bench.modem(theirs).port, bench.clock, {"class": "1"}))
    with other, channel_on(bench, stick, fclass) as channel:
        assert not stick.driven
        pair = (channel, other) if way == "sends" else (other, channel)
        assert whole_fax(bench, *pair, original, came) == ["NORMAL", "NORMAL"]
    assert pixels(came) == pixels(original)
    assert stick.driven == {0, 1}
    assert all(handle.closed for handle in stick.handles)
    assert stick.log[-1] == ("lines", 0)


def test_a_bus_that_stalls_fails_and_takes_packets_in_part(original: Path, tmp_path: Path) -> None:
    bench, came = Bench(), tmp_path / "came.tif"
    stick = plugged(bench, "100")
    stick.most = 7

    def harm() -> None:
        with stick.monitor:
            for each in (BULK_IN, BULK_OUT):
                stick.halts[each] = stick.hiccups[each] = 1
            stick.monitor.notify_all()

    for seconds in range(1, 60, 3):
        bench.world.call_later(seconds, harm)
    other = Channel(driver.open_on(bench.modem("200").port, bench.clock, {"class": "1"}))
    with other, channel_on(bench, stick) as channel:
        assert whole_fax(bench, channel, other, original, came) == ["NORMAL", "NORMAL"]
    assert pixels(came) == pixels(original)
    assert ("clear halt", BULK_IN) in stick.log
    assert ("clear halt", BULK_OUT) in stick.log


@pytest.mark.parametrize("moment", [0.5, 3, 8, 13, 14, 20])
def test_it_is_unplugged_while_it_receives(tmp_path: Path, moment: float) -> None:
    bench, document = Bench(), tmp_path / "fax.tif"
    stick, far = plugged(bench, "100"), Pages(PAGES)
    bench.station("200").call("100", call(STANDARD), far)
    with channel_on(bench, stick) as channel:
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        receiver = channel.FaxReceiver
        assert receiver.start(faxhw.FaxToReceive(str(document)))
        bench.run(moment)
        stick.unplug()
        began = bench.clock.monotonic()
        assert receiver.wait_until_finished() == "ERROR"
        assert bench.clock.monotonic() - began < 1.0
        assert "is it still plugged in?" in receiver.Details.raw_cause_text
        assert far.confirmed <= receiver.Details.pages
    assert all(handle.closed for handle in stick.handles)
