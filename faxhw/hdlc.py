"""HDLC framing: flags, zero insertion and the frame check sequence (ISO/IEC 13239; T.30 5.3; T.4 annex A).

The one home of all three, for V.21 control frames and for ECM pages on signal-level devices. Bits are packed
into octets in the order of the line, first bit lowest. Inside, a run of bits is text of 0s and 1s: Python's
own string search is what makes this fast enough.
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FLAG = "01111110"
ABORT = "1111111"
"""In a frame, its sender's word that the frame is none, or damage; between frames, an idle line."""
_FLAG_FOUND = re.compile("0111111(?=0)")  # two flags may share a zero: the last one is left to what follows
MIN_FRAME = 3
"""Octets of the shortest frame that means anything: one octet and the frame check sequence."""

REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
"""Each octet with its bits turned around: ``data.translate(REVERSED)``. The package's one bit-order table."""


def frame_check(octets: bytes) -> bytes:
    """The two octets of frame check sequence that follow ``octets`` on the line."""
    remainder = crc_hqx(octets.translate(REVERSED), 0xFFFF) ^ 0xFFFF
    return remainder.to_bytes(2, "big").translate(REVERSED)


def check(octets_and_fcs: bytes) -> bool:
    """Whether a frame that ends in its frame check sequence is whole."""
    return len(octets_and_fcs) >= MIN_FRAME and octets_and_fcs[-2:] == frame_check(octets_and_fcs[:-2])


def bits(octets: bytes) -> str:
    """The octets as text of 0s and 1s, in the order of the line."""
    return f"{int.from_bytes(octets, 'little'):0{8 * len(octets)}b}"[::-1] if octets else ""


def pack(line_bits: str) -> bytes:
    """Text of 0s and 1s as octets; the last one is filled up with ones, which mean nothing."""
    line_bits += "1" * (-len(line_bits) % 8)
    return int(line_bits[::-1], 2).to_bytes(len(line_bits) // 8, "little") if line_bits else b""


def framed(octets: bytes) -> str:
    """One frame's bits without its flags: frame check sequence added, zeros inserted."""
    return bits(octets + frame_check(octets)).replace("11111", "111110")


def transmission(frames: Iterable[bytes], preamble_flags: int, closing_flags: int = 2) -> bytes:
    """A whole transmission as octets: ``preamble_flags`` flags, the frames, each closed by flags."""
    return b"".join(stream(frames, preamble_flags, closing_flags))


def stream(frames: Iterable[bytes | None], preamble_flags: int, closing_flags: int = 2) -> Iterator[bytes]:
    """The same, a piece a frame: each is taken from ``frames`` only when its octets are wanted. Where that
    gives ``None`` there is none yet, and a flag takes its place."""
    waiting = FLAG * preamble_flags
    for frame in frames:
        waiting += FLAG if frame is None else framed(frame) + FLAG * closing_flags
        whole = len(waiting) & ~7
        yield pack(waiting[:whole])
        waiting = waiting[whole:]
    if waiting:
        yield pack(waiting)


@dataclass(frozen=True, slots=True)
class Unframed:
    """What stood between two flags."""

    octets: bytes
    """Without the frame check sequence where that was good, else whatever whole octets there were."""
    good: bool


class Deframer:
    """Finds the frames in a stream of octets that may be split anywhere.

    Bounded: what runs on without a flag for more than ``max_octets`` is dropped and counts as one bad frame.
    """

    def __init__(self, max_octets: int = 4096) -> None:
        self._bits = ""
        self._in_frame = False
        self._max_bits = 10 * max_octets
        self.flags_seen = 0
        """Flags found so far: the sign that somebody speaks HDLC."""

    def feed(self, octets: bytes) -> list[Unframed]:
        """The frames that these octets complete, in order."""
        *closed, tail = _FLAG_FOUND.split(self._bits + bits(octets))
        self.flags_seen += len(closed)
        found: list[Unframed] = []
        for piece in closed:
            if self._in_frame and (frame := _unframe(piece)):
                found.append(frame)
            self._in_frame = True
        if len(tail) > self._max_bits:
            if self._in_frame:
                found.append(Unframed(b"", good=False))
            self._in_frame, tail = False, tail[-8:]
        elif not self._in_frame:
            tail = tail[-8:]
        self._bits = tail
        return found


def _unframe(piece: str) -> Unframed | None:
    """The frame between two flags; ``None`` for shared zeros, flags out of step, and an idle line."""
    if len(piece) < 9:
        return None
    if (abort := piece.find(ABORT)) >= 0:
        return Unframed(b"", good=False) if abort >= 8 * MIN_FRAME else None
    plain = piece[1:].replace("111110", "11111")  # the first is the last bit of the flag before
    octets = pack(plain[: len(plain) // 8 * 8])
    if len(plain) % 8 or not check(octets):
        return Unframed(octets, good=False) if len(octets) >= MIN_FRAME else None
    return Unframed(octets[:-2], good=True)
