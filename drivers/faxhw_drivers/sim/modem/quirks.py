"""What is peculiar to a virtual modem: the oddities that drivers meet in the field, as switches.

Each is off by default; a modem without quirks does what T.31 and T.32 say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from faxhw_drivers.sim.modem.class2.quirks import FaxQuirks


class FcsStyle(Enum):
    """How the frame check sequence of a received frame is handed to the DTE."""

    PRESENT = "as it came"
    HIDDEN = "not at all"
    INVERTED = "with every bit turned over"
    SWAPPED = "last octet first"


class Pauses(Enum):
    """What becomes of +FTS and +FRS."""

    KEPT = "as T.31 has them"
    UNKNOWN = "both are ERROR"
    FRS_RESETS = "+FRS resets the modem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Switches of a virtual modem."""

    ok_to_everything: bool = False
    """Says OK to any command, known or not."""
    silent: bool = False
    """Takes every octet and never says anything."""
    echo_always: bool = False
    """Echoes commands whatever E says."""
    echo_data: bool = False
    """Echoes the octets of +FTH and +FTM too."""
    deaf_after_connect: float = 0.0
    """Seconds after CONNECT to +FTM in which the DTE's octets are lost (Lucent, iaxmodem: 0.4)."""
    frh_takes_any_carrier: bool = False
    """+FRH=3 says CONNECT to any carrier, and NO CARRIER after a few octets (Lucent)."""
    turn_off: float = 0.0
    """Seconds of the ones with which a page's carrier is turned off (V.17, V.27ter, V.29) that are handed up
    after the page as if they were part of it. Every real modem does it, and efax, which does not see RTC
    without an octet behind it, counts on it."""
    no_dle_doubling: bool = False
    """A DLE among received octets is passed on single."""
    fcs: FcsStyle = FcsStyle.PRESENT
    bad_frame_result: str = "ERROR"
    """Ends a received frame that is damaged: ERROR, NO CARRIER, +FCERROR or even OK."""
    no_fcerror: bool = False
    """Another carrier than the one asked for is not reported (Digi)."""
    no_cts: bool = False
    """CTS is always on, whatever flow control is set."""
    fax_report: str = ""
    """Goes before the CONNECT of a fax that an adaptive answer in class 1 has found (Rockwell: ``FAX``)."""
    data_report: str = ""
    """Goes before the CONNECT of a data modem that such an answer has found (Rockwell: ``DATA``)."""
    data_waits: bool = False
    """``data_report`` is the result, and CONNECT comes only of ATO (Rockwell)."""
    fclass_resets_flow: bool = False
    """+FCLASS sets flow control back to its default (USR)."""
    pauses: Pauses = Pauses.KEPT
    pause_loses_carrier: bool = False
    """+FRM right after +FTS or +FRS never finds its carrier (some Conexant sticks)."""
    first_ftm_ok: bool = False
    """The first +FTM after +FTS is answered OK instead of CONNECT."""
    no_ok_on_abort: bool = False
    """Returns to commands without OK when the DTE breaks off a reception."""
    broken_off_call_result: str = "NO CARRIER"
    """Ends an ATA or ATD that the DTE breaks off; some say OK."""
    ignores_dtr: bool = False
    """Goes on whatever DTR does."""
    no_no_answer: bool = False
    """A call that nobody answers is NO CARRIER, as in the days before NO ANSWER."""
    ring_text: str = "RING"
    """Fields {number}, {name} and {called} are filled in: ``RING;{number};`` (ELSA)."""
    trunk: str = ""
    """What is said once, in place of all rings, on a line that passes on the last digits of the number
    called: ``DID:{called}``, ``RING{called}``, or for each digit ``DTMF{digit}`` (MultiTech)."""
    caller_id: tuple[str, ...] = ("DATE = {date}", "TIME = {time}", "NMBR = {number}", "NAME = {name}")
    """The lines of a caller ID; one whose field is unknown is left out. {called} is the number called,
    {frame} all that came over the line, in hexadecimal."""
    collision_result: str = ""
    """What ATD says to a line that rings, which is then not touched: RING, NO CARRIER, BUSY. Without it the
    modem goes off hook, and has answered."""
    deaf_to: frozenset[str] = frozenset()
    """Events of voice class that it does not have."""
    frames_digits: bool = False
    """A digit heard in voice class has a ``/`` before and a ``~`` after it."""
    refuses: frozenset[str] = frozenset()
    """Commands that are ERROR: those that a make lacks (+FBUG, +FAP, +FTBC, +FSPL, +FPHCTO)."""
    lacks: frozenset[str] = frozenset()
    """Classes that +FCLASS=? names and that cannot be set."""
    fails_in: frozenset[str] = frozenset()
    """Classes that can be set, and in which every command of theirs is ERROR."""
    reply_gap: float = 0.0
    """Seconds between one character and the next of what it says, pages apart."""
    fax: FaxQuirks = field(default_factory=FaxQuirks)
    vanishes_at: float | None = None
    """The moment, in seconds of the world, at which it is pulled out."""
