"""How long everything takes that can fail, against T.30's timers and their tolerances (clause 5.4.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from faxhw.session import Event, PageEnds, Refused, Reply, Status, Verdict, VerdictWanted
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call, poll
from faxhw.t30.line import (
    Answer,
    Operation,
    Pause,
    Procedure,
    ReceiveFrames,
    ReceivePage,
    SendFlags,
    SendFrames,
    SendPage,
)
from faxhw.terms import Settings

from .t30_play import (
    CARRIER,
    DCS_ECM,
    DIS_ECM,
    DIS_TO_POLL,
    GARBLED,
    PAGE,
    SILENCE,
    TCF,
    UNTRAINED,
    Item,
    Play,
)
from .test_t30_answering import DCS, SETTINGS
from .test_t30_calling import DIS, V29_ONLY

T1, T2, T4, T5 = (30.0, 40.0), (5.0, 7.0), (2.55, 3.45 + 0.1), (55.0, 65.0)
"""Least and most seconds (clause 5.4.3.1, annex A.5.4.1); T4 with the turn-around that follows it."""
B: list[Item] = ["TSI DCS", TCF]
ECM = replace(V29_ONLY, ecm=True)


@dataclass
class Timed(Play):
    """Notes when there was a sound on the line."""

    last_sound: float = 0.0
    """When anybody was last heard."""
    words: list[tuple[float, float]] = field(default_factory=list)
    """When each of our own transmissions began and ended."""

    def perform(self, operation: Operation) -> Answer:
        began = self.time
        quiet = isinstance(operation, ReceiveFrames | ReceivePage) and self.due == SILENCE
        answer = super().perform(operation)
        if not quiet and not isinstance(operation, Pause):
            self.last_sound = self.time
        if isinstance(operation, SendFlags | SendFrames | SendPage):
            self.words.append((began, self.time))
        return answer

    def waits(self) -> list[float]:
        """Seconds from the end of each of our transmissions to the beginning of the next."""
        return [
            following - ended for (_, ended), (following, _) in zip(self.words, self.words[1:], strict=False)
        ]


def within(limits: tuple[float, float], seconds: float) -> bool:
    return limits[0] <= seconds <= limits[1]


@pytest.mark.parametrize(
    ("hears", "verdict", "status"),
    [
        ([*B], Verdict.GOOD, Status.T2_NO_PAGE),
        ([*B, UNTRAINED], Verdict.GOOD, Status.T2_NO_PAGE),
        ([*B, CARRIER], Verdict.GOOD, Status.T2_NO_PAGE),
        ([*B, PAGE], Verdict.GOOD, Status.RECEIVE_D_NO_COMMAND),
        ([*B, PAGE, CARRIER, CARRIER], Verdict.GOOD, Status.RECEIVE_D_NO_COMMAND),
        ([*B, PAGE, GARBLED], Verdict.GOOD, Status.RECEIVE_D_NO_COMMAND),
        ([*B, PAGE, "MPS"], Verdict.GOOD, Status.T2_NO_PAGE),
        ([*B, PAGE, "MPS"], Verdict.RETRAIN, Status.T2_EXPIRED),
        ([*B, PAGE, "MPS"], Verdict.REJECTED, Status.PAGE_QUALITY),
        ([*B, PAGE, "EOP"], Verdict.GOOD, Status.NORMAL),
        (["TSI DCS", UNTRAINED], Verdict.GOOD, Status.TRAINING_FAILED),
    ],
)
def test_a_sender_that_falls_silent_is_left_after_t2(
    hears: list[Item], verdict: Verdict, status: Status
) -> None:
    play = Timed(hears, dcs=DCS, verdicts=(verdict,))
    play.run(answer(SETTINGS))
    assert play.outcome is not None
    assert play.outcome.status is status
    assert play.outcome.line_up is (status is Status.NORMAL)
    assert within(T2, play.time - play.last_sound)


_PART = "block(0-3 without 2)"


@pytest.mark.parametrize(
    ("hears", "verdicts", "status"),
    [
        ([], (), Status.T2_NO_PAGE),
        ([UNTRAINED], (), Status.T2_NO_PAGE),
        (["block(0-3)"], (), Status.RECEIVE_D_NO_COMMAND),
        (["block(0-3)", "PPS-EOP(0,0,3)*"], (), Status.RECEIVE_D_NO_COMMAND),
        ([_PART, "PPS-EOP(0,0,3)"], (), Status.T2_NO_PAGE),
        ([_PART, "PPS-EOP(0,0,3)", "block(2)"], (), Status.RECEIVE_D_NO_COMMAND),
        (["block(0-3)", "PPS-NULL(0,0,3)"], (), Status.T2_NO_PAGE),
        (["block(0-3)", "PPS-MPS(0,0,3)"], (), Status.T2_NO_PAGE),
        (["block(0-3)", "PPS-EOP(0,0,3)"], (), Status.NORMAL),
        ([_PART, "PPS-EOP(0,0,3)", "CTC(V.29-7200)"], (), Status.T2_NO_PAGE),
        ([_PART, "PPS-EOP(0,0,3)", "EOR-NULL"], (), Status.T2_NO_PAGE),
        ([_PART, "PPS-EOP(0,0,3)", "EOR-MPS"], (), Status.T2_NO_PAGE),
        ([_PART, "PPS-EOP(0,0,3)", "EOR-EOP"], (), Status.NORMAL),
        (["block(0-3)", "PPS-MPS(0,0,3)"], (Verdict.PENDING,) * 2, Status.RECEIVE_D_NO_COMMAND),
        (["block(0-3)", "PPS-MPS(0,0,3)"], (Verdict.REJECTED,), Status.PAGE_QUALITY),
    ],
)
@pytest.mark.parametrize("polls", [False, True], ids=["called", "polls"])
def test_a_sender_that_falls_silent_is_left_after_t2_with_ecm(
    hears: list[Item], verdicts: tuple[Verdict, ...], status: Status, polls: bool
) -> None:
    begin: list[Item] = ["DIS", *B] if polls else [*B]
    play = Timed([*begin, *hears], dcs=DCS_ECM, dis=DIS_TO_POLL, x=not polls, verdicts=verdicts)
    play.run((poll if polls else answer)(ECM))
    assert play.outcome is not None
    assert play.outcome.status is status
    assert play.outcome.line_up is (status is Status.NORMAL)
    assert within(T2, play.time - play.last_sound)


@pytest.mark.parametrize("command", ["EOM", "EOR-EOM"])
def test_after_eom_comes_t2_and_then_t1_with_ecm(command: str) -> None:
    hears: list[Item] = [*B, "block(0-3)", "PPS-EOM(0,0,3)"]
    if command == "EOR-EOM":
        hears = [*B, _PART, "PPS-EOM(0,0,3)", "EOR-EOM"]
    play = Timed(hears, dcs=DCS_ECM)
    play.run(answer(ECM))
    assert play.outcome is not None
    assert play.outcome.status is Status.T1_AFTER_EOM
    first = play.acts.index("CSI+DIS", 1)
    assert within((T2[0], T2[1] + 0.1), play.waits()[first - 1])
    assert within(T1, play.time - play.words[first][0])


@pytest.mark.parametrize("nsf", [0, 10, 60])
def test_dis_is_repeated_each_t4_for_t1(nsf: int) -> None:
    settings = SETTINGS if not nsf else type(SETTINGS)(ident="1", nsf=bytes(nsf))
    play = Timed([]).run(answer(settings))
    assert isinstance(play, Timed)
    assert all(within(T4, wait) for wait in play.waits())
    assert within(T1, play.time - play.words[0][0])


def test_after_eom_comes_t2_and_then_t1() -> None:
    play = Timed([*B, PAGE, "EOM"], dcs=DCS)
    play.run(answer(SETTINGS))
    assert play.outcome is not None
    assert play.outcome.status is Status.T1_AFTER_EOM
    mcf_to_dis = play.waits()[2]
    assert within((T2[0], T2[1] + 0.1), mcf_to_dis)
    assert within(T1, play.time - play.words[3][0])


def test_a_missing_tcf_is_answered_before_the_sender_asks_again() -> None:
    """The shortest TCF (V.29, 10 % short) ends 1.7 s after its DCS; then T4 at its shortest."""
    play = Timed(["TSI DCS", SILENCE, "DCN"], dcs=DCS)
    play.run(answer(SETTINGS))
    ftt_began = play.words[1][0]
    dcs_ended = play.words[0][1] + 1.3
    assert 2.95 < ftt_began - dcs_ended < 1.7 + T4[0]


@pytest.mark.parametrize("procedure", [call, poll])
def test_the_caller_waits_for_dis_through_t1(procedure: Callable[[Settings], Procedure]) -> None:
    assert within(T1, Timed([]).run(procedure(V29_ONLY)).time)
    noise = Timed([GARBLED] * 40, dis=DIS, orderly=False).run(procedure(V29_ONLY))
    assert noise.time <= T1[1]


def test_a_document_is_held_ready_for_t1() -> None:
    play = Timed([]).run(hold_ready(V29_ONLY))
    assert isinstance(play, Timed)
    assert all(within(T4, wait) for wait in play.waits())
    assert within(T1, play.time - play.words[0][0])


def test_who_polls_says_dtc_three_times_each_t4() -> None:
    play = Timed(["DIS"], dis=DIS_TO_POLL, x=False)
    play.run(poll(V29_ONLY))
    assert play.said == "CIG+DTC CIG+DTC CIG+DTC DCN"
    assert all(within(T4, wait) for wait in play.waits())


@pytest.mark.parametrize("hears", [["DIS"], ["DIS", "CFR"]], ids=["DCS", "EOP"])
def test_the_caller_says_a_command_three_times_each_t4(hears: list[Item]) -> None:
    play = Timed(hears, dis=DIS)
    play.run(call(V29_ONLY))
    waits = [wait for wait in play.waits() if wait > 1.5]
    assert len(waits) == 3
    assert all(within(T4, wait) for wait in waits)


_FOUR: list[Item] = ["DIS", "CFR", *["PPR(0)"] * 4]


@pytest.mark.parametrize(
    ("hears", "command"),
    [
        (["DIS", "CFR"], "PPS-EOP(0,0,0)"),
        (_FOUR, "CTC(V.29-7200)"),
        ([*_FOUR, "CTR", *["PPR(0)"] * 4], "EOR-EOP"),
        (["DIS", "CFR", "RNR"], "RR"),
    ],
    ids=["PPS", "CTC", "EOR", "RR"],
)
def test_a_command_of_ecm_is_said_three_times_each_t4(hears: list[Item], command: str) -> None:
    play = Timed(hears, dis=DIS_ECM, x=False, refusals=(Refused.GO_ON,))
    play.run(call(ECM))
    assert play.acts[-4:] == [command] * 3 + ["DCN"]
    assert all(within(T4, wait) for wait in play.waits()[-3:])


@pytest.mark.parametrize("hears", [["DIS", "CFR"], [*_FOUR, "CTR", *["PPR(0)"] * 4]], ids=["PPS", "EOR"])
def test_a_receiver_that_is_not_ready_is_left_after_t5(hears: list[Item]) -> None:
    """Counted from the first RNR, and asked each time again (annex A.5.4.1)."""
    play = Timed([*hears, *["RNR"] * 40], dis=DIS_ECM, x=False, refusals=(Refused.GO_ON,), orderly=False)
    play.run(call(ECM))
    assert play.outcome is not None
    assert play.outcome.status is Status.SEND_D
    assert play.acts[-2:] == ["RR", "DCN"]
    first = play.words[play.acts.index("RR") - 1][1] + 1.3
    assert within(T5, play.words[-1][0] - first)


def test_rr_follows_rnr_well_within_the_receivers_t2() -> None:
    play = Timed(["DIS", "CFR", "RNR", "RNR", "MCF"], dis=DIS_ECM, x=False)
    play.run(call(ECM))
    heard = 1.3
    after_rnr = [wait - heard for wait, act in zip(play.waits(), play.acts[1:], strict=True) if act == "RR"]
    assert len(after_rnr) == 2
    assert all(0.055 <= wait <= T2[0] - 2.0 for wait in after_rnr)


class SlowDisk(Timed):
    """A job whose verdict is there only some time after the page's command."""

    seconds: Sequence[float] = ()
    """How long each page takes."""
    ready = 0.0

    def on_event(self, event: Event) -> Reply:
        if isinstance(event, PageEnds):
            taken, *self.seconds = self.seconds
            self.ready = self.time + taken
        if isinstance(event, PageEnds | VerdictWanted):
            assert event.patience is not None
            if self.time + event.patience < self.ready:
                self.time += event.patience
                self.events.append(event)
                return Verdict.PENDING
            self.time = max(self.time, self.ready)
        return super().on_event(event)

    def plays(self, *seconds: float) -> SlowDisk:
        self.seconds = seconds
        self.run(answer(replace(SETTINGS, ecm=self.dcs is DCS_ECM)))
        return self


