"""What is peculiar to modems that run T.30 themselves (class 2, 2.0, 2.1), as switches of the virtual one.

Each is off by default. Where a make is named, it is one of those that were seen to behave so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from faxhw.ports.base import Flow
from faxhw.terms import Coding

DAMAGED = bytes(octet ^ 0x18 if octet % 16 == 5 else octet for octet in range(256))
"""What becomes of octets in a coding that the modem ``damages``."""
IN_CLASS_2 = frozenset({"2"})


class Quality(Enum):
    """What the counts of a page status are worth."""

    HONEST = "counted"
    CONSTANT = "always none"
    GARBAGE = "made up"
    """Rockwell; Microcom's DeskPorte too, whose +FPS mgetty calls broken."""


class Fate(Enum):
    """How a modem fails in the middle of a page."""

    HANGS_UP = "reports the end of the call among the page's octets"
    RESETS = "has all its settings back, and the line is dropped without a word"
    DIES = "is never heard of again"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxQuirks:
    """Switches of a virtual modem in these classes."""

    starts_on: bytes = b"\x11\x12"
    """The characters upon which it begins to hand up a page: some know DC1 only, most DC2 only."""
    no_xon: bool = False
    """No XON says that a page may be sent (class 2: QBlazer, Tornado)."""
    received_reversed: frozenset[str] = frozenset()
    """Classes in which received octets come highest bit first whatever +FBOR or +FBO says (2: nearly all, and
    mgetty, efax and HylaFAX expect no other; 2.0 and 2.1: Mainpine)."""
    host_sends_rtc: bool = False
    """RTC is passed on as the DTE sends it, or does not (USR, MultiTech, Mainpine, PPI)."""
    leaves_class: bool = False
    """After a call it is in class 0 again."""
    bare_reports: frozenset[str] = frozenset()
    """Reports that lack their plus: ``FNF:`` (USR)."""
    nsf_as_text: bool = False
    """NSF is not hexadecimal but the octets themselves, as far as they can be printed."""
    decimal_page_status: bool = False
    """Class 2.0 with decimal counts (USR, MultiTech)."""
    decimal_hang_up: bool = False
    """Class 2.0 with the hang-up codes of class 2."""
    hexadecimal_lists: bool = False
    """Class 2 with hexadecimal lists of parameters (Eicon)."""
    no_carrier_for_hang_up: bool = False
    """The end of a call is NO CARRIER and no code."""
    no_ok_after_hang_up: bool = False
    """The hang-up code is the last word."""
    ok_between_documents: bool = False
    """+FDR ends in OK when another document begins, and has to be said once more (PPI)."""
    wishes_end_call: bool = False
    """+FDIS or +FIS ends a call that stands, and has to come before the number (PPI, Telebit)."""
    claims: frozenset[str] = frozenset()
    """What =? has and it cannot do: ``MR`` (Davicom), ``MMR``, ``ECM``. To ask for it is ERROR."""
    damages: frozenset[Coding] = frozenset()
    """Codings of which octets are wrong that pass through the modem, either way: MMR (MultiTech with firmware
    1.25, Digi)."""
    frame_sizes_of: str = ""
    """The class whose numbers for error correction it has (Eicon)."""
    quality: Quality = Quality.HONEST
    zeros_before_page: int = 0
    """Octets of zeros that it hands up before a page's first EOL: fill, as the first row may have it."""
    loses_page_after_rtn: bool = False
    """Nothing is handed up of the page that follows an RTN, unless copy quality is not checked (USR)."""
    connect_at_answer: bool = False
    """An answered call is CONNECT first, then what is reported of it, and OK (Rockwell, UMC)."""
    data_report: str = "+FDM"
    """Goes before the CONNECT of a data modem that an adaptive answer has found (Rockwell: ``DATA``)."""
    nsf_decimal: bool = False
    """NSF's octets are decimal (Mainpine)."""
    speed_at_answer: int = 0
    """bit/s at which it speaks to the DTE from an answer to the end of the call (Rockwell: 19200)."""
    v17_register: int = 0
    """The S-register in which 1 turns V.17 off; without that it sends by V.17 at every rate that V.17 has,
    since br says nothing of modulations (Mainpine: 29)."""
    flow_at_answer: Flow | None = None
    """Flow control from an answer to the end of the call, whatever is set; CTS stays on then (XON/XOFF:
    Rockwell, PPI)."""
    names_of: str = ""
    """The class whose names its reports have."""
    out_of_order: bool = False
    """Reports that belong together come last one first."""
    idle_limit: float = 0.0
    """Seconds that the DTE may let pass without a word: then the call ends, with code E0 (Agere: 10)."""
    v34: int = 0
    """br, 6 to 13, of the V.34 that it reports to have settled on, though it is told to go no faster than
    V.17; that is what its line carries here."""
    rate_is_least: bool = False
    """br of +FCC sets the least rate, not the most (early USR)."""
    not_down_to: int = 0
    """bit/s that a training does not come down to: where no faster one works it hangs up with code 25, as if
    nobody had replied. Asked for as the most it is taken (USR: 7200)."""
    never_answers: frozenset[str] = frozenset()
    """Commands, +FDR or +FET, that nothing comes of."""
    fate: Fate | None = None
    fate_in_page: int = 1
    """The page of the call in which it meets its fate."""
