"""A call as one application sees it (PLCI): its messages by state, from CONNECT to DISCONNECT_RESP."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from faxhw.capi.messages import Message
from faxhw.capi.structures import DTMF_SELECTOR
from faxhw_drivers.sim.capi.application import Application
from faxhw_drivers.sim.capi.digits import Digits
from faxhw_drivers.sim.capi.lines import Line, Reason
from faxhw_drivers.sim.capi.model import Info
from faxhw_drivers.sim.capi.ncci import NEVER, Link, Ncci, nothing
from faxhw_drivers.sim.capi.protocols import BProtocol, RefusedError, understand

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.controller import Controller

ACCEPT, IGNORE = 0, 1
"""``reject`` of CONNECT_RESP; any other value ends the call for everybody."""


class State(Enum):
    OFFERED = "CONNECT_IND is unanswered"
    SETTING_UP = "not connected yet"
    CONNECTED = "CONNECT_ACTIVE_IND is unanswered"
    ACTIVE = "active"
    ENDING = "DISCONNECT_REQ was confirmed"
    GONE = "the call has ended, and its B3 connection has not"
    ENDED = "DISCONNECT_IND is unanswered"


_UP = frozenset({State.CONNECTED, State.ACTIVE})
_OVER = frozenset({State.ENDING, State.GONE, State.ENDED})


class Offer:
    """A call that rings, offered to some applications (``User`` of the line)."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.plcis: list[Plci] = []

    def accept(self, plci: Plci) -> None:
        """It is this one's call."""
        self.plcis.remove(plci)
        self.gone(Reason.TAKEN_ELSEWHERE)
        self.line.take(plci)
        self.line.answer(sound=plci.protocol is not None and not plci.protocol.fax)

    def ignore(self, plci: Plci) -> None:
        """This one does not want it; the others may."""
        self.plcis.remove(plci)
        plci.gone(Reason.NONE)

    def decline(self, plci: Plci) -> None:
        """This one ends the call."""
        self.ignore(plci)
        self.line.hang_up()
        self.gone(Reason.CLEARED)

    def connected(self) -> None:
        pass  # an offer is no call

    def digit(self, digit: str) -> None:
        pass  # as above

    def gone(self, reason: Reason) -> None:
        plcis, self.plcis = self.plcis, []
        for plci in plcis:
            plci.gone(reason)


