"""Programs under fakeroot or fakechroot, which show them another user, or other files, than there are."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_LOOK = 0.1
"""Seconds between two looks at a file that a program is to write."""
_PARTING = 10
"""Seconds for a program to end when it is asked to."""


@contextmanager
def disguised(
    wrapper: str, *command: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """With a command running in ``folder`` under ``wrapper``, which ends with it; it is ended, if need be."""
    # The wrappers tidy up after their command, but hand it no signals: so it says what process it is.
    script = [wrapper, "--", "sh", "-c", 'echo $$ && exec "$@"', "sh", *command]
    everything = os.environ | dict(environment or {})
    with subprocess.Popen(
        script, cwd=folder, env=everything, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        try:
            yield process
        finally:
            for end in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, end)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_PARTING)
                    break


def wait_until(happened: Callable[[], bool], patience: float, otherwise: Callable[[], str]) -> None:
    """Fails, with what ``otherwise`` says, where it has not happened within ``patience`` seconds."""
    until = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < until, otherwise()
        time.sleep(_LOOK)
