"""+FIT: a DTE that owes the modem a word for too long loses the line (T.31, Conexant's table 4-3).

Some modems do that to a call of classes 2.0 and 2.1 whatever +FIT says (``FaxQuirks.idle_limit``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faxhw.session import Status
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
        seconds = self._call_limit() or self._modem.registers.inactivity[0]
        if seconds and self._modem.phone.state not in (Hook.IDLE, Hook.RINGING):
            self._timer = self._modem.world.call_later(seconds, self._expired)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _call_limit(self) -> float:
        """The limit on a call on which the modem runs T.30; 0.0 if there is none."""
        return self._modem.quirks.fax.idle_limit if self._modem.session is not None else 0.0

    def _expired(self) -> None:
        if self._modem.session is not None and self._call_limit():
            self._modem.session.abort(Status.DTE_INACTIVE)
            return
        _, keep_class = self._modem.registers.inactivity
        self._modem.note("has not heard from the DTE for too long")
        self._modem.break_off()
        self._modem.hang_up()
        if not keep_class:
            self._modem.registers.fclass = "0"
