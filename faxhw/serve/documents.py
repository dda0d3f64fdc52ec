"""The queue's own copies of the documents: their owners may change or remove theirs after submission.

A document comes as a descriptor that its owner opened, so that the service reads nothing which they might
not. It is bounded, copied, synced and named before its job is in the queue.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from faxhw.disk import sync_directory
from faxhw.errors import StorageError, UsageError

_PIECE = 1 << 20
_OURS = re.compile(r"[0-9]+(\.[A-Za-z0-9]{1,5})?|\.new-.*")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


class Documents:
    """The directory; made if it is not there, for this user only."""

    def __init__(self, directory: Path, most: int) -> None:
        self._directory = directory
        self._most = most
        """Octets of one document."""
        with _telling(directory):
            directory.mkdir(mode=0o700, exist_ok=True)
            sync_directory(directory.parent)

    def path(self, name: str) -> Path:
        return self._directory / name

    def copy(self, source: int) -> Path:
        """Copy a document to the disk, under a passing name; ``name`` or ``discard`` it.

        Raises ``UsageError`` for what is no ordinary file, is empty or too large, ``StorageError`` where it
        cannot be read or written.
        """
        _check(source, self._most)
        with _telling(self._directory):
            handle, made = tempfile.mkstemp(prefix=".new-", dir=self._directory)
            copied = Path(made)
            try:
                try:
                    self._fill(handle, source)
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except BaseException:
                self.discard(copied)
                raise
        return copied

    def name(self, copied: Path, job: int, given: str) -> str:
        """Give a copy its name, which lasts from here on; returns it. It ends as its owner's name does."""
        suffix = Path(given).suffix
        name = f"{job}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
        with _telling(self._directory):
            copied.replace(self.path(name))
            sync_directory(self._directory)
        return name

    def discard(self, path: Path) -> None:
        with _telling(self._directory):
            path.unlink(missing_ok=True)

    def sweep(self, keep: Set[str]) -> None:
        """Remove our files but these: what a crash left, or what nobody needs any more."""
        with _telling(self._directory):
            for each in self._directory.iterdir():
                if each.name not in keep and _OURS.fullmatch(each.name):
                    self.discard(each)

    def _fill(self, handle: int, source: int) -> None:
        at = 0
        while piece := os.pread(source, _PIECE, at):
            at += len(piece)
            if at > self._most:  # it has grown
                raise _too_large(self._most)
            while piece:
                piece = piece[os.write(handle, piece) :]


def _check(source: int, most: int) -> None:
    try:
        found = os.fstat(source)
    except OSError as error:
        raise UsageError(f"the document cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise UsageError("the document is no ordinary file: store it in one first")
    if not found.st_size:
        raise UsageError("the document is empty")
    if found.st_size > most:
        raise _too_large(most)


def _too_large(most: int) -> UsageError:
    return UsageError(f"the document is too large: {most} octets are allowed")


@contextmanager
def _telling(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"documents cannot be kept in {directory}: {error.strerror or error}") from error
