"""Sending: pages as they were given, again where they were refused, and far ends that go."""

from __future__ import annotations

from faxhw.device import CallResult
from faxhw.session import Event, PageSent, PageWanted, Reply, Status, Verdict
from faxhw.t30.calling import poll
from faxhw.testing.bench import FarEnd
from faxhw.testing.conformance.plugged import (
    NOT_FAX_LIMIT,
    OURS,
    RECEIVER,
    RINGING,
    SENDER,
    STOP_LIMIT,
    THEIRS,
    Suite,
    corrected,
)
from faxhw.testing.faxes import Job, Pages, drive, page


class Sending(Suite):
    """Sessions that send."""

    def test_pages_are_sent(self) -> None:
        self.must_send()
        with self.plugged() as it:
            job, sender = Job(), Pages([page(number) for number in range(2)])
            it.calls_a_receiver(job)
            assert it.device.line_up(), "the call that was made does not stand"
            outcome = drive(it.device.send(SENDER), sender)
            it.device.hang_up()
            it.bench.run(30.0)
            assert outcome.status is Status.NORMAL, f"a fax on a perfect line ended so: {outcome}"
            assert sender.confirmed == 2, "the job was told of another number of confirmed pages"
            assert job.pages == sender.pages, "the pages are not those that were given"
            theirs = it.far_end.calls[0].outcome
            assert theirs is not None, "the far end still waits"
            assert theirs.status is Status.NORMAL, f"the far end's fax ended so: {theirs}"

    def test_pages_are_sent_with_error_correction(self) -> None:
        self.must_send()
        with self.plugged() as it:
            self.must_correct(it.device)
            job, sender = Job(), Pages([page(number) for number in range(2)])
            it.calls_a_receiver(job, corrected(RECEIVER))
            outcome = drive(it.device.send(corrected(SENDER)), sender)
            assert outcome.status is Status.NORMAL, f"a fax on a perfect line ended so: {outcome}"
            assert sender.confirmed == 2, "the job was told of another number of confirmed pages"
            assert job.pages == sender.pages, "the pages are not those that were given"

    def test_what_is_held_ready_can_be_polled(self) -> None:
        self.must_send()
        with self.plugged() as it:
            self.must_poll(it.device)
            job, sender = Job(), Pages([page(number) for number in range(2)])
            it.far_end.call(OURS, poll(RECEIVER), job)
            it.answer()
            outcome = drive(it.device.send(SENDER), sender)
            assert outcome.status is Status.NORMAL, f"being polled ended so: {outcome}"
            assert sender.confirmed == 2, "the job was told of another number of confirmed pages"
            assert job.pages == sender.pages, "the pages are not those that were given"

    def test_a_page_that_is_refused_is_asked_for_again(self) -> None:
        self.must_settle_pages()
        self.must_send()
        with self.plugged() as it:
            job, sender = Job([Verdict.REJECTED]), _Notes([page(0), page(1)])
            it.calls_a_receiver(job)
            outcome = drive(it.device.send(SENDER), sender)
            assert outcome.status is Status.NORMAL, f"after a page was refused once: {outcome}"
            assert sender.wanted == [False, True, False], "which pages were asked for again"
            assert (sender.refused, sender.confirmed) == (1, 2), "pages refused and confirmed"
            assert job.pages == sender.pages, "the pages are not those that were given"

    def test_a_receiver_that_goes_confirms_nothing(self) -> None:
        self.must_settle_pages()
        self.must_send()
        with self.plugged() as it:
            sender = _FarEndGoes([page(0), page(1)], it.far_end)
            it.calls_a_receiver(Job())
            began = it.now()
            outcome = drive(it.device.send(SENDER), sender)
            assert outcome.status is not Status.NORMAL, "half a fax is said to have been sent"
            assert sender.confirmed == 1, "a page is said to be confirmed, and its receiver was gone"
            assert it.now() - began < 3 * NOT_FAX_LIMIT, "a far end that is gone was waited for too long"

    def test_a_human_who_is_called_is_told_from_a_fax(self) -> None:
        self.must_send()
        with self.plugged() as it:
            it.far_end.answer_with(it.bench.voice)
            began = it.now()
            if it.device.dial(THEIRS, 120.0) is CallResult.CONNECTED:  # else the device has told
                outcome = drive(it.device.send(SENDER), Pages([page(0)]))
                assert outcome.status is not Status.NORMAL, "a human is said to have got a fax"
                assert not outcome.heard_fax, "a human was taken for a fax"
            assert it.now() - began < RINGING + NOT_FAX_LIMIT, "a human was listened to for too long"

    def test_sending_can_be_cancelled(self) -> None:
        self.must_send()
        with self.plugged() as it:
            it.calls_a_receiver(Job())
            it.from_another_thread(8.0, it.device.cancel)
            began = it.now()
            outcome = drive(it.device.send(SENDER), Pages([page(0, rows=20_000)]))
            assert outcome.status is Status.ABORTED, f"a fax that was cancelled ended so: {outcome}"
            assert it.now() - began < 8.0 + STOP_LIMIT, "sending outlasted its cancellation"
            it.device.hang_up()
            it.bench.run(60.0)
            assert it.far_end.calls[0].ended is not None, "the far end still has the line"


class _Notes(Pages):
    """Pages, and whether each was asked for again."""

    wanted: list[bool]

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, PageWanted):
            self.wanted = [*getattr(self, "wanted", []), event.again]
        return super().__call__(event)


class _FarEndGoes(Pages):
    """Pages whose receiver hangs up once it has confirmed the first."""

    def __init__(self, pages: list[list[tuple[int, ...]]], far_end: FarEnd) -> None:
        super().__init__(pages)
        self._far_end = far_end

    def __call__(self, event: Event) -> Reply:
        reply = super().__call__(event)
        if isinstance(event, PageSent):
            self._far_end.hang_up()
        return reply
