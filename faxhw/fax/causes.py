"""Why a fax job ended: the documented causes, and the one table that raw causes are read by.

A raw cause is a fax hang-up status code (``faxhw.session.Status``: TIA-592/T.32 ``+FHS``, extended), whatever
the device; of a card behind CAPI it is the card's own reason (0x3301 on), which comes to one of these codes
(``faxhw.capi.reasons``). A code belongs to one end or means the same at both, so one documented cause stands
for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from faxhw.capi.reasons import reason
from faxhw.session import Outcome, Status


class Cause(StrEnum):
    """Why a fax job ended."""

    ERROR = "ERROR"
    """Disk, modem or program at fault: the log has a message, and the exception is chained."""
    NORMAL = "NORMAL"
    """Every page that the sender had was delivered."""
    ABORTED = "ABORTED"
    """This side ended it: ``stop`` was called, or a limit of the options was reached."""
    HANGUP = "HANGUP"
    """The far end hung up without a word."""
    TIMEOUT = "TIMEOUT"
    """A T.30 timer expired with a fax plainly at the other end."""
    NOTFAX = "NOTFAX"
    """Nothing was heard that a fax would send."""
    UNKNOWN_OPTION = "UNKNOWN_OPTION"
    UNKNOWN_VALUE = "UNKNOWN_VALUE"
    INCONSISTENT_OPTIONS = "INCONSISTENT_OPTIONS"
    STANDARDMISMATCH = "STANDARDMISMATCH"
    """One end wanted T.38 or T.37 where the other speaks T.30."""
    COMMSFAULT = "COMMSFAULT"
    """The two ends did not get on: no reply, training failed at the lowest rate, DCN in the middle."""
    PAGEQUALITY = "PAGEQUALITY"
    """Given up because pages came over too badly."""
    NONE = "NONE"
    """The job is in progress, or there was none."""


SUCCESSES = frozenset({Cause.NORMAL, Cause.ABORTED})
"""Causes that leave a job's state IDLE; every other leaves it ERROR."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A raw cause in words."""

    cause: Cause
    sentence: str


