"""Debian's efax dials on one virtual modem, faxhw answers on another."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import faxhw
from tests.interop.simulated import simulated
from tests.pages import page_bitmap
from tests.virtual.calls import pixels

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("efax") is None, reason="efax is not installed: Debian package efax"),
]

ROWS = 400
MORE_ROWS = 60
"""efax prints a header over the top rows and moves the page down for it; at the foot it sends, as rows, what
follows the page in the file: fewer rows than this in all."""


@pytest.mark.parametrize(
    ("capabilities", "negotiated"),
    [
        # efax's own notation: resolution, rate, width, length, compression, ECM, binary files, scan time.
        ("1,5,0,2,0,0,0,0", ("V.17", 14400, "MH", True)),
        ("0,3,0,2,0,0,0,0", ("V.29", 9600, "MH", False)),
        ("0,1,0,2,0,0,0,0", ("V.27ter", 4800, "MH", False)),
    ],
)
def test_efax_calls_and_sends(
    tmp_path: Path, capabilities: str, negotiated: tuple[str, int, str, bool]
) -> None:
    fine = negotiated[3]
    pages = [page_bitmap("text", rows=ROWS, seed=number) for number in range(2)]
    for number, page in enumerate(pages):
        page.image().save(
            tmp_path / f"sent{number}.tif",
            compression="group3",
            dpi=(204, 196 if fine else 98),
            tiffinfo={278: page.height},  # efax takes a page in one strip only
        )
    with simulated(tmp_path, "100", "200") as lines, faxhw.open_channel(lines["100"]) as channel:
        command = ["efax", "-v", "ew", "-d", lines["200"], "-l", "+1 200", "-c", capabilities, "-t", "T100"]
        efax = subprocess.Popen(
            [*command, *(str(tmp_path / f"sent{number}.tif") for number in range(len(pages)))],
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
    assert [each.receive_quality for each in fax.PageDetails] == ["GOOD", "GOOD"]
    for got, page in zip(pixels(tmp_path / "received.tif"), pages, strict=True):
        row = page.width // 8
        sent = page.image().tobytes()
        top = next(start for start in range(0, len(sent), row) if set(sent[start : start + row]) != {0xFF})
        at = got.find(sent[top:])
        assert at > 0, "the page is not in what was received"
        assert at % row == 0
        assert len(got) - len(sent) <= MORE_ROWS * row
