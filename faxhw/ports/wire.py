"""The device's side of a port: how a device that is a program (a virtual modem) sits behind one.

A *wire* is what the device sees of its host, a ``DeviceEnd`` what the host's side tells the device. Ports in
memory and pseudo-ttys keep the same two contracts, so the device cannot tell which it is plugged into.
"""

from __future__ import annotations

from typing import Protocol


class Wire(Protocol):
    """The host's end of the line."""

    def deliver(self, data: bytes) -> None:
        """Hand octets to the host."""
        ...

    def take(self, most: int) -> bytes:
        """What the host has to say, at most so many octets; none while it has nothing or is held back."""
        ...

    def set_cts(self, on: bool) -> None:
        """Hold the host back, or let it go on, as far as it heeds that."""
        ...

    def set_ring(self, on: bool) -> None:
        """The RI line, as far as there is one."""
        ...

    def set_carrier(self, on: bool) -> None:
        """The DCD line, as far as there is one."""
        ...

    def fail(self, reason: str) -> None:
        """The device is gone: every use of the host's end fails from now on."""
        ...


class DeviceEnd(Protocol):
    """What the host's side tells the device. It may not wait."""

    def host_wrote(self) -> None:
        """There is something to ``take``, or it is no longer held back."""
        ...

    def host_set_dtr(self, on: bool) -> None: ...

    def host_set_speed(self, baud: int) -> None: ...
