"""A bench: a world, a simulated clock, an exchange, and what is plugged in, for tests and demonstrations.

Modems on it have ports for drivers; stations are far ends that perform a T.30 procedure, or something odder.
"""

from __future__ import annotations

from dataclasses import replace

from faxhw.ports.memory import MemoryPort
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.model import Faults
from faxhw_drivers.sim.capi.model import Model as CapiModel
from faxhw_drivers.sim.capi.plugged import PluggedController
from faxhw_drivers.sim.card import Card
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import Exchange, Impairment
from faxhw_drivers.sim.modem import MODELS, Model, Quirks, VirtualModem
from faxhw_drivers.sim.signals import Tone
from faxhw_drivers.sim.station import Station
from faxhw_drivers.sim.world import World


class PluggedModem:
    """A virtual modem and the host's port to it."""

    def __init__(
        self, clock: SimulatedClock, exchange: Exchange, number: str, model: Model, name: str = ""
    ) -> None:
        self.port = MemoryPort(clock, name or f"virtual modem {number}")
        """A ``faxhw.ports.base.Port`` on the bench's clock."""
        self.modem = VirtualModem(clock.world, exchange, number, self.port, model)
        self.port.attach(self.modem)
        self._clock = clock
        self._world = clock.world

    @property
    def lost_octets(self) -> int:
        """Octets that the host sent though the modem had no room for them."""
        return self.modem.lost_octets

    def reopen(self) -> MemoryPort:
        """A new port to the same modem, for a host that has closed the one before."""
        with self._world.lock:
            self.port = MemoryPort(self._clock, self.port.name)
            self.port.attach(self.modem)
            self.modem.plug_into(self.port)
        return self.port

    def vanish(self, reason: str = "the device was unplugged") -> None:
        """Pull it out."""
        with self._world.lock:
            self.modem.vanish(reason)


class Bench:
    """Everything that a simulated call needs. The same seed gives the same run."""

    def __init__(self, seed: int = 1, pace: float | None = None) -> None:
        self.world = World(seed)
        self.clock = SimulatedClock(self.world, pace)
        self.exchange = Exchange(self.world)
        self.trace: list[str] = []
        """What happened, a line each: the time, the number it happened to, and what."""
        self.world.on_note = lambda when, who, what: self.trace.append(f"{when:10.4f} {who}: {what}")

    def modem(
        self,
        number: str,
        model: Model | str = "generic",
        quirks: Quirks | None = None,
        classes: tuple[str, ...] | None = None,
        name: str = "",
    ) -> PluggedModem:
        """Plug in a virtual modem: one of ``MODELS`` or one of your own, with other quirks or classes.

        ``name`` is what its port is called in messages.
        """
        make = MODELS[model] if isinstance(model, str) else model
        if quirks is not None:
            make = replace(make, quirks=quirks)
        if classes is not None:
            make = replace(make, classes=classes)
        return PluggedModem(self.clock, self.exchange, number, make, name)

    def card(self, number: str) -> Card:
        """Plug in a virtual telephony card."""
        return Card(self.clock, self.exchange, number)

    def capi(
        self,
        *numbers: str,
        model: CapiModel | None = None,
        faults: Faults | None = None,
        network: SoundNetwork | None = None,
    ) -> PluggedController:
        """Plug in a virtual CAPI controller with these numbers: clients ``connect`` to it.

        ``network``: where its calls have sound, for transparent mode.
        """
        return PluggedController(
            self.clock, self.exchange, numbers, model=model, faults=faults, network=network
        )

    def station(self, number: str) -> Station:
        """Plug in a station; say what it does with ``call`` or ``answer_with``."""
        return Station(self.world, self.exchange, number)

    @property
    def voice(self) -> Tone:
        """What a station can ``call`` with to be a human."""
        return Tone.VOICE

    def impair(self, *impairments: Impairment) -> None:
        """Do this harm to every call that is connected from now on."""
        self.exchange.impairments.extend(impairments)

    def run(self, seconds: float) -> None:
        """Let so much time pass, from a thread that has nothing else to wait for."""
        self.clock.sleep(seconds)
