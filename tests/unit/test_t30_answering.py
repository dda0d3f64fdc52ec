"""Canned calls against the answering receiver, written from T.30's flow charts (figure 5-2b)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from faxhw.session import (
    Cancelled,
    Negotiated,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    PageOver,
    RemoteInfo,
    Session,
    Status,
    Verdict,
)
from faxhw.t30 import capabilities, frames
from faxhw.t30.answering import answer
from faxhw.t30.bits import Bits
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Answer, Operation, Procedure, ReceivePage, session
from faxhw.terms import Coding, Family, Modulation, Parameters, Settings

from .t30_play import BAD_TCF, CARRIER, GARBLED, GONE, PAGE, SILENCE, TCF, UNTRAINED, Item, Play

V29 = Parameters(Modulation(Family.V29, 9600))
SETTINGS = Settings(ident="+44 20 7946")
DCS = capabilities.command(V29).octets


@dataclass(frozen=True)
class Call:
    """What is heard, what must be said, how it must end."""

    clause: str
    """Where T.30 has it."""
    hears: list[Item]
    said: str
    status: Status
    verdicts: tuple[Verdict, ...] = ()
    pages: int = 0
    """How many pages the job is asked about."""
    dcs: bytes = DCS
    settings: Settings = field(default=SETTINGS)

    def play(self) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        return Play(self.hears, dcs=self.dcs, verdicts=self.verdicts), answer(self.settings)


B: list[Item] = ["TSI DCS", TCF]
ID = "CSI+DIS"
IDENTITY = (
    (Fcf.CSI, frames.identification(SETTINGS.ident)),
    (Fcf.DIS, capabilities.offer(SETTINGS).octets),
)

CALLS: dict[str, Call] = {
    "one page": Call("fig. 5-2b", [*B, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1),
    "three pages": Call(
        "fig. 5-2b",
        [*B, PAGE, "MPS", PAGE, "MPS", PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF MCF MCF",
        Status.NORMAL,
        pages=3,
    ),
    "DCS without TSI": Call(
        "5.3.6.1.3", ["DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "DCS with SUB": Call(
        "5.3.6.1.3", ["TSI SUB DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "optional frames in another order": Call(
        "5.3.6.1.3", ["SUB NSS TSI DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "no identity of ours": Call(
        "5.3.6.1.1", [*B, PAGE, "EOP", "DCN"], "DIS CFR MCF", Status.NORMAL, pages=1, settings=Settings()
    ),
    "NSF of ours": Call(
        "5.3.6.1.1",
        [*B, PAGE, "EOP", "DCN"],
        "NSF+DIS CFR MCF",
        Status.NORMAL,
        pages=1,
        settings=Settings(nsf=b"\xb5\0\0"),
    ),
    "PRI-EOP is taken for EOP": Call(
        "5.3.6.1.6", [*B, PAGE, "PRI_EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "PRI-MPS is taken for MPS": Call(
        "5.3.6.1.6", [*B, PAGE, "PRI_MPS", PAGE, "EOP", "DCN"], f"{ID} CFR MCF MCF", Status.NORMAL, pages=2
    ),
    "no DCN after the last page": Call(
        "fig. 5-2b", [*B, PAGE, "EOP", SILENCE], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "DIS is repeated until it is heard": Call(
        "5.4.3.1 T4",
        [SILENCE, SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} {ID} {ID} CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "nobody speaks": Call("5.4.3.1 T1", [SILENCE] * 8, " ".join([ID] * 8), Status.NO_ANSWER_T1),
    "damaged DCS": Call(
        "5.4.2", [GARBLED, SILENCE, *B, PAGE, "EOP", "DCN"], f"{ID} {ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "a DIS comes back": Call(
        "5.3.6.1.1", ["DIS", *B, PAGE, "EOP", "DCN"], f"{ID} {ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "another receiver calls": Call(
        "5.3.6.1.1", ["CSI DIS"] * 3, f"{ID} {ID} {ID} DCN", Status.CANNOT_BE_POLLED
    ),
    "an echo of ours": Call(
        "5.1",
        [frames.transmission(*IDENTITY), *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "an echo of CFR, and then the page": Call(
        "5.1",
        [*B, (frames.build(Fcf.CFR),), PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "an echo of MCF, of which only the end is heard, and then the page": Call(
        "5.1",
        [*B, PAGE, "MPS", CARRIER, PAGE, "MPS", CARRIER, CARRIER, CARRIER, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF MCF MCF",
        Status.NORMAL,
        pages=3,
    ),
    "a DCS is missed, its TCF is not": Call(
        "5.4.2", [*[CARRIER] * 30, *B, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "a carrier in place of TCF": Call(
        "5.3.6.1.3",
        ["TSI DCS", *[CARRIER] * 30, SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} FTT CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "a caller that polls": Call("5.3.6.1.2", ["CIG DTC"], f"{ID} DCN", Status.CANNOT_BE_POLLED),
    "CRP instead of a DCS": Call(
        "5.3.6.1.8", ["CRP", *B, PAGE, "EOP", "DCN"], f"{ID} {ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "DCN instead of a DCS": Call("5.3.6.1.8", ["DCN"], ID, Status.DCN_RECEIVED),
    "an unknown frame": Call(
        "5.3.6.1", [(b"\xff\x13\xee",), *B, PAGE, "EOP", "DCN"], f"{ID} {ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "a strange address before the DCS": Call(
        "5.3.5",
        [(b"\x00\x03\x01", frames.build(Fcf.DCS, DCS, x=True)), TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "bad training, then good": Call(
        "5.3.6.1.4", ["TSI DCS", BAD_TCF, *B, PAGE, "EOP", "DCN"], f"{ID} FTT CFR MCF", Status.NORMAL, pages=1
    ),
    "no TCF at all": Call(
        "5.3.6.1.4", ["TSI DCS", SILENCE, *B, PAGE, "EOP", "DCN"], f"{ID} FTT CFR MCF", Status.NORMAL, pages=1
    ),
    "the DCS again in place of TCF": Call(
        "5.4.2", ["TSI DCS", "TSI DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "the caller goes after FTT": Call(
        "5.3.6.1.8", ["TSI DCS", BAD_TCF, "DCN"], f"{ID} FTT", Status.DCN_RECEIVED
    ),
    "silence after FTT": Call(
        "5.4.3.1 T2", ["TSI DCS", BAD_TCF, SILENCE], f"{ID} FTT", Status.TRAINING_FAILED
    ),
    "CFR was lost": Call(
        "5.4.2", [*B, "TSI DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR CFR MCF", Status.NORMAL, pages=1
    ),
    "no page after CFR": Call("5.4.3.1 T2", [*B, SILENCE, SILENCE], f"{ID} CFR", Status.T2_NO_PAGE),
    "no command after the page": Call(
        "5.4.3.1 T2", [*B, PAGE, SILENCE], f"{ID} CFR", Status.RECEIVE_D_NO_COMMAND
    ),
    "DCN in place of a page": Call("5.3.6.1.8", [*B, "DCN"], f"{ID} CFR", Status.DCN_RECEIVED),
    "MCF after MPS was lost": Call(
        "5.4.2", [*B, PAGE, "MPS", "MPS", PAGE, "EOP", "DCN"], f"{ID} CFR MCF MCF MCF", Status.NORMAL, pages=2
    ),
    "MCF after EOP was lost twice": Call(
        "5.4.2", [*B, PAGE, "EOP", "EOP", "EOP", "DCN"], f"{ID} CFR MCF MCF MCF", Status.NORMAL, pages=1
    ),
    "a page went by unheard": Call(
        "5.3.6.1.7",
        [*B, PAGE, "MPS", SILENCE, "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF RTN CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "a page's carrier was seen but not understood": Call(
        "5.3.6.1.7",
        [*B, PAGE, "MPS", *[CARRIER] * 5, "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF RTN CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "a short page could not be trained on": Call(
        "5.3.6.1.7",
        [*B, PAGE, "MPS", UNTRAINED, "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF RTN CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "TCF could not be trained on": Call(
        "5.3.6.1.4",
        ["TSI DCS", UNTRAINED, *B, PAGE, "EOP", "DCN"],
        f"{ID} FTT CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "the first page went by unheard": Call(
        "5.3.6.1.7",
        [*B, SILENCE, "EOP", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTN CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "the command came damaged": Call(
        "5.3.6.1.8", [*B, PAGE, GARBLED, "EOP", "DCN"], f"{ID} CFR CRP MCF", Status.NORMAL, pages=1
    ),
    "the command never came whole": Call(
        "5.3.6.1.8",
        [*B, PAGE, GARBLED, GARBLED, GARBLED],
        f"{ID} CFR CRP CRP CRP",
        Status.RECEIVE_D_NO_COMMAND,
    ),
    "CRP for our CRP": Call(
        "5.3.6.1.8",
        [*B, PAGE, "MPS", PAGE, GARBLED, "CRP", "MPS", PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF CRP CRP MCF MCF",
        Status.NORMAL,
        pages=3,
    ),
    "CRP in place of the command": Call(
        "5.3.6.1.8",
        [*B, PAGE, "MPS", PAGE, "CRP", "EOP", "DCN"],
        f"{ID} CFR MCF CRP MCF",
        Status.NORMAL,
        pages=2,
    ),
    "the repeated command comes damaged": Call(
        "5.4.2",
        [*B, PAGE, "MPS", GARBLED, "MPS", PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF MCF MCF",
        Status.NORMAL,
        pages=2,
    ),
    "DCN may come damaged": Call(
        "fig. 5-2b", [*B, PAGE, "EOP", GARBLED], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "what follows EOP is not confirmed": Call(
        "fig. 5-2b", [*B, PAGE, "EOP", "MPS", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "RTP is passed over, and a page comes untrained for": Call(
        "5.3.6.1.7",
        [*B, PAGE, "MPS", *[CARRIER] * 5, "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTP RTN CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.RETRAIN,),
        pages=2,
    ),
    "EOM is taken for MPS, and a page comes untrained for": Call(
        "5.3.6.1.6",
        [*B, PAGE, "EOM", CARRIER, CARRIER, "EOM", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF RTN CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "EOM again, damaged": Call(
        "5.4.2",
        [*B, PAGE, "EOM", GARBLED, "EOM", SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF MCF {ID} CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "CRP for our MCF": Call(
        "5.3.6.1.8", [*B, PAGE, "EOP", "CRP", "DCN"], f"{ID} CFR MCF MCF", Status.NORMAL, pages=1
    ),
    "RTN, and the page again": Call(
        "5.3.6.1.7",
        [*B, PAGE, "EOP", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTN CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.REJECTED,),
        pages=2,
    ),
    "RTN, and the caller goes": Call(
        "5.3.6.1.7",
        [*B, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTN",
        Status.PAGE_QUALITY,
        verdicts=(Verdict.REJECTED,),
        pages=1,
    ),
    "RTN was lost": Call(
        "5.4.2",
        [*B, PAGE, "MPS", "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTN RTN CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.REJECTED,),
        pages=2,
    ),
    "RTP, and training": Call(
        "5.3.6.1.7",
        [*B, PAGE, "MPS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTP CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.RETRAIN,),
        pages=2,
    ),
    "RTP for the last page": Call(
        "5.3.6.1.7",
        [*B, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTP",
        Status.NORMAL,
        verdicts=(Verdict.RETRAIN,),
        pages=1,
    ),
    "the disk is full": Call(
        "fig. 5-2b",
        [*B, PAGE, "MPS"],
        f"{ID} CFR DCN",
        Status.STORAGE_FAILED,
        verdicts=(Verdict.FAILED,),
        pages=1,
    ),
    "the job gives up": Call(
        "fig. 5-2b",
        [*B, PAGE, "MPS"],
        f"{ID} CFR DCN",
        Status.PAGE_QUALITY,
        verdicts=(Verdict.GIVEN_UP,),
        pages=1,
    ),
    "EOM, and another document": Call(
        "5.3.6.1.6",
        [*B, PAGE, "EOM", SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF {ID} CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "EOM again": Call(
        "5.4.2",
        [*B, PAGE, "EOM", "EOM", SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF MCF {ID} CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "after EOM nobody speaks": Call(
        "5.4.3.1 T1",
        [*B, PAGE, "EOM", SILENCE, *[SILENCE] * 8],
        f"{ID} CFR MCF " + " ".join([ID] * 8),
        Status.T1_AFTER_EOM,
        pages=1,
    ),
    "a DCS with ECM that we did not offer": Call(
        "table 2", ["DCS"], f"{ID} DCN", Status.RECEIVE_B_BAD_COMMAND, dcs=Bits.of(["receiver", "ecm"]).octets
    ),
    "a DCS that demands T.38": Call(
        "table 2", ["DCS"], f"{ID} DCN", Status.STANDARD_MISMATCH, dcs=Bits.of(["receiver", "t38"]).octets
    ),
    "a DCS that demands JPEG": Call(
        "table 2",
        ["DCS"],
        f"{ID} DCN",
        Status.RECEIVE_B_BAD_COMMAND,
        dcs=Bits.of(["receiver", "jpeg"]).octets,
    ),
    "an empty DCS is V.27ter at 2400": Call(
        "table 2", ["DCS", TCF[:450], PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1, dcs=b""
    ),
    "a modulation that we did not offer": Call(
        "table 2",
        ["DCS", TCF, "DCN"],
        f"{ID} FTT",
        Status.DCN_RECEIVED,
        settings=Settings(ident="1", families=frozenset({Family.V27TER})),
    ),
    "a rate that T.30 reserves": Call(
        "table 2", ["DCS", CARRIER], f"{ID} DCN", Status.RECEIVE_B_BAD_COMMAND, dcs=bytes.fromhex("00 3e 70")
    ),
    "a DCS of one octet": Call(
        "table 2", ["DCS", TCF[:450], PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1, dcs=b"\0"
    ),
    "a DCS of forty octets, all ones": Call(
        "table 2", ["DCS"], f"{ID} DCN", Status.STANDARD_MISMATCH, dcs=b"\xff" * 40
    ),
    "a DCS that does not end, all zeros but for extensions": Call(
        "table 2",
        ["DCS", TCF[:450], PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
        dcs=bytes.fromhex("00 02 80") + b"\x80" * 400,
    ),
    "an octet behind the last without an extension bit does not count": Call(
        "5.3.6.2",
        ["DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
        dcs=bytes.fromhex("00 06 70 04"),
    ),
    "the X bit of all frames is wrong": Call(
        "5.3.6.1",
        [(frames.build(Fcf.DCS, DCS),), TCF, PAGE, (frames.build(Fcf.EOP),), (frames.build(Fcf.DCN),)],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "TSI came damaged": Call(
        "5.3.6.1.3", ["TSI* DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "DCS came damaged, TSI did not": Call(
        "5.4.2", ["TSI DCS*", SILENCE, *B, PAGE, "EOP", "DCN"], f"{ID} {ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "the DCS comes again, damaged: nothing is said on top of its TCF": Call(
        "5.4.2",
        ["DCS", "DCS*", CARRIER, CARRIER, SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} FTT CFR MCF",
        Status.NORMAL,
        pages=1,
    ),
    "addresses of the Internet, and a strange frame": Call(
        "5.3.6.1.3", ["TSA IRA TSI DCS", TCF, PAGE, "EOP", "DCN"], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
    "the right password": Call(
        "5.3.6.1.3",
        ["SID TSI DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF",
        Status.NORMAL,
        pages=1,
        settings=replace(SETTINGS, password="secret"),
    ),
    "another password": Call(
        "5.3.6.1.3",
        ["SID TSI DCS", TCF],
        f"{ID} DCN",
        Status.WRONG_PASSWORD,
        settings=replace(SETTINGS, password="Secret"),
    ),
    "no password": Call(
        "5.3.6.1.3",
        ["TSI DCS", BAD_TCF],
        f"{ID} DCN",
        Status.WRONG_PASSWORD,
        settings=replace(SETTINGS, password="secret"),
    ),
    "a wrong password twice, the second time in place of the TCF": Call(
        "5.3.6.1.3",
        ["SID TSI DCS", "SID TSI DCS", TCF],
        f"{ID} DCN",
        Status.WRONG_PASSWORD,
        settings=replace(SETTINGS, password="Secret"),
    ),
    "a password that came damaged": Call(
        "5.3.6.1.3",
        ["SID* TSI DCS"],
        f"{ID} DCN",
        Status.WRONG_PASSWORD,
        settings=replace(SETTINGS, password="secret"),
    ),
    "CFR was lost twice": Call(
        "5.4.2", [*B, *B, *B, PAGE, "EOP", "DCN"], f"{ID} CFR CFR CFR MCF", Status.NORMAL, pages=1
    ),
    "CFR was lost, and TCF is taken for a page": Call(
        "5.4.2", [*B, TCF, *B, PAGE, "EOP", "DCN"], f"{ID} CFR CFR MCF", Status.NORMAL, pages=1
    ),
    "EOM, and a DCS at once": Call(
        "5.3.6.1.6",
        [*B, PAGE, "EOM", *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "EOS, and another document": Call(
        "5.3.6.1.6",
        [*B, PAGE, "EOS", SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF {ID} CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "PRI-EOM is taken for EOM": Call(
        "5.3.6.1.6",
        [*B, PAGE, "PRI_EOM", *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR MCF CFR MCF",
        Status.NORMAL,
        pages=2,
    ),
    "RTN after EOM": Call(
        "5.3.6.1.7",
        [*B, PAGE, "EOM", *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTN CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.REJECTED,),
        pages=2,
    ),
    "RTP after EOM": Call(
        "5.3.6.1.7",
        [*B, PAGE, "EOM", SILENCE, *B, PAGE, "EOP", "DCN"],
        f"{ID} CFR RTP {ID} CFR MCF",
        Status.NORMAL,
        verdicts=(Verdict.RETRAIN,),
        pages=2,
    ),
    "silence after RTP": Call(
        "5.4.3.1 T2",
        [*B, PAGE, "MPS", SILENCE],
        f"{ID} CFR RTP",
        Status.T2_EXPIRED,
        verdicts=(Verdict.RETRAIN,),
        pages=1,
    ),
    "the line drops in phase B": Call("fig. 5-2b", [GONE], ID, Status.LINE_DROPPED),
    "the line drops in the page's place": Call("fig. 5-2b", [*B, GONE], f"{ID} CFR", Status.LINE_DROPPED),
    "the line drops before the command": Call(
        "fig. 5-2b", [*B, PAGE, GONE], f"{ID} CFR", Status.LINE_DROPPED
    ),
    "the line drops after the last page": Call(
        "fig. 5-2b", [*B, PAGE, "EOP", GONE], f"{ID} CFR MCF", Status.NORMAL, pages=1
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_call(call: Call) -> None:
    play, procedure = call.play()
    play.run(procedure)
    assert play.said == call.said
    assert play.outcome is not None
    assert play.outcome.status is call.status, play.outcome
    assert len([each for each in play.events if isinstance(each, PageEnds)]) == call.pages
    assert play.outcome.detail


def test_a_caller_that_polls_is_introduced() -> None:
    play = Play(["CIG SEP DTC"], dis=capabilities.offer(SETTINGS).octets).run(answer(SETTINGS))
    (info,) = play.events
    assert isinstance(info, RemoteInfo)
    assert (info.ident, info.selective_polling) == ("+49 89 1234", "77")
    assert info.capabilities is not None


def test_a_sender_identification_is_a_password() -> None:
    play = Play(["SID TSI DCS", "DCN"], dcs=DCS).run(answer(SETTINGS))
    assert play.events[0] == RemoteInfo(ident="+49 89 1234", password="secret")


def test_events_of_a_page_come_in_order() -> None:
    play = Play(["TSI SUB DCS", TCF, PAGE, "EOP", "DCN"], dcs=DCS).run(answer(SETTINGS))
    assert [type(each) for each in play.events] == [
        *(RemoteInfo, Negotiated),
        *(PageBegins, PageData, PageOver, PageEnds),
    ]
    assert play.events[0] == RemoteInfo(ident="+49 89 1234", sub_address="42")
    assert play.events[1] == Negotiated(V29)


def test_nothing_is_said_over_a_carrier_without_end() -> None:
    play = Play(["TSI DCS", *[CARRIER] * 1000], dcs=DCS, orderly=False).run(answer(SETTINGS))
    assert play.said == ID
    assert play.outcome is not None
    assert play.outcome.status is Status.RECEIVE_B


@pytest.mark.parametrize(
    ("after_the_first", "doubts"),
    [
        (["MPS", PAGE, "EOP"], [False, False]),
        (["MPS", UNTRAINED, "MPS", *B, PAGE, "EOP"], [False, True]),
        (["MPS", *B, PAGE, "EOP"], [False, True]),
        (["EOM", CARRIER, "EOM", *B, PAGE, "EOP"], [False, True]),
        (["EOM", SILENCE, *B, PAGE, "EOP"], [False, False]),
        (["MPS", UNTRAINED, "MPS", *B, PAGE, "MPS", PAGE, "EOP"], [False, True, False]),
    ],
)
def test_a_page_that_may_be_the_last_one_again_is_marked(
    after_the_first: list[Item], doubts: list[bool]
) -> None:
    play = Play([*B, PAGE, *after_the_first, "DCN"], dcs=DCS).run(answer(SETTINGS))
    assert [each.perhaps_again for each in play.events if isinstance(each, PageEnds)] == doubts


def test_silence_is_told_from_a_fax() -> None:
    nobody = Play([]).run(answer(SETTINGS)).outcome
    assert nobody is not None
    assert not nobody.heard_fax
    echo = Play([frames.transmission(*IDENTITY)] * 8).run(answer(SETTINGS)).outcome
    assert echo is not None
    assert not echo.heard_fax
    fax = Play(["DCN"]).run(answer(SETTINGS)).outcome
    assert fax is not None
    assert fax.heard_fax


def test_t1_bounds_phase_b() -> None:
    assert 30.0 <= Play([]).run(answer(SETTINGS)).time <= 45.0


def test_only_v17_trains_short_for_the_page() -> None:
    v17 = capabilities.command(Parameters(Modulation(Family.V17, 14400), coding=Coding.MR)).octets
    for dcs, short in ((v17, True), (DCS, False)):
        play = Play([*B, PAGE, "EOP", "DCN"], dcs=dcs).run(answer(SETTINGS))
        asked = [each for each in play.asked if isinstance(each, ReceivePage)]
        assert [each.short_training for each in asked] == [False, short]


class _Stopped(Play):
    """A line on which the job's ``stop`` comes while frames are waited for, and then again and again."""

    def __init__(self, *, times: int) -> None:
        super().__init__([])
        self.left = times

    def perform(self, operation: Operation) -> Answer:
        if self.left and self.acts:
            self.left -= 1
            raise Cancelled
        return super().perform(operation)


def test_stop_while_waiting_says_dcn() -> None:
    line = _Stopped(times=1)
    assert _finish(session(answer(SETTINGS), line)).status is Status.ABORTED
    assert line.said == f"{ID} DCN"


def test_a_second_stop_ends_without_a_word() -> None:
    line = _Stopped(times=2)
    assert _finish(session(answer(SETTINGS), line)).status is Status.ABORTED
    assert line.said == ID


def _finish(steps: Session) -> Outcome:
    try:
        while True:
            next(steps)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
