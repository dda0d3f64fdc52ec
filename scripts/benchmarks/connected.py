"""How long a call stands, on libspandsp's soft modem, beside efax with the same pages and settings."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import faxhw
from scripts.benchmarks.table import Figure
from tests.interop.spandsp import MH, MISSING, Plan, SoftModem, library
from tests.pages import page_bitmap

RUNS = 3
PAGES = 3


def measure() -> Iterator[Figure]:
    if library() is None or shutil.which("efax") is None:
        yield Figure(
            f"connected time: skipped, {MISSING}, or efax (Debian package efax) is", float("nan"), "s"
        )
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, *more = [page_bitmap("text", rows=500, seed=number).image() for number in range(PAGES)]
        document = folder / "sent.tif"
        first.save(document, save_all=True, append_images=more, compression="group4", dpi=(204, 196))
        ours, theirs = [], []
        for _ in range(RUNS):  # in turn, so that both see the same machine
            ours.append(_seconds(document, _faxhw, folder))
            theirs.append(_seconds(document, _efax, folder))
    what = f"connected time, {PAGES} pages, MH, V.17 14400"
    yield Figure(f"{what}: efax", statistics.median(theirs), "s", note=f"median of {RUNS}")
    yield Figure(
        f"{what}: faxhw", statistics.median(ours), "s", statistics.median(theirs), note=f"median of {RUNS}"
    )


def _seconds(document: Path, answer: Callable[[SoftModem, Path], None], folder: Path) -> float:
    with SoftModem(Plan(str(document), compressions=MH)) as far:
        answer(far, folder)
        outcome = far.outcome()
    if outcome["code"] != 0 or outcome["pages"] != PAGES:
        raise SystemExit(f"bench: {answer.__name__} received {outcome}")
    return float(outcome["seconds"])


def _faxhw(far: SoftModem, folder: Path) -> None:
    with faxhw.open_channel(f"class1:{far.path}") as channel:
        far.call()
        channel.wait_for_call(30)
        channel.answer()
        channel.FaxReceiver.receive(filename=folder / "ours.tif", fax_options={"MR2D": "NO"})


def _efax(far: SoftModem, folder: Path) -> None:
    far.call()
    command = ["efax", "-d", far.path, "-o1", "-c", "1,5,0,2,0,0,0,0", "-r", str(folder / "theirs")]
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=True, capture_output=True, timeout=120)
