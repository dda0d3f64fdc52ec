"""Sending pages with error correction (T.30 annex A, figures A.7).

A block, PPS, and for as long as PPR asks for frames of it these once more. After four PPR the sender must say
CTC, and may train for a slower rate, or EOR, and give the page up (annex A.4.4.1). A receiver that is not
ready (RNR) is asked by RR for T5 at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from faxhw.session import NextStep, OutgoingPage, Status
from faxhw.t30 import ecm
from faxhw.t30.dialogue import TURNAROUND, Dialogue, Steps
from faxhw.t30.ecm import PartialPage
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Pause, SendPage
from faxhw.t30.plain_sending import COMMAND, CONFIRMS, REFUSES, say_until_answered
from faxhw.t30.proposing import Proposal
from faxhw.terms import Parameters

T5 = 60.0
"""Seconds for which a receiver may say that it is not ready: 60 +-5 s (T.30 annex A.5.4.1)."""
REQUESTS = 4
"""PPR for one block after which CTC or EOR is due."""
MAX_CONTINUATIONS = 16
"""CTC for one block after which it is given up, wherever the rate is by then."""
_READY_WAIT = 1.0
"""Seconds between RNR and the next RR."""

_ANSWERS = CONFIRMS | REFUSES | {Fcf.PPR, Fcf.RNR}


class EcmPost:
    """Sends pages under the parameters of one DCS, and of the CTC after it."""

    def __init__(self, line: Dialogue, parameters: Parameters, proposal: Proposal) -> None:
        self._line = line
        self._proposal = proposal
        self._parameters = parameters
        self._short = True
        self.requests = 0
        """PPR to which the page sent last was sent again in part."""

    def send(self, page: OutgoingPage, number: int) -> Steps[Message]:
        """A page, the ``number``-th of the call from 0; the word on its last block, or the call ends.

        PPR is the word on a page that could not be corrected, whatever was done: then ``give_up``, or DCN.
        """
        self.requests = 0
        size, count = self._parameters.ecm_frame_size, 0
        contents = ecm.Contents(page.data, size)
        while True:
            block: list[bytes] = []
            yield from self._send_frames(_kept(contents.block(), block))
            block = block or [bytes(size)]  # a page of nothing: the receiver will ask for a frame
            command = COMMAND[page.next_step] if contents.all_taken else None
            said = PartialPage(command, number % 256, count % 256, len(block))
            reply = yield from self._block(block, said, page.next_step)
            if command is not None or reply.fcf not in CONFIRMS:
                return reply
            if reply.fcf != Fcf.MCF:
                # RTP and PIP have us train anew, and then there is no going on in the middle of a page.
                return replace(reply, fcf=Fcf.PIN)
            count += 1

    def _block(self, contents: list[bytes], said: PartialPage, step: NextStep) -> Steps[Message]:
        """After a block's first transmission: what is asked for, until it is confirmed or refused."""
        line = self._line
        wanted, lacking = list(range(len(contents))), len(contents)
        pps = Fcf.PPS, said.field(x=line.x)
        for continuation in range(MAX_CONTINUATIONS):
            for tried in range(REQUESTS):
                if continuation or tried:
                    yield from self._send_frames((number, contents[number]) for number in wanted)
                reply = yield from self._answer(COMMAND[step], pps, _ANSWERS)
                if reply.fcf != Fcf.PPR:
                    return reply
                self.requests += 1
                wanted = ecm.requested(reply.information, len(contents)) or wanted
            if continuation + 1 < MAX_CONTINUATIONS:
                slower = len(wanted) * 2 > lacking
                if slower and not self._proposal.fall_back():
                    break
                lacking = len(wanted)
                yield from self._continue(COMMAND[step])
        return reply

    def _send_frames(self, frames: Iterable[tuple[int, bytes] | None]) -> Steps[None]:
        line, modulation = self._line, self._parameters.modulation
        yield from line.do(Pause(TURNAROUND))
        short = self._short and modulation.has_short_training
        octets = ecm.transmission(frames, modulation.rate)
        yield from line.do(SendPage(modulation, octets, short_training=short))
        self._short = True

    def _continue(self, command: Fcf) -> Steps[None]:
        """CTC, at the fastest rate that is left: the frames that follow it are trained for anew."""
        self._parameters = replace(self._parameters, modulation=self._proposal.ladder[0])
        ctc = Fcf.CTC, ecm.rate_field(self._parameters)
        yield from say_until_answered(self._line, command, ctc, frozenset({Fcf.CTR}))
        self._short = False

    def give_up(self, page: OutgoingPage) -> Steps[None]:
        """EOR: the receiver is to make do with what it has of the page."""
        command = COMMAND[page.next_step]
        eor = Fcf.EOR, ecm.post_message_field(command, x=self._line.x)
        yield from self._answer(command, eor, frozenset({Fcf.ERR, Fcf.RNR}))

    def _answer(self, command: Fcf, frame: tuple[Fcf, bytes], answers: frozenset[Fcf]) -> Steps[Message]:
        """The answer to a command, when the receiver is ready to give it."""
        line = self._line
        reply = yield from say_until_answered(line, command, frame, answers)
        began = line.now
        while reply.fcf == Fcf.RNR:
            if line.now - began > T5:
                yield from line.disconnect(Status.SEND_D, f"T5: not ready for {T5:.0f} s")
            yield from line.do(Pause(_READY_WAIT))
            reply = yield from say_until_answered(line, command, (Fcf.RR, b""), answers)
        return reply


def _kept(contents: Iterable[bytes | None], kept: list[bytes]) -> Iterator[tuple[int, bytes] | None]:
    """The frames of a block with their numbers, each kept as it goes by; ``None`` for one that is not there
    yet."""
    for content in contents:
        if content is None:
            yield None
        else:
            kept.append(content)
            yield len(kept) - 1, content
