"""What every test run ends with: what was skipped, and which Debian packages would unskip it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

PACKAGE = re.compile(r"Debian package ([a-z0-9][a-z0-9.+-]+)")
"""How a skip reason names what to install."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("Skipped, and what to install")
    for line in summary([str(report.longrepr[-1]) for report in skipped]):
        terminalreporter.write_line(line)


def summary(reasons: list[str]) -> list[str]:
    """A line for each reason, and the command that does away with those it can."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    lines = [f"{count} skipped: {reason}" for reason, count in sorted(counted.items())]
    packages = sorted({package for reason in counted for package in PACKAGE.findall(reason)})
    if packages:
        lines.append(f"To run them: apt-get install {' '.join(packages)}")
    return lines
