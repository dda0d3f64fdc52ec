"""Pages to send, and jobs that take sessions to their end, for the conformance suite and for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from faxhw.session import (
    Event,
    NextStep,
    Outcome,
    OutgoingPage,
    PageBegins,
    PageData,
    PageEnds,
    PagesDelivered,
    PageSent,
    PageTaken,
    PageWanted,
    Reply,
    Session,
    Verdict,
)
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row

WIDTH = 1728


def page(number: int, rows: int = 300) -> list[Row]:
    """A page that no other number gives: bars and slants over some hundred rows."""
    step = 16 + 8 * number
    return [tuple(range((row * 3) % step, WIDTH, step)) for row in range(rows)]


@dataclass
class Pages:
    """A sender's pages and what became of them: an ``on_event`` for a session that sends."""

    pages: Sequence[list[Row]]
    confirmed: int = 0
    refused: int = 0
    taken: int = 0
    """Pages that the device has and of which it has not told yet what became."""

    def __call__(self, event: Event) -> Reply:
        match event:
            case PageWanted(parameters):
                number = self.confirmed + self.taken
                last = number + 1 == len(self.pages)
                rows = self.pages[number]
                data = encode_page(rows, parameters.coding, WIDTH, finish=event.with_rtc)
                return OutgoingPage([data], NextStep.NO_MORE if last else NextStep.MORE_PAGES)
            case PageSent(confirmed):
                self.confirmed += confirmed
                self.refused += not confirmed
            case PageTaken():
                self.taken += 1
            case PagesDelivered(pages):
                self.confirmed += pages
                self.taken -= pages
        return None


@dataclass
class Job:
    """A receiver's job: an ``on_event`` that keeps the pages and gives the verdicts it was told to give."""

    verdicts: Iterable[Verdict] = ()
    """GOOD once they run out."""
    pages: list[list[Row]] = field(default_factory=list)
    """Pages that were judged GOOD or RETRAIN."""
    events: list[Event] = field(default_factory=list)
    """Every event but the page data."""

    def __post_init__(self) -> None:
        self._verdicts = iter(self.verdicts)
        self._decoder: PageDecoder | None = None

    def __call__(self, event: Event) -> Reply:
        if not isinstance(event, PageData):
            self.events.append(event)
        match event:
            case PageBegins(parameters):
                assert self._decoder is None, "a page began, and the one before has not ended"
                self._decoder = PageDecoder(parameters.coding, parameters.row_dots)
            case PageData(data):
                assert self._decoder is not None, "page data came before PageBegins"
                self._decoder.feed(data)
            case PageEnds():
                assert self._decoder is not None, "PageEnds came without a page"
                decoded, self._decoder = self._decoder.finish(), None
                verdict = next(self._verdicts, Verdict.GOOD)
                if verdict in (Verdict.GOOD, Verdict.RETRAIN):
                    self.pages.append(decoded.rows)
                return verdict
        return None


def drive(session: Session, on_event: Callable[[Event], Reply]) -> Outcome:
    """Take a session to its end."""
    try:
        event = next(session)
        while True:
            event = session.send(on_event(event))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    finally:
        session.close()
