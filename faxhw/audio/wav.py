"""Recorded calls as RIFF WAVE files, read and written (Microsoft's RIFF, and its "New WAVE RIFF Chunks").

What telephone systems write is read: 8000 samples a second, one or two channels, 16- or 8-bit PCM, A-law or
mu-law, whatever stands around the samples, and however abruptly the recorder ended. Python's own ``wave``
reads PCM alone, and insists on headers that are right.
"""

from __future__ import annotations

import os
import shlex
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from faxhw.audio.laws import Law, expand
from faxhw.audio.port import RATE
from faxhw.disk import write_at
from faxhw.errors import StorageError

_PCM, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""What follows a format's number where that is written as a GUID."""
_MOST_FORMAT = 64
"""Octets of a format chunk that are looked at."""
_NO_SIZE = 0xFFFF0000
"""From here on a size is what a recorder writes that does not know yet; so is 0."""
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_SIGNED = bytes(octet ^ 0x80 for octet in range(256))


def _from_8_bits(octets: bytes) -> bytes:
    """8-bit PCM has its zero at 128."""
    samples = bytearray(2 * len(octets))
    samples[1::2] = octets.translate(_SIGNED)
    return bytes(samples)


class _Coding(NamedTuple):
    """How a sample is written."""

    octets: int
    linear: Callable[[bytes], bytes]
    """One channel's samples as 16 bits."""


_CODINGS = {
    (_PCM, 16): _Coding(2, bytes),
    (_PCM, 8): _Coding(1, _from_8_bits),
    (_A_LAW, 8): _Coding(1, partial(expand, law=Law.A)),
    (_MU_LAW, 8): _Coding(1, partial(expand, law=Law.MU)),
}


class WavReader:
    """The sound in a file, read as it is asked for.

    Raises ``StorageError`` with one line that says what to do, if the file cannot be read or is no recording
    of a telephone call. A file that ends early is read as far as it goes.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        with self._telling():
            self._file = self._path.open("rb")
        try:
            with self._telling():
                self._left = self._find_samples()
        except BaseException:
            self._file.close()
            raise

    def pieces(self) -> Iterator[tuple[bytes, ...]]:
        """The sound from where it was left, in pieces of a second: of each channel as much, linear."""
        width, channels = self._coding.octets, self.channels
        while True:
            with self._telling():
                data = self._file.read(min(RATE * width * channels, self._left))
            self._left -= len(data)
            data = data[: len(data) - len(data) % (width * channels)]
            if not data:
                return
            yield tuple(self._coding.linear(each) for each in _apart(data, channels, width))

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> WavReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------

    def _find_samples(self) -> int:
        """Go to the samples; how many octets of them there may be."""
        riff = self._file.read(12)
        if riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
            raise self._refusal("is no RIFF WAVE file", "-r 8000 -b 16 -e signed OUT.wav")
        form = b""
        while len(head := self._file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                self._understand(form)
                return size if 0 < size < _NO_SIZE else 1 << 62
            start = self._file.read(min(size, _MOST_FORMAT))
            if name == b"fmt ":
                form = start
            _pass_over(self._file, size - len(start) + size % 2)
        raise StorageError(
            f"{self._path} is a WAVE file without sound: nothing was recorded, or it is damaged"
        )

    def _understand(self, form: bytes) -> None:
        """Learn how the samples are written."""
        if len(form) < 16:
            raise StorageError(
                f"{self._path} is a damaged WAVE file: how its samples are written is not told"
            )
        tag, self.channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
        if tag == _EXTENSIBLE and form[26:40] == _GUID_TAIL:
            tag = int.from_bytes(form[24:26], "little")
        if rate != RATE:
            raise self._refusal(f"has {rate} samples a second, a telephone call {RATE}", f"-r {RATE} OUT.wav")
        if self.channels not in (1, 2):
            raise self._refusal(f"has {self.channels} channels, a call one or two", "OUT.wav remix 1 2")
        if (tag, bits) not in _CODINGS:
            raise self._refusal(
                f"has {bits}-bit samples in format {tag}, not PCM of 8 or 16 bits, A-law or mu-law",
                "-b 16 -e signed OUT.wav",
            )
        self._coding = _CODINGS[tag, bits]

    def _refusal(self, why: str, remedy: str) -> StorageError:
        return StorageError(f"{self._path} {why}; convert it: sox {shlex.quote(str(self._path))} {remedy}")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Says of an error which file it is about."""
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL
            reason = getattr(error, "strerror", None) or error
            raise StorageError(f"cannot read {str(self._path)!r}: {reason}") from error


class WavWriter:
    """A file that sound is added to; valid at every moment, as far as it has come.

    Raises ``StorageError`` if it cannot be made, or exists and ``replace`` is False; one that exists is
    replaced with the first sound, and not before. ``add`` raises ``OSError``.
    """

    def __init__(self, path: str | os.PathLike[str], *, channels: int = 2, replace: bool = False) -> None:
        self.name = os.fspath(path)
        self._channels = channels
        self._size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (0 if replace else os.O_EXCL)
        try:
            self._file = os.open(path, flags, 0o666)
            self.replaces = os.fstat(self._file).st_size > 0
            """Whether there is another recording in the file still."""
            if not self.replaces:
                self._write_header()
        except FileExistsError as error:
            raise StorageError(f"{self.name} exists: name another file, or have it replaced") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StorageError(f"cannot record to {self.name!r}: {reason}") from error

    def add(self, *channels: bytes) -> None:
        """Add linear sound, of each channel as much. Raises ``OSError``; what there was before stays."""
        samples = _together(channels)
        if _HEADER.size + self._size + len(samples) >= _NO_SIZE:
            raise OSError("a WAVE file ends at 4 GiB")
        if self.replaces:
            os.ftruncate(self._file, 0)
            self.replaces = False
        write_at(self._file, samples, _HEADER.size + self._size)
        self._size += len(samples)
        self._write_header()

    def close(self) -> None:
        """Let go of the file. It needs no finishing; twice is no harm."""
        file, self._file = self._file, -1
        if file >= 0:
            with suppress(OSError):
                os.close(file)

    def _write_header(self) -> None:
        width = 2 * self._channels
        format_ = (16, _PCM, self._channels, RATE, RATE * width, width, 16)
        size = _HEADER.size - 8 + self._size
        write_at(self._file, _HEADER.pack(b"RIFF", size, b"WAVE", b"fmt ", *format_, b"data", self._size), 0)


def _apart(data: bytes, channels: int, width: int) -> list[bytes]:
    """Each channel's samples, of ``width`` octets."""
    if channels == 1:
        return [data]
    apart = [bytearray(len(data) // channels) for _ in range(channels)]
    for number, each in enumerate(apart):
        for octet in range(width):
            each[octet::width] = data[number * width + octet :: width * channels]
    return [bytes(each) for each in apart]


def _together(channels: tuple[bytes, ...]) -> bytes:
    """The channels' 16-bit samples in turns."""
    together = bytearray(sum(map(len, channels)))
    for number, each in enumerate(channels):
        for octet in range(2):
            together[2 * number + octet :: 2 * len(channels)] = each[octet::2]
    return bytes(together)


def _pass_over(file: BufferedReader, octets: int) -> None:
    """Read on so far, or to the end; the file may be a pipe."""
    while octets > 0 and (passed := len(file.read(min(octets, 1 << 16)))):
        octets -= passed
