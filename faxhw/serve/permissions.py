"""What the service asks of the files and directories it is told of: that they are there, and whose they are.

Each check raises ``UsageError``, which says what is wrong and the command that puts it right.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from faxhw.errors import UsageError


def writable_directory(path: Path, *, private: bool) -> None:
    """Check that files can be made in a directory, by others not; if ``private``, not even seen."""
    mode = _mode(path, f"there is no directory {path}; make it: install -d -m 750 {path}")
    if not stat.S_ISDIR(mode):
        raise UsageError(f"{path} is no directory; name one")
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"{path} cannot be written by this user; give it another owner or another group")
    if mode & 0o002:
        raise UsageError(f"everybody on this host can put files into {path}; chmod o-w {path}")
    if private and mode & 0o007:
        raise UsageError(
            f"{path} is open to everybody on this host, and faxes will be in it; chmod o-rwx {path}"
        )


def make_directory(path: Path) -> None:
    """Make a directory of the service's own, closed to others, where there is none."""
    try:
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the directory {path} cannot be made ({error.strerror or error}); name another one"
        ) from error


def safe_to_trust(path: Path) -> None:
    """Check that a file is there and that not everybody may change it, or put another in its place."""
    mode = _mode(path, f"there is no file {path}")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is no ordinary file")
    if mode & 0o002:
        raise UsageError(f"{path} can be changed by everybody on this host; chmod o-w {path}")
    folder = path.parent.stat().st_mode
    if folder & 0o002 and not folder & stat.S_ISVTX:  # a sticky one, such as /tmp, will do
        raise UsageError(
            f"everybody on this host can put another file in the place of {path}; chmod o-w {path.parent}"
        )


def runnable(program: str) -> None:
    """Check that a program is there and can be run, and as ``safe_to_trust``."""
    found = shutil.which(program)
    if found is None:
        raise UsageError(f"there is no program {program} that this user may run; name it with its whole path")
    safe_to_trust(Path(found))


def _mode(path: Path, missing: str) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        raise UsageError(missing) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be used: {error.strerror or error}") from error
