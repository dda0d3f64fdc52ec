"""Minds a line from a thread of its own: tells that it is alive, and ends a call that has to end.

A call is ended when the service stops (once the page in hand is over), when its job is cancelled, and when it
has lasted for longer than the line allows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from faxhw.channel import Channel
from faxhw.clock import Clock, Deadline
from faxhw.errors import Error
from faxhw.serve.posts import Words
from faxhw.serve.settings import Line

log = logging.getLogger("faxhw.serve")

PULSE = 5.0
"""Seconds between signs of life."""
_TICK = 0.5
"""Seconds between looks at a page that is to be the last."""
_LAST_PAGE = 300.0
"""Seconds that the page in hand may still take."""
_NO_PAGE = 10.0
"""Seconds without an octet of a page after which there is none in hand."""
_REPLY_TIME = 4.0
"""Seconds in which a page that is stored is confirmed to its sender."""


class Minder:
    """Watches over one channel."""

    def __init__(self, clock: Clock, report: Callable[[Words], None], line: Line) -> None:
        self._clock = clock
        self._report = report
        self._line = line
        self._monitor = clock.monitor()
        self._channel: Channel | None = None
        self._state = "OPENING"
        self._job: int | None = None
        self._since = clock.monotonic()
        self._stop = ""
        """Why the call in hand, and every other, is to end."""
        self._cancelled: int | None = None
        self._ended = False
        """Whether the call in hand was ended from here: whoever has it should soon notice."""

    # ------------------------------------------------------------------------------------------------------
    # From the thread that attends the line, and from that which takes its orders

    def mind(self, channel: Channel) -> None:
        """Begin to."""
        self._channel = channel
        self._clock.spawn(lambda: self._watch(channel), f"minder {self._line.name}")

    def leave(self) -> None:
        """End; the channel is about to be closed."""
        with self._monitor:
            self._channel = None
            self._monitor.notify_all()

    def beat(self, state: str, job: int | None = None) -> None:
        """The line's own thread is at work: what it does now."""
        with self._monitor:
            if self._job is not None and self._job == self._cancelled and job != self._job:
                self._cancelled = None  # that call is over; the same job may come again
            if (state, job) != (self._state, self._job):
                self._state, self._job, self._since = state, job, self._clock.monotonic()
                self._ended = False
        self._tell(own=True)

    def end_call(self, why: str) -> None:
        """End the call in hand once its page is over; one that begins, at once."""
        with self._monitor:
            self._stop = why
            self._monitor.notify_all()

    def abandon(self, why: str) -> None:
        """As ``end_call``; the call of a job ends at once."""
        with self._monitor:
            self._stop, self._cancelled = why, self._job
            self._monitor.notify_all()

    def cancel_job(self, job: int) -> None:
        """End the call that is made for a job."""
        with self._monitor:
            self._cancelled = job
            self._monitor.notify_all()

    # ------------------------------------------------------------------------------------------------------
    # The minder's own thread

    def _watch(self, channel: Channel) -> None:
        while True:
            with self._monitor:
                self._monitor.wait_for(lambda: self._channel is None or bool(self._reason()), PULSE)
                if self._channel is None:
                    return
                why = self._reason()
                gently = why == self._stop
            self._tell(own=False)
            if why:
                self._end(channel, why, gently=gently)

    def _reason(self) -> str:
        """Why the call in hand is to end; empty: it is not."""
        if self._state == "WAITING" or self._ended:
            return ""
        if self._cancelled is not None and self._cancelled == self._job:
            return f"fax {self._job} was cancelled"
        if self._clock.monotonic() - self._since > self._line.max_seconds:
            return f"it has lasted for {self._line.max_seconds} s"
        return self._stop

    def _end(self, channel: Channel, why: str, *, gently: bool) -> None:
        """End the call; whoever waits for it meets ``Hangup``, or finds the channel IDLE."""
        if gently:
            self._let_page_end(channel)
        with self._monitor:
            if self._reason() != why:  # it has ended meanwhile
                return
            since = self._since
        log.info("%s: the call is ended: %s", self._line.name, why)
        try:
            for fax in (channel.FaxReceiver, channel.FaxSender):
                if channel.state() is channel.State.ANSWERED:
                    fax.stop()
            channel.hang_up()
        except Error as error:
            log.warning("%s: ending the call: %s", self._line.name, error)
        with self._monitor:
            self._ended = self._since == since  # else whoever had it has noticed

    def _let_page_end(self, channel: Channel) -> None:
        """Wait until the page in hand has been confirmed, or it is plain that there is none."""
        patience, idle = Deadline(self._clock, _LAST_PAGE), Deadline(self._clock, _NO_PAGE)
        before = _pages(channel)
        while self._channel is not None and _running(channel) and _pages(channel) == before:
            if patience.passed() or idle.passed():
                return
            if _octets(channel):
                idle = Deadline(self._clock, _NO_PAGE)
            self._clock.sleep(_TICK)
        if _pages(channel) != before:  # it is stored; the far end is still to be told so
            self._clock.sleep(_REPLY_TIME)

    # ------------------------------------------------------------------------------------------------------

    def _tell(self, *, own: bool) -> None:
        """A sign of life. ``own``: of the line's thread, else only of its process."""
        channel = self._channel
        words: Words = {"beat": self._state, "own": own, "ended": self._ended}
        if self._job is not None:
            words["job"] = self._job
        if channel is not None and self._state != "WAITING":
            details = channel.Details
            words |= {
                "call": str(channel.state()),
                "caller": details.call_from,
                "called": details.call_to,
                "pages": _pages(channel),
                "octets": _octets(channel),
            }
        self._report(words)


def _pages(channel: Channel) -> int:
    """Pages of the call so far."""
    return channel.FaxReceiver.Details.pages + channel.FaxSender.Details.pages


def _octets(channel: Channel) -> int:
    """Of the page in hand."""
    return channel.FaxReceiver.Details.page_octets + channel.FaxSender.Details.page_octets


def _running(channel: Channel) -> bool:
    """Whether a fax is in progress."""
    receiver, sender = channel.FaxReceiver, channel.FaxSender
    return receiver.state() is receiver.State.RECEIVING or sender.state() is sender.State.TRANSMITTING
