"""From a modem's result code to our next command, seen from the modem, on pseudo-ttys in real time."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.receiver import receiver
from scripts.benchmarks.table import Figure


def measure() -> Iterator[Figure]:
    yield from _measured(Plan(lines=1, calls=2, pages=12, rows=100), median_goal=1.0, goal=10.0)
    yield from _measured(Plan(lines=20, calls=1, pages=4, rows=300), median_goal=None, goal=20.0)


def _measured(plan: Plan, median_goal: float | None, goal: float) -> Iterator[Figure]:
    lines = plan.lines
    with far_end(plan) as (paths, process), receiver(paths, plan.calls) as receiving:
        told = heard(process)
        receiving.wait()
    if told["confirmed"] != (pages := lines * plan.calls * plan.pages):
        raise SystemExit(f"bench: only {told['confirmed']} of {pages} pages were confirmed")
    seconds = sorted(told["turnarounds"])
    calls = f"{lines} call{'s' * (lines > 1)} at once"
    note = f"{len(seconds)} commands, longest {1000 * seconds[-1]:.1f} ms"
    yield Figure(
        f"turn-around, {calls}, median", 1000 * statistics.median(seconds), "ms", median_goal, note=note
    )
    yield Figure(
        f"turn-around, {calls}, 99th percentile", 1000 * seconds[len(seconds) * 99 // 100], "ms", goal
    )
