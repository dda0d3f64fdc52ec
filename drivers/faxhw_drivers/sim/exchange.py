"""The telephone exchange: subscribers by number, dial tone, ringing, ringback, busy, and calls.

A *phone* is what a subscriber's line looks like from the subscriber's side: modems and stations act on one
and listen to it. Who hangs up is gone at once; the other side hears silence and then the busy tone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from faxhw_drivers.sim.line import Direction, Ear, Path
from faxhw_drivers.sim.signals import Signal, Tone
from faxhw_drivers.sim.world import Timer, World

RING_ON, RING_OFF = 2.0, 4.0
"""Seconds of a ring and of the pause after it."""
CALLER_ID_AFTER = 0.5
"""Seconds from the end of the first ring to the caller ID."""
ROUTING = 0.8
"""Seconds from the last digit to the first ring, or to the busy tone."""
RING_LIMIT = 120.0
"""Seconds after which the exchange gives up on a phone that nobody answers."""
CLEARING = 0.5
"""Seconds of silence between the far end's hanging up and the busy tone."""


@dataclass(frozen=True, slots=True)
class CallerId:
    """What a subscriber's line tells of whoever calls."""

    number: str = ""
    name: str = ""
    withheld: str = ""
    """``P`` for a private number, ``O`` for one out of the area, in its place."""
    called: str = ""
    """The number that was dialled."""


@dataclass(frozen=True, slots=True)
class Ring:
    """How a telephone rings for one of the numbers that it has."""

    kind: int
    cadence: tuple[int, ...]
    """Tenths of a second for which it rings and pauses, in turn."""


RINGS = {
    each.kind: each for each in (Ring(1, (20, 40)), Ring(2, (8, 4, 8, 40)), Ring(3, (4, 2, 4, 2, 8, 40)))
}
"""Those of MultiTech's -SDR. The exchange rings as long with each: how a modem tells them is what differs."""


class Listener(Ear, Protocol):
    """Whoever sits at a phone."""

    def rings(self, on: bool) -> None:
        """A ring begins or ends."""
        ...

    def caller_id(self, caller: CallerId) -> None:
        """Comes after the first ring, if the caller's exchange knows anything."""
        ...

    def give_up(self) -> None:
        """Have enough of the call and say so (DCN), if that is for whoever sits here to decide."""
        ...


class Hook(Enum):
    """What a phone is doing."""

    IDLE = "on hook"
    RINGING = "ringing"
    DIALTONE = "off hook"
    CALLING = "calling"
    TALKING = "talking"
    CLEARED = "cleared"
    """Off hook, hearing the busy tone."""


class Call:
    """Two phones, from the last digit to the end."""

    def __init__(self, exchange: Exchange, caller: Phone, called: Phone, dialled: str) -> None:
        self.exchange = exchange
        self.dialled = dialled
        self.ring: Ring | None = exchange.rings.get(dialled)
        """Its ring, where that is not like any other."""
        self.caller = caller
        self.called = called
        world = exchange.world
        self.paths = {
            Direction.TO_CALLED: Path(world, Direction.TO_CALLED, called),
            Direction.TO_CALLER: Path(world, Direction.TO_CALLER, caller),
        }
        self.connected: float | None = None
        """When it was answered."""
        self.ended: float | None = None
        """When one side hung up, or gave up ringing, or the call was cut."""
        self.timer: Timer | None = None

    def path_from(self, phone: Phone) -> Path:
        return self.paths[Direction.TO_CALLED if phone is self.caller else Direction.TO_CALLER]

    def speaker(self, direction: Direction) -> Phone:
        """Whoever is heard in a direction."""
        return self.caller if direction is Direction.TO_CALLED else self.called

    def other(self, phone: Phone) -> Phone:
        return self.called if phone is self.caller else self.caller

    def shown_to_called(self) -> CallerId:
        """What the called line is told of it."""
        if self.caller.withheld:
            return CallerId(withheld=self.caller.withheld, called=self.dialled)
        return CallerId(self.caller.number, self.caller.name, called=self.dialled)

    def cut(self) -> None:
        """End the call for both sides, as a fault of the network does."""
        self.exchange.release(self, (self.caller, self.called))


