"""Names in an inbox that are taken before there is a file, by one process of several.

A claim is a hidden file, locked as long as its owner lives, that says what the name is wanted for. Its owner
removes it when all is done. One that nobody locks is of a process that died, and tells what was in hand then.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from faxhw.disk import lock, sync_directory, write_at
from faxhw.errors import StorageError
from faxhw.serve.naming import SIDECAR


class Claim:
    """One name that is ours."""

    def __init__(self, path: Path, file: int, fax: Path) -> None:
        self.fax = fax
        """The file that the name is for."""
        self._path = path
        self._file: int | None = file

    @property
    def sidecar(self) -> Path:
        """The file beside it that tells of it."""
        return self.fax.with_name(self.fax.name + SIDECAR)

    def note(self, purpose: Mapping[str, object]) -> None:
        """Write down what the name is for, to be found if this process dies. Raises ``OSError``."""
        assert self._file is not None
        octets = json.dumps({**purpose, "name": self.fax.name}).encode()
        os.ftruncate(self._file, 0)
        write_at(self._file, octets, 0)
        os.fsync(self._file)
        sync_directory(self._path.parent)

    def free(self) -> bool:
        """Whether there is neither a file of that name nor one beside it."""
        return not (os.path.lexists(self.fax) or os.path.lexists(self.sidecar))

    def purpose(self) -> dict[str, object]:
        """What was written down; empty if nothing was, or not all of it."""
        return _purpose(self._path)

    def release(self) -> None:
        """All is done: nothing of the claim stays. Twice is no harm."""
        if self._file is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self.leave()

    def leave(self) -> None:
        """Something is left to be done, by whoever finds the claim."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def claim(directory: Path, names: Iterable[str], purpose: Mapping[str, object]) -> Claim:
    """The first of some names that nobody has. Raises ``StorageError`` if none can be had."""
    try:
        for name in names:
            if os.path.lexists(directory / name):
                continue
            path = _path(directory, name)
            if (file := _take(path, make=True)) is None:
                continue
            found = Claim(path, file, directory / name)
            if not found.free():  # a file came meanwhile, or only one beside it stands
                found.release()
                continue
            try:
                found.note(purpose)
            except BaseException:
                found.release()
                raise
            return found
    except OSError as error:
        raise StorageError(f"no fax can be stored in {directory}: {error.strerror or error}") from error
    raise StorageError(f"no fax can be stored in {directory}: every name is taken")


def abandoned(directory: Path) -> Iterator[Claim]:
    """The claims of processes that died, each now ours. Raises ``OSError``."""
    for path in sorted(directory.glob(".faxhw-*.claim")):
        with suppress(FileNotFoundError):
            if (file := _take(path, make=False)) is None:
                continue
            name = _purpose(path).get("name")
            if isinstance(name, str) and _path(directory, name) == path:
                yield Claim(path, file, directory / name)
            else:
                Claim(path, file, path).release()  # it died before it could say what it wanted


def _path(directory: Path, name: str) -> Path:
    return directory / f".faxhw-{hashlib.sha256(name.encode()).hexdigest()[:32]}.claim"


def _purpose(path: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        told = json.loads(path.read_bytes())
        if isinstance(told, dict):
            return cast(dict[str, object], told)
    return {}


def _take(path: Path, *, make: bool) -> int | None:
    """A descriptor that locks a claim, unless another process has it or had it just now."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600)
    with suppress(FileNotFoundError):
        if lock(file) and os.path.samestat(os.fstat(file), path.lstat()):
            return file
    os.close(file)
    return None
