"""What the library's modems pass through their bit functions: bits, and words on the signal."""

from __future__ import annotations

from collections import deque
from enum import IntEnum

from faxhw import hdlc
from faxhw_drivers.dsp.library import GetBit, PutBit

SEND_LEVEL = -13.0
"""dBm0: what ITU-T V.2 allows data on the switched network."""
CUTOFF = -45.0
"""dBm0 below which a signal is none: T.30 and the V recommendations ask for -43 (V.21, V.27ter, V.17)."""

put_bit = PutBit(list.append)  # no frame of Python's is run for a bit: the user data is the list itself
get_bit = GetBit(deque.popleft)

_TEXT = bytes.maketrans(b"\0\1", b"01")
_VALUES = bytes.maketrans(b"01", b"\0\1")


class Signal(IntEnum):
    """What stands in place of a bit."""

    CARRIER_DOWN = -1
    CARRIER_UP = -2
    TRAINING = -3
    TRAINED = -4
    TRAINING_FAILED = -5
    END_OF_DATA = -7


def text(bits: list[int]) -> str:
    """Bits as text of 0s and 1s; there must be no ``Signal`` among them."""
    return bytes(bits).translate(_TEXT).decode("ascii")


def values(octets: bytes) -> bytes:
    """The octets' bits, one an octet, in the order of the line."""
    return hdlc.bits(octets).encode("ascii").translate(_VALUES)


def runs(heard: list[int]) -> list[Signal | list[int]]:
    """What a modem has put, taken apart: signals, and the bits between them."""
    if not heard:
        return []
    if min(heard) >= 0:
        return [heard]
    found: list[Signal | list[int]] = []
    bits: list[int] = []
    for each in heard:
        if each >= 0:
            bits.append(each)
            continue
        if bits:
            found.append(bits)
            bits = []
        if each in Signal._value2member_map_:
            found.append(Signal(each))
    return [*found, bits] if bits else found
