"""The append-and-commit writer: an appended page is on disk, and the file is valid at every instant.

The first page goes to a file of its own beside the final name, is synced, and takes the name in one step.
Each later one is written behind the end of the file and synced, and then made part of it by a single write
of four octets, synced too. So whatever fails, and whenever the machine stops, the file under the final name
holds the pages that were appended so far; at worst also the one that was just being appended, whole.

Only ``os`` functions touch the disk here, so that tests can make each of them fail.
"""

# ruff: noqa: PTH - see above: os functions, by their own names
from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from types import TracebackType

from faxhw.errors import StorageError
from faxhw.tiff.directory import HEADER_OCTETS, MOST_OCTETS, Block, TiffPage, block, header

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.ENOTSUP}


class TiffFax:
    """A fax that is being stored as a TIFF.

    Nothing is touched before the first page: an existing file stays until that page is safe. A new file
    gets the permissions that the umask leaves, one that replaces a file gets that one's. A symbolic link
    stays, and the file that it leads to is written. Raises ``StorageError`` at once if the name cannot be
    used: its directory is missing or cannot be written, it is no ordinary file, it is read-only, or it exists
    and ``replace`` is False.
    """

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = True) -> None:
        self._name = os.fspath(path)
        self._replace = replace
        try:
            self._path = os.path.realpath(self._name)
            self._old_mode = _check(self._path, dangling=os.path.islink(self._name), replace=replace)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StorageError(f"cannot store a fax as {self._name!r}: {reason}") from error
        self._file: int | None = None
        self._closed = False
        self._pages = 0
        self._end = 0
        self._pointer_at = 0
        self._unfinished = False

    @property
    def pages(self) -> int:
        """Pages that are safe."""
        return self._pages

    def append(self, page: TiffPage) -> None:
        """Store a page; when this returns, it is on disk and part of the file.

        Raises ``StorageError`` if it is not: the pages before are, and the same or another page may be tried.
        """
        if self._closed:
            raise StorageError(f"cannot add a page to {self._name!r}: it has been closed")
        if page.rows < 1 or page.width < 1 or not page.data:
            raise StorageError(f"cannot add a page to {self._name!r}: the page is empty")
        at = self._end if self._file is not None else HEADER_OCTETS
        added = block(page, self._pages, at)
        if at + len(added.octets) > MOST_OCTETS:
            raise StorageError(f"cannot add a page to {self._name!r}: a TIFF file ends at 4 GiB")
        try:
            if self._file is None:
                self._file = self._begin(added)
            else:
                self._continue(self._file, added)
        except OSError as error:
            raise StorageError(
                f"page {self._pages + 1} could not be stored in {self._name!r}: {error.strerror or error}"
            ) from error
        self._end, self._pointer_at = at + len(added.octets), added.pointer_at
        self._pages += 1

    def close(self) -> None:
        """Let go of the file. It needs no finishing, so nothing can go wrong here; twice is no harm."""
        self._closed = True
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                os.close(file)

    def __enter__(self) -> TiffFax:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, added: Block) -> int:
        """Make the file with its first page under its final name; its descriptor."""
        directory = os.path.dirname(self._path)
        temporary = os.path.join(directory, f".faxhw-{secrets.token_hex(8)}.tmp")
        file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            if self._old_mode is not None:
                with suppress(OSError):  # a file system without permissions
                    os.fchmod(file, self._old_mode)
            _write(file, header(added.directory_at) + added.octets, 0)
            os.fsync(file)
            self._publish(temporary, directory)
        except BaseException:
            with suppress(OSError):
                os.close(file)
            raise
        finally:
            with suppress(OSError):  # gone already where it was renamed
                os.unlink(temporary)
        return file

    def _publish(self, temporary: str, directory: str) -> None:
        if self._replace:
            os.replace(temporary, self._path)
        else:
            _name_without_replacing(temporary, self._path)
        try:
            _sync_directory(directory)
        except BaseException:
            if self._old_mode is None:
                with suppress(OSError):
                    os.unlink(self._path)
            raise

    def _continue(self, file: int, added: Block) -> None:
        """Add a page behind the end, then point to it."""
        if self._unfinished:
            self._cut_back(file)
        self._unfinished = True
        try:
            _write(file, added.octets, self._end)
            os.fsync(file)
            if not os.path.samestat(os.stat(self._path), os.fstat(file)):
                raise FileExistsError(errno.EEXIST, "another file has taken its name")
            _write(file, added.directory_at.to_bytes(4, "little"), self._pointer_at)
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                self._cut_back(file)
            raise
        self._unfinished = False

    def _cut_back(self, file: int) -> None:
        """Undo an addition that failed: the pointer first, for it must never lead behind the end."""
        _write(file, bytes(4), self._pointer_at)
        os.fsync(file)
        os.ftruncate(file, self._end)
        self._unfinished = False


def _check(path: str, *, dangling: bool, replace: bool) -> int | None:
    """The permissions of the file that would be replaced; ``OSError`` if the name cannot be used."""
    directory = os.path.dirname(path)
    try:
        found = os.lstat(path)
    except FileNotFoundError as error:
        if dangling:
            raise OSError(errno.ENOENT, f"it is a symbolic link to {path!r}, which does not exist") from error
        if not os.path.isdir(directory):
            raise OSError(errno.ENOENT, f"there is no directory {directory!r}") from error
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "not an ordinary file"
        raise OSError(errno.EISDIR, f"it is {kind}")
    if found is not None and not replace:
        raise OSError(errno.EEXIST, "it exists already, and is not to be replaced")
    if found is not None and not os.access(path, os.W_OK):
        raise OSError(errno.EACCES, "it exists already, and is read-only")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, f"the directory {directory!r} cannot be written")
    return None if found is None else stat.S_IMODE(found.st_mode)


def _write(file: int, octets: bytes, at: int) -> None:
    view = memoryview(octets)
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written


def _name_without_replacing(temporary: str, path: str) -> None:
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "it exists by now, and is not to be replaced") from error
        os.replace(temporary, path)


def _sync_directory(directory: str) -> None:
    """Make a name in it last; a file system that cannot be asked to is taken at its word."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
    finally:
        os.close(handle)
