"""What the host's administrator lets the queue do: limits, tries, hours.

Time windows are parsed elsewhere; the queue asks them two questions and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from faxhw.serve.keys import key, whole


class Window(Protocol):
    """The hours in which something may happen, in local time."""

    def open_at(self, moment: datetime, /) -> bool: ...

    def next_opening(self, moment: datetime, /) -> datetime:
        """The first moment from this one on at which it is open."""
        ...


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """Limits of the queue; the ``[queue]`` table of the configuration."""

    tries: int = field(
        default=8,
        metadata=whole(1, 100, "Calls that a fax is worth; those that fail on this side are not counted."),
    )
    """On this side: no dial tone, a modem that died."""
    keep_days: float = field(
        default=14,
        metadata=whole(
            1, 3650, "Days for which a fax that is over is kept, and calls to a number are remembered."
        ),
    )
    window: Window | None = field(
        default=None,
        metadata=key(
            "When calls may begin, by the host's clock.",
            'a text or a list of texts, such as "22:00-06:00"',
            default="at any time",
        ),
    )
    blocked: tuple[str, ...] = field(
        default=(),
        metadata=key(
            "Numbers that are never called.", 'a text or a list of texts, such as "0900*"', default="none"
        ),
    )
    max_jobs: int = field(default=1000, metadata=whole(1, 1_000_000, "Faxes that may wait at a time."))
    max_pages: int = field(default=500, metadata=whole(1, 100_000, "Pages of one fax."))
    max_octets: int = field(
        default=100_000_000, metadata=whole(1000, 4_000_000_000, "Octets of one document.")
    )
