"""What a sending station does next, in each state, about whatever comes: T.30 figures 5-2a and A.7 as tables.

Written by hand from the Recommendation, as ``test_t30_receiver_tables`` is for the other end.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from faxhw.session import NextStep, Refused
from faxhw.t30.answering import hold_ready
from faxhw.t30.calling import call
from faxhw.terms import Family, Settings

from .t30_play import CARRIER, DIS, DIS_64, GARBLED, GONE, SILENCE, UNTRAINED, Item
from .t30_state import CALLS, IS_POLLED
from .t30_table import Column, Happening, Stand, Station, columns, read

_SETTINGS = Settings(ident="+44", families=frozenset({Family.V29}), ecm=True)

CALLING = Station(CALLS, call, _SETTINGS, x=False, dis=DIS, before=("DIS",))
POLLED = Station(IS_POLLED, hold_ready, _SETTINGS, x=True, dis=DIS, before=("DTC",))

MPS, EOM, EOP = NextStep.MORE_PAGES, NextStep.MORE_DOCUMENTS, NextStep.NO_MORE
EVENTS: dict[str, Happening] = {
    "silence": Happening("5.4.3.1", (SILENCE,)),
    "garbled": Happening("5.4.2", (GARBLED, "MCF*", "CFR*", "DCN*")),
    "a carrier": Happening("5.1", (CARRIER, UNTRAINED)),
    "gone": Happening("5.3.6.1.8", (GONE,)),
    "DIS": Happening("5.3.6.1.1", ("DIS", "NSF CSI DIS", "NSF* CSI* DIS")),
    "DTC": Happening("5.3.6.1.2", ("DTC", "SEP PWD CIG DTC")),
    "DCS": Happening("5.3.6.1.3", ("DCS", "TSI DCS")),
    "CFR": Happening("5.3.6.1.4", ("CFR", "CSA CFR")),
    "FTT": Happening("5.3.6.1.4", ("FTT",)),
    "MCF": Happening("5.3.6.1.7", ("MCF",)),
    "RTP": Happening("5.3.6.1.7", ("RTP",)),
    "RTN": Happening("5.3.6.1.7", ("RTN",)),
    "PIP": Happening("5.3.6.1.7", ("PIP",)),
    "PIN": Happening("5.3.6.1.7", ("PIN",)),
    "PPR": Happening("A.4.4", ("PPR(0)",)),
    "RNR": Happening("A.4.4", ("RNR",)),
    "ERR": Happening("A.4.4", ("ERR",)),
    "CTR": Happening("A.4.2", ("CTR",)),
    "a command": Happening(
        "5.3.6.1.6",
        (
            *("MPS", "EOM", "EOP", "PRI_MPS", "PRI_EOM", "PRI_EOP", "EOS"),
            *("PPS-NULL(0,0,3)", "PPS-EOP(0,0,3)", "PPS", "EOR-MPS", "EOR", "RR"),
        ),
    ),
    "CTC": Happening("A.4.1", ("CTC(V.29-7200)",)),
    "DCN": Happening("5.3.6.1.8", ("DCN",)),
    "CRP": Happening("5.3.6.1.8", ("CRP",)),
    "others": Happening(
        "5.3.6.1",
        (
            *("CSI", "NSF", "CIG", "NSC", "PWD", "SEP", "PSA", "CIA", "ISP"),
            *("TSI", "NSS", "SUB", "SID", "TSA", "IRA", "CSA", "PID", "FDM", "FNV", "TR", "TNR"),
            *((b"\xff\x13\xee",), (b"\xff\x13\x00",)),
        ),
    ),
}

# ----------------------------------------------------------------------------------------------------------
# Phase B, and pages without error correction

_SENT = ("CFR", "MCF")
PLAIN_STATES: dict[str, Stand] = {
    "DCS": Stand("fig. 5-2a, D"),
    "DCS, 3rd": Stand("5.4.2", (SILENCE, GARBLED)),
    "MPS": Stand("fig. 5-2a", ("CFR",), pages=(MPS,)),
    "EOM": Stand("fig. 5-2a", ("CFR",), pages=(EOM,)),
    "EOP": Stand("fig. 5-2a", ("CFR",), pages=(EOP,)),
    "MPS, 3rd": Stand("5.4.2", ("CFR", SILENCE, GARBLED), pages=(MPS,)),
    "EOM, 3rd": Stand("5.4.2", ("CFR", GARBLED, SILENCE), pages=(EOM,)),
    "EOP, 3rd": Stand("5.4.2", ("CFR", "CRP", "CRP"), pages=(EOP,)),
    "next document": Stand("fig. 5-2a, T", ("CFR", "MCF"), pages=(EOM,)),
}

CALLING_BEGINS = """
          | start    | next document
