"""Canned calls against the calling sender, written from T.30's flow charts (figure 5-2a)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from faxhw.session import Negotiated, NextStep, PageSent, PageWanted, Refused, Status
from faxhw.t30 import capabilities, frames
from faxhw.t30.bits import RATE, SCAN_TIME, Bits
from faxhw.t30.calling import call
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Procedure, SendFrames
from faxhw.terms import Family, Modulation, Resolution, Settings

from .t30_play import GARBLED, GONE, SILENCE, Item, Play

V29_ONLY = Settings(ident="+44", families=frozenset({Family.V29}))
SLOWEST = Settings(ident="+44", resolutions=frozenset({Resolution.STANDARD}))
DIS = capabilities.offer(V29_ONLY).octets
P, E, D = NextStep.MORE_PAGES, NextStep.NO_MORE, NextStep.MORE_DOCUMENTS


@dataclass(frozen=True)
class Call:
    """What is heard, what must be said and done, how it must end."""

    clause: str
    """Where T.30 has it."""
    hears: list[Item]
    said: str
    status: Status
    pages: tuple[NextStep, ...] = (E,)
    confirmed: tuple[bool, ...] = ()
    dis: bytes = DIS
    settings: Settings = field(default=V29_ONLY)
    refusals: tuple[Refused, ...] = ()

    def play(self) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        play = Play(self.hears, dis=self.dis, x=False, pages=self.pages, refusals=self.refusals)
        return play, call(self.settings)


DCS = "TSI+DCS TCF@V.29 9600"
SLOW = "TSI+DCS TCF@V.29 7200"
PAGE = "page@V.29 9600"

CALLS: dict[str, Call] = {
    "one page": Call(
        "fig. 5-2a", ["CSI DIS", "CFR", "MCF"], f"{DCS} {PAGE} EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "two pages": Call(
        "fig. 5-2a",
        ["CSI DIS", "CFR", "MCF", "MCF"],
        f"{DCS} {PAGE} MPS {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(True, True),
    ),
    "FTT, then slower": Call(
        "5.3.6.1.4",
        ["DIS", "FTT", "CFR", "MCF"],
        f"{DCS} {SLOW} page@V.29 7200 EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "FTT at every rate": Call(
        "5.3.6.1.4", ["DIS", "FTT", "FTT"], f"{DCS} {SLOW} DCN", Status.TRAINING_FAILED
    ),
    "V.17 trains short for the page": Call(
        "5.3.6.1.3",
        ["DIS", "CFR", "MCF"],
        "TSI+DCS TCF@V.17 14400 page@V.17 14400 short EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
        settings=Settings(ident="1"),
        dis=capabilities.offer(Settings()).octets,
    ),
    "DIS twice, and damaged": Call(
        "5.4.2",
        [GARBLED, "DIS", "DIS", "CFR", "MCF"],
        f"{DCS} {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "no DIS": Call("5.4.3.1 T1", [SILENCE], "", Status.NO_DIS),
    "DCN in place of DIS": Call("5.3.6.1.8", ["DCN"], "", Status.SEND_B_DCN),
    "no reply to DCS": Call("5.4.2", ["DIS", *[SILENCE] * 3], f"{DCS} {DCS} {DCS} DCN", Status.DCS_NO_REPLY),
    "DCN in reply to DCS": Call("5.3.6.1.8", ["DIS", "DCN"], DCS, Status.SEND_B_DCN),
    "MCF in reply to DCS": Call("fig. 5-2a", ["DIS", "MCF"], f"{DCS} DCN", Status.SEND_B_BAD_RESPONSE),
    "no common modulation": Call(
        "table 2",
        ["DIS"],
        "DCN",
        Status.NO_COMMON_RATE,
        dis=capabilities.offer(Settings(families=frozenset({Family.V27TER}))).octets,
    ),
    "a station that cannot receive": Call(
        "table 2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, dis=Bits.of(["to_poll"]).octets
    ),
    "EOP is said three times": Call(
        "5.4.2",
        ["DIS", "CFR", SILENCE, GARBLED, SILENCE],
        f"{DCS} {PAGE} EOP EOP EOP DCN",
        Status.EOP_NO_REPLY,
    ),
    "MCF on the second EOP": Call(
        "5.4.2", ["DIS", "CFR", SILENCE, "MCF"], f"{DCS} {PAGE} EOP EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "CRP for EOP": Call(
        "5.3.6.1.8",
        ["DIS", "CFR", "CRP", "MCF"],
        f"{DCS} {PAGE} EOP EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "RTN: train and send again": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "RTN", "CFR", "MCF"],
        f"{DCS} {PAGE} EOP {SLOW} page@V.29 7200 EOP DCN",
        Status.NORMAL,
        pages=(E, E),
        confirmed=(False, True),
    ),
    "RTP: train, next page": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "RTP", "CFR", "MCF"],
        f"{DCS} {PAGE} MPS {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(True, True),
    ),
    "EOM: DIS again": Call(
        "5.3.6.1.6",
        ["DIS", "CFR", "MCF", "DIS", "CFR", "MCF"],
        f"{DCS} {PAGE} EOM {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(D, E),
        confirmed=(True, True),
    ),
    "DCN in reply to EOP": Call(
        "5.3.6.1.8", ["DIS", "CFR", "DCN"], f"{DCS} {PAGE} EOP", Status.SEND_D_BAD_RESPONSE
    ),
    "FTT in reply to MPS": Call(
        "fig. 5-2a", ["DIS", "CFR", "FTT"], f"{DCS} {PAGE} MPS MPS MPS DCN", Status.MPS_INVALID, pages=(P,)
    ),
    "a late DIS over our DCS": Call(
        "5.4.2",
        ["CSI DIS", "CSI DIS", "CFR", "MCF"],
        f"{DCS} {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "DIS for ever": Call("5.4.2", ["DIS"] * 4, f"{DCS} {DCS} {DCS} DCN", Status.DIS_AGAIN),
    "DIS again, and then nothing": Call(
        "5.4.2", ["DIS", "DIS", SILENCE, "DIS"], f"{DCS} {DCS} {DCS} DCN", Status.DCS_NO_REPLY
    ),
    "DIS of which only CSI came whole": Call(
        "5.4.2",
        ["NSF CSI DIS*", "NSF CSI DIS", "CFR", "MCF"],
        f"{DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "NSF and CSI came damaged": Call(
        "5.3.6.1.1",
        ["NSF* CSI* DIS", "CFR", "MCF"],
        f"{DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "CFR twice": Call(
        "5.4.2", ["DIS", "CFR", "CFR", "MCF"], f"{DCS} {PAGE} EOP EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "CFR comes damaged": Call(
        "5.4.2",
        ["DIS", "CFR*", "CFR", "MCF"],
        f"{DCS} {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "CRP for DCS": Call(
        "5.3.6.1.8",
        ["DIS", "CRP", "CFR", "MCF"],
        f"{DCS} {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "CRP for ever": Call(
        "5.4.2", ["DIS", "CFR", *["CRP"] * 3], f"{DCS} {PAGE} EOP EOP EOP DCN", Status.EOP_NO_REPLY
    ),
    "an empty DIS": Call("table 2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, dis=b""),
    "a DIS of one octet": Call("table 2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, dis=b"\xff"),
    # All ones is a rate code that T.30 reserves: read as the least that every station has.
    "a DIS of forty octets, all ones": Call(
        "table 2",
        ["DIS", "CFR", "MCF"],
        "TSI+DCS TCF@V.27ter 4800 page@V.27ter 4800 EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
        settings=Settings(ident="1"),
        dis=b"\xff" * 40,
    ),
    "a DIS that does not end": Call(
        "table 2",
        ["DIS", "CFR", "MCF"],
        "TSI+DCS TCF@V.27ter 2400 page@V.27ter 2400 EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
        settings=Settings(ident="1"),
        dis=bytes.fromhex("00 02 80") + b"\x80" * 400,
    ),
    "the X bit of all replies is wrong": Call(
        "5.3.6.1",
        ["DIS", (frames.build(Fcf.CFR, x=True),), (frames.build(Fcf.MCF, x=True),)],
        f"{DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "FTT down the whole ladder": Call(
        "5.3.6.1.4",
        ["DIS", *["FTT"] * 8],
        " ".join(
            f"TSI+DCS TCF@{each}"
            for each in (
                *("V.17 14400", "V.17 12000", "V.17 9600", "V.29 9600"),
                *("V.17 7200", "V.29 7200", "V.27ter 4800", "V.27ter 2400"),
            )
        )
        + " DCN",
        Status.TRAINING_FAILED,
        settings=Settings(ident="1"),
        dis=bytes.fromhex("00 2e 70"),
    ),
    "RTN: the rate that failed is tried no more": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "RTN", "CFR", "RTN", "CFR", "RTN", "CFR", "RTN"],
        f"{DCS} {PAGE} EOP" + f" {SLOW} page@V.29 7200 EOP" * 3 + " DCN",
        Status.PAGE_QUALITY,
        pages=(E,) * 4,
        confirmed=(False,) * 4,
    ),
    "RTN, and the job goes on": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "RTN", "CFR", "MCF"],
        f"{DCS} {PAGE} MPS {SLOW} page@V.29 7200 EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(False, True),
        refusals=(Refused.GO_ON,),
    ),
    "RTN for the last page, and the job lets it be": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "RTN"],
        f"{DCS} {PAGE} EOP DCN",
        Status.PAGE_QUALITY,
        confirmed=(False,),
        refusals=(Refused.GO_ON,),
    ),
    "RTP for the last page": Call(
        "5.3.6.1.7", ["DIS", "CFR", "RTP"], f"{DCS} {PAGE} EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "PIN: from phase B on": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "PIN", "CFR", "MCF"],
        f"{DCS} {PAGE} EOP {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(E, E),
        confirmed=(False, True),
    ),
    "PIP: from phase B on": Call(
        "5.3.6.1.7",
        ["DIS", "CFR", "PIP", "CFR", "MCF"],
        f"{DCS} {PAGE} MPS {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(True, True),
    ),
    "EOM: no DIS comes, and none is waited for": Call(
        "5.3.6.1.6",
        ["DIS", "CFR", "MCF", SILENCE, "CFR", "MCF"],
        f"{DCS} {PAGE} EOM {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(D, E),
        confirmed=(True, True),
    ),
    "EOM: DIS comes when T2 has passed, over our DCS": Call(
        "5.4.3.1 T2",
        ["DIS", "CFR", "MCF", SILENCE, "DIS", "CFR", "MCF"],
        f"{DCS} {PAGE} EOM {DCS} {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(D, E),
        confirmed=(True, True),
    ),
    "EOM: another DIS, of less": Call(
        "5.3.6.1.6",
        ["DIS", "CFR", "MCF", (frames.build(Fcf.DIS, bytes.fromhex("00 02 70")),), "CFR", "MCF"],
        "TSI+DCS TCF@V.29 9600 page@V.29 9600 EOM TSI+DCS TCF@V.27ter 2400 page@V.27ter 2400 EOP DCN",
        Status.NORMAL,
        pages=(D, E),
        confirmed=(True, True),
        settings=Settings(ident="1"),
        dis=bytes.fromhex("00 06 70"),
    ),
    "EOM: and nobody is there any more": Call(
        "5.4.2",
        ["DIS", "CFR", "MCF", *[SILENCE] * 4],
        f"{DCS} {PAGE} EOM {DCS} {DCS} {DCS} DCN",
        Status.DCS_NO_REPLY,
        pages=(D, E),
        confirmed=(True,),
    ),
    "EOM: DCN": Call(
        "5.3.6.1.8",
        ["DIS", "CFR", "MCF", "DCN"],
        f"{DCS} {PAGE} EOM",
        Status.SEND_B_DCN,
        pages=(D, E),
        confirmed=(True,),
    ),
    "the line drops before the reply": Call(
        "fig. 5-2a", ["DIS", "CFR", GONE], f"{DCS} {PAGE} EOP", Status.LINE_DROPPED
    ),
}


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS.keys())
def test_call(case: Call) -> None:
    play, procedure = case.play()
    play.run(procedure)
    assert play.said == case.said
    assert play.outcome is not None
    assert play.outcome.status is case.status, play.outcome
    assert tuple(each.confirmed for each in play.events if isinstance(each, PageSent)) == case.confirmed


def test_rtn_without_end_is_bounded() -> None:
    play = Play(["DIS", *["CFR", "RTN"] * 4], dis=DIS).run(call(V29_ONLY))
    assert play.outcome is not None
    assert play.outcome.status is Status.PAGE_QUALITY


def test_sub_address_and_password_go_where_they_are_understood() -> None:
    ours = replace(SLOWEST, sub_address="42", password="secret")
    told = Play(["DIS", "CFR", "MCF"], dis=Bits.of(["receiver", "sub_address", "password"]).octets).run(
        call(ours)
    )
    assert told.said.startswith("SID+SUB+TSI+DCS ")
    sent = next(each for each in told.asked if isinstance(each, SendFrames))
    assert Bits(sent.frames[-1][3:]).names() == ("receiver", "sub_address", "password")
    plain = Play(["DIS", "CFR", "MCF"], dis=Bits.of(["receiver"]).octets).run(call(ours))
    assert plain.said.startswith("TSI+DCS ")


def test_a_page_that_was_refused_is_wanted_again() -> None:
    play = Play(["DIS", "CFR", "RTN", "CFR", "MCF"], dis=DIS, pages=(E, E)).run(call(V29_ONLY))
    assert [each.again for each in play.events if isinstance(each, PageWanted)] == [False, True]


def test_negotiated_tells_the_modulation_that_trained() -> None:
    play = Play(["DIS", "FTT", "CFR", "MCF"], dis=DIS).run(call(V29_ONLY))
    settled = [each.parameters.modulation for each in play.events if isinstance(each, Negotiated)]
    assert settled == [Modulation(Family.V29, 7200)]


@pytest.mark.parametrize(
    ("code", "resolution", "ecm", "seconds", "said"),
    [
        ((0, 0, 0), Resolution.STANDARD, False, 0.020, (0, 0, 0)),
        ((1, 1, 0), Resolution.STANDARD, False, 0.020, (0, 0, 0)),
        ((1, 1, 0), Resolution.FINE, False, 0.010, (0, 1, 0)),
        ((1, 0, 1), Resolution.STANDARD, False, 0.040, (0, 0, 1)),
        ((0, 1, 1), Resolution.FINE, False, 0.005, (1, 0, 0)),
        ((1, 1, 1), Resolution.FINE, False, 0.0, (1, 1, 1)),
        ((0, 0, 0), Resolution.FINE, True, 0.0, (1, 1, 1)),
    ],
)
def test_each_row_takes_the_time_that_the_far_end_needs(
    code: tuple[int, ...], resolution: Resolution, ecm: bool, seconds: float, said: tuple[int, ...]
) -> None:
    """Bits 21 to 23 of table 2, and none of it with error correction, which has no rows (annex A.1)."""
    dis = Bits.of(
        ["receiver", "fine", *(["ecm"] if ecm else [])], [(RATE, (1, 1, 0, 0)), (SCAN_TIME, code)]
    ).octets
    ours = replace(V29_ONLY, ecm=ecm, resolutions=frozenset({resolution}))
    play = Play(["DIS", "CFR", "MCF"], dis=dis).run(call(ours))
    wanted = next(each for each in play.events if isinstance(each, PageWanted))
    assert (wanted.parameters.resolution, wanted.parameters.min_scan_time) == (resolution, seconds)
    sent = next(each for each in play.asked if isinstance(each, SendFrames))
    assert Bits(sent.frames[-1][3:]).group(SCAN_TIME) == said
