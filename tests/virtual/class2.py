"""A scripted DTE of class 2, 2.0 or 2.1, with a modem on a bench and a station to talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from faxhw.ports.base import Flow
from faxhw.session import NextStep
from faxhw.t4.decode import PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.t30.calling import call
from faxhw.t30.line import Procedure
from faxhw.t32.dialect import DIALECTS, STEPS, Dialect
from faxhw.terms import Coding, Settings
from faxhw.testing.faxes import WIDTH, Job, Pages, page
from faxhw_drivers.sim import MODELS, Bench, FaxQuirks, Model, Quirks, Station, StationCall
from tests.virtual.dte import Dte

PLAIN = Settings(ident="+49 89 200")
EVERYTHING = replace(PLAIN, ecm=True, codings=frozenset(Coding))
WITH_ECM = {"2": "1,5,0,2,3,2", "2.0": "1,5,0,2,3,1", "2.1": "1,5,0,2,3,1"}
"""A list of capabilities with error correction and MMR."""
_WORDS = {step: word for word, step in STEPS.items()}


def drawn(count: int) -> list[list[Row]]:
    return [page(number) for number in range(1, count + 1)]


def decoded(octets: bytes, coding: Coding = Coding.MH) -> list[Row]:
    decoder = PageDecoder(coding, WIDTH)
    decoder.feed(octets)
    return decoder.finish().rows


@dataclass
class Class2:
    """A modem in a class, its DTE, and a station at the far end."""

    dte: Dte
    dialect: Dialect
    bench: Bench
    station: Station

    @property
    def two(self) -> bool:
        return self.dialect.draft

    def say(self, *commands: str) -> None:
        """Commands that all succeed."""
        for command in commands:
            assert self.dte.command(f"AT{command}") == ["OK"], command

    def rings_with(
        self, pages: Pages, settings: Settings = PLAIN, act: Callable[[Settings], Procedure] = call
    ) -> StationCall:
        """The station calls."""
        made = self.station.call("100", act(settings), pages)
        assert self.dte.line() == "RING"
        return made

    def answered(self) -> list[str]:
        return self.dte.command("ATA")

    def dialled(self) -> list[str]:
        return self.dte.command("ATDT200")

    def receive(self) -> tuple[list[str], bytes, list[str]]:
        """+FDR: what is said before the page, the page, and what is said after it."""
        before = self.dte.command("AT+FDR")
        assert before[-1] == "CONNECT", before
        self.dte.write(b"\x12")
        return before, self.dte.data(), self.dte.result()

    def send(self, octets: bytes, step: NextStep) -> list[str]:
        """+FDT and a page: what is said before it, and after it."""
        before = self.dte.command("AT+FDT")
        assert before[-1] == "CONNECT", before
        return before + self.deliver(octets, step)

    def deliver(self, octets: bytes, step: NextStep) -> list[str]:
        """A page's data and its end."""
        if self.two:
            self.dte.until(b"\x11")
        self.dte.write(octets.replace(b"\x10", b"\x10\x10"), timeout=120.0)
        if not self.two:
            self.dte.write(b"\x10" + self.dialect.page_ends[step])
            return self.dte.result()
        self.dte.write(b"\x10\x03")
        over = self.dte.result()
        if over != ["OK"]:
            return over  # the call has ended
        return self.dte.command(f"AT+FET={_WORDS[step]}")

    def send_all(self, pages: Iterable[list[Row]], coding: Coding = Coding.MH) -> list[str]:
        """Pages, the last one with EOP: all that is said."""
        coded = [encode_page(rows, coding, WIDTH) for rows in pages]
        steps = [NextStep.MORE_PAGES] * (len(coded) - 1) + [NextStep.NO_MORE]
        return [line for octets, step in zip(coded, steps, strict=True) for line in self.send(octets, step)]

    def hang_up_report(self, code: str) -> str:
        return f"{self.dialect.hung_up}:{code if self.two else code.rjust(2, '0')}"


def in_class(
    fclass: str,
    *,
    fax: FaxQuirks | None = None,
    quirks: Quirks | None = None,
    model: Model | None = None,
    seed: int = 1,
) -> Class2:
    """A modem in this class, whose DTE wants all reports."""
    bench = Bench(seed)
    make = model or MODELS["generic"]
    odd = quirks or make.quirks
    plugged = bench.modem("100", make, replace(odd, fax=fax or odd.fax))
    dte = Dte(bench, plugged)
    dte.port.set_flow(Flow.RTS_CTS)
    found = Class2(dte, DIALECTS[fclass], bench, bench.station("200"))
    assert dte.command("ATE0")[-1] == "OK"
    found.say(f"+FCLASS={fclass}")
    if not found.two:
        found.say("+FNR=1,1,1,1")
    return found


__all__ = ["EVERYTHING", "PLAIN", "WITH_ECM", "Class2", "Job", "Pages", "decoded", "drawn", "in_class"]
