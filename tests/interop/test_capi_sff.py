"""SFF as Ghostscript writes it for CAPI fax cards (its device cfax)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from faxhw.capi.sff import SffOctets, SffPage, SffPageEnd, SffReader
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import rows_from_bitmap
from faxhw.terms import Coding

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        shutil.which("gs") is None, reason="Ghostscript is not installed: Debian package ghostscript"
    ),
]

_PAGES = """%!
/Helvetica findfont 40 scalefont setfont
72 700 moveto (The first page) show showpage
72 300 moveto (The second page) show 100 100 200 90 rectfill showpage
"""


def _run(device: str, output: Path, source: Path) -> None:
    options = ["-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-r204x196", "-g1728x2200"]
    command = ["gs", *options, f"-sDEVICE={device}", f"-sOutputFile={output}", str(source)]
    subprocess.run(command, check=True, timeout=60)


def test_pages_of_ghostscript_are_read_to_the_dot(tmp_path: Path) -> None:
    source, written = tmp_path / "pages.ps", tmp_path / "pages.sff"
    source.write_text(_PAGES)
    _run("cfax", written, source)
    _run("pbmraw", tmp_path / "page%d.pbm", source)
    pages = []
    decoder = PageDecoder(Coding.MH, 1728)
    for item in SffReader().feed(written.read_bytes()):
        match item:
            case SffPage(width, fine, length):
                assert (width, fine, length) == (1728, True, 2200)
                decoder = PageDecoder(Coding.MH, width)
            case SffOctets(data):
                decoder.feed(data)
            case SffPageEnd():
                pages.append(decoder.finish())
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        picture = Image.open(tmp_path / f"page{number}.pbm")
        assert page.report.bad_rows == 0
        assert page.rows == rows_from_bitmap(picture.tobytes("raw", "1;I"), 1728)
