"""The device's side of a pseudo-tty: a program behind it is a modem to any other program on this host.

Linux tells by a hang-up on the master side that no client has the terminal open, and gives it back its first,
line-editing, settings when the last one closes it. So each new client finds it made raw, and its coming and
leaving are told to the device as a rise and a drop of DTR. A pseudo-tty has no modem lines: the client is
held back by leaving unread what it has written. Nothing here waits; whoever runs the device asks ``wants``
and ``serve``.
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import tty

from faxhw.ports.wire import DeviceEnd

_READ = 1024
_TO_HOST = 65536
"""Octets kept for a client that does not read; what comes beyond is lost, as on a serial line."""
_LFLAG = 3


class Pty:
    """A pseudo-tty, a ``faxhw.ports.wire.Wire`` for the device behind it."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        try:
            self.path = os.ttyname(slave)
            """What a client opens."""
            os.set_blocking(self._master, False)
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self._device: DeviceEnd | None = None
        self._client = False
        self._cts = True
        self._from_host = bytearray()
        self._to_host = bytearray()
        self._closed = False

    def attach(self, device: DeviceEnd) -> None:
        """Name the device behind it."""
        self._device = device

    @property
    def in_use(self) -> bool:
        """Whether a client had it open when it was last served."""
        return self._client

    def fileno(self) -> int:
        return self._master

    def wants(self) -> tuple[bool, bool]:
        """Whether a wait for input, and for room for output, would tell anything new."""
        return self._client and not self._from_host, self._client and bool(self._to_host)

    def serve(self) -> None:
        """Move what can be moved without waiting; notice clients that come and go."""
        if self._closed:
            return
        here = not self._hung_up()
        if here and not self._client:
            self._client = True
            self._make_raw()
            self._set_dtr(True)
        if self._client:
            self._read()
            self._write()
        if not here and self._client and not self._from_host:
            self._client = False
            self._to_host.clear()
            self._set_dtr(False)

    def _set_dtr(self, on: bool) -> None:
        if self._device:
            self._device.host_set_dtr(on)

    def close(self) -> None:
        """Take the terminal away; safe to repeat."""
        if not self._closed:
            self._closed = True
            self._client = False
            os.close(self._master)

    # -- the wire

    def deliver(self, data: bytes) -> None:
        if self._client:  # without one there is nobody to hear
            self._to_host += data[: _TO_HOST - len(self._to_host)]
            self._write()

    def take(self, most: int) -> bytes:
        if not self._cts:
            return b""
        if not self._from_host and self._client:
            self._fill()
        data = bytes(self._from_host[:most])
        del self._from_host[:most]
        return data

    def set_cts(self, on: bool) -> None:
        self._cts = on
        if on and self._device:
            self._device.host_wrote()

    def set_ring(self, on: bool) -> None:
        pass  # there is no such line

    def set_carrier(self, on: bool) -> None:
        pass  # nor such a one

    def fail(self, reason: str) -> None:
        self.close()

    # -- the master side

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._master, 0)
        return any(events & select.POLLHUP for _, events in poll.poll(0))

    def _make_raw(self) -> None:
        """Unless the client has done so already: it may have set more than that."""
        with contextlib.suppress(termios.error):
            if termios.tcgetattr(self._master)[_LFLAG] & termios.ICANON:
                tty.setraw(self._master, termios.TCSANOW)

    def _read(self) -> None:
        if not self._from_host:
            self._fill()
        if self._from_host and self._device:
            self._device.host_wrote()

    def _fill(self) -> None:
        if self._closed:
            return
        with contextlib.suppress(OSError):  # EIO: the client has gone; EAGAIN: it has written nothing
            self._from_host += os.read(self._master, _READ)

    def _write(self) -> None:
        if self._to_host and not self._closed:
            with contextlib.suppress(OSError):  # as above; EAGAIN: the client does not read
                del self._to_host[: os.write(self._master, self._to_host)]
