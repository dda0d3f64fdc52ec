"""One call on a controller (PLCI) and its B3 connection (NCCI): what the controller has told of them.

``hear`` takes the messages of the call, and answers at once those that want nothing else. Data are answered
by whoever takes them (``answer``), which holds the far side back until then.
"""

from __future__ import annotations

from collections import deque

from faxhw.capi.messages import Message
from faxhw.capi.reasons import ACCEPT, Reason, reason
from faxhw_drivers.capi.client import Client
from faxhw_drivers.capi.transports import BLOCKS

PLCI = 0xFFFF
"""The bits of an NCCI that are the PLCI it is on."""
_MOST_WAITING = 4 * BLOCKS
"""Blocks of data that are kept; a controller that sends more than it may loses them."""
_INFORMATION = 0x00FF


class Call:
    """A call, from CONNECT to DISCONNECT."""

    def __init__(self, client: Client, plci: int, *, dialled: bool) -> None:
        self.plci = plci
        self.dialled = dialled
        self.ncci = 0
        """The B3 connection; 0 before there is one."""
        self.connected = False
        self.reason: int | None = None
        """Why the call has ended; ``None`` while it has not."""
        self.active = False
        """Whether the B3 connection is, or was, active."""
        self.ncpi = b""
        """What was told of the B3 connection last."""
        self.ended_b3: int | None = None
        """Why the B3 connection has ended; ``None`` while it has not."""
        self.told_at_end = False
        """Whether ``ncpi`` is of its end, and so counts all pages."""
        self.data: deque[Message] = deque()
        """Blocks that have come and are not answered."""
        self.refused: Reason | None = None
        """Why a block of ours was not taken."""
        self._client = client
        self._handle = 0
        self._given: set[int] = set()

    @property
    def over(self) -> bool:
        """Whether nothing more can come on the B3 connection."""
        return self.ended_b3 is not None or self.reason is not None

    def hear(self, each: Message) -> bool:
        """Take a message; False if it is not of this call."""
        if each.address & PLCI != self.plci:
            return False
        match each.name:
            case "CONNECT_ACTIVE_IND":
                self.connected = True
            case "DISCONNECT_IND":
                self.reason = each.integer("reason")
            case "CONNECT_B3_IND":
                self.ncci = each.address
                self._client.respond(each, reject=ACCEPT)
                return True
            case "CONNECT_B3_ACTIVE_IND":
                self.ncci, self.active, self.ncpi = each.address, True, each.octets("ncpi")
            case "DISCONNECT_B3_IND":
                self.ended_b3, self.told_at_end = each.integer("reason"), bool(each.octets("ncpi"))
                self.ncpi = each.octets("ncpi") or self.ncpi
            case "DATA_B3_IND":
                if len(self.data) < _MOST_WAITING:
                    self.data.append(each)
                return True
            case "DATA_B3_CONF":
                self._given.discard(each.integer("handle"))
                if each.integer("info") > _INFORMATION:
                    self.refused = reason(each.integer("info"))
        if each.name.endswith("_IND"):
            self._client.respond(each)
        return True

    # ------------------------------------------------------------------------------------------------------
    # Data

    def answer(self, block: Message) -> None:
        """Say that a block was taken: another one may come."""
        if not self.over:
            self._client.respond(block)

    @property
    def room(self) -> bool:
        """Whether another block may be given."""
        return len(self._given) < BLOCKS

    @property
    def unconfirmed(self) -> int:
        """Blocks that were given and are not confirmed."""
        return len(self._given)

    def give(self, data: bytes) -> None:
        """Give the controller a block, for which there must be ``room``."""
        self._handle = self._handle % 0xFFFF + 1
        self._given.add(self._handle)
        self._client.say("DATA_B3_REQ", ncci=self.ncci, handle=self._handle, data=data)