silence   | !no DIS  | DCS 9600
garbled   | ~!no DIS | DCS 9600
a carrier | ~!no DIS | ~DCS 9600
gone      | !gone    | !gone
DIS       | DCS 9600 | DCS 9600
DTC       | ~!no DIS | DCS 9600
DCS       | ~!no DIS | DCS 9600
CFR       | ~!no DIS | DCS 9600
FTT       | ~!no DIS | DCS 9600
MCF       | ~!no DIS | DCS 9600
RTP       | ~!no DIS | DCS 9600
RTN       | ~!no DIS | DCS 9600
PIP       | ~!no DIS | DCS 9600
PIN       | ~!no DIS | DCS 9600
PPR       | ~!no DIS | DCS 9600
RNR       | ~!no DIS | DCS 9600
ERR       | ~!no DIS | DCS 9600
CTR       | ~!no DIS | DCS 9600
a command | ~!no DIS | DCS 9600
CTC       | ~!no DIS | DCS 9600
DCN       | !B dcn   | !B dcn
CRP       | ~!no DIS | DCS 9600
others    | ~!no DIS | DCS 9600
"""

POLLED_BEGINS = """
          | DIS          | next document
silence   | DIS          | DCS 9600
garbled   | ~DIS         | DIS
a carrier | ~DIS         | ~DCS 9600
gone      | !gone        | !gone
DIS       | DIS          | DIS
DTC       | DCS 9600     | DCS 9600
DCS       | ~DCN!receive | DIS
CFR       | DIS          | DIS
FTT       | DIS          | DIS
MCF       | DIS          | DIS
RTP       | DIS          | DIS
RTN       | DIS          | DIS
PIP       | DIS          | DIS
PIN       | DIS          | DIS
PPR       | DIS          | DIS
RNR       | DIS          | DIS
ERR       | DIS          | DIS
CTR       | DIS          | DIS
a command | DIS          | DIS
CTC       | DIS          | DIS
DCN       | !dcn         | !dcn
CRP       | DIS          | EOM
others    | DIS          | DIS
"""

PHASE_B = """
          | DCS         | DCS, 3rd
silence   | DCS 9600    | DCN!DCS
garbled   | DCS 9600    | DCN!DCS
a carrier | ~DCS 9600   | ~DCN!DCS
gone      | !gone       | !gone
DIS       | DCS 9600    | DCN!DCS
DTC       | DCS 9600    | DCN!DCS
DCS       | DCN!phase B | DCN!phase B
CFR       | page        | page
FTT       | DCS 7200    | DCS 7200
MCF       | DCN!phase B | DCN!phase B
RTP       | DCN!phase B | DCN!phase B
RTN       | DCN!phase B | DCN!phase B
PIP       | DCN!phase B | DCN!phase B
PIN       | DCN!phase B | DCN!phase B
PPR       | DCN!phase B | DCN!phase B
RNR       | DCN!phase B | DCN!phase B
ERR       | DCN!phase B | DCN!phase B
CTR       | DCN!phase B | DCN!phase B
a command | DCN!phase B | DCN!phase B
CTC       | DCN!phase B | DCN!phase B
DCN       | !B dcn      | !B dcn
CRP       | DCS 9600    | DCN!DCS
others    | DCN!phase B | DCN!phase B
"""

PHASE_D = """
          | MPS      | EOM       | EOP      | MPS, 3rd | EOM, 3rd  | EOP, 3rd
