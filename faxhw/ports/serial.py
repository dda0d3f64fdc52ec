"""Serial ports, local and remote: whatever pyserial's ``serial_for_url`` opens, as a ``Port``.

A device or socket with a POSIX descriptor gets ``faxhw.ports.posix``; what has none (``rfc2217://``,
``loop://``, other systems) is read through pyserial with a time-out that is set once at opening, since a
change of it costs a round trip, or a reconfiguration of the device.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from faxhw.clock import SYSTEM_CLOCK, Deadline
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Flow, Port

if TYPE_CHECKING:
    from serial import Serial

_TICK = 0.02
"""Seconds that one look at a port without a descriptor takes; how late a wake-up may be there."""


def open_serial(url: str, *, speed: int, flow: Flow) -> Port:
    """Open a serial device or URL for this process alone.

    ``url`` is a path (``/dev/ttyACM0``), or anything ``serial.serial_for_url`` takes. Raises ``DeviceError``
    with one line that says what is in the way and what to do.
    """
    import serial  # noqa: PLC0415 - opening is the first time it is needed

    is_path = "://" not in url
    try:
        port: Serial = serial.serial_for_url(
            url,
            do_not_open=True,
            baudrate=speed,
            timeout=_TICK,
            write_timeout=10.0,
            rtscts=flow is Flow.RTS_CTS,
            xonxoff=flow is Flow.XON_XOFF,
        )
        if is_path and os.name == "posix":
            port.exclusive = True
        port.open()
    except (OSError, ValueError) as error:  # pyserial's own exception is an OSError
        raise DeviceError(_why_not(url, error, is_path=is_path)) from error
    if os.name == "posix" and (is_path or url.startswith("socket://")):
        return _on_descriptor(url, port, is_path=is_path)
    return UrlPort(url, port)


def _on_descriptor(url: str, port: Serial, *, is_path: bool) -> Port:
    from faxhw.ports.posix import PosixPort, send_no_xoff  # noqa: PLC0415 - not on every system

    if is_path:
        send_no_xoff(port.fileno())
        with contextlib.suppress(AttributeError, OSError, ValueError):
            port.set_low_latency_mode(True)
    return PosixPort(url, port.fileno(), port)


def _why_not(url: str, error: Exception, *, is_path: bool) -> str:
    """What is in the way of a port, and what to do."""
    if not is_path:
        return f"{url}: it cannot be opened: {error}"
    path = Path(url)
    number = getattr(error, "errno", None) or getattr(error.__context__, "errno", None)
    if number == errno.ENOENT or not path.exists():
        return f"{url}: there is no such device; is the modem plugged in and switched on?"
    if path.is_dir():
        return f"{url}: this is a directory, not a serial device"
    if number in (errno.EACCES, errno.EPERM):
        return f"{url}: permission denied; add the user to the group that owns it (often dialout)"
    if number in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
        holder = _holder(path)
        return f"{url}: the device is busy" + (f": {holder} has it open" if holder else "; who else uses it?")
    if not path.is_char_device() or number == errno.ENOTTY or "Inappropriate ioctl" in str(error):
        return f"{url}: this is not a serial device"
    return f"{url}: it cannot be opened: {error}"


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
            self._serial.write(data)

    def wake(self) -> None:
        self._woken = True

    def discard_input(self) -> None:
        with self._guarded():
            self._serial.reset_input_buffer()

    def set_speed(self, baud: int) -> None:
        with self._guarded():
            self._serial.baudrate = baud

    def set_flow(self, flow: Flow) -> None:
        with self._guarded():
            self._serial.rtscts = flow is Flow.RTS_CTS
            self._serial.xonxoff = flow is Flow.XON_XOFF

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
