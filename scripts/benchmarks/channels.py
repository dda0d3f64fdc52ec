"""Processor time of channels that receive at 14400 bit/s with error correction, several in one process."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.receiver import receiver
from scripts.benchmarks.table import Figure

CHANNELS = 10
CLASSES = ("1", "2", "2.0")
PAGES = 4
ROWS = 2286


def measure() -> Iterator[Figure]:
    for fclass in CLASSES:
        yield from _measured(Plan(lines=CHANNELS, pages=PAGES, rows=ROWS, ecm=True, fclass=fclass))


def _measured(plan: Plan) -> Iterator[Figure]:
    with far_end(plan) as (devices, process), receiver(devices) as receiving:
        confirmed = heard(process)["confirmed"]
        assert receiving.stdout is not None
        told = [json.loads(line) for line in receiving.stdout]
    if confirmed != CHANNELS * PAGES:
        raise SystemExit(f"bench: {confirmed} of {CHANNELS * PAGES} pages were confirmed: {told[-3:]}")
    pages = [each for each in told if "page" in each]
    busy = pages[-1]["cpu"] - pages[0]["cpu"]
    share = 100 * busy / (pages[-1]["at"] - pages[0]["at"]) / CHANNELS
    what = f"CPU of an active channel, class {plan.fclass}, 14400, ECM"
    yield Figure(what, share, "% of a core", 2.0, note=f"{CHANNELS} at once")
    yield Figure("memory of such a process", max(each["memory"] for each in told), "MB")
