"""What a receiving station does next, in each state, about whatever comes: T.30's figures 5-2b and A.7.

Written by hand from the Recommendation; ``t30_table`` says how the tables are read. Where T.30 leaves us the
choice a note stands by the table.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.session import Verdict
from faxhw.t30.answering import answer
from faxhw.t30.calling import poll
from faxhw.terms import Family, Settings

from .t30_play import (
    BAD_TCF,
    CARRIER,
    DCS,
    DCS_ECM,
    DIS_TO_POLL,
    GARBLED,
    GONE,
    PAGE,
    SILENCE,
    TCF,
    UNTRAINED,
    Item,
)
from .t30_state import CALLED_RECEIVES, POLLS
from .t30_table import Column, Happening, Stand, Station, columns, read

_SETTINGS = Settings(ident="+44 20 7946", families=frozenset({Family.V29}), ecm=True)

CALLED = Station(CALLED_RECEIVES, answer, _SETTINGS, x=True, dcs=DCS)
POLLING_STATION = Station(
    POLLS, poll, _SETTINGS, x=False, dcs=DCS, dis=DIS_TO_POLL, before=("DIS",), spoken={"DIS": "DTC"}
)
REPLIES = (
    *("CFR", "FTT", "CTR", "CSA", "MCF", "RTN", "RTP", "PIN", "PIP", "PID"),
    *("PPR(0)", "RNR", "ERR", "FDM"),
)
OTHERS = (
    *("CSI", "NSF", "CIG", "NSC", "TSI", "NSS", "SUB", "SID", "PWD", "SEP"),
    *("PSA", "TSA", "IRA", "CIA", "ISP"),
)
AFTER = ("NULL", "MPS", "EOM", "EOP", "PRI-MPS", "PRI-EOM", "PRI-EOP", "EOS")
BLOCKS = (
    *("block(0-3)", "block(0-3 without 2)", "block(none)"),
    *("block(0-3) no RCP", "block(0-3) cut", "block(0-3) 64"),
)
STRANGE: tuple[Item, ...] = ("FNV", "TR", "TNR", (b"\xff\x13\xee",), (b"\xff\x13\x00",))
ECM_COMMANDS = ("PPS-NULL(0,0,3)", "PPS-EOP(0,0,3)", "EOR-NULL", "EOR-EOP", "CTC(V.29-7200)")

EVENTS: dict[str, Happening] = {
    "silence": Happening("5.4.3.1", (SILENCE,)),
    "garbled": Happening("5.4.2", (GARBLED, "DCS*", "EOP*", "TSI DCS*", "DCN*")),
    "a carrier": Happening("5.1", (CARRIER,)),
    "untrained": Happening("5.1", (UNTRAINED,)),
    "gone": Happening("5.3.6.1.8", (GONE,)),
    "TCF": Happening("5.3.6.1.3", (TCF,)),
    "bad TCF": Happening("5.3.6.1.3", (BAD_TCF,)),
    "page": Happening("5.2.3", (PAGE,)),
    "block": Happening("T.4 A.3", BLOCKS),
    "DIS": Happening("5.3.6.1.1", ("DIS", "NSF CSI DIS")),
    "DTC": Happening("5.3.6.1.2", ("DTC", "PWD SEP CIG DTC")),
    "DCS": Happening("5.3.6.1.3", ("DCS", "SUB SID TSI DCS", "TSI* DCS")),
    "MPS": Happening("5.3.6.1.6", ("MPS", "PRI_MPS")),
    "EOM": Happening("5.3.6.1.6", ("EOM", "PRI_EOM", "EOS")),
    "EOP": Happening("5.3.6.1.6", ("EOP", "PRI_EOP")),
    "of ECM": Happening("A.4", ECM_COMMANDS),
    "plain": Happening("A.4", ("MPS", "EOM", "EOP", "PRI_MPS", "PRI_EOM", "PRI_EOP", "EOS")),
    "same PPS": Happening("A.4.3", ("{same}",)),
    "next PPS": Happening("A.4.3", tuple(f"PPS-{each}({{next}})" for each in AFTER)),
    "odd PPS": Happening("A.4.3", ("PPS-strange({next})", "PPS-MPS(0,0)", "PPS")),
    "EOR": Happening(
        "A.4.3", ("EOR-NULL", "EOR-MPS", "EOR-PRI-MPS", "EOR-PRI-EOM", "EOR-PRI-EOP", "EOR-EOS")
    ),
    "EOR-EOM": Happening("A.4.3", ("EOR-EOM",)),
    "EOR-EOP": Happening("A.4.3", ("EOR-EOP",)),
    "odd EOR": Happening("A.4.3", ("EOR", "EOR-strange")),
    "CTC": Happening("A.4.1", ("CTC(V.29-7200)", "CTC(V.29-9600)")),
    "odd CTC": Happening("A.4.1", ("CTC(reserved)", "CTC(V.17-14400)", "CTC")),
    "RR": Happening("A.4.3", ("RR",)),
    "DCN": Happening("5.3.6.1.8", ("DCN",)),
    "CRP": Happening("5.3.6.1.8", ("CRP",)),
    "a reply": Happening("5.3.6.1.7", REPLIES),
    "others": Happening("5.3.6.1", (*OTHERS, *STRANGE)),
}

# ----------------------------------------------------------------------------------------------------------
# Without error correction

_PAGE = ("DCS", TCF, PAGE)
PLAIN_STATES: dict[str, Stand] = {
    "DIS": Stand("fig. 5-2b, A"),
    "DCS": Stand("5.3.6.1.3", ("DCS",)),
    "FTT": Stand("5.3.6.1.4", ("DCS", BAD_TCF)),
    "CFR": Stand("5.3.6.1.4", ("DCS", TCF)),
    "page": Stand("fig. 5-2b, F", _PAGE),
    "CRP": Stand("5.3.6.1.8", (*_PAGE, GARBLED)),
    "MCF MPS": Stand("5.3.6.1.7", (*_PAGE, "MPS")),
    "MCF EOM": Stand("5.3.6.1.7", (*_PAGE, "EOM")),
    "MCF EOP": Stand("5.3.6.1.7", (*_PAGE, "EOP")),
    "RTP MPS": Stand("5.3.6.1.7", (*_PAGE, "MPS"), (Verdict.RETRAIN,)),
    "RTN MPS": Stand("5.3.6.1.7", (*_PAGE, "MPS"), (Verdict.REJECTED,)),
    "RTN EOP": Stand("5.3.6.1.7", (*_PAGE, "EOP"), (Verdict.REJECTED,)),
    "CRP MPS": Stand("5.3.6.1.8", (*_PAGE, "MPS"), (Verdict.PENDING,) * 3),
    "RTP EOM": Stand("5.3.6.1.7", (*_PAGE, "EOM"), (Verdict.RETRAIN,)),
    "RTP EOP": Stand("5.3.6.1.7", (*_PAGE, "EOP"), (Verdict.RETRAIN,)),
    "RTN EOM": Stand("5.3.6.1.7", (*_PAGE, "EOM"), (Verdict.REJECTED,)),
    "CRP EOM": Stand("5.3.6.1.8", (*_PAGE, "EOM"), (Verdict.PENDING,) * 3),
    "CRP EOP": Stand("5.3.6.1.8", (*_PAGE, "EOP"), (Verdict.PENDING,) * 3),
}
POLLING_STATES: dict[str, Stand] = {
    "start": Stand("fig. 5-2a, T1"),
    "DTC": Stand("5.3.6.1.2", ("DIS",)),
    "DTC, 3rd": Stand("5.4.2", ("DIS", SILENCE, SILENCE)),
}

PHASE_B = """
          | DIS      | DCS   | FTT     | CFR
