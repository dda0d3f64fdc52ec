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
        """What a page is worth by the options' limits."""
        if not report.rows:
            return Quality.BAD
        if intact:  # the sender itself made it so: a second time would bring the same
            return Quality.FAIR if report.bad_rows else Quality.GOOD
        if not report.complete and not self._ends_so(report):
            return Quality.BAD
        if 100 * report.bad_rows > report.rows * self._max_percent:
            return Quality.BAD
        if report.longest_bad_run > self._max_run:
            return Quality.BAD
        return Quality.FAIR if report.bad_rows or not report.complete else Quality.GOOD

    def keeps(self, quality: Quality, report: PageReport) -> bool:
        """Whether a page of this quality is to be stored."""
        return quality is not Quality.BAD or (self._on_bad_page == "KEEP" and report.rows > 0)

    def kept(self, quality: Quality) -> Verdict:
        """The word on a page that was stored."""
        self.rejections = 0
        return Verdict.RETRAIN if quality is Quality.BAD else Verdict.GOOD

    def refusal(self) -> Verdict:
        """The word on a page that is not to be stored."""
        if self._on_bad_page == "ABORT" or self.rejections >= PAGE_RETRIES:
            return Verdict.GIVEN_UP
        self.rejections += 1
        return Verdict.REJECTED

    def _ends_so(self, report: PageReport) -> bool:
        """Whether a page without RTC is whole all the same.

        It was cut off, and nobody knows how much is missing; or else its sender leaves RTC out, and then the
        page ends at the same row when it comes again.
        """
        if not report.bad_rows and report.rows == self._cut_at:
            self._sends_no_rtc = True
        self._cut_at = report.rows
        return self._sends_no_rtc and not report.bad_rows
