"""Receiving pages without error correction (T.30 figure 5-2b).

Phase C: take the page. Phase D: hear the post-message command, have the page stored and judged, reply. A
command that comes without a page is answered by our last reply where that must have been lost, else by RTN.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.session import PageBegins, PageData, PageEnds, PageOver, Status, Verdict, VerdictWanted
from faxhw.t30.awaiting import Awaiting
from faxhw.t30.dialogue import T4, TRIES, TURNAROUND, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import CarrierLost, Data, Pause, ReceiveMore, SendFlags, StopReceiving
from faxhw.t30.replying import NEXT_STEP, REPLY, Replies
from faxhw.terms import Parameters, SignalFigures

MAX_PAGE_SECONDS = 3600.0
"""A carrier that stands longer than this is no page."""
SENDER_PATIENCE = 2.0
"""Seconds after a command in which we can still begin to reply: T4 at its shortest is 2.55, less the way, and
what a modem takes to see flags. Later, the sender may be saying it again, and would not hear us."""
FLAGS_HELD = 2.5
"""Seconds for which flags may stand before a reply, so that no sender gives the frame up: those that look for
its end within 3 s of the first flag (T.30 clause 5.4.3.1, T4's note) are the strictest."""

_EXPECTED = frozenset({*NEXT_STEP, Fcf.DCS})


class PlainPages:
    """The pages that follow a DCS without error correction."""

    def __init__(self, line: Dialogue, replies: Replies) -> None:
        self._line = line
        self._replies = replies
        self._awaiting = Awaiting(line, _EXPECTED)
        self._signal: SignalFigures | None = None
        """How the page that came last was received."""

    def document(self, parameters: Parameters, page_came: Callable[[], None]) -> Steps[Message | None]:
        """Pages until the sender trains anew (-> its DCS) or announces another document (-> ``None``)."""
        replies = self._replies
        replies.begin()
        while True:
            heard = yield from self._awaiting.page_or_command(parameters.modulation, short_training=True)
            arrived = isinstance(heard, Data)
            if isinstance(heard, Data):
                yield from self._take_page(parameters, heard)
                command = yield from self._awaiting.command(arrived=True)
            else:
                command = heard
            if command.fcf == Fcf.DCS:
                if not arrived and replies.replied_to is not None:  # perhaps it never heard our MCF
                    replies.missed()
                return command
            if not arrived and (yield from self._replied_again(command)):
                continue
            reply = yield from self._reply(command, page_came if arrived else None)
            if isinstance(reply, Message):
                return reply
            if command.fcf == Fcf.EOP and reply is not Fcf.RTN:
                yield from replies.farewell(reply)
            if command.fcf == Fcf.EOM or reply is not Fcf.MCF:
                return (yield from self._back_to_phase_b(command, reply))

    def _take_page(self, parameters: Parameters, first: Data) -> Steps[None]:
        line, began = self._line, self._line.now
        yield from line.tell(PageBegins(parameters))
        yield from line.tell(PageData(first.octets))
        while isinstance(heard := (yield from line.do(ReceiveMore())), Data):
            yield from line.tell(PageData(heard.octets))
            if line.now - began > MAX_PAGE_SECONDS:
                yield from line.do(StopReceiving())
                line.end(Status.RECEIVE_C, f"a page that took longer than {MAX_PAGE_SECONDS:.0f} s")
        self._signal = heard.signal if isinstance(heard, CarrierLost) else None
        yield from line.tell(PageOver())

    # ------------------------------------------------------------------------------------------------------
    # Phase D

    def _reply(self, command: Message, page_came: Callable[[], None] | None) -> Steps[Fcf | Message]:
        """Have a page judged, if one came, and say what comes of it; may end the call.

        The reply; or the DCS by which the sender began anew while the disk was at work.
        """
        replies, verdict = self._replies, Verdict.REJECTED
        if (
            page_came is None
        ):  # the page went by unheard, or a confirmation was: either way it must come again
            replies.missed()
            yield from self._line.do(Pause(TURNAROUND))
        else:
            word = yield from self._verdict(command)
            if isinstance(word, Message):
                return word
            verdict = word
            page_came()
        yield from replies.give_verdict(command, verdict, REPLY[verdict])
        return REPLY[verdict]

    def _verdict(self, command: Message) -> Steps[Verdict | Message]:
        """The job's word, after the silence that goes before the reply.

        While the disk is at work the sender is kept waiting: by nothing as long as it waits by itself, by
        flags for a while, and by CRP, upon which it says its command again. When it has said that as often as
        it may, the page is asked for once more, though it may be stored by then: nothing was confirmed.
        -> The DCS that came meanwhile, if one did.
        """
        line, replies = self._line, self._replies
        step = NEXT_STEP[Fcf(command.fcf)]
        ends = PageEnds(step, perhaps_again=replies.in_doubt, patience=0.0, signal=self._signal)
        verdict = yield from replies.word(ends)
        yield from line.do(Pause(TURNAROUND))
        for asked in range(TRIES + 1):
            if verdict is Verdict.PENDING:
                verdict = yield from replies.word(VerdictWanted(SENDER_PATIENCE))
            if verdict is Verdict.PENDING:
                yield from line.do(SendFlags())
                verdict = yield from replies.word(VerdictWanted(FLAGS_HELD))
            if verdict is not Verdict.PENDING or asked == TRIES:
                break
            yield from line.say((Fcf.CRP, b""), gap=False)
            heard = yield from line.command(T4)
            if isinstance(heard, Message) and heard.fcf == Fcf.DCS:
                replies.in_doubt = True
                return heard
            yield from line.do(Pause(TURNAROUND))
        if verdict is Verdict.PENDING:
            replies.in_doubt = True
            return Verdict.REJECTED
        replies.judged(verdict)
        return verdict

    def _replied_again(self, command: Message) -> Steps[bool]:
        return (yield from self._replies.again(command, page_may_come=command.fcf == Fcf.MPS))

    def _back_to_phase_b(self, command: Message, reply: Fcf) -> Steps[Message | None]:
        """After EOM, RTP or RTN: the DCS that begins anew; ``None`` if after EOM it waits for our DIS."""
        for _ in range(2 * TRIES):
            heard = yield from self._replies.next_dcs()
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if heard.fcf == Fcf.DIS:  # from a station that we poll: it begins anew
                    return None
                if heard.fcf in NEXT_STEP and not (yield from self._replied_again(heard)):
                    yield from self._reply(heard, None)
                    command, reply = heard, Fcf.RTN
            elif heard is not Missing.GARBLED:
                break
        if command.fcf == Fcf.EOM and heard is Missing.SILENCE:
            return None
        self._replies.no_dcs(reply, heard)
