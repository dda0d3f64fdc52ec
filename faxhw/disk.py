"""What makes a name on the disk last: the part of durable storage that several rooms share."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.ENOTSUP}


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