silence   | DIS      | FTT   | !train  | ~!page
garbled   | ~DIS     | ~FTT  | ~!train | ~!page
a carrier | ~DIS     | ~FTT  | ~!train | ~!page
untrained | ~DIS     | FTT   | ~!train | ~!page
gone      | !gone    | !gone | !gone   | !gone
TCF       | -        | CFR   | -       | -
bad TCF   | -        | FTT   | -       | -
page      | -        | -     | -       | ~!command
DIS       | DIS      | FTT   | ~!train | ~!page
DTC       | DCN!poll | FTT   | ~!train | ~!page
DCS       | ~FTT     | ~FTT  | ~FTT    | ~FTT
MPS       | DIS      | FTT   | ~!train | RTN
EOM       | DIS      | FTT   | ~!train | RTN
EOP       | DIS      | FTT   | ~!train | RTN
of ECM    | DIS      | FTT   | ~!train | ~!page
RR        | DIS      | FTT   | ~!train | ~!page
DCN       | !dcn     | !dcn  | !dcn    | !dcn
CRP       | DIS      | DIS   | FTT     | CFR
a reply   | DIS      | FTT   | ~!train | ~!page
others    | DIS      | FTT   | ~!train | ~!page
"""

POLLING = """
          | start    | DTC   | DTC, 3rd
