"""A channel whose modem is software, on a virtual line with sound, and far ends made of libspandsp.

All in simulated time: a call lasts as long as its processing does.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from faxhw.audio.port import BLOCK_OCTETS
from faxhw.channel import Channel
from faxhw.clock import Clock
from faxhw.device import CallResult, IncomingCall, SoftLine, SoundDriver
from faxhw.errors import DeviceError
from faxhw.finding import load_driver
from faxhw.session import Session
from faxhw.t30 import procedures
from faxhw.t30.line import Procedure, session
from faxhw.terms import Coding, PageWidth, Resolution, Settings
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.audio import CLEAN, Impairments, SoundCard, SoundNetwork, SoundStation
from tests.interop.spandsp import Plan, Terminal, library, typed

OURS, THEIRS = "100", "200"


def far_terminal(plan: Plan) -> FarTerminal:
    return FarTerminal(Terminal(typed(ctypes.CDLL(library() or "")), plan))


@dataclass
class FarTerminal:
    """libspandsp's fax terminal as a source of sound."""

    terminal: Terminal

    def __call__(self, heard: bytes) -> bytes:
        samples = (ctypes.c_short * (len(heard) // 2)).from_buffer_copy(heard)
        said = bytes(self.terminal.exchange(samples))
        assert len(said) == BLOCK_OCTETS
        return said

    def outcome(self) -> dict[str, object]:
        """What it says of the call, which is over."""
        self.terminal.hung_up()
        return self.terminal.outcome()


class SoundDevice:
    """A card that carries sound, with the software modem (``faxhw.device.Device``)."""

    def __init__(self, card: SoundCard) -> None:
        self._card = card
        self._driver = cast(SoundDriver, load_driver("dsp"))
        self._line: SoftLine | None = None
        self._dialled = False
        self._closed = False

    @property
    def name(self) -> str:
        return "sound:0"

    @property
    def clock(self) -> Clock:
        return self._card.clock

    @property
    def description(self) -> str:
        return "virtual card with sound"

    def capabilities(self) -> Settings:
        return Settings(
            resolutions=frozenset(Resolution),
            codings=frozenset(Coding),
            ecm=True,
            width=PageWidth.A3,
            poll=True,
        )

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        try:
            heard = self._open_card().wait_for_rings(rings, timeout)
        except InterruptedError:
            return None
        return IncomingCall(call_from=self._card.caller, rings=heard, at=self.clock.now()) if heard else None

    def keep_ringing(self) -> bool:
        return self._card.is_ringing()

    def answer(self, timeout: float | None) -> CallResult:
        card = self._open_card()
        if not card.is_ringing():
            return CallResult.NO_CARRIER
        self._line = self._driver.line_on(card.off_hook(), calling=False)
        self._dialled = False
        return CallResult.CONNECTED

    def reject(self) -> None:
        self._card.off_hook()
        self._card.on_hook()

    def dial(self, number: str, timeout: float | None) -> CallResult:
        card = self._open_card()
        port = card.off_hook()
        try:
            result = card.dial(number, timeout)
        except InterruptedError:
            result = ""
        if result != "connected":
            card.on_hook()
            return CallResult.BUSY if result == "busy" else CallResult.NO_ANSWER
        port.skip()
        self._line = self._driver.line_on(port, calling=True)
        self._dialled = True
        return CallResult.CONNECTED

    def hang_up(self) -> None:
        self._card.on_hook()
        self._card.forget_wake()
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def check(self) -> None:
        self._open_card()

    def line_up(self) -> bool:
        return self._card.has_call()

    def receive(self, settings: Settings) -> Session:
        return self._session(procedures.receiving(settings, dialled=self._dialled))

    def send(self, settings: Settings) -> Session:
        return self._session(procedures.sending(settings, dialled=self._dialled))

    def _session(self, procedure: Procedure) -> Session:
        if self._line is None:
            raise DeviceError(f"{self.name}: there is no call to fax on; answer or dial first")
        return session(procedure, self._line)

    def cancel(self) -> None:
        self._card.wake()
        if self._line is not None:
            self._line.cancel()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.cancel()
            self.hang_up()

    def _open_card(self) -> SoundCard:
        if self._closed:
            raise DeviceError(f"{self.name}: the device was closed")
        return self._card


@dataclass
class Setting:
    """A channel on a line with sound, and a far end."""

    network: SoundNetwork
    channel: Channel
    station: SoundStation

    def far_calls(self, plan: Plan) -> FarTerminal:
        """Have libspandsp call and send; the channel answers."""
        far = far_terminal(plan)
        self.station.call(OURS, far)
        assert self.channel.wait_for_call(60) == "CALL_INCOMING"
        assert self.channel.answer() == "ANSWERED"
        return far

    def far_answers(self, plan: Plan) -> FarTerminal:
        """Call libspandsp, which receives."""
        far = far_terminal(plan)
        self.station.answer_with(lambda: far)
        assert self.channel.call(THEIRS) == "ANSWERED"
        return far


@contextmanager
def setting(
    from_far: Impairments = CLEAN, to_far: Impairments = CLEAN, *, far_calls: bool, seed: int = 1
) -> Iterator[Setting]:
    """A channel and a far end, with what befalls the sound from one to the other."""
    bench = Bench(seed)
    ways = (from_far, to_far) if far_calls else (to_far, from_far)
    network = SoundNetwork(bench.clock, bench.exchange, *ways, seed=seed)
    with Channel(SoundDevice(network.card(OURS))) as channel:
        yield Setting(network, channel, network.station(THEIRS))
