"""Canned calls against the calling sender, written from T.30's flow charts (figure 5-2a)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from faxhw.session import (
    Family,
    Modulation,
    Negotiated,
    NextStep,
    PageSent,
    PageWanted,
    Resolution,
    Settings,
    Status,
)
from faxhw.t30 import capabilities
from faxhw.t30.bits import Bits
from faxhw.t30.calling import call
from faxhw.t30.line import SendFrames

from .t30_play import GARBLED, GONE, SILENCE, Item, Play

V29_ONLY = Settings(ident="+44", families=frozenset({Family.V29}))
SLOWEST = Settings(ident="+44", resolutions=frozenset({Resolution.STANDARD}))
DIS = capabilities.offer(V29_ONLY).octets
P, E, D = NextStep.MORE_PAGES, NextStep.NO_MORE, NextStep.MORE_DOCUMENTS


@dataclass(frozen=True)
class Call:
    hears: list[Item]
    said: str
    status: Status
    pages: tuple[NextStep, ...] = (E,)
    confirmed: tuple[bool, ...] = ()
    dis: bytes = DIS
    settings: Settings = field(default=V29_ONLY)


DCS = "TSI+DCS TCF@V.29 9600"
SLOW = "TSI+DCS TCF@V.29 7200"
PAGE = "page@V.29 9600"

CALLS: dict[str, Call] = {
    "one page": Call(["CSI DIS", "CFR", "MCF"], f"{DCS} {PAGE} EOP DCN", Status.NORMAL, confirmed=(True,)),
    "two pages": Call(
        ["CSI DIS", "CFR", "MCF", "MCF"],
        f"{DCS} {PAGE} MPS {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(True, True),
    ),
    "FTT, then slower": Call(
        ["DIS", "FTT", "CFR", "MCF"],
        f"{DCS} {SLOW} page@V.29 7200 EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
    ),
    "FTT at every rate": Call(["DIS", "FTT", "FTT"], f"{DCS} {SLOW} DCN", Status.TRAINING_FAILED),
    "V.17 trains short for the page": Call(
        ["DIS", "CFR", "MCF"],
        "TSI+DCS TCF@V.17 14400 page@V.17 14400 short EOP DCN",
        Status.NORMAL,
        confirmed=(True,),
        settings=Settings(ident="1"),
        dis=capabilities.offer(Settings()).octets,
    ),
    "DIS twice, and damaged": Call(
        [GARBLED, "DIS", "DIS", "CFR", "MCF"], f"{DCS} {DCS} {PAGE} EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "no DIS": Call([SILENCE], "", Status.NO_DIS),
    "DCN in place of DIS": Call(["DCN"], "", Status.SEND_B_DCN),
    "no reply to DCS": Call(["DIS", *[SILENCE] * 3], f"{DCS} {DCS} {DCS} DCN", Status.DCS_NO_REPLY),
    "DCN in reply to DCS": Call(["DIS", "DCN"], DCS, Status.SEND_B_DCN),
    "MCF in reply to DCS": Call(["DIS", "MCF"], f"{DCS} DCN", Status.SEND_B_BAD_RESPONSE),
    "no common modulation": Call(
        ["DIS"],
        "DCN",
        Status.SEND_B_INVALID,
        dis=capabilities.offer(Settings(families=frozenset({Family.V27TER}))).octets,
    ),
    "a station that cannot receive": Call(
        ["DIS"], "DCN", Status.SEND_B_INVALID, dis=Bits.of(["to_poll"]).octets
    ),
    "EOP is said three times": Call(
        ["DIS", "CFR", SILENCE, GARBLED, SILENCE], f"{DCS} {PAGE} EOP EOP EOP DCN", Status.EOP_NO_REPLY
    ),
    "MCF on the second EOP": Call(
        ["DIS", "CFR", SILENCE, "MCF"], f"{DCS} {PAGE} EOP EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "CRP for EOP": Call(
        ["DIS", "CFR", "CRP", "MCF"], f"{DCS} {PAGE} EOP EOP DCN", Status.NORMAL, confirmed=(True,)
    ),
    "RTN: train and send again": Call(
        ["DIS", "CFR", "RTN", "CFR", "MCF"],
        f"{DCS} {PAGE} EOP {SLOW} page@V.29 7200 EOP DCN",
        Status.NORMAL,
        pages=(E, E),
        confirmed=(False, True),
    ),
    "RTP: train, next page": Call(
        ["DIS", "CFR", "RTP", "CFR", "MCF"],
        f"{DCS} {PAGE} MPS {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(P, E),
        confirmed=(True, True),
    ),
    "EOM: DIS again": Call(
        ["DIS", "CFR", "MCF", "DIS", "CFR", "MCF"],
        f"{DCS} {PAGE} EOM {DCS} {PAGE} EOP DCN",
        Status.NORMAL,
        pages=(D, E),
        confirmed=(True, True),
    ),
    "DCN in reply to EOP": Call(["DIS", "CFR", "DCN"], f"{DCS} {PAGE} EOP", Status.SEND_D_BAD_RESPONSE),
    "FTT in reply to MPS": Call(
        ["DIS", "CFR", "FTT"], f"{DCS} {PAGE} MPS MPS MPS DCN", Status.MPS_INVALID, pages=(P,)
    ),
    "the line drops before the reply": Call(["DIS", "CFR", GONE], f"{DCS} {PAGE} EOP", Status.LINE_DROPPED),
}


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS.keys())
def test_call(case: Call) -> None:
    play = Play(case.hears, dis=case.dis, pages=case.pages).run(call(case.settings))
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
