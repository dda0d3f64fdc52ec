"""libtiff's own opinion of our files. ``tests/conftest.py`` asks it of every TIFF that any test leaves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import TIFFINFO
from tests.virtual.calls import setting

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(TIFFINFO is None, reason="tiffinfo is not installed: Debian package libtiff-tools"),
]


def test_tiffinfo_reads_what_was_received(tmp_path: Path) -> None:
    with setting() as this:
        assert this.rings_with(3).FaxReceiver.receive(filename=tmp_path / "fax.tif") == "NORMAL"
    said = subprocess.run(
        ["tiffinfo", str(tmp_path / "fax.tif")], capture_output=True, text=True, check=True
    ).stdout
    assert said.count("TIFF Directory at offset") == 3
    for line in (
        "Image Width: 1728 Image Length: 1143",
        "Resolution: 204, 98 pixels/inch",
        "FillOrder: lsb-to-msb",
        "Photometric Interpretation: min-is-white",
        "Group 3 Options: 2-d encoding",
        "Fax Data: clean",
        "Page Number: 2-0",
        "ImageDescription: fax from +49 89 200",
    ):
        assert line in said
