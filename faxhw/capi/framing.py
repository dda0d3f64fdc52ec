"""How CAPI messages travel on TCP: as a FRITZ!Box has them, and as rcapi has them.

Each parser takes octets in any pieces and gives the messages' octets (``faxhw.capi.messages.decode`` reads
them). Lengths are bounded: what cannot be a message raises ``CapiError``, and the stream is of no use then.

FRITZ!Box (port 5031): 0x80, the length as a word with the least octet first, the message. The answer to a
registration has, as libcapi20 reads it, an octet of length instead of the word. rcapi (port 2662): the length
as a word with the greatest octet first, which counts itself, the message.
"""

from __future__ import annotations

from typing import Protocol

from faxhw.capi.fields import CapiError
from faxhw.capi.messages import HEADER

LONGEST = 16384
"""Octets of a message with its data; blocks have 2048 at most, and structures a few hundred."""
FRITZBOX_PORT = 5031
RCAPI_PORT = 2662
_MARK = 0x80


class Framing(Protocol):
    """A way to write messages to a stream, and a parser of one stream."""

    def feed(self, octets: bytes) -> list[bytes]:
        """The messages that are complete with these octets. Raises ``CapiError``."""
        ...

    def frame(self, message: bytes) -> bytes:
        """A message as it is written to the stream. ``ValueError`` if it is too long."""
        ...


class _Parser:
    """What both framings share: octets are kept until a message is complete."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> list[bytes]:
        self._octets += octets
        found = []
        while (bounds := self._bounds()) is not None:
            begin, end = bounds
            if not HEADER <= end - begin <= LONGEST:
                raise CapiError(f"a CAPI message is said to have {end - begin} octets")
            if end > len(self._octets):
                break
            found.append(bytes(self._octets[begin:end]))
            del self._octets[:end]
        return found

    def _bounds(self) -> tuple[int, int] | None:
        """Where the first message begins and ends; ``None`` while that cannot be told."""
        raise NotImplementedError


class FritzboxFraming(_Parser):
    """CAPI over TCP as a FRITZ!Box speaks it."""

    def frame(self, message: bytes) -> bytes:
        _check(message)
        return bytes([_MARK]) + len(message).to_bytes(2, "little") + message

    def short_frame(self, message: bytes) -> bytes:
        """What answers a registration, a release or a question for the profile, as libcapi20 reads it."""
        if len(message) > 0xFF:
            raise ValueError(f"an answer of {len(message)} octets")
        return bytes([_MARK, len(message)]) + message

    def _bounds(self) -> tuple[int, int] | None:
        octets = self._octets
        if octets and octets[0] != _MARK:
            raise CapiError(f"CAPI over TCP begins with 0x80, not 0x{octets[0]:02X}: is it rcapi?")
        if len(octets) < 4:
            return None
        # The message begins with its own length, which tells the two forms apart.
        if octets[1] == octets[2] and octets[3] == 0:
            return 2, 2 + octets[1]
        return 3, 3 + int.from_bytes(octets[1:3], "little")


class RcapiFraming(_Parser):
    """The remote CAPI of bintec routers and of Melware."""

    def frame(self, message: bytes) -> bytes:
        _check(message)
        return (len(message) + 2).to_bytes(2, "big") + message

    def _bounds(self) -> tuple[int, int] | None:
        if len(self._octets) < 2:
            return None
        return 2, int.from_bytes(self._octets[:2], "big")


def _check(message: bytes) -> None:
    if not HEADER <= len(message) <= LONGEST:
        raise ValueError(f"a message of {len(message)} octets")
