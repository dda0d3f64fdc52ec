"""Pages to send, from any image file that Pillow reads: as rows of the width and resolution negotiated.

``originals`` says what stands in the file, ``layout`` how it goes onto the paper, ``dots`` makes black and
white of it, ``sheets`` lays it out below its ``header`` line, on as many sheets as the far end's paper needs.
``source`` has them all; nothing here knows of calls, threads or coding. Pillow is imported when a document is
opened.

Bounded: what is read has at most 80 million dots a page and 9999 pages (``faxhw.tiff``), what is sent is at
most 2.5 m long. One page is in hand at a time; the largest, in colour, takes 450 MB (as CMYK 650) and some
two seconds for that time, an ordinary one of A4 some 30 MB and less than 100 ms.
"""

from __future__ import annotations

from faxhw.fax.rendering.header import Heading
from faxhw.fax.rendering.layout import choose
from faxhw.fax.rendering.sheets import Sheet
from faxhw.fax.rendering.source import PageSource, Plan

__all__ = ["Heading", "PageSource", "Plan", "Sheet", "choose"]
