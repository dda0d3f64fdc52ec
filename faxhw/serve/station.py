"""A line as the supervisor knows it: its post, what that said last, and what is to become of it.

A post that ends, or has to be ended, is started again: after a while that grows with every failure in a row,
and with a remedy for the device that grows stronger. A line that has gone well for some minutes is well.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from faxhw.clock import Clock
from faxhw.ports.base import BUSY
from faxhw.serve.posts import Post, Words
from faxhw.serve.remedies import remedy_for
from faxhw.serve.settings import Kind, Line

log = logging.getLogger("faxhw.serve")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds until a post is started again."""
WELL_AFTER = 300.0
"""Seconds of good health after which earlier failures are forgotten."""
DEAD_AFTER = 90.0
"""Seconds without a sign of life from the line's own thread, where it waits and should give one every 2 s:
opening a modem takes up to 40."""
GONE_AFTER = 30.0
"""Seconds that an application gets when its call was ended: what it asks of the channel raises ``Hangup``."""
_OF_A_CALL = ("call", "caller", "called", "pages", "octets")
STUCK_AFTER = 420.0
"""Seconds of a call in which nothing moves: T1, all tries of a command and T5 together take less."""


@dataclass(slots=True)
class Counts:
    """What a line has done since the service began."""

    calls: int = 0
    """That rang, or were dialled."""
    received: int = 0
    """Faxes that came whole."""
    sent: int = 0
    pages_received: int = 0
    pages_sent: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Faxes that failed, by cause."""
    restarts: int = 0


class Station:
    """One line. All of it under the supervisor's monitor."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self.line = line
        self._clock = clock
        self.post: Post | None = None
        self.counts = Counts()
        self.state = "STARTING"
        """STARTING, WAITING, CALL, SENDING, DOWN or ENDING."""
        self.since = clock.now()
        self.call: Words = {}
        """What was last said of the call in hand."""
        self.job: int | None = None
        """The job that its post was given."""
        self.error = ""
        """Why it was last down."""
        self.trouble = ""
        """What went wrong with its last call on this side: a full disk, an application that failed."""
        self._killed = False
        self._reason = ""
        """Why its post is about to end."""
        self.failures = 0
        """In a row."""
        self._unopened = 0
        """How many of them since its device was last well enough to wait for a call."""
        self.leaving = False
        """Whether its post is to end, and stays ended."""
        self.successor: Line | None = None
        """What the line is to be once its post has ended: it was reconfigured."""
        self._start_at = clock.monotonic()
        self._began = clock.monotonic()
        self._alive_at = clock.monotonic()
        self._moved_at = clock.monotonic()
        self._call_ended_at: float | None = None
        """Since when the call in hand has been one that was ended from this side."""

    # ------------------------------------------------------------------------------------------------------
    # The post

    @property
    def due(self) -> bool:
        """Whether its post is to be started now."""
        return self.post is None and not self.leaving and self._clock.monotonic() >= self._start_at

    @property
    def free(self) -> bool:
        """Whether it can take a job."""
        return self.state == "WAITING" and self.job is None and self.line.sends and not self.leaving

    @property
    def remedy(self) -> str:
        """What its device needs: nothing, where it is the application that ends the post at each call."""
        return remedy_for(self._unopened)

    def started(self, post: Post) -> None:
        self.post, self._reason, self._call_ended_at = post, "", None
        self._killed = False
        self._began = self._alive_at = self._moved_at = self._clock.monotonic()
        self._enter("STARTING")

    def ended(self, why: str) -> None:
        """Its post has ended; ``why`` is empty where it was told to."""
        self.post, self.call = None, {}
        if self.leaving:
            self._enter("ENDING")
            return
        lived = self._clock.monotonic() - self._began
        self.failures = 1 if lived > WELL_AFTER else self.failures + 1
        self._unopened += BUSY not in self.error  # a reset would end what another program does
        self.counts.restarts += 1
        self.error = self._reason or why or "it ended by itself"
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self.failures - 1))
        self._start_at = self._clock.monotonic() + wait
        self._enter("DOWN")
        log.error("%s: down: %s; again in %.0f s", self.line.name, self.error, wait)

    def kill(self) -> None:
        """End its post, once: one that the kernel holds does not end any sooner for more."""
        if self.post is not None and not self._killed:
            self._killed = True
            self.post.kill()

    def fails(self, why: str) -> None:
        """Its post is about to end, and this is why."""
        self._reason = self.error = why

    def hurt(self) -> str:
        """Why its post is to be killed; empty: it is not."""
        if self.post is None or self._killed:
            return ""
        now = self._clock.monotonic()
        if self.state in ("STARTING", "WAITING") and now - self._alive_at > DEAD_AFTER:
            return f"no sign of life for {DEAD_AFTER:.0f} s"
        if self._call_ended_at is not None and now - self._call_ended_at > GONE_AFTER:
            return f"its call was ended, and whatever had the call goes on {GONE_AFTER:.0f} s later"
        if self.state in ("CALL", "SENDING") and now - self._moved_at > STUCK_AFTER:
            return f"nothing has moved in its call for {STUCK_AFTER:.0f} s"
        return ""

    # ------------------------------------------------------------------------------------------------------
    # What it says

    def beat(self, words: Words) -> None:
        """A sign of life."""
        now = self._clock.monotonic()
        if words.get("own"):
            self._alive_at = now
        if not words.get("ended"):
            self._call_ended_at = None
        elif self._call_ended_at is None:
            self._call_ended_at = now
        call = {name: word for name, word in words.items() if name in _OF_A_CALL}
        if call != self.call or words["beat"] != self.state:
            self._moved_at = now
        self.call = call
        if self.state != words["beat"]:
            if words["beat"] == "WAITING":
                self.error, self._unopened = "", 0
                if now - self._began > WELL_AFTER:
                    self.failures = 0
            self.counts.calls += words["beat"] in ("CALL", "SENDING")
            self._enter(str(words["beat"]))

    def count_received(self, fax: Words) -> None:
        """A fax came, or should have."""
        if fax.get("kind") == Kind.SENT:
            self.count_sent("NORMAL", {"confirmed": fax.get("pages", 0)})
            return
        self.counts.pages_received += int(fax.get("pages", 0))
        if fax.get("cause") == "NORMAL":
            self.counts.received += 1
        else:
            self._count_failure(str(fax.get("cause")))

    def count_sent(self, cause: str, words: Words) -> None:
        """A job's call is over."""
        self.counts.pages_sent += int(words.get("confirmed", 0))
        if cause == "NORMAL":
            self.counts.sent += 1
        else:
            self._count_failure(cause)

    def _count_failure(self, cause: str) -> None:
        self.counts.failures[cause] = self.counts.failures.get(cause, 0) + 1

    def _enter(self, state: str) -> None:
        if state != self.state:
            self.state, self.since = state, self._clock.now()
            self._moved_at = self._clock.monotonic()
