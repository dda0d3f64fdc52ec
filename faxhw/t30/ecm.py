"""What error correction adds to the line: numbered frames, blocks of them, and the fields that speak of both.

A page is cut into frames (FCD) of 256 or 64 octets, and these into blocks, T.30's partial pages, of at most
256. After a block three RCP end its carrier, and a command (PPS) says how many frames it had; the receiver
asks (PPR) for those that it lacks (T.30 annex A; T.4 annex A). Nothing here waits or speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from math import ceil

from faxhw import hdlc
from faxhw.t30 import capabilities, frames
from faxhw.t30.bits import RATE, Bits
from faxhw.t30.frames import ADDRESS, CONTROL, PLAIN, Fcf
from faxhw.terms import Modulation, Parameters

MOST_FRAMES = 256
"""Frames of a block."""
_LONGEST_DATA = 256
_RCPS = 3
_SYNC_SECONDS = 0.2
"""Flags before a block's first frame: 200 ms +100 ms (T.4 annex A.3.1)."""
_AFTER: dict[int, Fcf | None] = {
    0x00: None,
    0x80: None,
    Fcf.MPS: Fcf.MPS,
    Fcf.EOM: Fcf.EOM,
    Fcf.EOP: Fcf.EOP,
    **PLAIN,
}
"""What PPS and EOR add to themselves, NULL first: T.30 prints no X there, and who sets it means the same."""
_HEAD = bytes((ADDRESS, CONTROL, hdlc.REVERSED[Fcf.FCD]))
_RCP = bytes((ADDRESS, CONTROL, hdlc.REVERSED[Fcf.RCP]))


# ----------------------------------------------------------------------------------------------------------
# Sending


class Contents:
    """A page's octets, cut into the contents of frames as they are wanted."""

    def __init__(self, data: Iterable[bytes], size: int) -> None:
        self._pieces = iter(data)
        self._size = size
        self._waiting = b""

    def block(self) -> Iterator[bytes | None]:
        """The contents of the next block's frames; the page's last is filled up with zeros.

        ``None`` is for a moment in which there is nothing yet; the block ends when it is known whether there
        is another.
        """
        taken = 0
        while taken < MOST_FRAMES:
            if not self._gather(self._size):
                yield None
            elif not self._waiting:
                return
            else:
                content, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
                taken += 1
                yield content.ljust(self._size, b"\0")
        while not self._gather(1):
            yield None

    @property
    def all_taken(self) -> bool:
        """Whether there is no further block, as the end of a block has shown."""
        return not self._waiting

    def _gather(self, octets: int) -> bool:
        """Have so many octets wait, or all that are left; False if there is nothing yet."""
        while len(self._waiting) < octets and (piece := next(self._pieces, None)) is not None:
            if not piece:
                return False
            self._waiting += piece
        return True


def transmission(frames: Iterable[tuple[int, bytes] | None], rate: int) -> Iterator[bytes]:
    """What goes on the line at ``rate`` bit/s, in pieces: flags, these frames of a block, RCP; a flag more
    for each ``None`` among the frames."""
    coded = (None if each is None else _HEAD + bytes((each[0],)) + each[1] for each in frames)
    flags = ceil(_SYNC_SECONDS * rate / 8)
    return hdlc.stream(chain(coded, repeat(_RCP, _RCPS)), flags, closing_flags=1)


# ----------------------------------------------------------------------------------------------------------
# Receiving


