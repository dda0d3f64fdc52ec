"""The append-and-commit writer: an appended page is on disk, and the file is valid at every instant.

A page is *prepared* and then *committed*. The first is prepared in a file of its own beside the final name,
synced, and takes the name in one step. Each later one is written behind the end of the file and synced, and
then made part of it by a single write of four octets, synced too. So whatever fails, and whenever the machine
stops, the file under the final name holds the pages that were committed so far; at worst also the one that
was just being committed, whole.

Two writers never share a name: whoever stores a fax holds a lock on the file that stands under it, and takes
the name from no other file than the one that stood there at the beginning.

Everything that touches the disk comes down to a function of ``os``, so that tests can make each one fail.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from faxhw.disk import lock, passing_name, sync_directory, write_at
from faxhw.errors import StorageError
from faxhw.tiff.directory import HEADER_OCTETS, MOST_OCTETS, Block, TiffPage, block, header

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_NAME_TAKEN = "another file has taken its name"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A page that is on disk and not yet part of the file."""

    added: Block
    end: int
    """Where the file ends with it."""
    file: int
    temporary: Path | None
    """The name that the file still has, if it is the first page's."""


class TiffFax:
    """A fax that is being stored as a TIFF.

    Nothing is touched before the first page: an existing file stays until that page is safe. A new file
    gets the permissions that the umask leaves, one that replaces a file gets that one's, and its owner where
    that may be. A symbolic link stays, and the file that it leads to is written. Raises ``StorageError`` at
    once if the name cannot be used: its directory is missing or cannot be written, it is no ordinary file, it
    is read-only, another fax is being stored in it, or it exists and ``replace`` is False.
    """

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = True) -> None:
        self._name = os.fspath(path)
        self._lock: int | None = None
        """A descriptor of the old file, which locks it."""
        try:
            self._path = Path(os.path.realpath(self._name))
            self._old = _check(self._path, linked=Path(self._name).is_symlink(), replace=replace)
            """The one file that may be replaced."""
            if self._old is not None:
                self._lock = _open_locked(self._path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StorageError(f"cannot store a fax as {self._name!r}: {reason}") from error
        self._file: int | None = None
        self._closed = False
        self._pages = 0
        self._end = 0
        self._pointer_at = 0
        self._prepared: _Prepared | None = None
        self._unfinished = False
        """Whether there may be something behind the end."""

    @property
    def pages(self) -> int:
        """Pages that are safe."""
        return self._pages

    def append(self, page: TiffPage) -> None:
        """Store a page: ``prepare`` and ``commit``, with the errors of both."""
        self.prepare(page)
        self.commit()

    def prepare(self, page: TiffPage) -> None:
        """Write a page to the disk and sync it, without making it part of the file; ``commit`` does that.

        A page that was prepared before and not committed is discarded. Raises ``StorageError`` if it cannot
        be written: the pages before stay as they are, and the same or another page may be tried.
        """
        if self._closed:
            raise StorageError(f"cannot add a page to {self._name!r}: it has been closed")
        if page.rows < 1 or page.width < 1 or not page.data:
            raise StorageError(f"cannot add a page to {self._name!r}: the page is empty")
        with self._telling():
            self.discard()
            at = self._end if self._file is not None else HEADER_OCTETS
            added = block(page, self._pages, at)
            if at + len(added.octets) > MOST_OCTETS:
                raise OSError(errno.EFBIG, "a TIFF file ends at 4 GiB")
            end = at + len(added.octets)
            if self._file is None:
                file, temporary = self._begin(added)
                self._prepared = _Prepared(added, end, file, temporary)
            else:
                self._write_behind(self._file, added)
                self._prepared = _Prepared(added, end, self._file, None)

    def commit(self) -> None:
        """Make the page that was prepared part of the file; when this returns, that is on disk.

        Raises ``StorageError`` if it is not: the pages before are, and the page is discarded.
        """
        prepared, self._prepared = self._prepared, None
        if prepared is None:
            raise StorageError(f"cannot add a page to {self._name!r}: none was prepared")
        with self._telling():
            if prepared.temporary is not None:
                self._publish(prepared.file, prepared.temporary)
                self._file = prepared.file
            else:
                self._point_to(prepared)
        self._end, self._pointer_at = prepared.end, prepared.added.pointer_at
        self._pages += 1

    def discard(self) -> None:
        """Forget the page that was prepared, if there is one; raises ``OSError`` if it cannot be cut off."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared.temporary is not None:
            _remove(prepared.file, prepared.temporary)
        elif self._unfinished and self._file is not None:
            self._cut_back(self._file)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Says of an ``OSError`` which page of which file it has kept from being stored."""
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"page {self._pages + 1} could not be stored in {self._name!r}: {error.strerror or error}"
            ) from error

    def close(self) -> None:
        """Let go of the file. It needs no finishing, so nothing can go wrong here; twice is no harm."""
        self._closed = True
        with suppress(OSError):
            self.discard()
        for file in (self._file, self._lock):
            if file is not None:
                with suppress(OSError):
                    os.close(file)
        self._file = self._lock = None

    def __enter__(self) -> TiffFax:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, added: Block) -> tuple[int, Path]:
        """Make the file with its first page under a name of its own: its descriptor, and that name."""
        temporary = passing_name(self._path.parent)
        file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            _lock(file)
            if self._old is not None:
                _take_over_permissions(file, self._old)
            write_at(file, header(added.directory_at) + added.octets, 0)
            os.fsync(file)
        except BaseException:
            _remove(file, temporary)
            raise
        return file, temporary

    def _publish(self, file: int, temporary: Path) -> None:
        """Give the file its name, which is taken from the old file and from no other."""
        old = self._old
        try:
            try:
                found = self._path.lstat()
            except FileNotFoundError:
                _name_without_replacing(temporary, self._path)
            else:
                if old is None or not os.path.samestat(found, old):
                    raise FileExistsError(errno.EEXIST, _NAME_TAKEN)
                temporary.replace(self._path)
            self._old = os.fstat(file)
            try:
                sync_directory(self._path.parent)
            except BaseException:
                if old is None:
                    with suppress(OSError):
                        self._path.unlink()
                raise
        except BaseException:
            _remove(file, temporary)
            raise
        with suppress(OSError):  # gone already where it was renamed
            temporary.unlink()

    def _write_behind(self, file: int, added: Block) -> None:
        """Write a page behind the end."""
        self._unfinished = True
        try:
            write_at(file, added.octets, self._end)
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                self._cut_back(file)
            raise

    def _point_to(self, prepared: _Prepared) -> None:
        """Point to the page behind the end."""
        file = prepared.file
        try:
            if not os.path.samestat(self._path.stat(), os.fstat(file)):
                raise FileExistsError(errno.EEXIST, _NAME_TAKEN)
            write_at(file, prepared.added.directory_at.to_bytes(4, "little"), self._pointer_at)
            os.fdatasync(file)  # the sender is waiting: not for the file's times too
        except OSError:
            with suppress(OSError):
                self._cut_back(file)
            raise
        self._unfinished = False

    def _cut_back(self, file: int) -> None:
        """Undo an addition that failed: the pointer first, for it must never lead behind the end."""
        write_at(file, bytes(4), self._pointer_at)
        os.fsync(file)
        os.ftruncate(file, self._end)
        self._unfinished = False


