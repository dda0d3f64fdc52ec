"""Receiving: pages whole and in order, the job's word on each, far ends that go, and people who call."""

from __future__ import annotations

from dataclasses import replace

from faxhw.device import CallResult, Device
from faxhw.session import (
    Event,
    Negotiated,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    RemoteInfo,
    Reply,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t30.answering import hold_ready
from faxhw.t30.calling import call
from faxhw.terms import Coding, Family, Settings
from faxhw.testing.bench import FarEnd
from faxhw.testing.conformance.plugged import (
    NOT_FAX_LIMIT,
    OTHERS,
    OURS,
    RECEIVER,
    SENDER,
    THEIRS,
    Plugged,
    Suite,
    corrected,
)
from faxhw.testing.faxes import Job, Pages, drive, page


class Receiving(Suite):
    """Sessions that receive."""

    def test_pages_arrive_whole_and_in_order(self) -> None:
        with self.plugged() as it:
            job = it.receives(3)
            kinds = [type(event) for event in job.events if not isinstance(event, RemoteInfo | PageOver)]
            assert kinds == [Negotiated, *[PageBegins, PageEnds] * 3], "the events of three pages"
            said = [event.ident for event in job.events if isinstance(event, RemoteInfo)]
            assert SENDER.ident in said, "the sender's number was not passed on"

    def test_pages_arrive_with_error_correction(self) -> None:
        with self.plugged() as it:
            self.must_correct(it.device)
            sender, job = it.is_called_with(3, corrected(SENDER)), Job()
            outcome = drive(it.device.receive(corrected(RECEIVER)), job)
            assert outcome.status is Status.NORMAL, f"a fax on a perfect line ended so: {outcome}"
            assert sender.confirmed == 3, "the sender was told of another number of good pages"
            assert job.pages == sender.pages, "the pages are not those that were sent"
            settled = [event.parameters for event in job.events if isinstance(event, Negotiated)]
            assert [(each.ecm, each.coding) for each in settled] == [(True, Coding.MMR)], "what was settled"

    def test_what_a_far_end_holds_ready_is_polled(self) -> None:
        self.must_dial()
        with self.plugged() as it:
            self.must_poll(it.device)
            job, sender = Job(), Pages([page(number) for number in range(2)])
            it.far_end.answer_with(lambda: hold_ready(SENDER), sender)
            assert it.device.dial(THEIRS, 120.0) is CallResult.CONNECTED, "a fax answered the call"
            outcome = drive(it.device.receive(replace(RECEIVER, poll=True)), job)
            assert outcome.status is Status.NORMAL, f"polling ended so: {outcome}"
            assert job.pages == sender.pages, "the pages are not those that were held ready"

    def test_one_call_after_another(self) -> None:
        with self.plugged() as it:
            for pages in (1, 2, 1):
                it.receives(pages)
                it.bench.run(5.0)

    def test_a_script_may_think_before_the_fax(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(1)
            it.bench.run(8.0)
            job = Job()
            outcome = drive(it.device.receive(RECEIVER), job)
            assert outcome.status is Status.NORMAL, f"after eight seconds of thought: {outcome}"
            assert sender.confirmed == 1, "the page was not confirmed"
            assert job.pages == sender.pages, "the page is not the one that was sent"

    def test_a_fax_keeps_to_the_settings(self) -> None:
        with self.plugged() as it:
            slowest = min(each.rate for each in it.device.capabilities().modulations())
            slow = Settings(
                ident=RECEIVER.ident, min_rate=slowest, max_rate=slowest, families=frozenset(Family)
            )
            sender, job = it.is_called_with(1), Job()
            assert drive(it.device.receive(slow), job).status is Status.NORMAL
            settled = [event.parameters for event in job.events if isinstance(event, Negotiated)]
            assert [each.modulation.rate for each in settled] == [slowest], "faster than the settings allow"
            assert job.pages == sender.pages, "the page is not the one that was sent"

    def test_a_refused_page_comes_again(self) -> None:
        self.must_settle_pages()
        with self.plugged() as it:
            sender = it.is_called_with(2)
            job = Job([Verdict.GOOD, Verdict.REJECTED])
            outcome = drive(it.device.receive(RECEIVER), job)
            assert outcome.status is Status.NORMAL, f"after a page was refused once: {outcome}"
            assert (sender.refused, sender.confirmed) == (1, 2), "pages refused and confirmed"
            assert job.pages == sender.pages, "the pages are not those that were sent"

    def test_a_page_may_be_confirmed_and_the_line_be_trained_anew(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(2)
            job = Job([Verdict.RETRAIN])
            outcome = drive(it.device.receive(RECEIVER), job)
            assert outcome.status is Status.NORMAL, f"after a page that asked for training: {outcome}"
            assert sender.confirmed == 2, "the page that asked for training was not confirmed"
            assert job.pages == sender.pages, "the pages are not those that were sent"

    def test_a_page_that_cannot_be_stored_is_not_confirmed(self) -> None:
        with self.plugged() as it:
            sender = it.is_called_with(2)
            outcome = drive(it.device.receive(RECEIVER), Job([Verdict.GOOD, Verdict.FAILED]))
            it.device.hang_up()
            it.bench.run(30.0)
            assert outcome.status is not Status.NORMAL, "a page was lost, and the fax is said to be whole"
            assert sender.confirmed == 1, "the sender takes a page for delivered that is nowhere"

    def test_a_page_is_confirmed_after_the_word_on_it(self) -> None:
        for seconds in (1.5, 6.0):
            with self.plugged() as it:
                self._receives_slowly(it, seconds, SENDER, RECEIVER)

    def test_a_corrected_page_is_confirmed_after_the_word_on_it(self) -> None:
        with self.plugged() as it:
            self.must_correct(it.device)
            self._receives_slowly(it, 12.0, corrected(SENDER), corrected(RECEIVER))

    def _receives_slowly(self, it: Plugged, seconds: float, theirs: Settings, ours: Settings) -> None:
        sender = it.is_called_with(2, theirs)
        job = _TakesItsTime(it, sender, seconds)
        outcome = drive(it.device.receive(ours), job)
        assert outcome.status is Status.NORMAL, f"a disk that takes {seconds} s a page: {outcome}"
        assert job.confirmed_early == [0, 0], "pages were confirmed before the job's word on them"
        assert job.pages == sender.pages, "the pages are not those that were sent"

    def test_a_far_end_that_goes_in_mid_page(self) -> None:
        self.must_settle_pages()
        with self.plugged() as it:
            sender = it.is_called_with(2)
            job = _HangsUp(it.far_end, in_page=2)
            began = it.now()
            outcome = drive(it.device.receive(RECEIVER), job)
            assert outcome.status is not Status.NORMAL, "half a page is said to be a whole fax"
            assert it.now() - began < 3 * NOT_FAX_LIMIT, "a far end that is gone was waited for too long"
            assert job.pages[:1] == sender.pages[:1], "the page before was harmed"
            assert len(job.pages) == sender.confirmed == 1, "half a page was stored, or confirmed"
            it.device.hang_up()
            it.bench.run(30.0)
            it.receives(1)

    def test_a_human_is_told_from_a_fax(self) -> None:
        with self.plugged() as it:
            it.far_end.call(OURS, it.bench.voice)
            it.answer()
            began = it.now()
            outcome = drive(it.device.receive(RECEIVER), Job())
            assert outcome.status is not Status.NORMAL, "a human is said to have sent a fax"
            assert not outcome.heard_fax, "a human was taken for a fax"
            assert it.now() - began < NOT_FAX_LIMIT, "a human was listened to for too long"

    def test_two_devices_receive_at_once(self) -> None:
        with self.plugged() as it:
            second = self.plug_in(it.bench, OTHERS)
            jobs, senders = [Job(), Job()], [Pages([page(number)]) for number in (0, 1)]
            it.far_end.call(OURS, call(SENDER), senders[0])
            it.bench.station("400").call(OTHERS, call(SENDER), senders[1])

            def receive(device: Device, job: Job) -> None:
                device.wait_for_call(60.0)
                device.answer(60.0)
                drive(device.receive(RECEIVER), job)
                device.hang_up()

            try:
                worker = it.from_another_thread(0.0, lambda: receive(second, jobs[1]))
                receive(it.device, jobs[0])
                assert worker.join(300.0), "the second device is still at it"
            finally:
                second.close()
            assert [job.pages for job in jobs] == [sender.pages for sender in senders], "pages of each device"


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


class _TakesItsTime(Job):
    """A job that stores slowly, and looks whether the sender had its confirmation before."""

    def __init__(self, it: Plugged, sender: Pages, seconds: float) -> None:
        super().__init__()
        self._it = it
        self._sender = sender
        self._seconds = seconds
        self._stored_at = 0.0
        self._ends: PageEnds | None = None
        self.confirmed_early: list[int] = []

    def __call__(self, event: Event) -> Reply:
        if isinstance(event, PageEnds):
            self._ends, self._stored_at = event, self._it.now() + self._seconds
        if not isinstance(event, PageEnds | VerdictWanted):
            return super().__call__(event)
        left = max(0.0, self._stored_at - self._it.now())
        if event.patience is not None and event.patience < left:
            self._it.bench.run(event.patience)
            return Verdict.PENDING
        self._it.bench.run(left)
        self.confirmed_early.append(self._sender.confirmed - len(self.confirmed_early))
        assert self._ends is not None, "a verdict was wanted before a page had ended"
        return super().__call__(self._ends)
