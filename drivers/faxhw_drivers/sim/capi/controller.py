"""The controller: applications, lines, and who a message is for. Messages in, messages out; no transport.

Every line has a number (MSN) and carries one call at a time; a call comes in to every application that
listens, and goes out on the line whose number it shows, or on any that is idle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from faxhw.capi import structures
from faxhw.capi.messages import LAYOUTS, Message
from faxhw.capi.structures import (
    CIP_AUDIO,
    CIP_FAX,
    CIP_SPEECH,
    CIP_TELEPHONY,
    RESTRICTED,
    Profile,
    ProfileOption,
)
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.application import Application
from faxhw_drivers.sim.capi.fax import FaxLink
from faxhw_drivers.sim.capi.lines import Line
from faxhw_drivers.sim.capi.model import Faults, Info, Model
from faxhw_drivers.sim.capi.ncci import Link, Ncci
from faxhw_drivers.sim.capi.plci import Offer, Plci
from faxhw_drivers.sim.capi.protocols import BProtocol, RefusedError, understand
from faxhw_drivers.sim.capi.sound import SoundLink
from faxhw_drivers.sim.exchange import CallerId, Exchange
from faxhw_drivers.sim.world import World

CONTROLLER = 1
LEAST_BLOCK, MOST_BLOCK = 128, 2048
MOST_PLCIS = 0xFF
"""A PLCI's number is an octet. Each application to which a call is offered has one of its own for it."""
_CONTROLLER_MASK = 0x7F
_LATER = 0.3
"""Seconds until a call that is to fail has failed."""
_CIPS = frozenset({CIP_SPEECH, CIP_AUDIO, CIP_TELEPHONY, CIP_FAX})


