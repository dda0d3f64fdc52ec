"""Decoding a received page and judging it (T.4 clause 4, T.6)."""

from __future__ import annotations

from dataclasses import dataclass

from faxhw.session import Coding
from faxhw.t4.rows import Row


@dataclass(frozen=True, slots=True)
class PageReport:
    """What a received page is worth."""

    rows: int
    bad_rows: int
    longest_bad_run: int
    complete: bool
    missing_rows: int = 0


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """A received page."""

    report: PageReport
    rows: list[Row]
    clean: bytes | None


class PageDecoder:
    """Takes the octets of one page in any pieces."""

    def __init__(
        self, coding: Coding, width: int, *, max_rows: int = 20000, max_octets: int = 16 * 2**20
    ) -> None:
        raise NotImplementedError("the decoder is being written")

    def feed(self, data: bytes) -> None:
        raise NotImplementedError

    def finish(self) -> DecodedPage:
        raise NotImplementedError
