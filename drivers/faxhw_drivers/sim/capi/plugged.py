"""The controller behind ports in memory: a client of it in simulated time."""

from __future__ import annotations

from collections.abc import Sequence

from faxhw.ports.memory import MemoryPort
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.model import Faults, Model
from faxhw_drivers.sim.capi.peer import Peer
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import Exchange

_MOST = 65536


class PluggedController:
    """A controller, and as many streams to it as are asked for."""

    def __init__(
        self,
        clock: SimulatedClock,
        exchange: Exchange,
        numbers: Sequence[str],
        *,
        model: Model | None = None,
        faults: Faults | None = None,
        network: SoundNetwork | None = None,
    ) -> None:
        """``network``: where calls have sound."""
        self.controller = Controller(
            clock.world, exchange, numbers, model=model, faults=faults, network=network
        )
        self.faults = self.controller.faults
        """What is to go wrong; may be changed at any time."""
        self._clock = clock

    def connect(self, name: str = "virtual CAPI") -> MemoryPort:
        """The client's end of a new stream: a ``Port`` on the bench's clock."""
        with self._clock.world.lock:
            port = MemoryPort(self._clock, name)
            port.attach(_Stream(self._clock, self.controller, port))
        return port


class _Stream:
    """The controller's end of a port (``DeviceEnd``)."""

    def __init__(self, clock: SimulatedClock, controller: Controller, port: MemoryPort) -> None:
        self._world = clock.world
        self._port = port
        self._peer = Peer(
            controller, port.deliver, lambda: port.fail("the controller has closed the connection")
        )

    def host_wrote(self) -> None:
        self._world.call_later(0.0, self._take)

    def host_set_dtr(self, on: bool) -> None:
        if not on:
            self._world.call_later(0.0, self._peer.gone)

    def host_set_speed(self, baud: int) -> None:
        pass  # it is no serial line

    def _take(self) -> None:
        self._peer.feed(self._port.take(_MOST))
