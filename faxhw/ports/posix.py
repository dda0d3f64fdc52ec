"""A port over a file descriptor: serial devices, pseudo-terminals and sockets of a POSIX system.

Reading is ``poll`` on the descriptor and on a pipe that wakes it, then whatever is there: no reader thread,
no looking again and again, and nothing between the kernel and the caller but one call of each. (``select``
knows no descriptors from 1024 on, which a host with many lines has.)
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
from collections.abc import Iterator
from typing import Protocol

from faxhw.errors import PortError
from faxhw.ports.base import Flow

_CHUNK = 4096
_LONGEST_POLL = 1e9
"""Milliseconds; the system takes no more than 2^31. A read may end early, without an octet."""


class SerialSettings(Protocol):
    """The part of pyserial's object that a port uses once its descriptor is open."""

    baudrate: int
    rtscts: bool
    xonxoff: bool
    dtr: bool

    @property
    def cd(self) -> bool: ...

    @property
    def ri(self) -> bool: ...

    def close(self) -> None: ...


def send_no_xoff(fd: int) -> None:
    """Never hold the modem back by XOFF, whatever flow control is on: a page may hold both octets."""
    attributes = termios.tcgetattr(fd)
    if attributes[0] & termios.IXOFF:
        attributes[0] &= ~termios.IXOFF
        termios.tcsetattr(fd, termios.TCSANOW, attributes)


def _ready(poll: select.poll, timeout: float | None) -> list[int]:
    milliseconds = None if timeout is None else min(1000 * timeout, _LONGEST_POLL)
    return [fd for fd, _ in poll.poll(milliseconds)]


class PosixPort:
    """A ``Port`` on a descriptor that pyserial has opened and set up."""

    def __init__(self, name: str, fd: int, serial: SerialSettings) -> None:
        self._name = name
        self._fd = fd
        self._serial = serial
        self._is_tty = os.isatty(fd)
        os.set_blocking(fd, False)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._readable, self._writable = select.poll(), select.poll()
        for poll, events in ((self._readable, select.POLLIN), (self._writable, select.POLLOUT)):
            poll.register(fd, events)
            poll.register(self._wake_read, select.POLLIN)
        self._in_use = threading.Lock()
        self._wake_lock = threading.Lock()
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    def read(self, timeout: float | None) -> bytes:
        with self._in_use:
            self._check_open()
            ready = _ready(self._readable, timeout)
            if self._fd in ready and not self._closed:
                return self._read_now()
            if ready:
                self._swallow_wake()
                self._check_open()
            return b""

    def _read_now(self) -> bytes:
        try:
            received = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone(error) from error
        if not received:
            raise PortError(f"{self._name}: the other end of the port is gone")
        return received

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        rest = memoryview(data)
        with self._in_use:
            self._check_open()
            while rest:
                try:
                    rest = rest[os.write(self._fd, rest) :]
                except BlockingIOError:
                    if not self._wait_to_write(timeout):
                        return
                except OSError as error:
                    raise self._gone(error) from error

    def _wait_to_write(self, timeout: float | None) -> bool:
        """Wait until flow control lets data through; False if woken meanwhile."""
        ready = _ready(self._writable, timeout)
        if self._wake_read in ready:
            self._swallow_wake()
            self._check_open()
            return False
        if not ready:
            raise PortError(
                f"{self._name}: flow control has held data back for {timeout:.0f} s; "
                "check the cable, or open the device with another flow control"
            )
        return True

    def wake(self) -> None:
        with self._wake_lock:
            if not self._closed:
                self._signal()

    def _signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _swallow_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, _CHUNK)

    def discard_input(self) -> None:
        if self._is_tty:
            with self._setting():
                termios.tcflush(self._fd, termios.TCIFLUSH)
        elif self.read(0.0):
            self.read(0.0)  # a socket gives up what it holds in one or two reads; more is new

    def set_speed(self, baud: int) -> None:
        with self._setting():
            self._serial.baudrate = baud

    def set_flow(self, flow: Flow) -> None:
        with self._setting():
            self._serial.rtscts = flow is Flow.RTS_CTS
            self._serial.xonxoff = flow is Flow.XON_XOFF

    def set_dtr(self, on: bool) -> None:
        with contextlib.suppress(OSError):  # a pseudo-terminal has no such line
            self._serial.dtr = on

    @contextlib.contextmanager
    def _setting(self) -> Iterator[None]:
        self._check_open()
        try:
            yield
            if self._is_tty:
                send_no_xoff(self._fd)
        except (OSError, termios.error, ValueError) as error:  # pyserial's own exception is an OSError
            raise self._gone(error) from error

    def carrier(self) -> bool | None:
        return self._modem_line("cd")

    def ring(self) -> bool | None:
        return self._modem_line("ri")

    def _modem_line(self, line: str) -> bool | None:
        if not self._is_tty:
            return None
        try:
            return bool(getattr(self._serial, line))
        except OSError:
            return None

    def close(self) -> None:
        with self._wake_lock:
            if self._closed:
                return
            self._closed = True
            self._signal()
        with self._in_use:
            self._serial.close()
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _check_open(self) -> None:
        if self._closed:
            raise PortError(f"{self._name}: the port was closed")

    def _gone(self, error: BaseException) -> PortError:
        return PortError(f"{self._name}: the device is gone ({error}); is it still plugged in?")
