"""A fax that the controller sends: SFF from the application, page by page.

A page goes on the line as its carrier is wanted, and its rows once all of it has come: fill, or flags with
error correction, hold the line until then. Of what is next the SFF document's next header tells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from faxhw.capi import sff
from faxhw.capi.fields import CapiError
from faxhw.session import Event, FormatWanted, NextStep, OutgoingPage, PageSent, PageWanted, Reply
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import page_chunks
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Format, Formats, PageWidth, Parameters, Resolution
from faxhw_drivers.sim.capi.model import FaxReason

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.fax import FaxLink
    from faxhw_drivers.sim.performer import Later

PATIENCE = 10.0
"""Seconds of fill after which a page that does not come is given up: twice what a row may take (T.4
clause 3)."""
MOST_WAITING = 2
"""Whole pages beyond which an application's data are not confirmed any more."""
_PREFERRED = (Coding.MMR, Coding.MR, Coding.MH)
_FILL = b"\0"


@dataclass
class _Page:
    decoder: PageDecoder
    rows: list[Row] | None = None
    """All of it, once it is complete."""
    last: bool = False


class Sending:
    """The sending role."""

    def __init__(self, link: FaxLink) -> None:
        self._link = link
        self._reader = sff.SffReader()
        self._pages: deque[_Page] = deque()
        """Those that are not confirmed yet; the last one may be still to come."""
        self._held: deque[Callable[[], None]] = deque()
        """Confirmations that the application waits for."""
        self.complete = False
        """Whether the last page is confirmed."""

    def on(self, event: Event) -> Reply | Later:
        match event:
            case FormatWanted(formats):
                return self._format(formats)
            case PageWanted(parameters):
                self._link.page_begins()
                return self._outgoing(parameters)
            case PageSent(confirmed):
                if confirmed:
                    self._confirmed()
        return None

    def write(self, data: bytes, taken: Callable[[], None]) -> None:
        self._held.append(taken)
        try:
            items = self._reader.feed(data)
            for item in items:
                self._take(item)
        except CapiError:
            self._link.end(FaxReason.BAD_DATA)
        self._make_room()

    def drained(self) -> None:
        pass  # nothing is delivered

    def finish(self) -> bool:
        """The application has no more pages: whether what there is ends by itself."""
        if self._reader.ended:
            return bool(self._pages)
        if self._pages and self._reader.rows:
            self._complete(last=True)
            return True
        return False

    def cancelled(self) -> None:
        pass  # no word is owed to the procedure

    def ended(self) -> None:
        self._pages.clear()
        self._make_room()

    def _take(self, item: sff.SffItem) -> None:
        match item:
            case sff.SffPage(width, fine):
                if fine is not (self._link.protocol.resolution is Resolution.FINE):
                    raise CapiError("a page of another resolution than the call's")
                if width != PageWidth.A4.dots(Resolution.STANDARD):
                    raise CapiError(f"a page of {width} dots")
                self._pages.append(_Page(PageDecoder(Coding.MH, width)))
            case sff.SffOctets(data):
                self._pages[-1].decoder.feed(data)
            case sff.SffPageEnd(last=last):
                self._complete(last=last)

    def _complete(self, *, last: bool) -> None:
        page = self._pages[-1]
        page.decoder.feed(sff.RTC)
        page.rows, page.last = page.decoder.finish().rows, last

    def _confirmed(self) -> None:
        self._link.pages += 1
        self.complete = self._pages.popleft().last
        self._make_room()

    def _make_room(self) -> None:
        """Confirm what there is room for."""
        while self._held and sum(page.rows is not None for page in self._pages) < MOST_WAITING:
            self._held.popleft()()

    def _format(self, formats: Formats) -> Format | None:
        resolution = self._link.protocol.resolution
        if resolution not in formats.resolutions:
            self._link.end_soon(FaxReason.UNSUPPORTED)
            return None
        coding = next(each for each in _PREFERRED if each in formats.codings)
        return Format(coding, resolution, PageWidth.A4, formats.length)

    def _outgoing(self, parameters: Parameters) -> OutgoingPage:
        outgoing = OutgoingPage((), NextStep.MORE_PAGES)
        outgoing.data = self._octets(parameters, outgoing)
        return outgoing

    def _octets(self, parameters: Parameters, outgoing: OutgoingPage) -> Iterator[bytes]:
        world, began = self._link.world, self._link.world.now
        while not self._pages or (rows := self._pages[0].rows) is None:
            if world.now - began > PATIENCE:
                self._link.end_soon(FaxReason.UNDERRUN)
            yield b"" if parameters.ecm else _FILL
        yield from page_chunks(
            rows,
            parameters.coding,
            parameters.row_dots,
            k=2 if parameters.resolution is Resolution.STANDARD else 4,
            min_row_bits=ceil(parameters.min_scan_time * parameters.modulation.rate),
        )
        outgoing.next_step = NextStep.NO_MORE if self._pages[0].last else NextStep.MORE_PAGES
