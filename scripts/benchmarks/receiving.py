"""Processor time and memory of a process that receives, beside its modem in another process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.receiver import receiver
from scripts.benchmarks.table import Figure

CLASSES = ("1", "2", "2.0")
PAGES = 6
MANY = 200


def measure() -> Iterator[Figure]:
    for fclass in CLASSES:
        pages = _received(Plan(pages=PAGES, fclass=fclass))
        per_page = (pages[-1]["cpu"] - pages[0]["cpu"]) / (len(pages) - 1)
        what = f"CPU of a received page (class {fclass}, 14400, standard, MR)"
        yield Figure(what, per_page, "s", 0.15, note=f"mean of {PAGES - 1}")
        most = max(page["memory"] for page in pages)
        yield Figure(f"memory of a one-channel receiver (class {fclass})", most, "MB", 60)
    # V.27ter's training is long enough to be met even where time goes eight times as fast.
    many = _received(Plan(pages=MANY, rows=60, speed=8.0, modem="V.27ter"))
    early = many[MANY // 10]["memory"]
    yield Figure(
        f"memory grown from page {MANY // 10} to page {len(many)}",
        many[-1]["memory"] - early,
        "MB",
        2,
        note="flat",
    )


def _received(plan: Plan) -> list[dict[str, Any]]:
    """What was told at the end of each page of one call."""
    with far_end(plan) as (devices, process), receiver(devices) as receiving:
        confirmed = heard(process)["confirmed"]
        assert receiving.stdout is not None
        told = [json.loads(line) for line in receiving.stdout]
    if not told or not confirmed == told[-1].get("pages") == plan.pages:
        raise SystemExit(f"bench: the fax ended {told[-1:]}, {confirmed} pages were confirmed")
    return [each for each in told if "page" in each]
