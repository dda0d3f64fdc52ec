"""How long a call stands on a modem of class 2 or 2.0, whose T.30 is its own: faxhw beside efax and mgetty.

The modem is the virtual one, in another process, and so is the far end; a call stands from the answer to the
far end's hanging up. All that a program can add is the time that it takes from one command to the next. The
calls run side by side, so that all programs see the same machine. efax sends 20 white rows more at the head
of a page, and both of them always tell an ident, so that faxhw is given one here.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from faxhw.terms import Coding, Resolution
from scripts.benchmarks.far_end import Plan, far_end, heard
from scripts.benchmarks.programs import Fax, Program, efax, faxhw_with_ident, mgetty
from scripts.benchmarks.table import Figure
from tests.interop import mgetty as mgetty_harness
from tests.interop.documents import write_tiff
from tests.pages import page_bitmap

PAGES = 3
ROWS = 500
AT_ONCE = 6
BEGIN = 8.0
"""Seconds in which a program that is to answer has set up its modem."""
PROGRAMS: Mapping[str, Program] = {"faxhw": faxhw_with_ident, "efax": efax, "mgetty": mgetty}
FAILED = (AssertionError, subprocess.SubprocessError, OSError)


@dataclass(frozen=True)
class Kind:
    """A fax that every program makes."""

    fclass: str
    sends: bool

    def __str__(self) -> str:
        return f"class {self.fclass}, {'sending' if self.sends else 'receiving'} {PAGES} pages"


@dataclass(frozen=True)
class Line:
    """The modem of a far end that calls by itself, or is called."""

    path: str

    def call(self) -> None:
        pass


def measure() -> Iterator[Figure]:
    if missing := _missing():
        yield Figure(f"class 2, connected time: skipped, {missing}", float("nan"), "s")
        return
    kinds = [Kind(fclass, sends) for fclass in ("2", "2.0") for sends in (False, True)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        calls = {
            (kind, name): pool.submit(_seconds, kind, name, Path(folder, f"{kind} {name}"))
            for kind in kinds
            for name in PROGRAMS
        }
        for kind in kinds:
            yield from _figures(kind, {name: calls[kind, name] for name in PROGRAMS})


def _missing() -> str | None:
    if shutil.which("efax") is None:
        return "efax is not installed: Debian package efax"
    return mgetty_harness.missing()


def _figures(kind: Kind, calls: Mapping[str, Future[float]]) -> Iterator[Figure]:
    figures = {}
    for name, future in calls.items():
        try:
            figures[name] = future.result()
        except FAILED as error:
            yield Figure(f"{kind}: {name}", float("nan"), "s", note=f"failed: {error}"[:200])
        else:
            yield Figure(f"{kind}: {name}", figures[name], "s")
    ours = figures.pop("faxhw", float("nan"))
    if figures:
        yield Figure(f"{kind}: faxhw, of the quickest other", ours / min(figures.values()), "", 1.0)


def _seconds(kind: Kind, name: str, folder: Path) -> float:
    """How long one call stood."""
    folder.mkdir()
    document = folder / "sent.tif"
    write_tiff(document, [page_bitmap("text", rows=ROWS, seed=seed).image() for seed in range(PAGES)], 196)
    plan = Plan(
        pages=PAGES,
        rows=ROWS,
        codings=(Coding.MH,),
        resolution=Resolution.FINE.name,
        fclass=kind.fclass,
        answers=kind.sends,
        begin=BEGIN,
    )
    own = folder / name
    own.mkdir()
    with far_end(plan) as (devices, process):
        path = devices[0].partition(":")[2]
        PROGRAMS[name](Line(path), Fax(document, PAGES, kind.sends, False, own, kind.fclass))
        told = heard(process)
    assert told["confirmed"] == PAGES, f"{told['confirmed']} pages were confirmed"
    return float(told["seconds"][0])
