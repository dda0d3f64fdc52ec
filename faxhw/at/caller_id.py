"""Rings and caller ID: what modems say of a call that comes in, as one table of prefixes.

There is no standard form: ``NMBR = ...``, ``RING;from;to``, ``RING/called``, ``FM:x TO:y``. Whatever is found
is bounded and free of control characters; it is a claim of the network, and no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from faxhw.at.caller_frames import DIALABLE, is_frame, read_frame
from faxhw.at.replies import EVENT, printable

MAX_FIELD = 80
MAX_FIELDS = 32

FROM, TO, NAME, NO_NUMBER = "from", "to", "name", "no number"

_PREFIXES: tuple[tuple[str, str], ...] = (
    # What a modem writes, and what it tells; longer ones before those that they begin with.
    ("DDN_NMBR", FROM),
    ("CALLER NUMBER", FROM),
    ("CALLER'S NUMBER", FROM),
    ("CALLER NAME", NAME),
    ("CALLED NUMBER", TO),
    ("CALLERID", FROM),
    ("NMBR", FROM),
    ("NBR", FROM),
    ("+CLIP", FROM),
    ("CID", FROM),
    ("NAME", NAME),
    ("NDID", TO),
    ("DAD", TO),
    ("DID", TO),
    ("ANID", "ANID"),
    ("USER", "USER"),
    ("CDID", "CDID"),
    ("DATE", "DATE"),
    ("TIME", "TIME"),
    ("MESG", "MESG"),
    ("DIVERTING NUMBER", "DIVERTED"),
    ("REASON FOR NO CALLER NUMBER", NO_NUMBER),
    ("REASON FOR NO CALLER NAME", "NO NAME"),
    ("DRON", "DRON"),
    ("DROF", "DROF"),
)
_LABELLED = re.compile(
    "(" + "|".join(re.escape(prefix) for prefix, _ in _PREFIXES) + r")\s*[:=]\s*(.*)", re.IGNORECASE
)
_KINDS = dict(_PREFIXES)
_QUOTED = re.compile(r'"([^"]*)"')
"""What may follow, as in +CLIP, is the kind of number."""

_RING = re.compile(rf"(?i:RING(?:$|[^A-Z].*$|[A-C]$))|{EVENT}R$")
_RING_FORMS = (
    re.compile(r"RING;(?P<from>[^;]*);(?P<to>[^;]*)$", re.IGNORECASE),
    re.compile(r"RING/(?P<to>.*)$", re.IGNORECASE),
    re.compile(r"RING: \S+ DN(?P<to>\S+)(?: (?P<from>\S+))?$", re.IGNORECASE),
    re.compile(r"RING (?P<from>[+0-9][0-9]{2,})$", re.IGNORECASE),
    re.compile(r"RING(?P<to>[0-9*#]{2,})$", re.IGNORECASE),
    re.compile(r"RING ?(?P<ring>[A-C1-9])$", re.IGNORECASE),
)
_ANNOUNCED = re.compile(r"DID\s*[:=]|DTMF[0-9A-D*#]$", re.IGNORECASE)
"""What a modem on a trunk says in place of a ring (MultiTech's *DF0 and *DF1)."""
_TO_DIGIT = re.compile(r"DTMF(?P<digit>[0-9A-D*#])$", re.IGNORECASE)
_FROM_TO = re.compile(r"FM:\s*(?P<from>\S*)(?:\s+TO:\s*(?P<to>\S*))?(?:\s+/(?P<SUB>[^/]*)/)?")
_BARE_NUMBER = re.compile(r"\+?[0-9]{3,20}")

WITHHELD, UNAVAILABLE = "WITHHELD", "UNAVAILABLE"
_LETTERS = {"P": WITHHELD, "O": UNAVAILABLE, "N": UNAVAILABLE, "U": UNAVAILABLE}
"""In place of a number or a name."""
_REASONS = _LETTERS | {
    "PRIVATE": WITHHELD,
    "ANONYMOUS": WITHHELD,
    "BLOCKED": WITHHELD,
    "WITHHELD": WITHHELD,
    "OUT OF AREA": UNAVAILABLE,
    "OUT_OF_AREA": UNAVAILABLE,
    "UNAVAILABLE": UNAVAILABLE,
    "UNKNOWN": UNAVAILABLE,
}
"""In place of a number."""


@dataclass(slots=True)
class CallerId:
    """What was said of the call, so far."""

    call_from: str = ""
    call_to: str = ""
    caller_name: str = ""
    no_number: str = ""
    """Why there is no number: ``WITHHELD`` by the caller, or ``UNAVAILABLE``."""
    distinctive_ring: str = ""
    """The ring, where the modem tells one from another: as it calls it, or its cadence."""
    fields: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.call_from or self.no_number or self.call_to or self.caller_name or self.distinctive_ring
        ) or bool(self.fields)

    @property
    def is_known(self) -> bool:
        """Whether the caller's number was told, or that there is none to be told."""
        return bool(self.call_from or self.no_number)

    def learn(self, kind: str, value: str) -> None:
        """Take a value for what it tells, or tells not."""
        if kind == "MESG":
            self.learn_frame(value)
        value = printable(value)[:MAX_FIELD]
        if not value:
            return
        match kind:
            case "from":
                self._learn_number(value)
            case "dialable number":
                self.call_from = self.call_from or value
            case "no number":
                self.no_number = _REASONS.get(value.upper(), UNAVAILABLE)
            case "to":
                self.call_to = value
            case "digit":
                self.call_to = (self.call_to + value)[:MAX_FIELD]
            case "name" if value in _LETTERS:
                self._keep("NO NAME", value)
            case "name":
                self.caller_name = value
            case "ring":
                self.distinctive_ring = value.upper()
            case "when":
                self._keep("DATE", value[:4])
                self._keep("TIME", value[4:8])
            case _:
                self._keep(kind, value)

    def learn_frame(self, text: str) -> None:
        """Take all that a frame tells (``faxhw.at.caller_frames``)."""
        for kind, value in sorted(read_frame(text), key=lambda told: told[0] == DIALABLE):
            self.learn(kind, value)

    def _learn_number(self, value: str) -> None:
        reason = _REASONS.get(value.upper())
        if reason is None:
            self.call_from, self.no_number = value, ""
        else:
            self.no_number = reason

    def _keep(self, name: str, value: str) -> None:
        if name in self.fields or len(self.fields) < MAX_FIELDS:
            self.fields[name] = value