silence   | !no DIS  | DTC   | DCN!poll
garbled   | ~!no DIS | ~DTC  | ~DCN!poll
a carrier | ~!no DIS | ~DTC  | ~DCN!poll
untrained | ~!no DIS | ~DTC  | ~DCN!poll
gone      | !gone    | !gone | !gone
DIS       | DTC      | DTC   | DCN!poll
DTC       | ~!no DIS | DTC   | DCN!poll
DCS       | ~!no DIS | ~FTT  | ~FTT
MPS       | ~!no DIS | DTC   | DCN!poll
EOM       | ~!no DIS | DTC   | DCN!poll
EOP       | ~!no DIS | DTC   | DCN!poll
of ECM    | ~!no DIS | DTC   | DCN!poll
RR        | ~!no DIS | DTC   | DCN!poll
DCN       | !B dcn   | !dcn  | !dcn
CRP       | ~!no DIS | DTC   | DTC
a reply   | ~!no DIS | DTC   | DCN!poll
others    | ~!no DIS | DTC   | DCN!poll
"""

PHASE_D = """
          | page      | CRP       | MCF MPS   | MCF EOM | MCF EOP | RTP MPS | RTN MPS   | RTN EOP   | CRP MPS
silence   | !command  | !command  | ~!page    | DIS     | !ok     | !t2     | !quality  | !quality  | MCF
garbled   | CRP       | CRP       | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | MCF
a carrier | ~!command | ~!command | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | ~MCF
untrained | ~!command | ~!command | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | ~MCF
gone      | !gone     | !gone     | !gone     | !gone   | !ok     | !gone   | !gone     | !gone     | !gone
page      | -         | -         | ~!command | -       | -       | -       | -         | -         | -
DIS       | CRP       | CRP       | ~!page    | DIS     | ~!ok    | DIS     | DIS       | DIS       | MCF
DTC       | CRP       | CRP       | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | MCF
DCS       | ~FTT      | ~FTT      | ~FTT      | ~FTT    | !ok     | ~FTT    | ~FTT      | ~FTT      | ~FTT
MPS       | MCF       | MCF       | MCF       | RTN     | ~!ok    | RTP     | RTN       | RTN       | MCF
EOM       | MCF       | MCF       | RTN       | MCF     | ~!ok    | RTN     | RTN       | RTN       | MCF
EOP       | MCF       | MCF       | RTN       | RTN     | MCF     | RTN     | RTN       | RTN       | MCF
of ECM    | CRP       | CRP       | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | MCF
RR        | CRP       | CRP       | ~!page    | ~DIS    | MCF     | ~!t2    | ~!quality | ~!quality | MCF
DCN       | !dcn      | !dcn      | !dcn      | !dcn    | !ok     | !dcn    | !quality  | !quality  | !dcn
CRP       | CRP       | CRP       | MCF       | MCF     | MCF     | RTP     | RTN       | RTN       | CRP
a reply   | CRP       | CRP       | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | MCF
others    | CRP       | CRP       | ~!page    | ~DIS    | ~!ok    | ~!t2    | ~!quality | ~!quality | MCF
"""

PHASE_D_MORE = """
          | RTP EOM | RTP EOP | RTN EOM  | CRP EOM | CRP EOP
