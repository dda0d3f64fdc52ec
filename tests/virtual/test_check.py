"""``Channel.check``: a modem that has forgotten everything while nobody looked, or that is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.errors import DeviceError
from faxhw.t30.calling import call
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import Bench, Quirks
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels, text_pages

CLASSES = ("1", "2", "2.0")


@pytest.mark.parametrize("fclass", CLASSES)
def test_a_modem_that_was_off_for_a_moment_is_set_up_again(tmp_path: Path, fclass: str) -> None:
    bench = Bench()
    plugged = bench.modem(OURS)
    with Channel(driver.open_on(plugged.port, bench.clock, {"class": fclass})) as channel:
        assert channel.wait_for_call(10) == "WAITING"
        plugged.modem.reset()
        channel.check()
        bench.station(THEIRS).call(OURS, call(STANDARD), sent := Pages(text_pages(2)))
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        assert channel.Details.call_from == THEIRS
        channel.answer()
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif"))) == "NORMAL"
        assert pixels(tmp_path / "fax.tif") == drawn(sent.pages)


@pytest.mark.parametrize("fclass", CLASSES)
def test_a_modem_that_has_died_is_found_out(fclass: str) -> None:
    bench = Bench()
    plugged = bench.modem(OURS)
    with Channel(driver.open_on(plugged.port, bench.clock, {"class": fclass})) as channel:
        channel.check()
        plugged.modem.quirks = Quirks(silent=True)
        with pytest.raises(DeviceError, match="no modem answers"):
            channel.check()
        assert channel.state() == "ERROR"
