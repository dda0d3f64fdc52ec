"""+FIT: a DTE that owes the modem a word for too long loses the line (T.31, Conexant's table 4-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw_drivers.sim.exchange import Hook
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem


class InactivityTimer:
    """Runs, while the line is up, from a result that wants an answer to the DTE's next octet."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self._timer: Timer | None = None

    def start(self) -> None:
        self.stop()
        seconds, _ = self._modem.registers.inactivity
        if seconds and self._modem.phone.state not in (Hook.IDLE, Hook.RINGING):
            self._timer = self._modem.world.call_later(seconds, self._expired)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        _, keep_class = self._modem.registers.inactivity
        self._modem.note("has not heard from the DTE for too long")
        self._modem.break_off()
        self._modem.hang_up()
        if not keep_class:
            self._modem.registers.fclass = "0"
