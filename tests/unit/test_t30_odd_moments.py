"""Whatever comes, and whenever the call or the script's patience ends: both roles end, soon and politely.

The canned calls of the two other modules are ended at each of their operations and events in turn; then comes
a far end that says anything at all, over and over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.session import Cancelled, Event, NextStep, Outcome, Status, Verdict
from faxhw.t30 import frames
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call, poll
from faxhw.t30.frames import Fcf
from faxhw.t30.line import (
    Answer,
    Data,
    Disconnected,
    Nothing,
    Operation,
    OtherCarrier,
    Procedure,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFrames,
    SendPage,
    StopReceiving,
)
from faxhw.terms import Family, Settings

from .t30_canned import CANNED, Canned
from .t30_play import (
    BAD_TCF,
    CARRIER,
    DCS,
    DCS_ECM,
    DIS,
    DIS_ECM,
    DIS_TO_POLL,
    GARBLED,
    PAGE,
    SILENCE,
    TCF,
    UNTRAINED,
    Item,
    Play,
    is_carrier,
)
from .t30_state import event_of


@dataclass
class Interrupted:
    """A canned call that is broken off at its n-th item."""

    play: Play
    procedure: Procedure
    item: Operation | Event | None = None
    """What the procedure yielded last; ``None`` once it is over."""
    outcome: Outcome | None = None

    def advance(self, resume: Callable[[], Operation | Event]) -> None:
        try:
            self.item = resume()
        except StopIteration as stop:
            self.item, self.outcome = None, stop.value

    def send(self, reply: object) -> None:
        self.advance(lambda: self.procedure.send(reply))  # type: ignore[arg-type]

    def throw(self) -> None:
        self.advance(lambda: self.procedure.throw(Cancelled()))

    def begin(self) -> None:
        """Go to the first operation or event."""
        self.advance(lambda: next(self.procedure))

    def go_on(self) -> None:
        """Go on to the next."""
        if isinstance(self.item, Event):
            self.send(self.play.on_event(self.item))
        elif self.item is not None:
            self.send(self.play.perform(self.item))

    @property
    def moment(self) -> tuple[object, ...]:
        """What it looks like from outside: where that is the same, ours is in the same place."""
        play = self.play
        return (play.state.name, *play.acts[-1:], type(self.item), event_of(play.due))


def _moments() -> dict[str, tuple[Canned, list[int]]]:
    """The canned calls, and those moments of each that none before it has had."""
    seen: set[tuple[object, ...]] = set()
    found: dict[str, tuple[Canned, list[int]]] = {}
    for canned in CANNED:
        this, number = Interrupted(*canned.begin()), 0
        this.begin()
        while canned.short and this.item is not None:
            if (moment := (canned.role, *this.moment)) not in seen:
                seen.add(moment)
                found.setdefault(str(canned), (canned, []))[1].append(number)
            this.go_on()
            number += 1
    return found


MOMENTS = _moments()
whole_calls = pytest.mark.parametrize("name", MOMENTS)


def at_each_moment(name: str) -> Iterator[Interrupted]:
    """A call, brought to each of its moments in turn."""
    canned, numbers = MOMENTS[name]
    for number in numbers:
        this = Interrupted(*canned.begin())
        this.begin()
        for _ in range(number):
            this.go_on()
        this.play.orderly = False
        yield this


def undisturbed(name: str) -> Outcome:
    """How a call ends that nobody breaks off."""
    this = Interrupted(*MOMENTS[name][0].begin())
    this.begin()
    while this.item is not None:
        this.go_on()
    assert this.outcome is not None
    return this.outcome


_DCN = frames.build(Fcf.DCN, b"", x=True)[2]


class FarEnd:
    """What a far end does that is not told of our side's wish to stop."""

    def __init__(self, this: Interrupted) -> None:
        self._play = this.play
        self._speaks = isinstance(this.item, ReceiveFrames | ReceivePage)
        self._in_page = isinstance(this.item, ReceiveMore | StopReceiving | SendPage)
        """Also where our own page is on the line."""
        self._in_page = self._in_page or this.play.paging

    @property
    def carrier_stands(self) -> bool:
        return self._in_page or (self._speaks and is_carrier(self._play.due))

    def perform(self, operation: Operation) -> Answer:
        play = self._play
        if isinstance(operation, SendFrames):
            assert not self.carrier_stands, f"said over a carrier: {operation}"
        elif isinstance(operation, ReceiveFrames):
            if self.carrier_stands:
                play.time += 0.1
                return OtherCarrier(time=play.time)
            if not self._speaks:
                play.time += operation.timeout
                return Nothing(time=play.time)
            self._speaks = isinstance(play.due, str) and play.due.endswith("DCS")  # TCF follows
        return play.perform(operation)