silence   | MPS      | EOM       | EOP      | DCN!MPS  | DCN!EOM   | DCN!EOP
garbled   | MPS      | EOM       | EOP      | DCN!MPS  | DCN!EOM   | DCN!EOP
a carrier | ~MPS     | ~EOM      | ~EOP     | ~DCN!MPS | ~DCN!EOM  | ~DCN!EOP
gone      | !gone    | !gone     | !gone    | !gone    | !gone     | !gone
DIS       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
DTC       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
DCS       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
CFR       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
FTT       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
MCF       | page     | ~DCS 9600 | DCN!ok   | page     | ~DCS 9600 | DCN!ok
RTP       | DCS 9600 | ~DCS 9600 | DCN!ok   | DCS 9600 | ~DCS 9600 | DCN!ok
RTN       | DCS 7200 | DCS 7200  | DCS 7200 | DCS 7200 | DCS 7200  | DCS 7200
PIP       | DCS 9600 | ~DCS 9600 | DCN!ok   | DCS 9600 | ~DCS 9600 | DCN!ok
PIN       | DCS 9600 | DCS 9600  | DCS 9600 | DCS 9600 | DCS 9600  | DCS 9600
PPR       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
RNR       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
ERR       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
CTR       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
a command | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
CTC       | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
DCN       | !D dcn   | !D dcn    | !D dcn   | !D dcn   | !D dcn    | !D dcn
CRP       | MPS      | EOM       | EOP      | DCN!MPS  | DCN!EOM   | DCN!EOP
others    | MPS      | EOM       | EOP      | DCN!MPS? | DCN!EOM?  | DCN!EOP?
"""

PLAIN_TABLES = read(PHASE_B) | read(PHASE_D)

# ----------------------------------------------------------------------------------------------------------
# With error correction

_CORRECTED: tuple[Item, ...] = ("CFR", "PPR(0)", "PPR(0)", "PPR(0)")
_CONTINUED: tuple[Item, ...] = (*_CORRECTED, "PPR(0)")
_GIVEN_UP: tuple[Item, ...] = (*_CONTINUED, "CTR", *("PPR(0)",) * 4)
_GO_ON = (Refused.GO_ON,)
_TWO_BLOCKS = b"x" * (256 * 64 + 1)
ECM_STATES: dict[str, Stand] = {
    "PPS-NULL": Stand("fig. A.7", ("CFR",), page=_TWO_BLOCKS),
    "PPS-MPS": Stand("fig. A.7", ("CFR",), pages=(MPS,)),
    "PPS-EOM": Stand("fig. A.7", ("CFR",), pages=(EOM,)),
    "PPS-EOP": Stand("fig. A.7", ("CFR",), pages=(EOP,)),
    "PPS-EOP, 3rd": Stand("5.4.2", ("CFR", SILENCE, SILENCE), pages=(EOP,)),
    "PPS-EOP, 3 PPR": Stand("A.1.3", _CORRECTED, pages=(EOP,)),
    "PPS-NULL, 3rd": Stand("5.4.2", ("CFR", GARBLED, "CRP"), page=_TWO_BLOCKS),
    "PPS-MPS, 3rd": Stand("5.4.2", ("CFR", "CRP", GARBLED), pages=(MPS,)),
    "PPS-EOM, 3rd": Stand("5.4.2", ("CFR", SILENCE, "CRP"), pages=(EOM,)),
    "PPS-NULL, 3 PPR": Stand("A.1.3", _CORRECTED, page=_TWO_BLOCKS),
    "PPS-MPS, 3 PPR": Stand("A.1.3", _CORRECTED, pages=(MPS,)),
    "PPS-EOM, 3 PPR": Stand("A.1.3", _CORRECTED, pages=(EOM,)),
    "CTC": Stand("A.4.1", _CONTINUED, pages=(EOP,)),
    "CTC, 3rd": Stand("5.4.2", (*_CONTINUED, SILENCE, GARBLED), pages=(EOP,)),
    "EOR-MPS": Stand("A.4.3", _GIVEN_UP, pages=(MPS, EOP), refusals=_GO_ON),
    "EOR-EOM": Stand("A.4.3", _GIVEN_UP, pages=(EOM, EOP), refusals=_GO_ON),
    "EOR-EOP": Stand("A.4.3", _GIVEN_UP, pages=(EOP,), refusals=_GO_ON),
    "EOR-EOP, 3rd": Stand("5.4.2", (*_GIVEN_UP, SILENCE, "CRP"), pages=(EOP,), refusals=_GO_ON),
    "EOR-MPS, 3rd": Stand("5.4.2", (*_GIVEN_UP, "CRP", GARBLED), pages=(MPS, EOP), refusals=_GO_ON),
    "EOR-EOM, 3rd": Stand("5.4.2", (*_GIVEN_UP, GARBLED, SILENCE), pages=(EOM, EOP), refusals=_GO_ON),
    "RR": Stand("A.5", ("CFR", "RNR"), pages=(MPS,)),
    "RR, 3rd": Stand("5.4.2", ("CFR", "RNR", SILENCE, GARBLED), pages=(MPS,)),
}

ECM_BLOCKS = """
          | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | PPS-EOP, 3rd | PPS-EOP, 3 PPR | RR       | RR, 3rd
