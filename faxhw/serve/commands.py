"""Commands of others: started with something to read, watched without waiting, and ended with all they began.

A command has a process group of its own, which is killed when the command has ended or is told to: nothing of
it stays. It inherits no descriptor but standard error, to which, as a rule, its standard output goes as well.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

_OURS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
"""What systemd tells the service, and nobody else."""
_STANDARD_ERROR = 2


class Running(Protocol):
    """A command under way."""

    def poll(self) -> int | None:
        """Its exit code (negative: the signal that ended it), once it has ended; does not wait."""
        ...

    def kill(self) -> None:
        """End it, and all that it began; safe to repeat."""
        ...


class Starter(Protocol):
    """How commands are started."""

    def __call__(self, command: Sequence[str], said: bytes, environment: Mapping[str, str]) -> Running:
        """Start a command with ``said`` on its standard input; raises ``OSError`` if that cannot be."""
        ...


class _Command:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def poll(self) -> int | None:
        if self._process.returncode is None:
            ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            self.kill()  # while the process still stands for the number of its group
        return self._process.returncode

    def kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def start(
    command: Sequence[str], said: bytes, environment: Mapping[str, str], output: int = _STANDARD_ERROR
) -> Running:
    """The ``Starter`` of this host; ``environment`` is in addition to the service's own.

    ``output`` is a descriptor for what the command writes to standard output.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    handle = os.memfd_create("faxhw")  # a pipe could fill up, a file on a full disk could not be written
    try:
        os.write(handle, said)
        os.lseek(handle, 0, os.SEEK_SET)
        return _Command(
            subprocess.Popen(
                command,
                stdin=handle,
                stdout=output,
                env={**inherited, **environment},
                start_new_session=True,
            )
        )
    finally:
        os.close(handle)
