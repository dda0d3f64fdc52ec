"""Hang-up codes: what +FHNG and +FHS say of how a call ended.

TIA-592's hexadecimal codes are those of ``faxhw.session.Status``. SP-2388's are the same digits in decimal,
with 100 to 103 for A0 to A3.
"""

from __future__ import annotations

from faxhw.session import Status

_RECEIVE_D = 100
"""SP-2388's first code with three digits, for 0xA0."""
FELL_SILENT = frozenset({Status.T2_NO_PAGE, Status.RECEIVE_D_NO_COMMAND})
"""Codes by which a modem says that the far end spoke no more where a fax would have: it has gone."""
HEARD_A_FAX = frozenset(
    {
        Status.SEND_B_DCN,
        Status.SEND_B_BAD_RESPONSE,
        Status.DIS_AGAIN,
        Status.TRAINING_FAILED,
        Status.SEND_B_INVALID,
        Status.RECEIVE_B_BAD_COMMAND,
        *(each for each in Status if Status.SEND_D <= each <= Status.AFTER_PIN),
        *(each for each in Status if Status.RECEIVE_C <= each <= Status.RECEIVE_D_NO_COMMAND),
    }
)
"""Codes of calls on which a frame, or a page, of a fax must have come, whatever else was reported."""
_KNOWN = {int(each) for each in Status if each < 0x100}


def status_of(text: str, *, hexadecimal: bool) -> Status | None:
    """What a code means, however many zeros stand before it; ``None`` for one that no class has.

    A modem that is to write hexadecimal may write class 2's codes: where the digits are a known code both
    ways they mean the same, and its 100 to 103 are no hexadecimal code.
    """
    digits = text.strip().upper().removeprefix("0X")
    if not digits.isalnum():
        return None
    digits = digits.lstrip("0") or "0"
    if digits.isdecimal() and _RECEIVE_D <= int(digits) < _RECEIVE_D + 4:
        return Status(Status.RECEIVE_D + int(digits) - _RECEIVE_D)
    try:
        code = int(digits, 16)
    except ValueError:
        return None
    return Status(code) if code in _KNOWN else None


def code_of(status: Status, *, hexadecimal: bool) -> str:
    """How a class writes a status: two hexadecimal digits, or decimal; what it has no code for as the nearest
    that it has."""
    code = _NEAREST.get(status, status)
    if hexadecimal:
        return f"{code:02X}"
    if Status.RECEIVE_D <= code <= Status.RECEIVE_D_LOCAL:
        return str(_RECEIVE_D + code - Status.RECEIVE_D)
    return f"{code:X}" if f"{code:X}".isdecimal() else str(int(Status.ABORTED))


_NEAREST: dict[Status, Status] = {
    Status.LINE_DROPPED: Status.RECEIVE_D_NO_COMMAND,
    Status.DCN_RECEIVED: Status.RECEIVE_B_BAD_COMMAND,
    Status.PAGE_QUALITY: Status.SEND_D_BAD_RESPONSE,
    Status.STORAGE_FAILED: Status.ABORTED,
    Status.DEVICE_FAILED: Status.ABORTED,
    Status.PROGRAM_FAILED: Status.ABORTED,
    Status.STANDARD_MISMATCH: Status.RECEIVE_B_BAD_COMMAND,
    Status.T2_EXPIRED: Status.T2_NO_PAGE,
    Status.OTHER_THAN_FAX: Status.NO_ANSWER_T1,
    Status.WRONG_PASSWORD: Status.RECEIVE_B_BAD_COMMAND,
    Status.NO_COMMON_RATE: Status.SEND_B_INVALID,
}
"""For what +FHS has no code for."""
