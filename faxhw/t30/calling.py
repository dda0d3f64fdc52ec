"""The calling station (T.30 figure 5-2a): it hears what the called one can do, and makes use of it.

It waits for a DIS, for T1 at most, and then sends (``sending``), or polls and receives (``receiving``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

from faxhw.session import Event, SessionError, Status
from faxhw.t30 import capabilities, frames
from faxhw.t30.bits import Bits
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.dialogue import GLANCE, MOMENT, T1, T4, TCF_PATIENCE, TRIES, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Procedure
from faxhw.t30.receiving import Receiver
from faxhw.t30.sending import Sender
from faxhw.terms import Settings


def call(settings: Settings) -> Procedure:
    """The procedure of a calling station that sends a fax."""
    line = Dialogue(x=True)
    return (yield from line.conduct(_call(line, replace(settings, poll=False))))


def poll(settings: Settings) -> Procedure:
    """The procedure of a calling station that fetches a fax which the called one holds ready.

    ``settings.password`` and ``settings.selective_polling`` are given to it as PWD and SEP.
    """
    line = Dialogue(x=True)
    return (yield from line.conduct(_call(line, replace(settings, poll=True))))


def decide() -> Procedure:
    """The procedure of a calling station that decides when it has heard the called one (``Identified``)."""
    line = Dialogue(x=True)
    return (yield from line.conduct(_call(line, None)))


@dataclass(frozen=True, slots=True)
class Identified(Event):
    """The called station has said what it can do. Reply: the ``Settings`` of the call; ``poll`` among them
    says whether a fax is to be fetched, or sent."""

    remote: Capabilities


def _call(line: Dialogue, settings: Settings | None) -> Steps[NoReturn]:
    remote = yield from _identified(line)
    if settings is None:
        decided = yield from line.tell(Identified(remote))
        if not isinstance(decided, Settings):
            raise SessionError(f"Identified was answered by {decided!r}")
        settings = decided
    yield from _poll(line, settings, remote) if settings.poll else _send(line, settings, remote)
    raise AssertionError("a call has no other end")


def _send(line: Dialogue, settings: Settings, remote: Capabilities) -> Steps[NoReturn]:
    sender = Sender(line, settings)
    if not remote.can_receive:
        yield from line.disconnect(Status.SEND_B_INVALID, "the called station cannot receive")
    while True:
        yield from sender.send(remote)
        # After EOM it may say DIS again, at once or when T2 has passed; nobody has to wait for that.
        heard = yield from line.listen(GLANCE)
        if isinstance(heard, Message) and heard.fcf == Fcf.DCN:
            line.end(Status.SEND_B_DCN, "the called station said DCN after EOM")
        if isinstance(heard, Message) and heard.fcf == Fcf.DIS:
            remote = capabilities.understand(Bits(heard.information))


def _poll(line: Dialogue, settings: Settings, remote: Capabilities) -> Steps[NoReturn]:
    receiver = Receiver(line, settings)
    if not remote.can_be_polled:
        yield from line.disconnect(Status.CANNOT_BE_POLLED, "the called station has nothing to be polled")
    if settings.selective_polling and not remote.selective_polling:
        yield from line.disconnect(
            Status.CANNOT_BE_POLLED, "the called station has no documents to choose from"
        )
    while True:
        yield from receiver.receive((yield from _ask(line, settings, remote)))


def _ask(line: Dialogue, settings: Settings, remote: Capabilities) -> Steps[Message]:
    """Say DTC until a DCS comes, three times at most; else the call ends.

    SEP and PWD go before it where the DIS has said that they are understood (clause 5.3.6.1.2).
    """
    said_of_us = {
        Fcf.PWD: settings.password if remote.password else "",
        Fcf.SEP: settings.selective_polling,
        Fcf.CIG: settings.ident,
    }
    identity = [(fcf, frames.identification(text)) for fcf, text in said_of_us.items() if text]
    dtc = Fcf.DTC, capabilities.offer(settings).octets
    for _ in range(TRIES):
        yield from line.say(*identity, dtc)
        heard = yield from line.command(T4)
        if not isinstance(heard, Message) and heard is not Missing.SILENCE:
            # Perhaps a DCS: nobody would hear a DTC on top of its TCF.
            heard = yield from line.command(GLANCE, patience=TCF_PATIENCE)
        if isinstance(heard, Message) and heard.fcf == Fcf.DCS:
            return heard
    yield from line.disconnect(Status.CANNOT_BE_POLLED, f"no DCS came after DTC, said {TRIES} times")
    raise AssertionError("disconnected")


def _identified(line: Dialogue) -> Steps[Capabilities]:
    """Wait for a DIS, for T1 at most."""
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
            return capabilities.understand(Bits(heard.information))
    line.end(Status.NO_DIS, f"T1: no DIS within {T1:.0f} s")