def is_ring(line: str) -> bool:
    """Whether a line is a ring, in whichever form, perhaps with caller ID in it."""
    return _RING.match(line) is not None


def announces(line: str) -> bool:
    """Whether a line tells the called number of a trunk's call, which does not ring otherwise."""
    return _ANNOUNCED.match(line) is not None


def is_digit(line: str) -> bool:
    """Whether a line is one digit of the called number, of which more may follow."""
    return _TO_DIGIT.match(line) is not None


def read_line(line: str, into: CallerId, *, ringing: bool = True) -> bool:
    """Learn what a line tells of the call; False if it tells nothing.

    Only while it rings can digits alone, or ``FM:``, mean a caller.
    """
    if is_ring(line):
        forms: tuple[re.Pattern[str], ...] = _RING_FORMS
    elif labelled := _LABELLED.match(line):
        value = labelled[2].strip()
        quoted = _QUOTED.match(value)
        into.learn(_KINDS[labelled[1].upper()], quoted[1] if quoted else value)
        return True
    elif ringing and _BARE_NUMBER.fullmatch(line):
        into.learn(FROM, line)
        return True
    elif ringing and is_frame(line):
        into.learn_frame(line)
        return True
    else:
        forms = (_FROM_TO, _TO_DIGIT) if ringing else (_TO_DIGIT,)
    for form in forms:
        if found := form.match(line):
            for kind, value in found.groupdict(default="").items():
                into.learn(kind, value)
            return True
    return False
