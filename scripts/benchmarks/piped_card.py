"""A telephone card in another process: device files of DAHDI's channels whose card is at the end of FIFOs.

A channel is a directory. ``heard`` and ``said`` carry blocks of sound as DAHDI's buffers do, and hold 12 to
24 of them (DAHDI's hold the 16 that the driver asks for); ``asked`` and ``told`` carry numbers: what is done
with the hook, and events.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from faxhw.audio.port import BLOCK_OCTETS, SILENCE
from faxhw_drivers.dsp.dahdi import ioctls
from faxhw_drivers.dsp.dahdi.ioctls import Flush

_FIFOS = ("heard", "said", "asked", "told")
_SOUND = 8192
"""Octets that a FIFO of sound holds."""
_NUMBER = struct.Struct("=i")
_ELSEWHERE = {ioctls.SET_BUFINFO.request, ioctls.ECHOCANCEL.request, ioctls.SETLINEAR.request}
"""What needs nothing to be done here."""


class Asked(IntEnum):
    """What ``asked`` carries."""

    ON_HOOK = 0
    OFF_HOOK = 1
    DIALLED = 2


def make_channel(directory: Path) -> None:
    """To be done once, before either end opens it."""
    directory.mkdir()
    for name in _FIFOS:
        os.mkfifo(directory / name)


class _Fifos:
    """All of a channel, for reading and writing, so that neither end waits for the other."""

    def __init__(self, directory: str) -> None:
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC
        self.heard, self.said, self.asked, self.told = (
            os.open(f"{directory}/{each}", flags) for each in _FIFOS
        )
        for sound in (self.heard, self.said):
            fcntl.fcntl(sound, fcntl.F_SETPIPE_SZ, _SOUND)

    def close(self) -> None:
        for each in (self.heard, self.said, self.asked, self.told):
            os.close(each)


class PipedFile:
    """The driver's end (``faxhw_drivers.dsp.dahdi.files.ChannelFile``)."""

    def __init__(self, path: str) -> None:
        self._fifos = _Fifos(path)
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._polls = {readable: self._new_poll(readable) for readable in (False, True)}
        self._event_waits = False
        """Whether one was seen: reading has to say so before anything else."""

    def _new_poll(self, readable: bool) -> select.poll:
        poll = select.poll()
        for each in (self._fifos.told, self._woken, *([self._fifos.heard] if readable else [])):
            poll.register(each, select.POLLIN)
        return poll

    def ioctl(self, request: int, argument: bytearray) -> None:
        match request:
            case ioctls.GET_PARAMS.request:
                argument[:] = ioctls.PARAMS.pack(1, 1, 1, 0x2004, *[0] * 6, 1, 0, b"BENCH/0/1", *[0] * 12)
            case ioctls.HOOK.request:
                self._ask(Asked(_NUMBER.unpack(argument)[0]))
            case ioctls.DIAL.request:
                self._ask(Asked.DIALLED)
            case ioctls.GETEVENT.request:
                argument[:] = _taken(self._fifos.told, _NUMBER.size) or bytes(_NUMBER.size)
                self._event_waits = any(argument)
            case ioctls.FLUSH.request:
                self._flush(_NUMBER.unpack(argument)[0])
            case _ if request not in _ELSEWHERE:
                raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))

    def _ask(self, what: Asked) -> None:
        os.write(self._fifos.asked, _NUMBER.pack(what))

    def _flush(self, what: int) -> None:
        for bit, waiting in ((Flush.READ, self._fifos.heard), (Flush.WRITE, self._fifos.said)):
            while what & bit and _taken(waiting, _SOUND):
                pass

    def read(self, octets: int) -> bytes:
        self._check_events()
        return os.read(self._fifos.heard, octets)

    def write(self, data: bytes) -> int:
        self._check_events()
        return os.write(self._fifos.said, data)

    def _check_events(self) -> None:
        if self._event_waits:
            raise OSError(ioctls.ELAST, "an event waits")

    def poll(self, timeout: float | None, *, readable: bool = False) -> bool:
        ready = [each for each, _ in self._polls[readable].poll(None if timeout is None else 1000 * timeout)]
        if self._woken in ready:
            _taken(self._woken, 64)
        self._event_waits = self._fifos.told in ready
        return self._event_waits or self._fifos.heard in ready

    def wake(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake, b"!")

    def close(self) -> None:
        self._fifos.close()
        os.close(self._woken)
        os.close(self._wake)


class CardEnd:
    """The card's end, and as such one of an audio line (``faxhw_drivers.sim.audio.ends.End``)."""

    def __init__(self, directory: Path) -> None:
        self._fifos = _Fifos(str(directory))
        self.missing = 0
        """Blocks for which nothing had been said in time."""
        self.overrun = 0
        """Blocks heard for which there was no room."""

    def asked(self) -> Asked | None:
        """What is to be done with the hook, if anything."""
        asked = _taken(self._fifos.asked, _NUMBER.size)
        return Asked(_NUMBER.unpack(asked)[0]) if asked else None

    def tell(self, event: ioctls.Event) -> None:
        os.write(self._fifos.told, _NUMBER.pack(event))

    def said(self) -> bytes:
        block = _taken(self._fifos.said, BLOCK_OCTETS)
        self.missing += not block
        return block or SILENCE

    def hears(self, block: bytes) -> None:
        try:
            os.write(self._fifos.heard, block)
        except BlockingIOError:
            self.overrun += 1

    def gone(self) -> None:
        pass

    def close(self) -> None:
        self._fifos.close()


def _taken(fifo: int, octets: int) -> bytes:
    """What waits in a FIFO, as far as wanted."""
    try:
        return os.read(fifo, octets)
    except BlockingIOError:
        return b""
