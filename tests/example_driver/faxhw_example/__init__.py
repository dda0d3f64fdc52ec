"""A small driver: a telephony card that makes and hears fax signals, and leaves T.30 to faxhw.

The card is the virtual one of ``faxhw_drivers.sim``, put into a slot by ``insert``; with a real card, its
maker's library would stand in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from faxhw.clock import Clock
from faxhw.device import CallResult, Device, IncomingCall
from faxhw.errors import DeviceError
from faxhw.reports import DeviceInfo, ProbeReport
from faxhw.session import Cancelled, Session
from faxhw.t30 import procedures
from faxhw.t30.line import Answer, Operation, session
from faxhw.terms import Coding, Settings
from faxhw_drivers.sim.card import Card

_slots: dict[str, Card] = {}


def insert(slot: str, card: Card) -> None:
    """Put a card into a slot."""
    _slots[slot] = card


class _Line:
    """What performs line operations: here the card does all the work."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def perform(self, operation: Operation) -> Answer:
        try:
            return self._card.perform(operation)
        except InterruptedError as error:
            raise Cancelled("stopped") from error


class ExampleDevice:
    """A card in a slot, as ``faxhw.device.Device`` wants it."""

    def __init__(self, slot: str, card: Card) -> None:
        self._slot = slot
        self._card = card
        self._closed = False
        self._dialled = False

    @property
    def name(self) -> str:
        return f"example:{self._slot}"

    @property
    def clock(self) -> Clock:
        return self._card.clock

    @property
    def description(self) -> str:
        return "virtual telephony card"

    def capabilities(self) -> Settings:
        return Settings(codings=frozenset(Coding), ecm=True, poll=True)

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        try:
            heard = self._open_card().wait_for_rings(rings, timeout)
        except InterruptedError:
            return None
        if not heard:
            return None
        return IncomingCall(call_from=self._card.caller, rings=heard, at=self.clock.now())

    def keep_ringing(self) -> bool:
        return self._card.is_ringing()

    def answer(self, timeout: float | None) -> CallResult:
        card = self._open_card()
        if not card.is_ringing():
            return CallResult.NO_CARRIER
        card.off_hook()
        self._dialled = False
        return CallResult.CONNECTED

    def reject(self) -> None:
        self._card.off_hook()
        self._card.on_hook()

    def dial(self, number: str, timeout: float | None) -> CallResult:
        card = self._open_card()
        card.off_hook()
        try:
            result = card.dial(number, timeout)
        except InterruptedError:
            result = ""
        if result == "connected":
            self._dialled = True
            return CallResult.CONNECTED
        card.on_hook()
        return CallResult.BUSY if result == "busy" else CallResult.NO_ANSWER

    def hang_up(self) -> None:
        self._card.on_hook()
        self._card.forget_wake()

    def check(self) -> None:
        self._open_card()

    def line_up(self) -> bool:
        return self._card.has_call()

    def receive(self, settings: Settings) -> Session:
        return session(procedures.receiving(settings, dialled=self._dialled), _Line(self._open_card()))

    def send(self, settings: Settings) -> Session:
        return session(procedures.sending(settings, dialled=self._dialled), _Line(self._open_card()))

    def cancel(self) -> None:
        self._card.wake()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._card.wake()
            self._card.on_hook()

    def _open_card(self) -> Card:
        if self._closed:
            raise DeviceError(f"{self.name}: the device was closed")
        return self._card


class ExampleDriver:
    """What the entry point names."""

    name = "example"

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        if port not in _slots:
            raise DeviceError(f"example:{port}: there is no card in that slot; insert one first")
        return ExampleDevice(port, _slots[port])

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        device = self.open(port, options)
        return ProbeReport(device.name, self.name, "", "there is one kind of card only")

    def devices(self) -> Iterable[DeviceInfo]:
        return [DeviceInfo(f"example:{slot}", driver=self.name) for slot in _slots]


driver = ExampleDriver()