silence   | DIS     | !ok     | DIS      | MCF     | MCF
garbled   | ~DIS    | ~!ok    | ~DIS     | MCF     | MCF
a carrier | ~DIS    | ~!ok    | ~DIS     | ~MCF    | ~MCF
untrained | ~DIS    | ~!ok    | ~DIS     | ~MCF    | ~MCF
gone      | !gone   | !ok     | !gone    | !gone   | !gone
DIS       | DIS     | ~!ok    | DIS      | MCF     | MCF
DTC       | ~DIS    | ~!ok    | ~DIS     | MCF     | MCF
DCS       | ~FTT    | !ok     | ~FTT     | ~FTT    | ~FTT
MPS       | RTN     | ~!ok    | RTN      | MCF     | MCF
EOM       | RTP     | ~!ok    | RTN      | MCF     | MCF
EOP       | RTN     | RTP     | RTN      | MCF     | MCF
of ECM    | ~DIS    | ~!ok    | ~DIS     | MCF     | MCF
RR        | ~DIS    | RTP     | ~DIS     | MCF     | MCF
DCN       | !dcn    | !ok     | !quality | !dcn    | !dcn
CRP       | RTP     | RTP     | RTN      | CRP     | CRP
a reply   | ~DIS    | ~!ok    | ~DIS     | MCF     | MCF
others    | ~DIS    | ~!ok    | ~DIS     | MCF     | MCF
"""

PLAIN_TABLES = read(PHASE_B) | read(PHASE_D) | read(PHASE_D_MORE)


# ----------------------------------------------------------------------------------------------------------
# With error correction

_WHOLE = ("DCS", TCF, "block(0-3)")
_PART = ("DCS", TCF, "block(0-3 without 2)")
_BUSY = (Verdict.PENDING,) * 2
_NEXT = {"NULL": "0,1,3", "MPS": "1,0,3", "EOM": "1,0,3", "EOP": "1,0,3"}
"""The counters of the block that follows (A.4.3)."""


def _after(
    hears: tuple[Item, ...], said: str, clause: str, *, alike: str = "", verdicts: tuple[Verdict, ...] = ()
) -> Stand:
    """The state after the reply to a PPS."""
    words = {"same": f"PPS-{said}(0,0,3)", "next": _NEXT[said]}
    return Stand(clause, (*hears, words["same"]), verdicts, alike=alike, words=words)


def _asked(said: str, *more: str, alike: str = "", verdicts: tuple[Verdict, ...] = ()) -> Stand:
    """The state after PPR, or what came of that."""
    words = {"same": f"PPS-{said}(0,0,3)", "next": "0,0,3"}
    return Stand("A.4.4", (*_PART, words["same"], *more), verdicts, alike=alike, words=words)


def _given_up(said: str, *, alike: str = "", verdicts: tuple[Verdict, ...] = ()) -> Stand:
    """The state after the reply to an EOR."""
    hears = (*_PART, "PPS-MPS(0,0,3)", f"EOR-{said}")
    words = {"same": f"EOR-{said}", "next": _NEXT[said]}
    return Stand("A.4.4", hears, verdicts, alike=alike, words=words)


_FIRST = {"next": "0,0,3"}
ECM_STATES: dict[str, Stand] = {
    "CFR": Stand("fig. A.7", ("DCS", TCF), words=_FIRST),
    "block": Stand("fig. A.7", _WHOLE, words=_FIRST),
    "block in part": Stand("fig. A.7", _PART, words=_FIRST),
    "empty block": Stand("fig. A.7", ("DCS", TCF, "block(none)"), alike="block in part", words=_FIRST),
    "CRP": Stand("5.3.6.1.8", (*_WHOLE, GARBLED), words=_FIRST),
    "PPR PPS-NULL": _asked("NULL", alike="PPR"),
    "PPR PPS-MPS": _asked("MPS", alike="PPR"),
    "PPR PPS-EOM": _asked("EOM", alike="PPR"),
    "PPR PPS-EOP": _asked("EOP", alike="PPR"),
    "CTR PPS-NULL": _asked("NULL", "CTC(V.29-7200)", alike="CTR"),
    "CTR PPS-MPS": _asked("MPS", "CTC(V.29-7200)", alike="CTR"),
    "CTR PPS-EOM": _asked("EOM", "CTC(V.29-7200)", alike="CTR"),
    "CTR PPS-EOP": _asked("EOP", "CTC(V.29-7200)", alike="CTR"),
    "MCF PPS-NULL": _after(_WHOLE, "NULL", "A.4.4"),
    "MCF PPS-MPS": _after(_WHOLE, "MPS", "A.4.4"),
    "MCF PPS-EOM": _after(_WHOLE, "EOM", "A.4.4"),
    "MCF PPS-EOP": _after(_WHOLE, "EOP", "A.4.4"),
    "RNR PPS-MPS": _after(_WHOLE, "MPS", "A.5", alike="RNR PPS", verdicts=_BUSY),
    "RNR PPS-EOM": _after(_WHOLE, "EOM", "A.5", alike="RNR PPS", verdicts=_BUSY),
    "RNR PPS-EOP": _after(_WHOLE, "EOP", "A.5", alike="RNR PPS", verdicts=_BUSY),
    "RTN PPS-MPS": _after(_WHOLE, "MPS", "5.3.6.1.7", alike="RTN PPS", verdicts=(Verdict.REJECTED,)),
    "RTN PPS-EOM": _after(_WHOLE, "EOM", "5.3.6.1.7", alike="RTN PPS", verdicts=(Verdict.REJECTED,)),
    "RTN PPS-EOP": _after(_WHOLE, "EOP", "5.3.6.1.7", alike="RTN PPS", verdicts=(Verdict.REJECTED,)),
    "ERR EOR-NULL": _given_up("NULL"),
    "ERR EOR-MPS": _given_up("MPS"),
    "ERR EOR-EOM": _given_up("EOM"),
    "ERR EOR-EOP": _given_up("EOP"),
    "RNR EOR-MPS": _given_up("MPS", alike="RNR EOR", verdicts=_BUSY),
    "RNR EOR-EOM": _given_up("EOM", alike="RNR EOR", verdicts=_BUSY),
    "RNR EOR-EOP": _given_up("EOP", alike="RNR EOR", verdicts=_BUSY),
}

ECM_BLOCKS = """
          | CFR         | block       | block in part | CRP         | PPR         | CTR