silence   | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP      | PPS-EOP        | RR       | DCN!MPS
garbled   | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP      | PPS-EOP        | RR       | DCN!MPS
a carrier | ~PPS-NULL | ~PPS-MPS | ~PPS-EOM  | ~PPS-EOP | ~DCN!EOP     | ~PPS-EOP       | ~RR      | ~DCN!MPS
gone      | !gone     | !gone    | !gone     | !gone    | !gone        | !gone          | !gone    | !gone
DIS       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
DTC       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
DCS       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
CFR       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
FTT       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
MCF       | block(0)  | block(0) | ~DCS 9600 | DCN!ok   | DCN!ok       | DCN!ok         | block(0) | block(0)
RTP       | DCS 9600  | DCS 9600 | ~DCS 9600 | DCN!ok   | DCN!ok       | DCN!ok         | DCS 9600 | DCS 9600
RTN       | DCS 7200  | DCS 7200 | DCS 7200  | DCS 7200 | DCS 7200     | DCS 7200       | DCS 7200 | DCS 7200
PIP       | DCS 9600  | DCS 9600 | ~DCS 9600 | DCN!ok   | DCN!ok       | DCN!ok         | DCS 9600 | DCS 9600
PIN       | DCS 9600  | DCS 9600 | DCS 9600  | DCS 9600 | DCS 9600     | DCS 9600       | DCS 9600 | DCS 9600
PPR       | block(0)  | block(0) | block(0)  | block(0) | block(0)     | CTC            | block(0) | block(0)
RNR       | RR        | RR       | RR        | RR       | RR           | RR             | RR       | RR
ERR       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
CTR       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
a command | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
CTC       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
DCN       | !D dcn    | !D dcn   | !D dcn    | !D dcn   | !D dcn       | !D dcn         | !D dcn   | !D dcn
CRP       | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP      | PPS-EOP        | RR       | DCN!MPS
others    | PPS-NULL  | PPS-MPS  | PPS-EOM   | PPS-EOP  | DCN!EOP?     | PPS-EOP        | RR       | DCN!MPS?
"""

ECM_TROUBLE = """
          | CTC      | CTC, 3rd | EOR-MPS  | EOR-EOM   | EOR-EOP     | EOR-EOP, 3rd
silence   | CTC      | DCN!EOP  | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP
garbled   | CTC      | DCN!EOP  | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP
a carrier | ~CTC     | ~DCN!EOP | ~EOR-MPS | ~EOR-EOM  | ~EOR-EOP    | ~DCN!EOP
gone      | !gone    | !gone    | !gone    | !gone     | !gone       | !gone
DIS       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
DTC       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
DCS       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
CFR       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
FTT       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
MCF       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
RTP       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
RTN       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
PIP       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
PIN       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
PPR       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
RNR       | CTC      | DCN!EOP? | RR       | RR        | RR          | RR
ERR       | CTC      | DCN!EOP? | block(0) | ~DCS 9600 | DCN!quality | DCN!quality
CTR       | block(0) | block(0) | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
a command | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
CTC       | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
DCN       | !D dcn   | !D dcn   | !D dcn   | !D dcn    | !D dcn      | !D dcn
CRP       | CTC      | DCN!EOP  | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP
others    | CTC      | DCN!EOP? | EOR-MPS  | EOR-EOM   | EOR-EOP     | DCN!EOP?
"""

ECM_MORE = """
          | PPS-NULL, 3rd | PPS-MPS, 3rd | PPS-EOM, 3rd | PPS-NULL, 3 PPR | PPS-MPS, 3 PPR | PPS-EOM, 3 PPR
