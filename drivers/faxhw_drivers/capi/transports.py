"""Ways to a CAPI: what carries messages there and back, and how an application is registered over it.

A FRITZ!Box and an rcapi server are reached over TCP, each with its own framing and its own words for what a
CAPI's functions do (REGISTER, RELEASE, GET_PROFILE); the CAPI of this host is ``library``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from faxhw.capi import structures
from faxhw.capi.fields import CapiError, Values
from faxhw.capi.framing import Framing, FritzboxFraming, RcapiFraming
from faxhw.capi.messages import Message, decode, encode, message
from faxhw.capi.reasons import reason
from faxhw.clock import Clock, Deadline
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Port

CONNECTIONS = 2
"""Logical connections that are asked for: one, and one more that has not quite ended."""
BLOCKS = 7
"""Blocks of data that are taken without an answer, and given: CAPI allows no more."""
BLOCK_SIZE = 2048
ANSWER_WAIT = 10.0
"""Seconds for which a CAPI may take over a registration."""
_RELEASE_WAIT = 0.5


class Transport(Protocol):
    """A registered application's way to its CAPI: one thread's at a time, but for ``wake`` and ``close``."""

    @property
    def name(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    def profile(self, controller: int) -> bytes:
        """GET_PROFILE. Raises ``DeviceError`` if there is no such controller."""
        ...

    def put(self, each: Message) -> None:
        """Send a message; the application's number is put in. Raises ``PortError``."""
        ...

    def get(self, timeout: float | None) -> list[bytes]:
        """Messages that have come, as soon as there is one; none when the time is up, or after ``wake``.

        Raises ``PortError`` once the way is lost.
        """
        ...

    def wake(self) -> None: ...

    def close(self) -> None:
        """Release the application; safe to repeat."""
        ...


class StreamTransport:
    """A CAPI at the other end of a byte stream."""

    def __init__(self, port: Port, clock: Clock, framing: Framing) -> None:
        """Registers; raises ``DeviceError`` and closes the port if the CAPI will not have it."""
        self._port = port
        self._clock = clock
        self._framing = framing
        self._application = 0
        self._waiting: deque[bytes] = deque()
        self._fritzbox = isinstance(framing, FritzboxFraming)
        self._closed = False
        try:
            self._register()
        except BaseException:
            port.close()
            raise

    @property
    def name(self) -> str:
        return self._port.name

    @property
    def clock(self) -> Clock:
        return self._clock

    def put(self, each: Message) -> None:
        self._write(each.numbered(self._application, each.number))

    def get(self, timeout: float | None) -> list[bytes]:
        if self._waiting:
            found = list(self._waiting)
            self._waiting.clear()
            return found
        deadline = Deadline(self._clock, timeout)
        while True:
            octets = self._port.read(deadline.left())
            found = self._feed(octets)
            if found or not octets or deadline.passed():
                return found

    def wake(self) -> None:
        self._port.wake()

    def close(self) -> None:
        if self._fritzbox and not self._closed:
            self._closed = True
            with suppress(PortError):
                self._ask(structures.REMOTE_RELEASE, b"", timeout=_RELEASE_WAIT)
        self._port.close()  # for rcapi that is a release

    # ------------------------------------------------------------------------------------------------------
    # A CAPI's functions

    def profile(self, controller: int) -> bytes:
        if self._fritzbox:
            parameters = structures.build(structures.PROFILE_OF, controller=controller)
            answer = self._function(structures.REMOTE_PROFILE, parameters)
            info, profile = answer.integer("info"), answer.octets("rest")
        else:
            self._write(message("RCAPI_PROFILE_REQ", controller=controller))
            said = self._answer("RCAPI_PROFILE_CONF")
            info, profile = said.integer("info"), said.octets("profile")
        if info:
            raise DeviceError(f"{self.name}: there is no controller {controller} ({reason(info)})")
        return profile

    def _register(self) -> None:
        if self._fritzbox:
            parameters = structures.build(
                structures.REGISTER, connections=CONNECTIONS, blocks=BLOCKS, block_size=BLOCK_SIZE
            )
            info = self._function(structures.REMOTE_REGISTER, parameters).integer("info")
        else:
            request = message(
                "RCAPI_REGISTER_REQ",
                buffer_size=BLOCK_SIZE,
                connections=CONNECTIONS,
                blocks=BLOCKS,
                block_size=BLOCK_SIZE,
                version=2,
            )
            self._write(request)
            said = self._answer("RCAPI_REGISTER_CONF")
            info, self._application = said.integer("info"), said.application
        if info:
            raise DeviceError(f"{self.name}: the CAPI refuses the registration ({reason(info)})")

    def _function(self, function: int, parameters: bytes) -> Values:
        """Ask a FRITZ!Box for a function of the CAPI: what it answers."""
        self._ask(function, parameters)
        said = self._answer("INTEROPERABILITY_CONF")
        if function == structures.REMOTE_REGISTER:
            self._application = said.application
        try:
            answer = structures.parse(structures.REMOTE_FUNCTION, said.octets("confirmation"))
            return structures.parse(structures.REMOTE_ANSWER, answer.octets("parameters"))
        except CapiError as error:
            raise DeviceError(f"{self.name}: the CAPI's answer is not understood: {error}") from error

    def _ask(self, function: int, parameters: bytes, timeout: float = ANSWER_WAIT) -> None:
        request = structures.build(structures.REMOTE_FUNCTION, function=function, parameters=parameters)
        self._write(
            message(
                "INTEROPERABILITY_REQ",
                application=self._application,
                number=1,
                selector=structures.REMOTE_SELECTOR,
                request=request,
            ),
            timeout,
        )

    def _answer(self, name: str) -> Message:
        """Wait for an answer; messages that come first wait for whoever asks for them."""
        deadline = Deadline(self._clock, ANSWER_WAIT)
        while not deadline.passed():
            for octets in self._feed(self._port.read(deadline.left())):
                try:
                    each = decode(octets)
                except CapiError as error:
                    raise DeviceError(f"{self.name}: this is no CAPI: {error}") from error
                if each.name == name:
                    return each
                self._waiting.append(octets)
        raise DeviceError(f"{self.name}: no CAPI answers there; is it switched on, and is the port right?")

    # ------------------------------------------------------------------------------------------------------

    def _write(self, each: Message, timeout: float = ANSWER_WAIT) -> None:
        self._port.write(self._framing.frame(encode(each)), timeout)

    def _feed(self, octets: bytes) -> list[bytes]:
        try:
            return self._framing.feed(octets)
        except CapiError as error:
            raise PortError(f"{self.name}: this is no CAPI, or not of this sort: {error}") from error


FRAMINGS: dict[str, Callable[[], Framing]] = {"tcp": FritzboxFraming, "rcapi": RcapiFraming}
"""By the scheme of a device string."""
