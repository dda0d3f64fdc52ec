"""The machine stops while a fax is being stored, after each operation on the disk, with its caches lost.

The operations are recorded while four pages are appended. Then, for each moment, the disks that a crash could
leave behind are built: what was not synced is there, or not, or partly. On each of them the file holds every
page that had been acknowledged; while one is being appended perhaps that one too, but whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Resolution
from faxhw.tiff import TiffFax, TiffPage, pages_of
from tests.pages import page_bitmaps

PAGES = page_bitmaps(4, width=256, rows=60)
Write = tuple[int, bytes]


@dataclass
class File:
    """One inode: what is safe, and the writes that are not, in order."""

    safe: bytes = b""
    unsafe: list[Write] = field(default_factory=list)

    def after_crash(self) -> Iterator[bytes]:
        """Its contents may be any of these."""
        yield _written(self.safe, self.unsafe)
        if self.unsafe:
            *earlier, (at, octets) = self.unsafe
            yield self.safe
            yield _written(self.safe, earlier)
            yield _written(self.safe, [(at, octets)])
            if len(octets) > 4:  # the pointer is within one sector: all or nothing
                yield _written(self.safe, [*earlier, (at, octets[: len(octets) // 2])])


def _written(content: bytes, writes: list[Write]) -> bytes:
    for at, octets in writes:
        content = content[:at].ljust(at, b"\0") + octets + content[at + len(octets) :]
    return content


@dataclass
class Disk:
    """A model of the disk: the files by name as they are, and as they would be after a crash."""

    names: dict[str, File]
    safe_names: dict[str, File]
    open_files: dict[int, File] = field(default_factory=dict)

    def perform(self, operation: str, arguments: tuple[Any, ...], result: Any) -> None:
        match operation:
            case "open" if arguments[1] & os.O_CREAT:
                self.open_files[result] = self.names[os.fspath(arguments[0])] = File()
            case "open":
                self.open_files.pop(result, None)  # the directory
            case "pwrite":
                self.open_files[arguments[0]].unsafe.append((arguments[2], bytes(arguments[1][:result])))
            case "fsync" if arguments[0] in self.open_files:
                file = self.open_files[arguments[0]]
                file.safe, file.unsafe = _written(file.safe, file.unsafe), []
            case "fsync":
                self.safe_names = dict(self.names)
            case "replace":
                self.names[os.fspath(arguments[1])] = self.names.pop(os.fspath(arguments[0]))
            case "link":
                self.names[os.fspath(arguments[1])] = self.names[os.fspath(arguments[0])]
            case "unlink":
                self.names.pop(os.fspath(arguments[0]), None)

    def after_crash(self, path: Path) -> set[bytes | None]:
        """What may be found under that name."""
        found: set[bytes | None] = set()
        for names in (self.names, self.safe_names):
            file = names.get(os.fspath(path))
            found |= {None} if file is None else set(file.after_crash())
        return found


def _record(path: Path, monkeypatch: pytest.MonkeyPatch, *, replace: bool) -> list[tuple[str, Any, Any]]:
    """Every operation with its arguments and its result, and ("acknowledged", pages, None)."""
    log: list[tuple[str, Any, Any]] = []

    def recorded(name: str) -> None:
        real = getattr(os, name)

        def operation(*arguments: Any, **named: Any) -> Any:
            copied = tuple(bytes(each) if isinstance(each, memoryview) else each for each in arguments)
            try:
                result = real(*arguments, **named)
            except FileNotFoundError:
                log.append((name, copied, None))
                raise
            log.append((name, copied, result))
            return result

        monkeypatch.setattr(os, name, operation)

    with TiffFax(path, replace=replace) as fax:
        for name in ("open", "pwrite", "fsync", "replace", "link", "unlink"):
            recorded(name)
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
    monkeypatch.undo()
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