class Plci:
    """One application's side of one call (``User`` of the line)."""

    def __init__(
        self,
        controller: Controller,
        application: Application,
        line: Line,
        number: int,
        *,
        offer: Offer | None = None,
        protocol: BProtocol | None = None,
    ) -> None:
        """``offer``: the call comes in; else it goes out, with this ``protocol``."""
        self.application = application
        self.line = line
        self.number = number
        self.address = number << 8 | controller.number
        self.dialled = offer is None
        self.world = controller.world
        self.model = controller.model
        self.faults = controller.faults
        self.protocol = protocol
        self.ncci: Ncci | None = None
        self.state = State.SETTING_UP if offer is None else State.OFFERED
        self._controller = controller
        self._digits = Digits(controller.world, line, self._tell_digits)
        self._offer = offer
        self._reason: int = Reason.NONE
        self._by_name: dict[str, tuple[frozenset[State], Callable[[Message], None]]] = {
            "ALERT_REQ": (frozenset({State.OFFERED}), self._confirm),
            "CONNECT_RESP": (frozenset({State.OFFERED}), self._answered),
            "CONNECT_ACTIVE_RESP": (frozenset({State.CONNECTED}), self._active),
            "CONNECT_B3_REQ": (_UP, self._connect_b3),
            "SELECT_B_PROTOCOL_REQ": (_UP, self._select),
            "INFO_REQ": (frozenset(State) - {State.ENDED}, self._confirm),
            "INFO_RESP": (frozenset(State), nothing),
            "FACILITY_RESP": (frozenset(State), nothing),
            "FACILITY_REQ": (frozenset(State) - {State.ENDED}, self._facility),
            "DISCONNECT_REQ": (frozenset(State) - _OVER, self._disconnect),
            "DISCONNECT_RESP": (frozenset({State.ENDED}), lambda _: controller.remove(self)),
        }

    def handle(self, message: Message) -> bool:
        """Take a message; False if it may not come now."""
        states, deed = self._by_name.get(message.name, NEVER)
        fits = self.state in states
        if fits:
            deed(message)
        return fits

    def note(self, what: str) -> None:
        self.world.note(self.line.number, what)

    def abandon(self) -> None:
        """The application has gone without a word: so does the call, in good order."""
        if self.state is State.OFFERED and self._offer is not None:
            self._offer.ignore(self)
        elif self.ncci is None:
            self._finish()
        elif self.ncci.has_ended:
            self.ncci = None
            self._finish()
        elif self.state not in _OVER:
            self.state = State.ENDING
            self.ncci.link.abort()

    # -- what the line tells (``User``)

    def connected(self) -> None:
        self.state = State.CONNECTED
        self.application.indicate("CONNECT_ACTIVE_IND", plci=self.address)

    def digit(self, digit: str) -> None:
        self._digits.heard(digit)

    def gone(self, reason: int) -> None:
        """The call has ended, or was not to be had."""
        if self.state in _OVER - {State.ENDING}:
            return
        if self.state is not State.ENDING:
            self._reason = reason
        self.state = State.GONE
        if self.ncci is not None:
            self.ncci.link.gone()
        else:
            self._finish()

    # -- what the B3 connection tells

    def link_ended(self) -> None:
        """It has ended, and the application knows."""
        self.ncci = None
        if self.state in (State.ENDING, State.GONE):
            self._finish()

    def _finish(self) -> None:
        if self.state is not State.ENDED:
            if self.state is not State.GONE:
                self.line.hang_up()
            self.state = State.ENDED
            self.application.indicate("DISCONNECT_IND", plci=self.address, reason=int(self._reason))
        if not self.application.registered:
            self._controller.remove(self)

    # -- what the application says

    def _confirm(self, message: Message) -> None:
        self.application.confirm(message, plci=self.address)

    def _refuse(self, message: Message, info: Info) -> None:
        self._controller.refuse(self.application, message, info)

    def _answered(self, message: Message) -> None:
        offer, self._offer = self._offer, None
        if offer is None:
            return
        reject = message.integer("reject")
        if reject != ACCEPT:
            offer.ignore(self) if reject == IGNORE else offer.decline(self)
            return
        try:
            self.protocol = understand(message.octets("b"), self.model)
        except RefusedError as error:
            offer.plcis.remove(self)
            self.gone(error.info)
            return
        self.state = State.SETTING_UP
        offer.accept(self)

    def _active(self, message: Message) -> None:
        self.state = State.ACTIVE
        if not self.dialled:
            self._begin()

    def _connect_b3(self, message: Message) -> None:
        if self.ncci is not None or not self._controller.has_room(self.application):
            self._refuse(message, Info.OUT_OF_NCCI)
            return
        ncci = self._link()
        self.application.confirm(message, ncci=ncci.address)
        ncci.link.start()

    def _select(self, message: Message) -> None:
        """Another protocol, between two B3 connections."""
        if self.ncci is not None:
            self._refuse(message, Info.WRONG_STATE)
            return
        try:
            self.protocol = understand(message.octets("b"), self.model)
        except RefusedError as error:
            self._refuse(message, error.info)
            return
        self._confirm(message)
        if not self.dialled and self.state is State.ACTIVE:
            self._begin()

    def _facility(self, message: Message) -> None:
        selector = message.integer("selector")
        if selector != DTMF_SELECTOR:
            self._refuse(message, Info.NO_SUCH_FACILITY)
            return
        try:
            confirmation = self._digits.request(message.octets("request"))
        except RefusedError as error:
            self._refuse(message, error.info)
            return
        self.application.confirm(message, plci=self.address, selector=selector, confirmation=confirmation)

    def _tell_digits(self, digits: bytes) -> None:
        self.application.indicate(
            "FACILITY_IND", plci=self.address, selector=DTMF_SELECTOR, indication=digits
        )

    def _disconnect(self, message: Message) -> None:
        self._confirm(message)
        offer, self._offer = self._offer, None
        if self.state is State.OFFERED and offer is not None:
            offer.decline(self)
            return
        self.state = State.ENDING
        if self.ncci is not None:
            self.ncci.link.abort()
        else:
            self._finish()

    def _begin(self) -> None:
        """Who is called waits for what the caller does."""
        if self.ncci is None:
            self._link().link.start()

    def _link(self) -> Ncci:
        self.ncci = Ncci(self, 1, self._make_link)
        return self.ncci

    def _make_link(self, ncci: Ncci) -> Link:
        return self._controller.link(self, ncci)
