"""Transparent mode of the virtual CAPI controller: whole faxes by software modems on the sound of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw_drivers.capi import driver
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.model import Model
from tests.installed import needs_software_modem
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap

pytestmark = needs_software_modem

PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original.tif"
    write_tiff(path, [page.image() for page in PAGES], 196)
    return path


@pytest.mark.parametrize("framing", ["tcp", "rcapi"])
@pytest.mark.parametrize("ecm", ["NO", "YES"])
def test_from_application_to_application(framing: str, ecm: str, original: Path, tmp_path: Path) -> None:
    bench = Bench()
    box = bench.capi("1", "2", model=Model(fax=False), network=SoundNetwork(bench.clock, bench.exchange))
    came, causes = tmp_path / "came.tif", list[str]()
    with (
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "1"}, framing=framing)) as ours,
        Channel(driver.open_by(box.connect, bench.clock, {"msn": "2"}, framing=framing)) as theirs,
    ):

        def receive() -> None:
            theirs.wait_for_call(60)
            theirs.answer()
            causes.append(theirs.FaxReceiver.receive(faxhw.FaxToReceive(str(came)), {"ECM": ecm}))
            theirs.hang_up()

        receiving = bench.clock.spawn(receive, "the receiver")
        assert ours.call("2") == "ANSWERED"
        assert ours.FaxSender.send(faxhw.FaxToSend(str(original)), {"ECM": ecm}) == "NORMAL"
        ours.hang_up()
        assert receiving.join(300)
    assert causes == ["NORMAL"]
    assert pixels(came) == pixels(original)
