"""Hours of the week: when calls are answered, when jobs are sent.

Written as ``Mon-Fri 08:00-18:00``, ``Sat,Sun 10:00-12:00``, ``22:00-06:00`` (every day) or ``Sun`` (all day).
Days may run over the end of the week, hours over midnight: what begins on Saturday at 22:00 and ends at 02:00
ends on Sunday. Times are those of the host's zone, whatever zone a moment is given in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from faxhw.errors import UsageError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY
_TEXT = re.compile(
    r"(?P<days>[A-Za-z]+(?:\s*[-,]\s*[A-Za-z]+)*)?\s*"
    r"(?:(?P<from>[0-9]{1,2}:[0-9]{2})\s*-\s*(?P<to>[0-9]{1,2}:[0-9]{2}))?"
)
_EXAMPLE = "write them such as 'Mon-Fri 08:00-18:00'"


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of the week; with none of them it is always open."""

    spans: tuple[tuple[int, int], ...] = ()
    """Minutes of the week, from Monday 00:00: the first, and the one after the last (perhaps next week's)."""

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Hours:
        """The hours that some texts name together. Raises ``UsageError``."""
        return cls(tuple(sorted({span for text in texts for span in _spans(text)})))

    def open_at(self, when: datetime) -> bool:
        """Whether that moment is within the hours."""
        local = when.astimezone()
        minute = local.weekday() * _DAY + local.hour * 60 + local.minute
        return not self.spans or any(
            first <= minute < end or first <= minute + _WEEK < end for first, end in self.spans
        )

    def next_opening(self, when: datetime) -> datetime:
        """The moment itself if it is within the hours, else the next that is, in the host's zone."""
        local = when.astimezone()
        if self.open_at(local):
            return local
        return next(each for each in self._openings(local) if each > local and self.open_at(each))

    def _openings(self, local: datetime) -> Iterator[datetime]:
        """The beginnings of the spans, week after week.

        Where clocks are put on, one may not come that week; where they are put back, it may come twice.
        """
        monday = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        monday -= timedelta(days=local.weekday())
        while True:
            for first, _ in self.spans:
                wall = monday + timedelta(minutes=first)
                yield wall.astimezone()
                yield wall.replace(fold=1).astimezone()
            monday += timedelta(weeks=1)


ALWAYS = Hours()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    found = _TEXT.fullmatch(text.strip())
    if found is None or not text.strip():
        raise UsageError(f"{text!r} are no hours: {_EXAMPLE}")
    first, end = 0, _DAY
    if found["from"] is not None:
        first, end = _minute(found["from"], text), _minute(found["to"], text)
        if first in (end, _DAY):
            raise UsageError(
                f"{text!r} are no hours: they begin and end at once; leave the times out for a day"
            )
        if end < first:
            end += _DAY
    for day in _days(found["days"], text):
        yield day * _DAY + first, day * _DAY + end


def _minute(text: str, whole: str) -> int:
    hour, minute = (int(each) for each in text.split(":"))
    if minute > 59 or hour * 60 + minute > _DAY:
        raise UsageError(f"{whole!r} are no hours: there is no {text}; {_EXAMPLE}")
    return hour * 60 + minute


def _days(text: str | None, whole: str) -> Iterator[int]:
    """Days from 0, Monday."""
    if text is None:
        yield from range(7)
        return
    for part in text.split(","):
        ends = [each.strip().capitalize() for each in part.split("-")]
        unknown = [each for each in ends if each not in DAYS]
        if unknown or len(ends) > 2:
            wrong = unknown[0] if unknown else part.strip()
            raise UsageError(
                f"{whole!r} are no hours: {wrong!r} is none of {', '.join(DAYS)}, or two of them"
            )
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        yield from (day % 7 for day in range(first, last + 1 if last >= first else last + 8))