@whole_calls
def test_stop_at_any_moment(name: str) -> None:
    for this in at_each_moment(name):
        far_end, began = FarEnd(this), this.play.time
        spoken, ends = bool(this.play.acts), event_of(this.play.due) in ("DCN", "gone")
        this.throw()
        while this.item is not None:
            assert isinstance(this.item, Operation)
            this.send(far_end.perform(this.item))
            assert this.play.time - began < 10.0
        assert this.outcome is not None
        assert this.outcome.status is Status.ABORTED
        if spoken and not ends and not far_end.carrier_stands:
            assert this.play.acts[-1] == "DCN"


@whole_calls
def test_a_second_stop_ends_it_at_once(name: str) -> None:
    for this in at_each_moment(name):
        this.throw()
        if this.item is not None:
            this.throw()
        assert this.item is None
        assert this.outcome is not None
        assert this.outcome.status is Status.ABORTED


@whole_calls
def test_a_call_gone_at_any_operation_ends_it_at_once(name: str) -> None:
    for this in at_each_moment(name):
        if isinstance(this.item, Event):
            continue
        says_dcn = isinstance(this.item, SendFrames) and this.item.frames[-1][2] | 1 == _DCN
        this.send(Disconnected(time=this.play.time))
        assert this.item is None
        assert this.outcome is not None
        assert this.outcome.line_up is False
        if says_dcn:  # it was decided how the call ends
            assert this.outcome.status is undisturbed(name).status
        else:
            assert this.outcome.status in (Status.LINE_DROPPED, Status.NORMAL, undisturbed(name).status)


@whole_calls
def test_a_call_gone_while_the_script_stops_it_is_stopped(name: str) -> None:
    for this in at_each_moment(name):
        this.throw()
        if this.item is not None:
            this.send(Disconnected(time=this.play.time))
            assert this.outcome is not None
            assert this.outcome.line_up is False
        assert this.outcome is not None
        assert this.outcome.status is Status.ABORTED


# ----------------------------------------------------------------------------------------------------------
# A far end that says anything

