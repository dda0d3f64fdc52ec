"""A device on a bench with a far end, and what tests of every sort do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest import SkipTest

from faxhw.clock import Worker
from faxhw.device import CallResult, Device
from faxhw.session import Status
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Coding, Resolution, Settings
from faxhw.testing.bench import Bench, FarEnd, new_bench
from faxhw.testing.faxes import Job, Pages, drive, page

OURS, THEIRS, OTHERS = "100", "200", "300"
"""The numbers of the device, of the far end, and of whoever else is wanted."""
SENDER = Settings(ident="+1 200", resolutions=frozenset({Resolution.STANDARD}))
RECEIVER = Settings(ident="+1 100")

STOP_LIMIT = 10.0
"""Seconds within which whatever is cancelled or closed must have ended."""
RINGING = 10.0
"""Seconds from dialling until a far end has answered."""
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
        result = self.device.answer(60.0)
        assert result is CallResult.CONNECTED, f"a call that rings was answered, and that was {result}"

    def is_called_with(self, pages: int, settings: Settings = SENDER) -> Pages:
        """The far end calls with so many pages, and is answered."""
        sender = Pages([page(number) for number in range(pages)])
        self.far_end.call(OURS, call(settings), sender)
        self.answer()
        return sender

    def receives(self, pages: int) -> Job:
        """A fax of so many pages from the first ring to the hanging up."""
        sender, job = self.is_called_with(pages), Job()
        outcome = drive(self.device.receive(RECEIVER), job)
        self.device.hang_up()
        self.bench.run(30.0)
        assert outcome.status is Status.NORMAL, f"a fax on a perfect line ended so: {outcome}"
        assert outcome.heard_fax, "pages came, and the outcome says that no fax was heard"
        assert sender.confirmed == pages, "the sender was told of another number of good pages"
        assert job.pages == sender.pages, "the pages are not those that were sent"
        return job

    def calls_a_receiver(self, job: Job, settings: Settings = RECEIVER) -> None:
        """The far end answers with a fax, and is dialled."""
        self.far_end.answer_with(lambda: answer(settings), job)
        result = self.device.dial(THEIRS, 120.0)
        assert result is CallResult.CONNECTED, f"a fax answered the call, and that was {result}"

    def from_another_thread(self, seconds: float, act: Callable[[], None]) -> Worker:
        """Have something done in so many seconds, by a thread of its own."""

        def later() -> None:
            self.bench.clock.sleep(seconds)
            act()

        return self.bench.clock.spawn(later, "another thread")


def corrected(settings: Settings) -> Settings:
    """The same with error correction, and the coding that needs it."""
    return replace(settings, ecm=True, codings=frozenset(Coding))


class Suite:
    """What the parts of the suite share, and what a test class that inherits them says of its device."""

    can_dial = True
    """Whether the device can make calls."""
    can_send = True
    """Whether its driver can send faxes."""
    hears_busy = True
    """Whether it can tell a busy tone from other reasons why there is no call."""
    has_caller_id = True
    """Whether it learns who calls."""
    settles_pages = True
    """Whether each page's confirmation is the driver's business; a card that runs T.30 confirms pages itself,
    and tells at the end how many the far end has confirmed."""

    def plug_in(self, bench: Bench, number: str) -> Device:
        """Open the device as the subscriber ``number`` of a bench. More than one may be plugged in."""
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

    def must_dial(self) -> None:
        if not self.can_dial:
            raise SkipTest("the driver says that its device cannot dial")

    def must_correct(self, device: Device) -> None:
        if not device.capabilities().ecm:
            raise SkipTest("the driver says that its device has no error correction")

    def must_poll(self, device: Device) -> None:
        if not device.capabilities().poll:
            raise SkipTest("the driver says that its device cannot poll")

    def must_settle_pages(self) -> None:
        if not self.settles_pages:
            raise SkipTest("the driver says that its device settles pages by itself")

    def must_send(self) -> None:
        self.must_dial()
        if not self.can_send:
            raise SkipTest("the driver says that it cannot send")
