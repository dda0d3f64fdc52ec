"""Profiles: everything about a modem that is peculiar to it, as data (``profiles.toml``).

A driver asks a profile what to send and how long to wait, and has no ``if`` for a chip set of its own. The
dataclasses here are the schema of profile files, the package's and the user's; ``faxhw.at.library`` reads
them, and finds the profile that fits what a modem said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from faxhw.errors import Error
from faxhw.ports.base import Flow

FAX_CLASSES = ("1", "1.0", "2", "2.0", "2.1")
SPEEDS = range(300, 4_000_001)
"""Bits per second that a serial line may have."""


class ProfileError(Error):
    """A profile that cannot be understood; the message names its file, it, and the key, in a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """What a modem said of itself when it was asked, and the USB id of its port."""

    ati0: str = ""
    ati3: str = ""
    maker: str = ""
    """Its answer to +FMFR?, or +FMI?."""
    model: str = ""
    """Its answer to +FMDL?, or +FMM?."""
    revision: str = ""
    """Its answer to +FREV?, or +FMR?."""
    usb: str = ""
    """Vendor and product, as in ``0572:1329``."""


@dataclass(frozen=True, slots=True)
class Match:
    """When a profile fits; every key that is given must hold.

    Regular expressions, searched in what the modem said, case ignored; only ``usb`` must be the same.
    """

    ati0: str = ""
    ati3: str = ""
    maker: str = ""
    model: str = ""
    revision: str = ""
    usb: str = ""

    def __post_init__(self) -> None:
        if not any(getattr(self, each.name) for each in fields(self)):
            raise ProfileError("a rule without a key would fit every modem")
        if self.usb and not re.fullmatch("[0-9a-f]{4}:[0-9a-f]{4}", self.usb):
            raise ProfileError(f"usb = {self.usb!r}: give vendor and product as in '0572:1329'")
        for name, pattern in self._patterns().items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ProfileError(f"{name} = {pattern!r}: no regular expression: {error}") from error

    def fits(self, said: Sayings) -> bool:
        return (not self.usb or self.usb == said.usb.lower()) and all(
            re.search(pattern, getattr(said, name), re.IGNORECASE)
            for name, pattern in self._patterns().items()
        )

    def reason(self, said: Sayings) -> str:
        """What it was that fitted."""
        found = [f"{_NAMES[name]} {getattr(said, name)!r}" for name in self._patterns()]
        return ", ".join([*found, f"USB id {said.usb}"] if self.usb else found)

    def _patterns(self) -> dict[str, str]:
        return {name: pattern for name in _NAMES if (pattern := getattr(self, name))}


_NAMES = {"ati0": "ATI0", "ati3": "ATI3", "maker": "maker", "model": "model", "revision": "revision"}


@dataclass(frozen=True, slots=True)
class Class1:
    """What matters to a Class 1 driver only."""

    carrier_delay: float = 0.0
    """Seconds to wait after the CONNECT to +FTM, for a modem whose carrier does not stand by then."""
    connect_to_any_carrier: bool = False
    """+FRH=3 says CONNECT whatever the carrier; CONNECT, then NO CARRIER without a frame is a wrong one."""
    wrong_carrier_retries: int = 2
    """How often +FRM is repeated at once after +FCERROR; 0 for a modem that never says it."""
    silence_after_receiving: str = "+FRS"
    """How the silence after a reception is kept: ``+FRS`` (of the line), ``+FTS`` or ``host``."""
    silence_before_sending: str = "+FTS"
    """How any other silence is kept: ``+FTS`` or ``host``."""
    fcs: str = "auto"
    """Whether received frames carry their frame check: ``auto`` (learned), ``present``, ``hidden``."""
    keep_lone_dle: bool = False
    """A DLE before an octet that means nothing is data: the modem does not double the DLEs of its data."""
    abort_by_can: bool = True
    """CAN ends a reception with OK; else: wait, discard what came, send AT."""
    modulations: tuple[int, ...] = ()
    """The +FRM and +FTM codes that work, for a modem that claims more; empty: what it claims."""
    adaptive_answer: str = ""
    """Has the modem find out whether a fax calls or a data modem, before it answers (+FAA, or +FAE). A
    modem that is bad at it loses faxes, so only where it is known to be good; empty: it answers as a fax."""

    def __post_init__(self) -> None:
        _one_of("silence_after_receiving", self.silence_after_receiving, ("+FRS", "+FTS", "host"))
        _one_of("silence_before_sending", self.silence_before_sending, ("+FTS", "host"))
        _one_of("fcs", self.fcs, ("auto", "present", "hidden"))


