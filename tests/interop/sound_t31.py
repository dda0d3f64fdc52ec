"""libspandsp's T.31 modem on a virtual line with sound, behind any port that a virtual modem may have."""

from __future__ import annotations

import ctypes
from array import array

from faxhw.ports.wire import Wire
from faxhw_drivers.sim.audio import FunctionEnd, SoundNetwork, SubscriberSound
from faxhw_drivers.sim.exchange import CallerId, Hook
from faxhw_drivers.sim.owned import DIAL_TIME
from faxhw_drivers.sim.signals import Signal, Tone
from tests.interop.spandsp import ALERTING, BLOCK, BUSY, CONNECTED, HUNG_UP, PIECE, Modem, library, typed


class PluggedT31:
    """The modem with its telephone line; ``wire`` is the port to its host (``DeviceEnd`` of it)."""

    def __init__(self, network: SoundNetwork, number: str, wire: Wire) -> None:
        self._world = network.clock.world
        self._wire = wire
        self._sound = SubscriberSound(self._world)
        self._dials = False
        self._phone = network.exchange.subscribe(number, self)
        self._sound.hears_end = True
        network.add(number, self._sound)
        self._modem = Modem(typed(ctypes.CDLL(library() or "")), self)

    def _exchange(self, heard: bytes) -> bytes:
        """A block of sound; the host is looked at as often as in real time."""
        samples, said = array("h", heard), bytearray()
        for place in range(0, len(samples), BLOCK):
            said += bytes(self._modem.say(BLOCK))
            self._modem.hear((ctypes.c_short * BLOCK)(*samples[place : place + BLOCK]))
            self._feed()
        return bytes(said)

    def _feed(self) -> None:
        self._modem.feed(lambda: self._wire.take(PIECE))

    def _happens(self, event: int) -> None:
        self._modem.happens(event)
        self._feed()

    # -- what the modem asks for

    def modem_says(self, octets: bytes) -> None:
        self._wire.deliver(octets)

    def modem_calls(self, number: str) -> None:
        self._dials = True
        self._sound.begin(FunctionEnd(self._exchange))
        self._phone.off_hook()
        self._world.call_later(DIAL_TIME, lambda: self._phone.dial(number))

    def modem_answers(self) -> None:
        self._world.call_later(0.0, self._answer)  # it may answer while the exchange is just ringing it

    def _answer(self) -> None:
        if self._phone.state is Hook.RINGING:
            self._dials = False
            self._sound.begin(FunctionEnd(self._exchange))
            self._phone.off_hook()

    def modem_hangs_up(self) -> None:
        self._sound.finish()
        self._phone.on_hook()

    # -- what the host's side tells (``faxhw.ports.wire.DeviceEnd``)

    def host_wrote(self) -> None:
        self._world.call_later(0.0, self._feed)

    def host_set_dtr(self, on: bool) -> None:
        pass

    def host_set_speed(self, baud: int) -> None:
        pass

    # -- the phone's listener

    def rings(self, on: bool) -> None:
        if on:
            self._happens(ALERTING)

    def hears(self, signal: Signal) -> None:
        state = self._phone.state
        self._sound.signal(signal, cleared=state is Hook.CLEARED)
        if state is Hook.TALKING and self._dials:
            self._happens(CONNECTED)
        elif state is Hook.CLEARED and signal is Tone.BUSY:
            self._happens(BUSY if self._dials else HUNG_UP)

    def hears_octets(self, octets: bytes) -> None:
        pass

    def caller_id(self, caller: CallerId) -> None:
        pass

    def give_up(self) -> None:
        pass
