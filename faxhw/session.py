"""The session seam: what takes or offers the pages of one fax.

A *session* is a generator. It yields *events* and is sent back a *reply* to each; its return value is an
``Outcome``. Above the seam stands a fax job (``faxhw.fax``), below it either our own T.30 procedures on a
signal-level device or a session-level device's driver, and the job cannot tell which.

A session is cancelled by throwing ``Cancelled`` into it: it may still yield on its way out (a procedure says
DCN), and returns an ``Outcome`` with ``Status.ABORTED``. ``close`` ends it without a word to the line.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from faxhw.errors import Error
from faxhw.terms import FarEndType, Format, Formats, Parameters, Settings, SignalFigures


class Cancelled(Exception):  # noqa: N818 - not an error: the job asked for it
    """Thrown into a session to end it politely."""


# ----------------------------------------------------------------------------------------------------------
# Events, each with the reply that the job sends back


class Event:
    """What a session yields."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RemoteInfo(Event):
    """Something the far end said of itself; fields it did not say are ``None``. Reply: ``None``."""

    ident: str | None = None
    sub_address: str | None = None
    password: str | None = None
    selective_polling: str | None = None
    nsf: bytes | None = None
    others: Mapping[str, bytes] | None = None
    """What came in other optional frames (CSA, TSA, IRA, PSA and their like), by their names; as it came."""
    capabilities: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Negotiated(Event):
    """Training succeeded under these parameters (again after each retraining). Reply: ``None``."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class PageBegins(Event):
    """A page's carrier stands; ``PageData`` follows, then one ``PageEnds``. Reply: ``None``."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class PageData(Event):
    """Octets of the page in hand as they came, first bit on the line in the lowest bit. Reply: ``None``."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PageOver(Event):
    """The page's carrier has dropped: no more ``PageData`` of it follows. Reply: ``None``.

    Whatever the job has to do with the page it may begin now, while the sender's word on it is on its way. A
    session that does not know leaves this event out.
    """


class NextStep(Enum):
    """What the sender announced after the page."""

    MORE_PAGES = "MPS"
    MORE_DOCUMENTS = "EOM"
    NO_MORE = "EOP"


class Verdict(Enum):
    """The job's word on a received page."""

    GOOD = "MCF"
    """Stored and synced: confirm it."""
    RETRAIN = "RTP"
    """Stored and synced, but the line should be trained anew."""
    REJECTED = "RTN"
    """Not stored, for its quality: have it sent again."""
    FAILED = "DCN"
    """Could not be stored: end the call so that the sender cannot take the page for delivered."""
    GIVEN_UP = "quality"
    """Not stored, for its quality, and no more tries: end the call."""
    PENDING = "pending"
    """Not known yet: the disk is at work. Ask again (``VerdictWanted``)."""


@dataclass(frozen=True, slots=True)
class PageEnds(Event):
    """The sender wants a word on the page. Reply: a ``Verdict``.

    Yielded once a page, however often the command was repeated. ``intact`` is True where the device vouches
    for every bit (error correction). Without a command (line lost in mid-page) there is no ``PageEnds``, and
    the page in hand counts for nothing.
    """

    next_step: NextStep
    intact: bool = False
    retransmissions: int = 0
    perhaps_again: bool = False
    """Whether this may be the page last stored once more: its confirmation, or a whole page, went astray, and
    nobody can tell which. A page that is the same to the dot is then to be confirmed and not stored again."""
    last_chance: bool = False
    """Whether the sender has given the page up as it is: it will not come again, and nothing is confirmed."""
    patience: float | None = None
    """For how many seconds a verdict may be waited for, which then is PENDING; ``None``: for as long as the
    disk takes."""
    signal: SignalFigures | None = None
    """How its carrier was received, the last one if there were several, where the device can tell."""


@dataclass(frozen=True, slots=True)
class VerdictWanted(Event):
    """The verdict on the page that was PENDING, for which to wait so many seconds. Reply: a ``Verdict``."""

    patience: float


@dataclass(slots=True)
class OutgoingPage:
    """A page to send, coded as ``Parameters`` want it, first bit on the line in the lowest bit."""

    data: Iterable[bytes]
    """Under error correction an empty piece says that there is nothing yet: flags hold the line meanwhile."""
    next_step: NextStep
    """Not looked at before the end of ``data`` has been: until then it may change."""


@dataclass(frozen=True, slots=True)
class FormatWanted(Event):
    """The pages that follow may have any of these formats. Reply: the ``Format`` of the next one, or ``None``
    for the session's own choice.

    It holds until the next ``FormatWanted``, which comes after a page given with ``MORE_DOCUMENTS``, and
    whenever the two ends settle their parameters anew.
    """

    formats: Formats


