"""The pages of a call, put together from its carriers and from what both ends said of them.

A page without error correction lies between a carrier's up and down, and the command after it says that it is
over (T.30 5.3.6.1.6); with error correction it is blocks of numbered frames, each over as many carriers as it
took (T.30 annex A). Here is no sound and no time but what is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from faxhw.t30 import ecm
from faxhw.t30.ecm import Block, PartialPage
from faxhw.t30.frames import Fcf
from faxhw.t30.overheard import Fate
from faxhw.terms import Parameters, SignalFigures

COMMANDS = frozenset({Fcf.MPS, Fcf.EOM, Fcf.EOP})
FATES = {
    Fcf.MCF: Fate.CONFIRMED,
    Fcf.RTP: Fate.CONFIRMED,
    Fcf.PIP: Fate.CONFIRMED,
    Fcf.RTN: Fate.REFUSED,
    Fcf.PIN: Fate.REFUSED,
    Fcf.ERR: Fate.UNANSWERED,
}
"""What each response says of a page; ERR, that the sender has given up a part of it."""
_SHORTEST = 6.0
"""Seconds from a response to the next command with a page between: a command that is only repeated, because
the response was not heard, comes sooner (T.30: T4, 3 s +-15 %)."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier of a page's data."""

    began: float
    ended: float
    octets: bytes
    whole: bool = True
    """Whether it was heard to its end: the sound does not end first."""
    signal: SignalFigures | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page that nothing more is to be heard of."""

    parameters: Parameters
    began: float
    ended: float
    data: bytes
    intact: bool
    commanded: bool
    """A command after it has said that it is over."""
    fate: Fate
    repetitions: int = 0
    signal: SignalFigures | None = None
    """Of its last carrier."""


class Document(Protocol):
    """The pages after one DCS."""

    def carrier(self, carrier: Carrier) -> None: ...

    def command(self, fcf: Fcf, information: bytes, time: float) -> None:
        """The sender said MPS, EOM, EOP, PPS or EOR."""
        ...

    def response(self, fcf: Fcf, time: float) -> None:
        """The receiver said one of ``FATES``, or PPR."""
        ...

    def over(self) -> None:
        """Nothing more comes: hand over what there is."""
        ...


class PlainDocument:
    """Pages without error correction."""

    def __init__(self, parameters: Parameters, began: float, hand_over: Callable[[Page], None]) -> None:
        self._parameters = parameters
        self._hand_over = hand_over
        self._carrier: Carrier | None = None
        self._commanded = False
        self._settled_at = began
        """When a page was last known to be over and done with."""

    def carrier(self, carrier: Carrier) -> None:
        self._settle(Fate.UNANSWERED)
        self._carrier = carrier

    def command(self, fcf: Fcf, information: bytes, time: float) -> None:
        if self._carrier is None and time - self._settled_at > _SHORTEST:
            self._carrier = Carrier(self._settled_at, time, b"")  # it went by, and could not be understood
        self._commanded = self._carrier is not None

    def response(self, fcf: Fcf, time: float) -> None:
        if self._commanded:
            self._settle(FATES.get(fcf, Fate.UNANSWERED))
            self._settled_at = time

    def over(self) -> None:
        self._settle(Fate.UNANSWERED)

    def _settle(self, fate: Fate) -> None:
        carrier, self._carrier = self._carrier, None
        commanded, self._commanded = self._commanded, False
        if carrier is not None:
            self._hand_over(
                Page(
                    self._parameters,
                    carrier.began,
                    carrier.ended,
                    carrier.octets,
                    intact=False,
                    commanded=commanded,
                    fate=fate,
                    signal=carrier.signal,
                )
            )


class EcmDocument:
    """Pages with error correction."""

    def __init__(self, parameters: Parameters, hand_over: Callable[[Page], None]) -> None:
        self._parameters = parameters
        self._hand_over = hand_over
        self._waiting: list[Carrier] = []
        """Carriers of which no command has said yet what they are."""
        self._last: PartialPage | None = None
        """What the last PPS said."""
        self._last_settled = False
        """Whether its page has been handed over."""
        self._asked_again = False
        """Whether frames of the last block were asked for."""
        self._next_page()

    def _next_page(self) -> None:
        self._blocks: dict[int, Block] = {}
        self._began, self._ended = 0.0, 0.0
        self._commanded = False
        self._repetitions = 0
        self._signal: SignalFigures | None = None

    def carrier(self, carrier: Carrier) -> None:
        self._waiting.append(carrier)

    def command(self, fcf: Fcf, information: bytes, time: float) -> None:
        if fcf == Fcf.EOR:
            self._commanded |= bool(self._blocks) and ecm.post_message(information) is not None
        elif fcf == Fcf.PPS and (said := ecm.partial_page(information)) is not None:
            self._partial_page(said, time)

    def response(self, fcf: Fcf, time: float) -> None:
        self._asked_again = fcf == Fcf.PPR
        self._repetitions += fcf == Fcf.PPR
        if fcf in FATES and (self._commanded or FATES[fcf] is Fate.REFUSED):
            self._settle(FATES[fcf])

    def over(self) -> None:
        if self._commanded and not self._asked_again and self._waiting:
            self._settle(Fate.UNANSWERED)  # what came after it is another page
        if self._waiting:
            self._take(0 if self._last is None else self._last.block + (not self._asked_again))
        self._settle(Fate.UNANSWERED)

    def _partial_page(self, said: PartialPage, time: float) -> None:
        again = self._last is not None and (self._last.page, self._last.block) == (said.page, said.block)
        if again and self._last_settled:
            self._waiting.clear()  # the sender did not hear that it was confirmed
            return
        if self._last is not None and self._last.page != said.page:
            self._settle(Fate.UNANSWERED)
        self._last, self._last_settled = said, False
        if not self._blocks:
            self._began = self._ended = time
        self._take(said.block)
        self._blocks[said.block].learn(said.frames)
        self._commanded = said.command is not None

    def _take(self, number: int) -> None:
        """The carriers that wait have brought frames of a block."""
        block = self._blocks.setdefault(number, Block())
        for carrier in self._waiting:
            block.carrier()
            block.feed(carrier.octets)
            self._began, self._ended = min(self._began or carrier.began, carrier.began), carrier.ended
            self._signal = carrier.signal
        self._waiting.clear()

    def _settle(self, fate: Fate) -> None:
        """Hand over the page in hand, if there is one."""
        blocks = [self._blocks[number] for number in sorted(self._blocks)]
        if blocks:
            all_there = len(blocks) == max(self._blocks) + 1 and not any(each.missing() for each in blocks)
            self._hand_over(
                Page(
                    self._parameters,
                    self._began,
                    self._ended,
                    b"".join(each.take_all() for each in blocks),
                    intact=all_there and self._commanded,
                    commanded=self._commanded,
                    fate=fate,
                    repetitions=self._repetitions,
                    signal=self._signal,
                )
            )
            self._last_settled = True
        self._next_page()
