"""A process with virtual modems on pseudo-ttys and, for each, a far end, in real time, that calls and sends,
or is called and receives.

It stands on the modem's side of the line, so it can tell how long after each result code the next command
came. Talks JSON: a plan as its argument; then, on standard output, the modems' paths and what came of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from faxhw.clock import SYSTEM_CLOCK
from faxhw.ports.pty import Pty
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Coding, Family, Resolution, Settings
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.far_end import KeepsPages
from faxhw_drivers.sim.modem import MODELS, VirtualModem
from faxhw_drivers.sim.realtime import Runner, as_real
from faxhw_drivers.sim.station import Station
from faxhw_drivers.sim.world import World
from tests.pages import page_bitmap
from tests.virtual.calls import Pages

RESULTS = (b"OK\r\n", b"CONNECT\r\n", b"NO CARRIER\r\n", b"ERROR\r\n", b"+FRH:3\r\n")


LINGERING = 2.0
"""Seconds of the line for which modems stay when all calls are over: their hosts have to hang up."""


@dataclass(frozen=True)
class Plan:
    """What the far ends do."""

    lines: int = 1
    calls: int = 1
    pages: int = 1
    rows: int = 1143
    speed: float = 1.0
    modem: str = "V.17"
    ecm: bool = False
    """Whether pages go with error correction, in MMR."""
    codings: tuple[str, ...] = tuple(Coding)
    """What they may choose from."""
    resolution: str = Resolution.STANDARD.name
    fclass: str = "1"
    """The fax class of the modems."""
    answers: bool = False
    """Whether the far ends wait to be called, whatever the number, and receive."""
    begin: float = 4.0
    """Seconds of the line after which the first call is made."""

    @property
    def driver(self) -> str:
        """What opens such a modem."""
        return "class1" if self.fclass.startswith("1") else "class2"


class TimedPty(Pty):
    """Notes the seconds from a result code to the command that follows it, while a call is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.turnarounds: list[float] = []
        self._said_at: float | None = None
        self._on_call = False

    def deliver(self, data: bytes) -> None:
        if self._on_call and data.endswith(RESULTS):
            self._said_at = time.perf_counter()
        super().deliver(data)

    def take(self, most: int) -> bytes:
        data = super().take(most)
        if data.startswith(b"AT"):
            if self._on_call and self._said_at is not None:
                self.turnarounds.append(time.perf_counter() - self._said_at)
            self._on_call = b"ATA" in data or (self._on_call and b"ATH" not in data)
            self._said_at = None
        return data


class Caller:
    """A far end that makes its calls one after another."""

    def __init__(self, world: World, station: Station, number: str, plan: Plan) -> None:
        self._world = world
        self._station = station
        self._number = number
        self._plan = plan
        self._pages = [page_bitmap("text", rows=plan.rows, seed=number) for number in range(8)]
        self.confirmed = 0
        self.made = 0

    @property
    def seconds(self) -> list[float]:
        """How long each call stood."""
        return durations(self._station)

    def begin(self) -> None:
        self._pages_out = Pages([self._pages[number % 8] for number in range(self._plan.pages)])
        self._station.call(self._number, call(settings_of(self._plan)), self._pages_out)
        self._world.call_later(1.0, self._look)

    def _look(self) -> None:
        if self._station.calls[-1].ended is None:
            self._world.call_later(1.0, self._look)
            return
        self.made += 1
        self.confirmed += self._pages_out.confirmed
        if self.made < self._plan.calls:
            self._world.call_later(3.0, self.begin)

    @property
    def done(self) -> bool:
        return self.made >= self._plan.calls and over_since(self._station, self._world) >= LINGERING


class Called:
    """A far end that is called, once."""

    def __init__(self, world: World, station: Station, plan: Plan) -> None:
        self._world = world
        self._station = station
        self._kept = KeepsPages()
        station.answer_with(lambda: answer(settings_of(plan)), self._kept)

    @property
    def confirmed(self) -> int:
        return len(self._kept.pages)

    @property
    def seconds(self) -> list[float]:
        return durations(self._station)

    @property
    def done(self) -> bool:
        return over_since(self._station, self._world) >= LINGERING


def durations(station: Station) -> list[float]:
    """How long each of its calls stood, in seconds."""
    return [call.ended - call.connected for call in station.calls if call.ended and call.connected]


def over_since(station: Station, world: World) -> float:
    """Seconds since its last call ended; 0 while one goes on."""
    ended = station.calls[-1].ended if station.calls else None
    return 0.0 if ended is None else world.now - ended


def settings_of(plan: Plan) -> Settings:
    """The far ends' own."""
    return Settings(
        ident="+1 200",
        resolutions=frozenset({Resolution.STANDARD, Resolution[plan.resolution]}),
        codings=frozenset(map(Coding, plan.codings)),
        ecm=plan.ecm,
        families=frozenset({Family(plan.modem)}),
    )


def main(plan: Plan) -> None:
    world = World(1)
    exchange = Exchange(world)
    model = replace(as_real(MODELS["generic"]), classes=("0", plan.fclass))
    ptys: list[TimedPty] = []
    far_ends: list[Caller | Called] = []
    for number in range(plan.lines):
        pty = TimedPty()
        pty.attach(VirtualModem(world, exchange, f"1{number:02}", pty, model))
        ptys.append(pty)
        station = Station(world, exchange, f"2{number:02}")
        if plan.answers:
            exchange.fallback = station.phone.number
            far_ends.append(Called(world, station, plan))
        else:
            caller = Caller(world, station, f"1{number:02}", plan)
            world.call_at(plan.speed * (plan.begin + 0.05 * number), caller.begin)
            far_ends.append(caller)
    tell({"paths": [pty.path for pty in ptys]})
    Runner(world, ptys, plan.speed, SYSTEM_CLOCK).run(lambda: all(far_end.done for far_end in far_ends))
    for pty in ptys:
        pty.close()
    tell(
        {
            "turnarounds": [seconds for pty in ptys for seconds in pty.turnarounds],
            "confirmed": sum(each.confirmed for each in far_ends),
            "seconds": [seconds for each in far_ends for seconds in each.seconds],
        }
    )


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


@contextmanager
def far_end(plan: Plan) -> Iterator[tuple[list[str], subprocess.Popen[str]]]:
    """The process, started: the modems as devices, and what to ``heard`` the end from."""
    command = [sys.executable, "-m", "scripts.benchmarks.far_end", json.dumps(asdict(plan))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield [f"{plan.driver}:{path}" for path in heard(process)["paths"]], process
        finally:
            process.terminate()


def heard(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next thing that a process of ours tells."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("bench: a process that measures has ended before its time")
    told: dict[str, Any] = json.loads(line)
    return told


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
