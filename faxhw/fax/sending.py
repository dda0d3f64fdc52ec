"""The sending job's work: pages rendered as the far end takes them, and counted once it confirms them."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from faxhw.errors import StorageError
from faxhw.fax.call import Call
from faxhw.fax.details import FaxDetails
from faxhw.fax.documents import FaxToSend, PageDetails, Quality
from faxhw.fax.options import Chosen
from faxhw.fax.rendering import PageSource
from faxhw.session import (
    Cancelled,
    Event,
    FormatWanted,
    NextStep,
    OutgoingPage,
    PageSent,
    PageWanted,
    Parameters,
    Reply,
    SessionError,
    Status,
)
from faxhw.t4.encode import encode_page

log = logging.getLogger("faxhw.fax")


@dataclass(frozen=True, slots=True)
class _PageUnderWay:
    """A page that was given to the session and is not confirmed."""

    parameters: Parameters
    length: int
    size: int
    began: float
    retransmissions: int


class Sending:
    """The ``Work`` of a job that sends."""

    def __init__(self, call: Call, details: FaxDetails, document: FaxToSend, options: Chosen) -> None:
        self.ending: tuple[Status, Exception | None] | None = None
        self._call = call
        self._details = details
        self._document = document
        self._source = PageSource(document.path, options.values["Header"])
        self._under_way: _PageUnderWay | None = None

    def handle(self, event: Event) -> Reply:
        match event:
            case FormatWanted():
                return None
            case PageWanted(parameters):
                return self._next_page(parameters)
            case PageSent(confirmed):
                self._page_sent(confirmed=confirmed)
            case _:
                raise SessionError(f"a session that sends came up with {type(event).__name__}")
        return None

    def close(self) -> None:
        if self._under_way is not None:
            self._document.PageDetails.append(self._page_details(self._under_way, confirmed=False))

    def _next_page(self, parameters: Parameters) -> OutgoingPage:
        """The first page that is not confirmed."""
        number = self._details.pages
        if number >= self._source.pages:
            raise SessionError("a page was wanted after the last one")
        try:
            rows = self._source.rows(number, parameters)
        except StorageError as error:
            self.ending = (Status.STORAGE_FAILED, error)
            raise Cancelled("the page cannot be read") from error
        data = encode_page(
            rows,
            parameters.coding,
            parameters.row_dots,
            k=4 if parameters.resolution.y > 150 else 2,
            min_row_bits=math.ceil(parameters.modulation.rate * parameters.min_scan_time),
        )
        before = self._under_way
        self._under_way = _PageUnderWay(
            parameters,
            length=len(rows),
            size=len(data),
            began=self._call.clock.monotonic(),
            retransmissions=before.retransmissions + 1 if before is not None else 0,
        )
        last = number + 1 == self._source.pages
        return OutgoingPage((data,), NextStep.NO_MORE if last else NextStep.MORE_PAGES)

    def _page_sent(self, *, confirmed: bool) -> None:
        page = self._under_way
        if page is None:
            raise SessionError("a page was confirmed that was not sent")
        said = "confirmed" if confirmed else "refused"
        log.info("%s: page %d was %s", self._call.name, self._details.pages + 1, said)
        if not confirmed:
            return
        self._under_way = None
        details = self._page_details(page, confirmed=True)
        with self._call.monitor:
            self._document.PageDetails.append(details)
            self._details.update(pages=details.number, last_page=details.number == self._source.pages)
            self._call.monitor.notify_all()

    def _page_details(self, page: _PageUnderWay, *, confirmed: bool) -> PageDetails:
        parameters = page.parameters
        return PageDetails(
            number=self._details.pages + 1,
            receive_quality=Quality.GOOD if confirmed else Quality.BAD,
            width=parameters.row_dots,
            length=page.length,
            resolution=str(parameters.resolution),
            compression=str(parameters.coding),
            size=page.size,
            data_rate=parameters.modulation.rate,
            seconds=self._call.clock.monotonic() - page.began,
            retransmissions=page.retransmissions,
            confirmed=confirmed,
        )
