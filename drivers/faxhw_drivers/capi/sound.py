"""The sound of a call by CAPI's transparent protocols (B1 1, B2 1, B3 0): the software modem's audio port.

Octets are those of the network, law-coded, with the first bit on the line in the lowest bit: the other way
round than G.711 is written. The rhythm is the card's: for each octet heard one is said, and not sooner.
"""

from __future__ import annotations

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE
from faxhw.clock import Clock
from faxhw.errors import PortError
from faxhw.hdlc import REVERSED
from faxhw_drivers.capi.call import Call
from faxhw_drivers.capi.client import Client
from faxhw_drivers.capi.transports import BLOCK_SIZE

_CUSHION = 2 * BLOCK
"""Octets of silence that are said first, so that the card never runs dry between two blocks."""
_MOST_HEARD = 5 * RATE
"""Octets that are kept for whoever is late; the oldest are lost then."""
_PATIENCE = 10.0
"""Seconds without a block after which the card has failed."""
SILENCES = {Law.A: b"\xd5", Law.MU: b"\xff"}


class CapiSound:
    """``faxhw.audio.port.AudioPort`` on a call whose B3 connection is active."""

    def __init__(self, client: Client, call: Call, law: Law) -> None:
        self._client = client
        self._call = call
        self._law = law
        self._heard = bytearray()
        self._to_say = bytearray(SILENCES[law] * _CUSHION)
        self._owed = _CUSHION
        """Octets that may be said: one for each that was heard."""
        self._late = 0
        """Octets that are yet to be said for moments that have passed, and so are not."""
        self._closed = False
        self.lost = 0
        """Octets of either way that were lost because one side was late."""

    @property
    def name(self) -> str:
        return self._client.name

    @property
    def clock(self) -> Clock:
        return self._client.clock

    def transfer(self, said: bytes) -> bytes:
        if len(said) != BLOCK_OCTETS:
            raise ValueError(f"a block of {len(said)} octets")
        octets = compress(said, self._law)
        self._to_say += octets[self._late :]
        self._late = max(0, self._late - len(octets))
        self._take()
        if not self._wait():
            return b""
        octets = bytes(self._heard[:BLOCK])
        del self._heard[:BLOCK]
        return expand(octets.translate(REVERSED), self._law)

    def _wait(self) -> bool:
        """Wait for a whole block; False if the call is gone."""
        while len(self._heard) < BLOCK:
            if self._closed or self._call.over:
                return False
            ready = self._client.wait_for(
                lambda: bool(self._call.data) or self._call.over or self._closed, _PATIENCE
            )
            if not ready and not self._client.take_interrupt():
                raise PortError(f"{self.name}: the card gives no sound any more")
            self._take()
        return True

    def skip(self) -> int:
        self._client.look()
        self._take()
        skipped = len(self._heard)
        self._heard.clear()
        self._late = 0
        return skipped

    def close(self) -> None:
        if not self._closed and self.lost:
            self._client.log.warning("%s: %d samples came too late", self.name, self.lost)
        self._closed = True
        self._client.wake()

    def _take(self) -> None:
        """Take the blocks that have come, and say as much."""
        while self._call.data:
            block = self._call.data.popleft()
            self._call.answer(block)
            self._heard += block.data
            self._owed += len(block.data)
        late = len(self._heard) - _MOST_HEARD
        if late > 0:
            del self._heard[:late]
            self.lost += late
        self._say()

    def _say(self) -> None:
        """Say what there is, as far as it is owed; what nobody has said in time is silence, and late."""
        missing = self._owed - len(self._to_say) - _CUSHION
        if missing > 0:
            self._to_say += SILENCES[self._law] * missing
            self._late += missing
            self.lost += missing
        while self._owed and self._to_say and self._call.room and not self._call.over:
            size = min(self._owed, BLOCK_SIZE, len(self._to_say))
            self._call.give(bytes(self._to_say[:size]).translate(REVERSED))
            del self._to_say[:size]
            self._owed -= size
