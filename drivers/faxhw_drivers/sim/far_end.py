"""What a fax at the far end does with pages: gives them away, or keeps those that it gets.

Objects of these classes are a station's ``on_event``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from faxhw.session import (
    Event,
    NextStep,
    OutgoingPage,
    PageBegins,
    PageData,
    PageEnds,
    PageSent,
    PageWanted,
    Reply,
    Verdict,
)
from faxhw.t4.encode import page_chunks
from faxhw.t4.rows import Row
from faxhw.terms import Parameters, Resolution

PageRows = Callable[[Parameters], Iterable[Row]]
"""A page as rows, drawn for the width and resolution that were settled."""


class GivesPages:
    """Sends these pages, coded as the receiver wants them."""

    def __init__(self, pages: Sequence[PageRows]) -> None:
        self._pages = pages
        self._given = 0
        self.confirmed = 0
        """Pages that the receiver has confirmed."""

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, PageSent):
            self.confirmed += event.confirmed
        if not isinstance(event, PageWanted):
            return None
        if not event.again:
            self._given += 1
        last = self._given == len(self._pages)
        rows = self._pages[self._given - 1](event.parameters)
        return OutgoingPage(_coded(rows, event.parameters), NextStep.NO_MORE if last else NextStep.MORE_PAGES)


def _coded(rows: Iterable[Row], parameters: Parameters) -> Iterable[bytes]:
    return page_chunks(
        rows,
        parameters.coding,
        parameters.row_dots,
        k=2 if parameters.resolution is Resolution.STANDARD else 4,
        min_row_bits=ceil(parameters.min_scan_time * parameters.modulation.rate),
    )


@dataclass
class KeepsPages:
    """Receives pages, gives each the next of ``verdicts`` (GOOD when there are no more), and keeps it."""

    verdicts: list[Verdict] = field(default_factory=list)
    pages: list[bytes] = field(default_factory=list)
    """The octets of each page confirmed, as they came."""
    parameters: list[Parameters] = field(default_factory=list)
    """Those of each page confirmed."""
    _page: bytearray = field(default_factory=bytearray)
    _settled: Parameters | None = None

    def __call__(self, event: Event) -> Reply:
        match event:
            case PageBegins():
                self._page.clear()
                self._settled = event.parameters
            case PageData():
                self._page += event.data
            case PageEnds():
                if event.perhaps_again and self.pages and self.pages[-1] == self._page:
                    return Verdict.GOOD
                verdict = self.verdicts.pop(0) if self.verdicts else Verdict.GOOD
                if verdict in (Verdict.GOOD, Verdict.RETRAIN) and self._settled is not None:
                    self.pages.append(bytes(self._page))
                    self.parameters.append(self._settled)
                return verdict
        return None
