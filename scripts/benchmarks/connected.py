"""How long a call stands, on libspandsp's soft modem, beside efax, HylaFAX and the shortest possible.

A fax of one, three and eight pages is received and is sent, without error correction in MH and with it in
MMR. The far end is libspandsp's terminal, whose signals and pauses are the same whoever is at our end; the
calls of one fax run side by side, so that all programs see the same machine (a call takes some 2 % of a
core). Time runs from the moment the line is taken (ATA or ATH1, ATD) until it is let go (ATH), as the modem
has it, to a block of 2.5 ms.

The shortest call is made of signals of the least length that T.30 allows, 75 ms between them, and the page's
bits at the rate: those of our coder, in MH with RTC, or of a block's frames with their flags and RCPs. It is
a yardstick, not a bound, here: this modem's answer tone comes 0.2 s after ATA, not 1.8 s, while its terminal
tells TSI or CSI in 0.7 s, and its carriers stand 0.06 s longer than they must. efax always tells an ident, of
spaces if need be (0.7 s), HylaFAX that and NSF (1.8 s); faxhw tells one if it is given one, and is shown both
ways. efax sends 20 white rows more at the head of a page (0.04 s), and makes no pause before its replies.

``scripts/bench connected`` makes each call once, at 14400 bit/s, in some 8 minutes. With
``FAXHW_BENCH_CONNECTED=all`` each is made three times and the median shown, and V.29 and V.27ter are tried
too, which takes an hour.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from faxhw import hdlc
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Family
from scripts.benchmarks.programs import PATIENCE, Fax, Program, efax, faxhw, faxhw_with_ident, hylafax_
from scripts.benchmarks.table import Figure
from tests.interop import hylafax
from tests.interop.documents import write_tiff
from tests.interop.spandsp import MH, MISSING, MMR, V17, V27TER, V29, Plan, SoftModem, library
from tests.pages import PageBitmap, page_bitmap

PAGES = (1, 3, 8)
ROWS = 500
DOTS_DOWN = 196
FRAME = 256
BLOCK = 256 * FRAME
LIMITS = {False: 1.005, True: 1.01}
"""How much longer than the shortest a call may be, without and with error correction."""
AT_ONCE = 6
LIFE = PATIENCE + 100

FAILED = (AssertionError, subprocess.SubprocessError, OSError)


@dataclass(frozen=True)
class Modem:
    """A modulation, and what of a call's time is not the bits of pages."""

    name: str
    allowed: int
    """What the far end may choose from."""
    rate: int
    call: float
    page: float
    block: float
    """A page's share with error correction: of each block."""


MODEMS = (
    Modem(Family.V17, V17 | V29 | V27TER, 14400, 12.00, 2.44, 2.72),
    Modem(Family.V29, V29 | V27TER, 9600, 10.86, 2.55, 2.83),
    Modem(Family.V27TER, V27TER, 4800, 11.31, 3.01, 3.29),
)


@dataclass(frozen=True)
class Kind:
    """A fax that every program makes."""

    modem: Modem
    pages: int
    sends: bool
    ecm: bool

    def __str__(self) -> str:
        way = "sending" if self.sends else "receiving"
        coding = "MMR with ECM" if self.ecm else "MH"
        return (
            f"{way} {self.pages} page{'s' * (self.pages > 1)}, {coding}, {self.modem.name} {self.modem.rate}"
        )

    @property
    def programs(self) -> Mapping[str, Program]:
        """Those that can; efax knows no error correction."""
        ours: dict[str, Program] = {"faxhw": faxhw, "faxhw with an ident": faxhw_with_ident}
        return ours | ({} if self.ecm else {"efax": efax}) | {"HylaFAX": hylafax_}

    def shortest(self) -> float:
        coding = Coding.MMR if self.ecm else Coding.MH
        pages = [encode_page(page.rows, coding, page.width) for page in drawn(self.pages)]
        if not self.ecm:
            bits = 8 * sum(map(len, pages))
            return self.modem.call + self.pages * self.modem.page + bits / self.modem.rate
        carried = [_carried(page[at : at + BLOCK]) for page in pages for at in range(0, len(page), BLOCK)]
        return self.modem.call + len(carried) * self.modem.block + 8 * sum(carried) / self.modem.rate