LABELS = st.sampled_from([each.name for each in Fcf])
BLOCKS = st.sampled_from(
    ["block(0-3)", "block(0-3 without 2)", "block(none)", "block(0-3) cut", "blockB(0-1)"]
)
OF_ECM = st.sampled_from(
    [
        *("PPS-NULL(0,0,3)", "PPS-MPS(0,0,3)", "PPS-EOP(0,0,3)", "PPS-EOM(1,0,1)", "PPS-MPS(0,0,255)"),
        *("EOR-NULL", "EOR-MPS", "EOR-EOP", "RR", "CTC(V.29-9600)", "CTC(V.29-7200)", "CTC(reserved)"),
        *("PPR(0)", "PPR(0-3)", "RNR", "ERR", "CTR"),
    ]
)
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.sampled_from([SILENCE, GARBLED, CARRIER, UNTRAINED, TCF, BAD_TCF, PAGE]),
    st.sampled_from(["DCS", "MPS", "EOM", "EOP", "CRP", "DIS", "DTC", "CFR", "FTT", "MCF", "RTN", "RTP"]),
    BLOCKS,
    OF_ECM,
    st.lists(LABELS, min_size=1, max_size=3).map(" ".join),
    st.lists(st.binary(max_size=40), min_size=1, max_size=3).map(tuple),
    st.binary(max_size=30).map(lambda octets: (frames.build(Fcf.DCS, octets, x=True),)),
    st.binary(max_size=30).map(lambda octets: (frames.build(Fcf.DIS, octets),)),
    st.binary(max_size=6).map(lambda octets: (frames.build(Fcf.PPS, octets, x=True),)),
    st.binary(max_size=40).map(lambda octets: (frames.build(Fcf.PPR, octets),)),
)
AGAIN = 400
"""How often a far end begins anew with what it says."""
_ANY = Settings(ident="1", families=frozenset({Family.V29}))
_WORDS = [Verdict.GOOD, Verdict.RETRAIN, Verdict.REJECTED, Verdict.PENDING]
PROCEDURES: dict[str, tuple[Callable[[Settings], Procedure], Item]] = {
    "called": (answer, SILENCE),
    "polls": (poll, (frames.build(Fcf.DIS, DIS_TO_POLL),)),
    "calls": (call, "DIS"),
    "is polled": (hold_ready, "DTC"),
}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(PROCEDURES)),
    st.booleans(),
    st.lists(ITEMS, min_size=1, max_size=7),
    st.lists(st.sampled_from(_WORDS), max_size=6),
)
def test_anything_said_over_and_over_comes_to_an_end(
    role: str, ecm: bool, items: list[Item], verdicts: list[Verdict]
) -> None:
    procedure, first = PROCEDURES[role]
    play = Play(
        [first, *items * AGAIN],
        dcs=DCS_ECM if ecm else DCS,
        dis=DIS_ECM if ecm else DIS,
        x=role in ("called", "is polled"),
        verdicts=[*verdicts, *[Verdict.FAILED] * AGAIN],
        pages=[NextStep.MORE_PAGES] * 4,
        orderly=False,
    )
    play.run(procedure(replace(_ANY, ecm=ecm)))
    assert play.outcome is not None
    assert play.outcome.detail
    assert play.time < 900.0


_ECM: list[Item] = ["DCS", TCF, "block(0-3 without 2)", "PPS-MPS(0,0,3)"]
ENDLESS: dict[str, list[Item]] = {
    "DCS and bad training": ["DCS", BAD_TCF],
    "DCS, CFR, and no page": ["DCS", TCF],
    "no page, and MPS": ["DCS", TCF, "MPS"],
    "MPS after MPS": ["DCS", TCF, PAGE, "MPS", *["MPS"] * 1000],
    "EOM after EOM": ["DCS", TCF, PAGE, *["EOM"] * 1000],
    "EOP after EOP": ["DCS", TCF, PAGE, *["EOP"] * 1000],
    "CRP": ["CRP"],
    "CRP after the page": ["DCS", TCF, PAGE, *["CRP"] * 1000],
    "DIS": ["DIS"],
    "damage": [GARBLED],
    "damage after the page": ["DCS", TCF, PAGE, *[GARBLED] * 1000],
    "a carrier": [CARRIER],
    "a carrier after the page": ["DCS", TCF, PAGE, *[CARRIER] * 10000],
    "a carrier after CFR": ["DCS", TCF, *[CARRIER] * 10000],
}
ENDLESS_ECM: dict[str, list[Item]] = {
    "DCS, CFR, and no block": ["DCS", TCF],
    "a block that never is whole": [*_ECM, *["block(2 without 2)", "PPS-MPS(0,0,3)"] * 1000],
    "no block, and PPS": ["DCS", TCF, *["PPS-MPS(0,0,3)"] * 1000],
    "a block, and a new DCS": ["DCS", TCF, "block(0-3)"],
    "PPS after PPS": ["DCS", TCF, "block(0-3)", *["PPS-NULL(0,0,3)"] * 1000],
    "PPS-EOM after PPS-EOM": ["DCS", TCF, "block(0-3)", *["PPS-EOM(0,0,3)"] * 1000],
    "PPS-EOP after PPS-EOP": ["DCS", TCF, "block(0-3)", *["PPS-EOP(0,0,3)"] * 1000],
    "PPS that says nothing": ["DCS", TCF, *["PPS"] * 1000],
    "CTC after CTC": [*_ECM, *["CTC(V.29-7200)"] * 1000],
    "CTC, another CTC": [*_ECM, *["CTC(V.29-7200)", "CTC(V.29-9600)"] * 1000],
    "CTC, PPS, CTC, PPS": [*_ECM, *["CTC(V.29-7200)", "PPS-MPS(0,0,3)"] * 1000],
    "EOR-NULL after EOR-NULL": [*_ECM, *["EOR-NULL"] * 1000],
    "EOR, another EOR": [*_ECM, *["EOR-NULL", "EOR-MPS"] * 1000],
    "EOR-EOM after EOR-EOM": [*_ECM, *["EOR-EOM"] * 1000],
    "EOR-EOP after EOR-EOP": [*_ECM, *["EOR-EOP"] * 1000],
    "RR after RR": [*_ECM, *["RR"] * 1000],
    "CRP": [*_ECM, *["CRP"] * 1000],
    "a carrier after PPR": [*_ECM, *[CARRIER] * 10000],
    "carriers after PPR that cannot be trained on": [*_ECM, *[UNTRAINED, "PPS-MPS(0,0,3)"] * 1000],
}


