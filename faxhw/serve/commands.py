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
from pathlib import Path
from typing import Protocol

_OURS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
"""What systemd tells the service, and nobody else."""
_STANDARD_ERROR = 2


class Running(Protocol):
    """A command under way."""

    @property
    def identity(self) -> str:
        """What tells its process from every other of this host, for ``end_orphan``."""
        ...

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
        self.identity = _identity(process.pid)

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


def end_orphan(identity: str) -> bool:
    """End the command of that identity, and all of its group, if it lives: whoever started it has died.

    What is left of a command that has ended by itself meanwhile is not found.
    """
    number = identity.partition(" ")[0]
    if not number.isdecimal() or _identity(int(number)) != identity:
        return False
    with suppress(OSError):
        os.killpg(int(number), signal.SIGKILL)
    return True


def _identity(process: int) -> str:
    """The number of a process, when it began (ticks since the host's start), and which start that was.

    Empty where there is none, or that cannot be told (proc(5)).
    """
    try:
        began = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
        return f"{process} {began} {Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"
    except (OSError, IndexError):
        return ""
