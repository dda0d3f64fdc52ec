"""The called station (T.30 figure 5-2b): it says what it can do until somebody makes use of it.

It identifies itself by DIS, for T1 at most, as a receiver or as one that holds a document to be polled; what
follows from a DCS is the receiver's (``receiving``), what follows from a DTC the sender's (``sending``).
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import Status
from faxhw.t30 import capabilities, frames
from faxhw.t30.accepting import turn_away
from faxhw.t30.bits import Bits
from faxhw.t30.dialogue import GLANCE, T1, T4, TRIES, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import AnswerTone, Procedure
from faxhw.t30.receiving import Receiver
from faxhw.t30.sending import Sender
from faxhw.terms import Settings

LAST_DIS = T1 - 2.0
"""Seconds after the first DIS until which another may begin: it and its T4 then end within T1's 40 s."""


def answer(settings: Settings) -> Procedure:
    """The procedure of a called station that receives a fax. One that polls is turned away.

    ``settings.password``: only senders that give it (SID) are listened to.
    """
    line = Dialogue(x=False)
    return (yield from line.conduct(_receive(line, settings)))


def hold_ready(settings: Settings) -> Procedure:
    """The procedure of a called station that sends a fax to whoever polls it. One that sends is turned away.

    ``settings.password`` and ``settings.selective_polling``: only those that give them (PWD, SEP) get it.
    """
    line = Dialogue(x=False)
    return (yield from line.conduct(_send(line, settings)))


def _receive(line: Dialogue, settings: Settings) -> Steps[NoReturn]:
    receiver, identity = Receiver(line, settings), _identity(settings)
    yield from line.do(AnswerTone())
    command = yield from _identify(line, identity, Fcf.DCS, Status.NO_ANSWER_T1)
    while True:
        yield from receiver.receive(command)
        command = yield from _identify(line, identity, Fcf.DCS, Status.T1_AFTER_EOM)


def _send(line: Dialogue, settings: Settings) -> Steps[NoReturn]:
    sender, identity = Sender(line, settings), _identity(settings, polled=True)
    yield from line.do(AnswerTone())
    command = yield from _identify(line, identity, Fcf.DTC, Status.NO_ANSWER_T1)
    while True:
        yield from _check(line, settings, command)
        remote = capabilities.understand(Bits(command.information))
        yield from sender.send(remote)
        while (again := (yield from line.command(GLANCE))) is Missing.SILENCE:
            yield from sender.send(remote)  # after EOM: a DTC may come again, and need not be waited for
        if not isinstance(again, Message) or again.fcf != Fcf.DTC:
            again = yield from _identify(line, identity, Fcf.DTC, Status.T1_AFTER_EOM)
        command = again


def _check(line: Dialogue, settings: Settings, command: Message) -> Steps[None]:
    """End the call of somebody who polls and may not."""
    yield from line.introduce(command)
    asked_for = command.text(Fcf.SEP) or ""
    if settings.password and command.text(Fcf.PWD) != settings.password:
        yield from line.disconnect(Status.WRONG_PASSWORD, "the DTC came without the right password")
    if settings.selective_polling and asked_for != settings.selective_polling:
        yield from line.disconnect(Status.CANNOT_BE_POLLED, f"another document was asked for: {asked_for!r}")


def _identity(settings: Settings, *, polled: bool = False) -> list[tuple[Fcf, bytes]]:
    """NSF, CSI and DIS."""
    identity = [(Fcf.DIS, capabilities.offer(settings, receives=not polled, to_poll=polled).octets)]
    if settings.ident:
        identity.insert(0, (Fcf.CSI, frames.identification(settings.ident)))
    if settings.nsf:
        identity.insert(0, (Fcf.NSF, settings.nsf))
    return identity


def _identify(
    line: Dialogue, identity: list[tuple[Fcf, bytes]], wanted: Fcf, in_vain: Status
) -> Steps[Message]:
    """Say who we are until the DCS, or DTC, that is wanted comes; for T1 at most."""
    began, others = line.now, 0
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
            if heard.fcf == wanted:
                return heard
            others += heard.fcf == Fcf.DIS
            if heard.fcf in (Fcf.DCS, Fcf.DTC) or others >= TRIES:
                yield from _turn_away(line, heard)
        if line.now - began >= LAST_DIS:
            line.end(in_vain, f"T1: no {wanted.label} within {T1:.0f} s of our first DIS")


def _turn_away(line: Dialogue, heard: Message) -> Steps[NoReturn]:
    """End the call of somebody who wants what we do not."""
    yield from line.introduce(heard)
    if heard.fcf == Fcf.DCS:
        yield from turn_away(
            line,
            heard,
            Status.RECEIVE_B_BAD_COMMAND,
            "the caller wants to send; here a document is to be polled",
        )
    yield from line.disconnect(
        Status.CANNOT_BE_POLLED, "the caller wants to receive; there is nothing to send"
    )
    raise AssertionError("disconnected")
