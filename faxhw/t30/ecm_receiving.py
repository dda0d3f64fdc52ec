"""Receiving pages with error correction (T.30 annex A, figures A.7).

Blocks of frames come until each frame has come whole (PPR asks for those that have not) or the sender gives
a block up (EOR). The page is confirmed when its last block is complete and the job has stored it; while the
disk is at work the sender is kept waiting by RNR.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.session import PageEnds, Status, Verdict, VerdictWanted
from faxhw.t30 import ecm
from faxhw.t30.awaiting import Awaiting
from faxhw.t30.dialogue import T2, TRIES, TURNAROUND, Dialogue, Missing, Steps
from faxhw.t30.ecm import Block, PartialPage
from faxhw.t30.ecm_page import PageInHand, same_counters
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Data, Pause
from faxhw.t30.replying import Replies
from faxhw.terms import Modulation, Parameters, Settings

BUSY_PATIENCE = 2.0
"""Seconds for which the disk is waited for before RNR is said: well within the sender's T4."""
MAX_RNRS = 60
"""RNR in a row, some four minutes: the sender's T5 ends the call after one (T.30 annex A.5.4.1)."""
MAX_FRUITLESS = 40
"""Commands in a row after which no frame came that was missing: four PPR and a CTC at each modulation."""

_EXPECTED = frozenset({Fcf.PPS, Fcf.EOR, Fcf.CTC, Fcf.RR, Fcf.DCS})
_REPLY = {Verdict.REJECTED: Fcf.RTN, Verdict.FAILED: Fcf.DCN, Verdict.GIVEN_UP: Fcf.DCN}


