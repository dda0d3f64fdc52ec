"""The events that hooks could not be told of: a folder for people to look at, which does not grow for ever.

Only the process that tells the hooks uses it.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from faxhw.clock import Clock, Deadline
from faxhw.disk import sync_directory
from faxhw.serve.settings import GivenUp

log = logging.getLogger("faxhw.serve")

_TIDY_EVERY = 3600.0
_DAY = 86400.0


class Failed:
    """The folder ``directory``; ``limits`` may be replaced at any time."""

    def __init__(self, directory: Path, limits: GivenUp, clock: Clock) -> None:
        self.directory = directory
        self.limits = limits
        self._clock = clock
        self._due = Deadline(clock, 0.0)

    def __len__(self) -> int:
        return len(self._files())

    def take(self, file: Path) -> None:
        """Move a file in; raises ``OSError``."""
        taken, now = self.directory / file.name, self._clock.now().timestamp()
        file.replace(taken)
        with suppress(OSError):  # its age counts from now on, or from its last try
            os.utime(taken, (now, now))
        sync_directory(self.directory)
        self._tidy()

    def tidy(self) -> None:
        """Remove what is too old or too many, the oldest first; most calls do nothing. Raises nothing."""
        if self._due.passed():
            self._tidy()

    def _tidy(self) -> None:
        self._due = Deadline(self._clock, _TIDY_EVERY)
        before = self._clock.now().timestamp() - self.limits.keep_days * _DAY
        try:
            files = sorted((each.stat().st_mtime, each) for each in self._files())
            old = [each for moment, each in files if moment < before]
            excess = [each for _, each in files[: max(0, len(files) - self.limits.keep)]]
            gone = {*old, *excess}
            for each in gone:
                each.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be tidied up: %s", self.directory, error)
            return
        if gone:
            log.warning("hooks: %d events that were given up are not kept any longer", len(gone))

    def _files(self) -> list[Path]:
        return list(self.directory.glob("[!.]*.json"))
