"""``faxhw simulate --capi`` in real time, and our own driver by TCP."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

import faxhw
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap

TIMEOUT = 100

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="simulators as Linux has them"),
]


def test_a_fax_from_number_to_number(tmp_path: Path) -> None:
    original, came = tmp_path / "original.tif", tmp_path / "came.tif"
    write_tiff(original, [page_bitmap("text", rows=200).image()], 196)
    command = [sys.executable, "-m", "faxhw", "simulate", "--capi", "0=5031,5032"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        lines = [simulator.stdout.readline().split() for _ in range(2)]
        assert [number for number, _ in lines] == ["5031", "5032"]
        device = lines[0][1]
        causes: list[str] = []
        listens = threading.Event()

        def receive() -> None:
            with faxhw.open_channel(device, msn="5032") as channel:
                listens.set()
                assert channel.wait_for_call(TIMEOUT) == "CALL_INCOMING"
                assert channel.Details.call_from == "5031"
                channel.answer()
                causes.append(channel.FaxReceiver.receive(faxhw.FaxToReceive(str(came))))

        receiver = threading.Thread(target=receive, daemon=True)
        receiver.start()
        assert listens.wait(10)
        with faxhw.open_channel(device, msn="5031") as channel:
            assert channel.call("5032") == "ANSWERED"
            assert channel.FaxSender.send(faxhw.FaxToSend(str(original))) == "NORMAL"
        receiver.join(TIMEOUT)
        simulator.terminate()
        simulator.wait(10)
    assert causes == ["NORMAL"]
    assert pixels(came) == pixels(original)
