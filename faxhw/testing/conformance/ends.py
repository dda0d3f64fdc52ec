"""Ends that come from our side: a session cancelled or dropped, a device closed, at good moments and bad."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from faxhw.device import CallResult
from faxhw.errors import DeviceError
from faxhw.session import Cancelled, Event, Outcome, PageBegins, PageData, PageEnds, Reply, Session, Status
from faxhw.t30.calling import call
from faxhw.testing.conformance.plugged import (
    OTHERS,
    OURS,
    RECEIVER,
    SENDER,
    STOP_LIMIT,
    THEIRS,
    Plugged,
    Suite,
)
from faxhw.testing.faxes import Job, Pages, drive, page


class Ends(Suite):
    """``cancel``, ``Session.throw``, ``Session.close`` and ``close``."""

    def test_a_session_can_be_cancelled(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, it.bench.voice)  # nobody will say anything: the longest wait there is
            it.answer()
            it.from_another_thread(12.0, it.device.cancel)
            began = it.now()
            outcome = drive(it.device.receive(RECEIVER), Job())
            assert outcome.status is Status.ABORTED, f"a fax that was cancelled ended so: {outcome}"
            assert it.now() - began < 12.0 + STOP_LIMIT, "the fax outlasted its cancellation"

    def test_a_session_can_be_cancelled_in_mid_page(self) -> None:
        with self.plugged() as it:
            it.is_called_with(3)
            began, outcome = _thrown_into(it.device.receive(RECEIVER), Job(), PageData, it.now)
            assert outcome.status is Status.ABORTED, f"a fax that was cancelled ended so: {outcome}"
            assert it.now() - began < STOP_LIMIT, "the fax outlasted its cancellation"
            self._all_is_well(it)

    def test_a_session_can_be_cancelled_where_it_does_not_wait(self) -> None:
        for moment in (PageBegins, PageData, PageEnds):
            with self.plugged() as it:
                it.is_called_with(3)
                job = _Cancels(it, at=moment)
                outcome = drive(it.device.receive(RECEIVER), job)
                assert outcome.status is Status.ABORTED, f"cancelled at {moment.__name__}: {outcome}"
                assert it.now() - job.cancelled < STOP_LIMIT, "the fax outlasted its cancellation"
                it.device.cancel()  # too late
                it.device.hang_up()
                began = it.now()
                assert it.device.wait_for_call(5.0) is None
                assert it.now() - began > 4.9, "the fax's cancellation outlasted the fax"

    def test_a_session_may_be_dropped(self) -> None:
        for moment in (Event, PageData, PageEnds):
            with self.plugged() as it:
                it.is_called_with(2)
                session, job = it.device.receive(RECEIVER), Job()
                event = next(session)
                while not isinstance(event, moment):
                    event = session.send(job(event))
                session.close()
                self._all_is_well(it)

    def test_a_session_may_never_begin(self) -> None:
        with self.plugged() as it:
            it.is_called_with(1)
            it.device.receive(RECEIVER).close()
            self._all_is_well(it)

    def test_closing_ends_a_session(self) -> None:
        with self.plugged() as it:
            it.is_called_with(1)
            it.from_another_thread(8.0, it.device.close)
            began = it.now()
            with suppress(DeviceError):
                outcome = drive(it.device.receive(RECEIVER), Job())
                assert outcome.status is not Status.NORMAL, "the device was closed, and the fax is said whole"
            assert it.now() - began < 8.0 + STOP_LIMIT, "the fax outlasted its device"
            it.bench.run(60.0)
            assert it.far_end.calls[0].ended is not None, "the far end still has the line"

    def test_closing_ends_a_wait_for_a_call(self) -> None:
        with self.plugged() as it:
            it.from_another_thread(8.0, it.device.close)
            began = it.now()
            with suppress(DeviceError):
                assert it.device.wait_for_call(None) is None, "a call was reported that never came"
            assert it.now() - began < 8.0 + STOP_LIMIT, "the wait outlasted its device"

    def test_closing_ends_dialling_and_frees_the_line(self) -> None:
        self.must_dial()
        with self.plugged() as it:
            closing = it.from_another_thread(6.0, it.device.close)
            began = it.now()
            with suppress(DeviceError):
                result = it.device.dial(THEIRS, 60.0)  # it rings, and nobody answers
                assert result is not CallResult.CONNECTED, "a call came about that nobody answered"
            assert it.now() - began < 6.0 + STOP_LIMIT, "dialling outlasted its device"
            assert closing.join(STOP_LIMIT), "closing does not end"
            self._rings(it)

    def test_a_device_that_is_closed_is_of_no_more_use(self) -> None:
        with self.plugged() as it:
            it.is_called_with(1)
            it.device.close()
            for use in (lambda: it.device.wait_for_call(1.0), lambda: it.device.receive(RECEIVER)):
                said = ""
                try:
                    use()
                except DeviceError as error:
                    said = str(error)
                assert said, "a device that was closed can be used"
                assert it.device.name in said, "the message does not name the device"
            it.far_end.hang_up()
            self._rings(it)

    def _all_is_well(self, it: Plugged) -> None:
        """The next fax comes in as if nothing had been."""
        it.device.hang_up()
        it.bench.run(75.0)
        assert it.far_end.calls[-1].ended is not None, "the far end still has the line"
        it.receives(1)

    def _rings(self, it: Plugged) -> None:
        """The line is free: who calls hears it ring, and not the busy tone."""
        it.bench.run(5.0)
        caller = it.bench.station(OTHERS).call(OURS, call(SENDER), Pages([page(0)]))
        it.bench.run(20.0)
        assert caller.ended is None, "the line of a device that was closed is busy"


class _Cancels(Job):
    """A job that cancels its session at the first event of a kind."""

    def __init__(self, it: Plugged, at: type[Event]) -> None:
        super().__init__()
        self._it = it
        self._at = at
        self.cancelled = 0.0
        """When it did so; 0.0 before."""

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, self._at) and not self.cancelled:
            self.cancelled = self._it.now()
            self._it.device.cancel()
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
