"""The calling station (T.30 figure 5-2a): it hears what the called one can do, and makes use of it.

It waits for a DIS, for T1 at most; what follows is the sender's (``sending``).
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import Settings, Status
from faxhw.t30 import capabilities
from faxhw.t30.bits import Bits
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.dialogue import MOMENT, T1, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Procedure
from faxhw.t30.sending import Sender


def call(settings: Settings) -> Procedure:
    """The procedure of a calling station that sends a fax."""
    line = Dialogue(x=True)
    return (yield from line.conduct(_call(line, settings)))


def _call(line: Dialogue, settings: Settings) -> Steps[NoReturn]:
    sender = Sender(line, settings)
    while True:
        remote = yield from _identified(line)
        yield from sender.send(remote)


def _identified(line: Dialogue) -> Steps[Capabilities]:
    """Wait for the DIS of a station that can receive, for T1 at most."""
    began = line.now
    while (left := T1 - (line.now - began)) > MOMENT:
        heard = yield from line.listen(left)
        if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
            break
        if not isinstance(heard, Message):
            continue
        if heard.fcf == Fcf.DCN:
            line.end(Status.SEND_B_DCN, "the called station said DCN")
        if heard.fcf == Fcf.DIS:
            yield from line.introduce(heard)
            remote = capabilities.understand(Bits(heard.information))
            if not remote.can_receive:
                yield from line.disconnect(Status.SEND_B_INVALID, "the called station cannot receive")
            return remote
    line.end(Status.NO_DIS, f"T1: no DIS within {T1:.0f} s")
