"""The software modem: processor time and rhythm of many channels in real time, of one in memory, and of
``faxhw decode``.

In real time the channels are DAHDI's, in one process, on a card in another one (``sound_far_end``) that keeps
20 ms whatever they do. In memory a call is made first; what either end heard is then said to it once more, so
that its processor time is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from faxhw.audio.port import BLOCK, RATE
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.errors import DeviceError
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.t30.line import session
from faxhw_drivers.dsp import driver as modem
from faxhw_drivers.dsp.library import library
from faxhw_drivers.sim.far_end import KeepsPages
from scripts.benchmarks.far_end import Plan, heard, settings_of
from scripts.benchmarks.table import Figure
from tests.interop.documents import write_tiff
from tests.pages import PageBitmap, page_bitmap
from tests.unit.dsp_bench import JoinedPort, drive, joined
from tests.virtual.calls import Pages

PLAN = Plan(lines=20, pages=5, ecm=True)
IN_MEMORY = replace(PLAN, lines=1, pages=20)
"""A call of some minutes."""
PATIENCE = 600
"""Seconds in which all calls at once must be over."""
GOAL = 4.0
"""Percent of a core that a channel may need."""


def measure() -> Iterator[Figure]:
    try:
        library()
    except DeviceError as error:
        yield Figure(f"sound: skipped, {error}", float("nan"), "s")
        return
    for answers in (False, True):
        yield from _in_real_time(replace(PLAN, answers=answers))
    with tempfile.TemporaryDirectory() as name:
        recording = Path(name) / "call.wav"
        yield from _in_memory(IN_MEMORY, recording)
        yield _decoded(recording, Path(name) / "fax.tif", IN_MEMORY.pages)


# ----------------------------------------------------------------------------------------------------------
# In real time


def _in_real_time(plan: Plan) -> Iterator[Figure]:
    far, told = _called(plan)
    if far["confirmed"] != plan.lines * plan.pages:
        raise SystemExit(f"bench: of {plan.lines * plan.pages} pages the far ends know {far['confirmed']}")
    ends = [each for each in told if "rhythm" in each]
    way = "sending" if plan.answers else "receiving"
    load = f"load {os.getloadavg()[0]:.1f}"
    pages = [each for each in told if "page" in each]
    busy, lasted = (pages[-1][each] - pages[0][each] for each in ("cpu", "at"))
    share = 100 * busy / lasted / plan.lines
    note = f"{plan.lines} at once, mean of {lasted:.0f} s, {load}"
    yield Figure(
        f"CPU of a channel with sound, V.17 14400, ECM, {way}", share, "% of a core", GOAL, note=note
    )
    yield Figure("memory of such a process", max(each["memory"] for each in told), "MB")
    yield from _rhythm(f"of {plan.lines} such calls, {way}", far, ends)


def _rhythm(calls: str, far: dict[str, Any], ends: list[dict[str, Any]]) -> Iterator[Figure]:
    def total(name: str) -> int:
        return sum(each["rhythm"][name] for each in ends)

    lost = total("lost_said") + total("lost_heard") + far["overrun"]
    said = f"{total('lost_said')} of those said, {total('lost_heard') + far['overrun']} of those heard"
    yield Figure(f"blocks lost {calls}", lost, "", 0, note=f"of {total('blocks')}: {said}")
    late = sum(each["late"] for each in ends)
    yield Figure(f"blocks late {calls}", late, "", note="from the settings of each fax to its end")
    stall = max(each["rhythm"]["longest_stall"] for each in ends)
    note = f"the card's own {1000 * far['late']:.0f} ms late at most"
    yield Figure(f"longest from block to block {calls}", 1000 * stall, "ms", note=note)


def _called(plan: Plan) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the far ends, and what the channels told."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        document = folder / "sent.tif"
        if plan.answers:
            write_tiff(document, [each.image() for each in _drawn(plan)], 98)
        module = [sys.executable, "-m"]
        arguments = ["scripts.benchmarks.sound_far_end", json.dumps(asdict(plan))]
        card = stack.enter_context(subprocess.Popen([*module, *arguments], stdout=subprocess.PIPE, text=True))
        stack.callback(card.terminate)
        paths = heard(card)["paths"]
        arguments = ["scripts.benchmarks.sound_channels", str(document) if plan.answers else ""]
        command = [*module, *arguments, str(plan.pages), *paths]
        channels = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(channels.terminate)
        told = [json.loads(line) for line in channels.communicate(timeout=PATIENCE)[0].splitlines()]
        whole = [each for each in told if each.get("cause") == "NORMAL" and each["pages"] == plan.pages]
        if len(whole) != plan.lines:  # the card may wait for others for ever
            raise SystemExit(f"bench: {len(whole)} of {plan.lines} faxes are whole: {told[-1:]}")
        return heard(card), told


def _drawn(plan: Plan) -> list[PageBitmap]:
    return [page_bitmap("text", rows=plan.rows, seed=number) for number in range(plan.pages)]


# ----------------------------------------------------------------------------------------------------------
# In memory


class _Kept:
    """A port through which another one's sound passes and is kept."""

    clock: Clock = SYSTEM_CLOCK

    def __init__(self, port: JoinedPort) -> None:
        self.name = port.name
        self.skip, self.close = port.skip, port.close
        self._port = port
        self.said: list[bytes] = []
        self.heard: list[bytes] = []

    def transfer(self, said: bytes) -> bytes:
        self.said.append(said)
        self.heard.append(self._port.transfer(said))
        return self.heard[-1]


