"""Pages made ready for the line: drawn on sheets, and the sheets coded.

A fax page in a file is coded anew even where its octets are in the coding wanted: to draw an A4 page of text
at fine resolution and code it takes some 60 ms, and to check that its octets decode clean takes longer.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from faxhw.fax.rendering import PageSource, Plan, Sheet
from faxhw.t4.choosing import smallest
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Parameters, Resolution

_ONE_AT_A_TIME = threading.Lock()
"""Held while a page is made ready: many at once would keep the interpreter from threads that have a line to
serve, some of which have a block of sound to say every 20 ms."""


class LineCoding(NamedTuple):
    """All that the octets of a sheet depend on."""

    coding: Coding
    k: int
    """Every so many rows one is coded by itself (MR)."""
    min_row_bits: int
    with_rtc: bool = True

    @classmethod
    def of(cls, parameters: Parameters, *, with_rtc: bool = True) -> LineCoding:
        bits = math.ceil(parameters.modulation.rate * parameters.min_scan_time)
        return cls.at(parameters.coding, parameters.resolution, bits)._replace(with_rtc=with_rtc)

    @classmethod
    def at(cls, coding: Coding, resolution: Resolution, min_row_bits: int = 0) -> LineCoding:
        """``k`` as T.4 clause 4.2.2 has it: 2 at standard resolution, 4 at finer ones."""
        return cls(coding, 4 if resolution.y > 150 else 2, min_row_bits)


@dataclass(frozen=True, slots=True)
class Order:
    """A page wanted ready. Orders for equal plans are equal: the rest is what will probably be asked for."""

    plan: Plan
    codings: frozenset[Coding] = field(compare=False)
    """The codings to choose from."""
    min_row_bits: int = field(compare=False, default=0)


class PreparedPage:
    """The sheets of a page, and their octets in whatever coding is asked for."""

    def __init__(self, plan: Plan, sheets: list[Sheet]) -> None:
        self.plan = plan
        self.sheets = sheets
        self._octets: dict[LineCoding, list[bytes]] = {}
        self._best: dict[frozenset[Coding], Coding] = {}

    def best_coding(self, codings: frozenset[Coding], min_row_bits: int = 0) -> Coding:
        """The one of ``codings`` that makes the page smallest; its octets are at hand then."""
        if codings not in self._best:
            self._best[codings] = self._smallest(codings, min_row_bits)
        return self._best[codings]

    def octets(self, coding: LineCoding) -> list[bytes]:
        """Each sheet as it goes over the line, coded when first asked for."""
        if coding not in self._octets:
            self._octets[coding] = [
                encode_page(
                    sheet.rows(),
                    coding.coding,
                    sheet.width,
                    k=coding.k,
                    min_row_bits=coding.min_row_bits,
                    finish=coding.with_rtc,
                )
                for sheet in self.sheets
            ]
        return self._octets[coding]

    def _smallest(self, codings: frozenset[Coding], min_row_bits: int) -> Coding:
        k = LineCoding.at(Coding.MR, self.plan.resolution).k
        choices = [
            smallest(list(sheet.rows()), sheet.width, codings, k=k, min_row_bits=min_row_bits)
            for sheet in self.sheets
        ]
        sizes = {coding: sum(each.octets[coding] for each in choices) for coding in choices[0].octets}
        best = choices[0].coding if len(choices) == 1 else min(sizes, key=sizes.__getitem__)
        if all(each.coding is best for each in choices):
            self._octets[LineCoding(best, k, min_row_bits)] = [each.data for each in choices]
        return best


def prepare(source: PageSource, order: Order) -> PreparedPage:
    """Make a page ready, one at a time in a process. Raises ``StorageError``."""
    with _ONE_AT_A_TIME:
        page = PreparedPage(order.plan, source.sheets(order.plan))
        coding = page.best_coding(order.codings, order.min_row_bits)
        page.octets(LineCoding.at(coding, order.plan.resolution, order.min_row_bits))
    return page


def densest(codings: Iterable[Coding]) -> Coding:
    """The one that makes most pages smallest, where there is no time to try."""
    return next(each for each in (Coding.MMR, Coding.MR, Coding.MH) if each in codings)