class Impairment(Protocol):
    """Something that does harm to a call."""

    def join(self, call: Call) -> None:
        """Take hold of a call that is just being connected."""
        ...


class Phone:
    """A subscriber's line, from the subscriber's side."""

    def __init__(self, exchange: Exchange, number: str, listener: Listener) -> None:
        self.number = number
        self.name = ""
        """The subscriber's name, for the caller ID of others."""
        self.withheld = ""
        """``P`` or ``O``: the number is not shown to others."""
        self.dead = False
        """There is no dial tone, and no ring."""
        self.state = Hook.IDLE
        self.call: Call | None = None
        self._exchange = exchange
        self._listener = listener

    def off_hook(self) -> None:
        """Answer if it rings, else ask for the dial tone; nothing if off hook already."""
        if self.state is Hook.RINGING:
            self._exchange.answer(self)
        elif self.state is Hook.IDLE:
            self.state = Hook.DIALTONE
            if not self.dead:
                self.hears(Tone.DIALTONE)

    def on_hook(self) -> None:
        """Hang up; nothing if it is on the hook (a ringing phone goes on ringing)."""
        if self.state in (Hook.IDLE, Hook.RINGING):
            return
        self.state = Hook.IDLE
        if self.call is not None:
            self._exchange.release(self.call, (self.call.other(self),))

    def dial(self, number: str) -> None:
        """The last digit has been dialled."""
        if self.state is Hook.DIALTONE and not self.dead:
            self.state = Hook.CALLING
            self.hears(Tone.SILENCE)
            self._exchange.connect(self, number)

    def send(self, signal: Signal) -> None:
        """Sound so from now on; unheard without a call."""
        if self.state is Hook.TALKING and self.call is not None:
            self.call.path_from(self).send(signal)

    def send_octets(self, octets: bytes) -> None:
        """What the carrier that is being sent has just carried."""
        if self.state is Hook.TALKING and self.call is not None:
            self.call.path_from(self).send_octets(octets)

    # -- what the exchange and the far end do to it

    def hears(self, signal: Signal) -> None:
        if self.state is not Hook.IDLE:
            self._listener.hears(signal)

    def hears_octets(self, octets: bytes) -> None:
        self._listener.hears_octets(octets)

    def rings(self, on: bool) -> None:
        self._listener.rings(on)

    def caller_id(self, caller: CallerId) -> None:
        self._listener.caller_id(caller)

    def give_up(self) -> None:
        self._listener.give_up()


