"""Whatever comes, and whenever the call or the script's patience ends: both roles end, soon and politely.

The canned calls of the two other modules are ended at each of their operations and events in turn; then comes
a far end that says anything at all, over and over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.session import Cancelled, Event, NextStep, Outcome, Settings, Status, Verdict
from faxhw.t30 import frames
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
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

from . import test_t30_answering as answering_calls
from . import test_t30_calling as calling_calls
from .t30_play import BAD_TCF, CARRIER, GARBLED, PAGE, SILENCE, TCF, UNTRAINED, Item, Play

Whole = tuple[Callable[[], Play], Callable[[], Procedure]]
"""How to make a canned call's far end, and the procedure that it meets."""


def _answered(case: answering_calls.Call) -> Whole:
    return (
        lambda: Play(case.hears, dcs=case.dcs, verdicts=case.verdicts, orderly=False),
        lambda: answer(case.settings),
    )


def _called(case: calling_calls.Call) -> Whole:
    return (
        lambda: Play(case.hears, dis=case.dis, pages=case.pages, orderly=False),
        lambda: call(case.settings),
    )


WHOLE_CALLS = {
    **{f"answering: {name}": _answered(case) for name, case in answering_calls.CALLS.items()},
    **{f"calling: {name}": _called(case) for name, case in calling_calls.CALLS.items()},
}
whole_calls = pytest.mark.parametrize("whole", WHOLE_CALLS.values(), ids=WHOLE_CALLS.keys())


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

    def run_to(self, moment: int) -> bool:
        """Go on to the n-th operation or event; False if the call is over before."""
        self.advance(lambda: next(self.procedure))
        for _ in range(moment):
            match self.item:
                case None:
                    return False
                case Event():
                    self.send(self.play.on_event(self.item))
                case _:
                    self.send(self.play.perform(self.item))
        return self.item is not None


def at_each_moment(whole: Whole) -> list[Interrupted]:
    """The call, brought to each of its moments in turn."""
    play, procedure = whole
    moments: list[Interrupted] = []
    while (this := Interrupted(play(), procedure())).run_to(len(moments)):
        moments.append(this)
    assert moments
    return moments


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
        due = self._play.due
        return self._in_page or (self._speaks and (isinstance(due, bytes) or due in (CARRIER, UNTRAINED)))

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
def test_stop_at_any_moment(whole: Whole) -> None:
    for this in at_each_moment(whole):
        far_end, began = FarEnd(this), this.play.time
        spoken, heard = bool(this.play.acts), this.play.due
        this.throw()
        while this.item is not None:
            assert isinstance(this.item, Operation)
            this.send(far_end.perform(this.item))
            assert this.play.time - began < 10.0
        assert this.outcome is not None
        assert this.outcome.status is Status.ABORTED
        if spoken and heard not in ("DCN", "gone") and not far_end.carrier_stands:
            assert this.play.acts[-1] == "DCN"


@whole_calls
def test_a_second_stop_ends_it_at_once(whole: Whole) -> None:
    for this in at_each_moment(whole):
        this.throw()
        if this.item is not None:
            this.throw()
        assert this.item is None
        assert this.outcome is not None
        assert this.outcome.status is Status.ABORTED


@whole_calls
def test_a_call_gone_at_any_operation_ends_it_at_once(whole: Whole) -> None:
    for this in at_each_moment(whole):
        if isinstance(this.item, Event):
            continue
        this.send(Disconnected(time=this.play.time))
        assert this.item is None
        assert this.outcome is not None
        assert this.outcome.line_up is False
        assert this.outcome.status in (Status.LINE_DROPPED, Status.NORMAL)


@whole_calls
def test_a_call_gone_while_the_script_stops_it_is_stopped(whole: Whole) -> None:
    for this in at_each_moment(whole):
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
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.sampled_from([SILENCE, GARBLED, CARRIER, UNTRAINED, TCF, BAD_TCF, PAGE]),
    st.sampled_from(["DCS", "MPS", "EOM", "EOP", "CRP", "DIS", "CFR", "FTT", "MCF", "RTN", "RTP"]),
    st.lists(LABELS, min_size=1, max_size=3).map(" ".join),
    st.lists(st.binary(max_size=40), min_size=1, max_size=3).map(tuple),
    st.binary(max_size=30).map(lambda octets: (frames.build(Fcf.DCS, octets, x=True),)),
    st.binary(max_size=30).map(lambda octets: (frames.build(Fcf.DIS, octets),)),
)
AGAIN = 400
"""How often a far end begins anew with what it says."""


@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(ITEMS, min_size=1, max_size=7),
    st.lists(st.sampled_from([Verdict.GOOD, Verdict.RETRAIN, Verdict.REJECTED]), max_size=6),
)
def test_anything_said_over_and_over_comes_to_an_end(
    calling: bool, items: list[Item], verdicts: list[Verdict]
) -> None:
    play = Play(
        items * AGAIN,
        dcs=answering_calls.DCS,
        dis=calling_calls.DIS,
        verdicts=[*verdicts, *[Verdict.FAILED] * AGAIN],
        pages=[NextStep.MORE_PAGES] * 4,
        orderly=False,
    )
    play.run(call(calling_calls.V29_ONLY) if calling else answer(Settings(ident="1")))
    assert play.outcome is not None
    assert play.outcome.detail
    assert play.time < 900.0


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


@pytest.mark.parametrize("items", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_repetition_is_bounded(items: list[Item]) -> None:
    play = Play(items * (1 if len(items) > 10 else AGAIN), dcs=answering_calls.DCS, orderly=False)
    play.run(answer(Settings(ident="1")))
    assert play.time < 300.0


class _Stuck(Play):
    """A page's carrier that never drops; TCF's does."""

    def perform(self, operation: Operation) -> Answer:
        if isinstance(operation, ReceiveMore) and "CFR" in self.acts:
            self.time += 10.0
            return Data(b"\x55" * 100, time=self.time)
        return super().perform(operation)


def test_a_page_without_end_is_left() -> None:
    play = _Stuck(["DCS", TCF, PAGE], dcs=answering_calls.DCS).run(answer(Settings(ident="1")))
    assert play.outcome is not None
    assert play.outcome.status is Status.RECEIVE_C
    assert 3600.0 < play.time < 3700.0
    assert play.said == "CSI+DIS CFR"
