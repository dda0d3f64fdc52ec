"""What CAPI's Info and Reason values say, and what they come to for a call and for a fax.

0x33xx are the card's own reasons, of which T.30 has 0x3311 to 0x3319; 0x34xx is a cause of the network
(Q.850, with its highest bit set). 0x1xxx refuse a registration or a message, 0x2xxx and 0x30xx a request.
Source: CAPI 2.0 part I clause 5 and annex A; ITU-T Q.850 table 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from faxhw.session import Status


class CallEnd(StrEnum):
    """Why there is no call, in the words of ``faxhw.device.CallResult``."""

    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    OUT_OF_ORDER = "NO DIALTONE"
    NO_CARRIER = "NO CARRIER"
    BARRED = "BLACKLISTED"
    REJECTED = "REJECTED"
    UNOBTAINABLE = "UNOBTAINABLE"
    CHANGED = "NUMBER CHANGED"
    CONGESTION = "CONGESTION"
    NO_CHANNELS = "NO CHANNELS"
    TIMEOUT = "TIMEOUT"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Reason:
    """A value in words."""

    code: int
    sentence: str
    status: Status = Status.DEVICE_FAILED
    """What a fax that ended by it comes to."""
    call: CallEnd = CallEnd.FAILED
    """What a call that was not made by it comes to."""

    def __str__(self) -> str:
        return f"0x{self.code:04x}: {self.sentence}"


NETWORK = 0x3480
"""Added to a cause of Q.850."""
ACCEPT, IGNORE, REJECT_NORMAL, REJECT_BUSY, REJECT_NO_CHANNEL = 0, 1, 2, 3, 4
"""``reject`` of CONNECT_RESP; 5 to 9 are rarer ones, and a cause of the network may stand there, too."""

_PLAIN = {
    0x0001: "The NCPI does not belong to the protocol and was ignored.",
    0x0002: "Flags that do not belong to the protocol were ignored.",
    0x0003: "Another application has alerted the caller already.",
    0x1001: "The CAPI has too many applications already.",
    0x1002: "The blocks of data are too small for the CAPI.",
    0x1003: "The buffer is too big for the CAPI.",
    0x1004: "The message buffer is too small for the CAPI.",
    0x1005: "The CAPI has not so many connections.",
    0x1006: "The CAPI refuses the registration.",
    0x1007: "The CAPI is busy.",
    0x1008: "The CAPI has run out of memory.",
    0x1009: "There is no CAPI.",
    0x100A: "The controller has no external equipment.",
    0x100B: "The controller has nothing but external equipment.",
    0x1101: "The CAPI does not know this application: was it restarted?",
    0x1102: "The CAPI does not know this message, or finds it too short.",
    0x1103: "The CAPI's queue for the controller is full.",
    0x1104: "The CAPI has no message.",
    0x1105: "The CAPI has lost a message because its queue was full.",
    0x1106: "The CAPI does not know how to notify.",
    0x1107: "The CAPI is busy.",
    0x1108: "The CAPI has run out of memory.",
    0x1109: "There is no CAPI.",
    0x110A: "The controller has no external equipment.",
    0x110B: "The controller has nothing but external equipment.",
    0x2001: "The request comes at the wrong moment.",
    0x2002: "There is no such controller or connection.",
    0x2003: "The controller has no physical connection left.",
    0x2004: "The controller has no logical connection left.",
    0x2005: "The controller takes no more applications that listen.",
    0x2006: "The controller has no fax modem left.",
    0x2007: "The controller finds a parameter badly coded.",
    0x3001: "The controller does not have the B1 protocol.",
    0x3002: "The controller does not have the B2 protocol.",
    0x3003: "The controller does not have the B3 protocol.",
    0x3004: "The controller does not have the B1 protocol's parameters.",
    0x3005: "The controller does not have the B2 protocol's parameters.",
    0x3006: "The controller does not have the B3 protocol's parameters.",
    0x3007: "The controller does not have this combination of protocols.",
    0x3008: "The controller does not take an NCPI here.",
    0x3009: "The controller does not know this sort of call (CIP).",
    0x300A: "The controller does not know these flags.",
    0x300B: "The controller does not have this facility.",
    0x300C: "The controller does not take blocks of this length.",
    0x300D: "The controller cannot reset this protocol.",
}
_OUT_OF = {0x2003: CallEnd.NO_CHANNELS, 0x2004: CallEnd.NO_CHANNELS, 0x2006: CallEnd.NO_CHANNELS}
_CARD = {
    0x3301: (Status.LINE_DROPPED, "The line broke off, or the far end hung up."),
    0x3302: (Status.SEND_B, "The far end breaks the rules of layer 2."),
    0x3303: (Status.SEND_B, "The far end breaks the rules of layer 3."),
    0x3304: (Status.LINE_DROPPED, "Another application took the call."),
    0x3311: (Status.OTHER_THAN_FAX, "The far end is no group 3 fax."),
    0x3312: (Status.TRAINING_FAILED, "Training failed."),
    0x3313: (
        Status.NO_COMMON_RATE,
        "The far end cannot receive in this way, at this resolution for example.",
    ),
    0x3314: (Status.LINE_DROPPED, "The far end broke the fax off."),
    0x3315: (Status.SEND_D, "The far end breaks the rules of T.30, or did not reply to repeated commands."),
    0x3316: (Status.SEND_C_UNDERFLOW, "The page was not handed to the card fast enough."),
    0x3317: (Status.RECEIVE_OVERFLOW, "The page was not taken from the card fast enough."),
    0x3318: (Status.ABORTED, "The fax was stopped from this side."),
    0x3319: (Status.SEND_C_CODE, "The card finds the page to send badly coded."),
}
_NETWORK: Mapping[int, tuple[CallEnd, str]] = {
    1: (CallEnd.UNOBTAINABLE, "There is no such number."),
    2: (CallEnd.UNOBTAINABLE, "There is no route to the transit network."),
    3: (CallEnd.UNOBTAINABLE, "There is no route to the number."),
    6: (CallEnd.FAILED, "The channel is not acceptable."),
    7: (CallEnd.FAILED, "The call was put on a channel that stands."),
    16: (CallEnd.NO_CARRIER, "The call was cleared."),
    17: (CallEnd.BUSY, "The number is busy."),
    18: (CallEnd.NO_ANSWER, "The far end does not respond."),
    19: (CallEnd.NO_ANSWER, "It rang, and nobody answered."),
    20: (CallEnd.NO_ANSWER, "The subscriber is absent."),
    21: (CallEnd.REJECTED, "The call was refused."),
    22: (CallEnd.CHANGED, "The number has changed."),
    26: (CallEnd.NO_CARRIER, "Another device answered the call."),
    27: (CallEnd.UNOBTAINABLE, "The far end is out of order."),
    28: (CallEnd.UNOBTAINABLE, "The number is incomplete, or no number."),
    29: (CallEnd.REJECTED, "The facility was refused."),
    30: (CallEnd.FAILED, "The network was asked for its state."),
    31: (CallEnd.NO_CARRIER, "The call was cleared, and it is not said why."),
    34: (CallEnd.NO_CHANNELS, "There is no free channel."),
    38: (CallEnd.OUT_OF_ORDER, "The network is out of order."),
    41: (CallEnd.CONGESTION, "The network fails for the moment."),
    42: (CallEnd.CONGESTION, "The network is busy."),
    43: (CallEnd.CONGESTION, "The network threw access information away."),
    44: (CallEnd.NO_CHANNELS, "The channel that was asked for is not free."),
    47: (CallEnd.CONGESTION, "The network lacks a resource, and it is not said which."),
    49: (CallEnd.FAILED, "The quality of service is not to be had."),
    50: (CallEnd.BARRED, "The facility is not subscribed to."),
    57: (CallEnd.BARRED, "This sort of call is not allowed on the line."),
    58: (CallEnd.CONGESTION, "This sort of call is not to be had for the moment."),
    63: (CallEnd.FAILED, "The service is not to be had."),
    65: (CallEnd.FAILED, "The network does not have this sort of call."),
    66: (CallEnd.FAILED, "The network does not have this sort of channel."),
    69: (CallEnd.FAILED, "The network does not have the facility."),
    70: (CallEnd.FAILED, "The network carries restricted digital information only."),
    79: (CallEnd.FAILED, "The network does not have the service."),
    81: (CallEnd.FAILED, "The call reference is wrong."),
    82: (CallEnd.FAILED, "There is no such channel."),
    83: (CallEnd.FAILED, "There is no suspended call of this identity."),
    84: (CallEnd.FAILED, "The call identity is in use."),
    85: (CallEnd.FAILED, "There is no suspended call."),
    86: (CallEnd.FAILED, "The suspended call has been cleared."),
    88: (CallEnd.NO_CARRIER, "The far end takes no calls of this sort."),
    91: (CallEnd.UNOBTAINABLE, "There is no such transit network."),
    95: (CallEnd.FAILED, "A message of the call is wrong."),
    96: (CallEnd.FAILED, "A message of the call lacks something."),
    97: (CallEnd.FAILED, "A message of the call is unknown."),
    98: (CallEnd.FAILED, "A message of the call is unknown, or comes at the wrong moment."),
    99: (CallEnd.FAILED, "A message of the call has something unknown in it."),
    100: (CallEnd.FAILED, "A message of the call has something wrong in it."),
    101: (CallEnd.FAILED, "A message of the call comes at the wrong moment."),
    102: (CallEnd.TIMEOUT, "The network waited in vain."),
    111: (CallEnd.FAILED, "The rules of the line were broken."),
    127: (CallEnd.NO_CARRIER, "The call was cleared by another network, and it is not said why."),
}

REASONS: Mapping[int, Reason] = (
    {code: Reason(code, text, call=_OUT_OF.get(code, CallEnd.FAILED)) for code, text in _PLAIN.items()}
    | {code: Reason(code, text, status, CallEnd.NO_CARRIER) for code, (status, text) in _CARD.items()}
    | {
        NETWORK + cause: Reason(NETWORK + cause, text, Status.LINE_DROPPED, end)
        for cause, (end, text) in _NETWORK.items()
    }
)
"""Every value that is known."""


def reason(code: int) -> Reason:
    """What a value says; of one that is not known, what its range says."""
    known = REASONS.get(code)
    if known is not None:
        return known
    if code >> 8 == 0x33:
        return Reason(code, "The card ended the connection.", Status.SEND_B, CallEnd.NO_CARRIER)
    if code >> 8 == 0x34:
        return Reason(code, "The network ended the call.", Status.LINE_DROPPED, CallEnd.NO_CARRIER)
    return Reason(code, "The CAPI gives a reason that is not known here.")