@dataclass
class Exchange:
    """Connects phones by number."""

    world: World
    fallback: str = ""
    """The subscriber who gets every call to a number that nobody has; empty: such calls fail."""
    impairments: list[Impairment] = field(default_factory=list)
    """They join every call that is connected from now on."""
    calls: list[Call] = field(default_factory=list)
    """Every call so far, in order."""
    rings: dict[str, Ring] = field(default_factory=dict)
    """Numbers that ring in a way of their own."""
    _phones: dict[str, Phone] = field(default_factory=dict)

    def subscribe(self, number: str, listener: Listener) -> Phone:
        """A new subscriber's phone."""
        if number in self._phones:
            raise ValueError(f"the number {number} is taken already")
        phone = self._phones[number] = Phone(self, number, listener)
        return phone

    def also(self, number: str, subscriber: str, ring: Ring | None = None) -> None:
        """Give a subscriber one more number, perhaps with a ring of its own."""
        self._phones[number] = self._phones[subscriber]
        if ring is not None:
            self.rings[number] = ring

    def knows(self, number: str) -> bool:
        """Whether a call to this number gets anywhere."""
        return number in self._phones or self.fallback in self._phones

    # -- what phones ask for

    def connect(self, caller: Phone, number: str) -> None:
        """Route a call to a number."""
        called = self._phones.get(number) or self._phones.get(self.fallback)
        if called is None:
            self.world.note(caller.number, f"dials {number}, which is nobody's")
            self.world.call_later(ROUTING, lambda: self._refuse(caller))
            return
        self.world.note(caller.number, f"dials {number}")
        call = caller.call = Call(self, caller, called, number)
        self.calls.append(call)
        call.timer = self.world.call_later(ROUTING, lambda: self._alert(call))

    def answer(self, called: Phone) -> None:
        """The ringing phone is taken off the hook."""
        call = called.call
        if call is None:
            return
        self._stop_ringing(call)
        self.world.note(called.number, f"answers {call.caller.number}")
        call.connected = self.world.now
        called.state = call.caller.state = Hook.TALKING
        called.hears(Tone.SILENCE)
        call.caller.hears(Tone.SILENCE)
        for impairment in self.impairments:
            impairment.join(call)

    def release(self, call: Call, left_over: tuple[Phone, ...]) -> None:
        """End a call; whoever is left over hears so."""
        if call.ended is not None:
            return
        call.ended = self.world.now
        self.world.note(call.caller.number, f"the call with {call.called.number} ends")
        ringing = call.called.state is Hook.RINGING and call.called.call is call
        self._stop_ringing(call)
        for path in call.paths.values():
            path.close()
        concerned = [phone for phone in (call.caller, call.called) if phone.call is call]
        for phone in concerned:
            phone.call = None
        if ringing:
            call.called.state = Hook.IDLE
        for phone in left_over:
            if phone in concerned and phone.state in (Hook.TALKING, Hook.CALLING):
                self._clear(phone, call)

    # -- ringing

    def _refuse(self, caller: Phone) -> None:
        if caller.state is Hook.CALLING:
            caller.state = Hook.CLEARED
            caller.hears(Tone.BUSY)

    def _alert(self, call: Call) -> None:
        called = call.called
        if called.state is not Hook.IDLE or called is call.caller:
            call.ended = self.world.now
            call.caller.call = None
            self._refuse(call.caller)
            return
        called.call = call
        if not called.dead:
            called.state = Hook.RINGING
        call.caller.hears(Tone.RINGBACK)
        self._ring(call, self.world.now, first=True)

    def _ring(self, call: Call, since: float, first: bool = False) -> None:
        if self.world.now - since >= RING_LIMIT:
            self.release(call, (call.caller,))
            return
        called = call.called
        if not called.dead:
            called.rings(True)

        def end_of_ring() -> None:
            if not called.dead:
                called.rings(False)
            caller = call.shown_to_called()
            if first and (caller.number or caller.withheld or caller.name):
                call.timer = self.world.call_later(CALLER_ID_AFTER, lambda: tell(caller))
            else:
                pause(RING_OFF)

        def tell(caller: CallerId) -> None:
            if not called.dead:
                called.caller_id(caller)
            pause(RING_OFF - CALLER_ID_AFTER)

        def pause(seconds: float) -> None:
            call.timer = self.world.call_later(seconds, lambda: self._ring(call, since))

        call.timer = self.world.call_later(RING_ON, end_of_ring)

    def _stop_ringing(self, call: Call) -> None:
        if call.timer is not None:
            call.timer.cancel()
            call.timer = None
        if call.called.state is Hook.RINGING and call.called.call is call:
            call.called.rings(False)

    def _clear(self, phone: Phone, call: Call) -> None:
        phone.state = Hook.CLEARED

        def sounds(tone: Tone) -> None:
            if phone.state is Hook.CLEARED and phone.call is None:
                phone.hears(tone)

        delay = call.path_from(phone).delay
        self.world.call_later(delay, lambda: sounds(Tone.SILENCE))
        self.world.call_later(delay + CLEARING, lambda: sounds(Tone.BUSY))
