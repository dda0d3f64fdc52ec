"""Virtual modems on pseudo-ttys, and CAPI controllers on TCP, for any fax program on this host.

The world follows the host's clock, or a multiple of it: between two events the runner waits for clients.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import SimulatedCapi
from faxhw.errors import DeviceError, UsageError
from faxhw.ports.pty import Pty
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.server import CapiServer
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.ends import End
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.modem import IN_CLASS_2, MODELS, TURN_OFF, Model, VirtualModem
from faxhw_drivers.sim.world import World

LOOK_FOR_CLIENTS = 0.02
"""Real seconds after which the runner looks for new clients, who do not announce themselves."""
LOOK_UP = 0.25
"""The same where every end tells of its clients: only ``stop`` is to be asked."""


@dataclass(frozen=True, slots=True)
class ModemSpec:
    """A virtual modem that is wanted."""

    number: str
    """Its telephone number."""
    classes: tuple[str, ...] = ()
    """The answer to +FCLASS=?; empty: the model's own."""
    model: str = "generic"
    """One of ``faxhw_drivers.sim.MODELS``."""


def simulate(
    modems: Sequence[ModemSpec],
    *,
    controllers: Sequence[SimulatedCapi] = (),
    ready: Callable[[list[tuple[str, str]]], None],
    stop: Callable[[], bool] = lambda: False,
    link_dir: Path | None = None,
    speed: float = 1.0,
    seed: int = 1,
    on_note: Callable[[float, str, str], None] | None = None,
) -> None:
    """Run modems and controllers that can call one another until ``stop`` says so, or an exception ends it.

    ``ready`` is told the number and path of each once they can be opened: the path in ``link_dir``, which is
    made if need be, or else that of the pseudo-tty; of a controller's numbers the device string. ``speed`` is
    how many seconds of the line pass in a real one. ``on_note`` hears of what happens. Raises ``UsageError``
    for modems that cannot be had, ``DeviceError`` if a link cannot be made, or a port not listened at; links
    are removed at the end.
    """
    if speed <= 0:
        raise UsageError(f"the speed must be more than 0, not {speed:g}")
    world = World(seed)
    world.on_note = on_note
    exchange = Exchange(world)
    with ExitStack() as cleanup:
        ends: list[End] = []
        paths: list[tuple[str, str]] = []
        for spec in modems:
            pty = Pty()
            cleanup.callback(pty.close)
            pty.attach(_modem(world, exchange, spec, pty))
            ends.append(pty)
            paths.append((spec.number, _link(link_dir, spec.number, pty.path, cleanup)))
        network = SoundNetwork(SimulatedClock(world), exchange)
        for wanted in controllers:
            server = _server(world, network, wanted, ends)
            cleanup.callback(server.close)
            ends.append(server)
            host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
            paths += [(number, f"capi:tcp://{host}:{server.port}/1") for number in wanted.numbers]
        ready(paths)
        Runner(world, ends, speed, SYSTEM_CLOCK).run(stop)


def as_real(model: Model) -> Model:
    """The model with what every real modem does: the programs of others have only ever met such."""
    fax = replace(model.quirks.fax, received_reversed=model.quirks.fax.received_reversed | IN_CLASS_2)
    quirks = replace(model.quirks, turn_off=model.quirks.turn_off or TURN_OFF, fax=fax)
    return replace(model, quirks=quirks)


def _modem(world: World, exchange: Exchange, spec: ModemSpec, pty: Pty) -> VirtualModem:
    if spec.model not in MODELS:
        raise UsageError(
            f"there is no model {spec.model!r} of virtual modem: there are {', '.join(sorted(MODELS))}"
        )
    _check_number(spec.number)
    model = as_real(MODELS[spec.model])
    if spec.classes:
        model = replace(model, classes=spec.classes)
    try:
        return VirtualModem(world, exchange, spec.number, pty, model)
    except ValueError as error:
        raise UsageError(f"two modems have the number {spec.number}: give each its own") from error


def _server(world: World, network: SoundNetwork, spec: SimulatedCapi, ends: list[End]) -> CapiServer:
    for number in spec.numbers:
        _check_number(number)
    try:
        controller = Controller(world, network.exchange, spec.numbers, network=network)
    except ValueError as error:
        raise UsageError(f"{error}: give each modem and each CAPI controller numbers of its own") from error
    return CapiServer(controller, spec.host, spec.port, ends)


def _check_number(number: str) -> None:
    if not number or not set(number) <= set("0123456789*#"):
        raise UsageError(f"{number!r} is no telephone number: use digits, * and #")


def _link(link_dir: Path | None, number: str, path: str, cleanup: ExitStack) -> str:
    if link_dir is None:
        return path
    link = link_dir / number
    try:
        link_dir.mkdir(parents=True, exist_ok=True)
        if link.is_symlink():
            link.unlink()  # left behind by a run that was killed
        link.symlink_to(path)
    except OSError as error:
        raise DeviceError(f"{link}: the link to {path} cannot be made: {error.strerror}") from error

    def remove() -> None:
        if link.is_symlink() and str(link.readlink()) == path:
            link.unlink()

    cleanup.callback(remove)
    return str(link)


class Runner:
    """Keeps a world in step with a clock, and what is in it with its clients.

    A client that leaves and comes back between two looks is not seen to have left.
    """

    def __init__(self, world: World, ends: Sequence[End], speed: float, clock: Clock) -> None:
        """``ends`` may change at any time."""
        self._world = world
        self._ends = ends
        self._speed = speed
        self._clock = clock
        self._began = clock.monotonic()

    def run(self, stop: Callable[[], bool]) -> None:
        while not stop():
            self._world.run_until((self._clock.monotonic() - self._began) * self._speed)
            for end in tuple(self._ends):
                end.serve()
            self._wait()

    def _wait(self) -> None:
        """Until a client has said something, or something is due."""
        wanted = [(end, *end.wants()) for end in self._ends]
        readable = [end for end, reading, _ in wanted if reading]
        writable = [end for end, _, writing in wanted if writing]
        patience = LOOK_UP if all(end.in_use for end in self._ends) else LOOK_FOR_CLIENTS
        select.select(readable, writable, (), min(patience, self._until_next()))

    def _until_next(self) -> float:
        due = self._world.next_time()
        if due is None:
            return LOOK_UP
        return max(0.0, due / self._speed - (self._clock.monotonic() - self._began))
