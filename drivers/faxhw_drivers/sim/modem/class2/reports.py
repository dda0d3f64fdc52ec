"""What a class 2, 2.0 or 2.1 modem reports: by the names and in the numbers of its class, or oddly so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from faxhw.session import NextStep, RemoteInfo, Status
from faxhw.t4.decode import PageReport
from faxhw.t30.capabilities import Capabilities
from faxhw.t30.line import Heard, SendFrames
from faxhw.t32 import dialect as words
from faxhw.t32.dialect import DIALECTS, Dialect
from faxhw.t32.hangup import code_of
from faxhw.t32.parameters import Subparameters, described
from faxhw_drivers.sim.modem.class2.quirks import Quality
from faxhw_drivers.sim.modem.class2.settings import ADDRESSES, REPORTS, TRACE, FaxSettings
from faxhw_drivers.sim.performer import Step

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

IDENT_LENGTH = 20
_WORDS = {step: word for word, step in words.STEPS.items()}
_MADE_UP = 5000
"""What counts that are made up stay below."""


class Reports:
    """Tells the DTE what happens on a call."""

    def __init__(self, modem: VirtualModem, values: FaxSettings) -> None:
        self._modem = modem
        self._quirks = modem.quirks.fax
        self._values = values
        self._dialect = values.dialect
        self._waiting: list[str] = []

    def say(self, name: str, value: str = "") -> None:
        """One report."""
        name = self._name(name)
        self._waiting.append(f"{name}:{value}" if value else name)
        if not self._quirks.out_of_order:
            self.flush()

    def flush(self) -> None:
        """A result is to follow: what belongs before it comes now."""
        waiting, self._waiting = self._waiting, []
        for text in reversed(waiting):
            self._modem.tell(text)

    def far_end(self, info: RemoteInfo, *, dialled: bool) -> None:
        """Who it is, as far as the DTE wants to know (+FNR, +FAP)."""
        for name, value in self._of_far_end(info, dialled=dialled):
            self.say(name, value)

    def can(self, name: str, remote: Capabilities) -> None:
        """What it can do."""
        if self._wanted()[0]:
            self.say(name, self._list(self._values.understood(described(remote, self._dialect))))

    def settled(self) -> None:
        """What the DCS has settled."""
        if self._wanted()[1]:
            self.say(self._dialect.dcs, self._list(self._values.settled))

    def trained(self) -> None:
        """Our CFR, or the far end's."""
        if self._dialect.draft:
            self.say(words.TRAINED)

    def page(self, status: int, found: PageReport, step: NextStep) -> None:
        """A page that was received, and what follows it."""
        counts = self._counts(found)
        hexadecimal = self._dialect.hexadecimal and not self._quirks.decimal_page_status
        numbers = (status, *counts, *(() if self._dialect.draft else (0,)))
        self.say(
            self._dialect.page_status,
            ",".join(f"{each:X}" if hexadecimal else str(each) for each in numbers),
        )
        self.say(words.PAGE_END, str(_WORDS[step]))

    def hung_up(self, status: Status) -> None:
        """How the call has ended."""
        hexadecimal = self._dialect.hexadecimal and not self._quirks.decimal_hang_up
        self._values.hang_up = code_of(status, hexadecimal=hexadecimal)
        if not self._quirks.no_carrier_for_hang_up:
            self.say(self._dialect.hung_up, self._values.hang_up)

    def trace(self, step: Step) -> None:
        """The frames of an operation (+FBUG, +FBU)."""
        if not self._values.number(TRACE):
            return
        if isinstance(step.operation, SendFrames):
            for octets in step.operation.frames:
                self.say("+FHT", octets.hex(" ").upper())
        if isinstance(step.answer, Heard):
            for frame in step.answer.frames:
                self.say("+FHR", frame.octets.hex(" ").upper())

    def _of_far_end(self, info: RemoteInfo, *, dialled: bool) -> Iterator[tuple[str, str]]:
        """Names and values, in the order of the frames."""
        dialect = self._dialect
        _, _, idents, nonstandard = self._wanted()
        sub_addresses, selections, passwords = self._values.all_numbers(ADDRESSES)
        offers = info.capabilities is not None
        if info.nsf is not None and nonstandard:
            yield dialect.nss if not offers else dialect.nsf if dialled else dialect.nsc, self._nsf(info.nsf)
        if info.password is not None and passwords:
            yield words.PASSWORD, f'"{info.password}"'
        if info.selective_polling is not None and selections:
            yield words.SELECTIVE_POLLING, f'"{info.selective_polling}"'
        if info.sub_address is not None and sub_addresses:
            yield words.SUB_ADDRESS, f'"{info.sub_address}"'
        if info.ident is not None and idents:
            name = dialect.sender_id if not offers else dialect.receiver_id if dialled else dialect.poller_id
            yield name, f'"{info.ident.rjust(IDENT_LENGTH)}"'

    def _nsf(self, octets: bytes) -> str:
        if self._quirks.nsf_as_text:
            return "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in octets)
        text = " ".join(f"{each}" if self._quirks.nsf_decimal else f"{each:02X}" for each in octets)
        return f'"{text}"' if self._dialect.draft else text

    def _counts(self, found: PageReport) -> tuple[int, int, int]:
        match self._quirks.quality:
            case Quality.CONSTANT:
                return 0, 0, 0
            case Quality.GARBAGE:
                dice = self._modem.world.random
                return dice.randrange(_MADE_UP), dice.randrange(_MADE_UP), dice.randrange(_MADE_UP)
        return found.rows, found.bad_rows, found.longest_bad_run

    def _wanted(self) -> tuple[int, ...]:
        """+FNR: whether what receivers can do, what senders settle, who is there, and NSF are reported. Class
        2 always reports."""
        return (1, 1, 1, 1) if self._dialect.draft else self._values.all_numbers(REPORTS)

    def _list(self, numbers: Subparameters) -> str:
        odd = self._quirks.hexadecimal_lists
        return numbers.text(replace(self._dialect, base=16) if odd else self._dialect)

    def _name(self, name: str) -> str:
        other = DIALECTS.get(self._quirks.names_of)
        if other is not None:
            name = next((new for old, new in _renamed(self._dialect, other) if old == name), name)
        return name.removeprefix("+") if name in self._quirks.bare_reports else name


_REPORTS = (
    *("connected", "sender_id", "receiver_id", "poller_id", "nsf", "nss", "nsc", "dis", "dcs", "dtc"),
    *("polled", "voice", "hung_up", "page_status"),
)


def _renamed(ours: Dialect, other: Dialect) -> Iterator[tuple[str, str]]:
    """Reports by our names and by another class's."""
    return (
        (getattr(ours, each.name), getattr(other, each.name))
        for each in fields(ours)
        if each.name in _REPORTS
    )
