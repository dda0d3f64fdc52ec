"""What every driver must do, as tests. A test class inherits ``DriverConformance`` and says how to plug in.

Nothing here looks below the device contract (``faxhw.device``), so it holds for modems and cards alike. A
driver that cannot do something by nature says so by the flags at the top, and the test is skipped by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from unittest import SkipTest

from faxhw.device import CallResult, Device
from faxhw.errors import DeviceError
from faxhw.session import (
    Cancelled,
    Event,
    Negotiated,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    RemoteInfo,
    Reply,
    Resolution,
    Session,
    Settings,
    Status,
    Verdict,
)
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.testing.bench import Bench, FarEnd, new_bench
from faxhw.testing.faxes import Job, Pages, drive, page

OURS, THEIRS = "100", "200"
SENDER = Settings(ident="+1 200", resolutions=frozenset({Resolution.STANDARD}))
RECEIVER = Settings(ident="+1 100")

STOP_LIMIT = 10.0
"""Seconds within which whatever is cancelled must have ended."""
NOT_FAX_LIMIT = 60.0
"""Seconds within which a human must have been told from a fax."""


@dataclass
class Plugged:
    """A device and a far end on one bench."""

    bench: Bench
    device: Device
    far_end: FarEnd

    def now(self) -> float:
        return self.bench.clock.monotonic()

    def answer(self) -> None:
        """Wait for the call that comes, and answer it."""
        assert self.device.wait_for_call(60.0) is not None, "a call came, and was not reported"
        assert self.device.answer(60.0) is CallResult.CONNECTED

    def is_called_with(self, pages: int) -> Pages:
        """The far end calls with so many pages, and is answered."""
        sender = Pages([page(number) for number in range(pages)])
        self.far_end.call(OURS, call(SENDER), sender)
        self.answer()
        return sender

    def cancel_after(self, seconds: float) -> None:
        """``cancel``, from another thread, in so many seconds."""

        def later() -> None:
            self.bench.clock.sleep(seconds)
            self.device.cancel()

        self.bench.clock.spawn(later, "cancels")


class DriverConformance:
    """Inherit, name the class ``Test...``, implement ``plug_in``."""

    can_dial = True
    """Whether the device can make calls."""
    can_send = True
    """Whether its driver can send faxes."""

    def plug_in(self, bench: Bench, number: str) -> Device:
        """Open the device as the subscriber ``number`` of a bench."""
        raise NotImplementedError

    @contextmanager
    def plugged(self, seed: int = 1) -> Iterator[Plugged]:
        bench = new_bench(seed)
        device = self.plug_in(bench, OURS)
        try:
            yield Plugged(bench, device, bench.station(THEIRS))
        finally:
            device.close()
            device.close()  # safe to repeat

    # ------------------------------------------------------------------------------------------------------
    # What it says of itself

    def test_it_says_what_it_is(self) -> None:
        with self.plugged() as it:
            assert it.device.name
            assert it.device.description.isprintable()
            assert it.device.clock is it.bench.clock
            assert it.device.capabilities().modulations(), "a device without any modulation"
            assert not it.device.line_up()

    # ------------------------------------------------------------------------------------------------------
    # Calls

    def test_no_call_is_waited_for_as_long_as_asked(self) -> None:
        with self.plugged() as it:
            began = it.now()
            assert it.device.wait_for_call(20.0) is None
            assert 20.0 <= it.now() - began < 21.0

    def test_waiting_for_a_call_can_be_cancelled(self) -> None:
        with self.plugged() as it:
            it.cancel_after(5.0)
            began = it.now()
            assert it.device.wait_for_call(None) is None
            assert it.now() - began < 5.0 + STOP_LIMIT
            assert it.device.wait_for_call(10.0) is None, "a cancel counted twice"

    def test_rings_are_counted_and_the_caller_may_give_up(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            ring = it.device.wait_for_call(60.0, rings=3)
            assert ring is not None
            assert ring.rings >= 3
            assert it.device.keep_ringing()
            it.far_end.hang_up()
            it.bench.run(15.0)
            assert not it.device.keep_ringing()

    def test_a_call_that_is_gone_cannot_be_answered_for_ever(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            assert it.device.wait_for_call(60.0) is not None
            it.far_end.hang_up()
            it.bench.run(15.0)
            began = it.now()
            if it.device.answer(30.0) is CallResult.CONNECTED:  # some devices can only try
                outcome = drive(it.device.receive(RECEIVER), Job())
                assert outcome.status is not Status.NORMAL
            assert it.now() - began < 30.0 + NOT_FAX_LIMIT

    def test_a_rejected_call_leaves_the_line_free(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            assert it.device.wait_for_call(60.0) is not None
            it.device.reject()
            assert not it.device.line_up()
            it.far_end.hang_up()
            it.bench.run(15.0)
            self._receives(it, 1)

    def test_hanging_up_is_safe_at_any_time(self) -> None:
        with self.plugged() as it:
            it.device.hang_up()
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            it.answer()
            assert it.device.line_up()
            it.device.hang_up()
            it.device.hang_up()
            assert not it.device.line_up()
            it.bench.run(60.0)
            assert it.far_end.calls[0].ended is not None, "the far end still has the line"

    # ------------------------------------------------------------------------------------------------------
    # Receiving

    def test_pages_arrive_whole_and_in_order(self) -> None:
        with self.plugged() as it:
            job = self._receives(it, 3)
            kinds = [type(event) for event in job.events if not isinstance(event, RemoteInfo)]
            assert kinds == [Negotiated, *[PageBegins, PageEnds] * 3]
            said = [event.ident for event in job.events if isinstance(event, RemoteInfo)]
            assert SENDER.ident in said, "the sender's number was not passed on"

    def test_one_call_after_another(self) -> None:
        with self.plugged() as it:
            for pages in (1, 2, 1):
                self._receives(it, pages)
                it.bench.run(5.0)

    def test_a_script_may_think_before_the_fax(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(1)
            it.bench.run(8.0)
            job = Job()
            assert drive(it.device.receive(RECEIVER), job).status is Status.NORMAL
            assert (sender.confirmed, job.pages) == (1, sender.pages)

    def test_a_refused_page_comes_again(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(2)
            job = Job([Verdict.GOOD, Verdict.REJECTED])
            assert drive(it.device.receive(RECEIVER), job).status is Status.NORMAL
            assert (sender.refused, sender.confirmed) == (1, 2)
            assert job.pages == sender.pages

    def test_a_page_that_cannot_be_stored_is_not_confirmed(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(2)
            outcome = drive(it.device.receive(RECEIVER), Job([Verdict.GOOD, Verdict.FAILED]))
            it.device.hang_up()
            it.bench.run(30.0)
            assert outcome.status is not Status.NORMAL
            assert sender.confirmed == 1, "the sender takes a page for delivered that is nowhere"

    def test_a_far_end_that_goes_in_mid_page(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(2)
            job = _HangsUp(it.far_end, in_page=2)
            began = it.now()
            outcome = drive(it.device.receive(RECEIVER), job)
            assert outcome.status is not Status.NORMAL
            assert it.now() - began < 3 * NOT_FAX_LIMIT
            assert job.pages[:1] == sender.pages[:1]
            assert len(job.pages) == sender.confirmed == 1

    def test_a_human_is_told_from_a_fax(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, it.bench.voice)
            it.answer()
            began = it.now()
            outcome = drive(it.device.receive(RECEIVER), Job())
            assert not outcome.heard_fax
            assert it.now() - began < NOT_FAX_LIMIT

    def test_a_session_can_be_cancelled(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, it.bench.voice)  # nobody will say anything: the longest wait there is
            it.answer()
            it.cancel_after(12.0)
            began = it.now()
            assert drive(it.device.receive(RECEIVER), Job()).status is Status.ABORTED
            assert it.now() - began < 12.0 + STOP_LIMIT

    def test_a_session_can_be_cancelled_in_mid_page(self) -> None:
        with self.plugged() as it:
            it.is_called_with(3)
            session = it.device.receive(RECEIVER)
            began, outcome = _thrown_into(session, Job(), PageData, it.now)
            assert outcome.status is Status.ABORTED
            assert it.now() - began < STOP_LIMIT
            it.device.hang_up()
            it.bench.run(60.0)
            self._receives(it, 1)

    def test_closing_ends_a_session(self) -> None:
        with self.plugged() as it:
            it.is_called_with(1)

            def close() -> None:
                it.bench.clock.sleep(8.0)
                it.device.close()

            it.bench.clock.spawn(close, "closes")
            began = it.now()
            with suppress(DeviceError):
                assert drive(it.device.receive(RECEIVER), Job()).status is not Status.NORMAL
            assert it.now() - began < 8.0 + STOP_LIMIT

    # ------------------------------------------------------------------------------------------------------
    # Dialling and sending

    def test_dialling_tells_why_there_is_no_call(self) -> None:
        if not self.can_dial:
            raise SkipTest("the driver says that its device cannot dial")
        with self.plugged() as it:
            assert it.device.dial("999", 60.0) in (CallResult.BUSY, CallResult.NO_CARRIER), "nobody's number"
            it.device.hang_up()
            began = it.now()
            silent = it.device.dial(THEIRS, 40.0)  # it rings, and nobody answers
            assert silent in (CallResult.NO_ANSWER, CallResult.NO_CARRIER, CallResult.TIMEOUT)
            assert it.now() - began < 60.0
            it.device.hang_up()
            assert not it.device.line_up()

    def test_pages_are_sent(self) -> None:
        if not (self.can_dial and self.can_send):
            raise SkipTest("the driver says that its device cannot dial, or cannot send")
        with self.plugged() as it:
            job, sender = Job(), Pages([page(number) for number in range(2)])
            it.far_end.answer_with(lambda: answer(RECEIVER), job)
            assert it.device.dial(THEIRS, 120.0) is CallResult.CONNECTED
            assert drive(it.device.send(SENDER), sender).status is Status.NORMAL
            it.device.hang_up()
            it.bench.run(30.0)
            assert sender.confirmed == 2
            assert job.pages == sender.pages
            outcome = it.far_end.calls[0].outcome
            assert outcome is not None
            assert outcome.status is Status.NORMAL

    # ------------------------------------------------------------------------------------------------------

    def _receives(self, it: Plugged, pages: int) -> Job:
        """A fax of so many pages from the first ring to the hanging up."""
        sender, job = it.is_called_with(pages), Job()
        outcome = drive(it.device.receive(RECEIVER), job)
        it.device.hang_up()
        it.bench.run(30.0)
        assert outcome.status is Status.NORMAL, outcome
        assert outcome.heard_fax
        assert sender.confirmed == pages
        assert job.pages == sender.pages
        return job


class _HangsUp(Job):
    """A job whose far end hangs up in the middle of a page."""

    def __init__(self, far_end: FarEnd, in_page: int) -> None:
        super().__init__()
        self._far_end = far_end
        self._left = in_page

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, PageBegins):
            self._left -= 1
        elif isinstance(event, PageData) and self._left == 0:
            self._left = -1
            self._far_end.hang_up()
        return super().__call__(event)


def _thrown_into(
    session: Session, job: Job, at: type[Event], now: Callable[[], float]
) -> tuple[float, Outcome]:
    """Throw ``Cancelled`` into a session at its first event of a kind: when that was, and how it ended."""
    began = now()
    try:
        event = next(session)
        while not isinstance(event, at):
            event = session.send(job(event))
        began = now()
        event = session.throw(Cancelled())
        while True:
            event = session.send(job(event))
    except StopIteration as stop:
        return began, stop.value