@dataclass(frozen=True, slots=True)
class PageWanted(Event):
    """The far end is ready for a page under these parameters. Reply: an ``OutgoingPage``.

    ``again`` is True when the page last given was not confirmed and is wanted once more. ``with_rtc`` is
    False where the device ends the page itself, so that MH and MR need no RTC.
    """

    parameters: Parameters
    again: bool = False
    with_rtc: bool = True


class Refused(Enum):
    """What a sender does about a page that was refused."""

    SEND_AGAIN = "again"
    GO_ON = "go on"
    """The next page, if there is one, is sent in its place; the far end has this one as bad as it came."""


@dataclass(frozen=True, slots=True)
class PageSent(Event):
    """The far end's word on the page last given. Reply: ``None``; or ``Refused``, where it is not confirmed:
    ``None`` is SEND_AGAIN."""

    confirmed: bool
    retransmissions: int = 0
    """How often parts of the page were sent again to correct it."""


Reply = None | Verdict | OutgoingPage | Format | Refused | Settings


# ----------------------------------------------------------------------------------------------------------
# How it ended


class Status(IntEnum):
    """Fax hang-up status codes, TIA-592/T.32 ``+FHS`` (clause 8.5.3), and ours from 0x100 on."""

    NORMAL = 0x00
    RING_NO_HANDSHAKE = 0x01
    ABORTED = 0x02
    NO_LOOP_CURRENT = 0x03
    RINGBACK_NO_ANSWER = 0x04
    RINGBACK_CED_NO_ANSWER = 0x05
    PHASE_A = 0x10
    NO_ANSWER_T1 = 0x11
    SEND_B = 0x20
    CANNOT_BE_POLLED = 0x21
    SEND_B_DCN = 0x22
    NO_DIS = 0x23
    SEND_B_BAD_RESPONSE = 0x24
    DCS_NO_REPLY = 0x25
    DIS_AGAIN = 0x26
    TRAINING_FAILED = 0x27
    SEND_B_INVALID = 0x28
    SEND_C = 0x40
    SEND_C_IMAGE = 0x41
    SEND_C_CODE = 0x42
    SEND_C_UNDERFLOW = 0x43
    SEND_C_UNSPECIFIED_LENGTH = 0x44
    SEND_C_ROW_LENGTH = 0x45
    SEND_C_PAGE_LENGTH = 0x46
    SEND_C_BAD_CODE = 0x47
    SEND_D = 0x50
    SEND_D_BAD_RESPONSE = 0x51
    MPS_NO_REPLY = 0x52
    MPS_INVALID = 0x53
    EOP_NO_REPLY = 0x54
    EOP_INVALID = 0x55
    EOM_NO_REPLY = 0x56
    EOM_INVALID = 0x57
    AFTER_PIN = 0x58
    RECEIVE_B = 0x70
    RECEIVE_B_BAD_COMMAND = 0x71
    COMREC_ERROR = 0x72
    T2_NO_PAGE = 0x73
    T1_AFTER_EOM = 0x74
    RECEIVE_C = 0x90
    MISSING_EOL = 0x91
    BAD_CRC = 0x92
    RECEIVE_OVERFLOW = 0x93
    RECEIVE_C_ECM = 0x94
    RECEIVE_D = 0xA0
    RECEIVE_D_BAD_COMMAND = 0xA1
    RECEIVE_D_NO_COMMAND = 0xA2
    RECEIVE_D_LOCAL = 0xA3
    DTE_INACTIVE = 0xE0
    # Ours: what +FHS has no code for.
    LINE_DROPPED = 0x100
    DCN_RECEIVED = 0x101
    PAGE_QUALITY = 0x102
    STORAGE_FAILED = 0x103
    DEVICE_FAILED = 0x104
    PROGRAM_FAILED = 0x105
    STANDARD_MISMATCH = 0x106
    T2_EXPIRED = 0x107
    OTHER_THAN_FAX = 0x108
    WRONG_PASSWORD = 0x109
    NO_COMMON_RATE = 0x10A


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended."""

    status: Status
    heard_fax: bool = True
    """Whether anything was heard that only a fax would send: tells NOTFAX from a fault of the line."""
    line_up: bool = True
    """Whether the call still stands, as far as can be told: an end that falls silent where a fax must speak
    is taken to have gone."""
    far_end_gone: bool | None = None
    """Whether the far end went without a word, where that is not what ``line_up`` says: a device that runs
    T.30 itself hangs up at every end. ``None``: the far end has gone if the line is not up."""
    detail: str = ""
    """One sentence for the log: what was expected and what came."""
    far_end_type: FarEndType = FarEndType.UNKNOWN
    """What is at the far end, where the device has found that it is no fax."""


Session = Generator[Event, Reply, Outcome]


class SessionError(Error):
    """A session was used out of order: a mistake in a driver or in the job above."""
