"""Both procedures on a lossy line: whatever is lost, both end in time, and no page is lost or doubled."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

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
    Refused,
    Reply,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t30.procedures import receiving, sending
from faxhw.terms import Settings

from .t30_pair import WHOLE, Content, End, Fate, Loss, PairLine

TIMES = int(os.environ.get("FAXHW_TIMES", "1"))
"""How many times as many examples as in an ordinary run."""
PLAIN_OCTETS = 9000
"""5 s at 14400: longer than the receiver's REPEAT_WINDOW, so that a page that was lost can be told."""
ECM_OCTETS = 700
TWO_BLOCKS = 64 * 300


@dataclass
class Sender:
    """Offers numbered pages, and notes what was said of each."""

    count: int
    octets: int
    documents: bool = False
    goes_on: bool = False
    """Whether it lets a page be that was refused."""
    words: list[bool] = field(default_factory=list)
    """Whether each page was confirmed, of those that are behind us."""
    refused: int = 0

    @property
    def confirmed(self) -> list[int]:
        return [number for number, word in enumerate(self.words) if word]

    def on_event(self, event: Event) -> Reply:
        number = len(self.words)
        match event:
            case PageWanted():
                step = NextStep.NO_MORE
                if number + 1 < self.count:
                    step = NextStep.MORE_DOCUMENTS if self.documents else NextStep.MORE_PAGES
                return OutgoingPage([b"page %d." % number, b"." * self.octets], step)
            case PageSent(confirmed):
                self.refused += not confirmed
                if confirmed or self.goes_on:
                    self.words.append(confirmed)
                return Refused.GO_ON if self.goes_on and not confirmed else None
        return None


@dataclass
class Receiver:
    """Stores what arrived whole, refuses the rest, and is as slow as its disk."""

    octets: int
    verdicts: Iterator[Verdict] = field(default_factory=lambda: repeat(Verdict.GOOD))
    """What it says of pages that came whole."""
    seconds: Iterator[float] = field(default_factory=lambda: repeat(0.0))
    """How long the disk takes for each page."""
    stored: list[int] = field(default_factory=list)
    end: End | None = None
    asked: int = 0
    waited: float = 0.0
    """Seconds that the disk took in all."""
    _page: bytes = b""
    _verdict: Verdict = Verdict.GOOD
    _ready: float = 0.0

    def on_event(self, event: Event) -> Reply:
        match event:
            case PageBegins():
                self._page = b""
            case PageData(data):
                self._page += data
            case PageEnds(patience=patience):
                self.asked += 1
                self._verdict = self._judge(event)
                taken = next(self.seconds)
                self.waited += taken
                self._ready = self._now + taken
                return self._word(patience)
            case VerdictWanted(patience):
                return self._word(patience)
        return None

    @property
    def _now(self) -> float:
        assert self.end is not None
        return self.end.time

    def _word(self, patience: float | None) -> Verdict:
        """Waits as the job would: the station's time passes over it."""
        assert self.end is not None
        assert patience is not None
        if self._now + patience < self._ready:
            self.end.time += patience
            return Verdict.PENDING
        self.end.time = max(self.end.time, self._ready)
        return self._verdict

    def _judge(self, ends: PageEnds) -> Verdict:
        whole = re.fullmatch(rb"page (\d+)\.{%d}\0*" % (self.octets + 1), self._page)
        assert whole is not None or not ends.intact, "vouched for, and not as it was sent"
        if whole is None:
            return Verdict.GOOD if ends.last_chance else Verdict.REJECTED
        number = int(whole[1])
        if ends.perhaps_again and self.stored[-1:] == [number]:
            return Verdict.GOOD
        verdict = next(self.verdicts)
        if verdict in (Verdict.GOOD, Verdict.RETRAIN):
            self.stored.append(number)
        return verdict


@dataclass
class Call:
    """A call, when it is over."""

    sender: Sender
    receiver: Receiver
    line: PairLine
    polled: bool

    @property
    def of_sender(self) -> End:
        return self.line.called if self.polled else self.line.caller

    @property
    def of_receiver(self) -> End:
        return self.line.caller if self.polled else self.line.called


