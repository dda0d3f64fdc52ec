"""What a virtual CAPI controller is, what may go wrong with it, and the words it has for errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Info(IntEnum):
    """``info`` of confirmations (CAPI 2.0 part I, annex A)."""

    NO_ERROR = 0
    TOO_MANY_APPLICATIONS = 0x1001
    BLOCK_TOO_SMALL = 0x1002
    TOO_MANY_CONNECTIONS = 0x1005
    REGISTERED_ALREADY = 0x1007
    UNKNOWN_APPLICATION = 0x1101
    ILLEGAL_MESSAGE = 0x1102
    QUEUE_FULL = 0x1103
    WRONG_STATE = 0x2001
    UNKNOWN_ADDRESS = 0x2002
    OUT_OF_PLCI = 0x2003
    OUT_OF_NCCI = 0x2004
    ILLEGAL_PARAMETER = 0x2007
    NO_SUCH_B1 = 0x3001
    NO_SUCH_B2 = 0x3002
    NO_SUCH_B3 = 0x3003
    NO_SUCH_COMBINATION = 0x3007
    NO_SUCH_FACILITY = 0x300B
    DATA_TOO_LONG = 0x300C


class FaxReason(IntEnum):
    """Why a fax ended, as DISCONNECT_B3_IND says it."""

    NONE = 0
    NOT_G3 = 0x3311
    TRAINING = 0x3312
    UNSUPPORTED = 0x3313
    REMOTE_ABORT = 0x3314
    PROCEDURE = 0x3315
    UNDERRUN = 0x3316
    OVERFLOW = 0x3317
    LOCAL_ABORT = 0x3318
    BAD_DATA = 0x3319


@dataclass(frozen=True, slots=True)
class Model:
    """A controller."""

    manufacturer: str = "faxhw"
    serial: str = "0005031"
    version: tuple[int, int, int, int] = (2, 0, 1, 0)
    """Of CAPI, and of the manufacturer's: major and minor."""
    fax: bool = True
    """Whether it runs T.30 itself (B3 protocols 4 and 5)."""
    transparent: bool = True
    """Whether it gives the sound of a call as it is."""
    hasty: bool = False
    """Whether it confirms a page to its sender before the application has taken it, as cards with a memory of
    their own do."""
    most_applications: int = 30


@dataclass(slots=True)
class Faults:
    """What is to go wrong; may be changed at any time."""

    call_reason: int = 0
    """Every call that is asked for ends with this reason: 0x3491 busy, 0x3495 rejected."""
    fax_reason: int = 0
    """Every fax ends with this reason in the middle of a page, which is ``in_page``."""
    drops: bool = False
    """The connection to the application is lost in the middle of a page, which is ``in_page``; once."""
    in_page: int = 1
    cut_short: frozenset[str] = frozenset()
    """Messages of these names are sent without their last octet."""
    delay: float = 0.0
    """Seconds that every message to an application takes."""
    deaf_to: frozenset[str] = field(default_factory=frozenset)
    """Messages of these names are taken and never confirmed."""
