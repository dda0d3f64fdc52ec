"""Sending pages without error correction: page, command, reply (T.30 figure 5-2a, phases C and D)."""

from __future__ import annotations

from faxhw.session import NextStep, OutgoingPage, Status
from faxhw.t30.dialogue import T4, TRIES, TURNAROUND, Dialogue, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Pause, SendPage
from faxhw.terms import Parameters

COMMAND = {NextStep.MORE_PAGES: Fcf.MPS, NextStep.MORE_DOCUMENTS: Fcf.EOM, NextStep.NO_MORE: Fcf.EOP}
NO_REPLY = {Fcf.MPS: Status.MPS_NO_REPLY, Fcf.EOM: Status.EOM_NO_REPLY, Fcf.EOP: Status.EOP_NO_REPLY}
INVALID = {Fcf.MPS: Status.MPS_INVALID, Fcf.EOM: Status.EOM_INVALID, Fcf.EOP: Status.EOP_INVALID}
CONFIRMS = frozenset({Fcf.MCF, Fcf.RTP, Fcf.PIP})
REFUSES = frozenset({Fcf.RTN, Fcf.PIN})


class PlainPost:
    """Sends pages under the parameters of one DCS."""

    def __init__(self, line: Dialogue, parameters: Parameters) -> None:
        self._line = line
        self._modulation = parameters.modulation

    def send(self, page: OutgoingPage) -> Steps[Message]:
        """A page and its command; the reply, or else the call ends."""
        line = self._line
        yield from line.do(Pause(TURNAROUND))
        modulation = self._modulation
        yield from line.do(SendPage(modulation, page.data, short_training=modulation.has_short_training))
        command = COMMAND[page.next_step]
        return (yield from say_until_answered(line, command, (command, b""), CONFIRMS | REFUSES))


def say_until_answered(
    line: Dialogue, command: Fcf, frame: tuple[Fcf, bytes], answers: frozenset[Fcf]
) -> Steps[Message]:
    """Say a command, three times at most, until one of the answers comes; else the call ends.

    ``command`` is the post-message command that the frame amounts to. What is no answer may be a late word
    to something else, so that the command is said again.
    """
    strange: Message | None = None
    for _ in range(TRIES):
        yield from line.say(frame)
        heard = yield from line.listen(T4)
        if isinstance(heard, Message):
            if heard.fcf in answers:
                return heard
            if heard.fcf == Fcf.DCN:
                line.end(Status.SEND_D_BAD_RESPONSE, f"DCN in reply to {frame[0].label}")
            if heard.fcf != Fcf.CRP:
                strange = heard
    if strange is not None:
        yield from line.disconnect(INVALID[command], f"{strange.label} in reply to {frame[0].label}")
    yield from line.disconnect(NO_REPLY[command], f"no reply to {frame[0].label}, said {TRIES} times")
    raise AssertionError("disconnected")
