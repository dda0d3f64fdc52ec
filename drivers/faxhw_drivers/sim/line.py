"""A call's line: two one-way paths that carry signals and octets with a delay, and do them harm.

What an end sends on a path its other end hears ``delay`` seconds later. Impairments join a path before the
call begins: a filter changes octets on their way; a hold replaces what is sent by silence for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from faxhw_drivers.sim.signals import Carrier, Signal, Tone
from faxhw_drivers.sim.world import World

DELAY = 0.010
"""Seconds that a national connection takes, one way."""


class Direction(Enum):
    """Of a call: which way something travels."""

    TO_CALLED = "to the called side"
    TO_CALLER = "to the calling side"


class Ear(Protocol):
    """Whoever hears a path."""

    def hears(self, signal: Signal) -> None:
        """The line sounds so from now on."""
        ...

    def hears_octets(self, octets: bytes) -> None:
        """The carrier that stands has just brought these."""
        ...


Filter = Callable[[Carrier, bytes], bytes]


class Path:
    """One way of a call."""

    def __init__(self, world: World, direction: Direction, ear: Ear) -> None:
        self.world = world
        self.direction = direction
        self.delay = DELAY
        self.filters: list[Filter] = []
        self.on_carrier: list[Callable[[Carrier], Carrier]] = []
        """Each sees a page carrier begin, and may put another in its place."""
        self.pages = 0
        """Page carriers so far, training checks included."""
        self._ear: Ear | None = ear
        self._sent: Signal = Tone.SILENCE
        self._holds = 0

    def send(self, signal: Signal) -> None:
        """The sender's sound changes."""
        if isinstance(signal, Carrier):
            if signal.modulation is not None:
                self.pages += 1
            for look in self.on_carrier:
                signal = look(signal)
        self._sent = signal
        if not self._holds:
            self._deliver(signal)

    def send_octets(self, octets: bytes) -> None:
        """The carrier that stands has carried these, the last bit just now."""
        carrier = self._sent
        if self._holds or not isinstance(carrier, Carrier):
            return
        for each in self.filters:
            octets = each(carrier, octets)
        self.world.call_later(self.delay, lambda: self._arrived(octets))

    def hold(self) -> None:
        """Nothing gets through from now on."""
        self._holds += 1
        if self._holds == 1:
            self._deliver(Tone.SILENCE)

    def release(self) -> None:
        """What is sent gets through again; a carrier that stands comes back without its training."""
        self._holds -= 1
        if self._holds == 0:
            sent = self._sent
            if isinstance(sent, Carrier):
                sent = Carrier(sent.modulation, sent.short, resumed=True)
            self._deliver(sent)

    def close(self) -> None:
        """Nothing is heard any more, not even what is under way."""
        self._ear = None

    def _deliver(self, signal: Signal) -> None:
        self.world.call_later(self.delay, lambda: self._changed(signal))

    def _changed(self, signal: Signal) -> None:
        if self._ear is not None:
            self._ear.hears(signal)

    def _arrived(self, octets: bytes) -> None:
        if self._ear is not None:
            self._ear.hears_octets(octets)