@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.0])
def test_a_disk_that_is_quick_enough_is_not_noticed(seconds: float) -> None:
    play = SlowDisk([*B, PAGE, "EOP", "DCN"], dcs=DCS).plays(seconds)
    assert play.said == "CSI+DIS CFR MCF"
    assert play.words[-1][0] - play.last_sound < max(0.075, seconds) + 0.1


def test_a_disk_that_is_late_is_waited_for_with_flags() -> None:
    """They begin before the sender's T4 has passed at its shortest, and do not stand for long."""
    play = SlowDisk([*B, PAGE, "EOP", "DCN"], dcs=DCS).plays(4.0)
    assert play.said == "CSI+DIS CFR flags MCF"
    assert play.words[-2][0] - play.last_sound < T4[0] - 0.3


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.FAILED])
def test_a_slow_disk_has_the_sender_say_its_command_again(verdict: Verdict) -> None:
    play = SlowDisk(
        [*B, PAGE, "EOP", "EOP", *["DCN"] * (verdict is Verdict.GOOD)], dcs=DCS, verdicts=(verdict,)
    ).plays(7.0)
    assert play.said == f"CSI+DIS CFR flags CRP {'MCF' if verdict is Verdict.GOOD else 'DCN'}"
    assert len([each for each in play.events if isinstance(each, PageEnds)]) == 1