@dataclass(frozen=True, slots=True)
class Class2:
    """What matters to a driver for modems that run T.30 themselves: classes 2, 2.0 and 2.1."""

    start: str = "DC2"
    """The octet that has a received page begin, after CONNECT: ``DC1`` or ``DC2``."""
    received_bits: str = "lsb"
    """Which bit of a received octet was the first on the line: ``lsb``, the lowest, ``msb``, or ``auto``:
    that is found out from the first page."""
    xon_wait: float = 0.0
    """Seconds for which XON is waited for before a page is sent; 0.0 where the modem sends none."""
    host_sends_rtc: bool = False
    """A page that is sent must have its RTC; else the modem adds it."""
    hexadecimal: str = ""
    """Whether numbers in reports are: ``yes``, ``no``, or empty, as the class has it."""
    ecm_numbering: str = ""
    """The class whose numbers for error correction the modem uses, where it is not its own."""
    nsf_hexadecimal: bool = True
    """The octets of NSF are reported in hexadecimal."""
    most: str = ""
    """The most that the modem can do, where it claims more: the numbers of +FDCC, as ``,,,,1,0``; decimal."""
    rate_is_least: bool = False
    """br in the list of its capabilities sets the least rate and not the most: it is not given."""
    not_down_to: int = 0
    """bit/s that the modem does not come down to when it sends: it hangs up with code 25 instead. The next
    call to such a number is made with this as the most, which it takes; 0: there is none."""
    set_up: tuple[str, ...] = ()
    """What is sent in the fax class, after the profile's own ``set_up`` and as that."""
    more: tuple[str, ...] = ()
    """The same, for one family."""
    quality: str = ""
    """How the modem's own judgement of pages is set; stands for ``{quality}`` in ``set_up``."""
    omits: tuple[str, ...] = ()
    """Commands that it refuses, or takes amiss, so that they are not given."""
    wishes_before_dialling: bool = False
    """+FDIS or +FIS is given before the number: in the call it is refused, or does harm."""
    idle_calls_end: bool = False
    """It ends a call on which it hears no command for some seconds (code E0): where ours has to wait, AT is
    said all the while."""
    v17: tuple[str, ...] = ()
    """Two commands, which turn V.17 off and on; empty: there is no telling."""
    adaptive_answer: str = ""
    """Has the modem find out whether a fax calls or a data modem, before it answers; empty: it is told to
    answer as a fax, and does."""
    fax_flow: str = ""
    """The flow control that the modem goes over to when it answers a fax; empty: it keeps its own."""
    fax_speed: int = 0
    """The same for the speed of the serial line."""

    def __post_init__(self) -> None:
        _one_of("start", self.start, ("DC1", "DC2"))
        _one_of("received_bits", self.received_bits, ("lsb", "msb", "auto"))
        _one_of("hexadecimal", self.hexadecimal, ("", "yes", "no"))
        _one_of("ecm_numbering", self.ecm_numbering, ("", "2", "2.0"))
        _one_of("fax_flow", self.fax_flow, ("", *Flow))


