"""What both roles share: timers, saying, hearing, ending (T.30 clauses 5.1 to 5.4).

The subroutines of T.30's flow charts, "command received?" and "response received?", are ``Dialogue.listen``:
they wait, so here they are generators, and a caller writes ``yield from``.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import NoReturn, TypeVar

from faxhw.session import Event, Outcome, Reply, SessionError, Status
from faxhw.t30 import frames
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import (
    Answer,
    Disconnected,
    Heard,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    ReceiveFrames,
    SendFrames,
)

T1 = 35.0
"""How long two stations try to find out that both are faxes: 35 +-5 s (clause 5.4.3.1)."""
T2 = 6.0
"""How long a receiver waits for the next command: 6 +-1 s (clause 5.4.3.1)."""
T4 = 3.0
"""How long whoever said something waits for the answer: 3.0 s +-15 % on automatic units (clause 5.4.3.1)."""
TURNAROUND = 0.075
"""Silence where the direction or the modulation changes: 75 +-20 ms (clause 5.1)."""
TRIES = 3
"""How often a command is said before its sender gives up (clause 5.4.2)."""
CARRIER_REST = 0.2
"""Seconds between looks at a carrier that is not the one we wait for."""

_T = TypeVar("_T")
Steps = Generator[Operation | Event, Answer | Reply, _T]
"""A part of a procedure, with its result."""


class Ended(Exception):  # noqa: N818 - not an error: how a procedure's parts end the whole
    """The procedure is over."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Missing(Enum):
    """Why there is no message."""

    SILENCE = "nothing was heard"
    GARBLED = "frames came damaged"
    OTHER_CARRIER = "another carrier stood"


class Dialogue:
    """One end of a T.30 call: its time, its X bit, and what it last said."""

    def __init__(self, *, x: bool) -> None:
        self.now = 0.0
        """The line's time, in seconds, at the end of the last operation."""
        self.x = x
        """The X bit of our frames: whether we are the station that has received a DIS."""
        self.heard_fax = False
        """Whether a good frame was ever heard."""
        self.stray_carrier = False
        """Whether a carrier other than V.21 was met since somebody last cleared this."""
        self.said: tuple[bytes, ...] = ()
        """The frames of our last transmission, for CRP and for commands that come again."""
        self.said_at = 0.0
        self.gone_is = Status.LINE_DROPPED
        """What it means if the call goes away now."""

    def do(self, operation: Operation) -> Steps[Answer]:
        """Have the line perform an operation; ends the procedure if the call is gone."""
        answer = yield operation
        if not isinstance(answer, Answer):
            raise SessionError(f"{operation} was answered by {answer!r}")
        self.now = answer.time
        if isinstance(answer, Disconnected):
            self.end(self.gone_is, "the call was gone", line_up=False)
        return answer

    def tell(self, event: Event) -> Steps[Reply]:
        """Pass an event up, and its reply down."""
        reply = yield event
        if isinstance(reply, Answer):
            raise SessionError(f"{event} was answered by {reply!r}")
        return reply

    def say(self, *fields: tuple[Fcf, bytes], gap: bool = True) -> Steps[None]:
        """Send frames in one transmission, after the silence that a change of direction needs."""
        yield from self._transmit(frames.transmission(*fields, x=self.x), gap=gap)

    def repeat(self) -> Steps[None]:
        """Say once more what was said last."""
        yield from self._transmit(self.said)

    def _transmit(self, octets: tuple[bytes, ...], *, gap: bool = True) -> Steps[None]:
        if gap:
            yield from self.do(Pause(TURNAROUND))
        yield from self.do(SendFrames(octets))
        self.said, self.said_at = octets, self.now

    def listen(self, timeout: float, *, patience: float = 0.0) -> Steps[Message | Missing]:
        """Wait so many seconds for a transmission to begin, and read it.

        ``patience`` is for how many seconds a carrier of another modulation holds the timeout back: while a
        page that was lost is still being sent, nobody can say a command.
        """
        began = silent_since = self.now
        missing = Missing.SILENCE
        while (left := timeout - (self.now - silent_since)) > 0:
            before = self.now
            answer = yield from self.do(ReceiveFrames(left))
            if isinstance(answer, Heard):
                self.heard_fax = self.heard_fax or any(
                    frame.good and frames.is_t30(frame.octets) for frame in answer.frames
                )
                return frames.read(answer.frames) or Missing.GARBLED
            if isinstance(answer, OtherCarrier):
                missing, self.stray_carrier = Missing.OTHER_CARRIER, True
                yield from self.do(Pause(CARRIER_REST))
                if self.now - began < patience:
                    silent_since = self.now
            elif not isinstance(answer, Nothing):
                raise SessionError(f"ReceiveFrames was answered by {answer}")
            if self.now <= before:  # a line whose time stands still has nothing more to say
                break
        return missing

    def end(self, status: Status, detail: str, *, line_up: bool = True) -> NoReturn:
        """End the procedure."""
        raise Ended(Outcome(status, heard_fax=self.heard_fax, line_up=line_up, detail=detail))

    def disconnect(self, status: Status, detail: str) -> Steps[NoReturn]:
        """Say DCN, and end the procedure."""
        yield from self.say((Fcf.DCN, b""))
        self.end(status, detail)
