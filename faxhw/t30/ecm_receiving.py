"""Receiving pages with error correction (T.30 annex A, figures A.7).

Blocks of frames come until each frame has come whole (PPR asks for those that have not) or the sender gives
a block up (EOR). The page is confirmed when its last block is complete and the job has stored it; while the
disk is at work the sender is kept waiting by RNR.

A block whose confirmation may have been lost can come a second time. Then nothing is told of it until it is
complete and known to be another one.
"""

from __future__ import annotations

from collections.abc import Callable

from faxhw.session import (
    Modulation,
    PageBegins,
    PageData,
    PageEnds,
    Parameters,
    Settings,
    Status,
    Verdict,
    VerdictWanted,
)
from faxhw.t30 import ecm
from faxhw.t30.awaiting import Awaiting
from faxhw.t30.dialogue import T2, TRIES, TURNAROUND, Dialogue, Missing, Steps
from faxhw.t30.ecm import Block, PartialPage
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import Data, Pause, ReceiveMore, StopReceiving
from faxhw.t30.replying import NEXT_STEP, Replies

BUSY_PATIENCE = 2.0
"""Seconds for which the disk is waited for before RNR is said: well within the sender's T4."""
MAX_RNRS = 60
"""RNR in a row, some four minutes: the sender's T5 ends the call after one (T.30 annex A.5.4.1)."""
MAX_BLOCK_SECONDS = 900.0
"""A carrier that stands longer than this is no block: at 2400 bit/s the largest takes four minutes."""
MAX_FRUITLESS = 12
"""PPR in a row after which no frame came that was missing: three times what T.30 has before CTC."""

_EXPECTED = frozenset({Fcf.PPS, Fcf.EOR, Fcf.CTC, Fcf.RR, Fcf.DCS})
_REPLY = {Verdict.REJECTED: Fcf.RTN, Verdict.FAILED: Fcf.DCN, Verdict.GIVEN_UP: Fcf.DCN}


