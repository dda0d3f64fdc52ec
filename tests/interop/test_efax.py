"""Debian's efax, on a virtual modem of its own, sends to us and receives from us."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import faxhw
from tests.interop.documents import pixels, write_tiff
from tests.interop.efax import as_efax_sends, assert_came, drawn
from tests.interop.simulated import simulated

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("efax") is None, reason="efax is not installed: Debian package efax"),
]

CASES = [
    # efax's own notation: resolution, rate, width, length, compression, ECM, binary files, scan time.
    ("1,5,0,2,0,0,0,0", ("V.17", 14400, "MH", True)),
    ("0,3,0,2,0,0,0,0", ("V.29", 9600, "MH", False)),
    ("0,1,0,2,0,0,0,0", ("V.27ter", 4800, "MH", False)),
]


@pytest.mark.parametrize(("capabilities", "negotiated"), CASES)
def test_efax_calls_and_sends(
    tmp_path: Path, capabilities: str, negotiated: tuple[str, int, str, bool]
) -> None:
    dots_down = 196 if negotiated[3] else 98
    files = [
        as_efax_sends(page, tmp_path / f"sent{number}.tif", dots_down) for number, page in enumerate(drawn())
    ]
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(lines["100"]) as channel:
        command = ["efax", "-v", "ew", "-d", lines["200"], "-o1", "-l", "+1 200", "-c", capabilities]
        efax = subprocess.Popen(
            [*command, "-h", "", "-t", "T100", *map(str, files)],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
            assert channel.answer() == channel.State.ANSWERED
            fax = faxhw.FaxToReceive(str(tmp_path / "received.tif"))
            cause = channel.FaxReceiver.receive(fax)
            channel.hang_up()
            said = efax.communicate(timeout=30)[1]
        finally:
            efax.kill()
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert efax.returncode == 0, said
    details = channel.FaxReceiver.Details
    settled = details.negotiated
    assert (settled["Modem"], settled["DataRate"], settled["Compression"], settled["HighRes"]) == negotiated
    assert details.remote_id == "+1 200"
    assert [(page.receive_quality, page.bad_rows) for page in fax.PageDetails] == [("GOOD", 0)] * 2
    assert_came(tmp_path / "received.tif", drawn(), fine=bool(settled["HighRes"]))


@pytest.mark.parametrize(("capabilities", "negotiated"), CASES[:2])
def test_efax_is_called_and_receives(
    tmp_path: Path, capabilities: str, negotiated: tuple[str, int, str, bool]
) -> None:
    sent = tmp_path / "sent.tif"
    write_tiff(sent, [page.image() for page in drawn()], 196 if negotiated[3] else 98)
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(lines["100"]) as channel:
        command = ["efax", "-v", "ewi", "-d", lines["200"], "-o1", "-l", "+1 200", "-c", capabilities]
        answering = ["-iS0=1", "-w", "-r", str(tmp_path / "received")]
        efax = subprocess.Popen([*command, *answering], stderr=subprocess.PIPE, text=True)
        try:
            assert channel.call("200") == channel.State.ANSWERED
            cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
            channel.hang_up()
            said = efax.communicate(timeout=30)[1]
        finally:
            efax.kill()
    details = channel.FaxSender.Details
    assert (cause, details.pages) == (channel.FaxSender.Cause.NORMAL, 2), said
    assert efax.returncode == 0, said
    settled = details.negotiated
    assert (settled["Modem"], settled["DataRate"], settled["Compression"], settled["HighRes"]) == negotiated
    assert details.remote_id == "+1 200"
    received = [pixels(tmp_path / f"received.{number:03}") for number in (1, 2)]
    assert [page for document in received for page in document] == pixels(sent)