_SENTENCES: dict[Cause, dict[Status, str]] = {
    Cause.NORMAL: {
        Status.NORMAL: "The fax ended normally.",
    },
    Cause.NOTFAX: {
        Status.RING_NO_HANDSHAKE: "The call was answered but no fax was heard on it.",
        Status.RINGBACK_NO_ANSWER: "The far end rang but was not answered.",
        Status.RINGBACK_CED_NO_ANSWER: "The far end answered without a fax answer tone.",
        Status.PHASE_A: "No fax call could be established.",
        Status.OTHER_THAN_FAX: "Something answered that is not a fax.",
    },
    Cause.ABORTED: {
        Status.ABORTED: "The fax was stopped from this side.",
    },
    Cause.ERROR: {
        Status.NO_LOOP_CURRENT: "There is no loop current: is the line plugged in?",
        Status.SEND_C: "Sending the page failed on this side.",
        Status.SEND_C_IMAGE: "The page to send is in a format the device does not take.",
        Status.SEND_C_CODE: "The page to send could not be converted.",
        Status.SEND_C_UNDERFLOW: "The page was not handed to the modem fast enough.",
        Status.SEND_C_UNSPECIFIED_LENGTH: "The modem found an error in the page to send.",
        Status.SEND_C_ROW_LENGTH: "The modem found a row of wrong length in the page to send.",
        Status.SEND_C_PAGE_LENGTH: "The modem found the page to send too long.",
        Status.SEND_C_BAD_CODE: "The modem found bad code in the page to send.",
        Status.RECEIVE_OVERFLOW: "The page was not taken from the modem fast enough.",
        Status.RECEIVE_D_LOCAL: "This side could not answer the page.",
        Status.STORAGE_FAILED: "A page or document could not be written or read.",
        Status.DEVICE_FAILED: "The device failed.",
        Status.PROGRAM_FAILED: "A program error ended the fax: please report it with the log.",
    },
    Cause.TIMEOUT: {
        Status.NO_ANSWER_T1: "The far end did not answer our identification within T1.",
        Status.T2_NO_PAGE: "The page did not come within T2.",
        Status.T1_AFTER_EOM: "The next document did not come within T1.",
        Status.DTE_INACTIVE: "The modem gave up waiting for a command from this host.",
        Status.T2_EXPIRED: "The far end said nothing more within T2.",
    },
    Cause.COMMSFAULT: {
        Status.SEND_B: "Negotiation failed.",
        Status.CANNOT_BE_POLLED: "The far end cannot be polled, or cannot receive.",
        Status.SEND_B_DCN: "The far end ended the call during negotiation.",
        Status.NO_DIS: "The far end never said what it can do.",
        Status.SEND_B_BAD_RESPONSE: "The far end's replies in negotiation made no sense.",
        Status.DCS_NO_REPLY: "The far end did not reply to our settings, three times.",
        Status.DIS_AGAIN: "The far end did not hear our settings, three times.",
        Status.TRAINING_FAILED: "Training failed at the lowest rate both ends have.",
        Status.SEND_B_INVALID: "The far end answered training with something else.",
        Status.SEND_D: "The exchange after the page failed.",
        Status.SEND_D_BAD_RESPONSE: "The far end's reply after the page made no sense.",
        Status.MPS_NO_REPLY: "The far end did not confirm the page (MPS), three times.",
        Status.MPS_INVALID: "The far end answered the page (MPS) with something else.",
        Status.EOP_NO_REPLY: "The far end did not confirm the last page (EOP), three times.",
        Status.EOP_INVALID: "The far end answered the last page (EOP) with something else.",
        Status.EOM_NO_REPLY: "The far end did not confirm the page (EOM), three times.",
        Status.EOM_INVALID: "The far end answered the page (EOM) with something else.",
        Status.AFTER_PIN: "The far end asked for an operator and could not go on.",
        Status.RECEIVE_B: "Negotiation failed.",
        Status.RECEIVE_B_BAD_COMMAND: "The far end's commands made no sense.",
        Status.COMREC_ERROR: "The far end's commands could not be read.",
        Status.RECEIVE_C: "Receiving the page failed.",
        Status.MISSING_EOL: "The page stood still: no row came for five seconds.",
        Status.BAD_CRC: "The page could not be corrected.",
        Status.RECEIVE_C_ECM: "Error correction of the page failed.",
        Status.RECEIVE_D: "The exchange after the page failed.",
        Status.RECEIVE_D_BAD_COMMAND: "The far end's command after the page made no sense.",
        Status.RECEIVE_D_NO_COMMAND: "The far end said nothing after the page.",
        Status.NO_COMMON_RATE: "There is no modulation and rate that both ends have and the options allow.",
        Status.WRONG_PASSWORD: "The far end did not give the right password.",
        Status.DCN_RECEIVED: "The far end ended the fax before it was complete.",
    },
    Cause.HANGUP: {
        Status.LINE_DROPPED: "The far end hung up.",
    },
    Cause.PAGEQUALITY: {
        Status.PAGE_QUALITY: "Pages came over too badly, too often.",
    },
    Cause.STANDARDMISMATCH: {
        Status.STANDARD_MISMATCH: "T.38 or T.37 was asked for on a T.30 line.",
    },
}
MEANINGS: dict[Status, Meaning] = {
    status: Meaning(cause, sentence)
    for cause, sentences in _SENTENCES.items()
    for status, sentence in sentences.items()
}
"""What each raw cause means where a fax was heard at the other end."""

_WAITED_IN_VAIN = frozenset({Cause.COMMSFAULT, Cause.TIMEOUT})
_NOT_FAX = Meaning(Cause.NOTFAX, "Nothing was heard that a fax would send.")
_GONE = Meaning(Cause.HANGUP, "The far end fell silent where a fax would have spoken.")


def meaning(outcome: Outcome) -> Meaning:
    """What an outcome comes to.

    Waiting in vain for an end that never made a fax signal is NOTFAX; for one that did, and is gone, HANGUP.
    A card's own reason tells these apart itself.
    """
    found = MEANINGS[outcome.status]
    if outcome.reason:
        return replace(found, sentence=reason(outcome.reason).sentence)
    if found.cause not in _WAITED_IN_VAIN:
        return found
    if not outcome.heard_fax:
        return _NOT_FAX
    gone = not outcome.line_up if outcome.far_end_gone is None else outcome.far_end_gone
    return _GONE if gone else found


def raw_cause(status: Status, reason: int = 0) -> str:
    """The code as ``Details.raw_cause`` shows it, or the card's own reason where there is one: hexadecimal
    text such as ``0x11`` or ``0x3312``."""
    return f"0x{reason or status:02x}"
