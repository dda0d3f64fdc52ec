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
    """From 1: of those received, or of the pages of the document sent."""
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
    sheet: int = 1
    """From 1: of the sheets that a page was split onto because the far end's paper is too short for it."""
    signal_level: float | None = None
    """Of a page received: the level of its carrier in dBm0; ``None`` where the device does not tell."""
    signal_quality: float | None = None
    """The same for how far its symbols stood above their scatter, in dB: 14400 bit/s needs some 23."""


class _Document:
    def __init__(self, file_name: str | os.PathLike[str] | None = None) -> None:
        self.file_name: Path | None = None
        self.first_page = 1
        """The number of the first page that is handled."""
        self.pages = 0
        """How many there are, as far as that is known before the fax; else 0."""
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

    A file of that name is replaced only once the first page of the new fax is safely stored; with
    ``replace=False`` it never is, whenever it comes to be there.
    """

    def __init__(self, file_name: str | os.PathLike[str] | None = None, *, replace: bool = True) -> None:
        super().__init__(file_name)
        self.replace = replace

    def check(self) -> None:
        """Raise ``StorageError`` if the file plainly cannot be written; nothing is touched."""
        self.open().close()

    def open(self) -> TiffFax:
        """The file to store pages in; raises ``StorageError`` as ``check`` does."""
        return TiffFax(self.path, replace=self.replace)


class FaxToSend(_Document):
    """What to send: a TIFF of any number of pages, or any image that Pillow reads.

    ``first_page``, from 1, is where to begin; raises ``UsageError`` if that is no page number. After a fax
    that failed, ``FaxToSend(name, first_page=document.next_page)`` is the rest of it.
    """

    def __init__(self, file_name: str | os.PathLike[str] | None = None, *, first_page: int = 1) -> None:
        super().__init__(file_name)
        if first_page < 1:
            raise UsageError(f"the first page to send is a number from 1 on, not {first_page!r}")
        self.first_page = first_page
        self.next_page = first_page
        """The first page that the far end has not confirmed; one more than there are once all are."""

    def check(self) -> None:
        """Raise ``StorageError`` if the file is not there, is no image, or has a page that cannot be sent.

        Every dot of every page is read, so that nothing is left to be found on the line; a document of many
        pages takes a while.
        """
        self.source(thorough=True)

    def source(self, *, thorough: bool = False) -> PageSource:
        """The pages; raises ``StorageError`` as ``check`` does, for what their headers tell."""
        if not self.path.exists():
            raise StorageError(f"there is no file {self.path} to send")
        source = PageSource(self.path, thorough=thorough)
        self.pages = source.pages
        if self.first_page > source.pages:
            pages = f"{source.pages} page{'' if source.pages == 1 else 's'}"
            raise StorageError(f"{self.path} has {pages}, none to begin with at page {self.first_page}")
        return source
