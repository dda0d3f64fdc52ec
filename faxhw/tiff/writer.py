"""The append-and-commit writer of received faxes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType

from faxhw.session import Coding, Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPage:
    """One page to store."""

    data: bytes
    """The coded page, first bit on the line in the lowest bit; MH and MR with EOLs, without RTC."""
    coding: Coding
    width: int
    rows: int
    resolution: Resolution
    bad_rows: int = 0
    longest_bad_run: int = 0
    description: str = ""
    make: str = ""
    model: str = ""
    date: datetime | None = None


class TiffFax:
    """A fax that is being stored."""

    def __init__(self, path: str | os.PathLike[str], *, replace: bool = True) -> None:
        raise NotImplementedError("the writer is being written")

    def append(self, page: TiffPage) -> None:
        raise NotImplementedError

    @property
    def pages(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> TiffFax:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
