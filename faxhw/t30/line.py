"""The line seam: the operations that a T.30 procedure asks for, and what the line answers.

A procedure yields ``Operation``s (and session events, which pass it by); whoever performs them sends back an
``Answer``. Octets are as they stand on the line, first bit in the lowest bit. Frames run from the address
octet to the last information octet: flags, bit stuffing and frame check are the line's business.

Every answer carries ``time``, the line's clock in seconds when the operation ended; procedures measure their
timers by it and by nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from faxhw.session import Cancelled, Event, Outcome, Reply, Session
from faxhw.terms import Modulation, SignalFigures


@dataclass(frozen=True, slots=True)
class Frame:
    """An HDLC frame as heard."""

    octets: bytes
    """Address, control, facsimile control field, information."""
    good: bool = True
    """Whether its frame check sequence was right."""


# ----------------------------------------------------------------------------------------------------------
# Operations


class Operation:
    """What a procedure yields to the line."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TellTime(Operation):
    """Tell the line's time, and leave whatever stands on it as it is. -> ``Done``, at once."""


@dataclass(frozen=True, slots=True)
class AnswerTone(Operation):
    """Take the line if that is still to be done and send CED (T.30 clause 4.3.3.2). -> ``Done``.

    2.6 to 4 s of 2100 Hz, then 75 ms of silence; the ``SendFrames`` that must follow continues it.
    """


@dataclass(frozen=True, slots=True)
class SendFrames(Operation):
    """Send frames at V.21 after the preamble (1 s of flags); the last has its final bit set. -> ``Done``."""

    frames: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SendFlags(Operation):
    """Begin a V.21 transmission and keep flags on the line. -> ``Done``, once the carrier stands.

    The ``SendFrames`` that must follow continues it, when the preamble has had its second.
    """


@dataclass(frozen=True, slots=True)
class ReceiveFrames(Operation):
    """Hear V.21 frames up to and with the one whose final bit is set, or until the carrier drops.

    ``timeout`` seconds may pass until the flags of the first frame are heard; once they are, the line bounds
    the rest itself (no more than ``MAX_SEQUENCE`` seconds). -> ``Heard``, ``Nothing``, ``OtherCarrier``.
    """

    timeout: float


@dataclass(frozen=True, slots=True)
class SendPage(Operation):
    """Train and send octets at a page modulation, then drop the carrier. Also sends TCF. -> ``Done``.

    The line takes ``data`` as fast as it can send and never waits with the carrier down.
    """

    modulation: Modulation
    data: Iterable[bytes]
    short_training: bool = False
    """V.17's short training sequence, allowed once a long one has succeeded (V.17 clause 5)."""


@dataclass(frozen=True, slots=True)
class ReceivePage(Operation):
    """Hear a page modulation (or TCF). -> ``Data`` with the first octets, ``Nothing``, ``OtherCarrier``, or
    ``CarrierLost`` where a carrier came and went that could not be understood.

    After ``Data`` the procedure must yield ``ReceiveMore`` until ``CarrierLost``, or ``StopReceiving``.
    """

    modulation: Modulation
    timeout: float
    short_training: bool = False


@dataclass(frozen=True, slots=True)
class ReceiveMore(Operation):
    """The next octets of the reception under way. -> ``Data`` (never empty) or ``CarrierLost``."""


@dataclass(frozen=True, slots=True)
class StopReceiving(Operation):
    """Leave the reception under way though its carrier stands. -> ``Done``."""


@dataclass(frozen=True, slots=True)
class Pause(Operation):
    """Be silent for so many seconds (75 +-20 ms where the direction changes, T.30 5.1). -> ``Done``."""

    seconds: float


MAX_SEQUENCE = 12.0
"""Seconds that one V.21 transmission may last: preamble, and the longest run of frames that T.30 knows."""


# ----------------------------------------------------------------------------------------------------------
# Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the line sends back to a procedure."""

    time: float
    """The line's clock, in seconds, when the operation ended."""


@dataclass(frozen=True, slots=True)
class Done(Answer):
    """The operation was performed."""


@dataclass(frozen=True, slots=True)
class Heard(Answer):
    """At least one frame, good or damaged, in the order of hearing."""

    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Data(Answer):
    """Octets of a page or of TCF."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Nothing(Answer):
    """The timeout passed in silence, or (for frames) a carrier came and went with nothing on it."""


@dataclass(frozen=True, slots=True)
class OtherCarrier(Answer):
    """There is a carrier, but of another modulation than was asked for."""


@dataclass(frozen=True, slots=True)
class CarrierLost(Answer):
    """The carrier of the reception under way has dropped: the page is over."""

    signal: SignalFigures | None = None
    """How it was received, where the line can tell."""


@dataclass(frozen=True, slots=True)
class Disconnected(Answer):
    """The call is gone. Any operation may be answered so; a procedure then ends without another operation."""


Procedure = Generator[Operation | Event, Answer | Reply, Outcome]
"""Yields operations and events, is sent answers and replies, returns how it ended."""


class Line(Protocol):
    """Who performs operations."""

    def perform(self, operation: Operation) -> Answer:
        """Perform one operation, however long it takes.

        Raises ``Cancelled`` if the job asked for an end meanwhile (once; later operations are performed, so
        that a procedure can say DCN), ``PortError`` if the device failed.
        """
        ...


def session(procedure: Procedure, line: Line) -> Session:
    """The session that a procedure makes on a line: operations are performed, events passed on."""
    try:
        item = next(procedure)
        while True:
            try:
                value = (yield item) if isinstance(item, Event) else line.perform(item)
            except Cancelled as cancelled:
                item = procedure.throw(cancelled)
            else:
                item = procedure.send(value)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    finally:
        procedure.close()