silence   | DCN!EOP       | DCN!MPS      | DCN!EOM      | PPS-NULL        | PPS-MPS        | PPS-EOM
garbled   | DCN!EOP       | DCN!MPS      | DCN!EOM      | PPS-NULL        | PPS-MPS        | PPS-EOM
a carrier | ~DCN!EOP      | ~DCN!MPS     | ~DCN!EOM     | ~PPS-NULL       | ~PPS-MPS       | ~PPS-EOM
gone      | !gone         | !gone        | !gone        | !gone           | !gone          | !gone
DIS       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
DTC       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
DCS       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
CFR       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
FTT       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
MCF       | block(0)      | block(0)     | ~DCS 9600    | block(0)        | block(0)       | ~DCS 9600
RTP       | DCS 9600      | DCS 9600     | ~DCS 9600    | DCS 9600        | DCS 9600       | ~DCS 9600
RTN       | DCS 7200      | DCS 7200     | DCS 7200     | DCS 7200        | DCS 7200       | DCS 7200
PIP       | DCS 9600      | DCS 9600     | ~DCS 9600    | DCS 9600        | DCS 9600       | ~DCS 9600
PIN       | DCS 9600      | DCS 9600     | DCS 9600     | DCS 9600        | DCS 9600       | DCS 9600
PPR       | block(0)      | block(0)     | block(0)     | CTC             | CTC            | CTC
RNR       | RR            | RR           | RR           | RR              | RR             | RR
ERR       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
CTR       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
a command | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
CTC       | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
DCN       | !D dcn        | !D dcn       | !D dcn       | !D dcn          | !D dcn         | !D dcn
CRP       | DCN!EOP       | DCN!MPS      | DCN!EOM      | PPS-NULL        | PPS-MPS        | PPS-EOM
others    | DCN!EOP?      | DCN!MPS?     | DCN!EOM?     | PPS-NULL        | PPS-MPS        | PPS-EOM
"""

ECM_GIVEN_UP = """
          | EOR-MPS, 3rd | EOR-EOM, 3rd
silence   | DCN!MPS      | DCN!EOM
garbled   | DCN!MPS      | DCN!EOM
a carrier | ~DCN!MPS     | ~DCN!EOM
gone      | !gone        | !gone
DIS       | DCN!MPS?     | DCN!EOM?
DTC       | DCN!MPS?     | DCN!EOM?
DCS       | DCN!MPS?     | DCN!EOM?
CFR       | DCN!MPS?     | DCN!EOM?
FTT       | DCN!MPS?     | DCN!EOM?
MCF       | DCN!MPS?     | DCN!EOM?
RTP       | DCN!MPS?     | DCN!EOM?
RTN       | DCN!MPS?     | DCN!EOM?
PIP       | DCN!MPS?     | DCN!EOM?
PIN       | DCN!MPS?     | DCN!EOM?
PPR       | DCN!MPS?     | DCN!EOM?
RNR       | RR           | RR
ERR       | block(0)     | ~DCS 9600
CTR       | DCN!MPS?     | DCN!EOM?
a command | DCN!MPS?     | DCN!EOM?
CTC       | DCN!MPS?     | DCN!EOM?
DCN       | !D dcn       | !D dcn
CRP       | DCN!MPS      | DCN!EOM
others    | DCN!MPS?     | DCN!EOM?
"""

ECM_TABLES = read(ECM_BLOCKS) | read(ECM_TROUBLE) | read(ECM_MORE) | read(ECM_GIVEN_UP)


# ----------------------------------------------------------------------------------------------------------
# Playing them

_BOTH = {state: stand for state, stand in PLAIN_STATES.items() if state != "next document"}
_DOCUMENT = {"next document": PLAIN_STATES["next document"]}
COLUMNS: list[Column] = [
    *columns(replace(CALLING, before=()), {"start": Stand("fig. 5-2a, T1")}, read(CALLING_BEGINS), EVENTS),
    *columns(CALLING, _DOCUMENT, read(CALLING_BEGINS), EVENTS),
    *columns(CALLING, _BOTH, PLAIN_TABLES, EVENTS),
    *columns(replace(CALLING, dis=DIS_64), ECM_STATES, ECM_TABLES, EVENTS),
    *columns(replace(POLLED, before=()), {"DIS": Stand("fig. 5-2b, A")}, read(POLLED_BEGINS), EVENTS),
    *columns(POLLED, _DOCUMENT, read(POLLED_BEGINS), EVENTS),
    *columns(POLLED, _BOTH, PLAIN_TABLES, EVENTS),
    *columns(replace(POLLED, dis=DIS_64), ECM_STATES, ECM_TABLES, EVENTS),
]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_column(column: Column) -> None:
    assert column.played.wrong == []
