"""What a received page is worth, and what is said of it: the options' limits, and how often to ask again."""

from __future__ import annotations

from faxhw.fax.documents import Quality
from faxhw.fax.options import Chosen
from faxhw.session import Verdict
from faxhw.t4.decode import PageReport

PAGE_RETRIES = 2
"""How often one page is asked for again before the fax is given up."""


class Judge:
    """Judges the pages of one fax, in order."""

    def __init__(self, options: Chosen) -> None:
        self._max_percent = options.number("MaxPercentBadLines")
        self._max_run = options.number("MaxConsecBadLines")
        self._on_bad_page = options.values["OnBadPage"]
        self.rejections = 0
        """How often the page in hand was asked for again."""
        self._cut_at = 0
        """Rows of the last page that came without RTC."""
        self._sends_no_rtc = False
        """Whether this sender ends its pages so by habit."""

    def quality(self, report: PageReport, *, intact: bool) -> Quality:
        """What a page is worth by the options' limits.

        ``intact``: every bit is as it was sent, so that its rows were damaged before that, or coded wrongly.
        """
        if not report.rows or not (report.complete or intact or self._ends_so(report)):
            return Quality.BAD
        if 100 * report.bad_rows > report.rows * self._max_percent:
            return Quality.BAD
        if report.longest_bad_run > self._max_run:
            return Quality.BAD
        return Quality.FAIR if report.bad_rows or not report.complete else Quality.GOOD

    def keeps(self, quality: Quality, report: PageReport, *, comes_again: bool) -> bool:
        """Whether to store a page of this quality. One that would come no better is, if it has rows."""
        if quality is not Quality.BAD:
            return True
        return report.rows > 0 and (self.keeps_bad_pages or not comes_again)

    def kept(self, quality: Quality, *, comes_again: bool) -> Verdict:
        """The word on a page that was stored."""
        self.rejections = 0
        return Verdict.RETRAIN if quality is Quality.BAD and comes_again else Verdict.GOOD

    def refusal(self, *, comes_again: bool) -> Verdict:
        """The word on a page that is not to be stored."""
        if not comes_again or self._on_bad_page == "ABORT" or self.rejections >= PAGE_RETRIES:
            return Verdict.GIVEN_UP
        self.rejections += 1
        return Verdict.REJECTED

    @property
    def keeps_bad_pages(self) -> bool:
        """Whether the options have a bad page kept."""
        return self._on_bad_page == "KEEP"

    def _ends_so(self, report: PageReport) -> bool:
        """Whether a page without RTC is whole all the same.

        It was cut off, and nobody knows how much is missing; or else its sender leaves RTC out, and then the
        page ends at the same row when it comes again.
        """
        if not report.bad_rows and report.rows == self._cut_at:
            self._sends_no_rtc = True
        self._cut_at = report.rows
        return self._sends_no_rtc and not report.bad_rows
