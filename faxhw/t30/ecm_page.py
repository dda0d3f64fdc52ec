"""The page in hand while error correction receives it: its blocks, and what the job is told of it.

A block whose confirmation may have been lost can come a second time. Then nothing is told of it until it is
complete and known to be another one.
"""

from __future__ import annotations

from faxhw.session import PageBegins, PageData, PageEnds, Status
from faxhw.t30.dialogue import Dialogue, Steps
from faxhw.t30.ecm import Block, PartialPage
from faxhw.t30.frames import Fcf
from faxhw.t30.line import CarrierLost, Data, ReceiveMore, StopReceiving
from faxhw.t30.replying import NEXT_STEP
from faxhw.terms import Parameters, SignalFigures

MAX_BLOCK_SECONDS = 900.0
"""A carrier that stands longer than this is no block: at 2400 bit/s the largest takes four minutes."""


class PageInHand:
    """What has come of a page, block by block."""

    def __init__(self, line: Dialogue, parameters: Parameters) -> None:
        self._line = line
        self._parameters = parameters
        self._begun = False
        self.blocks_lost = False
        """Whether the sender gave up a block of it."""
        self.requests = 0
        """PPR so far."""
        self._signal: SignalFigures | None = None
        self.next_block()

    def next_block(self) -> None:
        """Go on to another block."""
        self.block = Block()
        self.block_came = False
        """Whether anything came of the block that is awaited: a carrier, at least."""
        self.in_doubt = False
        """Whether that block may be the one confirmed last again."""

    def take_carrier(self, first: Data) -> Steps[bool]:
        """Hear a carrier to its end; whether it brought a frame that was missing."""
        line, block, began = self._line, self.block, self._line.now
        self.block_came, fruitful = True, False
        block.carrier()
        heard: object = first
        while isinstance(heard, Data):
            fruitful = block.feed(heard.octets) or fruitful
            if not self.in_doubt:
                yield from self.tell_of(block.take())
            if line.now - began > MAX_BLOCK_SECONDS:
                yield from line.do(StopReceiving())
                line.end(Status.RECEIVE_C_ECM, f"a block that took longer than {MAX_BLOCK_SECONDS:.0f} s")
            heard = yield from line.do(ReceiveMore())
        self._signal = heard.signal if isinstance(heard, CarrierLost) else None
        return fruitful

    def tell_of(self, octets: bytes) -> Steps[None]:
        """Pass on octets of the page, and that it has begun."""
        if octets:
            yield from self.begin()
            yield from self._line.tell(PageData(octets))

    def begin(self) -> Steps[None]:
        """Tell that the page has begun, once."""
        if not self._begun:
            self._begun = True
            yield from self._line.tell(PageBegins(self._parameters))

    def give_block_up(self) -> Steps[None]:
        """Pass on what there is of a block of which no more will come."""
        self.blocks_lost = True
        yield from self.tell_of(self.block.take_all())

    def ends(self, command: Fcf, *, perhaps_again: bool) -> PageEnds:
        """The question for the job's word on it."""
        return PageEnds(
            NEXT_STEP[command],
            intact=not self.blocks_lost,
            retransmissions=self.requests,
            perhaps_again=perhaps_again,
            patience=0.0,
            last_chance=self.blocks_lost,
            signal=self._signal,
        )


def same_counters(one: PartialPage, other: PartialPage) -> bool:
    """Whether two PPS speak of the same block."""
    return (one.page, one.block) == (other.page, other.block)
