"""Many modems that receive at once, in real time, each attended by a process of ``faxhw serve``.

Turn-arounds are measured on the modems' side, as in ``turnaround``. Processor time is that of the service and
all its attendants while the calls last; memory is their share of it (PSS) in the midst of the calls.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faxhw.errors import DeviceError
from faxhw.serve.asking import ask
from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.table import Figure

LINES = 32
BEGIN = 45.0
"""Seconds in which all the attendants have to be waiting for calls."""
MIDST = 20.0
"""Seconds after the first call at which all of them receive a page."""
CONFIGURATION = """
state = "."
socket = "control"
"""
LINE = """
[[line]]
name = "line{number}"
device = "{device}"
[line.inbox]
directory = "."
"""


def measure() -> Iterator[Figure]:
    plan = Plan(lines=LINES, begin=BEGIN)
    begun = time.monotonic()
    with far_end(plan) as (devices, process), service(devices) as socket:
        lines = _all_waiting(socket, begun + BEGIN)
        processes = [told["process"] for told in (ask(socket, "status"), *lines)]
        before = sum(map(_processor_time, processes))
        time.sleep(max(0.0, begun + BEGIN + MIDST - time.monotonic()))
        shares = [_share(each) for each in processes]
        told = heard(process)
        spent = sum(map(_processor_time, processes)) - before
        received = sum(line["received"] for line in ask(socket, "status")["lines"])
    if not told["confirmed"] == received == LINES:
        raise SystemExit(f"bench: of {LINES} pages {told['confirmed']} were confirmed, {received} are stored")
    yield from _figures(sorted(told["turnarounds"]), spent, shares)


def _figures(turnarounds: Sequence[float], spent: float, shares: Sequence[float]) -> Iterator[Figure]:
    what = f"serve, {LINES} lines receiving at once"
    late = turnarounds[len(turnarounds) * 99 // 100]
    load = f"load of the machine {os.getloadavg()[0]:.1f}"
    note = f"{len(turnarounds)} commands, longest {1000 * turnarounds[-1]:.1f} ms, {load}"
    yield Figure(f"{what}: turn-around, median", 1000 * statistics.median(turnarounds), "ms")
    yield Figure(f"{what}: turn-around, 99th percentile", 1000 * late, "ms", 20.0, note=note)
    yield Figure(f"{what}: CPU of a call with one page", spent / LINES, "s", note=f"{spent:.1f} s in all")
    note = f"supervisor {shares[0]:.1f} MB, an attendant {statistics.median(shares[1:]):.1f} MB"
    yield Figure(f"{what}: memory (PSS) of all", sum(shares), "MB", note=note)


@contextmanager
def service(devices: Sequence[str]) -> Iterator[Path]:
    """``faxhw serve`` with a line on each device: its control socket."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "fax.toml"
        lines = (LINE.format(number=number, device=device) for number, device in enumerate(devices))
        config.write_text(CONFIGURATION + "".join(lines))
        config.chmod(0o600)
        command = [sys.executable, "-m", "faxhw", "serve", str(config)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                yield Path(folder) / "control"
            finally:
                process.terminate()


def _all_waiting(socket: Path, until: float) -> list[dict[str, Any]]:
    """What is told of the lines once each waits for a call."""
    while time.monotonic() < until:
        time.sleep(1.0)
        try:
            lines: list[dict[str, Any]] = ask(socket, "status")["lines"]
        except DeviceError:  # it is only starting
            continue
        if all(line["state"] == "WAITING" for line in lines):
            return lines
    raise SystemExit(f"bench: after {BEGIN:g} s some of the lines are still not attended")


def _processor_time(process: int) -> float:
    """Seconds that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _share(process: int) -> float:
    """Megabytes of memory, what is shared with others divided by their number."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(text.split("Pss:")[1].split()[0]) / 1024
