"""The sending job's work: pages drawn as the far end takes them, and counted once it confirms them.

A page is made ready in the background (``ahead``): the first from the start of the job on, for what our side
can do, each other one while the page before it is on the line. So the far end waits for a page only if that
is slower to draw than the whole of phase B, or than a page to send.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from faxhw.errors import StorageError
from faxhw.fax.ahead import Ahead
from faxhw.fax.call import Call
from faxhw.fax.details import FaxDetails
from faxhw.fax.documents import FaxToSend, PageDetails, Quality
from faxhw.fax.options import Chosen
from faxhw.fax.preparing import LineCoding, Order, PreparedPage, densest, prepare
from faxhw.fax.rendering import Heading, Plan, choose
from faxhw.session import (
    Cancelled,
    Event,
    FormatWanted,
    NextStep,
    OutgoingPage,
    PagesDelivered,
    PageSent,
    PageTaken,
    PageWanted,
    Refused,
    Reply,
    SessionError,
    Status,
)
from faxhw.terms import Coding, Format, Formats, Parameters, Resolution, Settings

log = logging.getLogger("faxhw.fax")

FORMAT_PATIENCE = 1.5
"""Seconds that the choice of a coding may wait for the page: the far end repeats its DIS after 3 (T4)."""
_PIECE = 1024
"""Octets handed to the line at a time: half a second at 14400 bit/s."""


@dataclass(frozen=True, slots=True)
class _SheetUnderWay:
    """A sheet that was given to the session and is not confirmed."""

    parameters: Parameters
    length: int
    octets: _Octets
    began: float
    retransmissions: int


@dataclass(frozen=True, slots=True)
class _SheetTaken:
    """A sheet that the device has taken, and of which it tells at the end."""

    at: int
    """Where it stands in the document's ``PageDetails``."""
    page: int
    last: bool
    """Whether it is the page's last one."""


class _Octets:
    """The octets of a sheet, and how far they have gone to the line; may be gone through more than once."""

    def __init__(self, data: bytes, details: FaxDetails, begun: Callable[[], None]) -> None:
        """``begun`` is called when the line takes the first of them."""
        self.size = len(data)
        self._data = data
        self._details = details
        self._begun = begun

    def __iter__(self) -> Iterator[bytes]:
        self._begun()
        self._details.page_size = self.size
        for start in range(0, self.size, _PIECE):
            self._details.page_octets = start
            yield self._data[start : start + _PIECE]
        self._details.page_octets = self.size


