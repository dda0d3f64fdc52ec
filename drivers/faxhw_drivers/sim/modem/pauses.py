"""+FTS and +FRS: silence sent, and silence waited for (T.31 clauses 8.3.1 and 8.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw_drivers.sim.signals import Signal, Tone
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

UNIT = 0.010
BUSY_ON = BUSY_OFF = 0.5
"""Seconds of the busy tone and of the silence between two of them."""


class SendSilence:
    """+FTS=n: be silent for n times 10 ms."""

    takes_data = False

    def __init__(self, modem: VirtualModem, units: int) -> None:
        self._modem = modem
        self._seconds = units * UNIT
        self._timer: Timer | None = None

    def begin(self) -> None:
        self._modem.transmitter.stop()
        self._timer = self._modem.world.call_later(self._seconds, lambda: self._modem.complete("OK"))

    def from_dte(self, data: bytes) -> None:
        self.stop()
        self._modem.broken_off()

    def heard(self, signal: Signal) -> None:
        pass

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class AwaitSilence:
    """+FRS=n: wait until the line has been silent for n times 10 ms."""

    takes_data = False

    def __init__(self, modem: VirtualModem, units: int) -> None:
        self._modem = modem
        self._seconds = units * UNIT
        self._timer: Timer | None = None

    def begin(self) -> None:
        self.heard(self._modem.receiver.signal)

    def from_dte(self, data: bytes) -> None:
        self.stop()
        self._modem.broken_off()

    def heard(self, signal: Signal) -> None:
        self.stop()
        if signal is Tone.SILENCE:
            self._complete_after(self._seconds)
        elif signal is Tone.BUSY and self._seconds <= BUSY_OFF:
            self._complete_after(BUSY_ON + self._seconds)

    def _complete_after(self, seconds: float) -> None:
        self._timer = self._modem.world.call_later(seconds, lambda: self._modem.complete("OK"))

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
