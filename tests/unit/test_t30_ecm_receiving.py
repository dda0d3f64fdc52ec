"""Canned calls against a receiver with error correction, from T.30 annex A and figures A.7.

Each is played twice: the station was called (it says DIS), or has called and polls (it says DTC).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from faxhw.session import PageEnds, Status, Verdict
from faxhw.t30.answering import answer
from faxhw.t30.calling import poll
from faxhw.t30.line import Procedure, ReceivePage
from faxhw.terms import Family, Modulation, Settings

from .t30_play import (
    CARRIER,
    DCS_ECM,
    DIS_TO_POLL,
    GARBLED,
    GONE,
    SILENCE,
    TCF,
    UNTRAINED,
    Item,
    Play,
)

SETTINGS = Settings(ident="+44 20 7946", ecm=True)
P = Verdict.PENDING


@dataclass(frozen=True)
class Call:
    """What is heard, what must be said, how it must end."""

    clause: str
    hears: list[Item]
    said: str
    """After DIS, or DTC."""
    status: Status = Status.NORMAL
    told: tuple[str, ...] = ("0-3",)
    """What the job is told of each page that begins: the numbers of the frames, by block."""
    pages: int = 1
    """How many pages the job is asked about."""
    verdicts: tuple[Verdict, ...] = ()

    def play(self, *, polls: bool) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        begin: list[Item] = ["CSI DIS"] if polls else []
        play = Play(
            [*begin, *B, *self.hears], dcs=DCS_ECM, dis=DIS_TO_POLL, x=not polls, verdicts=self.verdicts
        )
        return play, (poll if polls else answer)(SETTINGS)


B: list[Item] = ["TSI DCS", TCF]
AGAIN: list[Item] = ["DCS", TCF]
FOUR: list[Item] = ["block(0-3 without 2)", "PPS-MPS(0,0,3)", *["block(2 without 2)", "PPS-MPS(0,0,3)"] * 3]
"""A block of which a frame does not come through."""

CALLS: dict[str, Call] = {
    # -- Blocks and pages
    "one page": Call("A.7", ["block(0-3)", "PPS-EOP(0,0,3)", "DCN"], "MCF"),
    "three pages": Call(
        "A.7",
        ["block(0-3)", "PPS-MPS(0,0,3)", "block(0-1)", "PPS-MPS(1,0,1)", "block(0)", "PPS-EOP(2,0,0)", "DCN"],
        "MCF MCF MCF",
        told=("0-3", "0-1", "0"),
        pages=3,
    ),
    "a page of two blocks": Call(
        "A.3",
        ["block(0-255)", "PPS-NULL(0,0,255)", "blockB(0-9)", "PPS-EOP(0,1,9)", "DCN"],
        "MCF MCF",
        told=("0-255 B0-9",),
    ),
    "frames of 64 octets": Call("A.1.3", ["block(0-9) 64", "PPS-EOP(0,0,9)", "DCN"], "MCF", told=("0-9",)),
    "frames in another order": Call("T.4 A.3", ["block(2-3,0-1)", "PPS-EOP(0,0,3)", "DCN"], "MCF"),
    "RCP is missing": Call("T.4 A.3", ["block(0-3) no RCP", "PPS-EOP(0,0,3)", "DCN"], "MCF"),
    "the next document": Call(
        "A.7",
        ["block(0-3)", "PPS-EOM(0,0,3)", *AGAIN, "block(0-1)", "PPS-EOP(1,0,1)", "DCN"],
        "MCF CFR MCF",
        told=("0-3", "0-1"),
        pages=2,
    ),
    "EOS leads to phase B as EOM does": Call(
        "A.4.3",
        ["block(0-3)", "PPS-EOS(0,0,3)", *AGAIN, "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "MCF CFR MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "procedure interrupts are taken for the plain forms": Call(
        "A.4.3",
        [
            *("block(0-3)", "PPS-PRI-MPS(0,0,3)", "block(0)", "PPS-PRI-EOM(1,0,0)", *AGAIN),
            *("block(0-1)", "PPS-PRI-EOP(2,0,1)", "DCN"),
        ],
        "MCF MCF CFR MCF",
        told=("0-3", "0", "0-1"),
        pages=3,
    ),
    # -- PPR
    "one frame again": Call(
        "A.4.4", ["block(0-3 without 2)", "PPS-EOP(0,0,3)", "block(2)", "PPS-EOP(0,0,3)", "DCN"], "PPR(2) MCF"
    ),
    "some frames, and one of them once more": Call(
        "A.4.4",
        [
            *("block(0-9 without 3,7)", "PPS-EOP(0,0,9)"),
            *("block(3,7 without 7)", "PPS-EOP(0,0,9)", "block(7)", "PPS-EOP(0,0,9)", "DCN"),
        ],
        "PPR(3,7) PPR(7) MCF",
        told=("0-9",),
    ),
    "all frames again": Call(
        "A.4.4",
        ["block(0-3 without 0-3)", "PPS-EOP(0,0,3)", "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(0-3) MCF",
    ),
    "the last of 256 frames": Call(
        "A.4.4",
        [
            *("block(0-255 without 0,255)", "PPS-NULL(0,0,255)", "block(0,255)", "PPS-NULL(0,0,255)"),
            *("blockB(0)", "PPS-EOP(0,1,0)", "DCN"),
        ],
        "PPR(0,255) MCF MCF",
        told=("0-255 B0",),
    ),
    "the carrier breaks off": Call(
        "A.4.4",
        ["block(0-3) cut", "PPS-EOP(0,0,3)", "block(3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(3) MCF",
    ),
    "a carrier without frames": Call(
        "A.4.4", ["block(none)", "PPS-EOP(0,0,3)", "block(0-3)", "PPS-EOP(0,0,3)", "DCN"], "PPR(0-3) MCF"
    ),
    "the carrier could not be trained on": Call(
        "A.4.4",
        [UNTRAINED, "PPS-EOP(0,0,3)", UNTRAINED, "PPS-EOP(0,0,3)", "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(0-3) PPR(0-3) MCF",
    ),
    "the block went by unheard": Call(
        "A.4.4",
        [SILENCE, "PPS-EOP(0,0,3)", "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(0-3) MCF",
    ),
    "more frames than came": Call(
        "A.4.3",
        ["block(0-3)", "PPS-EOP(0,0,5)", "block(4-5)", "PPS-EOP(0,0,5)", "DCN"],
        "PPR(4-5) MCF",
        told=("0-5",),
    ),
    # T.30 leaves open whether a repetition's PPS counts the block or what was repeated: both are found.
    "a repetition that counts only itself": Call(
        "A.4.3",
        [
            "block(0-9 without 1,8)",
            "PPS-EOP(0,0,9)",
            "block(1,8 without 8)",
            "PPS-EOP(0,0,1)",
            "block(8)",
            "PPS-EOP(0,0,0)",
            "DCN",
        ],
        "PPR(1,8) PPR(8) MCF",
        told=("0-9",),
    ),
    "more is repeated than was asked for": Call(
        "A.4.4",
        ["block(0-3 without 2)", "PPS-EOP(0,0,3)", "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(2) MCF",
    ),
    # -- CTC, EOR
    "four PPR, and CTC": Call(
        "A.4.1",
        [*FOUR, "CTC(V.29-7200)", "block(2)", "PPS-MPS(0,0,3)", "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) CTR MCF MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "CTC at the same rate": Call(
        "A.4.1",
        [*FOUR, "CTC(V.29-9600)", "block(2)", "PPS-MPS(0,0,3)", "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) CTR MCF MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "CTC after CTC": Call(
        "A.4.1",
        [
            *(*FOUR, "CTC(V.29-7200)", *["block(2 without 2)", "PPS-MPS(0,0,3)"] * 4, "CTC(V.27ter-4800)"),
            *("block(2)", "PPS-MPS(0,0,3)", "block(0)", "PPS-EOP(1,0,0)", "DCN"),
        ],
        "PPR(2) PPR(2) PPR(2) PPR(2) CTR PPR(2) PPR(2) PPR(2) PPR(2) CTR MCF MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "CTR was lost": Call(
        "A.4.2",
        [*FOUR, "CTC(V.29-7200)", "CTC(V.29-7200)", "block(2)", "PPS-MPS(0,0,3)", SILENCE],
        "PPR(2) PPR(2) PPR(2) PPR(2) CTR CTR MCF",
        Status.T2_NO_PAGE,
    ),
    "CTC at a rate that we do not have": Call(
        "A.4.1",
        [*FOUR, "CTC(reserved)"],
        "PPR(2) PPR(2) PPR(2) PPR(2) DCN",
        Status.RECEIVE_B_BAD_COMMAND,
        told=("0-1",),
        pages=0,
    ),
    "EOR-NULL: the page goes on without the frame": Call(
        "A.4.3",
        [
            *("block(0-3 without 2)", "PPS-NULL(0,0,3)", *["block(2 without 2)", "PPS-NULL(0,0,3)"] * 3),
            *("EOR-NULL", "blockB(0-1)", "PPS-EOP(0,1,1)", "DCN"),
        ],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR MCF",
        told=("0-1,3 B0-1",),
    ),
    "EOR-MPS: the next page": Call(
        "A.4.3",
        [*FOUR, "EOR-MPS", "blockB(0-1)", "PPS-EOP(1,0,1)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR MCF",
        told=("0-1,3", "B0-1"),
        pages=2,
    ),
    "EOR-PRI-MPS is taken for EOR-MPS": Call(
        "A.4.3",
        [*FOUR, "EOR-PRI-MPS", "blockB(0-1)", "PPS-EOP(1,0,1)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR MCF",
        told=("0-1,3", "B0-1"),
        pages=2,
    ),
    "EOR-EOM: the next document": Call(
        "A.4.3",
        [*FOUR, "EOR-EOM", *AGAIN, "blockB(0-1)", "PPS-EOP(1,0,1)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR CFR MCF",
        told=("0-1,3", "B0-1"),
        pages=2,
    ),
    "EOR-EOP: that was all": Call(
        "A.4.3",
        [*FOUR, "EOR-EOP", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR",
        told=("0-1,3",),
    ),
    "EOR-EOP of which nothing came": Call(
        "A.4.3",
        ["block(none)", "PPS-EOP(0,0,3)", "EOR-EOP"],
        "PPR(0-3) DCN",
        Status.PAGE_QUALITY,
        told=("",),
        verdicts=(Verdict.GIVEN_UP,),
    ),
    "ERR was lost": Call(
        "A.4.4",
        [*FOUR, "EOR-MPS", "EOR-MPS", "EOR-MPS", "blockB(0-1)", "PPS-EOP(1,0,1)", "EOR-EOP", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR ERR ERR MCF",
        told=("0-1,3", "B0-1"),
        pages=2,
    ),
    "ERR was lost, and a carrier that is none of ours": Call(
        "A.4.4",
        [*FOUR, "EOR-MPS", *[CARRIER] * 5, "EOR-MPS", "blockB(0-1)", "PPS-EOP(1,0,1)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) ERR ERR MCF",
        told=("0-1,3", "B0-1"),
        pages=2,
    ),
    "a page that was given up cannot be stored": Call(
        "A.4.3",
        [*FOUR, "EOR-MPS"],
        "PPR(2) PPR(2) PPR(2) PPR(2) DCN",
        Status.STORAGE_FAILED,
        told=("0-1,3",),
        verdicts=(Verdict.FAILED,),
    ),
    # -- What gets lost
    "MCF after PPS-NULL was lost": Call(
        "5.4.2",
        ["block(0-3)", *["PPS-NULL(0,0,3)"] * 3, "blockB(0)", "PPS-EOP(0,1,0)", "DCN"],
        "MCF MCF MCF MCF",
        told=("0-3 B0",),
    ),
    "MCF after PPS-MPS was lost": Call(
        "5.4.2",
        ["block(0-3)", *["PPS-MPS(0,0,3)"] * 3, "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "MCF MCF MCF MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "MCF after PPS-EOM was lost": Call(
        "5.4.2",
        ["block(0-3)", *["PPS-EOM(0,0,3)"] * 2, *AGAIN, "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "MCF MCF CFR MCF",
        told=("0-3", "0"),
        pages=2,
    ),
    "MCF after PPS-EOP was lost": Call(
        "5.4.2", ["block(0-3)", *["PPS-EOP(0,0,3)"] * 3, "DCN"], "MCF MCF MCF"
    ),
    "PPR was lost": Call(
        "5.4.2",
        ["block(0-3 without 2)", *["PPS-EOP(0,0,3)"] * 3, "block(2)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(2) PPR(2) PPR(2) MCF",
    ),
    "PPS came damaged": Call(
        "5.3.6.1.8", ["block(0-3)", "PPS-EOP(0,0,3)*", "PPS-EOP(0,0,3)", "DCN"], "CRP MCF"
    ),
    "PPS never comes whole": Call(
        "5.3.6.1.8",
        ["block(0-3)", *["PPS-EOP(0,0,3)*"] * 4],
        "CRP CRP CRP",
        Status.RECEIVE_D_NO_COMMAND,
        pages=0,
    ),
    "PPS is lost": Call("5.4.3.1", ["block(0-3)", SILENCE], "", Status.RECEIVE_D_NO_COMMAND, pages=0),
    "a block that may be the one before once more is not stored twice": Call(
        "A.4.4",
        [
            *("block(0-3)", "PPS-NULL(0,0,3)", *[CARRIER] * 5, "PPS-NULL(0,0,3)"),
            *("block(0-3)", "PPS-NULL(0,0,3)"),
            *("blockB(0-1)", "PPS-EOP(0,1,1)", "DCN"),
        ],
        "MCF PPR(0-3) MCF MCF",
        told=("0-3 B0-1",),
    ),
    "a page that may be the one before once more is not stored twice": Call(
        "A.4.4",
        [
            *("block(0-3)", "PPS-MPS(0,0,3)", UNTRAINED, "PPS-MPS(0,0,3)", "block(0-3)", "PPS-MPS(0,0,3)"),
            *("blockB(0-1)", "PPS-EOP(1,0,1)", "DCN"),
        ],
        "MCF PPR(0-3) MCF MCF",
        told=("0-3", "B0-1"),
        pages=2,
    ),
    "counters that stand still, and another block": Call(
        "A.4.3",
        [
            *("block(0-3)", "PPS-NULL(0,0,3)", *[CARRIER] * 5, "PPS-NULL(0,0,3)"),
            *("blockB(0-3)", "PPS-EOP(0,0,3)", "DCN"),
        ],
        "MCF PPR(0-3) MCF",
        told=("0-3 B0-3",),
    ),
    # -- Commands that make no sense
    "PPS without its counters": Call("A.4.3", ["block(0-3)", "PPS-EOP", "PPS-EOP(0,0,3)", "DCN"], "CRP MCF"),
    "PPS with a command that T.30 has not": Call(
        "A.4.3", ["block(0-3)", "PPS-strange(0,0,3)", "PPS-EOP(0,0,3)", "DCN"], "CRP MCF"
    ),
    "EOP where PPS-EOP is due": Call("A.4.3", ["block(0-3)", "EOP", "PPS-EOP(0,0,3)", "DCN"], "CRP MCF"),
    "MCF comes back from the sender": Call(
        "5.4.2", ["block(0-3)", "MCF", "PPS-EOP(0,0,3)", "DCN"], "CRP MCF"
    ),
    # -- DCS again
    "CFR was lost": Call("5.4.2", [*AGAIN, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"], "CFR MCF"),
    "DCS again in the middle of a page": Call(
        "fig. A.7",
        ["block(0-3 without 2)", "PPS-EOP(0,0,3)", *AGAIN, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(2) CFR MCF",
        told=("0-1", "0-3"),
    ),
    # -- The disk is slow
    "RNR, RR, MCF": Call(
        "A.5", ["block(0-3)", "PPS-EOP(0,0,3)", "RR", "RR", "DCN"], "RNR RNR MCF", verdicts=(P,) * 3
    ),
    "RNR, and the next page": Call(
        "A.5",
        ["block(0-3)", "PPS-MPS(0,0,3)", "RR", "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "RNR MCF MCF",
        told=("0-3", "0"),
        pages=2,
        verdicts=(P, P),
    ),
    "RNR was lost": Call(
        "A.5", ["block(0-3)", "PPS-EOP(0,0,3)", "PPS-EOP(0,0,3)", "DCN"], "RNR MCF", verdicts=(P, P)
    ),
    "RR came damaged": Call(
        "A.5", ["block(0-3)", "PPS-EOP(0,0,3)", "RR*", "RR", "DCN"], "RNR RNR MCF", verdicts=(P,) * 3
    ),
    "MCF after RR was lost: MPS": Call(
        "A.5",
        ["block(0-3)", "PPS-MPS(0,0,3)", "RR", "RR", "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "RNR MCF MCF MCF",
        told=("0-3", "0"),
        pages=2,
        verdicts=(P, P),
    ),
    "MCF after RR was lost: EOM": Call(
        "A.5",
        ["block(0-3)", "PPS-EOM(0,0,3)", "RR", "RR", *AGAIN, "block(0)", "PPS-EOP(1,0,0)", "DCN"],
        "RNR MCF MCF CFR MCF",
        told=("0-3", "0"),
        pages=2,
        verdicts=(P, P),
    ),
    "MCF after RR was lost: EOP": Call(
        "A.5",
        ["block(0-3)", "PPS-EOP(0,0,3)", "RR", "RR", "RR", "DCN"],
        "RNR MCF MCF MCF",
        verdicts=(P, P),
    ),
    "RNR for EOR": Call(
        "A.5",
        [*FOUR, "EOR-MPS", "RR", "blockB(0)", "PPS-EOP(1,0,0)", "DCN"],
        "PPR(2) PPR(2) PPR(2) PPR(2) RNR ERR MCF",
        told=("0-1,3", "B0"),
        pages=2,
        verdicts=(P, P),
    ),
    "no RR after RNR": Call(
        "5.4.3.1",
        ["block(0-3)", "PPS-EOP(0,0,3)", SILENCE],
        "RNR",
        Status.RECEIVE_D_NO_COMMAND,
        verdicts=(P, P),
    ),
    "the disk answers that it cannot": Call(
        "fig. A.7",
        ["block(0-3)", "PPS-EOP(0,0,3)", "RR"],
        "RNR DCN",
        Status.STORAGE_FAILED,
        verdicts=(P, P, Verdict.FAILED),
    ),
    "a sender that begins anew while the disk is at work": Call(
        "fig. A.7",
        ["block(0-3)", "PPS-EOP(0,0,3)", *AGAIN, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "RNR CFR MCF",
        told=("0-3", "0-3"),
        pages=2,
        verdicts=(P, P),
    ),
    # -- Ends
    "the disk is full": Call(
        "fig. A.7",
        ["block(0-3)", "PPS-MPS(0,0,3)"],
        "DCN",
        Status.STORAGE_FAILED,
        verdicts=(Verdict.FAILED,),
    ),
    "the job gives up": Call(
        "fig. A.7",
        ["block(0-3)", "PPS-MPS(0,0,3)"],
        "DCN",
        Status.PAGE_QUALITY,
        verdicts=(Verdict.GIVEN_UP,),
    ),
    # Annex A knows no RTN; a job that refuses a page that came whole has no other word.
    "the job refuses a page": Call(
        "5.3.6.1.7",
        ["block(0-3)", "PPS-EOP(0,0,3)", *AGAIN, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        "RTN CFR MCF",
        told=("0-3", "0-3"),
        pages=2,
        verdicts=(Verdict.REJECTED,),
    ),
    "nobody takes up RTN": Call(
        "5.3.6.1.7",
        ["block(0-3)", "PPS-EOP(0,0,3)", SILENCE],
        "RTN",
        Status.PAGE_QUALITY,
        verdicts=(Verdict.REJECTED,),
    ),
    "DCN in the middle of a page": Call(
        "5.3.6.1.8",
        ["block(0-3 without 2)", "PPS-EOP(0,0,3)", "DCN"],
        "PPR(2)",
        Status.DCN_RECEIVED,
        told=("0-1",),
        pages=0,
    ),
    "the line drops before PPS": Call("5.3.6.1.8", ["block(0-3)", GONE], "", Status.LINE_DROPPED, pages=0),
    "DCN after the last page may come damaged": Call(
        "fig. A.7", ["block(0-3)", "PPS-EOP(0,0,3)", GARBLED], "MCF"
    ),
}


@pytest.mark.parametrize("polls", [False, True], ids=["called", "polls"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_call(call: Call, polls: bool) -> None:
    play, procedure = call.play(polls=polls)
    play.run(procedure)
    assert play.said == f"{'CIG+DTC' if polls else 'CSI+DIS'} CFR {call.said}".strip()
    assert play.outcome is not None
    assert play.outcome.status is call.status, play.outcome
    assert play.told == call.told
    assert len([each for each in play.events if isinstance(each, PageEnds)]) == call.pages


DCS_V17 = bytes.fromhex("00 22 f0 04")
"""V.17 at 14400 (bit 14) with error correction."""


@pytest.mark.parametrize(
    ("hears", "asked"),
    [
        (["block(0-3)", "PPS-MPS(0,0,3)", SILENCE], "14400 short, 14400 short"),
        ([*FOUR, "CTC(V.17-12000)", "block(2)", "PPS-MPS(0,0,3)", SILENCE], "12000 long, 12000 short"),
        (
            [*FOUR, "CTC(V.17-14400)", "CTC(V.17-14400)", "block(2)", "PPS-MPS(0,0,3)"],
            "14400 long, 14400 short",
        ),
        ([*FOUR, "CTC(V.17-9600)", UNTRAINED, "PPS-MPS(0,0,3)", "block(2)"], "9600 long, 9600 short"),
        ([*FOUR, "CTC(V.17-9600)", SILENCE, "PPS-MPS(0,0,3)", "block(2)"], "9600 long, 9600 short"),
    ],
)
def test_only_the_first_carrier_after_ctr_trains_long(hears: list[Item], asked: str) -> None:
    """T.30 5.3.6.1.3 and V.17 clause 5: long for TCF and for what follows CTR, short for all the rest.

    Where the carrier after CTR is missed, the one after it is short all the same: its sender cannot know.
    """
    settings = replace(SETTINGS, families=frozenset({Family.V17}))
    play = Play([*B, *hears], dcs=DCS_V17).run(answer(settings))
    waits = [each for each in play.asked if isinstance(each, ReceivePage)]
    found = [f"{each.modulation.rate} {'short' if each.short_training else 'long'}" for each in waits]
    runs = [each for at, each in enumerate(found) if at == 0 or found[at - 1] != each]
    assert runs[0] == "14400 long"
    assert all(each.modulation.family is Family.V17 for each in waits)
    last = runs[-2:] if "long" in asked else [found[-2], found[-1]]
    assert last == asked.split(", ")


def test_the_job_is_told_what_a_page_has_cost() -> None:
    play = Play([*B, *FOUR, "EOR-MPS", "block(0)", "PPS-EOP(1,0,0)", "DCN"], dcs=DCS_ECM)
    play.run(answer(SETTINGS))
    ends = [each for each in play.events if isinstance(each, PageEnds)]
    assert [(each.intact, each.last_chance, each.retransmissions) for each in ends] == [
        (False, True, 4),
        (True, False, 0),
    ]


def test_a_page_that_may_be_the_last_one_again_is_marked() -> None:
    """MCF was lost, and the sender, instead of asking again, has trained anew: that is for the job to see."""
    play = Play(
        [
            *B,
            "block(0-3)",
            "PPS-MPS(0,0,3)",
            *AGAIN,
            "block(0-3)",
            "PPS-MPS(0,0,3)",
            "block(0)",
            "PPS-EOP(1,0,0)",
        ],
        dcs=DCS_ECM,
    ).run(answer(SETTINGS))
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == [False, True, False]


def test_a_page_after_one_that_was_given_up_is_another_one() -> None:
    """ERR confirms nothing: a DCS that follows it is no sign that MCF was lost."""
    confirmed: list[Item] = ["block(0-1)", "PPS-MPS(0,0,1)"]
    given_up: list[Item] = [
        each.replace("(0,0,3)", "(1,0,3)") if isinstance(each, str) else each for each in FOUR
    ]
    last: list[Item] = ["block(0)", "PPS-EOP(2,0,0)", "DCN"]
    play = Play([*B, *confirmed, *given_up, "EOR-MPS", *AGAIN, *last], dcs=DCS_ECM).run(answer(SETTINGS))
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == [False, False, False]


def test_a_page_that_the_disk_may_have_by_now_is_marked() -> None:
    """The sender begins anew instead of asking by RR: it may be the page that the disk was at work on."""
    play = Play(
        [*B, "block(0-3)", "PPS-EOP(0,0,3)", *AGAIN, "block(0-3)", "PPS-EOP(0,0,3)", "DCN"],
        dcs=DCS_ECM,
        verdicts=(P, P),
    ).run(answer(SETTINGS))
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == [False, True]


def test_the_modulation_of_ctc_is_the_one_that_is_named() -> None:
    play = Play([*B, *FOUR, "CTC(V.27ter-2400)", "block(2)"], dcs=DCS_ECM).run(answer(SETTINGS))
    waits = [each for each in play.asked if isinstance(each, ReceivePage)]
    assert waits[-1].modulation == Modulation(Family.V27TER, 2400)
