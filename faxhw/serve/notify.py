"""What a service tells systemd: that it is ready, how it fares, that it is alive (sd_notify(3)).

Without systemd, or without ``Type=notify``, there is nobody to tell, and nothing happens.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger("faxhw.serve")


class ServiceManager:
    """Whoever started the service."""

    def __init__(self, environ: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(environ, os.getpid() if pid is None else pid)
        """Seconds within which it wants a sign of life; ``None``: it does not."""

    def tell(self, **words: object) -> None:
        """Tell it ``READY=1`` and the like; by a line each, a text cut to one line."""
        if not self._address:
            return
        text = "\n".join(f"{name}={' '.join(str(word).split())}" for name, word in words.items())
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
                notified.settimeout(1.0)
                notified.sendto(text.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", ", ".join(words), error)

    def ready(self, status: str) -> None:
        self.tell(READY=1, STATUS=status)

    def alive(self, status: str) -> None:
        self.tell(WATCHDOG=1, STATUS=status)

    def reloading(self, microseconds: int) -> None:
        """``microseconds`` of the monotonic clock, as ``Type=notify-reload`` wants them."""
        self.tell(RELOADING=1, MONOTONIC_USEC=microseconds)

    def stopping(self) -> None:
        self.tell(STOPPING=1)


def _watchdog(environ: Mapping[str, str], pid: int) -> float | None:
    """WATCHDOG_USEC, if it is meant for this process."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(microseconds) / 1e6 or None
