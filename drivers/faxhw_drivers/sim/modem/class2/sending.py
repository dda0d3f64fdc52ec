"""Pages that the modem sends for its DTE: settled at +FDT, taken while they go out, confirmed at their end.

In class 2 +FET says after the page what follows it; in the others the octet that ends its data does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw.hdlc import REVERSED
from faxhw.session import (
    Event,
    FormatWanted,
    Negotiated,
    NextStep,
    OutgoingPage,
    PageSent,
    PageWanted,
    Refused,
    Reply,
    Status,
)
from faxhw.t30 import frames
from faxhw.t30.bits import Bits
from faxhw.t30.calling import Identified
from faxhw.t30.capabilities import Capabilities, understand
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Heard
from faxhw.t32.dialect import INTERRUPT, MCF, PIN, PIP, RTN, RTP, STEPS
from faxhw.t32.parameters import RATES
from faxhw.terms import Parameters
from faxhw_drivers.sim.modem.class2.feed import PageFeed
from faxhw_drivers.sim.modem.class2.quirks import DAMAGED
from faxhw_drivers.sim.modem.class2.settings import BIT_ORDER, POLLS
from faxhw_drivers.sim.modem.dle import ETX, Unshielder
from faxhw_drivers.sim.performer import Later
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.class2.session import FaxSession

CAN = 0x18
XON = b"\x11"
LEAST_STALL = 0.1
"""Seconds that a DTE has even where it was allowed none: looking again at once, time would stand still."""
RESPONSES = {Fcf.MCF: MCF, Fcf.RTN: RTN, Fcf.RTP: RTP, Fcf.PIN: PIN, Fcf.PIP: PIP, Fcf.PPR: RTN}
"""The word on a page by the frame that says it."""


class Sending:
    """The sending end of a call, as the DTE sees it."""

    def __init__(self, session: FaxSession) -> None:
        self._session = session
        self._asked = False
        """Whether the DTE wants to send a page (+FDT)."""
        self._held: Event | None = None
        """The event that is not answered before it does."""
        self._page: _Page | None = None

    @property
    def raw(self) -> bool:
        """Whether the DTE's octets are a page's."""
        return self._page is not None and not self._page.feed.over

    @property
    def undecided(self) -> bool:
        """Whether the call can still become one that polls."""
        return isinstance(self._held, Identified)

    def go_on(self) -> None:
        """+FDT."""
        self._asked = True
        if self._page is not None:
            self._page.go_on()
            return
        held, self._held = self._held, None
        if held is not None:
            reply = self.on(held)
            if not isinstance(reply, Later):
                self._session.performer.reply(reply)

    def post(self, word: int) -> None:
        """+FET: what follows the page that was sent."""
        if self._page is None or not self._page.feed.over:
            self._session.finish("ERROR")
        else:
            self._page.close(STEPS[word % INTERRUPT])

    def from_dte(self, data: bytes) -> bool:
        raw = self.raw
        if self._page is not None:
            self._page.from_dte(data)
        return raw

    def on(self, event: Event) -> Reply | Later:
        session = self._session
        match event:
            case Identified(remote):
                return self._identified(event, remote)
            case FormatWanted(formats):
                if self._asked:
                    return session.values.format(formats)
                self._held = event
                if session.turn is not None:  # somebody polls us, and has just said so
                    self._polled()
                return Later.LATER
            case Negotiated(parameters):
                if self._will_not(parameters):
                    session.abort(Status.DCS_NO_REPLY)
                    return None
                session.reports.trained()
                session.reports.settled()
            case PageWanted(parameters):
                if not self._asked:
                    self._held = event
                    return Later.LATER
                self._page = _Page(session, parameters)
                session.page_begins()
                return self._page.outgoing
            case PageSent():
                return self._sent(confirmed=event.confirmed)
        return None

    def ended(self) -> None:
        pass

    def forget_page(self) -> None:
        pass

    def no_hurry(self) -> None:
        """The DTE is not waited for."""
        if self._page is not None:
            self._page.rest()

    def tidy(self) -> None:
        if self._page is not None:
            self._page.tidy()
            self._page = None

    # -- before a page

    def _identified(self, event: Identified, remote: Capabilities) -> Reply | Later:
        session = self._session
        if self._asked:
            return session.settings()
        self._held = event
        session.reports.can(session.dialect.dis, remote)
        if remote.can_be_polled and session.values.number(POLLS):
            session.reports.say(session.dialect.polled)
        session.finish("OK")
        return Later.LATER

    def _will_not(self, parameters: Parameters) -> bool:
        """Whether this is the rate that the modem does not come down to."""
        rate = self._session.modem.quirks.fax.not_down_to
        return parameters.modulation.rate == rate < RATES[self._session.values.wishes.br]

    def _polled(self) -> None:
        session = self._session
        remote = self._heard(Fcf.DTC)
        if remote is not None:
            session.reports.can(session.dialect.dtc, understand(Bits(remote)))
        session.finish("OK")

    # -- after a page

    def _sent(self, *, confirmed: bool) -> Reply:
        """The far end's word on a page. What becomes of one that is refused the DTE will say."""
        session, page = self._session, self._page
        self._page, self._asked = None, False
        if page is None:
            return None
        page.tidy()
        response = next((word for fcf, word in RESPONSES.items() if self._heard(fcf) is not None), RTN)
        session.values.page_status = response
        last = page.outgoing.next_step is NextStep.NO_MORE and confirmed
        if session.dialect.page_ends:
            if not last:
                session.finish("OK" if confirmed else "ERROR")
        else:
            session.reports.say(session.dialect.page_status, str(response))
            if not last:
                session.finish("OK")
        goes_on = not confirmed and page.outgoing.next_step is NextStep.MORE_PAGES
        return Refused.GO_ON if goes_on else None

    def _heard(self, fcf: Fcf) -> bytes | None:
        """The information of a frame, if it was among those heard last."""
        for step in reversed(self._session.performer.steps):
            if isinstance(step.answer, Heard):
                message = frames.read(step.answer.frames)
                return message.information if message is not None and message.fcf == fcf else None
        return None