class _SaidAgain:
    """A port on which is heard what was kept."""

    name = "said again"
    clock: Clock = SYSTEM_CLOCK

    def __init__(self, heard: list[bytes]) -> None:
        self._heard = iter(heard)

    def transfer(self, said: bytes) -> bytes:
        return next(self._heard, b"")

    def skip(self) -> int:
        return 0

    def close(self) -> None:
        pass


@dataclass
class _Job:
    """One end's part in a call."""

    sends: bool
    job: Pages | KeepsPages

    @classmethod
    def of(cls, plan: Plan, *, sends: bool) -> _Job:
        return cls(sends, Pages(_drawn(plan)) if sends else KeepsPages())

    @property
    def pages(self) -> int:
        return self.job.confirmed if isinstance(self.job, Pages) else len(self.job.pages)

    def run(self, plan: Plan, port: _Kept | _SaidAgain) -> None:
        settings = settings_of(plan)
        line = modem.line_on(port, calling=self.sends)
        try:
            drive(session(call(settings) if self.sends else answer(settings), line), self.job)
        finally:
            line.close()
            port.close()


def _in_memory(plan: Plan, recording: Path) -> Iterator[Figure]:
    """A call with both of its ends, which is kept in a file; then each of them alone."""
    ends = [_Kept(port) for port in joined()]
    jobs = [_Job.of(plan, sends=True), _Job.of(plan, sends=False)]
    run = [partial(job.run, plan, end) for job, end in zip(jobs, ends, strict=True)]
    for worker in [SYSTEM_CLOCK.spawn(each, "end") for each in run]:
        worker.join()
    _check_pages("in memory", [job.pages for job in jobs], plan.pages)
    _write(recording, ends[1])
    for sends, end in ((False, ends[1]), (True, ends[0])):
        job = _Job.of(plan, sends=sends)
        began = time.process_time()
        job.run(plan, _SaidAgain(end.heard))
        spent = time.process_time() - began
        _check_pages("said again", [job.pages], plan.pages)
        yield _share(
            f"software modem in memory, V.17 14400, ECM, {'sending' if sends else 'receiving'}",
            spent,
            len(end.heard) * BLOCK / RATE,
        )


def _share(what: str, spent: float, lasted: float) -> Figure:
    note = f"{spent:.2f} s for {lasted:.0f} s of line: {lasted / spent:.0f} times real time, "
    return Figure(what, spent / lasted, "s a second", note=note + f"load {os.getloadavg()[0]:.1f}")


def _check_pages(where: str, pages: list[int], expected: int) -> None:
    if any(each != expected for each in pages):
        raise SystemExit(f"bench: of {expected} pages {where} there came {pages}")


def _write(recording: Path, end: _Kept) -> None:
    with_sound = len(end.heard) - (end.heard[-1] == b"")
    writer = WavWriter(recording)
    writer.add(b"".join(end.said[:with_sound]), b"".join(end.heard[:with_sound]))
    writer.close()


def _decoded(recording: Path, file: Path, pages: int) -> Figure:
    command = [sys.executable, "-m", "faxhw", "--json", "decode", str(recording), str(file)]
    before = _of_children()
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    spent = _of_children() - before
    _check_pages("decoded", [len(json.loads(told.stdout)["pages"])], pages)
    with WavReader(recording) as sound:
        lasted = sum(len(piece[0]) for piece in sound.pieces()) / 2 / RATE
    return _share("faxhw decode, both ways of a call", spent, lasted)


def _of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
