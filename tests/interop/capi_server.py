"""A virtual CAPI controller on TCP in real time, with a station at the far end; the line passes faster."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from faxhw.clock import SYSTEM_CLOCK
from faxhw_drivers.sim import Station
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.server import CapiServer
from faxhw_drivers.sim.ends import End
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.realtime import Runner
from faxhw_drivers.sim.world import World

MSN, THEIRS = "5031", "200"
SPEED = 10.0


@dataclass
class Exchanged:
    """A world in real time: a controller, a station, and where the controller listens."""

    world: World
    station: Station
    port: int
    notes: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Exchanged]:
    world = World()
    exchange = Exchange(world)
    ends: list[End] = []
    server = CapiServer(Controller(world, exchange, [MSN]), "127.0.0.1", 0, ends)
    ends.append(server)
    stopped = threading.Event()
    runner = Runner(world, ends, SPEED, SYSTEM_CLOCK)
    thread = threading.Thread(target=lambda: runner.run(stopped.is_set))
    made = Exchanged(world, Station(world, exchange, THEIRS), server.port)
    world.on_note = lambda when, who, what: made.notes.append(f"{when:8.3f} {who}: {what}")
    thread.start()
    try:
        yield made
    finally:
        stopped.set()
        thread.join(10)
        server.close()
        assert not thread.is_alive()
