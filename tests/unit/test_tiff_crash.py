"""The machine stops while a fax is being stored, after each operation on the disk, with its caches lost.

The operations are recorded while four pages are appended. Then, for each moment, the disks that a crash could
leave behind are built: what was not synced is there, or not, or partly. On each of them the file holds every
page that had been acknowledged; while one is being appended perhaps that one too, but whole.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Resolution
from faxhw.tiff import TiffFax, TiffPage, pages_of
from tests.pages import page_bitmaps
from tests.unit.crashing_disk import Disk, File, Operation, recorded

PAGES = page_bitmaps(4, width=256, rows=60)


def _record(path: Path, monkeypatch: pytest.MonkeyPatch, *, replace: bool) -> list[Operation]:
    """Every operation with its arguments and its result, and ("acknowledged", pages, None)."""
    with TiffFax(path, replace=replace) as fax, recorded(monkeypatch) as log:
        for number, page in enumerate(PAGES):
            fax.append(
                TiffPage(
                    data=encode_page(page.rows, Coding.MR, page.width, finish=False),
                    coding=Coding.MR,
                    width=page.width,
                    rows=page.height,
                    resolution=Resolution.FINE,
                )
            )
            log.append(("acknowledged", number + 1, None))
    return log


@pytest.mark.parametrize("replace", [True, False])
def test_at_every_moment_the_acknowledged_pages_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    path, found = tmp_path / "fax.tif", tmp_path / "found.tif"
    old = File(b"old") if replace else None
    if old:
        path.write_bytes(old.safe)
    names = {os.fspath(path): old} if old else {}
    disk, acknowledged, looked_at = Disk(names, dict(names)), 0, 0
    for operation, arguments, result in _record(path, monkeypatch, replace=replace):
        if operation == "acknowledged":
            acknowledged = arguments
            most = acknowledged
        else:
            disk.perform(operation, arguments, result)
            most = acknowledged + 1
        for content in disk.after_crash(path):
            looked_at += 1
            if content in (None, b"old"):
                assert acknowledged == 0
                continue
            assert content is not None
            found.write_bytes(content)
            pages = [page.bitmap for page in pages_of(found)]
            assert acknowledged <= len(pages) <= most
            assert pages == [page.bits for page in PAGES[: len(pages)]]
    assert acknowledged == len(PAGES)
    assert looked_at > 30