silence   | ~!page      | !command    | !command      | !command    | ~!page      | ~!page
garbled   | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
a carrier | ~!page      | ~!command   | ~!command     | ~!command   | ~!page      | ~!page
untrained | ~!page      | ~!command   | ~!command     | ~!command   | ~!page      | ~!page
gone      | !gone       | !gone       | !gone         | !gone       | !gone       | !gone
block     | ~!command   | -           | -             | -           | ~!command   | ~!command
DIS       | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
DTC       | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
DCS       | ~FTT        | ~FTT        | ~FTT          | ~FTT        | ~FTT        | ~FTT
same PPS  | -           | -           | -             | -           | PPR         | PPR
next PPS  | PPR         | MCF         | PPR           | MCF         | PPR         | PPR
odd PPS   | CFR         | CRP         | CRP           | CRP         | PPR         | CTR
EOR       | ERR         | ERR         | ERR           | ERR         | ERR         | ERR
EOR-EOM   | ERR         | ERR         | ERR           | ERR         | ERR         | ERR
EOR-EOP   | ERR         | ERR         | ERR           | ERR         | ERR         | ERR
odd EOR   | CFR         | CRP         | CRP           | CRP         | PPR         | CTR
CTC       | CTR         | CTR         | CTR           | CTR         | CTR         | CTR
odd CTC   | DCN!receive | DCN!receive | DCN!receive   | DCN!receive | DCN!receive | DCN!receive
RR        | CFR         | CRP         | CRP           | CRP         | PPR         | CTR
plain     | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
DCN       | !dcn        | !dcn        | !dcn          | !dcn        | !dcn        | !dcn
CRP       | CFR         | CRP         | CRP           | CRP         | PPR         | CTR
a reply   | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
others    | ~!page      | CRP         | CRP           | CRP         | ~!page      | ~!page
"""

ECM_REPLIES = """
          | MCF PPS-NULL | MCF PPS-MPS | MCF PPS-EOM | MCF PPS-EOP | RNR PPS   | RTN PPS
