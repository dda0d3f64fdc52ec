"""Pages that the modem receives for its DTE: held until +FDR, handed up after DC1 or DC2, judged, reported.

The word on a page is the DTE's next command: +FDR gives the page status (+FPTS, +FPS) as the modem has set
it, or the DTE since. Until then the far end is kept waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.hdlc import REVERSED
from faxhw.session import (
    Event,
    Negotiated,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    Reply,
    Verdict,
    VerdictWanted,
)
from faxhw.t4.decode import PageDecoder, PageReport
from faxhw.t32.dialect import MCF, PIN, PIP, RTN, RTP
from faxhw.terms import Parameters
from faxhw_drivers.sim.modem.class2.quirks import DAMAGED
from faxhw_drivers.sim.modem.class2.settings import (
    BAD_LINES,
    BAD_MULTIPLIER,
    BIT_ORDER,
    QUALITY,
    RECEIVE_QUALITY,
    FaxSettings,
)
from faxhw_drivers.sim.modem.dle import END, shielded
from faxhw_drivers.sim.performer import Later
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.class2.session import FaxSession

CAN = 0x18
VERDICTS = {
    MCF: Verdict.GOOD,
    RTN: Verdict.REJECTED,
    RTP: Verdict.RETRAIN,
    PIN: Verdict.REJECTED,
    PIP: Verdict.GOOD,
}


class Receiving:
    """The receiving end of a call, as the DTE sees it."""

    def __init__(self, session: FaxSession) -> None:
        self._session = session
        self._quirks = session.modem.quirks.fax
        self._asked = False
        """Whether the DTE waits for a page (+FDR)."""
        self._held: Event | None = None
        """The event that is not answered before it does."""
        self._patience: Timer | None = None
        self._page: _Page | None = None
        self._in_question = False
        """Whether the last page waits for the DTE's word."""
        self._refused = False
        """Whether that word was RTN."""
        self._document_ended = False

    @property
    def raw(self) -> bool:
        """Whether DC1 is no XON: until it has let a page come."""
        return self._page is not None and not self._page.started

    def go_on(self) -> None:
        """+FDR."""
        self._asked = True
        held, self._held = self._held, None
        self._stop_waiting()
        if held is None:
            return
        reply = self.on(held)
        if not isinstance(reply, Later):
            self._session.performer.reply(reply)

    def from_dte(self, data: bytes) -> bool:
        """DC1 or DC2 lets the page come; whether that is all that the octets say."""
        if self._page is not None and any(octet in self._quirks.starts_on for octet in data):
            self._page.start()
        return self._page is not None and CAN not in data

    def on(self, event: Event) -> Reply | Later:
        match event:
            case Negotiated():
                return self._negotiated(event)
            case PageBegins():
                return self._begins(event)
            case PageData():
                if self._page is not None:
                    self._page.octets(event.data)
            case PageOver():
                if self._page is not None:
                    self._page.over()
            case PageEnds():
                if self._page is not None:
                    self._end_page(self._page, event.next_step, intact=event.intact)
                return self._word(event, event.patience)
            case VerdictWanted():
                return self._word(event, event.patience)
        return None

    def ended(self) -> None:
        """The call is over."""
        if self._page is not None:
            self._page.end(lambda: None, forced=True)

    def forget_page(self) -> None:
        """Not a word more of the page in hand, not even its end."""
        self._page = None

    def no_more_words(self) -> None:
        """The call is to be ended: the event that was not answered yet never will be."""
        self._held = None
        self._stop_waiting()

    def tidy(self) -> None:
        self._stop_waiting()
        self._page = None

    # -- before a page

    def _negotiated(self, event: Negotiated) -> Reply | Later:
        session = self._session
        self._in_question = False
        if self._document_ended and self._quirks.ok_between_documents:
            self._asked = False
        self._document_ended = False
        if self._asked:
            session.reports.trained()
            return None
        self._held = event
        if session.turn is not None:  # else it is the next +FDR that tells
            session.reports.settled()
            session.finish("OK")
        return Later.LATER

    def _begins(self, event: PageBegins) -> Reply | Later:
        self._in_question = False
        unseen = self._page is not None and not self._page.started
        if self._page is not None and not unseen:  # its end went by unheard, and it counts for nothing
            self._end_page(self._page, NextStep.MORE_PAGES, lost=True)
        if not self._asked:
            self._held = event
            return Later.LATER
        session = self._session
        if not unseen:
            session.reports.settled()
            session.connect_data()
        checks = self._refused and session.values.number(QUALITY)
        lost = bool(checks) and self._quirks.loses_page_after_rtn
        self._page = _Page(session, event.parameters, lost=lost)
        self._refused = False
        session.page_begins()
        return None

    # -- after a page

    def _end_page(self, page: _Page, step: NextStep, *, intact: bool = False, lost: bool = False) -> None:
        session = self._session

        def report() -> None:
            self._page = None
            values, found = session.values, page.report()
            values.page_status = RTN if lost or not (intact or _good(found, values)) else MCF
            session.reports.page(values.page_status, found, step)
            self._document_ended = step is NextStep.MORE_DOCUMENTS
            self._asked = False
            session.finish("OK")

        self._in_question = not lost
        page.end(report)

    def _word(self, event: Event, patience: float | None) -> Reply | Later:
        """The DTE's word on the page, if it has given it; else the far end waits."""
        if self._asked and self._page is None and self._in_question:
            self._in_question = False
            verdict = VERDICTS[self._session.values.page_status]
            self._refused = verdict is Verdict.REJECTED
            return verdict
        if patience == 0:
            return Verdict.PENDING
        self._held = event
        if patience is not None:
            self._patience = self._session.modem.world.call_later(patience, self._no_word)
        return Later.LATER

    def _no_word(self) -> None:
        self._held = self._patience = None
        self._session.performer.reply(Verdict.PENDING)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Page:
    """A page on its way to the DTE."""

    def __init__(self, session: FaxSession, parameters: Parameters, *, lost: bool) -> None:
        """``lost``: the DTE gets nothing of it."""
        self._lost = lost
        self._modem = session.modem
        ones = 0 if parameters.ecm else parameters.modulation.rate * self._modem.quirks.turn_off / 8
        self._turn_off = b"\xff" * int(ones)
        always = session.dialect.fclass in self._modem.quirks.fax.received_reversed
        self._reversed = always or bool(session.values.number(BIT_ORDER) & 1)
        self._damaged = parameters.coding in self._modem.quirks.fax.damages
        self._zeros = 0 if parameters.ecm else self._modem.quirks.fax.zeros_before_page
        self._decoder = PageDecoder(parameters.coding, parameters.row_dots)
        self._kept = bytearray()
        """What came before the DTE let it come."""
        self.started = False
        self._over = False
        """Whether no more comes of it."""
        self._told_over = False
        self._then: Callable[[], None] | None = None

    def start(self) -> None:
        if self.started:
            return
        self.started = True
        self._modem.uart.gap = 0.0
        self._hand_up(bytes(self._zeros) + self._kept)
        self._kept.clear()
        if self._over:
            self.over()
        if self._then is not None:
            self.end(self._then)

    def octets(self, octets: bytes) -> None:
        if self._lost:
            return
        self._decoder.feed(octets)
        if self.started:
            self._hand_up(octets)
        else:
            self._kept += octets

    def over(self, *, forced: bool = False) -> None:
        """No more comes of it: DLE ETX, as soon as the DTE lets it come, or at once."""
        self._over = True
        if (self.started or forced) and not self._told_over:
            self._told_over = True
            self._hand_up(self._turn_off)
            self._modem.to_dte(END)

    def end(self, then: Callable[[], None], *, forced: bool = False) -> None:
        """The sender has said what follows: ``over``, and ``then``."""
        self.over(forced=forced)
        if self._told_over:
            self._modem.uart.gap = self._modem.quirks.reply_gap
            then()
        else:
            self._then = then

    def report(self) -> PageReport:
        """What it is worth; to be asked for once."""
        return self._decoder.finish().report

    def _hand_up(self, octets: bytes) -> None:
        if self._damaged:
            octets = octets.translate(DAMAGED)
        self._modem.to_dte(shielded(octets.translate(REVERSED) if self._reversed else octets))


def _good(found: PageReport, values: FaxSettings) -> bool:
    """The modem's own word on a page, by the copy quality that the DTE has asked for (+FCQ)."""
    if not values.number(QUALITY):
        return True
    if not values.dialect.draft:
        share, most = values.all_numbers(RECEIVE_QUALITY)
        return found.longest_bad_run <= most and found.bad_rows * 100 <= found.rows * (100 - share)
    too_many = found.bad_rows * values.number(BAD_MULTIPLIER) > found.rows
    most = values.number(BAD_LINES)
    return not too_many and not (most and found.longest_bad_run > most)
