"""What the host's administrator lets the queue do: limits, tries, hours.

Time windows are parsed elsewhere; the queue asks them two questions and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Window(Protocol):
    """The hours in which something may happen, in local time."""

    def open_at(self, moment: datetime, /) -> bool: ...

    def next_opening(self, moment: datetime, /) -> datetime:
        """The first moment from this one on at which it is open."""
        ...


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """Limits of the queue; the ``[queue]`` table of the configuration."""

    tries: int = 8
    """Calls that a fax is worth; those that failed on this side (no dial tone, a modem that died) are not
    counted."""
    keep_days: float = 14
    """For how long a fax that is over is kept, with its document, and calls to a number are remembered."""
    window: Window | None = None
    """When calls may begin; ``None``: at any time."""
    blocked: tuple[str, ...] = ()
    """Patterns (``numbers``) of numbers that are never called."""
    max_jobs: int = 1000
    """Faxes that may wait at a time."""
    max_pages: int = 500
    """Pages of one fax."""
    max_octets: int = 100_000_000
    """Octets of one document."""
