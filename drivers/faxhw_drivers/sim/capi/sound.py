"""Transparent mode: the application gets the sound of the call and makes its own, in A-law (B3 protocol 0).

Octets are as ISDN has them, the first bit on the line lowest in CAPI's: A-law's bits the other way round
(CAPI 2.0 part I clause 6, B1 protocol 1). A call has sound where the far end has: a subscriber of the
``SoundNetwork``, another line of a controller among them. Of modems and stations, whose sound is no samples,
there is silence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, SILENCE
from faxhw.hdlc import REVERSED
from faxhw_drivers.sim.capi.model import FaxReason

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.ncci import Ncci
    from faxhw_drivers.sim.capi.plci import Plci

MOST_WAITING = 50
"""Blocks of 20 ms that wait for an application that does not answer; what comes then is lost."""
QUIET = compress(bytes(2), Law.A)


class Tap:
    """The controller's end of a line's sound (``End``): a link has it while there is one."""

    def __init__(self) -> None:
        self.link: SoundLink | None = None

    def said(self) -> bytes:
        return SILENCE if self.link is None else self.link.said()

    def hears(self, block: bytes) -> None:
        if self.link is not None:
            self.link.hears(block)

    def gone(self) -> None:
        pass  # the exchange tells of that


class SoundLink:
    """The sound of one call (``Link``)."""

    ncpi = b""

    def __init__(self, plci: Plci, ncci: Ncci) -> None:
        self.lost = 0
        """Blocks that the application was too slow for."""
        self._ncci = ncci
        self._tap = plci.line.tap
        self._note = plci.note
        self._octets = bytearray()
        """What is to be said."""
        self._taken: deque[tuple[int, Callable[[], None]]] = deque()
        """How many of them are each block's, and whom to tell that it has been said."""

    def start(self) -> None:
        self._tap.link = self
        self._ncci.ready()

    def write(self, data: bytes, taken: Callable[[], None]) -> None:
        self._octets += data
        self._taken.append((len(data), taken))

    def drained(self) -> None:
        pass  # it goes on

    def finish(self) -> None:
        self._end()

    def abort(self) -> None:
        self._end()

    def gone(self) -> None:
        self._end()

    # -- what the line asks for, once a block

    def said(self) -> bytes:
        """The next block, or what there is of it."""
        octets = bytes(self._octets[:BLOCK])
        del self._octets[:BLOCK]
        self._confirm(len(octets))
        return expand(octets.translate(REVERSED).ljust(BLOCK, QUIET), Law.A)

    def hears(self, block: bytes) -> None:
        if self._ncci.waiting < MOST_WAITING:
            self._ncci.deliver(compress(block, Law.A).translate(REVERSED))
        else:
            self.lost += 1

    def _confirm(self, said: int) -> None:
        while self._taken and self._taken[0][0] <= said:
            length, taken = self._taken.popleft()
            said -= length
            taken()
        if self._taken and said:
            length, taken = self._taken[0]
            self._taken[0] = length - said, taken

    def _end(self) -> None:
        if self._tap.link is self:
            self._tap.link = None
        if self.lost:
            self._note(f"{self.lost} blocks of sound were lost: the application did not answer")
            self.lost = 0
        self._ncci.over(FaxReason.NONE)