silence   | ~!page       | ~!page      | DIS         | !ok         | !command  | !quality
garbled   | ~!page       | ~!page      | ~DIS        | ~!ok        | MCF       | ~!quality
a carrier | ~!page       | ~!page      | ~DIS        | ~!ok        | ~!command | ~!quality
untrained | ~!page       | ~!page      | ~DIS        | ~!ok        | ~!command | ~!quality
gone      | !gone        | !gone       | !gone       | !ok         | !gone     | !gone
block     | ~!command    | ~!command   | -           | -           | -         | -
DIS       | ~!page       | ~!page      | DIS         | ~!ok        | MCF       | DIS
DTC       | ~!page       | ~!page      | ~DIS        | ~!ok        | MCF       | ~!quality
DCS       | ~FTT         | ~FTT        | ~FTT        | !ok         | ~FTT      | ~FTT
same PPS  | MCF          | MCF         | MCF         | MCF         | MCF       | RTN
next PPS  | PPR          | PPR         | ~DIS        | ~!ok        | MCF       | ~!quality
odd PPS   | MCF          | MCF         | ~DIS        | ~!ok        | MCF       | ~!quality
EOR       | ERR          | ERR         | ~DIS        | ~!ok        | MCF       | ~!quality
EOR-EOM   | ERR          | ERR         | ~DIS        | ~!ok        | MCF       | ~!quality
EOR-EOP   | ERR          | ERR         | ~DIS        | ~!ok        | MCF       | ~!quality
odd EOR   | MCF          | MCF         | ~DIS        | ~!ok        | MCF       | ~!quality
CTC       | CTR          | CTR         | ~DIS        | ~!ok        | MCF       | ~!quality
odd CTC   | DCN!receive  | DCN!receive | ~DIS        | ~!ok        | MCF       | ~!quality
RR        | MCF          | MCF         | MCF         | MCF         | MCF       | RTN
plain     | ~!page       | ~!page      | ~DIS        | ~!ok        | MCF       | ~!quality
DCN       | !dcn         | !dcn        | !dcn        | !ok         | !dcn      | !quality
CRP       | MCF          | MCF         | MCF         | MCF         | RNR       | RTN
a reply   | ~!page       | ~!page      | ~DIS        | ~!ok        | MCF       | ~!quality
others    | ~!page       | ~!page      | ~DIS        | ~!ok        | MCF       | ~!quality
"""

ECM_GIVEN_UP = """
          | ERR EOR-NULL | ERR EOR-MPS | ERR EOR-EOM | ERR EOR-EOP | RNR EOR
silence   | ~!page       | ~!page      | DIS         | !ok         | !command
garbled   | ~!page       | ~!page      | ~DIS        | ~!ok        | ERR
a carrier | ~!page       | ~!page      | ~DIS        | ~!ok        | ~!command
untrained | ~!page       | ~!page      | ~DIS        | ~!ok        | ~!command
gone      | !gone        | !gone       | !gone       | !ok         | !gone
block     | ~!command    | ~!command   | -           | -           | -
DIS       | ~!page       | ~!page      | DIS         | ~!ok        | ERR
DTC       | ~!page       | ~!page      | ~DIS        | ~!ok        | ERR
DCS       | ~FTT         | ~FTT        | ~FTT        | !ok         | ~FTT
next PPS  | PPR          | PPR         | ~DIS        | ~!ok        | ERR
odd PPS   | ERR          | ERR         | ~DIS        | ~!ok        | ERR
EOR       | ERR          | ERR         | ~DIS        | ~!ok        | ERR
EOR-EOM   | ERR          | ERR         | ERR         | ~!ok        | ERR
EOR-EOP   | ERR          | ERR         | ~DIS        | ERR         | ERR
odd EOR   | ERR          | ERR         | ~DIS        | ~!ok        | ERR
CTC       | CTR          | CTR         | ~DIS        | ~!ok        | ERR
odd CTC   | DCN!receive  | DCN!receive | ~DIS        | ~!ok        | ERR
RR        | ERR          | ERR         | ERR         | ERR         | ERR
plain     | ~!page       | ~!page      | ~DIS        | ~!ok        | ERR
DCN       | !dcn         | !dcn        | !dcn        | !ok         | !dcn
CRP       | ERR          | ERR         | ERR         | ERR         | RNR
a reply   | ~!page       | ~!page      | ~DIS        | ~!ok        | ERR
others    | ~!page       | ~!page      | ~DIS        | ~!ok        | ERR
"""

ECM_TABLES = read(ECM_BLOCKS) | read(ECM_REPLIES) | read(ECM_GIVEN_UP)


# ----------------------------------------------------------------------------------------------------------
# Playing them

_SHARED = {state: stand for state, stand in PLAIN_STATES.items() if state != "DIS"}
COLUMNS: list[Column] = [
    *columns(CALLED, PLAIN_STATES, PLAIN_TABLES, EVENTS),
    *columns(replace(CALLED, dcs=DCS_ECM), ECM_STATES, ECM_TABLES, EVENTS),
    *columns(replace(POLLING_STATION, before=(), spoken={}), POLLING_STATES, read(POLLING), EVENTS),
    *columns(POLLING_STATION, _SHARED, PLAIN_TABLES, EVENTS),
    *columns(replace(POLLING_STATION, dcs=DCS_ECM), ECM_STATES, ECM_TABLES, EVENTS),
]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_column(column: Column) -> None:
    assert column.played.wrong == []
