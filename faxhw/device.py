"""The driver contract.

A *driver* is an object that an installed distribution names in the entry-point group ``faxhw.drivers``. It
opens *devices* by port. A device does call control and makes *sessions*; ``faxhw.channel`` stands on it and
knows nothing else of the hardware.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from faxhw.audio.port import AudioPort
from faxhw.clock import Clock
from faxhw.ports.base import Port
from faxhw.reports import DeviceInfo, ProbeReport
from faxhw.session import Session
from faxhw.t30.line import Line
from faxhw.t30.overheard import Overheard
from faxhw.terms import FarEndType, Modulation, Settings


class CallResult(StrEnum):
    """What became of an attempt to answer or to dial."""

    CONNECTED = "CONNECTED"
    """The line is ours and a fax session may start."""
    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    NO_DIALTONE = "NO DIALTONE"
    NO_CARRIER = "NO CARRIER"
    """The far end was reached, perhaps, but no fax was heard there; or the call went away."""
    BLACKLISTED = "BLACKLISTED"
    """The modem refuses the number, or delays it by law; the network does not allow the call."""
    REJECTED = "REJECTED"
    """The far end declined the call."""
    UNOBTAINABLE = "UNOBTAINABLE"
    """There is no such number, or no way to it."""
    CHANGED = "NUMBER CHANGED"
    CONGESTION = "CONGESTION"
    """The network is busy."""
    NO_CHANNELS = "NO CHANNELS"
    """There is no free channel to the network."""
    INCOMING = "RING"
    """A call comes in on the line: nothing was dialled, and ``wait_for_call`` reports it."""
    TIMEOUT = "TIMEOUT"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A ring, and what came with it. Texts are stripped of control characters and bounded."""

    call_from: str = ""
    call_to: str = ""
    """The number that was called, where the line tells it: of a trunk, perhaps its last digits alone."""
    caller_name: str = ""
    rings: int = 1
    at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """Whatever else the modem said of the call."""
    no_number: str = ""
    """Why there is no ``call_from``, where it is known: ``WITHHELD`` by the caller, or ``UNAVAILABLE``."""
    distinctive_ring: str = ""
    """The ring, where one is told from another: ``A``, ``1``, or its cadence in long and short (``SLS``)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard on a call before any fax."""

    far_end_type: FarEndType = FarEndType.UNKNOWN
    digits: str = ""
    """What was dialled on the call, from 0 to 9, A to D, ``*`` and ``#``."""


class Device(Protocol):
    """An open device, one telephone line. Call control is one thread's at a time; ``cancel`` is anybody's."""

    @property
    def name(self) -> str:
        """The device string it was opened by."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock its waits are measured on."""
        ...

    @property
    def description(self) -> str:
        """Maker, model and profile in a line, for logs."""
        ...

    def capabilities(self) -> Settings:
        """The most that it can do; a job's settings are limited to it."""
        ...

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        """Wait for so many rings; ``None`` on time-out (of the first ring) or ``cancel``."""
        ...

    def keep_ringing(self) -> bool:
        """Look, without waiting, whether the call that rings is still there."""
        ...

    def answer(self, timeout: float | None) -> CallResult:
        """Take the line: silently where the device can, else when the session starts."""
        ...

    def reject(self) -> None:
        """Decline the ringing call in the way the device has."""
        ...

    def dial(self, number: str, timeout: float | None) -> CallResult:
        """Call a number; CONNECTED when a fax session may start."""
        ...

    def hang_up(self) -> None:
        """Release the line; safe when there is no call."""
        ...

    def check(self) -> None:
        """Between calls: make sure that the device is there and set up as it was, and mend what can be.

        It may have lost its power for a moment. Does nothing while a call rings. Raises ``DeviceError``.
        """
        ...

    def line_up(self) -> bool:
        """Whether a call stands, as far as the device can tell."""
        ...

    def receive(self, settings: Settings) -> Session:
        """A session that receives a fax on the call that stands; on one that was dialled, by polling."""
        ...

    def send(self, settings: Settings) -> Session:
        """A session that sends a fax on the call that stands; on one that was answered, to who polls."""
        ...

    def cancel(self) -> None:
        """Make the wait under way (call control or session) end as soon as can be. From any thread.

        A session's wait ends by ``Cancelled`` inside the session; a call-control wait by its time-out result.
        A session that does not wait just then meets ``Cancelled`` at its next wait; nothing outlasts its end.
        """
        ...

    def close(self) -> None:
        """Hang up if need be and release the port; safe to repeat, and from any thread.

        Whatever waits ends as soon as can be; what would wait, or begin a session, raises ``DeviceError``
        from now on.
        """
        ...


class Listening(Device, Protocol):
    """A device that may hear what the far end is, on a call that it has answered without a sound."""

    def listen(self, timeout: float | None) -> Heard:
        """What was heard on the call. Waits until the far end is known, or has gone, or ``cancel``; not at
        all where the line is not listened to. 0.0 looks without waiting."""
        ...


class Explaining(Device, Protocol):
    """A device that is told by its network why a call came to nothing."""

    def call_reason(self) -> str:
        """The code and the words of the last ``answer`` or ``dial`` that failed, as ``0x3491: The number is
        busy.``; empty if nothing was said."""
        ...


