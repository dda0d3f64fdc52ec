"""The receiving end's phase B (T.30 figure 5-2b): from a DCS to CFR.

What a DCS settles must be among what we offered; then its training check, TCF, must be good. FTT where it is
not, or where none comes: the sender has another try, slower or the same.
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import Negotiated, Status
from faxhw.t30 import capabilities, training
from faxhw.t30.bits import Bits
from faxhw.t30.dialogue import (
    GLANCE,
    PAGE_PATIENCE,
    T2,
    TCF_PATIENCE,
    TRIES,
    Dialogue,
    Missing,
    Steps,
)
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Data, OtherCarrier, ReceiveMore, ReceivePage, StopReceiving
from faxhw.terms import LADDER, Parameters, Settings

TCF_WAIT = 4.0
"""Seconds from the end of a DCS until its TCF must be there: 75 ms of silence, and training."""
MAX_TRAININGS = TRIES * len(LADDER)
"""DCS that are heard out without a page between them: each modulation as often as its sender may try it."""


class Acceptance:
    """Takes what the sender's DCS demand, one after the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._line = line
        self._settings = settings
        self._trainings = 0

    def page_came(self) -> None:
        """The training was good for something."""
        self._trainings = 0

    def accept(self, command: Message) -> Steps[Parameters]:
        """From a DCS to CFR, over as many FTT as the sender has patience for; else the call ends."""
        line = self._line
        while True:
            parameters = yield from self._settle(command)
            check = yield from _training_check(line, parameters)
            if isinstance(check, Message):
                command = check
                continue
            possible = parameters.modulation in self._settings.modulations()
            if check is not None and possible and check.satisfies(self._settings):
                yield from line.tell(Negotiated(parameters))
                yield from line.say((Fcf.CFR, b""))
                return parameters
            yield from line.say((Fcf.FTT, b""))
            command = yield from self._new_dcs()

    def _settle(self, command: Message) -> Steps[Parameters]:
        """What a DCS settles, if we can do it; else the call ends here."""
        line, dcs = self._line, Bits(command.information)
        self._trainings += 1
        if self._trainings > MAX_TRAININGS:
            yield from turn_away(
                line, command, Status.TRAINING_FAILED, f"{MAX_TRAININGS} trainings, and no page after any"
            )
        yield from line.introduce(command)
        if self._settings.password and not line.x and command.text(Fcf.SID) != self._settings.password:
            yield from turn_away(
                line, command, Status.WRONG_PASSWORD, "the DCS came without the right password"
            )
        if any(dcs[name] for name in capabilities.T38_OR_T37):
            yield from turn_away(line, command, Status.STANDARD_MISMATCH, "the DCS demands T.38 or T.37")
        parameters, unwelcome = capabilities.settled(dcs), capabilities.unwelcome(dcs, self._settings)
        if parameters is not None and not unwelcome:
            return parameters
        yield from turn_away(
            line,
            command,
            Status.RECEIVE_B_BAD_COMMAND,
            f"the DCS ({dcs.octets.hex()}) demands what we did not offer: {unwelcome}",
        )
        raise AssertionError("disconnected")

    def _new_dcs(self) -> Steps[Message]:
        """The DCS that has to come after FTT."""
        line = self._line
        for _ in range(TRIES):
            heard = yield from line.command(T2, patience=PAGE_PATIENCE)
            if isinstance(heard, Message) and heard.fcf == Fcf.DCS:
                return heard
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
        line.end(Status.TRAINING_FAILED, "no new DCS came after FTT", line_up=heard is not Missing.SILENCE)


def turn_away(line: Dialogue, command: Message, status: Status, detail: str) -> Steps[NoReturn]:
    """End the call of the sender of a DCS: DCN, once its TCF is over.

    While it sends that it hears nothing: a DCN on top of it would be lost, and the DCS come again.
    """
    heard: object = command
    for _ in range(TRIES):
        if not isinstance(heard, Message):
            break
        parameters = capabilities.settled(Bits(heard.information))
        if parameters is None:
            heard = yield from line.command(GLANCE, patience=TCF_PATIENCE)
        else:
            heard = yield from _training_check(line, parameters)
    yield from line.disconnect(status, detail)
    raise AssertionError("disconnected")


def _training_check(line: Dialogue, parameters: Parameters) -> Steps[training.TcfQuality | Message | None]:
    """TCF's quality; ``None`` if there was none; or the DCS that came in its place."""
    modulation = parameters.modulation
    limit = round(modulation.rate * training.MAX_TCF_SECONDS / 8)
    octets = bytearray()
    heard = yield from line.do(ReceivePage(modulation, TCF_WAIT))
    while isinstance(heard, Data):
        octets += heard.octets
        if len(octets) > limit:
            yield from line.do(StopReceiving())
            break
        heard = yield from line.do(ReceiveMore())
    if not isinstance(heard, Data | OtherCarrier):
        return training.judge(bytes(octets), modulation.rate) if octets else None
    # A carrier stands that is no TCF. FTT can be heard once it is down and before the DCS comes again; if
    # that is what came damaged, once its TCF is over.
    message: Message | Missing = Missing.GARBLED
    for _ in range(TRIES):
        if message is Missing.GARBLED:
            message = yield from line.command(GLANCE, patience=PAGE_PATIENCE)
    if message is Missing.OTHER_CARRIER:
        line.end(Status.RECEIVE_B, "a carrier stood without end in place of TCF")
    return message if isinstance(message, Message) and message.fcf == Fcf.DCS else None
