"""The receiving job's work: pages decoded, judged, stored, and only then confirmed.

A page is confirmed (MCF, RTP) when it is on disk and not before; one that is too badly damaged is asked for
again a few times, one that cannot be stored ends the fax (``faxhw.session.Verdict``). What takes time or
waits for the disk is done by a thread of its own (``faxhw.fax.errands``): a page is written as soon as
its carrier has dropped, and made part of the file when the sender has said its word.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from faxhw.errors import StorageError
from faxhw.fax.call import Call
from faxhw.fax.details import FaxDetails
from faxhw.fax.documents import FaxToReceive, PageDetails, Quality
from faxhw.fax.errands import Errand, Errands
from faxhw.fax.judging import Judge
from faxhw.fax.options import Chosen
from faxhw.fax.stored import tiff_page
from faxhw.session import (
    Cancelled,
    Event,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    Reply,
    SessionError,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t4.decode import DecodedPage, PageDecoder, PageReport
from faxhw.terms import Parameters, SignalFigures

log = logging.getLogger("faxhw.fax")

_CLOSING_TIME = 5.0
"""Seconds that the end of a fax waits for a disk that is still at work."""


@dataclass(slots=True)
class _PageInHand:
    """A page while it comes."""

    parameters: Parameters
    began: float
    decoder: PageDecoder = field(init=False)
    size: int = 0
    seconds: float = 0.0
    """Time on the line, once it is over."""
    finished: Errand[_FinishedPage] | None = None

    def __post_init__(self) -> None:
        self.decoder = PageDecoder(self.parameters.coding, self.parameters.row_dots)

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        self.decoder.feed(data)


@dataclass(frozen=True, slots=True)
class _FinishedPage:
    """A page that is over, decoded and judged; on disk if it is to be kept and could be written."""

    decoded: DecodedPage
    quality: Quality
    keep: bool
    failure: StorageError | None

    @property
    def report(self) -> PageReport:
        return self.decoded.report


class Receiving:
    """The ``Work`` of a job that receives."""

    def __init__(self, call: Call, details: FaxDetails, document: FaxToReceive, options: Chosen) -> None:
        self.ending: tuple[Status, Exception | None] | None = None
        self._call = call
        self._details = details
        self._document = document
        self._judge = Judge(options)
        self._max_pages = options.number("MaxPages")
        self._page: _PageInHand | None = None
        self._verdict: Errand[Verdict] | None = None
        """The word on the page that ended last."""
        self._stored: bytes | None = None
        """The page stored last, if it is in the file as it came."""
        self._uncounted: list[PageDetails] = []
        """Pages that are in the file, and that nobody has been told of."""
        self._last_came = False
        self._file = document.open()
        self._errands = Errands(call.clock, f"disk {call.name}")

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
            case PageOver():
                self._finish(self._page_in_hand(), None)
            case PageEnds():
                page, self._page = self._page_in_hand(), None
                self._finish(page, event)
                self._verdict = self._errands.send(lambda: self._settle(page, event))
                return self._wait_for_verdict(event.patience)
            case VerdictWanted(patience):
                return self._wait_for_verdict(patience)
            case _:
                raise SessionError(f"a session that receives came up with {type(event).__name__}")
        return None

    def close(self) -> None:
        closed = self._errands.send(self._file.close)
        self._errands.close()
        if not self._errands.wait(closed, _CLOSING_TIME):
            log.error("%s: the disk has not answered for %.0f s", self._call.name, _CLOSING_TIME)
        self._count()

    def _page_in_hand(self) -> _PageInHand:
        if self._page is None:
            raise SessionError("page data came before the page")
        return self._page

    def _limit_length(self, page: _PageInHand) -> None:
        """End the fax over a page without end: a second time it would be so again, and a part is not kept."""
        if page.decoder.too_long:
            self.ending = (Status.PAGE_QUALITY, None)
            raise Cancelled("The page is longer than any page can be.")

    def _wait_for_verdict(self, patience: float | None) -> Verdict:
        errand = self._verdict
        if errand is None:
            raise SessionError("a verdict was wanted before a page had ended")
        if not self._errands.wait(errand, patience):
            return Verdict.PENDING
        self._count()
        return errand.result

    def _count(self) -> None:
        """Tell of the pages that are in the file: not before the sender is, or is not to be."""
        while self._uncounted:
            page = self._uncounted.pop(0)
            with self._call.monitor:
                self._document.PageDetails.append(page)
                self._details.update(pages=page.number, last_page=self._last_came and not self._uncounted)
                self._call.monitor.notify_all()

    # ------------------------------------------------------------------------------------------------------
    # When the page is over

    def _finish(self, page: _PageInHand, ends: PageEnds | None) -> None:
        """Have the page decoded to its end, judged and written; once a page."""
        self._details.page_octets = 0
        if page.finished is None:
            page.seconds = self._call.clock.monotonic() - page.began
            page.finished = self._errands.send(lambda: self._finished(page, ends))

    def _finished(self, page: _PageInHand, ends: PageEnds | None) -> _FinishedPage:
        decoded = page.decoder.finish()
        quality = self._judge.quality(decoded.report, intact=ends is not None and ends.intact)
        keep = self._judge.keeps(quality, decoded.report, comes_again=_comes_again(ends))
        failure = None
        if keep and not decoded.report.too_long:
            try:
                self._file.prepare(
                    tiff_page(
                        page.parameters,
                        decoded,
                        remote_id=self._details.remote_id,
                        model=self._call.device.description,
                        date=self._call.clock.now(),
                    )
                )
            except StorageError as error:
                failure = error
        return _FinishedPage(decoded, quality, keep, failure)

    # ------------------------------------------------------------------------------------------------------
    # When the sender has said its word

    def _settle(self, page: _PageInHand, ends: PageEnds) -> Verdict:
        """The word on a page, which is then part of the file, or not to be."""
        assert page.finished is not None
        finished = page.finished.result
        self._limit_length(page)
        clean = finished.decoded.clean
        if ends.perhaps_again and clean is not None and clean == self._stored:
            log.info("%s: page %d came once more and is not stored twice", self._call.name, self._file.pages)
            return Verdict.GOOD
        report, quality = finished.report, finished.quality
        log.info("%s: page %d: %s, %s", self._call.name, self._file.pages + 1, quality, _said(report))
        if not finished.keep:
            verdict = self._judge.refusal(comes_again=_comes_again(ends))
            if verdict is Verdict.GIVEN_UP:
                self.ending = (Status.PAGE_QUALITY, None)
            return verdict
        try:
            if finished.failure is not None:
                raise finished.failure
            self._file.commit()
        except StorageError as error:
            self.ending = (Status.STORAGE_FAILED, error)
            return Verdict.FAILED
        self._stored = clean
        self._last_came = ends.next_step is NextStep.NO_MORE or self._file.pages == self._max_pages
        self._uncounted.append(self._page_details(page, ends, report, quality))
        if ends.last_chance and not self._judge.keeps_bad_pages:
            self.ending = (Status.PAGE_QUALITY, None)
        return self._judge.kept(quality, comes_again=_comes_again(ends))

    def _page_details(
        self, page: _PageInHand, ends: PageEnds, report: PageReport, quality: Quality
    ) -> PageDetails:
        parameters, signal = page.parameters, ends.signal or SignalFigures()
        return PageDetails(
            number=self._file.pages,
            receive_quality=quality,
            width=parameters.row_dots,
            length=report.rows,
            resolution=str(parameters.resolution),
            compression=str(parameters.coding),
            size=page.size,
            data_rate=parameters.modulation.rate,
            seconds=page.seconds,
            bad_rows=report.bad_rows,
            longest_bad_run=report.longest_bad_run,
            retransmissions=ends.retransmissions + self._judge.rejections,
            confirmed=not ends.last_chance,
            signal_level=signal.level,
            signal_quality=signal.quality,
        )


def _comes_again(ends: PageEnds | None) -> bool:
    """Whether a page that is refused can come again, and better than it was."""
    return ends is None or not (ends.intact or ends.last_chance or ends.settled)


def _said(report: PageReport) -> str:
    """A report in words, for the log."""
    damage = f", {report.bad_rows} bad, {report.longest_bad_run} of them together" if report.bad_rows else ""
    end = "" if report.complete else ", without its end"
    return f"{report.rows} rows{damage}{end}"
