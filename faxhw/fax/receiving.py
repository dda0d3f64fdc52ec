"""The receiving job's work: pages decoded, judged, stored, and only then confirmed.

A page is confirmed (MCF, RTP) when it is on disk and not before; one that is too badly damaged is asked for
again a few times, one that cannot be stored ends the fax (``faxhw.session.Verdict``).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from faxhw.errors import StorageError
from faxhw.fax.call import Call
from faxhw.fax.details import FaxDetails
from faxhw.fax.documents import FaxToReceive, PageDetails, Quality
from faxhw.fax.options import Chosen
from faxhw.session import (
    Cancelled,
    Event,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    Parameters,
    Reply,
    SessionError,
    Status,
    Verdict,
)
from faxhw.t4.decode import DecodedPage, PageDecoder, PageReport
from faxhw.t4.encode import encode_page
from faxhw.tiff import TiffFax, TiffPage

log = logging.getLogger("faxhw.fax")

PAGE_RETRIES = 2
"""How often one page is asked for again before the fax is given up."""


@dataclass(slots=True)
class _PageInHand:
    """A page while it comes."""

    parameters: Parameters
    began: float
    decoder: PageDecoder = field(init=False)
    size: int = 0

    def __post_init__(self) -> None:
        self.decoder = PageDecoder(self.parameters.coding, self.parameters.row_dots)

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        self.decoder.feed(data)


class Receiving:
    """The ``Work`` of a job that receives."""

    def __init__(self, call: Call, details: FaxDetails, document: FaxToReceive, options: Chosen) -> None:
        self.ending: tuple[Status, Exception | None] | None = None
        self._call = call
        self._details = details
        self._document = document
        self._options = options
        self._max_pages = options.number("MaxPages")
        self._page: _PageInHand | None = None
        self._rejections = 0
        self._stored: bytes | None = None
        """The page stored last, if it is in the file as it came."""
        self._cut_at = 0
        """Rows of the last page that came without RTC."""
        self._sends_no_rtc = False
        """Whether this sender ends its pages so by habit."""
        self._file = TiffFax(document.path)

    def handle(self, event: Event) -> Reply:
        match event:
            case PageBegins(parameters):
                if self._max_pages and self._details.pages >= self._max_pages:
                    raise Cancelled(f"The fax has more pages than MaxPages={self._max_pages} allows.")
                self._page = _PageInHand(parameters, self._call.clock.monotonic())
            case PageData(data):
                page = self._page_in_hand()
                page.feed(data)
                self._details.page_octets = page.size
                self._limit_length(page)
            case PageEnds():
                page, self._page = self._page_in_hand(), None
                self._details.page_octets = 0
                return self._judge(page, event)
            case _:
                raise SessionError(f"a session that receives came up with {type(event).__name__}")
        return None

    def close(self) -> None:
        self._file.close()

    def _page_in_hand(self) -> _PageInHand:
        if self._page is None:
            raise SessionError("page data came before the page")
        return self._page

    def _limit_length(self, page: _PageInHand) -> None:
        """End the fax over a page without end: a second time it would be so again, and a part is not kept."""
        if page.decoder.too_long:
            self.ending = (Status.PAGE_QUALITY, None)
            raise Cancelled("The page is longer than any page can be.")

    # ------------------------------------------------------------------------------------------------------
    # The verdict

    def _judge(self, page: _PageInHand, ends: PageEnds) -> Verdict:
        decoded = page.decoder.finish()
        self._limit_length(page)
        if ends.perhaps_again and decoded.clean is not None and decoded.clean == self._stored:
            log.info(
                "%s: page %d came once more and is not stored twice", self._call.name, self._details.pages
            )
            return Verdict.GOOD
        quality = self._quality(decoded.report, intact=ends.intact)
        log.info(
            "%s: page %d: %s, %s", self._call.name, self._details.pages + 1, quality, _said(decoded.report)
        )
        if quality is Quality.BAD and (
            self._options.values["OnBadPage"] != "KEEP" or not decoded.report.rows
        ):
            return self._refuse()
        details = self._page_details(page, ends, decoded.report, quality)
        try:
            self._store(page.parameters, decoded)
        except StorageError as error:
            self.ending = (Status.STORAGE_FAILED, error)
            return Verdict.FAILED
        self._rejections = 0
        self._stored = decoded.clean
        self._count(details, last=ends.next_step is NextStep.NO_MORE or details.number == self._max_pages)
        return Verdict.RETRAIN if quality is Quality.BAD else Verdict.GOOD

    def _quality(self, report: PageReport, *, intact: bool) -> Quality:
        """What a page is worth by the options' limits."""
        if not report.rows:
            return Quality.BAD
        if intact:  # the sender itself made it so: a second time would bring the same
            return Quality.FAIR if report.bad_rows else Quality.GOOD
        if not report.complete and not self._ends_so(report):
            return Quality.BAD
        if 100 * report.bad_rows > report.rows * self._options.number("MaxPercentBadLines"):
            return Quality.BAD
        if report.longest_bad_run > self._options.number("MaxConsecBadLines"):
            return Quality.BAD
        return Quality.FAIR if report.bad_rows or not report.complete else Quality.GOOD

    def _ends_so(self, report: PageReport) -> bool:
        """Whether a page without RTC is whole all the same.

        It was cut off, and nobody knows how much is missing; or else its sender leaves RTC out, and then the
        page ends at the same row when it comes again.
        """
        if not report.bad_rows and report.rows == self._cut_at:
            self._sends_no_rtc = True
        self._cut_at = report.rows
        return self._sends_no_rtc and not report.bad_rows

    def _refuse(self) -> Verdict:
        if self._options.values["OnBadPage"] == "ABORT" or self._rejections >= PAGE_RETRIES:
            self.ending = (Status.PAGE_QUALITY, None)
            return Verdict.GIVEN_UP
        self._rejections += 1
        return Verdict.REJECTED

    # ------------------------------------------------------------------------------------------------------
    # The file

    def _store(self, parameters: Parameters, decoded: DecodedPage) -> None:
        """Append the page and sync it: octets as they came where they are clean, else the repaired rows."""
        data = decoded.clean
        if data is None:
            data = encode_page(decoded.rows, parameters.coding, parameters.row_dots, finish=False)
        remote_id = self._details.remote_id
        self._file.append(
            TiffPage(
                data=data,
                coding=parameters.coding,
                width=parameters.row_dots,
                rows=decoded.report.rows,
                resolution=parameters.resolution,
                bad_rows=decoded.report.bad_rows,
                longest_bad_run=decoded.report.longest_bad_run,
                description=f"fax from {remote_id}" if remote_id else "fax",
                make="faxhw",
                model=self._call.device.description,
                date=self._call.clock.now(),
            )
        )

    def _page_details(
        self, page: _PageInHand, ends: PageEnds, report: PageReport, quality: Quality
    ) -> PageDetails:
        parameters = page.parameters
        return PageDetails(
            number=self._details.pages + 1,
            receive_quality=quality,
            width=parameters.row_dots,
            length=report.rows,
            resolution=str(parameters.resolution),
            compression=str(parameters.coding),
            size=page.size,
            data_rate=parameters.modulation.rate,
            seconds=self._call.clock.monotonic() - page.began,
            bad_rows=report.bad_rows,
            longest_bad_run=report.longest_bad_run,
            retransmissions=ends.retransmissions + self._rejections,
        )

    def _count(self, page: PageDetails, *, last: bool) -> None:
        with self._call.monitor:
            self._document.PageDetails.append(page)
            self._details.update(pages=page.number, last_page=last)
            self._call.monitor.notify_all()


def _said(report: PageReport) -> str:
    """A report in words, for the log."""
    damage = f", {report.bad_rows} bad, {report.longest_bad_run} of them together" if report.bad_rows else ""
    end = "" if report.complete else ", without its end"
    return f"{report.rows} rows{damage}{end}"
