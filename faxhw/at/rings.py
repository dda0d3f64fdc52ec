"""The call that rings: how often, since when, whose it is; told from the lines that a modem says by itself.

A ring is a moment in the past, and a modem does not say when it has ended. So each is kept with what is known
of its time: who has not listened for a while finds old rings in the port, perhaps of a caller who has gone.
"""

from __future__ import annotations

import re

from faxhw.at.caller_id import CallerId, announces, is_digit, is_ring, read_line
from faxhw.at.replies import Result, result_of

_LONG = 9
"""Tenths of a second; a longer part of a ring is a long one."""
_MAX_PARTS = 8
_CADENCE = re.compile(r"DRON\s*=\s*([0-9]{1,5})", re.IGNORECASE)


class Rings:
    """One call at a time. Caller ID may come before the first ring."""

    def __init__(self, gap: float) -> None:
        """``gap``: seconds without a ring after which the call has gone away."""
        self._gap = gap
        self._after = self._before = float("-inf")
        """The moments between which the last ring, or word of the caller, came."""
        self._ignored_since = 0.0
        self.count = 0
        """Rings heard of it; once it is ignored, those since then."""
        self.caller = CallerId()
        self.ignored = False
        """Whether the call is to be reported no more, though it may ring on."""
        self.announced = False
        """Whether it came over a trunk, which tells of a call once and does not ring."""
        self.digits_come = False
        """Whether the line heard last was a digit of the called number, of which more may follow."""
        self._cadence = ""
        """The parts of the ring that is being told: L and S for long and short ones."""

    def hear(self, line: str, after: float, now: float) -> bool:
        """Learn from a line that came between two moments; False if it says nothing of a call."""
        if after - self._before >= self._gap:
            self.forget()
        if result_of(line) is Result.NO_CARRIER:
            self.forget()
            return True
        told = read_line(line, self.caller, ringing=self.count > 0)
        announced = self.count == 0 and announces(line)
        rang = announced or is_ring(line)
        self.announced |= announced
        self.digits_come = is_digit(line)
        self._time(line, rang)
        if told or rang:
            self._after, self._before = after, now
            self.count += rang
        return told or rang

    def _time(self, line: str, rang: bool) -> None:
        """Learn the cadence of a ring, of which each part comes before it (V.253's +VDR)."""
        if (part := _CADENCE.match(line)) and len(self._cadence) < _MAX_PARTS:
            self._cadence += "L" if int(part[1]) > _LONG else "S"
        elif rang and self._cadence:
            self.caller.distinctive_ring, self._cadence = self._cadence, ""

    def left(self, now: float) -> float:
        """Seconds until the call that rings counts as gone; 0.0 if none rings, or it is ignored."""
        return 0.0 if self.count == 0 or self.ignored else max(0.0, self._before + self._gap - now)

    def certain(self, now: float) -> bool:
        """Whether the last ring was so lately that the next one cannot be overdue."""
        return now - self._after < self._gap

    def since(self, now: float) -> float:
        """Seconds since the last ring, at least."""
        return now - self._before

    def drop_if_stale(self, now: float) -> None:
        """Forget rings of which nobody knows when they were: their caller may have gone; if not, it rings on.

        A call that is ignored stays so if it can have rung all the while, at least once in each gap.
        """
        rang_on = self.ignored and self.count * self._gap >= now - self._ignored_since
        if not self.certain(now) and not rang_on:
            self.forget()

    def ignore(self, now: float) -> None:
        """Report the call that rings no more."""
        if self.count:
            self.ignored, self._ignored_since, self.count = True, now, 0

    def forget(self) -> None:
        """There is no call that rings."""
        self.count, self.caller, self.ignored = 0, CallerId(), False
        self.announced, self._cadence = False, ""
