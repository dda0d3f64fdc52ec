"""The sending end, from the DIS on (T.30 figure 5-2a), without error correction.

Phase B: settle the parameters, train down the ladder of modulations until CFR. Phase C: the page. Phase D:
the post-message command, three times at most, and what its reply demands.
"""

from __future__ import annotations

from faxhw.session import (
    Family,
    Format,
    FormatWanted,
    Modulation,
    Negotiated,
    NextStep,
    OutgoingPage,
    PageSent,
    PageWanted,
    Parameters,
    SessionError,
    Settings,
    Status,
)
from faxhw.t30 import capabilities, frames, training
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.dialogue import T4, TRIES, TURNAROUND, Dialogue, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Pause, SendPage

MAX_RESENDS = 3
"""How often a page that was answered by RTN is sent again before the call is given up."""

_COMMAND = {NextStep.MORE_PAGES: Fcf.MPS, NextStep.MORE_DOCUMENTS: Fcf.EOM, NextStep.NO_MORE: Fcf.EOP}
_NO_REPLY = {Fcf.MPS: Status.MPS_NO_REPLY, Fcf.EOM: Status.EOM_NO_REPLY, Fcf.EOP: Status.EOP_NO_REPLY}
_INVALID = {Fcf.MPS: Status.MPS_INVALID, Fcf.EOM: Status.EOM_INVALID, Fcf.EOP: Status.EOP_INVALID}
_CONFIRMS = frozenset({Fcf.MCF, Fcf.RTP, Fcf.PIP})
_POST_MESSAGE_RESPONSES = _CONFIRMS | {Fcf.RTN, Fcf.PIN}


class Sender:
    """Sends documents, whichever station called the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._line = line
        self._settings = settings
        self._again = False
        """Whether the page last given was not confirmed and goes out once more."""
        self._refused = 0
        """How often in a row the page in hand was not confirmed."""

    def send(self, remote: Capabilities) -> Steps[None]:
        """A document, from DCS to EOM, to a station that can do so much. Any other end ends the call."""
        ladder = capabilities.ladder(self._settings, remote)
        if not ladder:
            yield from self._line.disconnect(
                Status.SEND_B_INVALID, "there is no modulation that both ends have"
            )
        document_open = True
        while document_open:
            page = yield from self._format(remote)
            parameters = yield from self._train(ladder, remote, page)
            ladder = ladder[ladder.index(parameters.modulation) :]
            document_open = yield from self._document(parameters)

    # ------------------------------------------------------------------------------------------------------
    # Phase B

    def _format(self, remote: Capabilities) -> Steps[Format]:
        """The format of the pages that follow."""
        possible = capabilities.formats(self._settings, remote)
        page = yield from self._line.tell(FormatWanted(possible))
        if page is None:
            return capabilities.best(possible)
        if not isinstance(page, Format):
            raise SessionError(f"FormatWanted was answered by {page!r}")
        return page

    def _train(self, ladder: tuple[Modulation, ...], remote: Capabilities, page: Format) -> Steps[Parameters]:
        """DCS and TCF down the ladder until CFR."""
        line = self._line
        for modulation in ladder:
            parameters = capabilities.agree(self._settings, remote, modulation, page)
            reply = yield from self._offer(parameters, remote)
            if reply.fcf == Fcf.CFR:
                yield from line.tell(Negotiated(parameters))
                return parameters
            if reply.fcf != Fcf.FTT:
                yield from line.disconnect(
                    Status.SEND_B_BAD_RESPONSE, f"{reply.label} in reply to DCS and TCF"
                )
        yield from line.disconnect(
            Status.TRAINING_FAILED, "training failed at every rate that both ends have"
        )
        raise AssertionError("disconnected")

    def _offer(self, parameters: Parameters, remote: Capabilities) -> Steps[Message]:
        """One rung of the ladder: the reply to DCS and TCF, asked for three times at most."""
        line, modulation = self._line, parameters.modulation
        said_of_us = {
            Fcf.SID: self._settings.password if remote.password else "",
            Fcf.SUB: self._settings.sub_address if remote.sub_address else "",
            Fcf.TSI: self._settings.ident,
        }
        identity = [(fcf, frames.identification(text)) for fcf, text in said_of_us.items() if text]
        dcs = capabilities.command(
            parameters, sub_address=bool(said_of_us[Fcf.SUB]), sender=bool(said_of_us[Fcf.SID])
        )
        for _ in range(TRIES):
            yield from line.say(*identity, (Fcf.DCS, dcs.octets))
            yield from line.do(Pause(TURNAROUND))
            yield from line.do(SendPage(modulation, training.tcf(modulation.rate)))
            heard = yield from line.listen(T4)
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCN:
                    line.end(Status.SEND_B_DCN, "DCN in reply to DCS and TCF")
                if heard.fcf not in (Fcf.DIS, Fcf.CRP):  # a DIS again: it has not heard our DCS
                    return heard
        yield from line.disconnect(Status.DCS_NO_REPLY, f"no reply to DCS and TCF, sent {TRIES} times")
        raise AssertionError("disconnected")

    # ------------------------------------------------------------------------------------------------------
    # Phases C and D

    def _document(self, parameters: Parameters) -> Steps[bool]:
        """Pages until training is needed: whether this document goes on."""
        line = self._line
        while True:
            page = yield from line.tell(PageWanted(parameters, again=self._again))
            if not isinstance(page, OutgoingPage):
                raise SessionError(f"PageWanted was answered by {page!r}")
            reply = yield from self._send(page, parameters)
            confirmed = reply.fcf in _CONFIRMS
            yield from line.tell(PageSent(confirmed))
            self._again, self._refused = not confirmed, 0 if confirmed else self._refused + 1
            if self._refused > MAX_RESENDS:
                yield from line.disconnect(Status.PAGE_QUALITY, f"a page was refused {self._refused} times")
            if confirmed and page.next_step is NextStep.NO_MORE:
                yield from line.disconnect(Status.NORMAL, "the last page was confirmed")
            if page.next_step is NextStep.MORE_DOCUMENTS and confirmed:
                return False
            if reply.fcf != Fcf.MCF:
                return True

    def _send(self, page: OutgoingPage, parameters: Parameters) -> Steps[Message]:
        """A page, its command, and the reply."""
        line, command = self._line, _COMMAND[page.next_step]
        yield from line.do(Pause(TURNAROUND))
        short = parameters.modulation.family is Family.V17
        yield from line.do(SendPage(parameters.modulation, page.data, short_training=short))
        for _ in range(TRIES):
            yield from line.say((command, b""))
            heard = yield from line.listen(T4)
            if not isinstance(heard, Message) or heard.fcf == Fcf.CRP:
                continue
            if heard.fcf in _POST_MESSAGE_RESPONSES:
                return heard
            if heard.fcf == Fcf.DCN:
                line.end(Status.SEND_D_BAD_RESPONSE, f"DCN in reply to {command.label}")
            yield from line.disconnect(_INVALID[command], f"{heard.label} in reply to {command.label}")
        yield from line.disconnect(_NO_REPLY[command], f"no reply to {command.label}, said {TRIES} times")
        raise AssertionError("disconnected")
