"""Both procedures on a lossy line: whatever is lost, both end, and no page is lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Settings,
    Status,
    Verdict,
)
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call, poll
from faxhw.t30.line import Operation

from .t30_pair import End, Fate, converse

PAGE_OCTETS = 9000
"""5 s at 14400: longer than the receiver's REPEAT_WINDOW, so that a page that was lost can be told."""


@dataclass
class Sender:
    """Offers numbered pages, and notes which were confirmed."""

    count: int
    documents: bool = False
    confirmed: int = 0

    def on_event(self, event: Event) -> Reply:
        match event:
            case PageWanted():
                step = NextStep.NO_MORE
                if self.confirmed + 1 < self.count:
                    step = NextStep.MORE_DOCUMENTS if self.documents else NextStep.MORE_PAGES
                return OutgoingPage([f"page {self.confirmed}".encode().ljust(PAGE_OCTETS, b".")], step)
            case PageSent(confirmed):
                self.confirmed += confirmed
        return None


@dataclass
class Receiver:
    """Stores what arrived whole, refuses the rest."""

    stored: list[bytes] = field(default_factory=list)
    page: bytes = b""

    def on_event(self, event: Event) -> Reply:
        match event:
            case PageBegins():
                self.page = b""
            case PageData(data):
                self.page += data
            case PageEnds(perhaps_again=perhaps_again):
                page = self.page.rstrip(b".\0")
                if not re.fullmatch(rb"page \d+", page):
                    return Verdict.REJECTED
                if not (perhaps_again and self.stored[-1] == page):
                    self.stored.append(page)
                return Verdict.GOOD
        return None


def run(
    pages: int, fates: Iterator[Fate], *, documents: bool = False, ecm: bool = False, polled: bool = False
) -> tuple[Sender, Receiver, End, End]:
    """A call: who sends, who receives, and the two stations."""
    sender, receiver = Sender(pages, documents), Receiver()
    ours, theirs = Settings(ident="1", ecm=ecm), Settings(ident="2", ecm=ecm)
    if polled:
        called = End("called", hold_ready(ours), sender.on_event)
        caller = End("caller", poll(theirs), receiver.on_event)
    else:
        called = End("called", answer(ours), receiver.on_event)
        caller = End("caller", call(theirs), sender.on_event)

    def decide(_name: str, _operation: Operation) -> Fate:
        return next(fates, Fate.WHOLE)

    converse(called, caller, decide)
    return sender, receiver, called, caller


@pytest.mark.parametrize("polled", [False, True], ids=["sent", "polled"])
@pytest.mark.parametrize("ecm", [False, True], ids=["plain", "ECM"])
def test_a_line_that_loses_nothing(ecm: bool, polled: bool) -> None:
    sender, receiver, called, caller = run(3, iter(()), ecm=ecm, polled=polled)
    assert receiver.stored == [b"page 0", b"page 1", b"page 2"]
    assert sender.confirmed == 3
    assert called.outcome is not None
    assert called.outcome.status is Status.NORMAL
    assert caller.outcome is not None
    assert caller.outcome.status is Status.NORMAL


@pytest.mark.parametrize("polled", [False, True], ids=["sent", "polled"])
@pytest.mark.parametrize("ecm", [False, True], ids=["plain", "ECM"])
def test_documents_with_eom(ecm: bool, polled: bool) -> None:
    _, receiver, called, _ = run(2, iter(()), documents=True, ecm=ecm, polled=polled)
    assert receiver.stored == [b"page 0", b"page 1"]
    assert called.outcome is not None
    assert called.outcome.status is Status.NORMAL


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from([*[Fate.WHOLE] * 6, Fate.LOST, Fate.DAMAGED]), max_size=60),
)
def test_whatever_is_lost_no_page_is_lost_or_doubled(
    pages: int, documents: bool, ecm: bool, polled: bool, fates: list[Fate]
) -> None:
    sender, receiver, called, caller = run(pages, iter(fates), documents=documents, ecm=ecm, polled=polled)
    wanted = [f"page {number}".encode() for number in range(pages)]
    # What the sender takes for delivered is stored; at most the page in hand is stored besides.
    assert receiver.stored[: sender.confirmed] == wanted[: sender.confirmed]
    assert receiver.stored == wanted[: len(receiver.stored)], "a page twice, or out of order"
    assert len(receiver.stored) - sender.confirmed in (0, 1)
    assert called.outcome is not None
    assert caller.outcome is not None
    of_sender = called.outcome if polled else caller.outcome
    assert of_sender is not None
    if of_sender.status is Status.NORMAL:
        assert sender.confirmed == pages


def test_a_lost_tcf_is_answered() -> None:
    def fates() -> Iterator[Fate]:
        yield Fate.WHOLE  # CSI DIS
        yield Fate.WHOLE  # TSI DCS
        yield Fate.LOST  # TCF

    sender, *_ = run(1, fates())
    assert sender.confirmed == 1
