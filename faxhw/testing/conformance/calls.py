"""Call control: what a device is, calls that come, calls that are made, hanging up."""

from __future__ import annotations

from unittest import SkipTest

from faxhw.device import CallResult
from faxhw.errors import DeviceError
from faxhw.session import Status
from faxhw.t30.calling import call
from faxhw.testing.conformance.plugged import (
    NOT_FAX_LIMIT,
    OTHERS,
    OURS,
    RECEIVER,
    SENDER,
    STOP_LIMIT,
    THEIRS,
    Suite,
)
from faxhw.testing.faxes import Job, Pages, drive, page


class CallControl(Suite):
    """Without a fax on the line."""

    def test_it_says_what_it_is(self) -> None:
        with self.plugged() as it:
            assert it.device.name, "a device without a name"
            assert it.device.description.isprintable(), "a description with control characters"
            assert it.device.clock is it.bench.clock, "the device waits on another clock than it was given"
            assert it.device.capabilities().modulations(), "a device without any modulation"
            assert not it.device.line_up(), "a call stands on a line that was not touched"

    def test_no_call_is_waited_for_as_long_as_asked(self) -> None:
        with self.plugged() as it:
            for seconds in (20.0, 0.0):
                began = it.now()
                assert it.device.wait_for_call(seconds) is None, "a call was reported that never came"
                assert seconds - 0.1 < it.now() - began < seconds + 1.0, f"it did not wait for {seconds} s"

    def test_waiting_for_a_call_can_be_cancelled(self) -> None:
        with self.plugged() as it:
            it.from_another_thread(5.0, it.device.cancel)
            began = it.now()
            assert it.device.wait_for_call(None) is None, "a call was reported that never came"
            assert it.now() - began < 5.0 + STOP_LIMIT, "the wait outlasted its cancellation"
            began = it.now()
            assert it.device.wait_for_call(10.0) is None
            assert it.now() - began > 9.9, "one cancel ended two waits"

    def test_it_can_be_checked_between_calls_and_while_one_rings(self) -> None:
        with self.plugged() as it:
            it.device.check()
            assert it.device.wait_for_call(0.0) is None, "a check made a call up"
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            assert it.device.wait_for_call(60.0) is not None, (
                "a call came after a check, and was not reported"
            )
            it.device.check()
            assert it.device.keep_ringing(), "a check lost the call that rings"
            assert it.device.answer(60.0) is CallResult.CONNECTED, "the call was not answered after a check"
            outcome = drive(it.device.receive(RECEIVER), Job())
            assert outcome.status is Status.NORMAL, f"the fax after a check ended with {outcome}"

    def test_rings_are_counted_and_the_caller_may_give_up(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            ring = it.device.wait_for_call(60.0, rings=3)
            assert ring is not None, "a call came, and was not reported"
            assert ring.rings >= 3, "the call was reported before the ring that was asked for"
            assert it.device.keep_ringing(), "the call that rings is said to have gone"
            it.far_end.hang_up()
            it.bench.run(15.0)
            assert not it.device.keep_ringing(), "the call that is gone is said to ring"

    def test_a_caller_is_known_by_the_second_ring(self) -> None:
        if not self.has_caller_id:
            raise SkipTest("the driver says that its device has no caller ID")
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            ring = it.device.wait_for_call(60.0, rings=2)
            assert ring is not None, "a call came, and was not reported"
            assert ring.call_from == THEIRS, "the caller's number was not passed on"
            it.far_end.hang_up()
            it.bench.run(15.0)
            it.bench.station(OTHERS).call(OURS, call(SENDER), Pages([page(0)]))
            ring = it.device.wait_for_call(60.0, rings=2)
            assert ring is not None, "the second call was not reported"
            assert ring.call_from == OTHERS, "the second call was reported with the first one's caller"

    def test_a_call_that_is_gone_cannot_be_answered_for_ever(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            assert it.device.wait_for_call(60.0) is not None, "a call came, and was not reported"
            it.far_end.hang_up()
            it.bench.run(15.0)
            began = it.now()
            if it.device.answer(30.0) is CallResult.CONNECTED:  # some devices can only try
                outcome = drive(it.device.receive(RECEIVER), Job())
                assert outcome.status is not Status.NORMAL, "a fax was received from nobody"
            assert it.now() - began < 30.0 + NOT_FAX_LIMIT, "nobody was waited for too long"

    def test_a_rejected_call_leaves_the_line_free(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            assert it.device.wait_for_call(60.0) is not None, "a call came, and was not reported"
            it.device.reject()
            assert not it.device.line_up(), "the call that was declined stands"
            assert it.device.wait_for_call(15.0) is None, "the call that was declined was reported again"
            it.far_end.hang_up()
            it.bench.run(15.0)
            it.receives(1)

    def test_hanging_up_is_safe_at_any_time(self) -> None:
        with self.plugged() as it:
            it.device.hang_up()
            it.far_end.call(OURS, call(SENDER), Pages([page(0)]))
            it.answer()
            assert it.device.line_up(), "the call that was answered does not stand"
            it.device.hang_up()
            it.device.hang_up()
            assert not it.device.line_up(), "the call that was ended stands"
            it.bench.run(60.0)
            assert it.far_end.calls[0].ended is not None, "the far end still has the line"

    def test_dialling_tells_why_there_is_no_call(self) -> None:
        self.must_dial()
        with self.plugged() as it:
            nobodys = it.device.dial("999", 60.0)
            expected = (CallResult.BUSY, CallResult.NO_CARRIER, CallResult.UNOBTAINABLE)
            assert nobodys in expected, f"nobody's number was {nobodys}"
            assert not it.device.line_up(), "a call stands that never came about"
            for seconds in (20.0, 100.0):
                it.device.hang_up()
                it.bench.run(10.0)
                began = it.now()
                silent = it.device.dial(THEIRS, seconds)
                assert silent in (CallResult.NO_ANSWER, CallResult.NO_CARRIER, CallResult.TIMEOUT), (
                    f"a telephone that nobody answers was {silent}"
                )
                assert it.now() - began < seconds + STOP_LIMIT, "nobody's answer was waited for too long"
                assert not it.device.line_up(), "a call stands that never came about"

    def test_a_busy_number_is_busy(self) -> None:
        self.must_dial()
        if not self.hears_busy:
            raise SkipTest("the driver says that its device cannot hear a busy tone")
        with self.plugged() as it:
            it.far_end.call(OTHERS, call(SENDER), Pages([page(0)]))
            began = it.now()
            result = it.device.dial(THEIRS, 60.0)
            assert result is CallResult.BUSY, f"a telephone in use was {result}"
            assert it.now() - began < 30.0, "the busy tone was listened to for too long"

    def test_dialling_can_be_cancelled(self) -> None:
        self.must_dial()
        with self.plugged() as it:
            it.from_another_thread(6.0, it.device.cancel)
            began = it.now()
            result = it.device.dial(THEIRS, 60.0)  # it rings, and nobody answers
            assert result is not CallResult.CONNECTED, "a call came about that nobody answered"
            assert it.now() - began < 6.0 + STOP_LIMIT, "dialling outlasted its cancellation"
            it.device.hang_up()
            it.bench.run(15.0)
            it.receives(1)

    def test_there_is_no_fax_without_a_call(self) -> None:
        with self.plugged() as it:
            began = it.now()
            try:
                outcome = drive(it.device.receive(RECEIVER), Job())
            except DeviceError:
                return
            assert outcome.status is not Status.NORMAL, "a fax was received without a call"
            assert it.now() - began < STOP_LIMIT, "a fax was waited for without a call"
