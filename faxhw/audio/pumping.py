"""An audio port on a card that has its own rhythm, kept in it by a thread whatever the process does.

The thread hears a block every 20 ms and sees to it that the card always has something to say. ``LEAD`` blocks
lie in the card at any time, so whoever uses the port may be late by all but one of them, and nothing is lost;
a block that still has not been said when the last one is begun is replaced by silence. Blocks are numbered
both ways: what is said comes a constant time after what was heard, or not at all.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from faxhw.audio.port import BLOCK, RATE, SILENCE
from faxhw.clock import Clock
from faxhw.errors import PortError

log = logging.getLogger("faxhw.audio")

BLOCK_TIME = BLOCK / RATE
LEAD = 4
"""Blocks that wait in the card to be said: 80 ms of delay on the line, and what a stall of the process costs
nothing."""
BACKLOG = 250
"""Blocks heard that wait to be taken, at most: 5 s."""
_CLOSING = 1.0
"""Seconds that the thread has to end."""
_SWITCH = 0.0005
"""Seconds after which a thread that works lets another one have the interpreter, at the latest. By default
that is 5 ms: many channels in one process, each with two threads that are wanted every 20 ms, would come too
late while a page is drawn."""


class Duplex(Protocol):
    """The sound of a card, a block of ``faxhw.audio.port.BLOCK_OCTETS`` at a time."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    def read_block(self) -> bytes:
        """Wait for the next block heard; ``b""`` once the call is gone, or after ``stop``.

        Raises ``PortError`` if the device failed.
        """
        ...

    def write_block(self, block: bytes) -> bool:
        """Say a block after those that wait to be said; never waits. False if there was no room for it.

        Raises ``PortError`` if the device failed.
        """
        ...

    def discard_output(self) -> None:
        """Forget what waits to be said, where the card can."""
        ...

    def stop(self) -> None:
        """Make ``read_block`` end, now and from now on. From any thread."""
        ...


@dataclass(slots=True)
class Rhythm:
    """How well the 20 ms were kept on a call."""

    blocks: int = 0
    """Blocks heard."""
    late: int = 0
    """Blocks of silence said because nothing had been said in time."""
    lost_said: int = 0
    """Blocks, silence apart, that were said too late or found no room: the far end never heard them."""
    lost_heard: int = 0
    """Blocks heard by the card that nobody took in time."""
    longest_stall: float = 0.0
    """Seconds between two blocks, at the worst."""

    @property
    def kept(self) -> bool:
        """Whether nothing was lost."""
        return not (self.lost_said or self.lost_heard)

    def __str__(self) -> str:
        return (
            f"{self.blocks} blocks of 20 ms; {self.late} said in silence, {self.lost_said} said too late, "
            f"{self.lost_heard} not heard; at most {1000 * self.longest_stall:.0f} ms between two"
        )


class PumpedAudio:
    """``faxhw.audio.port.AudioPort`` on a ``Duplex``. It begins at once; ``close`` logs its ``rhythm``."""

    def __init__(self, card: Duplex, clock: Clock) -> None:
        self.rhythm = Rhythm()
        """Figures of this call so far."""
        self._card = card
        self._clock = clock
        self._monitor = clock.monitor()
        self._heard: deque[bytes] = deque()
        self._taken = 0
        """Blocks heard that were taken or forgotten: the number of the block that is said next."""
        self._said = 0
        """Blocks said, or replaced by silence: the first number that may still be said."""
        self._in_use = False
        """Whether whoever uses the port has caught up, so that what is late or lost from now on counts."""
        self._out_of_step = False
        """Whether more may wait in the card than should."""
        self._gone = False
        self._closed = False
        self._failure: PortError | None = None
        sys.setswitchinterval(min(_SWITCH, sys.getswitchinterval()))
        for _ in range(LEAD):
            card.write_block(SILENCE)
        self._pump = clock.spawn(self._run, f"sound of {card.name}")

    @property
    def name(self) -> str:
        return self._card.name

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def lag(self) -> int:
        """By how many blocks what is said is later on the line than what was heard with it."""
        return LEAD

    # -- whoever uses the port

    def transfer(self, said: bytes) -> bytes:
        """As ``AudioPort.transfer``."""
        with self._monitor:
            if not self._gone:
                self._say(said)
                self._in_use = self._in_use or not self._heard
                self._monitor.wait_for(lambda: bool(self._heard) or self._gone)
            if self._failure is not None:
                raise self._failure
            if self._gone:
                return b""
            self._taken += 1
            return self._heard.popleft()

    def skip(self) -> int:
        """As ``AudioPort.skip``."""
        with self._monitor:
            skipped = len(self._heard)
            self._heard.clear()
            self._taken += skipped
            while self._said < self._taken:
                self._be_silent()
            return skipped * BLOCK

    def leave(self) -> None:
        """Nobody uses the port for now: what is not said or taken meanwhile is neither late nor lost."""
        with self._monitor:
            self._in_use = False

    def realign(self) -> None:
        """The card has not said what waits in it, for reasons of its own: forget that, and keep step anew."""
        with self._monitor:
            self._out_of_step = True

    def close(self) -> None:
        """As ``AudioPort.close``; the card's channel stays open. What waits to be said is said."""
        with self._monitor:
            if self._closed:
                return
            self._closed = self._gone = True
            self._monitor.notify_all()
        self._card.stop()
        self._pump.join(_CLOSING)
        log.log(logging.INFO if self.rhythm.kept else logging.WARNING, "%s: %s", self.name, self.rhythm)

    def _say(self, block: bytes) -> None:
        if self._taken < self._said:
            self.rhythm.lost_said += self._in_use and block != SILENCE
            return
        if self._out_of_step:
            self._out_of_step = False
            self._card.discard_output()
            for _ in range(self._ahead()):
                self._card.write_block(SILENCE)
        self._write(block)

    # -- the thread

    def _run(self) -> None:
        try:
            before = self._clock.monotonic()
            while block := self._card.read_block():
                now = self._clock.monotonic()
                with self._monitor:
                    self._hear(block, now - before)
                before = now
        except PortError as error:
            self._failure = error
        finally:
            with self._monitor:
                self._gone = True
                self._monitor.notify_all()

    def _hear(self, block: bytes, after: float) -> None:
        rhythm = self.rhythm
        rhythm.blocks += 1
        rhythm.longest_stall = max(rhythm.longest_stall, after)
        if after >= LEAD * BLOCK_TIME:
            self._out_of_step = True
        self._heard.append(block)
        if len(self._heard) > BACKLOG:
            self._heard.popleft()
            self._taken += 1
            rhythm.lost_heard += self._in_use
        while self._ahead() < 1:
            rhythm.late += self._in_use
            self._out_of_step = True
            self._be_silent()
        self._monitor.notify_all()

    def _ahead(self) -> int:
        """How many blocks should wait in the card: it has said as many as it has heard."""
        return LEAD + self._said - self.rhythm.blocks

    def _be_silent(self) -> None:
        self._write(SILENCE)

    def _write(self, block: bytes) -> None:
        self._said += 1
        if not self._card.write_block(block):
            self.rhythm.lost_said += block != SILENCE