def _carried(block: bytes) -> int:
    """Octets on the line of a block's octets: its frames, three RCP, and a flag before and after each."""
    contents = [block[at : at + FRAME].ljust(FRAME, b"\0") for at in range(0, len(block), FRAME)]
    coded = [b"\xff\xc0\x60" + bytes((number,)) + each for number, each in enumerate(contents)]
    return len(hdlc.transmission([*coded, *[b"\xff\xc0\x61"] * 3], preamble_flags=1, closing_flags=1))


def drawn(pages: int) -> list[PageBitmap]:
    return [page_bitmap("text", rows=ROWS, seed=number) for number in range(pages)]


def measure() -> Iterator[Figure]:
    if missing := _missing():
        yield Figure(f"connected time: skipped, {missing}", float("nan"), "s")
        return
    everything = os.environ.get("FAXHW_BENCH_CONNECTED") == "all"
    modems, runs = (MODEMS, 3) if everything else (MODEMS[:1], 1)
    kinds = [
        Kind(modem, pages, sends, ecm)
        for modem in modems
        for pages in PAGES
        for sends in (False, True)
        for ecm in (False, True)
    ]
    shortest = {kind: kind.shortest() for kind in kinds}
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        folder = Path(name)
        calls: dict[tuple[Kind, str], list[Future[float]]] = {}
        for run in range(runs):
            for kind in kinds:
                for program in kind.programs:
                    call = pool.submit(_seconds, kind, program, folder / f"{run} {kind} {program}")
                    calls.setdefault((kind, program), []).append(call)
        for kind in kinds:
            yield from _figures(kind, shortest[kind], {name: calls[kind, name] for name in kind.programs})


def _missing() -> str | None:
    if library() is None:
        return MISSING
    if shutil.which("efax") is None:
        return "efax is not installed: Debian package efax"
    return hylafax.missing()


def _figures(kind: Kind, shortest: float, calls: Mapping[str, list[Future[float]]]) -> Iterator[Figure]:
    yield Figure(f"{kind}: the shortest", shortest, "s")
    figures = {}
    for name, futures in calls.items():
        goal = LIMITS[kind.ecm] * shortest if name == "faxhw" else None
        try:
            figures[name] = seconds = statistics.median(future.result() for future in futures)
        except FAILED as error:
            yield Figure(f"{kind}: {name}", float("nan"), "s", goal, note=f"failed: {error}"[:200])
        else:
            note = f"{seconds / shortest:.4f} of the shortest"
            yield Figure(f"{kind}: {name}", seconds, "s", goal, note=note)
    others = [seconds for name, seconds in figures.items() if not name.startswith("faxhw")]
    if others and "faxhw" in figures:
        yield Figure(f"{kind}: faxhw, of the quickest other", figures["faxhw"] / min(others), "", 1.0)


def _seconds(kind: Kind, program: str, folder: Path) -> float:
    """How long one call stood."""
    folder.mkdir()
    document = folder / "sent.tif"
    write_tiff(document, [page.image() for page in drawn(kind.pages)], DOTS_DOWN)
    plan = Plan(
        str(folder / "far.tif" if kind.sends else document),
        calls=not kind.sends,
        modems=kind.modem.allowed,
        compressions=MH | MMR if kind.ecm else MH,
        ecm=kind.ecm,
        life=LIFE,
    )
    own = folder / program
    own.mkdir()
    with SoftModem(plan) as far:
        kind.programs[program](far, Fax(document, kind.pages, kind.sends, kind.ecm, own))
        outcome = far.outcome()
    expected = (0, kind.pages, kind.modem.rate)
    assert (outcome["code"], outcome["pages"], outcome["rate"]) == expected, f"the far end says {outcome}"
    return float(outcome["seconds"])
