"""Looking at files and changing several of them: all are written beside their places before one is touched.

A full disk or a folder that cannot be written therefore shows itself while everything is still as it was.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from faxhw.errors import StorageError, UsageError


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or a link, for which ``content`` is where it points to."""

    content: bytes
    link: bool = False
    mode: int = 0o644
    uid: int = field(default_factory=os.geteuid)
    gid: int = field(default_factory=os.getegid)

    @property
    def digest(self) -> str:
        """Tells a content from every other."""
        return hashlib.sha256((b"-> " if self.link else b"") + self.content).hexdigest()

    def lines(self) -> list[str]:
        """For showing it."""
        text = self.content.decode(errors="replace")
        return [f"(a link to {text})"] if self.link else text.splitlines()


def look(path: Path) -> Found | None:
    """What stands there, if anything does."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            content = os.fsencode(path.readlink())
        elif stat.S_ISREG(status.st_mode):
            content = path.read_bytes()
        else:
            raise UsageError(f"{path} is neither a file nor a link; move it away first")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    return Found(
        content, stat.S_ISLNK(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
    )


class Staging:
    """Files on their way to their places: what was not published when this ends leaves nothing behind."""

    def __init__(self) -> None:
        self._moves: list[tuple[Path, Path]] = []
        self._folders: list[Path] = []

    def make_folders(self, path: Path) -> list[Path]:
        """Make a folder and those above it; those that were not there."""
        made: list[Path] = []
        with _telling(path):
            for each in (*reversed(path.parents), path):
                if not each.is_dir():
                    each.mkdir()
                    self._folders.append(each)
                    each.chmod(0o755)  # whatever the umask
                    made.append(each)
        return made

    def put(self, path: Path, what: Found) -> None:
        """Write a file beside its place."""
        with _telling(path):
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            self._moves.append((Path(name), path))
            with os.fdopen(handle, "wb") as file:
                file.write(what.content)
                file.flush()
                _give(name, what)
                os.fchmod(handle, what.mode)
                os.fsync(handle)
            if what.link:
                Path(name).unlink()
                Path(name).symlink_to(os.fsdecode(what.content))
                _give(name, what)

    def publish(self) -> None:
        """Move everything to its place, in the order in which it was put here."""
        self._folders.clear()
        while self._moves:
            source, path = self._moves[0]
            with _telling(path):
                source.replace(path)
            del self._moves[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for source, _ in self._moves:
            with suppress(OSError):
                source.unlink()
        for each in reversed(self._folders):
            with suppress(OSError):
                each.rmdir()


def _give(name: str, what: Found) -> None:
    status = os.lstat(name)
    if (status.st_uid, status.st_gid) != (what.uid, what.gid):
        os.chown(name, what.uid, what.gid, follow_symlinks=False)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """What the system refuses becomes an error that names the file."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}") from error
