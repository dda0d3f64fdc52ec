"""What befalls calls: bit errors, bursts, drop-outs, delay, a cut, DCN; by the world's seeded chance.

``Bench.impair`` gives them to every call that is connected afterwards. Moments count from the call's being
connected, or, where ``page`` is given, from the beginning of that page carrier in the impaired direction:
page 1 is the first training check, page 2 usually the first page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from faxhw_drivers.sim.exchange import Call
from faxhw_drivers.sim.line import Direction, Path
from faxhw_drivers.sim.signals import Carrier

BOTH = (Direction.TO_CALLED, Direction.TO_CALLER)
SPOILS_TRAINING = 0.01
"""Share of wrong bits from which on a training is useless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BitErrors:
    """Single wrong bits, spread evenly."""

    rate: float
    """Share of wrong bits."""
    above: int = 0
    """Only carriers faster than so many bit/s: noise that a slower modulation gets over."""
    v21: bool = True
    """Whether control frames suffer too."""
    directions: tuple[Direction, ...] = BOTH

    def join(self, call: Call) -> None:
        for path in _paths(call, self.directions):
            path.filters.append(self._filter(path.world.random))
            path.on_carrier.append(self._spoil)

    def _concerns(self, carrier: Carrier) -> bool:
        return self.v21 if carrier.modulation is None else carrier.rate > self.above

    def _filter(self, chance: Random) -> Callable[[Carrier, bytes], bytes]:
        def damage(carrier: Carrier, octets: bytes) -> bytes:
            return _with_errors(octets, self.rate, chance) if self._concerns(carrier) else octets

        return damage

    def _spoil(self, carrier: Carrier) -> Carrier:
        if carrier.modulation is None or not self._concerns(carrier) or self.rate < SPOILS_TRAINING:
            return carrier
        return Carrier(carrier.modulation, carrier.short, spoilt=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bursts:
    """Stretches of noise in which half of the bits are wrong."""

    every: float
    """Mean seconds from one to the next."""
    length: float
    """Seconds that each lasts."""
    directions: tuple[Direction, ...] = BOTH

    def join(self, call: Call) -> None:
        for path in _paths(call, self.directions):
            path.filters.append(self._filter(path))

    def _filter(self, path: Path) -> Callable[[Carrier, bytes], bytes]:
        world = path.world
        next_burst = world.now + world.random.expovariate(1 / self.every)

        def damage(carrier: Carrier, octets: bytes) -> bytes:
            nonlocal next_burst
            began = world.now - len(octets) * 8 / carrier.rate
            while next_burst < world.now:
                hit = (next_burst - began, next_burst - began + self.length)
                octets = _with_noise(octets, hit, carrier.rate, world.random)
                if next_burst + self.length >= world.now:
                    break
                next_burst += self.length + world.random.expovariate(1 / self.every)
            return octets

        return damage


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOut:
    """Nothing gets through for a while: a carrier is lost, and comes back without its training."""

    at: float
    length: float
    page: int = 0
    """The page carrier from whose beginning ``at`` counts; 0 is the call's beginning."""
    directions: tuple[Direction, ...] = BOTH

    def join(self, call: Call) -> None:
        for path in _paths(call, self.directions):
            _at(path, self.at, self.page, self._begin(path))

    def _begin(self, path: Path) -> Callable[[], None]:
        def begin() -> None:
            path.hold()
            path.world.call_later(self.length, path.release)

        return begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A long way, satellites included."""

    seconds: float
    directions: tuple[Direction, ...] = BOTH

    def join(self, call: Call) -> None:
        for path in _paths(call, self.directions):
            path.delay += self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The call ends in the middle."""

    at: float
    page: int = 0
    """The page carrier from whose beginning ``at`` counts; 0 is the call's beginning."""
    direction: Direction = Direction.TO_CALLED
    """Which way the page carriers that count go."""

    def join(self, call: Call) -> None:
        _at(call.paths[self.direction], self.at, self.page, call.cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dcn:
    """One end gives the fax up in the middle, and says so."""

    at: float
    page: int = 0
    """The page carrier from whose beginning ``at`` counts; 0 is the call's beginning."""
    direction: Direction = Direction.TO_CALLED
    """Which way the DCN goes, and the page carriers that count."""

    def join(self, call: Call) -> None:
        _at(call.paths[self.direction], self.at, self.page, call.speaker(self.direction).give_up)


def _paths(call: Call, directions: tuple[Direction, ...]) -> list[Path]:
    return [call.paths[direction] for direction in directions]


def _at(path: Path, seconds: float, page: int, action: Callable[[], None]) -> None:
    if not page:
        path.world.call_later(seconds, action)
        return

    def look(carrier: Carrier) -> Carrier:
        if carrier.modulation is not None and path.pages == page:
            path.world.call_later(seconds, action)
        return carrier

    path.on_carrier.append(look)


def _with_errors(octets: bytes, rate: float, chance: Random) -> bytes:
    bits = 8 * len(octets)
    place = _gap(rate, chance)
    if place >= bits:
        return octets
    damaged = bytearray(octets)
    while place < bits:
        damaged[place >> 3] ^= 1 << (place & 7)
        place += 1 + _gap(rate, chance)
    return bytes(damaged)


def _gap(rate: float, chance: Random) -> int:
    """Good bits up to the next wrong one."""
    return int(min(chance.expovariate(1) / rate, 1e9)) if rate > 0 else 10**9


def _with_noise(octets: bytes, hit: tuple[float, float], rate: int, chance: Random) -> bytes:
    """Octets with chance in the place of those between two moments, in seconds from the first."""
    first, last = (min(len(octets), max(0, int(moment * rate / 8))) for moment in hit)
    return octets[:first] + chance.randbytes(last - first) + octets[last:]
