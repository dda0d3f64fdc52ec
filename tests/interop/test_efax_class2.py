"""Debian's efax on a virtual modem that runs T.30 itself, class 2 and 2.0, to and from a class 1 channel."""

from __future__ import annotations

import shutil
import subprocess
import time
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

CLASSES = pytest.mark.parametrize("options", ["-o2", "-o0"], ids=["2", "2.0"])
CAPABILITIES = "1,5,0,2,0,0,0,0"
IS_READY = 3.0
"""Seconds in which efax has set its modem up: one that is called meanwhile answers, and is broken off."""


def efax(line: str, options: str, *more: str) -> subprocess.Popen[str]:
    command = ["efax", "-v", "ewinc", "-d", line, options, "-l", "+1 200", "-c", CAPABILITIES, *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@CLASSES
def test_efax_calls_and_sends(tmp_path: Path, options: str) -> None:
    files = [as_efax_sends(page, tmp_path / f"sent{n}.tif", 196) for n, page in enumerate(drawn())]
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(f"class1:{lines['100']}") as channel:
        program = efax(lines["200"], options, "-h", "", "-t", "T100", *map(str, files))
        try:
            assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
            assert channel.answer() == channel.State.ANSWERED
            fax = faxhw.FaxToReceive(str(tmp_path / "received.tif"))
            cause = channel.FaxReceiver.receive(fax)
            channel.hang_up()
            said = program.communicate(timeout=30)[1]
        finally:
            program.kill()
    assert (cause, program.returncode) == (channel.FaxReceiver.Cause.NORMAL, 0), said
    details = channel.FaxReceiver.Details
    settled = details.negotiated
    assert (settled["Modem"], settled["DataRate"], settled["HighRes"]) == ("V.17", 14400, True)
    assert details.remote_id == "+1 200"
    assert [(page.receive_quality, page.bad_rows) for page in fax.PageDetails] == [("GOOD", 0)] * 2
    assert_came(tmp_path / "received.tif", drawn(), fine=True)


@CLASSES
def test_efax_is_called_and_receives(tmp_path: Path, options: str) -> None:
    sent = tmp_path / "sent.tif"
    write_tiff(sent, [page.image() for page in drawn()], 196)
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(f"class1:{lines['100']}") as channel:
        program = efax(lines["200"], options, "-iS0=1", "-w", "-r", str(tmp_path / "received"))
        try:
            time.sleep(IS_READY)
            assert channel.call("200") == channel.State.ANSWERED
            cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
            channel.hang_up()
            said = program.communicate(timeout=30)[1]
        finally:
            program.kill()
    assert (cause, channel.FaxSender.Details.pages) == (channel.FaxSender.Cause.NORMAL, 2), said
    assert program.returncode == 0, said
    assert channel.FaxSender.Details.remote_id == "+1 200"
    received = [pixels(tmp_path / f"received.{number:03}") for number in (1, 2)]
    assert [page for document in received for page in document] == pixels(sent)
