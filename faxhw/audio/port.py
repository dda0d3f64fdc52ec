"""The contract of an audio port: both ways of one telephone call as sound, in step.

For each sample that is said one is heard, so that time on the line can be counted in samples. Whatever stands
below (a card, a gateway, another end in memory) keeps the rhythm; who uses a port has no clock.
"""

from __future__ import annotations

from typing import Protocol

from faxhw.clock import Clock

RATE = 8000
"""Samples a second."""
BLOCK = 160
"""Samples of a block: 20 ms."""
BLOCK_OCTETS = 2 * BLOCK
SILENCE = bytes(BLOCK_OCTETS)


class AudioPort(Protocol):
    """One call's sound, from the moment it stands. ``transfer`` and ``skip`` are one thread's at a time."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock whose time passes while it is waited."""
        ...

    def transfer(self, said: bytes) -> bytes:
        """Say a block (``BLOCK_OCTETS``) and wait for the next one heard, which is as long.

        ``b""`` once the call is gone, at once and from then on. Raises ``PortError`` if the device failed.
        Blocks that were heard and not taken wait, up to some seconds of them, and are then heard without
        delay; what is said meanwhile is not said later than it should be, but lost.
        """
        ...

    def skip(self) -> int:
        """Forget what was heard and not taken; how many samples. What is said next is said now."""
        ...

    def close(self) -> None:
        """Let go of the sound, not of the call; from any thread. Whoever waits hears that it is gone."""
        ...


def lag_of(port: AudioPort) -> int:
    """By how many blocks what is said on a port is later on the line than what was heard with it.

    A port that has to keep a card in its rhythm says so by its attribute ``lag``; others are not late. The
    echo of what was said is later by as much.
    """
    lag: int = getattr(port, "lag", 0)
    return lag
