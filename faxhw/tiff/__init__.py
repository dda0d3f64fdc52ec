"""TIFF-F files (RFC 2306): the append-and-commit writer of received faxes, and the reader of pages to send.

Nothing here codes or decodes pages, and nothing knows where they come from: ``faxhw.t4`` does the one, the
fax job the other.
"""

from __future__ import annotations

from faxhw.tiff.directory import TiffPage
from faxhw.tiff.reader import StoredPage, pages_of, reading, survey
from faxhw.tiff.writer import TiffFax

__all__ = ["StoredPage", "TiffFax", "TiffPage", "pages_of", "reading", "survey"]
