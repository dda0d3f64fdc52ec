"""The contract of an action: what takes over a modem's DTE octets and line until it is complete.

An action ends by telling the modem ``complete(result)``; it may then not touch the modem any more.
"""

from __future__ import annotations

from typing import Protocol

from faxhw_drivers.sim.signals import Signal


class Action(Protocol):
    """Something under way."""

    @property
    def takes_data(self) -> bool:
        """Whether the DTE's octets are data, in which flow control would mean nothing."""
        ...

    def begin(self) -> None: ...

    def from_dte(self, data: bytes) -> None:
        """Octets from the DTE."""
        ...

    def heard(self, signal: Signal) -> None:
        """The line sounds otherwise from now on."""
        ...

    def stop(self) -> None:
        """It is broken off from outside (DTR, a reset): let go of all timers."""
        ...
