"""Sending by T.30 in the card: pages as SFF, as fast as the card takes them.

CAPI tells of a page that it was taken, not that it was confirmed: how many were, the NCPI says at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn

from faxhw.capi import sff
from faxhw.capi.structures import FaxOption
from faxhw.session import (
    FormatWanted,
    NextStep,
    OutgoingPage,
    PagesDelivered,
    PageTaken,
    PageWanted,
    SessionError,
    Status,
)
from faxhw.t4.decode import PageDecoder
from faxhw.terms import Coding, Format, Formats, PageLength, PageWidth, Parameters, Resolution, Settings
from faxhw_drivers.capi.faxing import PAGE_PATIENCE, Fax, Steps
from faxhw_drivers.capi.transports import BLOCK_SIZE

_RESOLUTIONS = frozenset({Resolution.STANDARD, Resolution.FINE})


class Sending:
    """The pages of a call."""

    def __init__(self, fax: Fax, settings: Settings) -> None:
        self._fax = fax
        self._settings = settings
        self._waiting = bytearray()
        """What does not fill a block yet."""
        self._taken = 0
        """Pages that the card has whole, or as good as."""
        self._complete = False
        """Whether all of the document was given."""

    def steps(self, *, polled: bool) -> Steps[NoReturn]:
        """``polled``: whether the far end has called to fetch the document."""
        fax, call = self._fax, self._fax.call
        form = yield from self._choose(self._settings.resolutions & _RESOLUTIONS)
        fine = form.resolution is Resolution.FINE
        settled = yield from fax.begin(self._settings, fine=fine, polls=polled)
        if fine and FaxOption.HIGH_RESOLUTION not in fax.facts().options:
            yield from self._choose(frozenset({Resolution.STANDARD}))
        yield from self._write(sff.document_header())
        while (yield from self._page(settled)) is not NextStep.NO_MORE:
            pass
        yield from self._write(sff.document_end(), last=True)
        self._complete = True
        yield from self._wait(lambda: not call.unconfirmed)
        fax.finish()
        yield from self._wait(lambda: False)
        raise AssertionError("a fax without an end")

    def lost(self) -> Steps[None]:
        """The connection to the CAPI is lost, and nobody can tell what was confirmed."""
        yield PagesDelivered(0)

    def _choose(self, resolutions: frozenset[Resolution]) -> Steps[Format]:
        possible = Formats(
            frozenset({Coding.MH}), resolutions | {Resolution.STANDARD}, PageWidth.A4, PageLength.UNLIMITED
        )
        form = yield FormatWanted(possible)
        if form is not None and not isinstance(form, Format):
            raise SessionError(f"FormatWanted was answered by {form!r}")
        return form or Format(resolution=max(possible.resolutions, key=lambda each: each.value))

    def _page(self, settled: Parameters) -> Steps[NextStep]:
        """Give the card a page: what follows it."""
        page = yield PageWanted(settled, with_rtc=True)
        if not isinstance(page, OutgoingPage):
            raise SessionError(f"PageWanted was answered by {page!r}")
        for record in self._records(page, settled):
            yield from self._write(record)
        self._taken += 1
        yield PageTaken()
        return page.next_step

    def _records(self, page: OutgoingPage, settled: Parameters) -> Iterator[bytes]:
        """A page in SFF."""
        decoder = PageDecoder(Coding.MH, settled.row_dots)
        for piece in page.data:
            decoder.feed(piece)
        rows = decoder.finish().rows
        fine = settled.resolution is Resolution.FINE
        return sff.page(rows, settled.row_dots, fine=fine, length=len(rows))

    def _write(self, octets: bytes, *, last: bool = False) -> Steps[None]:
        """Give the card octets, a block at a time; what fills none waits for more, but for the ``last``."""
        self._waiting += octets
        while len(self._waiting) >= BLOCK_SIZE or (last and self._waiting):
            yield from self._wait(lambda: self._fax.call.room)
            self._fax.call.give(bytes(self._waiting[:BLOCK_SIZE]))
            del self._waiting[:BLOCK_SIZE]

    def _wait(self, predicate: Callable[[], bool]) -> Steps[None]:
        """Wait for the card; ends the session if the fax has ended."""
        fax, call = self._fax, self._fax.call
        met = fax.wait_for(lambda: predicate() or call.over or call.refused is not None, PAGE_PATIENCE)
        if call.over:
            told = fax.facts().pages if call.told_at_end else self._taken * (call.ended_b3 == 0)
            delivered = min(told, self._taken)
            yield PagesDelivered(delivered)
            fax.end(complete=self._complete and delivered == self._taken)
        if call.refused is not None:
            fax.disconnect(call.refused.status, f"the card does not take a page: {call.refused}")
        if not met:
            fax.disconnect(Status.SEND_C, "the card takes nothing more of the fax")
