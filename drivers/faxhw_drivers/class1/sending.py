"""Sending: V.21 frames by +FTH, pages and training checks by +FTM (T.31 clauses 8.3.3 and 8.3.6)."""

from __future__ import annotations

from collections.abc import Iterable

from faxhw.at import dle
from faxhw.at.replies import Result
from faxhw.ports.base import Flow
from faxhw.t30.line import SendFrames, SendPage
from faxhw_drivers.class1.codes import FRAMES, code_of
from faxhw_drivers.class1.modem import START_WAIT, CallGone, Modem, Standing

_SEND_FRAMES = f"+FTH={FRAMES}"
_FRAME_SLACK = 6.0
"""Seconds over its time on the line that a frame may take: the preamble, and what the modem holds."""
_PAGE_SLACK = 10.0
_CLOSING = b"\x00"
"""Goes before the end of data that was cut short: if that was behind the first DLE of two, it takes it."""
_RESTARTS = 2
"""How often a transmission is begun again where the modem ran out of data between frames."""


def send_flags(modem: Modem) -> None:
    """Have flags sent, and leave them standing. Raises ``CallGone`` if the modem will not."""
    modem.start_sending(_SEND_FRAMES)
    modem.stand(Standing.SENDING_FRAMES)


def send_frames(modem: Modem, operation: SendFrames) -> None:
    """Send the frames; those left over go into a new transmission if the modem has ended the first.

    Raises ``CallGone`` if it will not send them all.
    """
    rest = list(operation.frames)
    flags_stand = modem.standing is Standing.SENDING_FRAMES and modem.chat.result(0.0).result is None
    modem.standing = Standing.NOTHING
    for _ in range(_RESTARTS + 1):
        if not flags_stand:
            modem.start_sending(_SEND_FRAMES)
        _send_until_stopped(modem, rest)
        if not rest:
            return
        flags_stand = False
    raise CallGone


def _send_until_stopped(modem: Modem, rest: list[bytes]) -> None:
    """Send frames off the front of ``rest``, until none is left or the modem is in command state."""
    chat = modem.chat
    while rest:
        frame = rest[0]
        chat.write_data(frame, end=True)
        reply = chat.result(len(frame) * 8 / 300 + _FRAME_SLACK)
        modem.no_call_progress(reply.result)
        if reply.result is Result.CONNECT:
            del rest[0]
            if not rest:  # the modem takes the last frame for one that others follow
                _end(modem, _FRAME_SLACK)
            continue
        if reply.result is Result.OK:
            del rest[0]
        elif reply.result is None:
            _end(modem, _FRAME_SLACK)
        return


def send_page(modem: Modem, operation: SendPage) -> None:
    """Send the data at the modulation, shielded, as fast as flow control lets it go."""
    port = modem.chat.port
    code = code_of(operation.modulation, short_training=operation.short_training)
    if modem.flow is Flow.XON_XOFF:  # only now: while something is received, both are data
        port.set_flow(Flow.XON_XOFF)
    try:
        modem.start_sending(f"+FTM={code}")
        modem.clock.sleep(modem.traits.carrier_delay)
        began = modem.clock.monotonic()
        sent = 0
        try:
            sent = _write(modem, operation.data)
        finally:
            on_the_line = sent * 8 / operation.modulation.rate
            _end(modem, max(0.0, on_the_line - (modem.clock.monotonic() - began)) + _PAGE_SLACK)
    finally:
        if modem.flow is Flow.XON_XOFF:
            port.set_flow(Flow.NONE)


def _write(modem: Modem, data: Iterable[bytes]) -> int:
    """Write all of the data, or what can be written before somebody interrupts; how many octets."""
    sent = 0
    for piece in data:
        modem.chat.write_data(piece)
        sent += len(piece)
        if modem.chat.interrupted:
            modem.chat.port.write(_CLOSING)
            break
    return sent


def _end(modem: Modem, timeout: float) -> None:
    """End the data, and wait until the modem has sent it and dropped the carrier."""
    modem.chat.port.write(dle.END)
    if modem.chat.result(timeout + START_WAIT).result is None:
        modem.leave()