def _check(path: Path, *, linked: bool, replace: bool) -> os.stat_result | None:
    """The file that would be replaced; ``OSError`` if the name cannot be used."""
    try:
        found = path.lstat()
    except FileNotFoundError as error:
        if linked:
            raise OSError(
                errno.ENOENT, "it is a symbolic link to nothing; remove it, or name another file"
            ) from error
        if not path.parent.is_dir():
            raise OSError(
                errno.ENOENT, f"there is no directory {str(path.parent)!r}; make it first"
            ) from error
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        if stat.S_ISDIR(found.st_mode):
            raise OSError(errno.EISDIR, "it is a directory; name a file in it")
        raise OSError(errno.EINVAL, "it is not an ordinary file; name another")
    if found is not None and not replace:
        raise OSError(errno.EEXIST, "it exists already, and is not to be replaced; name another")
    if found is not None and not os.access(path, os.W_OK):
        raise OSError(errno.EACCES, "it exists already, and is read-only; name another")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, f"the directory {str(path.parent)!r} cannot be written; name another")
    return found


def _open_locked(path: Path) -> int | None:
    """A descriptor that locks the file; ``None`` where it cannot be read, and goes unlocked."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        _lock(file)
    except BaseException:
        os.close(file)
        raise
    return file


def _lock(file: int) -> None:
    """Raise ``OSError`` if another descriptor locks the file."""
    if not lock(file):
        raise OSError(errno.EBUSY, "another fax is being stored in it; name another file")


def _take_over_permissions(file: int, old: os.stat_result) -> None:
    """The owner first, as far as this user may: changing it can take permissions away."""
    for uid, gid in ((-1, old.st_gid), (old.st_uid, -1)):
        with suppress(OSError):
            os.fchown(file, uid, gid)
    with suppress(OSError):  # a file system without permissions
        os.fchmod(file, stat.S_IMODE(old.st_mode))


def _remove(file: int, temporary: Path) -> None:
    """Let go of a file that did not come to its name."""
    with suppress(OSError):
        os.close(file)
    with suppress(OSError):
        temporary.unlink()


def _name_without_replacing(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise FileExistsError(errno.EEXIST, _NAME_TAKEN) from error
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        temporary.replace(path)
