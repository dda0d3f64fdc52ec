"""One conversation in three dialects: what classes 2, 2.0 and 2.1 call the same things.

Class 2 is the ballot draft SP-2388 that most chip sets froze, with decimal numbers; 2.0 is TIA-592, which
became T.32, with hexadecimal ones; 2.1 is T.32's later edition, 2.0's names with more values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faxhw.session import NextStep

MCF, RTN, RTP, PIN, PIP = range(1, 6)
"""The post-page response, first value of a page status (T.32 clause 8.4.3; SP-2388 8.4.3)."""

STEPS: Mapping[int, NextStep] = {
    0: NextStep.MORE_PAGES,
    1: NextStep.MORE_DOCUMENTS,
    2: NextStep.NO_MORE,
}
"""The post-page message, of +FET; 4 more is the same with a procedure interrupt."""
INTERRUPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A class and its names. Commands and reports are written as they stand, with their ``+``."""

    fclass: str
    base: int
    """Of the numbers in parameters and reports."""
    # Commands
    capabilities: str
    """What our side can do, before a call."""
    wishes: str
    """What is wanted of this session: the least of it, of the above and of the far end is settled."""
    local_id: str
    polling_id: str
    page_status: str
    """Also a report: the page's fate."""
    stop: str
    """Ends the call: DCN where it can be said."""
    stall: str
    """For how long the host may stall in phase C."""
    stalls_a_second: int
    """Units of ``stall`` in a second."""
    bit_order: str
    trace: str
    may_poll: str
    holds_document: str
    """Whether there is a document to be polled."""
    min_speed: str
    # Reports
    connected: str
    sender_id: str
    receiver_id: str
    poller_id: str
    nsf: str
    nss: str
    nsc: str
    dis: str
    dcs: str
    dtc: str
    polled: str
    """The far end has a document to be polled."""
    voice: str
    """The far end asked for a voice (PRI)."""
    hung_up: str
    last_hung_up: str
    """Asked with a question mark: the code of the call that ended last."""
    frame_sizes: Mapping[int, int]
    """Octets in a frame of error correction by the value of ``ec``; 0: there is none. Values beyond are those
    of T.30's annex C."""
    page_ends: Mapping[NextStep, bytes]
    """The octet that ends a page's data after a DLE, and says what follows; empty where +FET says that."""

    @property
    def draft(self) -> bool:
        """Whether it is class 2, of the draft, and not one of those that T.32 has."""
        return self.fclass == "2"

    @property
    def hexadecimal(self) -> bool:
        """Whether its numbers are; a make of class 2 may be odd in that."""
        return self.base == 16


TRAINED = "+FCFR"
"""A report of class 2, and of some 2.0 modems: our CFR, or the far end's."""
PAGE_END = "+FET"
"""Both a command (class 2) and a report: what follows the page."""
SUB_ADDRESS, SELECTIVE_POLLING, PASSWORD = "+FSA", "+FPA", "+FPW"
"""Commands and reports alike in all classes that have them (T.32 clauses 8.5.1.10 to 8.5.1.12)."""

_2 = Dialect(
    fclass="2",
    base=10,
    capabilities="+FDCC",
    wishes="+FDIS",
    local_id="+FLID",
    polling_id="+FCIG",
    page_status="+FPTS",
    stop="+FK",
    stall="+FPHCTO",
    stalls_a_second=10,
    bit_order="+FBOR",
    trace="+FBUG",
    may_poll="+FSPL",
    holds_document="+FLPL",
    min_speed="+FMINSP",
    connected="+FCON",
    sender_id="+FTSI",
    receiver_id="+FCSI",
    poller_id="+FCIG",
    nsf="+FNSF",
    nss="+FNSS",
    nsc="+FNSC",
    dis="+FDIS",
    dcs="+FDCS",
    dtc="+FDTC",
    polled="+FPOLL",
    voice="+FVOICE",
    hung_up="+FHNG",
    last_hung_up="+FAXERR",
    frame_sizes={0: 0, 1: 64, 2: 256},
    page_ends={},
)
_2_0 = Dialect(
    fclass="2.0",
    base=16,
    capabilities="+FCC",
    wishes="+FIS",
    local_id="+FLI",
    polling_id="+FPI",
    page_status="+FPS",
    stop="+FKS",
    stall="+FCT",
    stalls_a_second=1,
    bit_order="+FBO",
    trace="+FBU",
    may_poll="+FSP",
    holds_document="+FLP",
    min_speed="+FMS",
    connected="+FCO",
    sender_id="+FTI",
    receiver_id="+FCI",
    poller_id="+FPI",
    nsf="+FNF",
    nss="+FNS",
    nsc="+FNC",
    dis="+FIS",
    dcs="+FCS",
    dtc="+FTC",
    polled="+FPO",
    voice="+FVO",
    hung_up="+FHS",
    last_hung_up="+FHS",
    frame_sizes={0: 0, 1: 256},
    page_ends={NextStep.MORE_PAGES: b",", NextStep.MORE_DOCUMENTS: b";", NextStep.NO_MORE: b"."},
)
DIALECTS: Mapping[str, Dialect] = {each.fclass: each for each in (_2, _2_0, replace(_2_0, fclass="2.1"))}
"""By the value of +FCLASS."""