def prefers_64(frames: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A far end that prefers frames of 64 octets: bit 7 of its DIS or DTC (T.30 table 2)."""
    return tuple(
        each[:3] + bytes((each[3] | 0x40,)) + each[4:] if each[2] in (0x80, 0x81) else each for each in frames
    )


@dataclass(frozen=True)
class Weather:
    """A line that is bad all the time; how bad, for frames and for pages."""

    seed: int
    frames: float
    pages: float
    """Share of the transmissions to which something happens."""

    def decides(self) -> Callable[[Content], Fate]:
        chance = random.Random(self.seed)

        def decide(content: Content) -> Fate:
            page = isinstance(content, bytes) and content.strip(b"\0") != b""  # and not a training check
            if chance.random() >= (self.pages if page else self.frames):
                return WHOLE
            loss = chance.choice([Loss.IN_PART] * 6 + [Loss.DAMAGED, Loss.LOST] * (1 if page else 3))
            return Fate(loss, chance.randrange(1, 256), chance.choice([0.0, 0.0, 0.3]), chance.random() < 0.5)

        return decide


def run(
    pages: int,
    fates: Iterable[Fate] | Weather = (),
    *,
    documents: bool = False,
    ecm: bool = False,
    polled: bool = False,
    octets: int | None = None,
    goes_on: bool = False,
    verdicts: Iterable[Verdict] = (),
    seconds: Iterable[float] = (),
    length: float = 0.0,
    limit: float = 3000.0,
) -> Call:
    """A call, played to its end."""
    size = octets if octets is not None else ECM_OCTETS if ecm else PLAIN_OCTETS
    sender = Sender(pages, size, documents, goes_on)
    receiver = Receiver(size, chain(verdicts, repeat(Verdict.GOOD)), chain(seconds, repeat(0.0)))
    ours, theirs = Settings(ident="1", ecm=ecm), Settings(ident="2", ecm=ecm)
    sends = End("sender", sending(ours, dialled=not polled), sender.on_event)
    receives = End("receiver", receiving(theirs, dialled=polled), receiver.on_event)
    receiver.end = receives
    decide = fates.decides() if isinstance(fates, Weather) else _in_turn(fates)

    called, caller = (sends, receives) if polled else (receives, sends)
    line = PairLine(called, caller, decide, length, prefers_64)
    line.converse(limit=limit)
    return Call(sender, receiver, line, polled)


def _in_turn(fates: Iterable[Fate]) -> Callable[[Content], Fate]:
    coming = iter(fates)
    return lambda _content: next(coming, WHOLE)


def has_lost_nothing(call: Call, pages: int) -> None:
    """What the sender takes for delivered is stored, once and in order."""
    sender, stored = call.sender, call.receiver.stored
    assert stored == sorted(set(stored)), "a page twice, or out of order"
    assert set(sender.confirmed) <= set(stored), "confirmed, and not stored"
    beside = set(stored) - set(sender.confirmed)
    if not sender.goes_on:
        assert beside <= {len(sender.words)}, "only the page in hand is stored and not confirmed"
    outcome = call.of_sender.outcome
    assert outcome is not None
    if outcome.status is Status.NORMAL:
        assert len(sender.words) == pages
        assert sender.words[-1]


# Seconds by T.30's timers at their longest (5.4.3.1, annex A.5.4.1), and what we are made of.
T1, T2, T4, T5 = 40.0, 7.0, 3.45, 65.0
PHASE_B = 2.5 + 2.0 + 1.5 + 3 * T4
"""A DCS, its training check, the reply, and a little more."""
BETWEEN_ENDS = T2 + T1 + 3 * T4
"""One end falls silent, or hangs up: for so long the other can go on. T2 and then T1 after EOM; a command
three times; less in all other states."""


def bound(call: Call, pages: int) -> float:
    """Seconds within which both ends must have stopped, whatever happened.

    T1 for phase B; for each page its time on the line, its command and reply; for each thing that went wrong,
    and each page refused, a timer, phase B and the page once more, at the slowest of rates; the disk, as long
    as T5 lets it; and for the end that is left alone, ``BETWEEN_ENDS``.
    """
    line = call.line
    page = line.longest + 6.0
    disk = min(call.receiver.waited, 4 * T5 * (pages + line.faults + 1))
    wrong = line.faults + call.sender.refused + call.receiver.asked
    return T1 + pages * page + wrong * (T2 + PHASE_B + page) + disk + BETWEEN_ENDS


def ends_in_time(call: Call, pages: int) -> None:
    """Both have stopped by the timers, and neither long after the other."""
    line = call.line
    assert line.called.outcome is not None
    assert line.caller.outcome is not None
    assert max(line.called.time, line.caller.time) <= bound(call, pages)
    apart = abs(line.called.time - line.caller.time)
    assert apart <= BETWEEN_ENDS + line.longest + 2 * line.length + min(call.receiver.waited, T5)


# ----------------------------------------------------------------------------------------------------------
# A good line

polled_or_not = pytest.mark.parametrize("polled", [False, True], ids=["sent", "polled"])
ecm_or_not = pytest.mark.parametrize("ecm", [False, True], ids=["plain", "ECM"])


@polled_or_not
@ecm_or_not
def test_a_line_that_loses_nothing(ecm: bool, polled: bool) -> None:
    call = run(3, ecm=ecm, polled=polled)
    assert call.receiver.stored == call.sender.confirmed == [0, 1, 2]
    for end in (call.line.called, call.line.caller):
        assert end.outcome is not None
        assert end.outcome.status is Status.NORMAL


@polled_or_not
@ecm_or_not
def test_documents_with_eom(ecm: bool, polled: bool) -> None:
    call = run(2, documents=True, ecm=ecm, polled=polled)
    assert call.receiver.stored == call.sender.confirmed == [0, 1]
    assert call.line.called.outcome is not None
    assert call.line.called.outcome.status is Status.NORMAL


@ecm_or_not
def test_a_lost_tcf_is_answered(ecm: bool) -> None:
    call = run(1, [WHOLE, WHOLE, Fate(Loss.LOST)], ecm=ecm)  # CSI DIS, TSI DCS, TCF
    assert call.sender.confirmed == [0]


@polled_or_not
@pytest.mark.parametrize("length", [0.3, 0.6])
@ecm_or_not
def test_a_line_by_satellite(ecm: bool, length: float, polled: bool) -> None:
    call = run(3, ecm=ecm, polled=polled, length=length, documents=True)
    assert call.receiver.stored == call.sender.confirmed == [0, 1, 2]


@polled_or_not
@pytest.mark.parametrize("length", [0.05, 0.3, 0.6])
@ecm_or_not
def test_everything_comes_back_as_an_echo(ecm: bool, length: float, polled: bool) -> None:
    call = run(3, repeat(Fate(echo=True)), ecm=ecm, polled=polled, length=length)
    assert call.receiver.stored == call.sender.confirmed == [0, 1, 2]


@pytest.mark.parametrize("seconds", [1.0, 4.0, 9.0, 12.0])
@ecm_or_not
def test_a_slow_disk_loses_no_page(ecm: bool, seconds: float) -> None:
    call = run(3, ecm=ecm, seconds=[seconds] * 3)
    assert call.receiver.stored == call.sender.confirmed == [0, 1, 2]


def test_blocks_of_256_frames() -> None:
    """Two a page; of one a frame comes damaged, of the other the carrier is lost."""
    fates = [*[WHOLE] * 4, Fate(Loss.IN_PART, 0b100), *[WHOLE] * 5, Fate(Loss.LOST)]
    call = run(2, fates, ecm=True, octets=TWO_BLOCKS)
    assert call.receiver.stored == call.sender.confirmed == [0, 1]
    assert call.line.faults == 2


@polled_or_not
def test_more_pages_than_the_counter_has(polled: bool) -> None:
    """A PPS counts them modulo 256 (annex A.4.3)."""
    call = run(260, ecm=True, polled=polled, octets=1, limit=10_000.0)
    assert call.receiver.stored == call.sender.confirmed == list(range(260))


# ----------------------------------------------------------------------------------------------------------
# Bad ones

BAD = st.builds(
    Fate,
    st.sampled_from([Loss.LOST, Loss.LOST, Loss.DAMAGED, Loss.IN_PART, Loss.IN_PART, Loss.WHOLE]),
    st.integers(1, 255),
    st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.6]),
    st.booleans(),
)
FATES = st.lists(st.one_of(*[st.just(WHOLE)] * 3, BAD), min_size=8, max_size=60)


WEATHER = st.builds(
    Weather,
    st.integers(0, 1 << 32),
    st.sampled_from([0.0, 0.1, 0.2, 0.3]),
    st.sampled_from([0.1, 0.3, 0.6, 0.9, 1.0]),
)
VERDICTS = st.lists(
    st.sampled_from([*[Verdict.GOOD] * 5, Verdict.RETRAIN, Verdict.REJECTED, Verdict.FAILED]), max_size=6
)
SECONDS = st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 3.0, 4.5, 7.0, 11.0, 20.0, 50.0, 90.0]), max_size=6)
HOW = st.fixed_dictionaries(
    {
        "documents": st.booleans(),
        "ecm": st.booleans(),
        "polled": st.booleans(),
        "goes_on": st.booleans(),
        "length": st.sampled_from([0.0, 0.05, 0.3]),
    }
)
PAGES = st.integers(1, 4)


@settings(max_examples=300 * TIMES, deadline=None)
@given(PAGES, FATES, HOW)
def test_whatever_is_lost_no_page_is_lost_or_doubled(
    pages: int, fates: list[Fate], how: dict[str, Any]
) -> None:
    check(pages, fates, **how)


@settings(max_examples=300 * TIMES, deadline=None)
@given(PAGES, WEATHER, HOW)
def test_on_a_bad_line(pages: int, weather: Weather, how: dict[str, Any]) -> None:
    check(pages, weather, **how)


@settings(max_examples=150 * TIMES, deadline=None)
@given(PAGES, st.one_of(FATES, WEATHER), HOW, VERDICTS, SECONDS)
def test_whatever_the_jobs_say(
    pages: int,
    fates: list[Fate] | Weather,
    how: dict[str, Any],
    verdicts: list[Verdict],
    seconds: list[float],
) -> None:
    check(pages, fates, verdicts=verdicts, seconds=seconds, **how)


@settings(max_examples=8 * TIMES, deadline=None)
@given(st.integers(1, 2), st.one_of(FATES, WEATHER), st.booleans())
def test_pages_of_two_blocks(pages: int, fates: list[Fate] | Weather, polled: bool) -> None:
    check(pages, fates, ecm=True, polled=polled, octets=TWO_BLOCKS)


def check(pages: int, fates: list[Fate] | Weather, **how: Any) -> None:
    """Play a call, and see that it was as it must be."""
    call = run(pages, fates, **how)
    has_lost_nothing(call, pages)
    ends_in_time(call, pages)