class EcmDocument:
    """The pages that follow a DCS with error correction."""

    def __init__(
        self,
        line: Dialogue,
        replies: Replies,
        settings: Settings,
        parameters: Parameters,
        page_came: Callable[[], None],
    ) -> None:
        self._line = line
        self._replies = replies
        self._settings = settings
        self._parameters = parameters
        self._page_came = page_came
        self._awaiting = Awaiting(line, _EXPECTED)
        self._page = PageInHand(line, parameters)
        self._confirmed: tuple[PartialPage, Block] | None = None
        """The block confirmed last."""
        self._fruitless = 0
        """Commands in a row that brought us no further."""

    def receive(self) -> Steps[Message | None]:
        """Pages until the sender trains anew (-> its DCS) or announces another document (-> ``None``)."""
        replies = self._replies
        replies.begin()
        modulation, short = self._parameters.modulation, True
        while True:
            heard = yield from self._awaiting.page_or_command(modulation, short_training=short)
            arrived = isinstance(heard, Data)
            if isinstance(heard, Data):
                fruitful = yield from self._page.take_carrier(heard)
                self._fruitless = 0 if fruitful else self._fruitless
                command = yield from self._awaiting.command(arrived=True)
            else:
                command = heard
            if command.fcf == Fcf.DCS:
                if not arrived and replies.replied_to is not None:
                    replies.missed()
                return command
            # Heard or not, a carrier went before it: only the first after CTR is trained for at length.
            short = short or command.fcf in (Fcf.PPS, Fcf.EOR)
            if not arrived and (yield from self._replied_again(command)):
                yield from self._must_get_somewhere()
                continue
            if command.fcf == Fcf.CTC:
                modulation, short = (yield from self._continue_at(command)), False
                continue
            outcome = yield from self._after_block(command)
            if outcome is not None:
                return (
                    outcome if isinstance(outcome, Message) else (yield from self._back_to_phase_b(outcome))
                )

    # ------------------------------------------------------------------------------------------------------
    # Phase D

    def _after_block(self, command: Message) -> Steps[Message | Fcf | None]:
        """Reply to PPS, EOR or a stray RR: the DCS that has begun phase B, or the reply that leads to it."""
        if command.fcf == Fcf.EOR and ecm.says_what_follows(command.information):
            return (yield from self._block_given_up(command))
        said = ecm.partial_page(command.information) if command.fcf == Fcf.PPS else None
        if said is None:
            yield from self._ask_again()
            return None
        page = self._page
        page.block.learn(said.frames)
        if page.block.missing():
            yield from self._ask_for(command, said)
            return None
        if self._is_repetition(said):
            return (yield from self._confirm(command, said))
        yield from page.tell_of(page.block.take())
        if said.command is None:
            return (yield from self._confirm(command, said))
        verdict = yield from self._verdict(command, self._ends(said.command))
        if isinstance(verdict, Message):
            return verdict
        self._replies.judged(verdict)
        if verdict in _REPLY:
            yield from self._replies.give_verdict(command, verdict, _REPLY[verdict])
            return _REPLY[verdict]
        return (yield from self._confirm(command, said, silence_kept=True))

    def _ends(self, command: Fcf) -> PageEnds:
        return self._page.ends(command, perhaps_again=self._replies.in_doubt)

    def _ask_again(self) -> Steps[None]:
        """For RR, and for a command that makes no sense: what was said last, or else CRP."""
        yield from self._line.do(Pause(TURNAROUND))
        yield from self._must_get_somewhere()
        if self._line.said:
            yield from self._line.repeat(gap=False)
        else:
            yield from self._line.say((Fcf.CRP, b""), gap=False)

    def _ask_for(self, command: Message, said: PartialPage) -> Steps[None]:
        """PPR for the frames of a block that have not come."""
        page = self._page
        yield from self._must_get_somewhere()
        page.requests += 1
        if not page.block_came and self._confirmed is not None and same_counters(said, self._confirmed[0]):
            page.in_doubt = True
        yield from self._line.do(Pause(TURNAROUND))
        wanted = ecm.request(page.block.missing(), page.block.count)
        yield from self._replies.give(command, Fcf.PPR, wanted)

    def _must_get_somewhere(self) -> Steps[None]:
        """Count a command that brings us no further; ends the call over one too many."""
        self._fruitless += 1
        if self._fruitless > MAX_FRUITLESS:
            yield from self._line.disconnect(
                Status.RECEIVE_C_ECM, f"{MAX_FRUITLESS} commands, and nothing new came with any"
            )

    def _is_repetition(self, said: PartialPage) -> bool:
        """Whether the block, complete, is the one confirmed last."""
        return (
            self._page.in_doubt
            and self._confirmed is not None
            and same_counters(said, self._confirmed[0])
            and self._page.block.same(self._confirmed[1])
        )

    def _confirm(
        self, command: Message, said: PartialPage, *, silence_kept: bool = False
    ) -> Steps[Fcf | None]:
        """MCF for a block, and for the page if it was the last of one; the same if phase B follows."""
        self._confirmed, self._fruitless = (said, self._page.block), 0
        self._page_came()
        self._go_on_after(said.command)
        if not silence_kept:
            yield from self._line.do(Pause(TURNAROUND))
        yield from self._replies.give(command, Fcf.MCF)
        if said.command is Fcf.EOP:
            yield from self._replies.farewell(Fcf.MCF)
        return Fcf.MCF if said.command is Fcf.EOM else None

    def _go_on_after(self, command: Fcf | None) -> None:
        """Await the next block, of this page or another."""
        if command is None:
            self._page.next_block()
        else:
            self._page = PageInHand(self._line, self._parameters)

    def _block_given_up(self, command: Message) -> Steps[Message | Fcf | None]:
        """EOR: the sender sends no more of this block. ERR, which confirms nothing."""
        replies, page, after = self._replies, self._page, ecm.post_message(command.information)
        yield from self._must_get_somewhere()
        verdict: Verdict | Message = Verdict.GOOD
        if not page.block_came and replies.replied_to_such(command):  # ERR was lost
            yield from self._line.do(Pause(TURNAROUND))
        else:
            yield from page.give_block_up()
            if after is None:
                yield from self._line.do(Pause(TURNAROUND))
            else:
                yield from page.begin()  # even if nothing came of it, the job is to know of it
                verdict = yield from self._verdict(command, self._ends(after))
            self._go_on_after(after)
        if isinstance(verdict, Message):
            return verdict
        replies.confirmed_last = False
        if verdict in (Verdict.FAILED, Verdict.GIVEN_UP):
            yield from replies.give_verdict(command, verdict, Fcf.DCN)
        yield from replies.give(command, Fcf.ERR)
        if after is Fcf.EOP:
            yield from replies.farewell(Fcf.ERR)
        return Fcf.ERR if after is Fcf.EOM else None

    def _verdict(self, command: Message, ends: PageEnds) -> Steps[Verdict | Message]:
        """The job's word, after the silence that goes before the reply; or the DCS that came meanwhile.

        While the disk is at work, RNR is said whenever the sender asks (T.30 annex A.4.4.2).
        """
        line, replies = self._line, self._replies
        verdict = yield from replies.word(ends)
        yield from line.do(Pause(TURNAROUND))
        for _ in range(MAX_RNRS):
            if verdict is Verdict.PENDING:
                verdict = yield from replies.word(VerdictWanted(BUSY_PATIENCE))
            if verdict is not Verdict.PENDING:
                return verdict
            yield from replies.give(command, Fcf.RNR)
            heard = yield from line.command(T2)
            if isinstance(heard, Message) and heard.fcf == Fcf.DCS:
                replies.in_doubt = True
                return heard
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                line.end(
                    Status.RECEIVE_D_NO_COMMAND,
                    f"T2: no RR within {T2:.0f} s of RNR",
                    line_up=heard is not Missing.SILENCE,
                )
            yield from line.do(Pause(TURNAROUND))
        return Verdict.FAILED

    def _continue_at(self, command: Message) -> Steps[Modulation]:
        """CTC: the sender goes on correcting, at this rate, which it trains for anew."""
        modulation = ecm.rate_named(command.information)
        yield from self._must_get_somewhere()
        yield from self._line.do(Pause(TURNAROUND))
        if modulation is None or modulation not in self._settings.modulations():
            yield from self._line.disconnect(
                Status.RECEIVE_B_BAD_COMMAND, f"CTC demands a rate that we did not offer: {modulation}"
            )
            raise AssertionError("disconnected")
        yield from self._replies.give(command, Fcf.CTR)
        return modulation

    def _replied_again(self, command: Message) -> Steps[bool]:
        block_may_come = ecm.post_message(command.information) not in (Fcf.EOM, Fcf.EOP)
        return (yield from self._replies.again(command, page_may_come=block_may_come))

    def _back_to_phase_b(self, reply: Fcf) -> Steps[Message | None]:
        """After EOM, or a page that was refused: the DCS that begins anew; ``None`` to say DIS again."""
        for _ in range(2 * TRIES):
            heard = yield from self._replies.next_dcs()
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if heard.fcf == Fcf.DIS:  # from a station that we poll: it begins anew
                    return None
                if heard.fcf == Fcf.RR:
                    yield from self._ask_again()
                else:
                    yield from self._replied_again(heard)
            elif heard is not Missing.GARBLED:
                break
        if heard is Missing.SILENCE and reply is not Fcf.RTN:
            return None
        self._replies.no_dcs(reply, heard)
