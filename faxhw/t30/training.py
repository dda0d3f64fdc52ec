"""The training check, TCF: 1.5 s of zeros at the page's modulation (T.30 clause 5.3.6.1.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faxhw.terms import Settings

TCF_SECONDS = 1.5
"""1.5 s +-10 %."""
MAX_TCF_SECONDS = 4.0
"""Longer than this is no TCF: somebody's page, or noise."""

_ZEROS = re.compile(rb"\0+")


@dataclass(frozen=True, slots=True)
class TcfQuality:
    """What a TCF was worth."""

    seconds: float
    zero_run: float
    """Seconds of the longest run of zero octets."""
    bad_share: float
    """Share of octets other than zero between the first and the last zero octet."""

    def satisfies(self, settings: Settings) -> bool:
        """Whether the line is good enough for a page at this rate."""
        return self.zero_run >= settings.tcf_zeros and self.bad_share <= settings.tcf_errors


def judge(octets: bytes, rate: int) -> TcfQuality:
    """Judge what was heard as TCF at ``rate`` bit/s.

    A modem may hand up a few octets of its own training before the zeros and of the carrier's end after
    them: they say nothing of the line.
    """
    runs = [each.end() - each.start() for each in _ZEROS.finditer(octets)]
    body = octets.strip(bytes(range(1, 256)))
    bad = len(body) - body.count(0)
    return TcfQuality(
        seconds=len(octets) * 8 / rate,
        zero_run=max(runs, default=0) * 8 / rate,
        bad_share=bad / len(body) if body else 1.0,
    )


def tcf(rate: int, *, chunk: int = 256) -> Iterator[bytes]:
    """The zeros to send, in pieces."""
    left = round(rate * TCF_SECONDS / 8)
    while left > 0:
        yield bytes(min(chunk, left))
        left -= chunk
