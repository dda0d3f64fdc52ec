"""The system's own tools that take notice of the files: each is run where it is, and is of use."""

from __future__ import annotations

import logging
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("faxhw.host")

_PATIENCE = 60
"""Seconds for each."""

_UDEV_RUNS = "/run/udev/control"
_SYSTEMD_RUNS = "/run/systemd/system"


@dataclass(frozen=True, slots=True)
class Command:
    """A tool of the system with its arguments."""

    words: tuple[str, ...]
    needs: str = "/"
    """A path that is there where it makes sense, as long as its service runs."""

    def __str__(self) -> str:
        return shlex.join(self.words)

    def missing(self) -> str:
        """Why it is not to be run; empty if it is."""
        if shutil.which(self.words[0]) is None:
            return f"there is no {self.words[0]} here"
        return "" if Path(self.needs).exists() else f"{self.needs} is not there: its service does not run"


_NOTICE = (
    Command(("udevadm", "control", "--reload"), _UDEV_RUNS),
    # Of these alone: an event for each disk and card would have effects that nobody asked for.
    Command(
        (
            *("udevadm", "trigger", "--action=change"),
            *("--subsystem-match=usb", "--subsystem-match=usb-serial", "--subsystem-match=tty"),
        ),
        _UDEV_RUNS,
    ),
    Command(("systemctl", "daemon-reload"), _SYSTEMD_RUNS),
)

AFTER_APPLY = (
    Command(("systemd-sysusers", "/etc/sysusers.d/faxhw.conf")),
    Command(("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/faxhw.conf")),
    *_NOTICE,
)
AFTER_UNDO = _NOTICE


def run(commands: Iterable[Command]) -> list[str]:
    """Run those that are to be run, in order; what went wrong, a line each."""
    return [problem for each in commands if not each.missing() and (problem := _run(each.words))]


def _run(words: Sequence[str]) -> str:
    log.info("%s", shlex.join(words))
    try:
        ended = subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{shlex.join(words)} failed: {error}"
    if not ended.returncode:
        return ""
    said = ended.stderr.strip() or f"exit code {ended.returncode}"
    return f"{shlex.join(words)} failed: {said}"
