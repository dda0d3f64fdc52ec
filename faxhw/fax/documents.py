"""The fax documents that scripts hold: where a fax is to go or comes from, and what became of each page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from faxhw.errors import StorageError, UsageError
from faxhw.fax.rendering import PageSource
from faxhw.tiff import TiffFax


class Quality(StrEnum):
    """What a page is worth."""

    GOOD = "GOOD"
    """No row of it was damaged."""
    FAIR = "FAIR"
    """Damaged, within what the options allow."""
    BAD = "BAD"
    """Damaged beyond it, or not confirmed by the far end."""


@dataclass(frozen=True, slots=True)
class PageDetails:
    """What became of one page."""

    number: int
    """From 1."""
    receive_quality: Quality
    width: int
    """Dots in a row."""
    length: int
    """Rows."""
    resolution: str
    """Dots per inch, ``204x196``."""
    compression: str
    """``MH``, ``MR`` or ``MMR``, as on the line."""
    size: int
    """Octets on the line."""
    data_rate: int
    """bit/s."""
    seconds: float
    """Time on the line."""
    bad_rows: int = 0
    longest_bad_run: int = 0
    """Rows damaged without a good one between them."""
    retransmissions: int = 0
    confirmed: bool = True
    """Whether the sender was told that the page arrived."""


class _Document:
    def __init__(self, file_name: str | os.PathLike[str] | None = None) -> None:
        self.file_name: Path | None = None
        self.PageDetails: list[PageDetails] = []
        """An entry for each page handled so far, in order; the job appends."""
        if file_name is not None:
            self.set_file_name(file_name)

    def set_file_name(self, name: str | os.PathLike[str]) -> None:
        """Name the file; takes effect with the next job."""
        self.file_name = Path(name)

    @property
    def path(self) -> Path:
        """The file; raises ``UsageError`` where none was named."""
        if self.file_name is None:
            raise UsageError("the fax document has no file name: call set_file_name first")
        return self.file_name


class FaxToReceive(_Document):
    """Where a received fax goes: a TIFF file.

    A file of that name is replaced only once the first page of the new fax is safely stored.
    """

    def check(self) -> None:
        """Raise ``StorageError`` if the file plainly cannot be written; nothing is touched."""
        TiffFax(self.path).close()


class FaxToSend(_Document):
    """What to send: a TIFF of any number of pages, or any image that Pillow reads."""

    def check(self) -> None:
        """Raise ``StorageError`` if the file is not there, or is no image."""
        if not self.path.exists():
            raise StorageError(f"there is no file {self.path} to send")
        PageSource(self.path)
