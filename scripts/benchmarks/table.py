"""One row a figure: what was measured, the figure, the goal, and whether it was met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Something that was measured."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    """What the value is to stay under (or above, where ``more_is_better``)."""
    more_is_better: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        met = self.value >= self.goal if self.more_is_better else self.value <= self.goal
        return "met" if met else "MISSED"

    def cells(self) -> tuple[str, ...]:
        goal = "" if self.goal is None else f"{'≥' if self.more_is_better else '≤'} {self.goal:g} {self.unit}"
        return self.what, f"{self.value:.4g} {self.unit}", goal, self.verdict, self.note


Measurement = Callable[[], Iterable[Figure]]


def show(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table of plain text, columns as wide as they need."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
