"""One way of a call's sound: a chain of what its impairments do to each block."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from random import Random

from faxhw.audio.laws import coded
from faxhw.audio.port import RATE
from faxhw_drivers.sim.audio.impairments import SLIP_MARGIN, Echo, Impairments
from faxhw_drivers.sim.audio.samples import BandPass, Noise, amplified, looked_up, mixed

Step = Callable[["array[int]"], "array[int]"]


class Way:
    """Carries blocks one way; all chance in it is ``chance``."""

    def __init__(self, impairments: Impairments, chance: Random) -> None:
        self._steps = _steps(impairments, chance)
        self.near_echo = _echo(impairments.near_echo)
        """What the speaker hears at once of a block that it says."""
        self.far_echo = _echo(impairments.far_echo)
        """What the far end sends back of a block that has arrived."""

    def carry(self, block: array[int]) -> array[int]:
        """What arrives while a block is said."""
        for step in self._steps:
            block = step(block)
        return block


def _steps(wanted: Impairments, chance: Random) -> list[Step]:
    steps: list[Step] = []
    if wanted.gain:
        steps.append(_Table(amplified(wanted.gain)))
    if wanted.band_limits:
        steps.append(BandPass())
    if wanted.noise is not None:
        steps.append(_Steady(Noise(wanted.noise, chance)))
    if wanted.burst_every:
        steps.append(_Bursts(wanted, chance))
    if wanted.law is not None:
        steps.append(_Table(coded(wanted.law)))
    if wanted.dropped:
        steps.append(_Drops(wanted.dropped, chance))
    if wanted.delay or wanted.lost_every or wanted.doubled_every:
        steps.append(_Delay(wanted))
    return steps


class _Table:
    def __init__(self, table: array[int]) -> None:
        self._table = table

    def __call__(self, block: array[int]) -> array[int]:
        return looked_up(self._table, block)


class _Steady:
    def __init__(self, noise: Noise) -> None:
        self._noise = noise

    def __call__(self, block: array[int]) -> array[int]:
        return mixed(block, self._noise.take(len(block)))


class _Bursts:
    """Stretches of noise; a burst may begin and end anywhere in a block."""

    def __init__(self, wanted: Impairments, chance: Random) -> None:
        self._noise = Noise(wanted.burst_level, chance)
        self._chance = chance
        self._rate = 1 / (wanted.burst_every * RATE)
        self._length = max(1, round(wanted.burst_length * RATE))
        self._next = self._gap()
        """Samples from the beginning of the next block to the burst that comes, or that goes on (below 0)."""

    def _gap(self) -> int:
        return round(self._chance.expovariate(self._rate))

    def __call__(self, block: array[int]) -> array[int]:
        while self._next < len(block):
            first, last = max(0, self._next), min(len(block), self._next + self._length)
            noisy = mixed(block[first:last], self._noise.take(last - first))
            block = block[:first] + noisy + block[last:]
            if self._next + self._length > len(block):
                break
            self._next += self._length + self._gap()
        self._next -= len(block)
        return block


class _Drops:
    def __init__(self, share: float, chance: Random) -> None:
        self._share = share
        self._chance = chance

    def __call__(self, block: array[int]) -> array[int]:
        return array("h", bytes(2 * len(block))) if self._chance.random() < self._share else block


class _Delay:
    """Samples in flight; slips put one more among them, or take one out."""

    def __init__(self, wanted: Impairments) -> None:
        margin = SLIP_MARGIN if wanted.lost_every else 0
        self._flying = array("h", bytes(2 * (round(wanted.delay * RATE) + margin)))
        self._doubled = _Every(wanted.doubled_every)
        self._lost = _Every(wanted.lost_every)

    def __call__(self, block: array[int]) -> array[int]:
        count = len(block)
        block = block[:]
        for place in reversed(self._doubled.within(count)):
            block.insert(place, block[place])
        for place in reversed(self._lost.within(count)):
            del block[place]
        self._flying += block
        arrived = self._flying[:count]
        del self._flying[:count]
        return arrived + array("h", bytes(2 * (count - len(arrived))))


class _Every:
    """Places in a stream of samples that come again and again."""

    def __init__(self, seconds: float) -> None:
        self._period = max(1, round(seconds * RATE)) if seconds else 0
        self._next = self._period

    def within(self, count: int) -> list[int]:
        """Those among the next so many samples, counted from the first of them."""
        if not self._period:
            return []
        places = list(range(self._next, count, self._period))
        self._next += self._period * len(places) - count
        return places


class _Echo:
    """Takes in what is said, gives out what comes again of it."""

    def __init__(self, echo: Echo) -> None:
        self._table = amplified(-echo.loss)
        self._flying = array("h", bytes(2 * round(echo.delay * RATE)))

    def __call__(self, block: array[int]) -> array[int]:
        self._flying += looked_up(self._table, block)
        come = self._flying[: len(block)]
        del self._flying[: len(block)]
        return come


def _echo(echo: Echo | None) -> Step | None:
    return None if echo is None else _Echo(echo)
