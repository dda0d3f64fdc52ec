"""Faxes by the kernel's own flow control: two channels of one process, on virtual modems on pseudo-ttys."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.clock import SYSTEM_CLOCK
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding
from tests.interop.documents import pixels, write_tiff
from tests.interop.simulated import simulated
from tests.pages import page_bitmap

pytestmark = pytest.mark.interop


def test_xon_and_xoff_hold_back_a_page_and_are_data_in_one(tmp_path: Path) -> None:
    page = page_bitmap("text", rows=500)
    assert {0x11, 0x13} <= set(encode_page(page.rows, Coding.MH, page.width))
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [page.image()], 98)
    with (
        simulated(tmp_path, "100", "200") as paths,
        faxhw.open_channel(f"class1:{paths['100']}", flow="xonxoff") as ours,
        faxhw.open_channel(f"class1:{paths['200']}", flow="xonxoff") as theirs,
    ):
        causes = []

        def send() -> None:
            theirs.call("100")
            causes.append(theirs.FaxSender.send(faxhw.FaxToSend(str(sent)), {"HighRes": "NO"}))

        worker = SYSTEM_CLOCK.spawn(send, "sends")
        assert ours.wait_for_call(30) == "CALL_INCOMING"
        assert ours.answer() == "ANSWERED"
        assert ours.FaxReceiver.receive(faxhw.FaxToReceive(str(received))) == "NORMAL"
        assert worker.join(30)
    assert causes == ["NORMAL"]
    assert pixels(received) == pixels(sent)
