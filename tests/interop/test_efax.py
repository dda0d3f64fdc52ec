"""Debian's efax, on a virtual modem of its own, sends to us and receives from us."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import faxhw
from tests.interop.documents import pixels, write_tiff
from tests.interop.simulated import simulated
from tests.pages import PageBitmap, page_bitmap

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("efax") is None, reason="efax is not installed: Debian package efax"),
]

WIDTH = 1728
TOP, SQUEEZED = 20, 8
"""Rows that efax puts on top of a page for its header, white where that is empty. At standard resolution it
sends half of them, and half of the page's own first rows, which are in the header's strip too."""

CASES = [
    # efax's own notation: resolution, rate, width, length, compression, ECM, binary files, scan time.
    ("1,5,0,2,0,0,0,0", ("V.17", 14400, "MH", True)),
    ("0,3,0,2,0,0,0,0", ("V.29", 9600, "MH", False)),
    ("0,1,0,2,0,0,0,0", ("V.27ter", 4800, "MH", False)),
]


def drawn() -> list[PageBitmap]:
    # The last row of noise is like no other: it is seen if it is lost.
    return [page_bitmap("text", rows=300), page_bitmap("noise", rows=16)]


def as_efax_sends(page: PageBitmap, path: Path, dots_down: int) -> Path:
    """The page in a file of efax's own making. It takes all that follows the first row for rows: a file with
    anything behind the page, as others write it, would come with rows of nonsense at the foot."""
    page.image().save(
        path,
        compression="group3",
        dpi=(204, dots_down),
        tiffinfo={278: page.height},  # one strip: it takes no other
    )
    command = ["efix", "-i", "tiffg3", "-o", "tiffg3", str(path)]
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return path


@pytest.mark.parametrize(("capabilities", "negotiated"), CASES)
def test_efax_calls_and_sends(
    tmp_path: Path, capabilities: str, negotiated: tuple[str, int, str, bool]
) -> None:
    dots_down = 196 if negotiated[3] else 98
    files = [
        as_efax_sends(page, tmp_path / f"sent{number}.tif", dots_down) for number, page in enumerate(drawn())
    ]
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(lines["100"]) as channel:
        command = ["efax", "-v", "ew", "-d", lines["200"], "-l", "+1 200", "-c", capabilities, "-h", ""]
        efax = subprocess.Popen(
            [*command, "-t", "T100", *map(str, files)],
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
    for (size, came), page in zip(pixels(tmp_path / "received.tif"), drawn(), strict=True):
        row, sent = WIDTH // 8, page.image().tobytes()
        if settled["HighRes"]:
            assert (size, came) == ((WIDTH, TOP + page.height), b"\xff" * row * TOP + sent)
        else:
            top = (TOP + SQUEEZED) // 2
            assert size == (WIDTH, top + page.height - SQUEEZED)
            assert came[: row * TOP // 2] == b"\xff" * (row * TOP // 2)
            assert came[row * top :] == sent[row * SQUEEZED :]


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
