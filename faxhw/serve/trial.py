"""Whether an application can be loaded: it is tried in a process of its own, of which nothing stays.

Loading runs the file, so whatever it does at its top level is done once more. What is found out is what a
line's process would meet: a module or a name that is not there, an exception, a ``main`` that is missing or
takes other arguments, a file that ends the process, or does not come to its end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from faxhw import applications
from faxhw.clock import SYSTEM_CLOCK, Deadline
from faxhw.errors import UsageError
from faxhw.serve.commands import start

MODULE = "faxhw.serve.trial"
LIMIT = 20.0
"""Seconds that loading may take, on a slow host that has much to do."""
_LOOK = 0.02
_LONGEST_VERDICT = 4000
_FITS = b"it can be loaded"


def load(file: Path, limit: float = LIMIT) -> None:
    """Load an application in a process that ends then; raises ``UsageError`` if that cannot be done.

    It takes as long as it takes, in real time, and at most ``limit`` seconds.
    """
    said = os.memfd_create("faxhw")  # unlike a pipe, it is not kept open by what an application starts
    try:
        code = _run((sys.executable, "-m", MODULE, str(file)), said, limit)
        verdict = os.pread(said, _LONGEST_VERDICT, 0)
    except OSError as error:
        raise UsageError(f"{file} cannot be tried: {error.strerror or error}") from error
    finally:
        os.close(said)
    if verdict == _FITS:
        return
    if verdict:
        raise UsageError(verdict.decode(errors="replace"))
    if code is None:
        raise UsageError(f"{file} cannot be loaded: that takes longer than {limit:g} s; let main do it")
    ended = f"by signal {-code}" if code < 0 else f"with code {code}"
    raise UsageError(f"{file} cannot be loaded: that ends the process, {ended}")


def _run(command: tuple[str, ...], output: int, limit: float) -> int | None:
    """The exit code; ``None``: it had to be ended."""
    running, deadline = start(command, b"", {}, output), Deadline(SYSTEM_CLOCK, limit)
    try:
        while (code := running.poll()) is None and not deadline.passed():
            SYSTEM_CLOCK.sleep(_LOOK)
        return code
    finally:
        running.kill()


def main(file: str) -> None:
    """Load the application, and write the verdict to standard output, where nothing else gets."""
    signal.alarm(int(2 * LIMIT))  # the end, should whoever waits for it be gone
    output, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    for each in (1, 2):
        os.dup2(nowhere, each)
    try:
        applications.load(Path(file))
    except UsageError as error:
        verdict = str(error).encode(errors="replace")
    else:
        verdict = _FITS
    os.write(output, verdict[:_LONGEST_VERDICT])
    os._exit(0)  # whatever threads it has started


if __name__ == "__main__":
    main(sys.argv[1])
