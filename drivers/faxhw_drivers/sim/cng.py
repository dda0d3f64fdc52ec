"""CNG, the tone by which a calling fax makes itself known while it waits for the called one's frames."""

from __future__ import annotations

from faxhw_drivers.sim.exchange import Phone
from faxhw_drivers.sim.operations import Operations
from faxhw_drivers.sim.signals import Tone
from faxhw_drivers.sim.world import Timer, World

CNG_ON, CNG_OFF, CNG_LATER = 0.5, 3.0, 0.1


class CallingTone:
    """Sounded on a phone while the procedure that runs there listens, until it is stopped."""

    def __init__(self, world: World, phone: Phone, operations: Operations) -> None:
        self._world = world
        self._phone = phone
        self._operations = operations
        self._timer: Timer | None = None

    def start(self) -> None:
        if self._operations.listening:
            self._phone.send(Tone.CNG)
            self._timer = self._world.call_later(CNG_ON, self._pause)
        else:  # it is about to be
            self._timer = self._world.call_later(CNG_LATER, self.start)

    def stop(self) -> None:
        """The called station is heard, or the call is over; safe to repeat."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            if self._operations.listening:
                self._phone.send(Tone.SILENCE)

    def _pause(self) -> None:
        if self._operations.listening:
            self._phone.send(Tone.SILENCE)
            self._timer = self._world.call_later(CNG_OFF, self.start)
