"""What a modem says of the fax call by itself: ``+FCON``, ``+FTSI:``, ``+FDCS:``, ``+FPTS:``, ``+FHNG:``.

Reports come in any order, in the names of any class, with a plus or without; whatever can be made out of them
is kept until somebody asks. Their values are the far end's and the modem's word: bounded, and cleaned.
"""

from __future__ import annotations

import re

from faxhw.at.replies import Result, printable, result_of
from faxhw.session import RemoteInfo
from faxhw.t32 import dialect as names
from faxhw.t32 import parameters
from faxhw.t32.dialect import DIALECTS, Dialect
from faxhw.t32.parameters import Subparameters

_REPORT = re.compile(r"\+?(F[A-Z]{2,5})\s*(?:[:=]\s*(.*))?")
_MAX_TEXT = 20
_MAX_OCTETS = 256

_KINDS = (
    "connected",
    "sender_id",
    "receiver_id",
    "poller_id",
    "nsf",
    "nss",
    "nsc",
    "dis",
    "dcs",
    "dtc",
    "polled",
    "voice",
    "page_status",
    "hung_up",
)
_NAMES: dict[str, str] = {
    **{getattr(dialect, kind): kind for kind in _KINDS for dialect in DIALECTS.values()},
    names.TRAINED: "trained",
    names.PAGE_END: "page_end",
    names.SUB_ADDRESS: "sub_address",
    names.SELECTIVE_POLLING: "selective_polling",
    names.PASSWORD: "password",
}
"""Each report's name, whichever class has it, and what it tells."""
_INFORMS = {
    "sender_id": "ident",
    "receiver_id": "ident",
    "poller_id": "ident",
    "sub_address": "sub_address",
    "selective_polling": "selective_polling",
    "password": "password",
}
"""Reports that are texts of the far end's, and where they go in ``RemoteInfo``."""
_DATA = frozenset({"+FDM", "DATA"})
"""What is said before the CONNECT of a data modem, in class 2.0 and in Rockwell's class 2."""


class Reports:
    """What was said of one call."""

    def __init__(self, dialect: Dialect, *, nsf_hexadecimal: bool = True) -> None:
        self._dialect = dialect
        self._nsf_base = 16 if nsf_hexadecimal else 10
        self.count = 0
        """How many reports came."""
        self.connected = False
        """Whether a fax answered, by the modem's word; tones may have misled it."""
        self.is_data = False
        """Whether the modem has found a data modem, and left its class for it."""
        self.heard_fax = False
        """Whether something came that only a frame of a fax can have said."""
        self.remote: Subparameters | None = None
        """What the far end said that it can do, in its DIS or DTC."""
        self.wants_document = False
        """Whether the far end polls: it said DTC."""
        self.has_document = False
        """Whether the far end has a document to be polled."""
        self.settled: Subparameters | None = None
        """What the last DCS settled."""
        self.trained = False
        """Whether CFR was said since somebody last looked."""
        self.page_status: int | None = None
        self.page_end: int | None = None
        self.hung_up: str | None = None
        """The code with which the modem has hung up."""
        self.carrier_lost = False
        """Whether it said NO CARRIER where nothing was asked."""
        self.password = self.selective_polling = ""
        self._news: dict[str, object] = {}

    def hear(self, line: str) -> bool:
        """Learn from a line; False if it is no report."""
        if result_of(line) is Result.NO_CARRIER:
            self.carrier_lost = True
            return True
        if line in _DATA:
            self.is_data = True
            return True
        found = _REPORT.fullmatch(line)
        kind = _NAMES.get(f"+{found[1]}") if found else None
        if found is None or kind is None:
            return False
        self.count += 1
        self._learn(kind, (found[2] or "").strip())
        return True

    def _learn(self, kind: str, value: str) -> None:
        self.heard_fax = self.heard_fax or kind not in ("connected", "voice", "hung_up")
        match kind:
            case "connected":
                self.connected = True
            case "dis" | "dtc":
                self.remote = self._numbers(value) or self.remote
                self.wants_document = kind == "dtc"
                self._news["capabilities"] = True
            case "dcs":
                self.settled = self._numbers(value) or self.settled
            case "trained":
                self.trained = True
            case "polled":
                self.has_document = True
            case "page_status":
                self.page_status = _number(value)
            case "page_end":
                self.page_end = _number(value)
            case "hung_up":
                self.hung_up = printable(value)[:_MAX_TEXT] or "0"
            case "nsf" | "nss" | "nsc":
                self._news["nsf"] = _octets(value, self._nsf_base)
            case _ if kind in _INFORMS:
                self._learn_text(_INFORMS[kind], printable(value.strip().strip('"'))[:_MAX_TEXT].strip())

    def _learn_text(self, field: str, text: str) -> None:
        if field in ("password", "selective_polling"):
            setattr(self, field, text)
        self._news[field] = text

    def _numbers(self, value: str) -> Subparameters | None:
        """The numbers of a list, by the class's base; or, where they are none by that, by the other."""
        base = self._dialect.base
        return parameters.parse(value, base) or parameters.parse(value, 26 - base)

    def take_news(self) -> RemoteInfo | None:
        """What was said of the far end since this was last asked; ``None`` if nothing was."""
        news, self._news = self._news, {}
        if not news:
            return None
        told = dict(news)
        if told.pop("capabilities", False) and self.remote is not None:
            told["capabilities"] = parameters.understand(self.remote, self._dialect).summary()
        return RemoteInfo(**told)  # type: ignore[arg-type]  # each field is what ``_learn`` makes of it

    def begin_page(self) -> None:
        """What was said of a page before is not said of the next."""
        self.page_status = self.page_end = None


def _number(value: str) -> int | None:
    """The first number of a page's report: a single digit whatever the base."""
    found = re.match(r"0*([0-9])\b", value)
    return int(found[1]) if found else None


def _octets(value: str, base: int) -> bytes:
    """Octets written as numbers, together or apart."""
    found = re.findall("[0-9A-Fa-f]+", value)
    if base == 16:
        digits = "".join(found)
        return bytes.fromhex(digits[: len(digits) & ~1])[:_MAX_OCTETS]
    return bytes(int(each) for each in found[:_MAX_OCTETS] if each.isdecimal() and int(each) <= 0xFF)
