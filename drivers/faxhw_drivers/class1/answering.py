"""Answering: ATA, which goes on in frames as after +FTH=3 (T.31 clause 8.2), unless no fax calls.

Under +FAA=1 a modem finds out who calls, and goes over to class 0 for a data modem: its CONNECT then has a
rate, as no fax's has; class 2.0's word +FDM may come before it. Rockwell's modems, and those made after them,
say FAX or DATA first; after DATA some say nothing more until ATO.
"""

from __future__ import annotations

import re

from faxhw.at.chat import Reply
from faxhw.at.replies import Result
from faxhw.terms import FarEndType
from faxhw_drivers.class1.modem import CallGone, Modem, OtherThanFax, Standing

_COMMAND_WAIT = 3.0
"""Seconds for a command that does nothing on the line."""
_WAIT = 20.0
"""Seconds from ATA to CONNECT: off hook, about 2 s of silence, CED for up to 4 s, and a modem's own ways."""
_ADAPTIVE_WAIT = 45.0
"""The same where the modem finds out who calls: no calling fax waits for longer (T1, 35 +-5 s)."""
_LAST_WAIT = 6.0
"""What is left of it for a job that is told to stop, which must have ended in 10 s."""
_FAX = "FAX"
_DATA = frozenset({"DATA", "+FDM"})
_RATE = re.compile(r"CONNECT\s*\d")


def answer(modem: Modem, command: str) -> None:
    """Take the line and send CED. Raises ``CallGone``, and ``OtherThanFax`` where the modem finds no fax."""
    adaptive = _adapts(modem)
    reply = _reply(modem, command, _ADAPTIVE_WAIT if adaptive else _WAIT)
    if reply.text in _DATA or (adaptive and _RATE.match(reply.text) and _FAX not in reply.lines):
        raise OtherThanFax(FarEndType.DATA)
    if reply.result is Result.CONNECT:
        modem.stand(Standing.SENDING_FRAMES)
    elif reply.result in (None, Result.NO_CARRIER):
        if reply.result is None:
            modem.leave()
        raise OtherThanFax(FarEndType.UNKNOWN) if adaptive else CallGone
    # Refused: a modem that has taken the line already still sends frames, only without the tone.


def _adapts(modem: Modem) -> bool:
    """Have the modem find out who calls, where its profile trusts it with that."""
    command = modem.traits.adaptive_answer
    if not command or modem.chat.command(command, _COMMAND_WAIT).ok:
        return bool(command)
    modem.chat.log.warning("the modem refuses AT%s: it answers as a fax", command)
    return False


def _reply(modem: Modem, command: str, wait: float) -> Reply:
    chat = modem.chat
    reply = chat.command(command, wait, interruptible=True, ends=_DATA)
    if reply.result is None and reply.text not in _DATA and chat.interrupted:  # to break off drops the line
        more = chat.result(_LAST_WAIT, ends=_DATA)
        reply = Reply(more.result, reply.lines + more.lines, more.text)
    return reply
