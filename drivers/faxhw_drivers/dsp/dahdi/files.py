"""A channel's device file: what is asked of it, and the host's own.

The driver works on any object of this kind, so a stand-in may take the place of the hardware.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import threading
from collections.abc import Callable
from typing import Protocol

_LONGEST_POLL = 1e9
"""Milliseconds; the system takes no more than 2^31."""


class ChannelFile(Protocol):
    """An open device file, not blocking. Whatever fails raises ``OSError`` with the system's number."""

    def ioctl(self, request: int, argument: bytearray) -> None:
        """``argument`` is what is passed, and holds what comes back."""
        ...

    def read(self, octets: int) -> bytes: ...

    def write(self, data: bytes) -> int:
        """How many octets were taken."""
        ...

    def poll(self, timeout: float | None, *, readable: bool = False) -> bool:
        """Wait for an event of the channel (and for sound, if ``readable``); False if there was none."""
        ...

    def wake(self) -> None:
        """Make the poll under way, or else the next one, end. From any thread."""
        ...

    def close(self) -> None: ...


Opener = Callable[[str], ChannelFile]
"""Opens a path for reading and writing; raises ``OSError``."""


class HostFile:
    """A device file of this host."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._polls = {readable: self._new_poll(readable) for readable in (False, True)}
        self._polled = threading.Lock()
        self._wake_lock = threading.Lock()
        self._open = True

    def _new_poll(self, readable: bool) -> select.poll:
        poll = select.poll()
        poll.register(self._fd, select.POLLPRI | (select.POLLIN if readable else 0))
        poll.register(self._wake_read, select.POLLIN)
        return poll

    def ioctl(self, request: int, argument: bytearray) -> None:
        self._check_open()
        fcntl.ioctl(self._fd, request, argument)

    def read(self, octets: int) -> bytes:
        self._check_open()
        return os.read(self._fd, octets)

    def write(self, data: bytes) -> int:
        self._check_open()
        return os.write(self._fd, data)

    def poll(self, timeout: float | None, *, readable: bool = False) -> bool:
        milliseconds = None if timeout is None else min(1000 * timeout, _LONGEST_POLL)
        with self._polled:
            self._check_open()
            ready = [fd for fd, _ in self._polls[readable].poll(milliseconds)]
            if self._wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 64)
            return self._fd in ready

    def wake(self) -> None:
        with self._wake_lock, contextlib.suppress(BlockingIOError):
            if self._open:
                os.write(self._wake_write, b"!")

    def close(self) -> None:
        with self._wake_lock:
            if not self._open:
                return
            self._open = False
            os.write(self._wake_write, b"!")
        with self._polled:
            for fd in (self._fd, self._wake_read, self._wake_write):
                os.close(fd)

    def _check_open(self) -> None:
        if not self._open:
            raise OSError(errno.EBADF, "the device file was closed")
