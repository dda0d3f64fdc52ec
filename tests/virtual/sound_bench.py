"""A bench on which telephone lines have sound: DAHDI channels, and far ends that are software modems too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faxhw.audio.port import SILENCE
from faxhw.session import Event, Outcome, Reply, Session
from faxhw.t30.line import Procedure, session
from faxhw_drivers.dsp import driver as modem
from faxhw_drivers.dsp.dahdi.device import DahdiDevice
from faxhw_drivers.dsp.dahdi.driver import DahdiDriver
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.audio import CLEAN, Impairments, PortEnd, SoundCard, SoundNetwork
from faxhw_drivers.sim.audio.samples import limited
from faxhw_drivers.sim.audio.sources import Source, in_turn, silence, tone
from faxhw_drivers.sim.dahdi import DahdiCard, DahdiLine, Manners


def voice() -> Source:
    """Somebody who speaks: sounds of no one frequency, and pauses."""
    word = in_turn([(0.3, _mixed(310, 830, 2300)), (0.15, silence), (0.4, _mixed(500, 1450, 2700))])
    return in_turn([(1.0, silence), (0.85, word), (60.0, silence)])


def _mixed(*frequencies: float) -> Source:
    tones = [tone(each, -22.0) for each in frequencies]

    def say(heard: bytes) -> bytes:
        blocks = [memoryview(each(heard)).cast("h") for each in tones]
        return limited(map(sum, zip(*blocks, strict=True))).tobytes()

    return say


@dataclass
class SoundCall:
    """One call of a far end (``faxhw.testing.bench.FarEndCall``)."""

    outcome: Outcome | None = None
    events: list[Event] = field(default_factory=list)
    ended: float | None = None


Act = Procedure | Callable[[], Source]
"""What a far end does: T.30, or ``voice``."""
_LISTENS = 30.0
OnEvent = Callable[[Event], Reply]


def _nothing(_: Event) -> Reply:
    return None


class SoundStation:
    """A far end that performs T.30 with the software modem, or sounds as a source does."""

    def __init__(self, network: SoundNetwork, number: str) -> None:
        self.calls: list[SoundCall] = []
        self._clock = network.clock
        self._card: SoundCard = network.card(number)
        self._port: PortEnd | None = None

    def call(self, number: str, act: Act, on_event: OnEvent = _nothing) -> SoundCall:
        call = SoundCall()
        self.calls.append(call)

        def run() -> None:
            self._port = self._card.off_hook()
            if self._card.dial(number, 120.0) == "connected":
                self._talk(call, act, on_event, calling=True)
            else:
                self._clock.sleep(_LISTENS)  # to the busy tone
            self._ends(call)

        self._clock.spawn(run, f"caller of {number}")
        return call

    def answer_with(self, make: Any, on_event: OnEvent = _nothing, rings: int = 1) -> None:
        def run() -> None:
            while True:
                if not self._card.wait_for_rings(rings, 3600.0):
                    return
                call = SoundCall()
                self.calls.append(call)
                self._port = self._card.off_hook()
                act = make if make is voice else make()
                self._talk(call, act, on_event, calling=False)
                self._ends(call)

        self._clock.spawn(run, "answering far end")

    def hang_up(self) -> None:
        self._card.on_hook()

    def _talk(self, call: SoundCall, act: Any, on_event: OnEvent, *, calling: bool) -> None:
        port = self._port
        assert port is not None
        if act is voice:
            port.skip()
            says = voice()
            while port.transfer(says(SILENCE)):
                pass
            return
        line = modem.line_on(port, calling=calling)
        call.outcome = self._drive(session(act, line), call, on_event)
        line.close()

    def _drive(self, faxing: Session, call: SoundCall, on_event: OnEvent) -> Outcome:
        try:
            event = next(faxing)
            while True:
                call.events.append(event)
                event = faxing.send(on_event(event))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def _ends(self, call: SoundCall) -> None:
        self._card.on_hook()
        call.ended = self._clock.monotonic()


class SoundBench:
    """As ``faxhw.testing.Bench``; ``dahdi`` plugs in a channel."""

    def __init__(self, seed: int = 1, to_called: Impairments = CLEAN, to_caller: Impairments = CLEAN) -> None:
        self.bench = Bench(seed)
        self.clock = self.bench.clock
        self.network = SoundNetwork(self.clock, self.bench.exchange, to_called, to_caller, seed)
        self.card = DahdiCard(self.network)
        self.voice = voice
        self._devices: list[DahdiDevice] = []

    def station(self, number: str) -> SoundStation:
        return SoundStation(self.network, number)

    def line(self, number: str, manners: Manners | None = None) -> DahdiLine:
        """A channel with a line: its number is the first that is free."""
        return self.card.line(len(self.card.channels) + 1, number, manners)

    def driver(self) -> DahdiDriver:
        return DahdiDriver(self.card.open)

    def dahdi(self, number: str, manners: Manners | None = None, **options: str) -> DahdiDevice:
        """A device on a new channel."""
        self.line(number, manners)
        port = str(len(self.card.channels))
        device = self.driver().open_on(port, self.clock, modem, options)
        self._devices.append(device)
        return device

    def close(self) -> None:
        """Close the devices: the sound of one that is off the hook goes on for ever, as fast as it can."""
        for device in self._devices:
            device.close()

    def run(self, seconds: float) -> None:
        self.clock.sleep(seconds)