def test_a_disk_that_does_not_answer_has_the_page_sent_again() -> None:
    """It is asked for again, and if it is in the file by then, that is not to be doubled."""
    play = SlowDisk([*B, PAGE, *["EOP"] * 4, "DCS", TCF, PAGE, "EOP", "DCN"], dcs=DCS).plays(40.0, 0.0)
    assert play.said == "CSI+DIS CFR" + " flags CRP" * 3 + " flags RTN CFR MCF"
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == [False, True]


def test_a_sender_that_begins_anew_while_the_disk_is_at_work_is_heard() -> None:
    play = SlowDisk([*B, PAGE, "EOP", "DCS", TCF, PAGE, "EOP", "EOP", "DCN"], dcs=DCS).plays(6.0, 6.0)
    assert play.said == "CSI+DIS CFR flags CRP CFR flags CRP MCF"
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == [False, True]


@pytest.mark.parametrize("seconds", [0.0, 1.0, 1.9])
def test_a_disk_that_is_quick_enough_is_not_noticed_with_ecm(seconds: float) -> None:
    play = SlowDisk([*B, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"], dcs=DCS_ECM).plays(seconds)
    assert play.said == "CSI+DIS CFR MCF"
    assert play.words[-1][0] - play.last_sound < max(0.075, seconds) + 0.1


def test_a_disk_that_is_late_has_rnr_said_before_the_senders_t4() -> None:
    hears = [*B, "block(0-3)", "PPS-EOP(0,0,3)", "RR", "RR", "DCN"]
    play = SlowDisk(hears, dcs=DCS_ECM).plays(8.0)
    assert play.said == "CSI+DIS CFR RNR RNR MCF"
    assert all(wait < 1.3 + T4[0] for wait in play.waits()[2:])


@pytest.mark.parametrize("began", [0.0, 1e6])
def test_the_line_s_time_may_begin_anywhere(began: float) -> None:
    """A caller whose first DIS comes damaged waits for the next, whatever the clock says."""
    play = Timed([GARBLED, "DIS", "CFR", "MCF"], dis=DIS, time=began).run(call(V29_ONLY))
    assert play.outcome is not None
    assert play.outcome.status is Status.NORMAL
