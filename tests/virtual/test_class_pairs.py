"""Every class calls every other on the virtual line: whole faxes from file to file, each dot compared."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import Bench
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap

CLASSES = ("1", "2", "2.0", "2.1")
PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "original.tif"
    write_tiff(path, [page.image() for page in PAGES], 196)
    return path


def plugged(bench: Bench, number: str, fclass: str) -> Channel:
    return Channel(driver.open_on(bench.modem(number).port, bench.clock, {"class": fclass}))


@pytest.mark.parametrize("ecm", ["NO", "YES"])
@pytest.mark.parametrize("called", CLASSES)
@pytest.mark.parametrize("caller", CLASSES)
def test_a_fax_from_class_to_class(
    caller: str, called: str, ecm: str, original: Path, tmp_path: Path
) -> None:
    bench, options, came = Bench(), {"ECM": ecm, "SubscriberId": "+49 89 100"}, tmp_path / "came.tif"
    with plugged(bench, "100", caller) as ours, plugged(bench, "200", called) as theirs:
        causes: list[str] = []

        def receive() -> None:
            theirs.wait_for_call(60)
            theirs.answer()
            causes.append(theirs.FaxReceiver.receive(faxhw.FaxToReceive(str(came)), options))
            theirs.hang_up()

        receiving = bench.clock.spawn(receive, "the receiver")
        assert ours.call("200") == "ANSWERED"
        assert ours.FaxSender.send(faxhw.FaxToSend(str(original)), options) == "NORMAL"
        assert receiving.join(300.0)
        assert causes == ["NORMAL"]
        for details in (ours.FaxSender.Details, theirs.FaxReceiver.Details):
            assert details.pages == 2
            assert details.raw_cause == "0x00"
            assert details.remote_id == "+49 89 100"
            assert details.negotiated["ECM"] is (ecm == "YES")
            assert details.negotiated["DataRate"] == 14400
            assert details.negotiated["Modem"] == "V.17"
        assert ours.FaxSender.Details.negotiated == {
            **theirs.FaxReceiver.Details.negotiated,
            "PageLength": ours.FaxSender.Details.negotiated["PageLength"],
        }
    assert pixels(came) == pixels(original)


@pytest.mark.parametrize("called", CLASSES)
@pytest.mark.parametrize("caller", CLASSES)
def test_polling_from_class_to_class(caller: str, called: str, original: Path, tmp_path: Path) -> None:
    bench, came = Bench(), tmp_path / "came.tif"
    with plugged(bench, "100", caller) as ours, plugged(bench, "200", called) as theirs:
        causes: list[str] = []

        def hold_ready() -> None:
            theirs.wait_for_call(60)
            theirs.answer()
            causes.append(theirs.FaxSender.send(faxhw.FaxToSend(str(original))))
            theirs.hang_up()

        sending = bench.clock.spawn(hold_ready, "the polled one")
        assert ours.call("200") == "ANSWERED"
        assert ours.FaxReceiver.receive(faxhw.FaxToReceive(str(came)), {"Poll": "YES"}) == "NORMAL"
        assert sending.join(300.0)
        assert causes == ["NORMAL"]
    assert pixels(came) == pixels(original)
