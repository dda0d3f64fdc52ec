"""A scripted CAPI controller behind a port in memory, for tests of the driver ``capi``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from faxhw.capi import sff, structures
from faxhw.capi.fields import Value
from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.messages import Message, decode, encode, message
from faxhw.capi.structures import Profile, ProfileOption
from faxhw.device import Device
from faxhw.ports.memory import MemoryPort
from faxhw.t4.rows import Row
from faxhw.terms import Coding, Settings
from faxhw_drivers.capi import driver
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World

PLCI, NCCI = 0x0101, 0x00010101
BOTH = Profile(1, 2, ProfileOption.INTERNAL, 0x12, 0x12, 0x31)
SOUND = Profile(1, 2, ProfileOption.INTERNAL, 0x02, 0x02, 0x01)
ROWS: list[Row] = [(10 * row, 10 * row + 7) for row in range(60)]
SETTINGS = Settings(ident="+49 30 1", codings=frozenset(Coding), ecm=True)


@dataclass
class Controller:
    """The other end of a port in memory: answers as it is told to, and notes what it heard."""

    profile: Profile = BOTH
    info: int = 0
    """The answer to a registration."""
    rcapi: bool = False
    heard: list[Message] = field(default_factory=list)
    on: dict[str, Callable[[Message], None]] = field(default_factory=dict)
    """What to do about a message, in place of confirming it."""

    def __post_init__(self) -> None:
        self.world = World()
        self.clock = SimulatedClock(self.world)
        self.framing: FritzboxFraming | RcapiFraming = RcapiFraming() if self.rcapi else FritzboxFraming()
        self.port = MemoryPort(self.clock, "capi:test")

    def connect(self) -> MemoryPort:
        self.port = MemoryPort(self.clock, "capi:test")
        self.port.attach(self)
        self.framing = RcapiFraming() if self.rcapi else FritzboxFraming()
        return self.port

    def open(self, **options: str) -> Device:
        framing = "rcapi" if self.rcapi else "tcp"
        return driver.open_by(self.connect, self.clock, options, name="capi:test", framing=framing)

    # -- DeviceEnd

    def host_wrote(self) -> None:
        for octets in self.framing.feed(self.port.take(1 << 20)):
            each = decode(octets)
            self.heard.append(each)
            self.world.call_later(0.0, partial(self._react, each))

    def host_set_dtr(self, on: bool) -> None: ...

    def host_set_speed(self, baud: int) -> None: ...

    def _react(self, each: Message) -> None:
        if each.name in self.on:
            self.on[each.name](each)
        elif each.name == "INTEROPERABILITY_REQ":
            self._box(each)
        elif each.name == "RCAPI_REGISTER_REQ":
            self.say("RCAPI_REGISTER_CONF", info=self.info)
        elif each.name == "RCAPI_PROFILE_REQ":
            self.say("RCAPI_PROFILE_CONF", profile=structures.profile_octets(self.profile))
        elif each.name.endswith("_REQ"):
            self.confirm(each)

    def _box(self, each: Message) -> None:
        asked = structures.parse(structures.REMOTE_FUNCTION, each.octets("request"))
        function = asked.integer("function")
        rest = structures.profile_octets(self.profile) if function == structures.REMOTE_PROFILE else b""
        answer = structures.build(structures.REMOTE_ANSWER, info=self.info, rest=rest)
        confirmation = structures.build(structures.REMOTE_FUNCTION, function=function, parameters=answer)
        made = message(
            "INTEROPERABILITY_CONF", application=7, number=1, selector=2, confirmation=confirmation
        )
        assert isinstance(self.framing, FritzboxFraming)
        self.octets(self.framing.short_frame(encode(made)))

    # -- what it says

    def octets(self, octets: bytes) -> None:
        self.port.deliver(octets)

    def say(self, name: str, data: bytes = b"", **values: Value) -> None:
        made = message(name, application=7, number=0x8001, data=data)
        made.values.update(values)
        self.octets(self.framing.frame(encode(made)))

    def confirm(self, each: Message, **values: Value) -> None:
        made = message(each.name.removesuffix("_REQ") + "_CONF", application=7, number=each.number)
        same = {name: each.values[name] for name in made.values if name in each.values}
        if each.name == "CONNECT_REQ":
            same["plci"] = PLCI
        if each.name == "CONNECT_B3_REQ":
            same["ncci"] = NCCI
        made.values.update(same | values)
        self.octets(self.framing.frame(encode(made)))

    def later(self, seconds: float, name: str, data: bytes = b"", **values: Value) -> None:
        self.world.call_later(seconds, lambda: self.say(name, data, **values))

    def then(self, name: str, deed: Callable[[], None]) -> None:
        """Confirm a request, and do something."""

        def react(each: Message) -> None:
            self.confirm(each)
            deed()

        self.on[name] = react

    def names(self) -> list[str]:
        return [each.name for each in self.heard]

    def last(self, name: str) -> Message:
        return next(each for each in reversed(self.heard) if each.name == name)

    # -- calls

    def rings(self, called: bytes = b"\x80123", calling: bytes = b"\x00\x80456") -> None:
        self.later(1.0, "CONNECT_IND", plci=PLCI, cip=17, called=called, calling=calling)

    def will_connect(self, ncpi: bytes = b"") -> None:
        """Once the call is taken: the fax is settled in a second."""

        def taken(each: Message) -> None:
            self.say("CONNECT_ACTIVE_IND", plci=PLCI)
            self.later(1.0, "CONNECT_B3_IND", ncci=NCCI, ncpi=ncpi)
            self.later(1.1, "CONNECT_B3_ACTIVE_IND", ncci=NCCI, ncpi=ncpi or NCPI)

        self.on["CONNECT_RESP"] = taken

    def gives(self, octets: bytes, size: int = 200, start: float = 2.0) -> float:
        """Blocks of a document, one each tenth of a second from a moment on; when they are over."""
        for number, at in enumerate(range(0, len(octets), size)):
            self.later(
                start + number / 10, "DATA_B3_IND", octets[at : at + size], ncci=NCCI, handle=number + 1
            )
        return start + len(octets) / size / 10

    def ends(self, seconds: float, reason: int = 0, pages: int = 0, *, silent: bool = False) -> None:
        ncpi = b"" if silent else structures.build(structures.FAX_NCPI, rate=9600, pages=pages)
        self.later(seconds, "DISCONNECT_B3_IND", ncci=NCCI, reason=reason, ncpi=ncpi)

    def answers(self) -> list[int]:
        """Handles of the blocks that were answered."""
        return [each.integer("handle") for each in self.heard if each.name == "DATA_B3_RESP"]


NCPI = structures.build(structures.FAX_NCPI, rate=9600, options=0x4001, ident=b"+1 200")


def document(*pages: list[Row], length: bool = True, end: bool = True) -> bytes:
    made = sff.document_header()
    for rows in pages:
        made += b"".join(sff.page(rows, 1728, fine=True, length=len(rows) if length else 0))
    return made + (sff.document_end() if end else b"")
