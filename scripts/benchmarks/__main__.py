"""``scripts/bench [NAME ...]``: run all measurements, or those named, and print the table."""

from __future__ import annotations

import importlib
import platform
import sys

from scripts.benchmarks.table import Figure, show

MEASUREMENTS = (
    "startup",
    "codecs",
    "simulated",
    "turnaround",
    "receiving",
    "channels",
    "connected",
    "class2",
    "load",
    "sound",
)
"""Each is a module of this package with a function ``measure``."""
HEAD = ("measured", "figure", "goal", "", "")


def main(names: list[str]) -> int:
    if unknown := set(names) - set(MEASUREMENTS):
        print(f"bench: no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}\n", flush=True)
    figures: list[Figure] = []
    for name in names or MEASUREMENTS:
        print(f"measuring {name} …", flush=True)
        figures += importlib.import_module(f"scripts.benchmarks.{name}").measure()
    print("\n" + show([HEAD, *(figure.cells() for figure in figures)]))
    return 0


sys.exit(main(sys.argv[1:]))