class Declining(Device, Protocol):
    """A device that can tell a caller why he is declined."""

    def decline(self, why: str) -> None:
        """As ``reject``; ``why`` is a cause of ``faxhw.fax.call.CallCause``."""
        ...


Tap = Callable[[AudioPort], AudioPort]
"""What a call's sound is to pass through: given the port, it gives one to be used in its place."""


class Sounding(Device, Protocol):
    """A device that has the sound of its calls, and lets it be tapped."""

    def tap_sound(self, tap: Tap | None) -> None:
        """Have the sound of each call from now on pass through ``tap``; ``None``: no more.

        Raises ``DeviceError`` where this one does not give it away, for all its kind can.

        ``tap`` is called once a call, as soon as the call stands and there is sound (so, before ``answer`` or
        ``dial`` returns), by the thread of that call. Its port is closed where the device's own would be.
        Until a session begins or ``listen`` is called, the device leaves the port to whoever tapped it.
        """
        ...


class Driver(Protocol):
    """How devices of a kind are opened."""

    @property
    def name(self) -> str:
        """The driver part of a device string."""
        ...

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        """Open the device on a port, ready for calls.

        ``options`` are the driver's own (for example ``profile``). Raises ``DeviceError`` with one line that
        says what is wrong and what to do, ``UsageError`` for an option it does not know.
        """
        ...

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        """Ask the device what it is; nothing is dialled or answered. Raises as ``open`` does."""
        ...

    def devices(self) -> Iterable[DeviceInfo]:
        """What is plugged in that this driver could open, without touching it."""
        ...


class CheckingDriver(Driver, Protocol):
    """A driver that can judge options without the device."""

    def check_options(self, options: Mapping[str, str]) -> None:
        """Raise ``UsageError`` for options that ``open`` would not take."""
        ...


class SharingDriver(Driver, Protocol):
    """A driver of which several devices can be open on one port: each takes calls that the others leave."""

    @property
    def shares_ports(self) -> bool: ...


class PortDriver(Driver, Protocol):
    """A driver whose devices sit behind a byte stream, and may be given one that is open already."""

    def open_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> Device:
        """As ``open``, on a port made for ``clock``: the device has its name, and closes it in the end."""
        ...

    def probe_on(self, port: Port, clock: Clock, options: Mapping[str, str]) -> ProbeReport:
        """As ``probe``, on a port made for ``clock``, which stays open."""
        ...


class SoftLine(Line, Protocol):
    """The line that a software modem makes of a call's sound. ``perform`` is one thread's at a time."""

    def cancel(self) -> None:
        """Make ``perform`` raise ``Cancelled``, once, as soon as can be. From any thread."""
        ...

    def close(self) -> None:
        """Let go of what the modem holds; the port stays open."""
        ...


class SoundDriver(Driver, Protocol):
    """A driver that is a modem to whoever has the sound of a call.

    Both calls raise ``DeviceError`` if the modem cannot be had on this host.
    """

    def modulations(self) -> tuple[Modulation, ...]:
        """Of pages, those that it can send and hear."""
        ...

    def line_on(self, audio: AudioPort, *, calling: bool) -> SoftLine:
        """A line on a call that stands; ``calling``: whether the call is ours, so that CNG is to be sent."""
        ...


@dataclass(frozen=True, slots=True)
class SimulatedCapi:
    """A virtual CAPI controller that is wanted of a ``Simulator``."""

    numbers: tuple[str, ...]
    """Its telephone numbers (MSNs); each is a line of its own."""
    host: str = "127.0.0.1"
    port: int = 0
    """Where it listens; 0: at any port that is free."""


class ListeningDriver(Driver, Protocol):
    """A driver that makes out the faxes in the sound of calls that are over."""

    def overhear(self, sound: Iterable[Sequence[bytes]]) -> Overheard:
        """What was said, and the pages; nothing of either where there is no fax in it.

        ``sound`` comes in pieces of any length: in each, as much of every channel, as ``faxhw.audio`` has it.
        One channel may have both ends, or each its own. Raises ``DeviceError`` if the modem cannot be had on
        this host.
        """
        ...


class Simulator(Driver, Protocol):
    """A driver that can also lend virtual modems and CAPI controllers to other programs of this host."""

    def simulate(
        self,
        modems: Mapping[str, tuple[str, ...]],
        *,
        controllers: Sequence[SimulatedCapi] = (),
        ready: Callable[[list[tuple[str, str]]], None],
        link_dir: Path | None = None,
        speed: float = 1.0,
    ) -> None:
        """Run virtual modems, on ports of their own, and controllers, that can all call one another, until an
        exception ends it.

        ``modems`` are telephone numbers, each with what the modem answers to ``AT+FCLASS=?`` (empty: as it
        likes). ``ready`` is told the number and path of each once they can be opened: in ``link_dir``, if
        there is one, a link by the number; then each number of the controllers with its device string.
        ``speed`` is how many seconds of the line pass in a real one. Raises ``UsageError`` for modems that
        cannot be had, ``DeviceError`` if a link cannot be made, or a port not be listened at.
        """
        ...
