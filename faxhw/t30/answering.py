"""The called station (T.30 figure 5-2b): it says what it can do until somebody makes use of it.

It identifies itself by DIS, for T1 at most; what follows from a DCS is the receiver's (``receiving``). A
caller that polls is turned away: nothing is held ready here.
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import Settings, Status
from faxhw.t30 import capabilities, frames
from faxhw.t30.dialogue import GLANCE, T1, T4, TRIES, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import AnswerTone, Procedure
from faxhw.t30.receiving import Receiver

LAST_DIS = T1 - 2.0
"""Seconds after the first DIS until which another may begin: it and its T4 then end within T1's 40 s."""


def answer(settings: Settings) -> Procedure:
    """The procedure of a called station that receives a fax."""
    line = Dialogue(x=False)
    return (yield from line.conduct(_call(line, settings)))


def _call(line: Dialogue, settings: Settings) -> Steps[NoReturn]:
    receiver = Receiver(line, settings)
    yield from line.do(AnswerTone())
    command = yield from _identify(line, settings, Status.NO_ANSWER_T1)
    while True:
        yield from receiver.receive(command)
        command = yield from _identify(line, settings, Status.T1_AFTER_EOM)


def _identify(line: Dialogue, settings: Settings, in_vain: Status) -> Steps[Message]:
    """Say NSF, CSI and DIS until a DCS comes, for T1 at most."""
    identity = [(Fcf.DIS, capabilities.offer(settings).octets)]
    if settings.ident:
        identity.insert(0, (Fcf.CSI, frames.identification(settings.ident)))
    if settings.nsf:
        identity.insert(0, (Fcf.NSF, settings.nsf))
    began, receivers = line.now, 0
    heard: Message | Missing = Missing.SILENCE
    while True:
        if heard is Missing.OTHER_CARRIER:  # perhaps the TCF of a DCS that we have missed
            heard = yield from line.command(GLANCE)
        elif heard is Missing.GARBLED:  # perhaps a DCS: nobody would hear a DIS on top of its TCF
            heard = yield from line.command(T4)
        else:
            yield from line.say(*identity, gap=line.said != ())
            heard = yield from line.command(T4)
        if isinstance(heard, Message):
            if heard.fcf == Fcf.DCS:
                return heard
            receivers += heard.fcf == Fcf.DIS
            if heard.fcf == Fcf.DTC or receivers >= TRIES:
                yield from line.introduce(heard)
                yield from line.disconnect(
                    Status.CANNOT_BE_POLLED, "the caller wants to receive; there is nothing to send"
                )
        if line.now - began >= LAST_DIS:
            line.end(in_vain, f"T1: no DCS within {T1:.0f} s of our first DIS")