class Sending:
    """The ``Work`` of a job that sends."""

    def __init__(self, call: Call, details: FaxDetails, document: FaxToSend, options: Chosen) -> None:
        self.ending: tuple[Status, Exception | None] | None = None
        self._call = call
        self._details = details
        self._document = document
        self._source = document.source()
        self._heading = Heading(options.values["Header"], call.clock.now(), options.values["SubscriberId"])
        self._page = document.first_page - 1
        """The page in hand, from 0."""
        self._sheet = 0
        self._arrived = True
        """Whether all sheets of it so far were confirmed."""
        self._ready: PreparedPage | None = None
        """The page in hand, once it is ready."""
        self._formats: Formats | None = None
        self._format: Format | None = None
        """The format in force."""
        self._under_way: _SheetUnderWay | None = None
        self._taken: list[_SheetTaken] = []
        """Sheets of which it is not known yet whether they arrived."""
        self._on_bad_page = options.values["OnBadPage"]
        self._ahead: Ahead[Order, PreparedPage] = Ahead(
            call.clock, f"pages {call.name}", lambda order: prepare(self._source, order)
        )
        document.next_page = document.first_page
        self._begin(self._page, _the_most(options.settings))

    def handle(self, event: Event) -> Reply:
        match event:
            case FormatWanted(formats):
                return self._choose(formats)
            case PageWanted(parameters):
                return self._next_sheet(parameters, with_rtc=event.with_rtc)
            case PageSent(confirmed, retransmissions):
                return self._sheet_sent(confirmed=confirmed, corrections=retransmissions)
            case PageTaken():
                self._sheet_taken()
            case PagesDelivered(pages):
                self._delivered(pages)
            case _:
                raise SessionError(f"a session that sends came up with {type(event).__name__}")
        return None

    def close(self) -> None:
        self._ahead.close()
        self._details.page_octets = self._details.page_size = 0
        if self._under_way is not None:
            self._document.PageDetails.append(self._page_details(self._under_way, confirmed=False))

    # ------------------------------------------------------------------------------------------------------
    # What the session wants

    def _choose(self, formats: Formats) -> Format:
        """The format of the page in hand, and of those behind it that suit the same."""
        self._formats = formats
        self._require_a_page()
        chosen = choose(self._source.originals[self._page], formats, self._format)
        ready = self._take(self._plan(self._page, chosen), formats.codings, FORMAT_PATIENCE)
        coding = densest(formats.codings) if ready is None else ready.best_coding(formats.codings)
        self._format = replace(chosen, coding=coding)
        return self._format

    def _next_sheet(self, parameters: Parameters, *, with_rtc: bool) -> OutgoingPage:
        """The first sheet that is not confirmed."""
        self._require_a_page()
        form = Format(parameters.coding, parameters.resolution, parameters.width, parameters.length)
        self._format = form
        coding = LineCoding.of(parameters, with_rtc=with_rtc)
        ready = self._take(self._plan(self._page, form), frozenset({form.coding}), None, coding.min_row_bits)
        if ready is None:
            raise SessionError("a page did not come though it was waited for")
        step, prepare_next = self._step(ready, form, coding)
        octets = _Octets(ready.octets(coding)[self._sheet], self._details, prepare_next)
        before = self._under_way
        self._under_way = _SheetUnderWay(
            parameters,
            length=ready.sheets[self._sheet].height,
            octets=octets,
            began=self._call.clock.monotonic(),
            retransmissions=before.retransmissions + 1 if before is not None else 0,
        )
        return OutgoingPage(octets, step)

    def _step(
        self, ready: PreparedPage, form: Format, coding: LineCoding
    ) -> tuple[NextStep, Callable[[], None]]:
        """What comes after this sheet; and what makes it ready, if it is another page.

        That is for when this one is on the line: before, it would be in the way of the modem's commands.
        """
        if self._sheet + 1 < len(ready.sheets):
            return NextStep.MORE_PAGES, _nothing
        page = self._page + 1
        if page == self._source.pages:
            return NextStep.NO_MORE, _nothing
        formats = self._formats
        if formats is not None:  # else the session asks for no format, and cannot be given another one
            wanted = choose(self._source.originals[page], formats, form)
            if replace(wanted, coding=form.coding) != form:
                return NextStep.MORE_DOCUMENTS, lambda: self._begin(page, formats)
        codings = frozenset({form.coding})
        return NextStep.MORE_PAGES, lambda: self._order(page, form, codings, coding.min_row_bits)

    def _sheet_sent(self, *, confirmed: bool, corrections: int) -> Refused | None:
        """Count a sheet that is confirmed; one that is refused is sent again, or not, as the options say."""
        said = "confirmed" if confirmed else "refused"
        log.info("%s: page %d was %s", self._call.name, self._page + 1, said)
        self._details.page_octets = self._details.page_size = 0
        if not confirmed and self._on_bad_page == "RETRAIN":
            return Refused.SEND_AGAIN
        if not confirmed and self._on_bad_page == "ABORT":
            self.ending = (Status.PAGE_QUALITY, None)
            raise Cancelled(f"The far end refused page {self._page + 1}, and OnBadPage is ABORT.")
        self._next(confirmed=confirmed, corrections=corrections)
        return None if confirmed else Refused.GO_ON

    def _next(self, *, confirmed: bool, corrections: int = 0) -> None:
        """Go on to the next sheet."""
        sheet, ready = self._under_way, self._ready
        if sheet is None or ready is None:
            raise SessionError("a page was confirmed that was not sent")
        self._under_way = None
        sheet = replace(sheet, retransmissions=sheet.retransmissions + corrections)
        details = self._page_details(sheet, confirmed=confirmed)
        with self._call.monitor:
            self._document.PageDetails.append(details)
            self._arrived &= confirmed
            self._sheet += 1
            if self._sheet == len(ready.sheets):
                self._turn_the_page()
            self._call.monitor.notify_all()

    def _sheet_taken(self) -> None:
        """Go on to the next sheet; whether this one arrives is not known yet."""
        page, at = self._page, len(self._document.PageDetails)
        self._details.page_octets = self._details.page_size = 0
        self._next(confirmed=False)
        self._taken.append(_SheetTaken(at, page, last=self._page != page))

    def _delivered(self, pages: int) -> None:
        """Count those of the sheets taken that have arrived: the first so many."""
        taken, self._taken = self._taken[:pages], self._taken[pages:]
        with self._call.monitor:
            for sheet in taken:
                details = self._document.PageDetails
                details[sheet.at] = replace(details[sheet.at], confirmed=True, receive_quality=Quality.GOOD)
                if sheet.last:
                    self._count(sheet.page)
            self._call.monitor.notify_all()

    def _count(self, page: int) -> None:
        """Note that a page, from 0, has arrived."""
        self._details.update(pages=self._details.pages + 1)
        if self._document.next_page == page + 1:
            self._document.next_page += 1

    def _turn_the_page(self) -> None:
        if self._arrived:
            self._count(self._page)
        self._page, self._sheet, self._ready, self._arrived = self._page + 1, 0, None, True
        self._details.update(last_page=self._page == self._source.pages)

    # ------------------------------------------------------------------------------------------------------
    # Pages

    def _require_a_page(self) -> None:
        if self._page >= self._source.pages:
            raise SessionError("a page was wanted after the last one")

    def _plan(self, page: int, form: Format) -> Plan:
        heading = ""
        if self._heading.template:
            call = self._call.details
            dialled = "" if call.rings else call.call_to  # of a call that came it is our own number
            heading = replace(self._heading, receiver=dialled or self._details.remote_id).text(
                page + 1, self._source.pages
            )
        return self._source.plan(page, form.resolution, form.width, form.length, heading)

    def _begin(self, page: int, formats: Formats) -> None:
        """Make a page ready, in the format that suits it of those."""
        form = choose(self._source.originals[page], formats, self._format)
        self._order(page, form, formats.codings)

    def _order(self, page: int, form: Format, codings: frozenset[Coding], min_row_bits: int = 0) -> None:
        self._ahead.begin(Order(self._plan(page, form), codings, min_row_bits))

    def _take(
        self, plan: Plan, codings: frozenset[Coding], patience: float | None, min_row_bits: int = 0
    ) -> PreparedPage | None:
        """The page in hand, made as planned; ``None`` if that takes longer than ``patience``."""
        if self._ready is not None and self._ready.plan == plan:
            return self._ready
        if self._ready is not None and self._sheet:
            log.info("%s: page %d begins anew in another format", self._call.name, plan.page + 1)
            self._sheet, self._arrived = 0, True
        self._ready = None
        try:
            self._ready = self._ahead.take(Order(plan, codings, min_row_bits), patience)
        except StorageError as error:
            self.ending = (Status.STORAGE_FAILED, error)
            raise Cancelled("the page cannot be read") from error
        return self._ready

    def _page_details(self, sheet: _SheetUnderWay, *, confirmed: bool) -> PageDetails:
        parameters = sheet.parameters
        return PageDetails(
            number=self._page + 1,
            sheet=self._sheet + 1,
            receive_quality=Quality.GOOD if confirmed else Quality.BAD,
            width=parameters.row_dots,
            length=sheet.length,
            resolution=str(parameters.resolution),
            compression=str(parameters.coding),
            size=sheet.octets.size,
            data_rate=parameters.modulation.rate,
            seconds=self._call.clock.monotonic() - sheet.began,
            retransmissions=sheet.retransmissions,
            confirmed=confirmed,
        )


def _nothing() -> None:
    pass


def _the_most(settings: Settings) -> Formats:
    """What the far end can do if it can do all that we can."""
    return Formats(
        settings.codings | {Coding.MH},
        settings.resolutions | {Resolution.STANDARD},
        settings.width,
        settings.length,
    )
