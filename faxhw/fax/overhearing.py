"""The pages of overheard calls: decoded, judged as a receiver would, and stored.

A page that the receiver refused and the sender sent again is one page, and the better of the two is kept.
What was cut off is kept as far as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from faxhw.fax.documents import FaxToReceive, PageDetails, Quality
from faxhw.fax.judging import Judge
from faxhw.fax.options import ANY_DEVICE, choose
from faxhw.fax.stored import tiff_page
from faxhw.t4.decode import DecodedPage, PageDecoder
from faxhw.t4.rows import Row
from faxhw.t30.overheard import Fate, OverheardPage
from faxhw.terms import SignalFigures


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page of an overheard call, once however often it came."""

    heard: OverheardPage
    decoded: DecodedPage
    details: PageDetails
    """Numbered through all calls; ``confirmed`` is what the receiver said."""

    @property
    def readable(self) -> bool:
        """Whether there is anything of it."""
        return bool(self.decoded.report.rows)

    @property
    def complete(self) -> bool:
        """Whether it was heard to its end."""
        return self.readable and (self.heard.ended or self.decoded.report.complete)


def judged(pages: Iterable[OverheardPage]) -> list[KeptPage]:
    """The pages, decoded and judged by the options' defaults."""
    kept: list[KeptPage] = []
    for _, of_call in groupby(pages, key=lambda each: each.call):
        judge = Judge(choose({}, ANY_DEVICE))
        for tries in _gathered([(each, _decode(each)) for each in of_call]):
            heard, decoded = max(tries, key=_worth)
            quality = judge.quality(decoded.report, intact=heard.intact)
            if not (heard.ended or decoded.report.complete):
                quality = Quality.BAD
            details = _details(heard, decoded, quality, len(kept) + 1, len(tries) - 1)
            kept.append(KeptPage(heard, decoded, details))
    return kept


def store(pages: Iterable[KeptPage], document: FaxToReceive) -> int:
    """Store what is readable in a document's file; how many pages that is. Raises ``StorageError``."""
    stored = 0
    file = document.open()
    try:
        for each in pages:
            if each.readable:
                file.append(tiff_page(each.heard.parameters, each.decoded, remote_id=each.heard.sender))
                document.PageDetails.append(each.details)
                stored += 1
    finally:
        file.close()
    return stored


_Try = tuple[OverheardPage, DecodedPage]


def _decode(page: OverheardPage) -> DecodedPage:
    decoder = PageDecoder(page.parameters.coding, page.parameters.row_dots)
    decoder.feed(page.data)
    return decoder.finish()


def _gathered(pages: Sequence[_Try]) -> list[list[_Try]]:
    """The times that each page came."""
    gathered: list[list[_Try]] = []
    for heard, decoded in pages:
        before = gathered[-1][-1] if gathered else None
        if before is not None and _comes_again(*before, decoded):
            gathered[-1].append((heard, decoded))
        else:
            gathered.append([(heard, decoded)])
    return gathered


def _comes_again(heard: OverheardPage, decoded: DecodedPage, after: DecodedPage) -> bool:
    """Whether the page after it is a refused page once more."""
    return heard.fate is Fate.REFUSED and (not decoded.rows or _alike(decoded.rows, after.rows))


def _alike(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether two pages are the same, as far as damage lets that be seen.

    Rows may be lost, so they are compared wherever they stand: pages that only have a letterhead in common
    share fewer than half of those that have ink.
    """
    inked = {row for row in one if row}, {row for row in other if row}
    if not all(inked):
        return not any(inked)
    return 2 * len(inked[0] & inked[1]) >= min(map(len, inked))


def _worth(page: _Try) -> tuple[bool, bool, int, float]:
    heard, decoded = page
    report = decoded.report
    return bool(report.rows), heard.ended or report.complete, report.rows - 2 * report.bad_rows, heard.time


def _details(
    heard: OverheardPage, decoded: DecodedPage, quality: Quality, number: int, refusals: int
) -> PageDetails:
    parameters, report, signal = heard.parameters, decoded.report, heard.signal or SignalFigures()
    return PageDetails(
        number=number,
        receive_quality=quality,
        width=parameters.row_dots,
        length=report.rows,
        resolution=str(parameters.resolution),
        compression=str(parameters.coding),
        size=len(heard.data),
        data_rate=parameters.modulation.rate,
        seconds=heard.seconds,
        bad_rows=report.bad_rows,
        longest_bad_run=report.longest_bad_run,
        retransmissions=heard.repetitions + refusals,
        confirmed=heard.fate is Fate.CONFIRMED,
        signal_level=signal.level,
        signal_quality=signal.quality,
    )
