"""Receiving by T.30 in the card: SFF pages, each stored before its last block is answered.

The card confirms pages to their sender by itself. CAPI does not say when: a card that waits until a page's
blocks are answered (DATA_B3_RESP) confirms nothing that is not on disk, provided the page's header says how
many rows there are; one that does not wait may have confirmed a page that is still on its way here. What can
be promised is this: whatever of a page has come completely is stored, also when the call or the connection to
the CAPI breaks off, and a page that nobody can say is complete is stored as it is rather than lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from faxhw.capi.fields import CapiError
from faxhw.capi.messages import Message
from faxhw.capi.sff import RTC, SffItem, SffOctets, SffPage, SffPageEnd, SffReader
from faxhw.session import (
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    SessionError,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.terms import PageWidth, Parameters, Resolution, Settings
from faxhw_drivers.capi.faxing import PAGE_PATIENCE, Fax, Steps

_WIDTHS = {each.dots(Resolution.STANDARD): each for each in PageWidth}
_DISK_PATIENCE = 2.0
"""Seconds for which the disk is waited for at a time: in between the job can be stopped."""
_DISK_TRIES = 30
"""How often; the card holds its sender off, if it does, for T5 at most."""
_ENDINGS = {
    Verdict.FAILED: (Status.STORAGE_FAILED, "the page could not be stored"),
    Verdict.GIVEN_UP: (Status.PAGE_QUALITY, "the page had no rows"),
    Verdict.REJECTED: (Status.PAGE_QUALITY, "the card cannot be told to refuse a page"),
    Verdict.PENDING: (Status.STORAGE_FAILED, "the disk took too long over a page"),
}


class Receiving:
    """The pages of a call."""

    def __init__(self, fax: Fax, settings: Settings) -> None:
        self._fax = fax
        self._settings = settings
        self._reader = SffReader()
        self._settled: Parameters | None = None
        self._page: SffPage | None = None
        """The page in hand: it has not been stored."""
        self._stored = 0

    def steps(self, *, polls: bool) -> Steps[NoReturn]:
        """``polls``: whether the call is ours, and the far end holds a document ready."""
        fax, call = self._fax, self._fax.call
        fine = Resolution.FINE in self._settings.resolutions
        self._settled = yield from fax.begin(self._settings, fine=fine, polls=polls)
        while call.data or not call.over:
            if not fax.wait_for(lambda: bool(call.data) or call.over, PAGE_PATIENCE):
                fax.disconnect(Status.RECEIVE_C, "nothing more came of the fax")
            if call.data:
                yield from self._block(call.data.popleft())
        yield from self._last_page()
        fax.end(complete=self._page is None and self._stored > 0)

    def lost(self) -> Steps[None]:
        """The connection to the CAPI is lost: the card may have confirmed what is here."""
        call = self._fax.call
        while call.data:
            yield from self._items(self._read(call.data.popleft().data))
        yield from self._last_page(lost=True)

    # ------------------------------------------------------------------------------------------------------

    def _block(self, block: Message) -> Steps[None]:
        """A block of data: answered when whatever is complete with it has been stored."""
        yield from self._items(self._read(block.data))
        self._fax.call.answer(block)

    def _read(self, data: bytes) -> list[SffItem]:
        try:
            return self._reader.feed(data)
        except CapiError as error:
            self._fax.disconnect(Status.DEVICE_FAILED, str(error))

    def _items(self, items: list[SffItem]) -> Steps[None]:
        for item in items:
            match item:
                case SffPage():
                    self._page = item
                    yield PageBegins(self._parameters(item))
                case SffOctets(data):
                    if self._page is not None:  # else there are more rows than the page was said to have
                        yield PageData(data)
                case SffPageEnd():
                    yield from self._store(NextStep.NO_MORE if item.last else NextStep.MORE_PAGES)
        page = self._page
        if page is not None and 0 < page.length <= self._reader.rows:
            yield from self._store(NextStep.MORE_PAGES)

    def _parameters(self, page: SffPage) -> Parameters:
        if self._settled is None or page.width not in _WIDTHS:
            self._fax.disconnect(Status.DEVICE_FAILED, f"the card gives a page of {page.width} dots")
        return replace(
            self._settled,
            resolution=Resolution.FINE if page.fine else Resolution.STANDARD,
            width=_WIDTHS[page.width],
        )

    def _last_page(self, *, lost: bool = False) -> Steps[None]:
        """Store the page in hand if it may have been confirmed, which the card's count of pages may tell."""
        page, facts = self._page, self._fax.facts()
        if page is None or not self._reader.rows:
            return
        counted = self._fax.call.told_at_end and not lost
        if facts.pages > self._stored if counted else not page.length:
            yield from self._store(NextStep.NO_MORE)

    def _store(self, step: NextStep) -> Steps[None]:
        """Have the page in hand stored, once."""
        if self._page is None:
            return
        self._page = None
        yield PageData(RTC)
        verdict = yield PageEnds(step, settled=True, patience=_DISK_PATIENCE)
        for _ in range(_DISK_TRIES):
            if verdict is Verdict.PENDING:
                verdict = yield VerdictWanted(_DISK_PATIENCE)
        if not isinstance(verdict, Verdict):
            raise SessionError(f"PageEnds was answered by {verdict!r}")
        if verdict in _ENDINGS:
            self._fax.disconnect(*_ENDINGS[verdict])
        self._stored += 1