class _Page:
    """A page on its way from the DTE."""

    def __init__(self, session: FaxSession, parameters: Parameters) -> None:
        self.feed = PageFeed(parameters, self._taken, own_rtc=not session.modem.quirks.fax.host_sends_rtc)
        self.outgoing = OutgoingPage(self.feed, NextStep.NO_MORE)
        self._session = session
        self._modem = session.modem
        self._reversed = bool(session.values.number(BIT_ORDER) & 1)
        self._ends = {octets[0]: step for step, octets in session.dialect.page_ends.items()}
        self._unshielder = Unshielder()
        self._damaged = parameters.coding in self._modem.quirks.fax.damages
        self._answered = False
        """Whether the DTE was told that its data are on the line."""
        self._closed = False
        self._stall: Timer | None = None
        self.go_on()

    def go_on(self) -> None:
        """Take data from the DTE."""
        self.feed.go_on()
        self._answered = False
        self._unshielder = Unshielder(bytes((*self._ends, ETX, CAN)))
        self._session.connect_data()
        if not self._ends and not self._modem.quirks.fax.no_xon:
            self._modem.to_dte(XON)
        self._await_dte()

    def from_dte(self, data: bytes) -> None:
        if self.feed.over:
            return
        self._await_dte()
        octets, ended = self._unshielder.feed(data)
        if self._reversed:
            octets = octets.translate(REVERSED)
        if self._damaged:
            octets = octets.translate(DAMAGED)
        room = self._modem.model.buffer - self.feed.waiting
        if len(octets) > room:
            self._modem.note(f"loses {len(octets) - room} octets of the DTE for want of room")
            self._modem.lost_octets += len(octets) - room
        self.feed.feed(octets[: max(0, room)])
        if ended and self._unshielder.ended_by == CAN:
            self._session.abort(Status.ABORTED)
        elif ended:
            self._hold(False)
            self.feed.end()
            if self._unshielder.ended_by in self._ends:
                self.close(self._ends[self._unshielder.ended_by])
        elif self.feed.waiting > self._modem.model.buffer * 3 // 4:
            self._hold(True)

    def close(self, step: NextStep) -> None:
        """It is known what follows it, and it can end."""
        self.rest()
        self._closed = True
        self.outgoing.next_step = step
        self.feed.close()

    def tidy(self) -> None:
        self.rest()
        self._hold(False)

    def _taken(self) -> None:
        """The line has taken some of it."""
        if self.feed.ready < self._modem.model.buffer // 4:
            self._hold(False)
        if self.feed.all_taken and not self._closed and not self._answered:
            self._answered = True
            self._session.finish("OK")  # +FET is to follow

    def _hold(self, on: bool) -> None:
        self._modem.uart.hold(on, self._modem.registers.flow)

    def _await_dte(self) -> None:
        self.rest()
        stall = max(self._session.values.stall, LEAST_STALL)
        self._stall = self._modem.world.call_later(stall, self._stalled)

    def rest(self) -> None:
        """The DTE may take its time."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _stalled(self) -> None:
        if self.feed.ready:
            self._await_dte()  # it is we who hold it back
        else:
            self._session.abort(Status.SEND_C_UNDERFLOW)
