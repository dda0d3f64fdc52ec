"""What sending and receiving share: the modem under a call, and what it is in the middle of.

Between operations a modem may be sending flags (after ATA), hearing frames (after ATD) or a page;
``standing`` says which, so that the next operation goes on with it or leaves it first.
"""

from __future__ import annotations

from enum import Enum, auto

from faxhw.at import dle
from faxhw.at.chat import Chat
from faxhw.at.profile import Class1
from faxhw.at.replies import Result
from faxhw.errors import DeviceError
from faxhw.ports.base import Flow
from faxhw.session import Cancelled
from faxhw.terms import FarEndType

START_WAIT = 8.0
"""Seconds until a transmission must have begun: the modem may wait for silence first, then trains."""
_START_TRIES = 3
_FLAGS_END_WAIT = 3.0
"""Seconds until flags have ended: the preamble may have to be finished."""
_GONE = frozenset({Result.BUSY, Result.NO_ANSWER, Result.NO_DIALTONE})


class CallGone(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """The call is gone, as far as a Class 1 modem can tell."""


class OtherThanFax(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """The modem has found no fax at the far end, and may have left its fax class for what it found."""

    def __init__(self, far_end_type: FarEndType) -> None:
        super().__init__(f"no fax: {far_end_type}")
        self.far_end_type = far_end_type


class Standing(Enum):
    """What the modem is in the middle of."""

    NOTHING = auto()
    SENDING_FRAMES = auto()
    """CONNECT was said, flags go out: the first frame may follow."""
    HEARING_FRAMES = auto()
    """CONNECT was said: a frame's octets come."""
    HEARING_PAGE = auto()


class Modem:
    """A Class 1 modem that has the line."""

    def __init__(self, chat: Chat, name: str, traits: Class1, flow: Flow) -> None:
        self.chat = chat
        self.clock = chat.clock
        self.name = name
        self.traits = traits
        self.flow = flow
        self.standing = Standing.NOTHING
        self.stands_since = self.clock.monotonic()

    def stand(self, standing: Standing) -> None:
        self.standing, self.stands_since = standing, self.clock.monotonic()

    def start_sending(self, command: str) -> None:
        """Have a carrier sent; returns at CONNECT. Raises ``CallGone`` if the modem will not.

        Some say OK where they should say CONNECT, just after a silence: asked again, they send.
        """
        for _ in range(_START_TRIES):
            reply = self.chat.command(command, START_WAIT)
            if reply.result is Result.CONNECT:
                return
            self.no_call_progress(reply.result)
            if reply.result is None:
                self.leave()
        raise CallGone

    def no_call_progress(self, result: Result | None) -> None:
        """A result that only a line without a call brings ends the operation."""
        if result in _GONE:
            raise CallGone

    def leave(self) -> None:
        """Leave whatever stands for command state. Raises ``DeviceError`` if the modem does not answer."""
        standing, self.standing = self.standing, Standing.NOTHING
        if standing is Standing.SENDING_FRAMES and self._ends_flags():
            return
        if not self.chat.abort(give_can=self.traits.abort_by_can):
            raise DeviceError(f"{self.name}: the modem has stopped answering; switch it off and on")

    def _ends_flags(self) -> bool:
        """End a transmission without a frame; CAN would be one."""
        self.chat.port.write(dle.END)
        return self.chat.result(_FLAGS_END_WAIT).result is Result.OK

    def cancelled(self) -> None:
        """Raise ``Cancelled`` if the job asked for an end; nothing must stand."""
        if self.chat.take_interrupt():
            raise Cancelled
