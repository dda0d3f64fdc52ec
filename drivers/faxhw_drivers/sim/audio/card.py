"""Telephone lines with sound, on the exchange of the virtual line.

The exchange connects by number, rings, and tells who calls, as it does for modems and stations; the sound of
a call between two subscribers of a ``SoundNetwork`` runs on an ``AudioLine``. A ``SoundCard`` is for an owner
who waits on the clock, a ``SoundStation`` is a far end that is a function from block to block.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw_drivers.sim.audio.ends import End, FunctionEnd, PortEnd
from faxhw_drivers.sim.audio.impairments import CLEAN, Impairments
from faxhw_drivers.sim.audio.line import SECONDS_PER_BLOCK, AudioLine
from faxhw_drivers.sim.audio.sources import ExchangeTones, Source, silence
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.exchange import Call, CallerId, Exchange, Hook
from faxhw_drivers.sim.owned import DIAL_TIME, OwnedLine
from faxhw_drivers.sim.signals import Signal
from faxhw_drivers.sim.world import World

ANSWER_TIME = 1.0
"""Seconds of a ring after which a station answers."""


class SoundNetwork:
    """Gives every call between its subscribers a line for the sound."""

    def __init__(
        self,
        clock: SimulatedClock,
        exchange: Exchange,
        to_called: Impairments = CLEAN,
        to_caller: Impairments = CLEAN,
        seed: int = 1,
    ) -> None:
        self.clock = clock
        self.exchange = exchange
        self.to_called = to_called
        """What befalls the way to the called end, of calls from now on."""
        self.to_caller = to_caller
        self._seed = seed
        self._sounds: dict[str, SubscriberSound] = {}
        exchange.impairments.append(self)

    def card(self, number: str, *, hears_end: bool = False) -> SoundCard:
        """A card on a new line. ``hears_end``: its audio goes on when the other end has hung up, with silence
        and the busy tone, as an analogue line's does; else it is gone."""
        card = SoundCard(self, number)
        card.sound.hears_end = hears_end
        self.add(number, card.sound)
        return card

    def station(self, number: str) -> SoundStation:
        """A far end on a new line."""
        station = SoundStation(self, number)
        self.add(number, station.sound)
        return station

    def add(self, number: str, sound: SubscriberSound) -> None:
        """Have calls from and to a subscriber of the exchange carry this sound."""
        self._sounds[number] = sound

    def join(self, call: Call) -> None:
        """Give a call that is just being connected its sound (``faxhw_drivers.sim.exchange.Impairment``)."""
        caller = self._sounds.get(call.caller.number)
        called = self._sounds.get(call.called.number)
        if caller is None or called is None:
            return
        seed = self._seed + len(self.exchange.calls)
        line = AudioLine(caller.end, called.end, self.to_called, self.to_caller, seed=seed, on_cut=call.cut)
        for path in call.paths.values():  # who hangs up is heard until then
            path.delay = max(self.to_called.delay, self.to_caller.delay) + SECONDS_PER_BLOCK
        caller.joined(line)
        called.joined(line)
        line.begin(self.clock.world)


class SubscriberSound:
    """What one subscriber says and hears: to the exchange, and in a call."""

    def __init__(self, world: World) -> None:
        self.end: End = FunctionEnd(silence)
        """Whose sound it is; nobody's while the line is on hook."""
        self.hears_end = False
        self._world = world
        self._tones = ExchangeTones()
        self._line: AudioLine | None = None
        self._in_call = False

    def begin(self, end: End) -> None:
        """The line is taken: from now on ``end`` hears what the exchange has to say, until a call stands."""
        self._leave()
        self.end = end
        self._line = AudioLine(end, FunctionEnd(self._tones))
        self._line.begin(self._world)

    def joined(self, line: AudioLine) -> None:
        """A call has been connected, and its sound is on this line."""
        self._leave()
        self._line, self._in_call = line, True

    def finish(self) -> None:
        """The line is on hook."""
        self._leave()
        self.end.gone()

    def signal(self, signal: Signal, *, cleared: bool) -> None:
        """What the exchange lets the subscriber hear; ``cleared``: the other end has hung up."""
        self._tones.set(signal)
        if not (cleared and self._in_call):
            return
        if self.hears_end:
            self.begin(self.end)
        else:
            self.finish()

    def _leave(self) -> None:
        if self._line is not None and self._in_call:
            self._line.leave(self.end)
        elif self._line is not None:
            self._line.stop()
        self._line, self._in_call = None, False


class SoundCard(OwnedLine):
    """A card that carries sound: its host is the modem."""

    def __init__(self, network: SoundNetwork, number: str) -> None:
        super().__init__(network.clock, network.exchange, number)
        self.sound = SubscriberSound(network.clock.world)
        self._number = number

    def off_hook(self) -> PortEnd:
        """Answer the call that rings, or take the line for dialling: the line's sound until it is on hook."""
        with self._monitor:
            self._rings.clear()
            port = PortEnd(self.clock, f"virtual line {self._number}")
            self.sound.begin(port)
            self._phone.off_hook()
            return port

    def on_hook(self) -> None:
        """Hang up; safe when on hook."""
        with self._monitor:
            self.sound.finish()
            self._phone.on_hook()

    def hears(self, signal: Signal) -> None:
        self.sound.signal(signal, cleared=self._phone.state is Hook.CLEARED)
        super().hears(signal)


class SoundStation:
    """A far end whose sound is a function; what it does is events of the world."""

    def __init__(self, network: SoundNetwork, number: str) -> None:
        self.sound = SubscriberSound(network.clock.world)
        self._world = network.clock.world
        self._phone = network.exchange.subscribe(number, self)
        self._make: Callable[[], Source] | None = None

    def call(self, number: str, source: Source) -> None:
        """Dial a number, and sound so from then on."""
        self.sound.begin(FunctionEnd(source))
        self._phone.off_hook()
        self._world.call_later(DIAL_TIME, lambda: self._phone.dial(number))

    def answer_with(self, make: Callable[[], Source]) -> None:
        """Answer calls from now on, each with a new source, in their first ring."""
        self._make = make

    def has_call(self) -> bool:
        return self._phone.state is Hook.TALKING

    def hang_up(self) -> None:
        """Hang up; safe when on hook."""
        self.sound.finish()
        self._phone.on_hook()

    # -- the phone's listener

    def rings(self, on: bool) -> None:
        if on and self._make is not None:
            self._world.call_later(ANSWER_TIME, self._answer)

    def _answer(self) -> None:
        if self._phone.state is Hook.RINGING and self._make is not None:
            self.sound.begin(FunctionEnd(self._make()))
            self._phone.off_hook()

    def hears(self, signal: Signal) -> None:
        cleared = self._phone.state is Hook.CLEARED
        self.sound.signal(signal, cleared=cleared)
        if cleared:
            self.hang_up()

    def hears_octets(self, octets: bytes) -> None:
        pass

    def caller_id(self, caller: CallerId) -> None:
        pass

    def give_up(self) -> None:
        pass
