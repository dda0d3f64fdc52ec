"""TIFF-F files (RFC 2306): the append-and-commit writer of received faxes, and a reader of pages."""

from __future__ import annotations

from faxhw.tiff.writer import TiffFax, TiffPage

__all__ = ["TiffFax", "TiffPage"]
