"""The sending end's phase B (T.30 figure 5-2a): from what the far end can do to a training that it confirms.

The job chooses the pages' format; then DCS and TCF go out down the ladder of modulations until CFR.
"""

from __future__ import annotations

from faxhw.session import FormatWanted, Negotiated, SessionError, Status
from faxhw.t30 import capabilities, frames, training
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.dialogue import T4, TRIES, TURNAROUND, Dialogue, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Pause, SendPage
from faxhw.terms import Format, Parameters, Settings

_NO_ANSWER = frozenset({Fcf.DIS, Fcf.DTC, Fcf.CRP})
"""What says that our DCS, or its TCF, was not heard: a DIS may be a late one."""


class Proposal:
    """Settles parameters with one far end, as often as that has to be done."""

    def __init__(self, line: Dialogue, settings: Settings, remote: Capabilities) -> None:
        self._line = line
        self._settings = settings
        self._remote = remote
        self.ladder = capabilities.ladder(settings, remote)
        """The modulations that are left, fastest first: those that failed are tried no more."""

    def fall_back(self) -> bool:
        """Give up the fastest modulation; False if there is no other."""
        if len(self.ladder) < 2:
            return False
        self.ladder = self.ladder[1:]
        return True

    def settle(self) -> Steps[Parameters]:
        """Choose a format, and train until CFR; else the call ends."""
        if not self.ladder:
            yield from self._line.disconnect(
                Status.NO_COMMON_RATE, "there is no modulation that both ends have"
            )
        page = yield from self._format()
        while True:
            parameters = capabilities.agree(self._settings, self._remote, self.ladder[0], page)
            reply = yield from self._offer(parameters)
            if reply.fcf == Fcf.CFR:
                yield from self._line.tell(Negotiated(parameters))
                return parameters
            if reply.fcf != Fcf.FTT:
                yield from self._line.disconnect(
                    Status.SEND_B_BAD_RESPONSE, f"{reply.label} in reply to DCS and TCF"
                )
            if not self.fall_back():
                yield from self._line.disconnect(
                    Status.TRAINING_FAILED, "training failed at every rate that both ends have"
                )

    def _format(self) -> Steps[Format]:
        """The format of the pages that follow."""
        possible = capabilities.formats(self._settings, self._remote)
        page = yield from self._line.tell(FormatWanted(possible))
        if page is None:
            return capabilities.best(possible)
        if not isinstance(page, Format):
            raise SessionError(f"FormatWanted was answered by {page!r}")
        return page

    def _offer(self, parameters: Parameters) -> Steps[Message]:
        """One rung of the ladder: the reply to DCS and TCF, asked for three times at most."""
        line, modulation = self._line, parameters.modulation
        said_of_us = {
            Fcf.SID: self._settings.password if self._remote.password else "",
            Fcf.SUB: self._settings.sub_address if self._remote.sub_address else "",
            Fcf.TSI: self._settings.ident,
        }
        identity = [(fcf, frames.identification(text)) for fcf, text in said_of_us.items() if text]
        dcs = capabilities.command(
            parameters, sub_address=bool(said_of_us[Fcf.SUB]), sender=bool(said_of_us[Fcf.SID])
        )
        unheard = 0
        for _ in range(TRIES):
            yield from line.say(*identity, (Fcf.DCS, dcs.octets))
            yield from line.do(Pause(TURNAROUND))
            yield from line.do(SendPage(modulation, training.tcf(modulation.rate)))
            heard = yield from line.listen(T4)
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCN:
                    line.end(Status.SEND_B_DCN, "DCN in reply to DCS and TCF")
                if heard.fcf not in _NO_ANSWER:
                    return heard
                unheard += heard.fcf in (Fcf.DIS, Fcf.DTC)
        if unheard == TRIES:
            yield from line.disconnect(Status.DIS_AGAIN, f"DIS or DTC again in reply to DCS, {TRIES} times")
        yield from line.disconnect(Status.DCS_NO_REPLY, f"no reply to DCS and TCF, sent {TRIES} times")
        raise AssertionError("disconnected")
