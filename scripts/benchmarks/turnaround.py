"""From a modem's result code to our next command, seen from the modem, on pseudo-ttys in real time.

Beside it stands what the machine itself allows: the same for a process that does nothing but answer.
"""

from __future__ import annotations

import os
import pty
import statistics
import subprocess
import sys
import time
import tty
from collections.abc import Iterator

from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.receiver import receiver
from scripts.benchmarks.table import Figure

ANSWERER = "import os\nwhile os.read(0, 100): os.write(1, b'AT')"
CLASSES = ("1", "2", "2.0")
SAMPLES = 300
PAUSE = 0.02


def measure() -> Iterator[Figure]:
    answered = sorted(_answered())
    yield Figure("a process that only answers, median", 1000 * statistics.median(answered), "ms")
    yield Figure(
        "a process that only answers, 99th percentile", 1000 * answered[len(answered) * 99 // 100], "ms"
    )
    for fclass in CLASSES:
        one = Plan(lines=1, calls=2, pages=12, rows=100, fclass=fclass)
        yield from _measured(one, median_goal=1.0, goal=10.0)
        many = Plan(lines=20, calls=1, pages=4, rows=300, fclass=fclass)
        yield from _measured(many, median_goal=None, goal=20.0)


def _measured(plan: Plan, median_goal: float | None, goal: float) -> Iterator[Figure]:
    lines = plan.lines
    with far_end(plan) as (devices, process), receiver(devices, plan.calls) as receiving:
        told = heard(process)
        receiving.wait()
    if told["confirmed"] != (pages := lines * plan.calls * plan.pages):
        raise SystemExit(f"bench: only {told['confirmed']} of {pages} pages were confirmed")
    seconds = sorted(told["turnarounds"])
    calls = f"class {plan.fclass}, {lines} call{'s' * (lines > 1)} at once"
    note = f"{len(seconds)} commands, longest {1000 * seconds[-1]:.1f} ms"
    yield Figure(
        f"turn-around, {calls}, median", 1000 * statistics.median(seconds), "ms", median_goal, note=note
    )
    yield Figure(
        f"turn-around, {calls}, 99th percentile", 1000 * seconds[len(seconds) * 99 // 100], "ms", goal
    )


def _answered() -> list[float]:
    """Seconds until a process that does nothing else has answered, over a pseudo-tty."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    seconds = []
    with subprocess.Popen([sys.executable, "-c", ANSWERER], stdin=slave, stdout=slave) as process:
        time.sleep(0.5)
        for _ in range(SAMPLES):
            began = time.perf_counter()
            os.write(master, b"OK")
            os.read(master, 100)
            seconds.append(time.perf_counter() - began)
            time.sleep(PAUSE)
        process.terminate()
    os.close(slave)
    os.close(master)
    return seconds
