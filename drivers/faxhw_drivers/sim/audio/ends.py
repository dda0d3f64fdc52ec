"""The ends of an audio line: a port for whoever waits on a clock, or a function from block to block."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, SILENCE
from faxhw.clock import Clock

MOST_WAITING = 250
"""Blocks, 5 s of them, that wait for who does not take them; then the oldest are lost."""


class End(Protocol):
    """What an audio line asks of an end, once a block: ``said``, then ``hears``."""

    def said(self) -> bytes:
        """The block that it has said until now."""
        ...

    def hears(self, block: bytes) -> None:
        """The block that came meanwhile."""
        ...

    def gone(self) -> None:
        """The call is gone: there will be nothing more."""
        ...


class FunctionEnd:
    """An end that makes each block it says out of the last one that it heard: a block later than the line."""

    def __init__(self, function: Callable[[bytes], bytes]) -> None:
        self._function = function
        self._heard = SILENCE

    def said(self) -> bytes:
        return self._function(self._heard)

    def hears(self, block: bytes) -> None:
        self._heard = block

    def gone(self) -> None:
        pass


class PortEnd:
    """An end as a ``faxhw.audio.port.AudioPort``.

    What is said goes out in the block it was meant for: the one that follows what was taken last. Where
    nothing was said in time the other end hears silence.
    """

    def __init__(self, clock: Clock, name: str = "audio line") -> None:
        self._clock = clock
        self._name = name
        self._monitor = clock.monitor()
        self._waiting: deque[bytes] = deque()
        self._next = SILENCE
        self._gone = False
        self.lost = 0
        """Blocks that were heard and never taken, ``skip`` apart."""
        self.late = 0
        """Blocks that were said too late."""

    # -- the AudioPort

    @property
    def name(self) -> str:
        return self._name

    @property
    def clock(self) -> Clock:
        return self._clock

    def transfer(self, said: bytes) -> bytes:
        if len(said) != BLOCK_OCTETS:
            raise ValueError(f"{self._name}: a block has {BLOCK_OCTETS} octets, not {len(said)}")
        with self._monitor:
            if self._waiting:
                self.late += 1
                return self._waiting.popleft()
            self._next = said
            self._monitor.wait_for(lambda: bool(self._waiting) or self._gone)
            return self._waiting.popleft() if self._waiting else b""

    def skip(self) -> int:
        with self._monitor:
            skipped = BLOCK * len(self._waiting)
            self._waiting.clear()
            return skipped

    def close(self) -> None:
        with self._monitor:
            self._waiting.clear()
            self._end()

    # -- the End

    def said(self) -> bytes:
        with self._monitor:
            block, self._next = self._next, SILENCE
            return block

    def hears(self, block: bytes) -> None:
        with self._monitor:
            if self._gone:
                return
            if len(self._waiting) == MOST_WAITING:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(block)
            self._monitor.notify_all()

    def gone(self) -> None:
        with self._monitor:
            self._end()

    def _end(self) -> None:
        self._gone = True
        self._monitor.notify_all()
