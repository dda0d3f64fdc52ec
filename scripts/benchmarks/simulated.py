"""How long a three-page call takes in simulated time: modem, line, far end, driver, engine and file."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.benchmarks.table import Figure
from tests.virtual.calls import setting

RUNS = 7


def measure() -> Iterator[Figure]:
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS):
            began = time.perf_counter()
            with setting(seed=number) as this:
                channel = this.rings_with(3)
                cause = channel.FaxReceiver.receive(filename=Path(folder) / "fax.tif")
            times.append(time.perf_counter() - began)
            if cause != channel.FaxReceiver.Cause.NORMAL:
                raise SystemExit(f"bench: the simulated fax ended {cause}")
    yield Figure(
        "a three-page call in simulated time", statistics.median(times), "s", 0.5, note=f"median of {RUNS}"
    )