def _endless(items: list[Item], dcs: bytes) -> float:
    """How long a receiver bears with it."""
    play = Play(items * (1 if len(items) > 10 else AGAIN), dcs=dcs, orderly=False)
    play.run(answer(replace(_ANY, ecm=dcs is DCS_ECM)))
    return play.time


@pytest.mark.parametrize("items", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_repetition_is_bounded(items: list[Item]) -> None:
    assert _endless(items, DCS) < 300.0


@pytest.mark.parametrize("items", ENDLESS_ECM.values(), ids=ENDLESS_ECM.keys())
def test_endless_repetition_is_bounded_with_ecm(items: list[Item]) -> None:
    assert _endless(items, DCS_ECM) < 300.0


def test_a_disk_that_never_answers_is_given_up() -> None:
    """The sender's T5 would have ended it after 60 s (T.30 annex A.5.4.1)."""
    play = Play(
        ["DCS", TCF, "block(0-3)", *["PPS-MPS(0,0,3)"] * 1000],
        dcs=DCS_ECM,
        verdicts=[Verdict.PENDING] * 1000,
        orderly=False,
    )
    play.run(answer(replace(_ANY, ecm=True)))
    assert play.outcome is not None
    assert play.outcome.status is Status.STORAGE_FAILED
    assert 65.0 < play.time < 600.0


class _Stuck(Play):
    """A page's carrier that never drops; TCF's does."""

    def perform(self, operation: Operation) -> Answer:
        if isinstance(operation, ReceiveMore) and "CFR" in self.acts:
            self.time += 10.0
            return Data(b"\x55" * 100, time=self.time)
        return super().perform(operation)


@pytest.mark.parametrize(
    ("dcs", "status", "seconds"), [(DCS, Status.RECEIVE_C, 3600.0), (DCS_ECM, Status.RECEIVE_C_ECM, 900.0)]
)
def test_a_page_without_end_is_left(dcs: bytes, status: Status, seconds: float) -> None:
    play = _Stuck(["DCS", TCF, PAGE], dcs=dcs).run(answer(replace(_ANY, ecm=dcs is DCS_ECM)))
    assert play.outcome is not None
    assert play.outcome.status is status
    assert seconds < play.time < seconds + 100.0
    assert play.said == "CSI+DIS CFR"