class EcmPages:
    """The pages that follow a DCS with error correction."""

    def __init__(self, line: Dialogue, replies: Replies, settings: Settings) -> None:
        self._line = line
        self._replies = replies
        self._settings = settings
        self._awaiting = Awaiting(line, _EXPECTED)
        self._parameters: Parameters | None = None
        self._block = Block()
        self._block_came = False
        """Whether anything came of the block that is awaited: a carrier, at least."""
        self._confirmed: tuple[PartialPage, Block] | None = None
        """The block confirmed last."""
        self._in_doubt = False
        """Whether the block in hand may be that one again."""
        self._fruitless = 0
        self._page_began = False
        self._blocks_lost = False
        """Whether the sender gave up a block of the page in hand."""
        self._requests = 0
        """PPR so far for the page in hand."""

    def document(self, parameters: Parameters, page_came: Callable[[], None]) -> Steps[Message | None]:
        """Pages until the sender trains anew (-> its DCS) or announces another document (-> ``None``)."""
        replies = self._replies
        replies.begin()
        self._parameters, self._confirmed = parameters, None
        self._new_page()
        modulation, short = parameters.modulation, True
        while True:
            heard = yield from self._awaiting.page_or_command(modulation, short_training=short)
            arrived = isinstance(heard, Data)
            if isinstance(heard, Data):
                yield from self._take_block(heard)
                page_came()
                command, short = (yield from self._awaiting.command(arrived=True)), True
            else:
                command = heard
            if command.fcf == Fcf.DCS:
                if not arrived and replies.replied_to is not None:
                    replies.missed()
                return command
            if not arrived and (yield from self._replied_again(command)):
                continue
            if command.fcf == Fcf.CTC:
                modulation, short = (yield from self._continue_at(command)), False
                continue
            outcome = yield from self._after_block(command)
            if isinstance(outcome, Message):
                return outcome
            if outcome:
                return (yield from self._back_to_phase_b(command))

    # ------------------------------------------------------------------------------------------------------
    # Phase C

    def _new_page(self) -> None:
        self._page_began = self._blocks_lost = False
        self._requests = 0
        self._new_block()

    def _new_block(self) -> None:
        self._block, self._block_came, self._in_doubt, self._fruitless = Block(), False, False, 0

    def _take_block(self, first: Data) -> Steps[None]:
        line, block, began = self._line, self._block, self._line.now
        self._block_came = True
        block.carrier()
        heard: object = first
        while isinstance(heard, Data):
            if block.feed(heard.octets):
                self._fruitless = 0
            if not self._in_doubt:
                yield from self._tell_of(block.take())
            if line.now - began > MAX_BLOCK_SECONDS:
                yield from line.do(StopReceiving())
                line.end(Status.RECEIVE_C_ECM, f"a block that took longer than {MAX_BLOCK_SECONDS:.0f} s")
            heard = yield from line.do(ReceiveMore())

    def _tell_of(self, octets: bytes) -> Steps[None]:
        """Pass on octets of the page, and that it has begun."""
        if octets and not self._page_began:
            assert self._parameters is not None
            self._page_began = True
            yield from self._line.tell(PageBegins(self._parameters))
        if octets:
            yield from self._line.tell(PageData(octets))

    # ------------------------------------------------------------------------------------------------------
    # Phase D

    def _after_block(self, command: Message) -> Steps[Message | bool]:
        """Reply to PPS, EOR or a stray RR: whether phase B follows, or the DCS that has begun it."""
        if command.fcf == Fcf.EOR:
            return (yield from self._block_given_up(command))
        said = ecm.partial_page(command.information) if command.fcf == Fcf.PPS else None
        if said is None:
            return (yield from self._ask_again())
        self._block.learn(said.frames)
        if self._block.missing():
            return (yield from self._ask_for(command, said))
        if self._is_repetition(said):
            return (yield from self._confirm(command, said))
        yield from self._tell_of(self._block.take())
        if said.command is None:
            return (yield from self._confirm(command, said))
        verdict = yield from self._verdict(command, self._page_ends(said.command))
        if isinstance(verdict, Message):
            return verdict
        self._replies.judged(verdict)
        if verdict in _REPLY:
            yield from self._replies.give_verdict(command, verdict, _REPLY[verdict])
            return True
        return (yield from self._confirm(command, said, silence_kept=True))

    def _ask_again(self) -> Steps[bool]:
        """For a command that makes no sense: what was said last, or else CRP."""
        yield from self._line.do(Pause(TURNAROUND))
        self._must_get_somewhere()
        if self._line.said:
            yield from self._line.repeat(gap=False)
        else:
            yield from self._line.say((Fcf.CRP, b""), gap=False)
        return False

    def _ask_for(self, command: Message, said: PartialPage) -> Steps[bool]:
        """PPR for the frames of a block that have not come."""
        self._must_get_somewhere()
        self._requests += 1
        if not self._block_came and self._has_counters_of_confirmed(said):
            self._in_doubt = True
        yield from self._line.do(Pause(TURNAROUND))
        wanted = ecm.request(self._block.missing(), self._block.count)
        yield from self._replies.give(command, Fcf.PPR, wanted)
        return False

    def _must_get_somewhere(self) -> None:
        self._fruitless += 1
        if self._fruitless > MAX_FRUITLESS:
            self._line.end(Status.RECEIVE_C_ECM, f"asked {MAX_FRUITLESS} times in vain for the same frames")

    def _has_counters_of_confirmed(self, said: PartialPage) -> bool:
        before = self._confirmed
        return before is not None and (before[0].page, before[0].block) == (said.page, said.block)

    def _is_repetition(self, said: PartialPage) -> bool:
        """Whether the block, complete, is the one confirmed last."""
        return (
            self._in_doubt
            and self._confirmed is not None
            and self._has_counters_of_confirmed(said)
            and self._block.same(self._confirmed[1])
        )

    def _confirm(self, command: Message, said: PartialPage, *, silence_kept: bool = False) -> Steps[bool]:
        """MCF for a block, and for the page if it was the last of one; whether phase B follows."""
        self._confirmed = said, self._block
        if said.command is None:
            self._new_block()
        else:
            self._new_page()
        if not silence_kept:
            yield from self._line.do(Pause(TURNAROUND))
        yield from self._replies.give(command, Fcf.MCF)
        if said.command is Fcf.EOP:
            yield from self._replies.farewell(Fcf.MCF)
        return said.command is Fcf.EOM

    def _block_given_up(self, command: Message) -> Steps[Message | bool]:
        """EOR: the sender sends no more of this block. ERR, which confirms nothing."""
        after = ecm.post_message(command.information[0]) if command.information else None
        self._blocks_lost = True
        yield from self._tell_of(self._block.take_all())
        verdict: Verdict | Message = Verdict.GOOD
        if after is not None and self._page_began:
            verdict = yield from self._verdict(command, self._page_ends(after))
        else:
            yield from self._line.do(Pause(TURNAROUND))
        if isinstance(verdict, Message):
            return verdict
        self._replies.confirmed_last = False
        if after is None:
            self._new_block()
        else:
            self._new_page()
        if verdict in (Verdict.FAILED, Verdict.GIVEN_UP):
            yield from self._replies.give_verdict(command, verdict, Fcf.DCN)
        yield from self._replies.give(command, Fcf.ERR)
        if after is Fcf.EOP:
            yield from self._replies.farewell(Fcf.ERR)
        return after is Fcf.EOM

    def _page_ends(self, command: Fcf) -> PageEnds:
        return PageEnds(
            NEXT_STEP[command],
            intact=not self._blocks_lost,
            retransmissions=self._requests,
            perhaps_again=self._replies.in_doubt,
            patience=0.0,
            last_chance=self._blocks_lost,
        )

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
        yield from self._line.do(Pause(TURNAROUND))
        if modulation is None or modulation not in self._settings.modulations():
            yield from self._line.disconnect(
                Status.RECEIVE_B_BAD_COMMAND, f"CTC demands a rate that we did not offer: {modulation}"
            )
            raise AssertionError("disconnected")
        self._fruitless = 0
        yield from self._replies.give(command, Fcf.CTR)
        return modulation

    def _replied_again(self, command: Message) -> Steps[bool]:
        said = ecm.post_message(command.information[0]) if command.information else None
        block_may_come = said not in (Fcf.EOM, Fcf.EOP)
        return (yield from self._replies.again(command, page_may_come=block_may_come))

    def _back_to_phase_b(self, command: Message) -> Steps[Message | None]:
        """After EOM, or a page that was refused: the DCS that begins anew; ``None`` to say DIS again."""
        for _ in range(2 * TRIES):
            heard = yield from self._replies.next_dcs()
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if heard.fcf == Fcf.DIS:  # from a station that we poll: it begins anew
                    return None
                yield from self._replied_again(heard)
            elif heard is not Missing.GARBLED:
                break
        if heard is Missing.SILENCE:
            return None
        self._line.end(Status.T2_EXPIRED, "no new DCS came after the document")