class Controller:
    """One controller with its applications."""

    def __init__(
        self,
        world: World,
        exchange: Exchange,
        numbers: Sequence[str],
        *,
        model: Model | None = None,
        faults: Faults | None = None,
        network: SoundNetwork | None = None,
    ) -> None:
        """``network``: where calls have sound. Raises ``ValueError`` if a number is taken."""
        self.number = CONTROLLER
        self.world = world
        self.model = model or Model()
        self.faults = faults or Faults()
        self.lines = {number: Line(world, exchange, number, self._arrived, network) for number in numbers}
        self._applications: dict[int, Application] = {}
        self._plcis: dict[int, Plci] = {}

    # -- what the transport asks for

    def profile(self, controller: int) -> bytes:
        """The 64 octets of GET_PROFILE; of controller 0 how many controllers there are. Raises
        ``RefusedError`` for one that there is not."""
        if controller not in (0, CONTROLLER):
            raise RefusedError(Info.UNKNOWN_ADDRESS)
        fax, sound = self.model.fax, self.model.transparent
        layer = sound << structures.B1_TRANSPARENT | fax << structures.B1_FAX
        return structures.profile_octets(
            Profile(
                controllers=1,
                channels=len(self.lines),
                options=ProfileOption.INTERNAL | ProfileOption.DTMF,
                b1=layer,
                b2=layer,
                b3=sound << structures.B3_TRANSPARENT
                | fax << structures.B3_FAX
                | fax << structures.B3_FAX_EXTENDED,
            )
        )

    def register(
        self,
        send: Callable[[Message], None],
        drop: Callable[[], None],
        *,
        connections: int,
        blocks: int,
        block_size: int,
    ) -> Application:
        """A new application. Raises ``RefusedError`` for limits that are none."""
        number = next(each for each in range(1, 0x10000) if each not in self._applications)
        if len(self._applications) >= self.model.most_applications:
            raise RefusedError(Info.TOO_MANY_APPLICATIONS)
        if block_size < LEAST_BLOCK or not blocks:
            raise RefusedError(Info.BLOCK_TOO_SMALL)
        if not connections:
            raise RefusedError(Info.TOO_MANY_CONNECTIONS)
        application = self._applications[number] = Application(
            self.world,
            number,
            self.faults,
            send,
            drop,
            connections=connections,
            blocks=blocks,
            block_size=min(block_size, MOST_BLOCK),
        )
        return application

    def release(self, application: Application) -> None:
        """The application has gone: its calls end."""
        application.forget()
        self._applications.pop(application.number, None)
        for plci in list(self._plcis.values()):
            if plci.application is application:
                plci.abandon()

    def handle(self, application: Application, message: Message) -> None:
        """A message from an application."""
        if message.name == "LISTEN_REQ":
            self._listen(application, message)
        elif message.name == "CONNECT_REQ":
            self._connect(application, message)
        else:
            owner = self._owner(application, message)
            if owner is None:
                self.refuse(application, message, Info.UNKNOWN_ADDRESS)
            elif not owner.handle(message):
                self.refuse(application, message, Info.WRONG_STATE)

    def refuse(self, application: Application, message: Message, info: Info) -> None:
        """Say no to a request; of anything else nothing comes."""
        self.world.note("CAPI", f"{message.name} for 0x{message.address:X} is refused: 0x{info:04X}")
        if not message.name.endswith("_REQ"):
            return
        form = LAYOUTS[message.name.removesuffix("_REQ") + "_CONF"].form
        same = {each.name: message.values[each.name] for each in form if each.name in message.values}
        address = {form[0].name: message.address}
        application.confirm(message, **(same | address | {"info": int(info)}))

    # -- what its parts ask for

    def remove(self, plci: Plci) -> None:
        """Its call has ended, and its application knows."""
        self._plcis.pop(plci.number, None)

    def has_room(self, application: Application) -> bool:
        """Whether an application may have one more B3 connection."""
        links = [each for each in self._plcis.values() if each.application is application and each.ncci]
        return len(links) < application.connections

    def link(self, plci: Plci, ncci: Ncci) -> Link:
        """What a B3 connection on a call carries."""
        if plci.protocol is None:
            raise RuntimeError("a B3 connection without a protocol")
        return FaxLink(plci, ncci, plci.protocol) if plci.protocol.fax else SoundLink(plci, ncci)

    # -- calls

    def _listen(self, application: Application, message: Message) -> None:
        if message.address & _CONTROLLER_MASK != CONTROLLER:
            self.refuse(application, message, Info.UNKNOWN_ADDRESS)
            return
        application.cip_mask = message.integer("cip_mask")
        application.confirm(message, controller=message.address)

    def _connect(self, application: Application, message: Message) -> None:
        try:
            line, protocol = self._outgoing(message)
        except RefusedError as error:
            self.refuse(application, message, error.info)
            return
        plci = Plci(self, application, line, self._free_number(), protocol=protocol)
        self._plcis[plci.number] = plci
        line.take(plci)
        application.confirm(message, plci=plci.address)
        if self.faults.call_reason:
            self.world.call_later(_LATER, lambda: self._fail(plci, self.faults.call_reason))
        else:
            line.dial(structures.read_number(message.octets("called")).digits, sound=not protocol.fax)

    def _outgoing(self, message: Message) -> tuple[Line, BProtocol]:
        """The line for a call that is asked for, and its protocol. Raises ``RefusedError``."""
        if message.address & _CONTROLLER_MASK != CONTROLLER:
            raise RefusedError(Info.UNKNOWN_ADDRESS)
        if message.integer("cip") not in _CIPS or not structures.read_number(message.octets("called")).digits:
            raise RefusedError(Info.ILLEGAL_PARAMETER)
        protocol = understand(message.octets("b"), self.model)
        shown = structures.read_number(message.octets("calling")).digits
        line = self.lines.get(shown) or self._idle_line()
        if line is None or not line.idle or len(self._plcis) >= MOST_PLCIS:
            raise RefusedError(Info.OUT_OF_PLCI)
        return line, protocol

    def _fail(self, plci: Plci, reason: int) -> None:
        plci.line.hang_up()
        plci.gone(reason)

    def _arrived(self, line: Line, caller: CallerId) -> None:
        """A call comes in."""
        offer = Offer(line)
        calling = (
            structures.calling_number("", RESTRICTED)
            if caller.withheld
            else structures.calling_number(caller.number)
        )
        for application in self._applications.values():
            if application.listens_for(CIP_AUDIO) and len(self._plcis) < MOST_PLCIS:
                plci = Plci(self, application, line, self._free_number(), offer=offer)
                self._plcis[plci.number] = plci
                offer.plcis.append(plci)
        if not offer.plcis:
            return
        line.take(offer)
        for plci in offer.plcis:
            plci.application.indicate(
                "CONNECT_IND",
                plci=plci.address,
                cip=CIP_AUDIO,
                called=structures.called_number(caller.called),
                calling=calling,
            )

    def _idle_line(self) -> Line | None:
        return next((each for each in self.lines.values() if each.idle), None)

    def _free_number(self) -> int:
        """One that no PLCI has."""
        return next(each for each in range(1, MOST_PLCIS + 1) if each not in self._plcis)

    def _owner(self, application: Application, message: Message) -> Plci | Ncci | None:
        plci = self._plcis.get(message.address >> 8 & 0xFF)
        if plci is None or plci.application is not application:
            return None
        name = next(iter(message.values), "")
        if name == "plci":
            return plci if message.address == plci.address else None
        ncci = plci.ncci
        return ncci if ncci is not None and message.address == ncci.address else None
