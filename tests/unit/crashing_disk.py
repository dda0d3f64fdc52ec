"""A model of the disk, to find out what a crash at any moment leaves of it.

``recorded`` notes every operation while something is stored. Performed on a ``Disk`` one by one, they tell
for each moment what may be found under a name when the machine stops there and its caches are lost: what was
not synced is there, or not, or partly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Write = tuple[int, bytes]
Operation = tuple[str, Any, Any]
"""Its name in ``os``, its arguments, its result."""


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
    """The files by name as they are, and as they would be after a crash."""

    names: dict[str, File]
    safe_names: dict[str, File]
    open_files: dict[int, File] = field(default_factory=dict)

    def perform(self, operation: str, arguments: tuple[Any, ...], result: Any) -> None:
        match operation:
            case "open" if arguments[1] & os.O_CREAT:
                self.open_files[result] = self.names.setdefault(os.fspath(arguments[0]), File())
            case "open":
                self.open_files.pop(result, None)  # the directory
            case "pwrite":
                self.open_files[arguments[0]].unsafe.append((arguments[2], bytes(arguments[1][:result])))
            case "fsync" | "fdatasync" if arguments[0] in self.open_files:
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


OPERATIONS = ("open", "pwrite", "fsync", "fdatasync", "replace", "link", "unlink")


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Operation]]:
    """Every operation on the disk while the context lasts."""
    log: list[Operation] = []
    with monkeypatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(os, name, _recording(name, log))
        yield log


def _recording(name: str, log: list[Operation]) -> Any:
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

    return operation
