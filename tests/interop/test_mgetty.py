"""Debian's mgetty and sendfax, on a virtual modem of class 2 or 2.0: they send, receive, poll, are polled."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import faxhw
from tests.interop import mgetty
from tests.interop.documents import pixels, write_tiff
from tests.interop.mgetty import Mgetty, pixels_of_g3
from tests.interop.simulated import simulated
from tests.pages import page_bitmap

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(mgetty.missing() is not None, reason=mgetty.missing() or ""),
]

IDENT, OUR_IDENT = "+1 555 0200", "+1 555 0100"
SETTLED = {"Modem": "V.17", "DataRate": 14400, "Compression": "MH", "ECM": False, "HighRes": True}
"""It asks the modem for no more: MH, no error correction."""

of_either_class = pytest.mark.parametrize("fclass", ["2", "2.0"])


def drawn() -> list[Image.Image]:
    # The last row of noise is like no other: it is seen if it is lost. mgetty refuses what is below 50 rows.
    page = Image.new("1", (1728, 60), 255)
    page.paste(page_bitmap("noise", rows=12).image(), (0, 48))
    return [page_bitmap("text", rows=120).image(), page]


def written(path: Path) -> Path:
    write_tiff(path, drawn(), 196)
    return path


def as_pixels(pages: list[Image.Image]) -> list[tuple[tuple[int, int], bytes]]:
    return [(page.size, page.tobytes()) for page in pages]


@of_either_class
def test_sendfax_calls_and_sends(tmp_path: Path, fclass: str) -> None:
    received = tmp_path / "received.tif"
    with simulated(tmp_path, "100", f"200:0,{fclass}") as lines, faxhw.open_channel(lines["100"]) as channel:
        far = Mgetty(tmp_path, lines["200"], fclass, IDENT)
        with far.sending("100", drawn()) as process:
            assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
            assert channel.answer() == channel.State.ANSWERED
            fax = faxhw.FaxToReceive(str(received))
            cause = channel.FaxReceiver.receive(fax)
            channel.hang_up()
            said = process.communicate(timeout=30)[0]
    details = channel.FaxReceiver.Details
    assert cause == channel.FaxReceiver.Cause.NORMAL, far.log()
    assert process.returncode == 0, said + far.log()
    assert details.negotiated.items() >= SETTLED.items()
    assert details.remote_id == IDENT
    assert [(page.receive_quality, page.bad_rows) for page in fax.PageDetails] == [("GOOD", 0)] * 2
    assert pixels(received) == as_pixels(drawn()), far.log()


@of_either_class
def test_mgetty_is_called_and_receives(tmp_path: Path, fclass: str) -> None:
    sent = written(tmp_path / "sent.tif")
    with simulated(tmp_path, "100", f"200:0,{fclass}") as lines, faxhw.open_channel(lines["100"]) as channel:
        far = Mgetty(tmp_path, lines["200"], fclass, IDENT)
        with far.answering():
            assert channel.call("200") == channel.State.ANSWERED
            cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)), {"SubscriberId": OUR_IDENT})
            channel.hang_up()
            result = far.received()
    details = channel.FaxSender.Details
    assert (cause, details.pages) == (channel.FaxSender.Cause.NORMAL, 2), far.log()
    assert details.negotiated.items() >= SETTLED.items()
    assert details.remote_id == IDENT
    assert (result.code, result.ident) == (0, OUR_IDENT), far.log()
    assert [pixels_of_g3(page) for page in result.pages] == as_pixels(drawn()), far.log()


@of_either_class
def test_sendfax_polls_us(tmp_path: Path, fclass: str) -> None:
    held = written(tmp_path / "held.tif")
    with simulated(tmp_path, "100", f"200:0,{fclass}") as lines, faxhw.open_channel(lines["100"]) as channel:
        far = Mgetty(tmp_path, lines["200"], fclass, IDENT)
        with far.polling("100") as process:
            assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
            assert channel.answer() == channel.State.ANSWERED
            cause = channel.FaxSender.send(faxhw.FaxToSend(str(held)))
            channel.hang_up()
            said = process.communicate(timeout=30)[0]
    details = channel.FaxSender.Details
    assert (cause, details.pages) == (channel.FaxSender.Cause.NORMAL, 2), far.log()
    assert process.returncode == 0, said + far.log()
    assert details.remote_id == IDENT
    assert [pixels_of_g3(page) for page in far.polled()] == as_pixels(drawn()), far.log()


@of_either_class
def test_mgetty_is_polled_by_us(tmp_path: Path, fclass: str) -> None:
    received = tmp_path / "received.tif"
    with simulated(tmp_path, "100", f"200:0,{fclass}") as lines, faxhw.open_channel(lines["100"]) as channel:
        far = Mgetty(tmp_path, lines["200"], fclass, IDENT)
        far.hold(drawn())
        with far.answering():
            assert channel.call("200") == channel.State.ANSWERED
            fax = faxhw.FaxToReceive(str(received))
            cause = channel.FaxReceiver.receive(fax, {"Poll": "YES"})
            channel.hang_up()
            result = far.received()
    assert cause == channel.FaxReceiver.Cause.NORMAL, far.log()
    assert channel.FaxReceiver.Details.remote_id == IDENT
    assert (result.code, result.pages) == (0, ()), far.log()
    assert pixels(received) == as_pixels(drawn()), far.log()
