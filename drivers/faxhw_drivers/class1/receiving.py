"""Receiving: V.21 frames by +FRH, pages and training checks by +FRM (T.31 clauses 8.3.4 and 8.3.5)."""

from __future__ import annotations

from faxhw.at.replies import Result
from faxhw.clock import Deadline
from faxhw.hdlc import MIN_FRAME
from faxhw.t30.line import MAX_SEQUENCE, Frame, ReceiveFrames, ReceivePage
from faxhw_drivers.class1.codes import FRAMES, code_of
from faxhw_drivers.class1.frames import FrameCheck
from faxhw_drivers.class1.modem import CallGone, Modem, Standing

MAX_FRAME = 600
"""Octets of a frame that are kept: T.30 has none longer than an ECM frame, and NSF goes as it likes."""
RESULT_WAIT = 3.0
"""Seconds from the end of data until the result that belongs to it."""
_NEXT_FRAME_WAIT = 1.5
"""Seconds that flags may stand between two frames of a transmission; also where its end was missed."""
_FINAL = 0x10
"""The bit of the control octet that the last frame of a transmission has set (T.30 clause 5.3.4)."""
_REST = 0.1
"""Seconds before a modem that gives up at once is asked to listen again."""
_MAX_REFUSALS = 3
_FIRST_OCTETS_WAIT = 3.0
_PAGE_SILENCE = 6.0
"""Seconds without an octet after which a page's carrier is gone, though the modem does not say so."""
_UNTRAINED = 0.3
"""Seconds of listening for a page after which NO CARRIER says that one came and could not be trained on."""


class Untrained(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """A page's carrier came and went, and the modem made nothing of it."""


class WrongCarrier(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """The modem hears a carrier of another modulation."""


def listen_until_connect(modem: Modem, command: str, timeout: float, wrong_carrier_tries: int) -> bool:
    """Have the modem listen, again and again, until it says CONNECT or the time is up.

    Raises ``WrongCarrier``, ``Untrained`` (for a page), ``CallGone`` and ``Cancelled``.
    """
    chat, deadline = modem.chat, Deadline(modem.clock, timeout)
    refusals = 0
    while True:
        asked = modem.clock.monotonic()
        result = chat.command(command, deadline.left(), interruptible=True).result
        modem.no_call_progress(result)
        if result is Result.CONNECT:
            return True
        if result is None:
            modem.leave()
            modem.cancelled()
            return False
        if result is Result.FRAMES_INSTEAD:
            _begin_announced_frames(modem)
            raise WrongCarrier
        if result is Result.OTHER_CARRIER:
            wrong_carrier_tries -= 1
            if wrong_carrier_tries <= 0:
                raise WrongCarrier
        elif result is Result.NO_CARRIER and command.startswith("+FRM"):
            if modem.clock.monotonic() - asked >= _UNTRAINED:
                raise Untrained
        elif result is Result.ERROR:
            refusals += 1
            if refusals >= _MAX_REFUSALS:
                raise CallGone
        if deadline.passed():
            return False
        if result is not Result.OTHER_CARRIER and modem.clock.monotonic() - asked < _REST:
            modem.clock.sleep(_REST)


def begin(modem: Modem, standing: Standing) -> None:
    """Data follows the CONNECT just heard."""
    modem.stand(standing)
    modem.chat.begin_data(modem.traits.keep_lone_dle)


def _begin_announced_frames(modem: Modem) -> None:
    """After +FRH:3: the modem has gone over to frames by itself, and says CONNECT for them."""
    if modem.chat.result(RESULT_WAIT).result is Result.CONNECT:
        begin(modem, Standing.HEARING_FRAMES)


# ----------------------------------------------------------------------------------------------------------
# Frames


def receive_frames(modem: Modem, operation: ReceiveFrames, check: FrameCheck) -> tuple[Frame, ...]:
    """The frames of one transmission; none if nothing came. Raises as ``listen_until_connect`` does."""
    if modem.standing is not Standing.HEARING_FRAMES:
        if not listen_until_connect(modem, f"+FRH={FRAMES}", operation.timeout, 1):
            return ()
        begin(modem, Standing.HEARING_FRAMES)
    deadline = Deadline(modem.clock, MAX_SEQUENCE)
    frames: list[Frame] = []
    while True:
        octets, result = _one_frame(modem, deadline)
        if len(octets) >= MIN_FRAME or (octets and result is Result.OK):
            frames.append(check.frame(octets, modem_says_good=result is Result.OK))
        if result is Result.OTHER_CARRIER and not frames:
            raise WrongCarrier
        if result not in (Result.OK, Result.ERROR) or deadline.passed():
            break
        if frames and _is_final(frames[-1]):
            break
        try:
            if not listen_until_connect(modem, f"+FRH={FRAMES}", _NEXT_FRAME_WAIT, 1):
                break
        except WrongCarrier:
            break
        begin(modem, Standing.HEARING_FRAMES)
    if not frames and modem.traits.connect_to_any_carrier:
        raise WrongCarrier
    return tuple(frames)


def _is_final(frame: Frame) -> bool:
    return frame.good and len(frame.octets) > 1 and bool(frame.octets[1] & _FINAL)


def _one_frame(modem: Modem, deadline: Deadline) -> tuple[bytes, Result | None]:
    """A frame's octets, bounded, and the result after them; ``None`` if the frame did not end in time."""
    octets = bytearray()
    while (piece := modem.chat.read_data(deadline.left(), interruptible=True)) is not None:
        octets += piece[: MAX_FRAME - len(octets)]
        if not piece or deadline.passed():
            modem.leave()
            modem.cancelled()
            return b"", None
    modem.standing = Standing.NOTHING
    return bytes(octets), modem.chat.result(RESULT_WAIT).result


# ----------------------------------------------------------------------------------------------------------
# Pages


def receive_page(modem: Modem, operation: ReceivePage) -> bytes:
    """The first octets of a page; ``b""`` if nothing came. Raises as ``listen_until_connect`` does."""
    code = code_of(operation.modulation, short_training=operation.short_training)
    tries = modem.traits.wrong_carrier_retries + 1
    if not listen_until_connect(modem, f"+FRM={code}", operation.timeout, tries):
        return b""
    begin(modem, Standing.HEARING_PAGE)
    octets = receive_more(modem, _FIRST_OCTETS_WAIT)
    if not octets:
        raise Untrained
    return octets


def receive_more(modem: Modem, timeout: float = _PAGE_SILENCE) -> bytes:
    """The next octets of the page, several hundred together; ``b""`` once its carrier has dropped."""
    piece = modem.chat.gather_data(timeout)
    if piece:
        return piece  # if the data has ended with these octets, the next look finds that
    if piece is None:
        modem.standing = Standing.NOTHING
        if modem.chat.result(RESULT_WAIT).result is Result.FRAMES_INSTEAD:
            _begin_announced_frames(modem)
        return b""
    modem.leave()
    modem.cancelled()
    return b""
