"""What tests with Debian's efax share: pages in files of its own making, and what comes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.interop.documents import pixels
from tests.pages import PageBitmap, page_bitmap

WIDTH = 1728
TOP, SQUEEZED = 20, 8
"""Rows that efax puts on top of a page for its header, white where that is empty. At standard resolution it
sends half of them, and half of the page's own first rows, which are in the header's strip too."""


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


def assert_came(received: Path, pages: list[PageBitmap], *, fine: bool) -> None:
    """A document that efax has sent has these pages, under an empty header."""
    for (size, came), page in zip(pixels(received), pages, strict=True):
        row, sent = WIDTH // 8, page.image().tobytes()
        if fine:
            assert (size, came) == ((WIDTH, TOP + page.height), b"\xff" * row * TOP + sent)
        else:
            top = (TOP + SQUEEZED) // 2
            assert size == (WIDTH, top + page.height - SQUEEZED)
            assert came[: row * TOP // 2] == b"\xff" * (row * TOP // 2)
            assert came[row * top :] == sent[row * SQUEEZED :]
