"""``faxhw simulate`` in a process of its own: virtual modems on pseudo-ttys, for any fax program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def simulated(folder: Path, *modems: str, speed: float = 1.0) -> Iterator[dict[str, str]]:
    """The path of each modem by its number; ``modems`` are as ``--modem`` takes them."""
    options = [word for modem in modems for word in ("--modem", modem)]
    command = [sys.executable, "-m", "faxhw", "simulate", "--link", str(folder / "lines"), *options]
    command += ["--speed", str(speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield dict(process.stdout.readline().split() for _ in modems)
        finally:
            process.terminate()
            process.wait(10)
