"""A fax that the controller receives: each page, once it has come, goes to the application as SFF.

A page is confirmed to its sender when the application has answered the last block of it, not sooner, unless
the model is ``hasty``: what an application has not taken is sent again. A page with too many bad rows never
gets to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faxhw.capi import sff
from faxhw.session import (
    Event,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    Reply,
    Verdict,
    VerdictWanted,
)
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import Row
from faxhw.terms import Parameters, Resolution
from faxhw_drivers.sim.capi.model import FaxReason
from faxhw_drivers.sim.performer import Later
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.fax import FaxLink

WORST = 20
"""A page is refused if one of so many rows is bad."""


class Receiving:
    """The receiving role."""

    def __init__(self, link: FaxLink, *, hasty: bool) -> None:
        self._link = link
        self._hasty = hasty
        self._decoder: PageDecoder | None = None
        self._last: list[Row] = []
        """The page that was confirmed last."""
        self._page: list[Row] = []
        self._begun = self._closed = False
        """Whether the document's header, and its end, have been delivered."""
        self._held = False
        self._patience: Timer | None = None

    def on(self, event: Event) -> Reply | Later:
        match event:
            case PageBegins(parameters):
                self._decoder = PageDecoder(parameters.coding, parameters.row_dots)
                self._link.page_begins()
            case PageData(data):
                if self._decoder is not None:
                    self._decoder.feed(data)
            case PageEnds():
                return self._page_ends(event)
            case VerdictWanted(patience):
                return self._word(patience)
        return None

    def write(self, data: bytes, taken: Callable[[], None]) -> None:
        """Nothing is sent in a fax that is received."""
        self._link.end_soon(FaxReason.BAD_DATA)
        taken()

    def drained(self) -> None:
        """The application has taken the page."""
        if self._held:
            self._stop_waiting()
            self._link.reply(self._confirm())

    @property
    def complete(self) -> bool:
        """Whether the last page is confirmed."""
        return self._closed and self._last is self._page

    def finish(self) -> bool:
        """Whether it ends by itself, without further ado."""
        return self.complete

    def cancelled(self) -> None:
        """The fax is to end: nothing is confirmed any more."""
        self._stop_waiting()

    def ended(self) -> None:
        self._stop_waiting()
        if self._begun and not self._closed:
            self._close()

    def _page_ends(self, event: PageEnds) -> Reply | Later:
        decoder, self._decoder = self._decoder, None
        parameters = self._link.parameters
        if decoder is None or parameters is None:
            return Verdict.REJECTED
        found = decoder.finish()
        if event.perhaps_again and found.rows == self._last:
            return Verdict.GOOD
        if not event.intact and found.report.bad_rows * WORST > found.report.rows:
            return Verdict.REJECTED
        self._page = found.rows
        self._deliver(parameters)
        if event.next_step is NextStep.NO_MORE:
            self._close()
        return self._word(event.patience)

    def _deliver(self, parameters: Parameters) -> None:
        fine = parameters.resolution is not Resolution.STANDARD
        page = b"".join(sff.page(self._page, parameters.row_dots, fine=fine, length=len(self._page)))
        if not self._begun:
            self._begun = True
            page = sff.document_header() + page
        ncci = self._link.ncci
        if self._link.drops_now:
            ncci.deliver(page[: ncci.application.block_size])
            self._link.drop()
        else:
            ncci.deliver(page)

    def _close(self) -> None:
        self._closed = True
        self._link.ncci.deliver(sff.document_end())

    def _word(self, patience: float | None) -> Verdict | Later:
        """Good once the application has all of the page; until then its sender waits."""
        if self._hasty or self._link.ncci.idle:
            return self._confirm()
        if patience == 0:
            return Verdict.PENDING
        self._held = True
        if patience is not None:
            self._patience = self._link.world.call_later(patience, self._no_word)
        return Later.LATER

    def _confirm(self) -> Verdict:
        self._last = self._page
        self._link.pages += 1
        return Verdict.GOOD

    def _no_word(self) -> None:
        self._stop_waiting()
        self._link.reply(Verdict.PENDING)

    def _stop_waiting(self) -> None:
        self._held = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
