"""A performer runs a procedure whose events may be answered later, and a call that is decided late."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from faxhw.session import Cancelled, Event, Outcome, RemoteInfo, Reply, SessionError, Status
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import Identified, decide
from faxhw.t30.line import Pause, Procedure
from faxhw.terms import Settings
from faxhw.testing.faxes import Job, Pages, page
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.performer import Later, Performer


@dataclass
class Put:
    """A performer on a phone that has no call, and what became of its procedure."""

    bench: Bench = field(default_factory=Bench)
    events: list[Event] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def off(self, procedure: Procedure) -> Performer:
        """Every event of a procedure."""

        def on_event(event: Event) -> Later:
            self.events.append(event)
            return Later.LATER

        phone = self.bench.station("100").phone
        performer = Performer(self.bench.world, phone, procedure, on_event, self.outcomes.append)
        performer.start()
        return performer


def asks(replies: list[object]) -> Procedure:
    replies.append((yield RemoteInfo("one")))
    yield Pause(1.0)
    replies.append((yield RemoteInfo("two")))
    return Outcome(Status.NORMAL)


def test_a_reply_may_come_later() -> None:
    put, replies = Put(), list[object]()
    performer = put.off(asks(replies))
    put.bench.run(10.0)
    assert (len(put.events), replies) == (1, [])
    performer.reply(None)
    put.bench.run(10.0)
    assert (len(put.events), replies) == (2, [None])
    performer.reply(None)
    assert [each.status for each in put.outcomes] == [Status.NORMAL]


def gives_way() -> Procedure:
    try:
        yield Pause(5.0)
        yield RemoteInfo("one")
    except Cancelled:
        yield Pause(1.0)
    return Outcome(Status.ABORTED)


@pytest.mark.parametrize("after", [1.0, 6.0], ids=["in an operation", "at an event"])
def test_a_procedure_is_cancelled_wherever_it_waits(after: float) -> None:
    put = Put()
    performer = put.off(gives_way())
    put.bench.run(after)
    performer.cancel()
    assert put.outcomes == []
    put.bench.run(1.5)
    assert [each.status for each in put.outcomes] == [Status.ABORTED]


def test_a_procedure_is_dropped_without_a_word() -> None:
    put = Put()
    performer = put.off(gives_way())
    put.bench.run(1.0)
    performer.drop()
    put.bench.run(60.0)
    assert put.outcomes == []
    assert put.events == []


# ----------------------------------------------------------------------------------------------------------
# decide


@pytest.mark.parametrize("poll", [False, True])
def test_a_call_is_decided_when_the_far_end_is_known(poll: bool) -> None:
    bench, job, pages = Bench(), Job(), Pages([page(1)])
    seen: list[Identified] = []

    def on_event(event: Event) -> Reply:
        if isinstance(event, Identified):
            seen.append(event)
            return Settings(poll=poll)
        return job(event) if poll else pages(event)

    far = bench.station("200")
    if poll:
        far.answer_with(lambda: hold_ready(Settings()), pages)
    else:
        far.answer_with(lambda: answer(Settings()), job)
    call = bench.station("100").call("200", decide(), on_event)
    bench.run(90.0)
    assert [each.remote.can_be_polled for each in seen] == [poll]
    assert call.outcome is not None
    assert call.outcome.status is Status.NORMAL
    assert job.pages == [page(1)]


def test_a_decision_has_to_be_made() -> None:
    bench = Bench()
    bench.station("200").answer_with(lambda: answer(Settings()))
    bench.station("100").call("200", decide(), lambda event: None)
    with pytest.raises(SessionError, match="Identified was answered by None"):
        bench.run(30.0)
