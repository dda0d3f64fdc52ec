"""A CAPI application by script, in simulated time: a stream to a virtual controller, whole faxes by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from faxhw.capi import sff, structures
from faxhw.capi.fields import Value
from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.messages import Message, decode, encode, message
from faxhw.capi.structures import FaxFacts, FaxOption, fax_facts
from faxhw.ports.base import Port
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import Row
from faxhw.terms import Coding
from tests.pages import PageBitmap

IDENT = "+49 30 5031"
CIP_MASK = 1 << 1 | 1 << 4 | 1 << 16 | 1 << 17
WINDOW, BLOCK = 7, 2048
PATIENCE = 200.0


def fax_protocol(
    options: FaxOption = FaxOption.HIGH_RESOLUTION, b3: int = structures.B3_FAX_EXTENDED
) -> bytes:
    """A B protocol for a fax."""
    configuration = structures.build(structures.FAX, options=int(options), ident=IDENT.encode())
    return structures.build(structures.B_PROTOCOL, b1=4, b2=4, b3=b3, b3_configuration=configuration)


TRANSPARENT = structures.build(structures.B_PROTOCOL, b1=1, b2=1, b3=0)


@dataclass
class Fax:
    """What became of a fax."""

    document: bytes = b""
    active: FaxFacts | None = None
    """As CONNECT_B3_ACTIVE_IND told."""
    ended: FaxFacts | None = None
    """As DISCONNECT_B3_IND told."""
    reason_b3: int | None = None
    reason: int | None = None
    called: str = ""
    calling: str = ""
    names: list[str] = field(default_factory=list)
    """The messages that came, data left out."""


class Client:
    """An application on one stream, in either framing."""

    def __init__(self, port: Port, framing: FritzboxFraming | RcapiFraming | None = None) -> None:
        self.port = port
        self.framing = framing or FritzboxFraming()
        self.application = 0
        self._number = 0
        self._waiting: list[Message] = []

    # -- messages

    def put(self, name: str, *, data: bytes = b"", **values: Value) -> None:
        self._put(name, values, data=data)

    def _put(
        self, name: str, values: Mapping[str, Value], *, number: int | None = None, data: bytes = b""
    ) -> None:
        if number is None:
            self._number = number = self._number + 1
        made = message(name, application=self.application, number=number, data=data)
        made.values.update(values)
        self.put_octets(encode(made))

    def put_octets(self, octets: bytes) -> None:
        self.port.write(self.framing.frame(octets))

    def get(self, timeout: float = PATIENCE) -> Message | None:
        """The next message; ``None`` if none comes in time."""
        while not self._waiting:
            octets = self.port.read(timeout)
            if not octets:
                return None
            self._waiting += [decode(each) for each in self.framing.feed(octets)]
        return self._waiting.pop(0)

    def expect(self, name: str) -> Message:
        came = self.get()
        assert came is not None, f"no {name} came"
        assert came.name == name, came
        return came

    def drain(self) -> None:
        """Forget what comes, until nothing does."""
        while self.get(5.0):
            pass

    def asked(self, name: str, **values: Value) -> int:
        """The ``info`` of a request's confirmation."""
        self._put(name, values)
        return self.expect(name.removesuffix("_REQ") + "_CONF").integer("info")

    def respond(self, indication: Message, **values: Value) -> None:
        """Answer an indication, about the same address."""
        values[next(iter(indication.values))] = indication.address
        self._put(indication.name.removesuffix("_IND") + "_RESP", values, number=indication.number)

    # -- what a remote CAPI itself is asked

    def register(self, connections: int = 2, blocks: int = WINDOW, block_size: int = BLOCK) -> int:
        """Register; the error, 0 if there is none."""
        if isinstance(self.framing, RcapiFraming):
            self.put(
                "RCAPI_REGISTER_REQ", connections=connections, blocks=blocks, block_size=block_size, version=2
            )
            return self.expect("RCAPI_REGISTER_CONF").integer("info")
        limits = structures.build(
            structures.REGISTER, connections=connections, blocks=blocks, block_size=block_size
        )
        answer, found = self._ask_box(structures.REMOTE_REGISTER, limits)
        self.application = answer.application
        return found[0]

    def profile(self, controller: int) -> tuple[int, bytes]:
        """The error, and the profile."""
        if isinstance(self.framing, RcapiFraming):
            self.put("RCAPI_PROFILE_REQ", controller=controller)
            answer = self.expect("RCAPI_PROFILE_CONF")
            return answer.integer("info"), answer.octets("profile")
        wanted = structures.build(structures.PROFILE_OF, controller=controller)
        return self._ask_box(structures.REMOTE_PROFILE, wanted)[1]

    def release(self) -> None:
        self._ask_box(structures.REMOTE_RELEASE, b"")

    def _ask_box(self, function: int, parameters: bytes) -> tuple[Message, tuple[int, bytes]]:
        request = structures.build(structures.REMOTE_FUNCTION, function=function, parameters=parameters)
        self.put("INTEROPERABILITY_REQ", selector=structures.REMOTE_SELECTOR, request=request)
        answer = self.expect("INTEROPERABILITY_CONF")
        found = structures.parse(structures.REMOTE_FUNCTION, answer.octets("confirmation"))
        assert found.integer("function") == function
        words = structures.parse(structures.REMOTE_ANSWER, found.octets("parameters"))
        return answer, (words.integer("info"), words.octets("rest"))

    # -- calls

    def listen(self, mask: int = CIP_MASK) -> None:
        assert self.asked("LISTEN_REQ", controller=1, cip_mask=mask) == 0

    def receive(self, protocol: bytes = b"") -> Fax:
        """Take the call that comes, and the fax on it."""
        fax = Fax()
        call = self.expect("CONNECT_IND")
        fax.called = structures.read_number(call.octets("called")).digits
        fax.calling = structures.read_number(call.octets("calling")).digits
        assert self.asked("ALERT_REQ", plci=call.address) == 0
        self.respond(call, b=protocol or fax_protocol())
        return self.carry(fax, ())

    def send(
        self,
        number: str,
        document: bytes,
        protocol: bytes = b"",
        *,
        calling: str = "",
        disconnects: bool = True,
    ) -> Fax:
        """Call a number, and send a document there."""
        self.put(
            "CONNECT_REQ",
            controller=1,
            cip=structures.CIP_FAX,
            called=structures.called_number(number),
            calling=structures.calling_number(calling),
            b=protocol or fax_protocol(),
        )
        confirmed = self.expect("CONNECT_CONF")
        assert confirmed.integer("info") == 0
        blocks = [document[start : start + BLOCK] for start in range(0, len(document), BLOCK)]
        return self.carry(Fax(), blocks, dialled=True, disconnects=disconnects)

    def carry(
        self, fax: Fax, blocks: Iterable[bytes], *, dialled: bool = False, disconnects: bool = True
    ) -> Fax:
        """Answer all that comes up to the end of the call, and send these blocks meanwhile."""
        left, free = list(blocks), 0
        ncci = 0
        while fax.reason is None:
            came = self.get()
            assert came is not None, f"nothing more came after {fax.names}"
            if not came.name.startswith("DATA"):
                fax.names.append(came.name)
            match came.name:
                case "CONNECT_ACTIVE_IND":
                    self.respond(came)
                    if dialled:
                        self.put("CONNECT_B3_REQ", plci=came.address)
                case "CONNECT_B3_IND" | "DISCONNECT_IND":
                    self.respond(came)
                    fax.reason = came.integer("reason") if came.name == "DISCONNECT_IND" else None
                case "CONNECT_B3_ACTIVE_IND":
                    fax.active = fax_facts(came.octets("ncpi"))
                    ncci, free = came.address, WINDOW
                    self.respond(came)
                case "DATA_B3_IND":
                    fax.document += came.data
                    self.respond(came, handle=came.integer("handle"))
                case "DATA_B3_CONF":
                    assert came.integer("info") == 0
                    free += 1
                    if free == WINDOW and not left and disconnects:
                        self.put("DISCONNECT_B3_REQ", ncci=ncci)
                case "DISCONNECT_B3_IND":
                    fax.reason_b3 = came.integer("reason")
                    fax.ended = fax_facts(came.octets("ncpi"))
                    free, left = 0, []
                    self.respond(came)
                    self.put("DISCONNECT_REQ", plci=came.address & 0xFFFF)
            while free and left:
                self.put("DATA_B3_REQ", ncci=ncci, data=left.pop(0), handle=len(left))
                free -= 1
        return fax


def document(pages: Sequence[PageBitmap], *, fine: bool = True) -> bytes:
    """An SFF document of these pages."""
    made = [b"".join(sff.page(page.rows, page.width, fine=fine)) for page in pages]
    return sff.document_header() + b"".join(made) + sff.document_end()


def pages_of(octets: bytes) -> list[list[Row]]:
    """The pages of an SFF document."""
    found: list[list[Row]] = []
    decoder: PageDecoder | None = None
    reader = sff.SffReader()
    for item in reader.feed(octets):
        match item:
            case sff.SffPage(width):
                decoder = PageDecoder(Coding.MH, width)
            case sff.SffOctets(data):
                assert decoder is not None
                decoder.feed(data)
            case sff.SffPageEnd(bad_rows=bad):
                assert decoder is not None
                assert bad == 0
                decoder.feed(sff.RTC)
                found.append(decoder.finish().rows)
    assert reader.ended
    return found
