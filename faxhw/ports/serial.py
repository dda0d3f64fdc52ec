"""Serial ports, local and remote: whatever pyserial's ``serial_for_url`` opens, as a ``Port``.

A device or socket with a POSIX descriptor gets ``faxhw.ports.posix``; what has none (``rfc2217://``,
``loop://``, other systems) is read through pyserial with a time-out that is set once at opening, since a
change of it costs a round trip, or a reconfiguration of the device.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faxhw.clock import SYSTEM_CLOCK, Deadline
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import BUSY, Flow, Port

if TYPE_CHECKING:
    from serial import Serial

_TICK = 0.02
"""Seconds that one look at a port without a descriptor takes; how late a wake-up may be there."""
_WRITE_TIMEOUT = 10.0
_NAME_A_PORT = "name the modem's port, such as /dev/ttyACM0 (faxhw devices lists those there are)"
_PIECE = 256
"""Octets written to such a port at a time: each piece must go within pyserial's own limit (rfc2217: 5 s)."""


def open_serial(url: str, *, speed: int, flow: Flow, name: str = "") -> Port:
    """Open a serial device or URL for this process alone.

    ``url`` is a path (``/dev/ttyACM0``), or anything ``serial.serial_for_url`` takes; ``name`` what the port
    is called, if not by that. Raises ``DeviceError`` with one line that says what is in the way and what to
    do.
    """
    import serial  # noqa: PLC0415 - opening is the first time it is needed

    is_path = "://" not in url
    try:
        port: Serial = serial.serial_for_url(
            url,
            do_not_open=True,
            baudrate=speed,
            timeout=_TICK,
            write_timeout=None if url.startswith("rfc2217:") else _WRITE_TIMEOUT,  # pyserial has it not there
            rtscts=flow is Flow.RTS_CTS,
            xonxoff=flow is Flow.XON_XOFF,
        )
        if is_path and os.name == "posix":
            port.exclusive = True
        port.open()
    except Exception as error:  # a URL that pyserial cannot make out ends in exceptions of any kind
        raise DeviceError(_why_not(url, error, is_path=is_path)) from error
    if os.name == "posix" and (is_path or url.startswith("socket://")):
        return _on_descriptor(name or url, port, is_path=is_path)
    return UrlPort(name or url, port)


def _on_descriptor(name: str, port: Serial, *, is_path: bool) -> Port:
    from faxhw.ports.posix import PosixPort, send_no_xoff  # noqa: PLC0415 - not on every system

    if is_path:
        send_no_xoff(port.fileno())
        with contextlib.suppress(AttributeError, OSError, ValueError):
            port.set_low_latency_mode(True)
    else:
        with socket.socket(fileno=os.dup(port.fileno())) as same:
            same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return PosixPort(name, port.fileno(), port)


def _why_not(url: str, error: Exception, *, is_path: bool) -> str:
    """What is in the way of a port, and what to do."""
    if not is_path:
        if url.startswith(("rfc2217:", "socket:")) and not _names_host_and_port(url):
            return f"{url}: name the host and its port, such as {url.partition(':')[0]}://host:4000"
        return f"{url}: it cannot be opened: {error}"
    path = Path(url)
    number = getattr(error, "errno", None) or getattr(error.__context__, "errno", None)
    if number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG) or not path.exists():
        return f"{url}: there is no such device; is the modem plugged in and switched on?"
    if path.is_dir():
        return f"{url}: this is a directory, not a serial device; {_NAME_A_PORT}"
    if number in (errno.EACCES, errno.EPERM):
        return f"{url}: permission denied; add the user to the group that owns it (often dialout)"
    if number in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
        holder = _holder(path)
        who = f"{holder} has it open; end that" if holder else "end the program that has it open"
        return f"{url}: {BUSY}: {who}, or name another"
    if not path.is_char_device() or number == errno.ENOTTY or "Inappropriate ioctl" in str(error):
        return f"{url}: this is not a serial device; {_NAME_A_PORT}"
    return f"{url}: it cannot be opened: {error}"


def _names_host_and_port(url: str) -> bool:
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    return False


def _holder(path: Path) -> str:
    """Who has a device open, as far as /proc tells this user."""
    target = path.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):
            if any(each.readlink() == target for each in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


class UrlPort:
    """A ``Port`` on a pyserial object that has no descriptor to wait on."""

    def __init__(self, name: str, serial: Serial) -> None:
        self._name = name
        self._serial = serial
        self._woken = False
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    def read(self, timeout: float | None) -> bytes:
        deadline = Deadline(SYSTEM_CLOCK, timeout)
        with self._guarded():
            while not self._woken:
                if waiting := self._serial.in_waiting:
                    return bytes(self._serial.read(waiting))
                if deadline.passed():
                    return b""
                if first := self._serial.read(1):
                    return bytes(first)
            self._woken = False
            self._check_open()
        return b""

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        with self._guarded():
            for start in range(0, len(data), _PIECE):
                self._serial.write(data[start : start + _PIECE])

    def wake(self) -> None:
        self._woken = True

    def discard_input(self) -> None:
        with self._guarded():
            while waiting := self._serial.in_waiting:  # a purge would be asked of the far end, and waited for
                self._serial.read(waiting)

    def set_speed(self, baud: int) -> None:
        self._set(baudrate=baud)

    def set_flow(self, flow: Flow) -> None:
        self._set(rtscts=flow is Flow.RTS_CTS, xonxoff=flow is Flow.XON_XOFF)

    def _set(self, **settings: int) -> None:
        """Change what differs: each change is negotiated with the far end, and takes its time."""
        with self._guarded():
            for name, value in sorted(settings.items(), key=itemgetter(1)):  # two ways at once are refused
                if getattr(self._serial, name) != value:
                    setattr(self._serial, name, value)

    def set_dtr(self, on: bool) -> None:
        with self._guarded():
            self._serial.dtr = on

    def carrier(self) -> bool | None:
        with self._guarded():
            return bool(self._serial.cd)

    def ring(self) -> bool | None:
        with self._guarded():
            return bool(self._serial.ri)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.wake()
            with contextlib.suppress(OSError, ValueError):
                self._serial.close()

    def _check_open(self) -> None:
        if self._closed:
            raise PortError(f"{self._name}: the port was closed")

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        self._check_open()
        try:
            yield
        except (OSError, ValueError, AttributeError, TypeError) as error:
            self._check_open()
            raise PortError(f"{self._name}: the port failed ({error})") from error
