"""One stream to the controller: octets in and out, in the framing that its first octet shows.

A FRITZ!Box's messages begin with 0x80, those of rcapi with a length whose first octet is 0x40 at most. Both
ask for the profile and register by messages of their own, and rcapi for more. Whatever octets come, they are
messages, or the stream is closed.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.capi import structures
from faxhw.capi.fields import CapiError, Value, Values
from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.messages import CONF, HEADER, LAYOUTS, REQ, Message, decode, encode, message
from faxhw_drivers.sim.capi.application import Application, filled
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.model import Info
from faxhw_drivers.sim.capi.protocols import RefusedError

FRITZBOX_MARK = 0x80
MANUFACTURER_SIZE, SERIAL_SIZE = 64, 8
_DATA_B3 = 0x86
_FUNCTIONS = frozenset({structures.REMOTE_REGISTER, structures.REMOTE_RELEASE, structures.REMOTE_PROFILE})


class Peer:
    """The controller's end of a stream, and the application that has registered on it."""

    def __init__(
        self, controller: Controller, send: Callable[[bytes], None], close: Callable[[], None]
    ) -> None:
        """``send`` takes octets for the other end; ``close`` ends the stream: ``gone`` is to follow."""
        self._controller = controller
        self._send = send
        self._close = close
        self._framing: FritzboxFraming | RcapiFraming | None = None
        self._application: Application | None = None
        self._closed = False

    def feed(self, octets: bytes) -> None:
        """Octets from the other end, in any pieces."""
        if self._closed or not octets:
            return
        if self._framing is None:
            self._framing = FritzboxFraming() if octets[0] == FRITZBOX_MARK else RcapiFraming()
        try:
            for each in self._framing.feed(octets):
                if not self._closed:
                    self._take(each)
        except CapiError as error:
            self._controller.world.note("CAPI", f"a stream is closed: {error}")
            self.close()

    def close(self) -> None:
        """End the stream; safe to repeat."""
        if not self._closed:
            self.gone()
            self._close()

    def gone(self) -> None:
        """The stream has ended."""
        self._closed = True
        application, self._application = self._application, None
        if application is not None:
            self._controller.release(application)

    def _take(self, octets: bytes) -> None:
        """One message. What is none by its parameters alone is refused or passed over."""
        try:
            each = decode(octets)
        except CapiError as error:
            self._controller.world.note("CAPI", str(error))
            self._refuse(octets)
            return
        if each.name == "INTEROPERABILITY_REQ":
            self._box_asked(each)
        elif each.name.startswith("RCAPI"):
            self._rcapi_asked(each)
        elif self._application is not None and self._is_ours(each):
            self._controller.handle(self._application, each)
        elif each.name.endswith("_REQ"):
            self._refuse(octets, Info.UNKNOWN_APPLICATION)

    def _is_ours(self, each: Message) -> bool:
        """rcapi counts applications by streams, whatever their messages say."""
        application = self._application
        rcapi = isinstance(self._framing, RcapiFraming)
        return application is not None and (rcapi or each.application == application.number)

    def _refuse(self, octets: bytes, info: Info = Info.ILLEGAL_MESSAGE) -> None:
        """A confirmation with nothing in it but the address and the error, of a request that has such."""
        if octets[5] == REQ and len(octets) >= HEADER + 4 and octets[4] != _DATA_B3:
            body = octets[2:5] + bytes([CONF]) + octets[6 : HEADER + 4] + int(info).to_bytes(2, "little")
            self._write((len(body) + 2).to_bytes(2, "little") + body)

    # -- what is asked of a remote CAPI itself

    def _box_asked(self, each: Message) -> None:
        """As a FRITZ!Box is asked."""
        request = structures.parse(structures.REMOTE_FUNCTION, each.octets("request"), each.name)
        function, details = request.integer("function"), request.octets("parameters")
        if each.integer("selector") != structures.REMOTE_SELECTOR or function not in _FUNCTIONS:
            raise CapiError(f"{each.name} asks for the function {function}, which there is not")
        info, rest = Info.NO_ERROR, b""
        try:
            if function == structures.REMOTE_REGISTER:
                self._register(structures.parse(structures.REGISTER, details, each.name))
            elif function == structures.REMOTE_PROFILE:
                wanted = structures.parse(structures.PROFILE_OF, details, each.name)
                rest = self._controller.profile(wanted.integer("controller"))
        except RefusedError as error:
            info = error.info
        answer = message(
            "INTEROPERABILITY_CONF",
            application=self._application.number if self._application else 0,
            number=each.number,
            selector=structures.REMOTE_SELECTOR,
            confirmation=structures.build(
                structures.REMOTE_FUNCTION,
                function=function,
                parameters=structures.build(structures.REMOTE_ANSWER, info=int(info), rest=rest),
            ),
        )
        if isinstance(self._framing, FritzboxFraming):
            self._send(self._framing.short_frame(encode(answer)))
        if function == structures.REMOTE_RELEASE:
            self.close()

    def _rcapi_asked(self, each: Message) -> None:
        model = self._controller.model
        answer = each.name.removesuffix("_REQ") + "_CONF"
        info, values = Info.NO_ERROR, dict[str, Value]()
        try:
            match each.name:
                case "RCAPI_REGISTER_REQ":
                    self._register(each.values)
                case "RCAPI_PROFILE_REQ":
                    values["profile"] = self._controller.profile(each.address)
                case "RCAPI_MANUFACTURER_REQ":
                    values["text"] = model.manufacturer.encode().ljust(MANUFACTURER_SIZE, b"\0")
                case "RCAPI_SERIAL_REQ":
                    values["text"] = model.serial.encode().ljust(SERIAL_SIZE, b"\0")
                case "RCAPI_VERSION_REQ":
                    values["version"] = b"".join(part.to_bytes(4, "little") for part in model.version)
                case "RCAPI_USER_REQ":
                    values["answer"] = bytes(2)  # nobody is turned away
                case _:
                    return
        except RefusedError as error:
            info = error.info
        if "info" in {parameter.name for parameter in LAYOUTS[answer].form}:
            values["info"] = int(info)
        self._write(encode(filled(message(answer, number=each.number), values)))

    def _register(self, limits: Values) -> None:
        """Raises ``RefusedError``."""
        if self._application is not None:
            raise RefusedError(Info.REGISTERED_ALREADY)
        self._application = self._controller.register(
            self._put,
            self.close,
            connections=limits.integer("connections"),
            blocks=limits.integer("blocks"),
            block_size=limits.integer("block_size"),
        )

    # -- to the other end

    def _put(self, each: Message) -> None:
        octets = encode(each)
        self._write(octets[:-1] if each.name in self._controller.faults.cut_short else octets)

    def _write(self, octets: bytes) -> None:
        if self._framing is not None and not self._closed:
            self._send(self._framing.frame(octets))
