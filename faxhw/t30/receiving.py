"""The receiving end, from a DCS on (T.30 figure 5-2b), without error correction.

Phase B is ``accepting``. Phase C: take the page. Phase D: hear the post-message command, have the page stored
and judged, reply. A confirmation is said only after the job's ``Verdict``, and only for a page that arrived:
a command that comes without one is answered by our last reply where that must have been lost, else by RTN.
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import (
    Family,
    NextStep,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    Parameters,
    SessionError,
    Settings,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t30.accepting import Acceptance
from faxhw.t30.dialogue import (
    GLANCE,
    MOMENT,
    PAGE_PATIENCE,
    T2,
    T4,
    TRIES,
    TURNAROUND,
    Dialogue,
    Missing,
    Steps,
)
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import CarrierLost, Data, Pause, ReceiveMore, ReceivePage, SendFlags, StopReceiving

MAX_PAGE_SECONDS = 3600.0
"""A carrier that stands longer than this is no page."""
REPEAT_WINDOW = 4.0
"""Seconds after the end of a reply by which its command has come again, if it comes because the reply was
lost: what T4 (3.45 s at most) leaves after the reply, a preamble, the frame, and a second for the way.

Whatever ends later may have been a page that we did not hear, and is asked for again. A shorter page (nearly
blank, at 14400) can still be taken for the repetition, but only where the modem saw no carrier at all."""
SENDER_PATIENCE = 2.0
"""Seconds after a command in which we can still begin to reply: T4 at its shortest is 2.55, less the way, and
what a modem takes to see flags. Later, the sender may be saying it again, and would not hear us."""
FLAGS_HELD = 2.5
"""Seconds for which flags may stand before a reply, so that no sender gives the frame up: those that look for
its end within 3 s of the first flag (T.30 clause 5.4.3.1, T4's note) are the strictest."""

_NEXT_STEP = {Fcf.MPS: NextStep.MORE_PAGES, Fcf.EOM: NextStep.MORE_DOCUMENTS, Fcf.EOP: NextStep.NO_MORE}
_REPLY = {
    Verdict.GOOD: Fcf.MCF,
    Verdict.RETRAIN: Fcf.RTP,
    Verdict.REJECTED: Fcf.RTN,
    Verdict.FAILED: Fcf.DCN,
    Verdict.GIVEN_UP: Fcf.DCN,
}
_ENDING = {
    Verdict.FAILED: (Status.STORAGE_FAILED, "the page could not be stored"),
    Verdict.GIVEN_UP: (Status.PAGE_QUALITY, "the page came damaged too often"),
}


class Receiver:
    """Receives documents, whichever station called the other."""

    def __init__(self, line: Dialogue, settings: Settings) -> None:
        self._line = line
        self._acceptance = Acceptance(line, settings)
        self._replied_to: int | None = None
        """The post-message command that our last word replied to."""
        self._repeats = 0
        """How often that reply was said again."""
        self._confirmed_last = False
        """Whether the last page that arrived was confirmed."""
        self._in_doubt = False
        """Whether the next page may be that one again."""

    def receive(self, command: Message) -> Steps[None]:
        """All that follows from a DCS, until another document is announced, which begins with a new phase B.

        Any other end is the end of the call.
        """
        dcs: Message | None = command
        while dcs is not None:
            parameters = yield from self._acceptance.accept(dcs)
            self._replied_to = None
            dcs = yield from self._document(parameters)

    def _document(self, parameters: Parameters) -> Steps[Message | None]:
        """Pages until the sender trains anew (-> its DCS) or announces another document (-> ``None``)."""
        while True:
            command = yield from self._page_or_command(parameters)
            arrived = command is None
            if command is None:
                command = yield from self._post_message_command(arrived=True)
            if command.fcf == Fcf.DCS:
                if not arrived and self._replied_to is not None:  # perhaps it never heard our MCF
                    self._in_doubt = self._in_doubt or self._confirmed_last
                return command
            if not arrived and (yield from self._replied_again(command)):
                continue
            reply = yield from self._reply(command, arrived=arrived)
            if isinstance(reply, Message):
                return reply
            if command.fcf == Fcf.EOP and reply is not Fcf.RTN:
                yield from self._farewell(reply)
            if command.fcf == Fcf.EOM or reply is not Fcf.MCF:
                return (yield from self._back_to_phase_b(command, reply))

    # ------------------------------------------------------------------------------------------------------
    # Phase C

    def _page_or_command(self, parameters: Parameters) -> Steps[Message | None]:
        """Take a page (-> ``None``), or hear the command that comes in its place, within T2."""
        line, began = self._line, self._line.now
        modulation = parameters.modulation
        short = modulation.family is Family.V17  # after CFR the training is short (T.30 5.3.6.1.3)
        while (left := T2 - (line.now - began)) > MOMENT:
            heard = yield from line.do(ReceivePage(modulation, left, short_training=short))
            if isinstance(heard, Data):
                yield from self._take_page(parameters, heard)
                return None
            if isinstance(heard, CarrierLost):  # it came and went, and could not be trained on
                line.stray_carrier = True
            command = yield from line.command(GLANCE, patience=PAGE_PATIENCE)
            if isinstance(command, Message) and _is_expected(command):
                return command
            if command is not Missing.SILENCE or line.stray_carrier:
                return (yield from self._post_message_command(arrived=False))
        line.end(Status.T2_NO_PAGE, f"T2: no page within {T2:.0f} s", line_up=False)

    def _take_page(self, parameters: Parameters, first: Data) -> Steps[None]:
        line, began = self._line, self._line.now
        line.said = ()
        yield from line.tell(PageBegins(parameters))
        yield from line.tell(PageData(first.octets))
        while isinstance(heard := (yield from line.do(ReceiveMore())), Data):
            yield from line.tell(PageData(heard.octets))
            if line.now - began > MAX_PAGE_SECONDS:
                yield from line.do(StopReceiving())
                line.end(Status.RECEIVE_C, f"a page that took longer than {MAX_PAGE_SECONDS:.0f} s")
        yield from line.tell(PageOver())

    # ------------------------------------------------------------------------------------------------------
    # Phase D

    def _post_message_command(self, *, arrived: bool) -> Steps[Message]:
        """MPS, EOM, EOP, or a DCS that begins anew."""
        line = self._line
        for asked in range(TRIES + 1):
            heard = yield from line.command(T2, patience=PAGE_PATIENCE)
            if isinstance(heard, Message) and _is_expected(heard):
                return heard
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
            if arrived and asked < TRIES:  # without a page before it, the page may follow: nothing is said
                yield from line.say((Fcf.CRP, b""))
        line.end(
            Status.RECEIVE_D_NO_COMMAND if arrived else Status.T2_NO_PAGE,
            f"T2: no command within {T2:.0f} s of the {'page' if arrived else 'carrier'}'s end",
            line_up=heard is not Missing.SILENCE,
        )

    def _reply(self, command: Message, *, arrived: bool) -> Steps[Fcf | Message]:
        """Have a page judged and say what comes of it; ends the call where it must not be confirmed.

        The reply; or the DCS by which the sender began anew while the disk was at work.
        """
        line, verdict = self._line, Verdict.REJECTED
        if arrived:
            word = yield from self._verdict(command)
            if isinstance(word, Message):
                return word
            verdict = word
            self._acceptance.page_came()
            self._confirmed_last = verdict in (Verdict.GOOD, Verdict.RETRAIN)
            self._in_doubt = self._in_doubt and not self._confirmed_last
        else:  # the page went by unheard, or a confirmation was: either way it must come again
            self._in_doubt = self._in_doubt or self._confirmed_last
            yield from line.do(Pause(TURNAROUND))
        self._replied_to, self._repeats = command.fcf, 0
        yield from line.say((_REPLY[verdict], b""), gap=False)
        if verdict in _ENDING:
            line.end(*_ENDING[verdict])
        return _REPLY[verdict]

    def _verdict(self, command: Message) -> Steps[Verdict | Message]:
        """The job's word, after the silence that goes before the reply.

        While the disk is at work the sender is kept waiting: by nothing as long as it waits by itself, by
        flags for a while, and by CRP, upon which it says its command again. When it has said that as often as
        it may, the page is asked for once more, though it may be stored by then: nothing was confirmed.
        -> The DCS that came meanwhile, if one did.
        """
        line = self._line
        verdict = yield from self._word(
            PageEnds(_NEXT_STEP[Fcf(command.fcf)], perhaps_again=self._in_doubt, patience=0.0)
        )
        yield from line.do(Pause(TURNAROUND))
        for asked in range(TRIES + 1):
            if verdict is Verdict.PENDING:
                verdict = yield from self._word(VerdictWanted(SENDER_PATIENCE))
            if verdict is Verdict.PENDING:
                yield from line.do(SendFlags())
                verdict = yield from self._word(VerdictWanted(FLAGS_HELD))
            if verdict is not Verdict.PENDING or asked == TRIES:
                break
            yield from line.say((Fcf.CRP, b""), gap=False)
            heard = yield from line.command(T4)
            if isinstance(heard, Message) and heard.fcf == Fcf.DCS:
                self._in_doubt = True
                return heard
            yield from line.do(Pause(TURNAROUND))
        if verdict is Verdict.PENDING:
            self._in_doubt = True
            return Verdict.REJECTED
        return verdict

    def _word(self, event: PageEnds | VerdictWanted) -> Steps[Verdict]:
        verdict = yield from self._line.tell(event)
        if not isinstance(verdict, Verdict):
            raise SessionError(f"{type(event).__name__} was answered by {verdict!r}")
        return verdict

    def _replied_again(self, command: Message) -> Steps[bool]:
        """Repeat our reply to a command that has come again because that was lost; whether it is such a one.

        It is not where a page may have gone by unheard: a carrier was met, or there was time for one (only
        after MPS: the other commands have no page after them without a DCS before it).
        """
        line = self._line
        in_time = command.fcf != Fcf.MPS or line.now - line.said_at <= REPEAT_WINDOW
        if command.fcf != self._replied_to or line.stray_carrier or not in_time or self._repeats >= TRIES:
            return False
        self._repeats += 1
        yield from line.repeat()
        return True

    def _back_to_phase_b(self, command: Message, reply: Fcf) -> Steps[Message | None]:
        """After EOM, RTP or RTN: the DCS that begins anew; ``None`` if after EOM it waits for our DIS."""
        line = self._line
        for _ in range(2 * TRIES):
            heard = yield from line.command(T2, patience=PAGE_PATIENCE)
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if heard.fcf in _NEXT_STEP and not (yield from self._replied_again(heard)):
                    yield from self._reply(heard, arrived=False)
                    command, reply = heard, Fcf.RTN
            elif heard is not Missing.GARBLED:
                break
        if command.fcf == Fcf.EOM and heard is Missing.SILENCE:
            return None
        line.end(
            Status.PAGE_QUALITY if reply is Fcf.RTN else Status.T2_EXPIRED,
            f"no new DCS came after {reply.label}",
            line_up=heard is not Missing.SILENCE,
        )

    def _farewell(self, reply: Fcf) -> Steps[NoReturn]:
        """After the last page's confirmation: DCN, or the command again because the reply was lost."""
        line = self._line
        line.gone_is = Status.NORMAL  # nothing is left to be lost
        for _ in range(TRIES + 1):
            heard = yield from line.listen(T2)
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCN:
                    line.end(Status.NORMAL, "DCN after the last page")
                if heard.fcf == Fcf.DCS:
                    break
                if heard.fcf in (Fcf.EOP, Fcf.CRP):
                    yield from line.repeat()
        line.end(Status.NORMAL, f"the last page was confirmed by {reply.label}; no DCN came")


def _is_expected(command: Message) -> bool:
    """Whether it is a command that may follow a page, or training anew."""
    return command.fcf in _NEXT_STEP or command.fcf == Fcf.DCS
