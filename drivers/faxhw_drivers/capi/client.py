"""A CAPI application: requests and their confirmations, what the controller tells by itself, and waiting.

There is no thread of its own: whoever waits reads, and hands on what comes. So a call is one thread's at a
time; ``interrupt`` is anybody's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from faxhw.capi.fields import CapiError, Value
from faxhw.capi.messages import LAYOUTS, Message, decode, message
from faxhw.capi.reasons import IGNORE, REJECT_NORMAL, Reason, reason
from faxhw.clock import Clock, Deadline
from faxhw.errors import DeviceError, PortError
from faxhw_drivers.capi.transports import Transport

CONFIRMATION_WAIT = 10.0
"""Seconds for which a confirmation is waited for."""
_INFORMATION = 0x00FF
"""``info`` up to here says that the request was done, and something else."""
_LAST_NUMBER = 0x7FFF
"""Numbers from 0x8000 on are the controller's (CAPI 2.0 part I clause 4.1)."""


class RefusedError(DeviceError):
    """The controller confirms a request with an error."""

    def __init__(self, text: str, why: Reason) -> None:
        super().__init__(text)
        self.reason = why


def _nobody(each: Message) -> bool:
    return False


class Client:
    """An application on a transport.

    ``listener`` is given each message that is no awaited confirmation; False: it belongs to nothing there is.
    """

    def __init__(self, transport: Transport) -> None:
        self.listener: Callable[[Message], bool] = _nobody
        self.log = logging.getLogger("faxhw.capi")
        self._transport = transport
        self._number = 0
        self._interrupted = self._closed = False
        self._nonsense = ""
        """What came last that was no message."""

    @property
    def name(self) -> str:
        return self._transport.name

    @property
    def clock(self) -> Clock:
        return self._transport.clock

    # ------------------------------------------------------------------------------------------------------
    # Speaking

    def say(self, name: str, *, data: bytes = b"", **values: Value) -> int:
        """Send a request without waiting for its confirmation; its number."""
        return self._send(name, values, data)

    def _send(self, name: str, values: Mapping[str, Value], data: bytes = b"") -> int:
        self._number = self._number % _LAST_NUMBER + 1
        each = message(name, number=self._number, data=data)
        each.values.update(values)
        self._put(each)
        return self._number

    def respond(self, indication: Message, **values: Value) -> None:
        """Answer an indication; the address is the indication's, and what else both have."""
        name = indication.name.removesuffix("_IND") + "_RESP"
        form = LAYOUTS[name].form
        same = {each.name: indication.values[each.name] for each in form if each.name in indication.values}
        # Numbers are what the indication is about; structures are what each side says of itself.
        kept = {key: value for key, value in same.items() if isinstance(value, int)}
        each = message(name, number=indication.number)
        each.values.update(kept | values)
        self._put(each)

    def request(self, name: str, **values: Value) -> Message:
        """Send a request and wait for its confirmation, which is returned.

        Raises ``RefusedError`` if that has an error, ``DeviceError`` if none comes.
        """
        number = self._send(name, values)
        wanted = name.removesuffix("_REQ") + "_CONF"
        found: list[Message] = []

        def is_it(each: Message) -> bool:
            fits = each.name == wanted and each.number == number
            if fits:
                found.append(each)
            return fits

        deadline = Deadline(self.clock, CONFIRMATION_WAIT)
        while not found and not deadline.passed():
            self._hear(deadline.left(), is_it)
        if not found:
            what = f"; it sent {self._nonsense}" if self._nonsense else ""
            raise DeviceError(f"{self.name}: the CAPI does not answer {name}{what}")
        info = found[0].integer("info")
        if info > _INFORMATION:
            raise RefusedError(f"{self.name}: the CAPI refuses {name} ({reason(info)})", reason(info))
        return found[0]

    def _put(self, each: Message) -> None:
        self._require_open()
        if self.log.isEnabledFor(logging.DEBUG):
            self.log.debug("> %s", _described(each))
        self._transport.put(each)

    def _require_open(self) -> None:
        if self._closed:
            raise PortError(f"{self.name}: the device was closed")

    # ------------------------------------------------------------------------------------------------------
    # Hearing

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Wait, handing on what comes, until ``predicate()`` holds; False when the time is up.

        An interruption ends it, too: ``interrupted`` tells.
        """
        deadline = Deadline(self.clock, timeout)
        expired = False
        while not predicate():
            if expired or (self._interrupted and timeout != 0.0):
                return False
            self._hear(deadline.left(), _nobody)
            expired = deadline.passed()
        return True

    def look(self) -> None:
        """Hand on what has come, without waiting."""
        self._hear(0.0, _nobody)

    def _hear(self, timeout: float | None, first: Callable[[Message], bool]) -> None:
        self._require_open()
        for octets in self._received(timeout):
            try:
                each = decode(octets)
            except CapiError as error:
                self._nonsense = str(error)
                self.log.warning("%s: passed over: %s", self.name, error)
                continue
            if self.log.isEnabledFor(logging.DEBUG):
                self.log.debug("< %s", _described(each))
            if not first(each) and not self.listener(each):
                self._unknown(each)

    def _received(self, timeout: float | None) -> list[bytes]:
        try:
            return self._transport.get(timeout)
        except PortError:
            self._require_open()  # who has closed it knows
            raise

    def _unknown(self, each: Message) -> None:
        """A message that belongs to nothing: what wants an answer gets one, to be rid of it."""
        self.log.info("%s: %s is of nothing that is known here", self.name, _described(each))
        if each.name in ("CONNECT_IND", "CONNECT_B3_IND"):
            self.respond(each, reject=IGNORE if each.name == "CONNECT_IND" else REJECT_NORMAL)
        elif each.name.endswith("_IND"):
            self.respond(each)

    # ------------------------------------------------------------------------------------------------------
    # Interruption

    def interrupt(self) -> None:
        """End the wait under way, or the next one. From any thread."""
        self._interrupted = True
        self.wake()

    def wake(self) -> None:
        """Have the wait under way look at its predicate again. From any thread."""
        self._transport.wake()

    @property
    def interrupted(self) -> bool:
        return self._interrupted

    def take_interrupt(self) -> bool:
        """Whether somebody interrupted since the last time this was asked."""
        was, self._interrupted = self._interrupted, False
        return was

    def profile(self, controller: int) -> bytes:
        return self._transport.profile(controller)

    def close(self) -> None:
        self._closed = True
        self._transport.close()


def _described(each: Message) -> str:
    """For the log: names and numbers, and of octets their beginning."""
    values = " ".join(
        f"{name}={f'0x{value:X}' if isinstance(value, int) else value[:40].hex()}"
        for name, value in each.values.items()
    )
    return f"{each.name} {values}"
