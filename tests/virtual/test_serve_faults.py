"""An hour in which every minute something happens to one modem of several, while calls come and go on all.

What was confirmed to whoever sent it is in the inbox, the lines that are spared notice nothing, and nothing
stays behind: no thread, no open file.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from faxhw.serve.jobs import JobState
from faxhw.t30.answering import answer
from faxhw_drivers.sim.far_end import KeepsPages
from tests.pages import page_bitmap
from tests.virtual.calls import STANDARD, Pages, drawn, pixels
from tests.virtual.services import Service, serving

TIMES = int(os.environ.get("FAXHW_TIMES", "1"))
STRUCK, SPARED = ("100", "101", "102"), ("103",)
"""The lines to which things happen, and those to which nothing does."""
MINUTES = 60
REST = 300
"""Seconds after the last fault in which all lines are to be well again."""
JOB_EVERY = 6
"""Minutes."""
RECIPIENT = "500"
ROWS = 40


@dataclass
class Trouble:
    """What can happen to the modem of a line; each fault is over after some time."""

    service: Service
    chance: Random
    happened: set[str] = field(default_factory=set)
    names: int = 0

    def strike(self, number: str) -> None:
        """Have something happen to a line."""
        fault = self.chance.choice((self.dies, self.hangs, self.spews, self.vanishes, self.is_renamed))
        if number in self.service.staff.modems:  # else it is still away
            self.happened.add(fault.__name__)
            fault(number)

    def dies(self, number: str) -> None:
        modem = self.service.staff.modems[number].modem
        modem.dead = True

        def switch_on() -> None:
            modem.dead = False
            modem.break_off()
            modem.hang_up()
            modem.reset()

        self._after(150, switch_on)

    def hangs(self, number: str) -> None:
        self.service.staff.hang(number)

    def spews(self, number: str) -> None:
        modem, world = self.service.staff.modems[number].modem, self.service.bench.world
        until = world.now + self.chance.uniform(5, 120)

        def spew() -> None:
            modem.to_dte(self.chance.randbytes(400))
            if world.now < until:
                world.call_later(0.1, spew)

        world.call_later(0.0, spew)

    def vanishes(self, number: str) -> None:
        gone = self.service.staff.unplug(number)
        self._after(100, lambda: self.service.staff.plug_back(gone))

    def is_renamed(self, number: str) -> None:
        gone = self.service.staff.unplug(number)
        self.names += 1
        name = f"/dev/ttyACM{self.names}"
        self._after(20, lambda: self.service.staff.plug_back(gone, name))

    def _after(self, most: float, act: Callable[[], None]) -> None:
        self.service.bench.world.call_later(self.chance.uniform(1, most), act)


@dataclass
class Callers:
    """Somebody calls each line again and again, with a fax that is like no other."""

    service: Service
    chance: Random
    sent: list[Pages] = field(default_factory=list)

    def begin(self, number: str) -> None:
        count = len(self.sent)
        pages = [page_bitmap("text", rows=ROWS, seed=10 * count + page) for page in range(1 + count % 3)]
        far, sent = self.service.calls(number, f"2{number}{count:03}", drawn=pages)
        self.sent.append(sent)

        def look() -> None:
            if far.calls[-1].ended is None:
                self._after(5, look)
            else:
                self._after(self.chance.uniform(20, 200), lambda: self.begin(number))

        self._after(30, look)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self.service.bench.world.call_later(seconds, act)


def open_files() -> set[str]:
    """What this process has open."""
    gc.collect()
    links = [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return {f"{each.name}: {each.readlink()}" for each in links}


@pytest.fixture
def nothing_stays() -> Iterator[None]:
    """No thread, no open file of a test's is there after it."""
    threads, files = set(threading.enumerate()), open_files()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive(), f"thread {thread.name} has not ended"
    assert open_files() == files


@pytest.mark.parametrize("seed", range(TIMES))
@pytest.mark.usefixtures("nothing_stays")
def test_an_hour_of_faults(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    document = tmp_path / "letter.tif"
    page_bitmap("text", rows=ROWS).image().save(document, dpi=(204, 98))
    with serving(tmp_path, dict.fromkeys(STRUCK + SPARED, "")) as it:
        trouble, callers = Trouble(it, chance), Callers(it, chance)
        kept = KeepsPages()
        it.bench.station(RECIPIENT).answer_with(lambda: answer(STANDARD), kept)
        for number in STRUCK + SPARED:
            callers.begin(number)
        for minute in range(MINUTES):
            trouble.strike(chance.choice(STRUCK))
            if minute % JOB_EVERY == 0:
                it.queue_up(document, RECIPIENT)
            it.bench.run(60)
        it.bench.run(REST)
        assert len(trouble.happened) == 5
        for number in STRUCK + SPARED:
            assert it.station(number).state in ("WAITING", "CALL", "SENDING")
        for number in SPARED:
            assert it.station(number).counts.restarts == 0
            assert not it.station(number).counts.failures
        jobs = it.supervisor.ask(it.queue.ledger.jobs)
        assert {job.state for job in jobs} == {JobState.DONE}
        assert len(kept.pages) >= len(jobs)
    stored = [pixels(fax) for fax in (tmp_path / "in").glob("*.tif")]
    for sent in callers.sent:
        confirmed = drawn(sent.pages[: sent.confirmed])
        assert any(pages[: sent.confirmed] == confirmed for pages in stored)
    assert sum(sent.confirmed for sent in callers.sent) > MINUTES
