"""Rings and caller ID: what modems say of a call that comes in, as one table of prefixes.

There is no standard form: ``NMBR = ...``, ``RING;from;to``, ``RING/called``, ``FM:x TO:y``. Whatever is found
is bounded and free of control characters; it is a claim of the network, and no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from faxhw.at.replies import printable

MAX_FIELD = 80
MAX_FIELDS = 32

FROM, TO, NAME = "from", "to", "name"

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
    ("ANID", "ANID"),
    ("DATE", "DATE"),
    ("TIME", "TIME"),
    ("MESG", "MESG"),
    ("DIVERTING NUMBER", "DIVERTED"),
    ("REASON FOR NO CALLER NUMBER", "NO NUMBER"),
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

_RING = re.compile(r"RING(?:$|[^A-Z0-9].*$)", re.IGNORECASE)
_RING_FORMS = (
    re.compile(r"RING;(?P<from>[^;]*);(?P<to>[^;]*)$"),
    re.compile(r"RING/(?P<to>.*)$"),
    re.compile(r"RING: \S+ DN(?P<to>\S+)(?: (?P<from>\S+))?$"),
    re.compile(r"RING (?P<from>[+0-9][0-9]{2,})$"),
    re.compile(r"RING (?P<kind>[A-C1-9])$"),
)
_FROM_TO = re.compile(r"FM:\s*(?P<from>\S*)(?:\s+TO:\s*(?P<to>\S*))?")
_BARE_NUMBER = re.compile(r"\+?[0-9]{3,20}")


@dataclass(slots=True)
class CallerId:
    """What was said of the call, so far."""

    call_from: str = ""
    call_to: str = ""
    caller_name: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.call_from or self.call_to or self.caller_name or self.fields)

    def learn(self, kind: str, value: str) -> None:
        value = printable(value)[:MAX_FIELD]
        if not value:
            return
        if kind == FROM:
            self.call_from = value
        elif kind == TO:
            self.call_to = value
        elif kind == NAME:
            self.caller_name = value
        elif len(self.fields) < MAX_FIELDS:
            self.fields[kind] = value


def is_ring(line: str) -> bool:
    """Whether a line is a ring, in whichever form, perhaps with caller ID in it."""
    return _RING.match(line) is not None


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
    else:
        forms = (_FROM_TO,) if ringing else ()
    for form in forms:
        if found := form.match(line):
            for kind, value in found.groupdict(default="").items():
                into.learn(kind, value)
            return True
    return False
