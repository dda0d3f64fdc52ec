"""What a receiving end says of pages, and when it says it once more (T.30 figure 5-2b, phase D).

A confirmation is said only after the job's ``Verdict``. One that was lost on its way is repeated when its
command comes again, if that is what has happened and not a page that went by unheard.
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import NextStep, PageEnds, SessionError, Status, Verdict, VerdictWanted
from faxhw.t30.dialogue import PAGE_PATIENCE, T2, TRIES, Dialogue, Missing, Steps
from faxhw.t30.frames import Fcf, Message

REPEAT_WINDOW = 4.0
"""Seconds after the end of a reply by which its command has come again, if it comes because the reply was
lost: what T4 (3.45 s at most) leaves after the reply, a preamble, the frame, and a second for the way.

Whatever ends later may have been a page that we did not hear, and is asked for again. A shorter page (nearly
blank, at 14400) can still be taken for the repetition, but only where the modem saw no carrier at all."""

NEXT_STEP = {Fcf.MPS: NextStep.MORE_PAGES, Fcf.EOM: NextStep.MORE_DOCUMENTS, Fcf.EOP: NextStep.NO_MORE}
REPLY = {
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


class Replies:
    """The replies to a sender's commands."""

    def __init__(self, line: Dialogue) -> None:
        self._line = line
        self.replied_to: Message | None = None
        """The command that our last word replied to."""
        self._repeats = 0
        self.confirmed_last = False
        """Whether the last page that arrived was confirmed."""
        self.in_doubt = False
        """Whether the next page may be that one again."""

    def begin(self) -> None:
        """Parameters were settled anew: what was said before that is not said again."""
        self.replied_to = None

    def give(self, command: Message, fcf: Fcf, information: bytes = b"") -> Steps[None]:
        """Reply to a command; the silence before that has been kept."""
        self.replied_to, self._repeats = command, 0
        yield from self._line.say((fcf, information), gap=False)

    def give_verdict(self, command: Message, verdict: Verdict, reply: Fcf) -> Steps[None]:
        """Reply what comes of a page; ends the call where it must not be confirmed."""
        if verdict in _ENDING:
            self._line.decide(*_ENDING[verdict])
        yield from self.give(command, reply)
        if verdict in _ENDING:
            self._line.end(*_ENDING[verdict])

    def judged(self, verdict: Verdict) -> None:
        """Note a verdict on a page that arrived."""
        self.confirmed_last = verdict in (Verdict.GOOD, Verdict.RETRAIN)
        self.in_doubt = self.in_doubt and not self.confirmed_last

    def missed(self) -> None:
        """Note that a page, or its confirmation, must have gone by unheard: it may come a second time."""
        self.in_doubt = self.in_doubt or self.confirmed_last

    def word(self, event: PageEnds | VerdictWanted) -> Steps[Verdict]:
        """The job's verdict, as far as there is one yet."""
        verdict = yield from self._line.tell(event)
        if not isinstance(verdict, Verdict):
            raise SessionError(f"{type(event).__name__} was answered by {verdict!r}")
        return verdict

    def replied_to_such(self, command: Message) -> bool:
        """Whether our last word replied to the same command, said the same way."""
        before = self.replied_to
        return before is not None and (command.fcf, command.information) == (before.fcf, before.information)

    def again(self, command: Message, *, page_may_come: bool) -> Steps[bool]:
        """Repeat our reply to a command that has come again because that was lost; whether it is such a one.

        It is not where a page may have gone by unheard: a carrier was met, or, if a page may come without
        training before it, there was time for one.
        """
        line, same = self._line, self.replied_to_such(command)
        in_time = not page_may_come or line.now - line.said_at <= REPEAT_WINDOW
        if not same or not line.said or line.stray_carrier or not in_time or self._repeats >= TRIES:
            return False
        self._repeats += 1
        yield from line.repeat()
        return True

    def farewell(self, reply: Fcf) -> Steps[NoReturn]:
        """After the last page's confirmation: DCN, or the command again because the reply was lost."""
        line = self._line
        line.decide(Status.NORMAL, f"{reply.label} was the word on the last page")
        for _ in range(TRIES + 1):
            heard = yield from line.listen(T2)
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCN:
                    line.end(Status.NORMAL, "DCN after the last page")
                if heard.fcf == Fcf.DCS:
                    break
                if heard.fcf in (Fcf.CRP, Fcf.RR) or self.replied_to_such(heard):
                    yield from line.repeat()
        line.end(Status.NORMAL, f"{reply.label} was the word on the last page; no DCN came")

    def no_dcs(self, reply: Fcf, heard: object) -> NoReturn:
        """End the call of a sender that did not begin anew after a reply."""
        self._line.end(
            Status.PAGE_QUALITY if reply is Fcf.RTN else Status.T2_EXPIRED,
            f"no new DCS came after {reply.label}",
            line_up=heard is not Missing.SILENCE,
        )

    def next_dcs(self) -> Steps[Message | Missing]:
        """What the sender says where it has to begin anew: a DCS, or something else; or why nothing."""
        return (yield from self._line.command(T2, patience=PAGE_PATIENCE))
