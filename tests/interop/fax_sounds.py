"""The sound of fax calls between two of libspandsp's terminals, made as fast as the processor allows."""

from __future__ import annotations

import ctypes
import random
from array import array
from collections.abc import Callable
from pathlib import Path

from faxhw.audio.wav import WavWriter
from tests.interop.spandsp import BLOCK, Plan, Terminal, library, typed

Sound = tuple[bytes, bytes]
"""What the caller says, and the called: as long, linear, 16 bits a sample."""
Samples = ctypes.Array[ctypes.c_short]
Spoil = Callable[[int, Samples], Samples]
"""Given the number of a block and what the caller says in it: what of it gets to the line."""

_LONGEST = 300
"""Seconds after which a call is given up."""
_AFTER = 8000 // BLOCK // 2
"""Blocks of silence after the end."""


def call(caller: Plan, called: Plan, spoil: Spoil = lambda _number, said: said) -> Sound:
    """A call from its first sound until both terminals are content, or their time is over."""
    lib = typed(ctypes.CDLL(library() or ""))
    ends = Terminal(lib, caller), Terminal(lib, called)
    first, second = array("h"), array("h")
    from_caller, from_called = (ctypes.c_short * BLOCK)(), (ctypes.c_short * BLOCK)()
    after = 0
    for number in range(_LONGEST * 8000 // BLOCK):
        said = spoil(number, ends[0].exchange(from_called))
        from_called = ends[1].exchange(from_caller)
        from_caller = said
        first.extend(from_caller)
        second.extend(from_called)
        after += all(each.code is not None for each in ends)
        if after > _AFTER:
            break
    assert all(each.outcome()["code"] == 0 for each in ends), [each.outcome() for each in ends]
    return first.tobytes(), second.tobytes()


def mixed(sound: Sound) -> bytes:
    """Both ends on one channel."""
    said = (array("h", each) for each in sound)
    return array(
        "h", (max(-32768, min(32767, one + other)) for one, other in zip(*said, strict=True))
    ).tobytes()


def quieter(sound: bytes, decibels: float) -> bytes:
    factor = 10 ** (-decibels / 20)
    return array("h", (round(factor * each) for each in array("h", sound))).tobytes()


def noise(seconds: float, amplitude: int) -> bytes:
    dice = random.Random(1)
    return array("h", (dice.randint(-amplitude, amplitude) for _ in range(round(8000 * seconds)))).tobytes()


def store(path: Path, *channels: bytes) -> Path:
    """A WAVE file with this sound."""
    writer = WavWriter(path, channels=len(channels), replace=True)
    writer.add(*channels)
    writer.close()
    return path
