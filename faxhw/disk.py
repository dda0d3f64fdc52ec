"""Files that last: the parts of durable storage that several rooms share.

Everything that touches the disk comes down to a function of ``os``, so that tests can make each one fail.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.ENOTSUP}
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}

_ABANDONED = 3600.0
"""Seconds after which nobody goes on with a file that has a passing name."""


def write_file(path: Path, octets: bytes) -> None:
    """Make a file, or replace one: at every moment the old or the new is there, whole.

    When this returns, the new one is on disk. Raises ``OSError``; what there was is then still there.
    """
    temporary = passing_name(path.parent)
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            write_at(file, octets, 0)
            os.fsync(file)
        finally:
            os.close(file)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_directory(path.parent)


def write_at(file: int, octets: bytes, at: int) -> None:
    """Write all of some octets."""
    view = memoryview(octets)
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written


def lock(file: int) -> bool:
    """Lock a file until its descriptor is closed; False if another descriptor does.

    A file system without locks, or a whole system, is taken at its word that nobody does.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def sync_directory(directory: Path) -> None:
    """Make the names in it last; a file system that cannot be asked to is taken at its word."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
    finally:
        os.close(handle)


# ----------------------------------------------------------------------------------------------------------
# Passing names: files that are to have another


def passing_name(directory: Path) -> Path:
    """A name in a directory that nobody has."""
    return directory / f".faxhw-{os.urandom(8).hex()}.tmp"


def sweep(directory: Path, now: float) -> None:
    """Remove files with passing names that a killed process left behind; ``now`` as file times are."""
    for each in directory.glob(".faxhw-*.tmp"):
        with suppress(OSError):
            if now - each.lstat().st_mtime > _ABANDONED:
                each.unlink()