class Block:
    """The frames of a block as they come, in any order, and some of them several times."""

    def __init__(self) -> None:
        self.count = 0
        """Frames that it has, as far as is known."""
        self._contents: dict[int, bytes] = {}
        self._deframer = hdlc.Deframer(max_octets=2 * _LONGEST_DATA)
        self._given = 0

    def carrier(self) -> None:
        """A carrier begins: what the last one left unfinished is no part of it."""
        self._deframer = hdlc.Deframer(max_octets=2 * _LONGEST_DATA)

    def feed(self, octets: bytes) -> bool:
        """The carrier's next octets, split anywhere; whether they brought a frame that was missing."""
        before = len(self._contents)
        for frame in self._deframer.feed(octets):
            if frame.good and frame.octets[:3] == _HEAD and 4 < len(frame.octets) <= 4 + _LONGEST_DATA:
                self._contents.setdefault(frame.octets[3], frame.octets[4:])
                self.count = max(self.count, frame.octets[3] + 1)
        return len(self._contents) > before

    def learn(self, count: int) -> None:
        """A PPS says that it has so many frames. Some senders count only those that they just repeated."""
        self.count = max(self.count, count)

    def missing(self) -> list[int]:
        """The numbers of its frames that have not come whole."""
        return [number for number in range(self.count) if number not in self._contents]

    def take(self) -> bytes:
        """What has come without a gap and was not taken yet."""
        start = self._given
        while self._given in self._contents:
            self._given += 1
        return b"".join(self._contents[number] for number in range(start, self._given))

    def take_all(self) -> bytes:
        """What was not taken yet, over all gaps."""
        rest = [number for number in range(self._given, MOST_FRAMES) if number in self._contents]
        self._given = MOST_FRAMES
        return b"".join(self._contents[number] for number in rest)

    def same(self, other: Block) -> bool:
        """Whether another block has the same frames."""
        return self._contents == other._contents


# ----------------------------------------------------------------------------------------------------------
# Fields


@dataclass(frozen=True, slots=True)
class PartialPage:
    """What a PPS says (T.30 annex A.4.3)."""

    command: Fcf | None
    """MPS, EOM or EOP; ``None`` (NULL) where the page goes on in another block."""
    page: int
    """Modulo 256, like ``block``: which page of the call, which block of the page, from 0."""
    block: int
    frames: int
    """Frames of the block, 1 to 256."""

    def field(self, *, x: bool) -> bytes:
        """The same as a PPS's field; ``x`` as in ``frames.build``."""
        return post_message_field(self.command, x=x) + bytes((self.page, self.block, self.frames - 1))


def post_message_field(command: Fcf | None, *, x: bool) -> bytes:
    """The octet that a command adds to a PPS or EOR."""
    return bytes((0 if command is None else hdlc.REVERSED[command | 0x80 * x],))


def says_what_follows(field: bytes) -> bool:
    """Whether a PPS's or EOR's field begins with an octet that T.30 has there."""
    return bool(field) and frames.control_field(field[0]) in _AFTER


def post_message(field: bytes) -> Fcf | None:
    """The command that the first octet of a PPS or EOR adds to it; ``None``: NULL, or nothing known."""
    return _AFTER.get(frames.control_field(field[0])) if field else None


def partial_page(field: bytes) -> PartialPage | None:
    """What a PPS's field says; ``None`` where it is too short, or T.30 has no such command.

    To confirm what nobody understands could be to confirm a page that is not stored.
    """
    if len(field) < 4 or not says_what_follows(field):
        return None
    return PartialPage(post_message(field), field[1], field[2], field[3] + 1)


def request(missing: Iterable[int], count: int) -> bytes:
    """A PPR's field: a bit a frame, the first in the lowest; 1 for what is missing, and behind the block."""
    bits = 0
    for number in (*missing, *range(count, MOST_FRAMES)):
        bits |= 1 << number
    return bits.to_bytes(MOST_FRAMES // 8, "little")


def requested(field: bytes, count: int) -> list[int]:
    """The numbers that a PPR's field asks for of a block of ``count`` frames."""
    wanted = int.from_bytes(field[: MOST_FRAMES // 8], "little")
    return [number for number in range(count) if wanted >> number & 1]


def rate_field(parameters: Parameters) -> bytes:
    """A CTC's field: the first two octets of a DCS, of which the rate counts (T.30 annex A.4.1)."""
    return capabilities.command(parameters).octets[:2]


def rate_named(field: bytes) -> Modulation | None:
    """The modulation that a CTC's field names; ``None`` if T.30 has none of that code."""
    return capabilities.rate_meaning(Bits(field.ljust(3, b"\0")).group(RATE))
