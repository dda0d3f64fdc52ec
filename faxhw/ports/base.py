"""The contract of a port: a byte stream with flow control, modem lines and a wake-up.

A port has no notion of AT commands, frames or faxes. One thread at a time reads and writes; ``wake`` and
``close`` may come from any thread. All times are seconds on the clock that the port was made for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

BUSY = "the device is busy"
"""Stands in the message where a port is another program's."""


class Flow(StrEnum):
    """How the two ends of a serial line hold each other's data back."""

    NONE = "none"
    RTS_CTS = "rtscts"
    XON_XOFF = "xonxoff"
    """Outbound only: we stop at XOFF and go on at XON, and send neither (a page may hold both as data)."""


class Port(Protocol):
    """An open port."""

    @property
    def name(self) -> str:
        """What messages call it: the path or URL it was opened by."""
        ...

    def read(self, timeout: float | None) -> bytes:
        """What has arrived, as soon as that is at least one byte; ``None`` waits forever.

        ``b""`` when ``timeout`` seconds (0.0: do not wait) passed without one, or after ``wake``.
        Raises ``PortError`` once the port is gone.
        """
        ...

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        """Send all of ``data``, waiting while flow control holds it back.

        Raises ``PortError`` when the port is gone, or when ``timeout`` seconds pass without progress.
        """
        ...

    def wake(self) -> None:
        """Make the read or write under way, or else the next read, end at once. From any thread."""
        ...

    def discard_input(self) -> None:
        """Forget what has arrived and was not read."""
        ...

    def set_speed(self, baud: int) -> None: ...

    def set_flow(self, flow: Flow) -> None: ...

    def set_dtr(self, on: bool) -> None: ...

    def carrier(self) -> bool | None:
        """The DCD line; ``None`` where the port cannot tell."""
        ...

    def ring(self) -> bool | None:
        """The RI line; ``None`` where the port cannot tell."""
        ...

    def close(self) -> None:
        """Release the port; safe to repeat. A read under way ends."""
        ...
