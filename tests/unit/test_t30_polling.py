"""Canned calls of polling, from T.30's figures 5-2a and 5-2b: phase B of both ends.

What follows from the DCS on is as in any other call: ``test_t30_ecm_receiving``, ``test_t30_ecm_sending``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from faxhw.session import NextStep, PageEnds, PageSent, RemoteInfo, Status, Verdict
from faxhw.t30 import frames
from faxhw.t30.answering import hold_ready
from faxhw.t30.calling import poll
from faxhw.t30.line import Procedure, SendFrames
from faxhw.terms import Family, Settings

from .t30_play import BAD_TCF, CARRIER, DCS, DIS, DIS_TO_POLL, GARBLED, GONE, PAGE, SILENCE, TCF, Item, Play

P, E, D = NextStep.MORE_PAGES, NextStep.NO_MORE, NextStep.MORE_DOCUMENTS
OURS = Settings(ident="+44 20 7946", families=frozenset({Family.V29}))
SECRET = Settings(ident="+44", families=frozenset({Family.V29}), password="secret")
OTHER_SECRET = Settings(ident="+44", families=frozenset({Family.V29}), password="Secret")
CHOSEN = Settings(ident="+44", families=frozenset({Family.V29}), selective_polling="77")
OTHER_CHOSEN = Settings(ident="+44", families=frozenset({Family.V29}), selective_polling="78")

# Bits 9 (a document to be polled), 10, 11, 12; 47 (selective polling) and 50 (password) in octets 6 and 7.
DIS_WITH_PASSWORD = bytes.fromhex("00 0d f0 80 80 80 02")
DIS_WITH_CHOICE = bytes.fromhex("00 0d f0 80 80 40")
DIS_WITH_BOTH = bytes.fromhex("00 0d f0 80 80 c0 02")


# ----------------------------------------------------------------------------------------------------------
# The called station, which holds a document ready


@dataclass(frozen=True)
class Held:
    """What is heard, what must be said, how it must end."""

    clause: str
    hears: list[Item]
    said: str
    status: Status
    settings: Settings = field(default=OURS)
    pages: tuple[NextStep, ...] = (E,)
    confirmed: int = 0
    dtc: bytes = DIS

    def play(self) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        return Play(self.hears, dis=self.dtc, pages=self.pages), hold_ready(self.settings)


ID = "CSI+DIS"
SENT = "TSI+DCS TCF@V.29 9600 page@V.29 9600 EOP DCN"
TRAINED = "TSI+DCS TCF@V.29 9600"

HELD: dict[str, Held] = {
    "one page": Held("fig. 5-2b", ["CIG DTC", "CFR", "MCF"], f"{ID} {SENT}", Status.NORMAL, confirmed=1),
    "DTC without CIG": Held("fig. 5-2b", ["DTC", "CFR", "MCF"], f"{ID} {SENT}", Status.NORMAL, confirmed=1),
    "nobody speaks": Held("5.4.3.1 T1", [SILENCE] * 8, " ".join([ID] * 8), Status.NO_ANSWER_T1),
    "DIS is repeated until it is heard": Held(
        "5.4.3.1 T4",
        [SILENCE, SILENCE, "CIG DTC", "CFR", "MCF"],
        f"{ID} {ID} {ID} {SENT}",
        Status.NORMAL,
        confirmed=1,
    ),
    "DTC came damaged": Held(
        "5.4.2",
        ["CIG DTC*", SILENCE, "CIG DTC", "CFR", "MCF"],
        f"{ID} {ID} {SENT}",
        Status.NORMAL,
        confirmed=1,
    ),
    "CIG came damaged": Held(
        "5.3.6.1.2", ["CIG* DTC", "CFR", "MCF"], f"{ID} {SENT}", Status.NORMAL, confirmed=1
    ),
    "CRP for DIS": Held(
        "5.3.6.1.8", ["CRP", "DTC", "CFR", "MCF"], f"{ID} {ID} {SENT}", Status.NORMAL, confirmed=1
    ),
    "DCS was lost: DTC once more": Held(
        "5.4.2",
        ["DTC", "DTC", "CFR", "MCF"],
        f"{ID} {TRAINED} {SENT}",
        Status.NORMAL,
        confirmed=1,
    ),
    "DTC for ever": Held("5.4.2", ["DTC"] * 4, f"{ID} {TRAINED} {TRAINED} {TRAINED} DCN", Status.DIS_AGAIN),
    "a caller that sends": Held(
        "fig. 5-2b", ["TSI DCS", TCF[:450]], f"{ID} DCN", Status.RECEIVE_B_BAD_COMMAND
    ),
    "another called station": Held("5.3.6.1.1", ["DIS"] * 3, f"{ID} {ID} {ID} DCN", Status.CANNOT_BE_POLLED),
    "DCN in place of DTC": Held("5.3.6.1.8", ["DCN"], ID, Status.DCN_RECEIVED),
    "the line drops": Held("5.3.6.1.8", [GONE], ID, Status.LINE_DROPPED),
    "no common modulation": Held(
        "table 2", ["DTC"], f"{ID} DCN", Status.NO_COMMON_RATE, dtc=bytes.fromhex("00 02 70")
    ),
    "a DTC that says nothing is V.27ter at 2400": Held(
        "table 2",
        ["DTC", "CFR", "MCF"],
        f"{ID} TSI+DCS TCF@V.27ter 2400 page@V.27ter 2400 EOP DCN",
        Status.NORMAL,
        settings=Settings(ident="+44"),
        confirmed=1,
        dtc=b"",
    ),
    "FTT": Held(
        "5.3.6.1.4",
        ["DTC", "FTT", "CFR", "MCF"],
        f"{ID} {TRAINED} TSI+DCS TCF@V.29 7200 page@V.29 7200 EOP DCN",
        Status.NORMAL,
        confirmed=1,
    ),
    "the right password": Held(
        "5.3.6.1.2",
        ["PWD CIG DTC", "CFR", "MCF"],
        f"{ID} {SENT}",
        Status.NORMAL,
        settings=SECRET,
        confirmed=1,
    ),
    "another password": Held(
        "5.3.6.1.2", ["PWD CIG DTC"], f"{ID} DCN", Status.WRONG_PASSWORD, settings=OTHER_SECRET
    ),
    "no password": Held("5.3.6.1.2", ["CIG DTC"], f"{ID} DCN", Status.WRONG_PASSWORD, settings=SECRET),
    "a password that came damaged": Held(
        "5.3.6.1.2", ["PWD* CIG DTC"], f"{ID} DCN", Status.WRONG_PASSWORD, settings=SECRET
    ),
    "a password that nobody asked for": Held(
        "5.3.6.1.2", ["PWD DTC", "CFR", "MCF"], f"{ID} {SENT}", Status.NORMAL, confirmed=1
    ),
    "SID is no PWD": Held("5.3.6.1.3", ["SID DTC"], f"{ID} DCN", Status.WRONG_PASSWORD, settings=SECRET),
    "the right document": Held(
        "5.3.6.1.2",
        ["SEP CIG DTC", "CFR", "MCF"],
        f"{ID} {SENT}",
        Status.NORMAL,
        settings=CHOSEN,
        confirmed=1,
    ),
    "another document": Held(
        "5.3.6.1.2", ["SEP CIG DTC"], f"{ID} DCN", Status.CANNOT_BE_POLLED, settings=OTHER_CHOSEN
    ),
    "no document is named": Held("5.3.6.1.2", ["DTC"], f"{ID} DCN", Status.CANNOT_BE_POLLED, settings=CHOSEN),
    "EOM: DTC again": Held(
        "5.3.6.1.6",
        ["DTC", "CFR", "MCF", "CIG DTC", "CFR", "MCF"],
        f"{ID} {TRAINED} page@V.29 9600 EOM {SENT}",
        Status.NORMAL,
        pages=(D, E),
        confirmed=2,
    ),
    "EOM: DTC is not waited for": Held(
        "5.3.6.1.6",
        ["DTC", "CFR", "MCF", SILENCE, "CFR", "MCF"],
        f"{ID} {TRAINED} page@V.29 9600 EOM {SENT}",
        Status.NORMAL,
        pages=(D, E),
        confirmed=2,
    ),
    "EOM: DTC comes damaged": Held(
        "5.3.6.1.6",
        ["DTC", "CFR", "MCF", GARBLED, "DTC", "CFR", "MCF"],
        f"{ID} {TRAINED} page@V.29 9600 EOM {ID} {SENT}",
        Status.NORMAL,
        pages=(D, E),
        confirmed=2,
    ),
    "EOM: the caller goes": Held(
        "5.3.6.1.8",
        ["DTC", "CFR", "MCF", "DCN"],
        f"{ID} {TRAINED} page@V.29 9600 EOM",
        Status.DCN_RECEIVED,
        pages=(D, E),
        confirmed=1,
    ),
}


@pytest.mark.parametrize("case", HELD.values(), ids=HELD.keys())
def test_held_ready(case: Held) -> None:
    play, procedure = case.play()
    play.run(procedure)
    assert play.said == case.said
    assert play.outcome is not None
    assert play.outcome.status is case.status, play.outcome
    assert len([each for each in play.events if each == PageSent(confirmed=True)]) == case.confirmed


# ----------------------------------------------------------------------------------------------------------
# The calling station, which fetches it


@dataclass(frozen=True)
class Fetched:
    """What is heard, what must be said, how it must end."""

    clause: str
    hears: list[Item]
    said: str
    status: Status = Status.NORMAL
    settings: Settings = field(default=OURS)
    verdicts: tuple[Verdict, ...] = ()
    pages: int = 1
    dis: bytes = DIS_TO_POLL

    def play(self) -> tuple[Play, Procedure]:
        """A far end that says this, and the procedure that it meets."""
        play = Play(self.hears, dcs=DCS, dis=self.dis, x=False, verdicts=self.verdicts)
        return play, poll(self.settings)


ASKS = "CIG+DTC"
FETCHED: dict[str, Fetched] = {
    "one page": Fetched("fig. 5-2a", ["CSI DIS", "TSI DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} CFR MCF"),
    "three pages": Fetched(
        "fig. 5-2a",
        ["DIS", "DCS", TCF, PAGE, "MPS", PAGE, "MPS", PAGE, "EOP", "DCN"],
        f"{ASKS} CFR MCF MCF MCF",
        pages=3,
    ),
    "no DIS": Fetched("5.4.3.1 T1", [SILENCE], "", Status.NO_DIS, pages=0),
    "DIS comes damaged, and again": Fetched(
        "5.4.2", ["CSI DIS*", "CSI DIS", "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} CFR MCF"
    ),
    "DCN in place of DIS": Fetched("5.3.6.1.8", ["DCN"], "", Status.SEND_B_DCN, pages=0),
    "nothing to be polled": Fetched("table 2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, pages=0, dis=DIS),
    "an absurd DIS": Fetched("table 2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, pages=0, dis=b""),
    "DTC was lost: DIS once more": Fetched(
        "5.4.2", ["DIS", "DIS", "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} {ASKS} CFR MCF"
    ),
    "DIS for ever": Fetched(
        "5.4.2", ["DIS"] * 4, f"{ASKS} {ASKS} {ASKS} DCN", Status.CANNOT_BE_POLLED, pages=0
    ),
    "nobody answers DTC": Fetched(
        "5.4.2",
        ["DIS", SILENCE, GARBLED, SILENCE, SILENCE],
        f"{ASKS} {ASKS} {ASKS} DCN",
        Status.CANNOT_BE_POLLED,
        pages=0,
    ),
    "DCS came damaged: nothing is said on top of its TCF": Fetched(
        "5.4.2",
        ["DIS", "TSI DCS*", CARRIER, CARRIER, SILENCE, "DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ASKS} {ASKS} CFR MCF",
    ),
    "DCS went by unheard, its TCF did not": Fetched(
        "5.4.2", ["DIS", *[CARRIER] * 12, "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} CFR MCF"
    ),
    "CRP for DTC": Fetched(
        "5.3.6.1.8", ["DIS", "CRP", "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} {ASKS} CFR MCF"
    ),
    "DCN for DTC": Fetched("5.3.6.1.8", ["DIS", "DCN"], ASKS, Status.DCN_RECEIVED, pages=0),
    "bad training, then good": Fetched(
        "5.3.6.1.4", ["DIS", "DCS", BAD_TCF, "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} FTT CFR MCF"
    ),
    "RTN, and the page again": Fetched(
        "5.3.6.1.7",
        ["DIS", "DCS", TCF, PAGE, "EOP", "DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ASKS} CFR RTN CFR MCF",
        verdicts=(Verdict.REJECTED,),
        pages=2,
    ),
    "a password, which is understood": Fetched(
        "5.3.6.1.2",
        ["DIS", "DCS", TCF, PAGE, "EOP", "DCN"],
        "PWD+CIG+DTC CFR MCF",
        settings=SECRET,
        dis=DIS_WITH_PASSWORD,
    ),
    "a password, which is not": Fetched(
        "5.3.6.1.2", ["DIS", "DCS", TCF, PAGE, "EOP", "DCN"], f"{ASKS} CFR MCF", settings=SECRET
    ),
    "a document, of several": Fetched(
        "5.3.6.1.2",
        ["DIS", "DCS", TCF, PAGE, "EOP", "DCN"],
        "SEP+CIG+DTC CFR MCF",
        settings=CHOSEN,
        dis=DIS_WITH_CHOICE,
    ),
    "a document, where there are none to choose from": Fetched(
        "5.3.6.1.2", ["DIS"], "DCN", Status.CANNOT_BE_POLLED, settings=CHOSEN, pages=0
    ),
    "a document, and a password": Fetched(
        "5.3.6.1.2",
        ["DIS", "DCS", TCF, PAGE, "EOP", "DCN"],
        "PWD+SEP+CIG+DTC CFR MCF",
        settings=Settings(ident="+44", password="secret", selective_polling="77"),
        dis=DIS_WITH_BOTH,
    ),
    # Who polls has no password to ask of the station that sends: SID is not looked at.
    "a DCS without SID": Fetched(
        "5.3.6.1.3",
        ["DIS", "TSI DCS", TCF, PAGE, "EOP", "DCN"],
        "PWD+CIG+DTC CFR MCF",
        settings=SECRET,
        dis=DIS_WITH_PASSWORD,
    ),
    "EOM: DCS at once": Fetched(
        "5.3.6.1.6",
        ["DIS", "DCS", TCF, PAGE, "EOM", "DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ASKS} CFR MCF CFR MCF",
        pages=2,
    ),
    "EOM: DIS again": Fetched(
        "5.3.6.1.6",
        ["DIS", "DCS", TCF, PAGE, "EOM", "DIS", "DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ASKS} CFR MCF {ASKS} CFR MCF",
        pages=2,
    ),
    "EOM: T2, and DTC": Fetched(
        "5.4.3.1 T2",
        ["DIS", "DCS", TCF, PAGE, "EOM", SILENCE, "DCS", TCF, PAGE, "EOP", "DCN"],
        f"{ASKS} CFR MCF {ASKS} CFR MCF",
        pages=2,
    ),
    "EOM, and nothing more": Fetched(
        "5.4.3.1 T2",
        ["DIS", "DCS", TCF, PAGE, "EOM", *[SILENCE] * 4],
        f"{ASKS} CFR MCF {ASKS} {ASKS} {ASKS} DCN",
        Status.CANNOT_BE_POLLED,
    ),
}


@pytest.mark.parametrize("case", FETCHED.values(), ids=FETCHED.keys())
def test_fetched(case: Fetched) -> None:
    play, procedure = case.play()
    play.run(procedure)
    assert play.said == case.said
    assert play.outcome is not None
    assert play.outcome.status is case.status, play.outcome
    assert len([each for each in play.events if isinstance(each, PageEnds)]) == case.pages


def test_what_is_asked_for_is_said_as_t30_prints_it() -> None:
    """PWD 1000 0011, SEP 1000 0101, CIG 1000 0010, DTC 1000 0001: no X there (5.3.6.1.2)."""
    play, procedure = FETCHED["a document, and a password"].play()
    play.run(procedure)
    said = next(each for each in play.asked if isinstance(each, SendFrames)).frames
    assert [each[:3].hex() for each in said] == ["ff03c1", "ff03a1", "ff0341", "ff1381"]
    assert [frames.identification_text(each[3:]) for each in said[:3]] == ["secret", "77", "+44"]


def test_who_polls_is_introduced_before_he_is_turned_away() -> None:
    play, procedure = HELD["another password"].play()
    play.run(procedure)
    (info,) = (each for each in play.events if isinstance(each, RemoteInfo))
    assert (info.ident, info.password) == ("+49 89 1234", "secret")
