"""The CAPI of this host, by its library libcapi20: a card's driver, or what ``~/.capi20rc`` names."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import select
import weakref

from faxhw.capi.messages import HEADER, Message, encode
from faxhw.capi.reasons import reason
from faxhw.capi.structures import PROFILE_SIZE
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.errors import DeviceError, PortError
from faxhw_drivers.capi.transports import BLOCK_SIZE, BLOCKS, CONNECTIONS

_NAMES = ("libcapi20.so.3", "libcapi20.so")
_QUEUE_EMPTY = 0x1104
_DATA_B3_IND = b"\x86\x82"
_POINTER_32, _POINTER_64 = slice(12, 16), slice(22, 30)
_LONG_DATA = 30
"""Octets of a DATA_B3_IND with a pointer of 64 bits."""
_BUFFER = 256


def load(name: str) -> ctypes.CDLL:
    """The library. Raises ``DeviceError`` where it is not installed; ``name`` is the device's."""
    for each in (*_NAMES, ctypes.util.find_library("capi20") or ""):
        if each:
            with contextlib.suppress(OSError):
                return ctypes.CDLL(each)
    raise DeviceError(f"{name}: libcapi20 is not installed; install the package libcapi20-3")


class LibraryTransport:
    """``faxhw_drivers.capi.transports.Transport`` on the host's CAPI."""

    def __init__(self, name: str, library: ctypes.CDLL) -> None:
        """Registers. Raises ``DeviceError``."""
        self._name = name
        self._library = library
        installed = library.capi20_isinstalled()
        if installed:
            raise DeviceError(
                f"{name}: this host has no CAPI ({reason(installed)}); "
                "load the card's driver, or name a remote one in ~/.capi20rc"
            )
        number = ctypes.c_uint()
        self._check(
            library.capi20_register(CONNECTIONS, BLOCKS, BLOCK_SIZE, ctypes.byref(number)),
            "refuses the registration",
        )
        self._application = number.value
        self._closed = False
        self._wakes, self._woken = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(self._woken, False)
        for each in (self._wakes, self._woken):  # not by close: another thread may be about to wake us
            weakref.finalize(self, os.close, each)

    @property
    def name(self) -> str:
        return self._name

    @property
    def clock(self) -> Clock:
        return SYSTEM_CLOCK

    def profile(self, controller: int) -> bytes:
        buffer = ctypes.create_string_buffer(_BUFFER)
        info = self._library.capi20_get_profile(controller, buffer)
        if info:
            raise DeviceError(f"{self._name}: there is no controller {controller} ({reason(info)})")
        return buffer.raw[:PROFILE_SIZE]

    def put(self, each: Message) -> None:
        octets = encode(each.numbered(self._application, each.number))
        self._require_open()
        info = self._library.capi20_put_message(self._application, octets)
        if info:
            raise PortError(f"{self._name}: the CAPI does not take a message ({reason(info)})")

    def get(self, timeout: float | None) -> list[bytes]:
        self._require_open()
        file = self._library.capi20_fileno(self._application)
        if file < 0:
            raise PortError(f"{self._name}: the CAPI is lost: the library knows no connection to it")
        poll = select.poll()
        poll.register(file, select.POLLIN)
        poll.register(self._wakes, select.POLLIN)
        ready = dict(poll.poll(None if timeout is None else 1000 * timeout))
        self._require_open()
        if self._wakes in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wakes, _BUFFER)
            ready.pop(self._wakes)
        found = []
        while ready and (octets := self._next()):
            found.append(octets)
            if not poll.poll(0):
                break
        return found

    def _next(self) -> bytes:
        """The next message, its data behind it; none: there is none."""
        pointer = ctypes.POINTER(ctypes.c_ubyte)()
        info = self._library.capi20_get_message(self._application, ctypes.byref(pointer))
        if info == _QUEUE_EMPTY:
            return b""
        if info:
            raise PortError(f"{self._name}: the CAPI is lost ({reason(info)})")
        size = int.from_bytes(ctypes.string_at(pointer, 2), "little")
        octets = ctypes.string_at(pointer, max(size, HEADER))
        if octets[4:6] != _DATA_B3_IND:
            return octets
        where = octets[_POINTER_64] if size >= _LONG_DATA else octets[_POINTER_32]
        length = int.from_bytes(octets[16:18], "little")
        return octets + ctypes.string_at(int.from_bytes(where, "little"), length) if length else octets

    def wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._woken, b"w")

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.wake()
            self._library.capi20_release(self._application)

    def _require_open(self) -> None:
        if self._closed:
            raise PortError(f"{self._name}: the device was closed")

    def _check(self, info: int, what: str) -> None:
        if info:
            raise DeviceError(f"{self._name}: the CAPI {what} ({reason(info)})")
