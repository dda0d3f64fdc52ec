"""Canned calls against a sender with error correction, from T.30 annex A and figures A.7.

Each is played twice: the station has called (it hears a DIS), or was called and is polled (it hears a DTC).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from faxhw.session import NextStep, PageSent, Refused, Status
from faxhw.t30.answering import hold_ready
from faxhw.t30.calling import call
from faxhw.t30.line import Procedure, SendFrames
from faxhw.terms import Family, Settings

from .t30_play import CARRIER, DIS_64, DIS_ECM, GARBLED, GONE, SILENCE, Item, Play

SETTINGS = Settings(ident="+44", families=frozenset({Family.V29}), ecm=True)
P, E, D = NextStep.MORE_PAGES, NextStep.NO_MORE, NextStep.MORE_DOCUMENTS
GO_ON = (Refused.GO_ON,)
FIVE = bytes(range(256)) * 4 + b"the end"
"""Four frames of 256 octets, and one that has to be filled up."""


@dataclass(frozen=True)
class Call:
    """What is heard, what must be said and done, how it must end."""

    clause: str
    hears: list[Item]
    said: str
    """From the first DCS on; ``DCS``, ``SLOW`` and ``@`` stand for what would be the same in each row."""
    status: Status = Status.NORMAL
    confirmed: tuple[bool, ...] = (True,)
    pages: tuple[NextStep, ...] = (E,)
    page: bytes = FIVE
    refusals: tuple[Refused, ...] = ()
    dis: bytes = DIS_ECM
    settings: Settings = field(default=SETTINGS)

    def play(self, *, polled: bool) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        play = Play(
            ["CIG DTC" if polled else "CSI DIS", *self.hears],
            dis=self.dis,
            x=polled,
            pages=self.pages,
            page=self.page,
            refusals=self.refusals,
        )
        return play, (hold_ready if polled else call)(self.settings)

    @property
    def words(self) -> str:
        said = self.said.replace("DCS", "TSI+DCS TCF@").replace("SLOW", "TSI+DCS TCF@V.29 7200")
        return said.replace("@ ", "@V.29 9600 ")


CALLS: dict[str, Call] = {
    # -- Blocks and pages
    "one page": Call("A.7", ["CFR", "MCF"], "DCS block(0-4)@ PPS-EOP(0,0,4) DCN"),
    "three pages": Call(
        "A.7",
        ["CFR", "MCF", "MCF", "MCF"],
        "DCS block(0-4)@ PPS-MPS(0,0,4) block(0-4)@ PPS-MPS(1,0,4) block(0-4)@ PPS-EOP(2,0,4) DCN",
        pages=(P, P, E),
        confirmed=(True, True, True),
    ),
    "a page of one frame": Call("A.3", ["CFR", "MCF"], "DCS block(0)@ PPS-EOP(0,0,0) DCN", page=b"x" * 256),
    "a page of two blocks": Call(
        "A.3",
        ["CFR", "MCF", "MCF"],
        "DCS block(0-255)@ PPS-NULL(0,0,255) block(0)@ PPS-EOP(0,1,0) DCN",
        page=b"x" * (256 * 64 + 1),
        dis=DIS_64,
    ),
    "frames of 64 octets where the far end prefers them": Call(
        "table 2", ["CFR", "MCF"], "DCS block(0-16)@ PPS-EOP(0,0,16) DCN", dis=DIS_64
    ),
    "the next document": Call(
        "A.7",
        ["CFR", "MCF", SILENCE, "CFR", "MCF"],
        "DCS block(0-4)@ PPS-EOM(0,0,4) DCS block(0-4)@ PPS-EOP(1,0,4) DCN",
        pages=(D, E),
        confirmed=(True, True),
    ),
    # -- PPR
    "one frame again": Call(
        "A.4.4",
        ["CFR", "PPR(2)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(2)@ PPS-EOP(0,0,4) DCN",
    ),
    "some frames, and one of them once more": Call(
        "A.4.4",
        ["CFR", "PPR(1,3-4)", "PPR(3)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(1,3-4)@ PPS-EOP(0,0,4) block(3)@ PPS-EOP(0,0,4) DCN",
    ),
    "all frames again": Call(
        "A.4.4",
        ["CFR", "PPR(0-4)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(0-4)@ PPS-EOP(0,0,4) DCN",
    ),
    "the last of 256 frames": Call(
        "A.4.4",
        ["CFR", "PPR(0,255)", "MCF", "MCF"],
        "DCS block(0-255)@ PPS-NULL(0,0,255) block(0,255)@ PPS-NULL(0,0,255) block(0)@ PPS-EOP(0,1,0) DCN",
        page=b"x" * (256 * 64 + 1),
        dis=DIS_64,
    ),
    "PPR asks for frames that the block has not": Call(
        "A.4.4",
        ["CFR", "PPR(none)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(0-4)@ PPS-EOP(0,0,4) DCN",
    ),
    "PPR without its field": Call(
        "A.4.4",
        ["CFR", "PPR(2)", "PPR", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(2)@ PPS-EOP(0,0,4) block(2)@ PPS-EOP(0,0,4) DCN",
    ),
    # -- CTC, EOR
    "four PPR, and a slower rate": Call(
        "A.4.1",
        ["CFR", *["PPR(0-4)"] * 4, "CTR", "MCF"],
        "DCS" + " block(0-4)@ PPS-EOP(0,0,4)" * 4 + " CTC(V.29-7200) block(0-4)@V.29 7200 PPS-EOP(0,0,4) DCN",
    ),
    "four PPR, and the same rate where most came through": Call(
        "A.4.1",
        ["CFR", "PPR(0-4)", "PPR(1-3)", "PPR(1)", "PPR(1)", "CTR", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) block(0-4)@ PPS-EOP(0,0,4) block(1-3)@ PPS-EOP(0,0,4)"
        " block(1)@ PPS-EOP(0,0,4) CTC(V.29-9600) block(1)@ PPS-EOP(0,0,4) DCN",
    ),
    "the slower rate holds for the pages that follow": Call(
        "A.4.1",
        ["CFR", *["PPR(0)"] * 4, "CTR", "MCF", "MCF"],
        "DCS" + " block(0)@ PPS-MPS(0,0,0)" * 4 + " CTC(V.29-7200) block(0)@V.29 7200 PPS-MPS(0,0,0)"
        " block(0)@V.29 7200 PPS-EOP(1,0,0) DCN",
        page=b"x",
        pages=(P, E),
        confirmed=(True, True),
    ),
    "the count of PPR begins anew with each block": Call(
        "A.1.3",
        ["CFR", *["PPR(0)"] * 3, "MCF", *["PPR(0)"] * 3, "MCF"],
        "DCS" + " block(0)@ PPS-MPS(0,0,0)" * 4 + " block(0)@ PPS-EOP(1,0,0)" * 4 + " DCN",
        page=b"x",
        pages=(P, E),
        confirmed=(True, True),
    ),
    "no rate is left: DCN": Call(
        "A.4.3",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4],
        "DCS"
        + " block(0)@ PPS-EOP(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-EOP(0,0,0)" * 4
        + " DCN",
        Status.PAGE_QUALITY,
        page=b"x",
        confirmed=(False,),
    ),
    "no rate is left, and the job goes on: EOR": Call(
        "A.4.3",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4, "ERR", "MCF"],
        "DCS"
        + " block(0)@ PPS-MPS(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-MPS(0,0,0)" * 4
        + " EOR-MPS block(0)@V.29 7200 PPS-EOP(1,0,0) DCN",
        page=b"x",
        pages=(P, E),
        confirmed=(False, True),
        refusals=GO_ON,
    ),
    "EOR before the next document": Call(
        "A.4.3",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4, "ERR", SILENCE, "CFR", "MCF"],
        "DCS"
        + " block(0)@ PPS-EOM(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-EOM(0,0,0)" * 4
        + " EOR-EOM DCS block(0)@ PPS-EOP(1,0,0) DCN",
        page=b"x",
        pages=(D, E),
        confirmed=(False, True),
        refusals=GO_ON,
    ),
    "EOR for the last page": Call(
        "A.4.3",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4, "ERR"],
        "DCS"
        + " block(0)@ PPS-EOP(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-EOP(0,0,0)" * 4
        + " EOR-EOP DCN",
        Status.PAGE_QUALITY,
        page=b"x",
        confirmed=(False,),
        refusals=GO_ON,
    ),
    "ERR was lost": Call(
        "5.4.2",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4, SILENCE, GARBLED, "ERR"],
        "DCS"
        + " block(0)@ PPS-EOP(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-EOP(0,0,0)" * 4
        + " EOR-EOP EOR-EOP EOR-EOP DCN",
        Status.PAGE_QUALITY,
        page=b"x",
        confirmed=(False,),
        refusals=GO_ON,
    ),
    "RNR for EOR": Call(
        "A.5",
        ["CFR", *["PPR(0)"] * 4, "CTR", *["PPR(0)"] * 4, "RNR", "RNR", "ERR"],
        "DCS"
        + " block(0)@ PPS-EOP(0,0,0)" * 4
        + " CTC(V.29-7200)"
        + " block(0)@V.29 7200 PPS-EOP(0,0,0)" * 4
        + " EOR-EOP RR RR DCN",
        Status.PAGE_QUALITY,
        page=b"x",
        confirmed=(False,),
        refusals=GO_ON,
    ),
    "CTC is answered at the third time": Call(
        "5.4.2",
        ["CFR", *["PPR(0)"] * 4, SILENCE, "CRP", "CTR", "MCF"],
        "DCS"
        + " block(0)@ PPS-EOP(0,0,0)" * 4
        + " CTC(V.29-7200) CTC(V.29-7200) CTC(V.29-7200) block(0)@V.29 7200 PPS-EOP(0,0,0) DCN",
        page=b"x",
    ),
    # -- What gets lost
    "PPS is said three times": Call(
        "5.4.2",
        ["CFR", SILENCE, GARBLED, SILENCE],
        "DCS block(0-4)@ PPS-EOP(0,0,4) PPS-EOP(0,0,4) PPS-EOP(0,0,4) DCN",
        Status.EOP_NO_REPLY,
        confirmed=(),
    ),
    "PPS-NULL is said three times": Call(
        "5.4.2",
        ["CFR", SILENCE, SILENCE, SILENCE],
        "DCS block(0-255)@ PPS-NULL(0,0,255) PPS-NULL(0,0,255) PPS-NULL(0,0,255) DCN",
        Status.EOP_NO_REPLY,
        confirmed=(),
        page=b"x" * (256 * 64 + 1),
        dis=DIS_64,
    ),
    "MCF on the third PPS": Call(
        "5.4.2",
        ["CFR", CARRIER, SILENCE, "CRP", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) PPS-EOP(0,0,4) PPS-EOP(0,0,4) DCN",
    ),
    "PPR on the second PPS": Call(
        "5.4.2",
        ["CFR", SILENCE, "PPR(4)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) PPS-EOP(0,0,4) block(4)@ PPS-EOP(0,0,4) DCN",
    ),
    # -- The receiver is not ready
    "RNR, RR, MCF": Call(
        "A.5",
        ["CFR", "RNR", "RNR", "RNR", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) RR RR RR DCN",
    ),
    "PPR after RR": Call(
        "A.5",
        ["CFR", "RNR", "PPR(1)", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) RR block(1)@ PPS-EOP(0,0,4) DCN",
    ),
    "RR is said three times": Call(
        "5.4.2",
        ["CFR", "RNR", SILENCE, SILENCE, SILENCE],
        "DCS block(0-4)@ PPS-EOP(0,0,4) RR RR RR DCN",
        Status.EOP_NO_REPLY,
        confirmed=(),
    ),
    # -- Other words. Annex A has neither RTN nor RTP; who says them means what they mean elsewhere.
    "RTN": Call(
        "5.3.6.1.7",
        ["CFR", "RTN", "CFR", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) SLOW block(0-4)@V.29 7200 PPS-EOP(0,0,4) DCN",
        pages=(E, E),
        confirmed=(False, True),
    ),
    "RTP": Call(
        "5.3.6.1.7",
        ["CFR", "RTP", "CFR", "MCF"],
        "DCS block(0-4)@ PPS-MPS(0,0,4) DCS block(0-4)@ PPS-EOP(1,0,4) DCN",
        pages=(P, E),
        confirmed=(True, True),
    ),
    "PIN: from phase B on": Call(
        "A.6",
        ["CFR", "PIN", "CFR", "MCF"],
        "DCS block(0-4)@ PPS-EOP(0,0,4) DCS block(0-4)@ PPS-EOP(0,0,4) DCN",
        pages=(E, E),
        confirmed=(False, True),
    ),
    "PIP: from phase B on": Call(
        "A.6",
        ["CFR", "PIP", "CFR", "MCF"],
        "DCS block(0-4)@ PPS-MPS(0,0,4) DCS block(0-4)@ PPS-EOP(1,0,4) DCN",
        pages=(P, E),
        confirmed=(True, True),
    ),
    "RTN after the first of two blocks": Call(
        "5.3.6.1.7",
        ["CFR", "RTN", "CFR", "MCF", "MCF"],
        "DCS block(0-255)@ PPS-NULL(0,0,255)"
        " SLOW block(0-255)@V.29 7200 PPS-NULL(0,0,255) block(0)@V.29 7200 PPS-EOP(0,1,0) DCN",
        page=b"x" * (256 * 64 + 1),
        dis=DIS_64,
        confirmed=(False, True),
    ),
    "DCN": Call(
        "5.3.6.1.8",
        ["CFR", "DCN"],
        "DCS block(0-4)@ PPS-EOP(0,0,4)",
        Status.SEND_D_BAD_RESPONSE,
        confirmed=(),
    ),
    "the line drops": Call(
        "5.3.6.1.8", ["CFR", GONE], "DCS block(0-4)@ PPS-EOP(0,0,4)", Status.LINE_DROPPED, confirmed=()
    ),
    "the far end has no ECM": Call(
        "table 2", ["CFR", "MCF"], "DCS page@ EOP DCN", dis=bytes.fromhex("00 06 70")
    ),
}


@pytest.mark.parametrize("polled", [False, True], ids=["calling", "polled"])
@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS.keys())
def test_call(case: Call, polled: bool) -> None:
    play, procedure = case.play(polled=polled)
    play.run(procedure)
    assert play.said.removeprefix("CSI+DIS ") == case.words
    assert play.outcome is not None
    assert play.outcome.status is case.status, play.outcome
    assert tuple(each.confirmed for each in play.events if isinstance(each, PageSent)) == case.confirmed


@pytest.mark.parametrize(
    ("page", "dis", "size", "blocks"),
    [
        (FIVE, DIS_ECM, 256, {"0,0": 5}),
        (FIVE, DIS_64, 64, {"0,0": 17}),
        (b"\xff" * 64 * 300, DIS_64, 64, {"0,0": 256, "0,1": 44}),
    ],
)
def test_what_is_in_the_frames(page: bytes, dis: bytes, size: int, blocks: dict[str, int]) -> None:
    """In order, each of the size that the DCS says, the last filled up with zeros (T.4 annex A.3.5)."""
    play = Play(["DIS", "CFR", *["MCF"] * len(blocks)], dis=dis, x=False, page=page).run(call(SETTINGS))
    assert {key: len(frames) for key, frames in play.blocks.items()} == blocks
    sent = [each for frames in play.blocks.values() for each in frames.values()]
    assert all(len(each) == size for each in sent)
    assert b"".join(sent) == page.ljust(len(sent) * size, b"\0")
    dcs = next(each for each in play.asked if isinstance(each, SendFrames)).frames[-1][3:]
    assert dcs[3] & 0x0C == (0x0C if size == 64 else 0x04), "bits 27 and 28"


def test_only_the_first_block_after_ctr_trains_long() -> None:
    """V.17: the long training for TCF and what follows CTR, the short one for all the rest (5.3.6.1.3)."""
    v17 = replace(SETTINGS, families=frozenset({Family.V17}))
    play = Play(
        ["DIS", "CFR", *["PPR(0)"] * 4, "CTR", "PPR(0)", "MCF"],
        dis=bytes.fromhex("00 2e f0 04"),
        x=False,
        page=b"x",
    ).run(call(v17))
    blocks = [each for each in play.acts if each.startswith("block")]
    assert blocks == [
        *["block(0)@V.17 14400 short"] * 4,
        "block(0)@V.17 12000",
        "block(0)@V.17 12000 short",
    ]


def test_ctc_says_what_a_dcs_would() -> None:
    """Its field is bits 1 to 16 of a DCS: receive, the rate, the resolution, the coding (annex A.4.1)."""
    play = Play(
        ["DIS", "CFR", *["PPR(0)"] * 4, "CTR", "MCF"], dis=bytes.fromhex("00 0e f0 04"), x=False, page=b"x"
    )
    play.run(call(SETTINGS))
    said = [each.frames[-1] for each in play.asked if isinstance(each, SendFrames)]
    ctc = next(each for each in said if each[2] == 0x13)
    assert ctc.hex(" ") == "ff 13 13 00 0e"  # 1100 1000, X as 1; 0000 0000 0111 0000: receive, V.29 at 7200
