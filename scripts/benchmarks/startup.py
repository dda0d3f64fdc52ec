"""How long ``import faxhw`` takes, in processes of its own, beside an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from scripts.benchmarks.table import Figure

RUNS = 15


def measure() -> Iterator[Figure]:
    bare, imported, opened = [], [], []
    for _ in range(RUNS):
        bare.append(_seconds("pass"))
        imported.append(_seconds("import faxhw"))
        opened.append(_seconds("from faxhw import Channel, FaxToReceive, FaxToSend, Hangup, Error"))
    yield Figure("import faxhw", _median_of_differences(imported, bare), "s", 0.15, note=f"median of {RUNS}")
    yield Figure(
        "import of all public names", _median_of_differences(opened, bare), "s", note=f"median of {RUNS}"
    )


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def _median_of_differences(ours: list[float], bare: list[float]) -> float:
    return statistics.median(a - b for a, b in zip(ours, bare, strict=True))
