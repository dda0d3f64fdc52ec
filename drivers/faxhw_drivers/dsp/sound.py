"""The sound of a call as the line operations use it: half duplex, and its time counted in samples."""

from __future__ import annotations

import math

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE, SILENCE, AudioPort
from faxhw.clock import Clock
from faxhw.session import Cancelled

HOLD_OFF = 2
"""Blocks, 40 ms, that are not listened to after our own signal: what a hybrid or a jitter buffer near us
sends back. Less than the 55 ms of silence that any answer has before it (T.30 clause 5.1)."""


class Gone(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """The call is gone."""


class Sound:
    """Both ways of a call."""

    def __init__(self, port: AudioPort) -> None:
        self._port = port
        self._samples = 0
        self._silent = 0
        """Samples of silence since our last signal ended."""
        self._spoke_last = False
        """Whether nothing was listened to since."""
        self._held_off = 0
        self.deaf = False
        """Whether the block heard last was not listened to: it says nothing of the line."""
        self._cancelled = False

    @property
    def name(self) -> str:
        return self._port.name

    @property
    def clock(self) -> Clock:
        return self._port.clock

    @property
    def time(self) -> float:
        """Seconds of the line that have passed."""
        return self._samples / RATE

    @property
    def silent(self) -> float:
        """Seconds since our last signal ended, or since the call began."""
        return self._silent / RATE

    def cancel(self) -> None:
        """Make ``check`` raise ``Cancelled``, once. From any thread."""
        self._cancelled = True

    def check(self) -> None:
        """Raise ``Cancelled`` if somebody asked for it."""
        if self._cancelled:
            self._cancelled = False
            raise Cancelled

    # ------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A signal of ours follows: what was heard meanwhile is not waited for."""
        skipped = self._port.skip()
        self._samples += skipped
        self._silent += skipped

    def say(self, block: bytes) -> None:
        """Say a block of a signal, at its end a part of one; what is heard meanwhile is our own echo."""
        self._transfer(block + SILENCE[len(block) :])
        sounding = len(block.rstrip(b"\0")) // 2
        self._silent = BLOCK - sounding if sounding else self._silent + BLOCK
        self._spoke_last, self._held_off = True, HOLD_OFF

    def hear(self, said: bytes = SILENCE) -> bytes:
        """The next block heard; ``said`` is CNG, perhaps. Raises ``Cancelled``."""
        self.check()
        heard = self._transfer(said)
        self._silent += BLOCK
        self._spoke_last = False
        self.deaf = self._held_off > 0
        if self.deaf:
            self._held_off -= 1
            return SILENCE
        return heard

    def pause(self, seconds: float) -> None:
        """Be silent for so long, the silence counted that has ended our signal already."""
        left = round(seconds * RATE) - (self._silent if self._spoke_last else 0)
        for _ in range(math.ceil(left / BLOCK)):
            self._transfer(SILENCE)
            self._silent += BLOCK
            self._held_off = max(0, self._held_off - 1)
        self._spoke_last = False

    def _transfer(self, said: bytes) -> bytes:
        heard = self._port.transfer(said)
        if len(heard) != BLOCK_OCTETS:
            raise Gone
        self._samples += BLOCK
        return heard
