"""What both ends of a call share: timers, saying, hearing, ending (T.30 clauses 5.1 to 5.4).

The subroutines of T.30's flow charts, "command received?" and "response received?", are ``command`` and
``listen``: they wait, so here they are generators, and a caller writes ``yield from``.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import NoReturn, TypeVar

from faxhw.session import Cancelled, Event, Outcome, RemoteInfo, Reply, SessionError, Status
from faxhw.t30 import frames
from faxhw.t30.bits import Bits
from faxhw.t30.capabilities import understand
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import (
    Answer,
    Data,
    Disconnected,
    Heard,
    NoFax,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    Procedure,
    ReceiveFrames,
    SendFrames,
    SendPage,
    StopReceiving,
    TellTime,
)
from faxhw.terms import FarEndType

T1 = 35.0
"""How long two stations try to find out that both are faxes: 35 +-5 s (clause 5.4.3.1)."""
T2 = 6.0
"""How long a receiver waits for the next command: 6 +-1 s (clause 5.4.3.1)."""
T4 = 3.0
"""How long whoever said something waits for the answer: 3.0 s +-15 % on automatic units (clause 5.4.3.1)."""
TURNAROUND = 0.065
"""Silence where the direction or the modulation changes: 75 +-20 ms (clause 5.1), the shorter side of it, for
what modems and ports add makes it longer and never shorter."""
TRIES = 3
"""How often a command is said before its sender gives up (clause 5.4.2)."""
CARRIER_REST = 0.2
"""Seconds between looks at a carrier that is not the one we wait for."""
MOMENT = 0.001
"""Seconds in which nothing can be heard: less than that is left of a timeout by rounding only."""
SOONEST = 1.0
"""Seconds after the end of our word before which nobody can have ended another: silence, preamble and a
frame, each at its shortest, are 1.07. Damaged frames that end sooner are our own, come back as an echo."""
GLANCE = 0.75
"""Seconds in which the flags of somebody who has begun to speak, or is about to, are heard."""
TCF_PATIENCE = 5.0
"""Seconds for which a carrier that stands may be a training check: training and 1.5 s, and some to spare."""
PAGE_PATIENCE = 120.0
"""Seconds for which a carrier that we lost may go on before its sender is given up."""

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
    OTHER_CARRIER = "another carrier stands"
    ECHO = "our own words have come back"


class Dialogue:
    """One end of a T.30 call: its time, its X bit, and what it last said."""

    def __init__(self, *, x: bool) -> None:
        self.now = 0.0
        """The line's time, in seconds, at the end of the last operation."""
        self.x = x
        """The X bit of our frames: whether we are the station that has received a DIS (clause 5.3.6.1)."""
        self.heard_fax = False
        """Whether a good frame of the far end was ever heard."""
        self.stray_carrier = False
        """Whether a carrier other than the one waited for was met since our last word."""
        self.said: tuple[bytes, ...] = ()
        """The frames of our last word, for CRP and for commands that come again; empty once it is out of
        date: who repeated an old confirmation would confirm what has come since."""
        self.said_at = 0.0
        self._decided: tuple[Status, str] | None = None
        """How the call ends, whether or not it goes away before the last word is said."""
        self._page_stands = False
        """Whether a page or TCF is on the line, ours or one that we receive."""

    def conduct(self, call: Steps[NoReturn]) -> Procedure:
        """The whole procedure that these steps are: whatever ends it, there is an outcome."""
        try:
            yield from self.do(TellTime())  # the line's time may begin anywhere
            yield from call
        except Ended as ended:
            return ended.outcome
        except Cancelled:
            return (yield from self._take_leave())
        raise AssertionError("a call has no other end")

    # ------------------------------------------------------------------------------------------------------
    # The line, the job

    def do(self, operation: Operation) -> Steps[Answer]:
        """Have the line perform an operation; ends the procedure if the call is gone."""
        if isinstance(operation, SendPage):
            self._page_stands = True
        answer = yield operation
        if not isinstance(answer, Answer):
            raise SessionError(f"{operation} was answered by {answer!r}")
        self.now = answer.time
        if isinstance(answer, Disconnected):
            self._gone()
        if isinstance(answer, NoFax):
            raise Ended(_no_fax(answer.far_end_type))
        if not isinstance(operation, StopReceiving | Pause | TellTime):
            self._page_stands = isinstance(answer, Data)
        return answer

    def tell(self, event: Event) -> Steps[Reply]:
        """Pass an event up, and its reply down."""
        reply = yield event
        if isinstance(reply, Answer):
            raise SessionError(f"{event} was answered by {reply!r}")
        return reply

    def introduce(self, message: Message) -> Steps[None]:
        """Pass on what a message and the frames before it say of the far end."""
        offers = message.fcf in (Fcf.DIS, Fcf.DTC)
        info = RemoteInfo(
            ident=message.text(Fcf.CSI, Fcf.TSI, Fcf.CIG),
            sub_address=message.text(Fcf.SUB),
            password=message.text(Fcf.SID, Fcf.PWD),
            selective_polling=message.text(Fcf.SEP),
            nsf=message.preceding(Fcf.NSF, Fcf.NSS, Fcf.NSC),
            others=_others(message),
            capabilities=understand(Bits(message.information)).summary() if offers else None,
        )
        if info != RemoteInfo():
            yield from self.tell(info)

    # ------------------------------------------------------------------------------------------------------
    # Saying

    def say(self, *fields: tuple[Fcf, bytes], gap: bool = True) -> Steps[None]:
        """Send frames in one transmission, after the silence that a change of direction needs."""
        self.said = frames.transmission(*fields, x=self.x)
        yield from self.repeat(gap=gap)

    def repeat(self, *, gap: bool = True) -> Steps[None]:
        """Say once more what was said last."""
        if gap:
            yield from self.do(Pause(TURNAROUND))
        yield from self.do(SendFrames(self.said))
        self.said_at, self.stray_carrier = self.now, False

    # ------------------------------------------------------------------------------------------------------
    # Hearing

    def listen(self, timeout: float, *, patience: float = 0.0) -> Steps[Message | Missing]:
        """Wait so many seconds for a transmission to begin, and read it.

        ``patience`` is for how many seconds a carrier of another modulation holds the timeout back: while a
        page that was lost is still being sent, nobody can say a command. Our own voice, come back as an echo,
        is not heard.
        """
        began = silent_since = self.now
        missing = Missing.SILENCE
        while (left := timeout - (self.now - silent_since)) > MOMENT:
            before = self.now
            heard = yield from self.glance(left)
            if heard is Missing.GARBLED and self.said and self.now - self.said_at < SOONEST:
                heard = Missing.ECHO
            if isinstance(heard, Message) or heard is Missing.GARBLED:
                return heard
            if heard is not Missing.ECHO:
                missing = heard
            if heard is Missing.OTHER_CARRIER:
                self.stray_carrier = True
                yield from self.do(Pause(CARRIER_REST))
                if self.now - began < patience:
                    silent_since = self.now
            if self.now <= before:  # a line whose time stands still has nothing more to say
                break
        return missing

    def glance(self, timeout: float) -> Steps[Message | Missing]:
        """What comes first on V.21 within so many seconds, whatever it is."""
        answer = yield from self.do(ReceiveFrames(timeout))
        match answer:
            case Heard(heard):
                good = [each.octets for each in heard if each.good and frames.is_t30(each.octets)]
                if good and set(good) <= set(self.said):
                    return Missing.ECHO
                self.heard_fax = self.heard_fax or bool(good)
                return frames.read(heard) or Missing.GARBLED
            case OtherCarrier():
                return Missing.OTHER_CARRIER
            case Nothing():
                return Missing.SILENCE
        raise SessionError(f"ReceiveFrames was answered by {answer}")

    def command(
        self, timeout: float, *, patience: float = 0.0, at_once: bool = False
    ) -> Steps[Message | Missing]:
        """Hear a command; what may come at any time is dealt with here: CRP and DCN.

        ``at_once``: be content with what comes first, though it be none.
        """
        for _ in range(TRIES):
            heard = yield from self.glance(timeout) if at_once else self.listen(timeout, patience=patience)
            if not isinstance(heard, Message):
                return heard
            if heard.fcf == Fcf.DCN:
                rejected = self.said == frames.transmission((Fcf.RTN, b""), x=self.x)
                self.end(
                    Status.PAGE_QUALITY if rejected else Status.DCN_RECEIVED,
                    "the sender gave up after RTN" if rejected else "the sender said DCN",
                )
            if heard.fcf != Fcf.CRP:
                return heard
            if not self.said:
                break
            yield from self.repeat()
        return Missing.GARBLED

    # ------------------------------------------------------------------------------------------------------
    # Ending

    def end(self, status: Status, detail: str, *, line_up: bool = True) -> NoReturn:
        """End the procedure."""
        raise Ended(Outcome(status, heard_fax=self.heard_fax, line_up=line_up, detail=detail))

    def decide(self, status: Status, detail: str) -> None:
        """Nothing is left but to part: the call ends so, though the far end may hang up before us."""
        self._decided = status, detail

    def _gone(self) -> NoReturn:
        if self._decided is None:
            self.end(Status.LINE_DROPPED, "the call was gone", line_up=False)
        status, detail = self._decided
        raise Ended(
            Outcome(status, heard_fax=self.heard_fax, line_up=False, far_end_gone=False, detail=detail)
        )

    def disconnect(self, status: Status, detail: str) -> Steps[NoReturn]:
        """Say DCN, and end the procedure."""
        self.decide(status, detail)
        yield from self.say((Fcf.DCN, b""))
        self.end(status, detail)

    def _take_leave(self) -> Steps[Outcome]:
        """After ``Cancelled``: DCN, where it can be heard; whatever comes of that, the job had its way."""
        line_up, speaking = True, bool(self.said) or self.heard_fax
        try:
            if speaking and not self._page_stands and (yield from self._is_free()):
                yield from self.say((Fcf.DCN, b""))
        except Ended:
            line_up = False
        except Cancelled:
            pass
        return Outcome(
            Status.ABORTED, heard_fax=self.heard_fax, line_up=line_up, detail="stopped by the script"
        )

    def _is_free(self) -> Steps[bool]:
        """Hear out who speaks, a DCS together with its TCF; whether DCN can be said then, and has to be."""
        for _ in range(TRIES):
            heard = yield from self.listen(GLANCE, patience=TCF_PATIENCE)
            if not isinstance(heard, Message) or heard.fcf != Fcf.DCS:
                break
        gone = isinstance(heard, Message) and heard.fcf == Fcf.DCN
        return heard is not Missing.OTHER_CARRIER and not gone


def _no_fax(far_end_type: FarEndType) -> Outcome:
    """The outcome where the device itself has found that no fax calls."""
    known = far_end_type is not FarEndType.UNKNOWN
    return Outcome(
        Status.OTHER_THAN_FAX if known else Status.RING_NO_HANDSHAKE,
        heard_fax=False,
        line_up=False,
        far_end_gone=False,
        detail=f"the device found no fax at the far end: {far_end_type}",
        far_end_type=far_end_type,
    )


_TOLD = frozenset({Fcf.CSI, Fcf.TSI, Fcf.CIG, Fcf.SUB, Fcf.SID, Fcf.PWD, Fcf.SEP, Fcf.NSF, Fcf.NSS, Fcf.NSC})


def _others(message: Message) -> dict[str, bytes] | None:
    """The frames before a message that have no name of their own in ``RemoteInfo``."""
    found = {frames.label(fcf): octets for fcf, octets in message.before if fcf not in _TOLD}
    return found or None