@dataclass(frozen=True, slots=True)
class Profile:
    """A modem or chip set."""

    name: str
    description: str
    set_up: tuple[str, ...]
    """What is sent after opening and after each reset, each after ``AT``: see ``steps``."""
    classes: tuple[str, ...] = ("1.0", "1")
    """The fax classes that it serves."""
    preferred: bool = False
    """Whether it comes before Class 1, in which nobody is known to use such a modem."""
    match: tuple[Match, ...] = ()
    speed: int = 19200
    """Bits per second on the serial line."""
    flow: Flow = Flow.RTS_CTS
    flow_commands: Mapping[str, str] = field(default_factory=dict)
    """For each ``Flow``, the command that sets the modem to it."""
    command_timeout: float = 5.0
    """Seconds until a command that does nothing on the line must have been answered."""
    reset_delay: float = 2.6
    """Seconds that the modem is deaf after a reset or a drop of DTR."""
    dtr_drop: float = 0.5
    """Seconds for which DTR is dropped to make the modem hang up."""
    dial: str = "DT"
    """Before the number."""
    hang_up: str = "H0"
    silent_answer: str = ""
    """Takes the line without a sound; empty: there is no such command."""
    caller_id: str = ""
    """Turns caller ID on, ``a|b`` as in ``set_up``; sent after it, and may be refused."""
    ring_gap: float = 8.0
    """Seconds without a ring after which the call has gone away."""
    caller_id_wait: float = 4.5
    """Seconds for which caller ID may still come after a ring began, where it is on."""
    advice: tuple[str, ...] = ()
    """What its owner should know, a sentence each: ``faxhw probe`` tells it."""
    distinctive_ring: str = ""
    """The same for distinctive ring, for lines that have it."""
    voice: tuple[str, ...] = ()
    """Take the line without a sound and listen to it in voice class; empty: it is not known to work."""
    class1: Class1 = field(default_factory=Class1)
    class2: Class2 = field(default_factory=Class2)

    def __post_init__(self) -> None:
        if not self.classes:
            raise ProfileError("classes = []: there must be one")
        for each in self.classes:
            _one_of("classes", each, FAX_CLASSES)
        if self.speed not in SPEEDS:
            raise ProfileError(f"speed = {self.speed}: it must be {SPEEDS[0]} to {SPEEDS[-1]}")
        for key in (each.name for each in fields(self)):
            value = getattr(self, key)
            if isinstance(value, float) and not (math.isfinite(value) and value >= 0):
                raise ProfileError(f"{key} = {value}: it must be a number of seconds")
        lines = [*self.set_up, *self._fax_set_up(), *self.flow_commands.values(), *self.class2.v17]
        adaptive = (self.class1.adaptive_answer, self.class2.adaptive_answer)
        for command in (*lines, *adaptive, self.dial, self.hang_up, self.silent_answer, self.caller_id):
            if not (command.isascii() and command.isprintable()):
                raise ProfileError(f"{command!r}: no AT command has such characters")

    def steps(self, flow: Flow) -> tuple[Step, ...]:
        """The set-up for a flow control."""
        words = {
            "{flow}": self.flow_commands.get(flow.value, ""),
            "{class}": self.classes[0],
            "{quality}": self.class2.quality,
        }
        lines = [*self.set_up, *(line for line in self._fax_set_up() if self._takes(line))]
        for word, text in words.items():
            lines = [line.replace(word, text) for line in lines]
        return tuple(Step.of(line) for line in lines if line.strip("?"))

    def _fax_set_up(self) -> tuple[str, ...]:
        return self.class2.set_up + self.class2.more

    def _takes(self, line: str) -> bool:
        """Whether a line of the fax class's set-up is for this modem."""
        return re.split("[=|]", line.removeprefix("?"))[0] not in self.class2.omits


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a set-up."""

    choices: tuple[str, ...]
    """Commands of which the first one that the modem takes is enough (``a|b`` in the file)."""
    optional: bool
    """Whether the modem may refuse it (``?`` in the file)."""

    @classmethod
    def of(cls, line: str) -> Step:
        return cls(tuple(line.removeprefix("?").split("|")), line.startswith("?"))


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ProfileError(f"{key} = {value!r}: it must be one of {', '.join(allowed)}")
