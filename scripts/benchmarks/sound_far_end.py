"""A process that plays a card with telephone lines, and for each a far end that is a software modem too.

The card keeps 20 ms by itself, for all its lines at once, whatever their hosts do. Each far end calls and
sends, or is called and receives. Talks JSON as ``far_end`` does.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from faxhw.audio.port import BLOCK, RATE
from faxhw.clock import SYSTEM_CLOCK
from faxhw.session import Event, NextStep, OutgoingPage, PageSent, PageWanted, Reply
from faxhw.t4.encode import encode_page
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.t30.line import session
from faxhw.terms import Coding
from faxhw_drivers.dsp import driver as modem
from faxhw_drivers.dsp.dahdi import ioctls
from faxhw_drivers.sim.audio import AudioLine, PortEnd
from faxhw_drivers.sim.far_end import KeepsPages
from scripts.benchmarks.far_end import Plan, settings_of, tell
from scripts.benchmarks.piped_card import Asked, CardEnd, make_channel
from tests.pages import page_bitmap
from tests.unit.dsp_bench import drive

BLOCK_TIME = BLOCK / RATE
LINGERING = 50
"""Blocks from the end of the far end's fax to the exchange's breaking the loop."""


@cache
def coded(number: int, rows: int, coding: Coding) -> bytes:
    """A page, worked out before it is wanted: while that is done the card would be late."""
    page = page_bitmap("text", rows=rows, seed=number)
    return encode_page(page.rows, coding, page.width)


class Sends:
    """The job of a far end that sends."""

    def __init__(self, plan: Plan) -> None:
        self.confirmed = 0
        self._plan = plan

    def __call__(self, event: Event) -> Reply:
        match event:
            case PageWanted(parameters):
                last = self.confirmed + 1 == self._plan.pages
                data = coded(self.confirmed, self._plan.rows, parameters.coding)
                return OutgoingPage([data], NextStep.NO_MORE if last else NextStep.MORE_PAGES)
            case PageSent(confirmed):
                self.confirmed += confirmed
        return None


class Line:
    """A line of the card, for one call, and who is at its other end."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.card = CardEnd(directory)
        self.over = False
        self._plan = plan
        self._sent = Sends(plan)
        self._kept = KeepsPages()
        self._sound: AudioLine | None = None
        self._port = PortEnd(SYSTEM_CLOCK)
        self._lingered = 0
        self._ended = False

    @property
    def confirmed(self) -> int:
        return len(self._kept.pages) if self._plan.answers else self._sent.confirmed

    def ring(self) -> None:
        self.card.tell(ioctls.Event.RINGBEGIN)

    def tick(self) -> None:
        """20 ms have passed."""
        match self.card.asked():
            case Asked.OFF_HOOK:
                self._sound = AudioLine(self.card, self._port)
                self.card.tell(ioctls.Event.HOOKCOMPLETE)
                if not self._plan.answers:
                    self._begin()
            case Asked.DIALLED:
                self.card.tell(ioctls.Event.DIALCOMPLETE)
                self._begin()
            case Asked.ON_HOOK if self._sound is not None:
                self._sound.cut()
                self._sound, self.over = None, True
        if self._sound is not None:
            self._sound.carry()
            self._lingered += self._ended
            if self._lingered == LINGERING:
                self.card.tell(ioctls.Event.ONHOOK)

    def _begin(self) -> None:
        SYSTEM_CLOCK.spawn(self._fax, "far end")

    def _fax(self) -> None:
        calls, settings = not self._plan.answers, settings_of(self._plan)
        line = modem.line_on(self._port, calling=calls)
        try:
            drive(
                session(call(settings) if calls else answer(settings), line),
                self._sent if calls else self._kept,
            )
        finally:
            line.close()
            self._ended = True


def main(plan: Plan, folder: Path) -> None:
    directories = [folder / str(number) for number in range(1, plan.lines + 1)]
    for each in directories:
        make_channel(each)
    lines = [Line(each, plan) for each in directories]
    for number in range(plan.pages):
        coded(number, plan.rows, Coding.MMR)
    tell({"paths": [str(each) for each in directories]})
    began = time.monotonic()
    late, ticks, first = 0.0, 0, round(plan.begin / BLOCK_TIME)
    while not all(line.over for line in lines):
        ticks += 1
        left = began + ticks * BLOCK_TIME - time.monotonic()
        if left > 0:
            time.sleep(left)
        late = max(late, -left)
        if ticks == first and not plan.answers:
            for line in lines:
                line.ring()
        for line in lines:
            line.tick()
    for line in lines:
        line.card.close()
    told = {"confirmed": sum(line.confirmed for line in lines), "late": late}
    tell(told | {"overrun": sum(line.card.overrun for line in lines)})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Plan(**json.loads(sys.argv[1])), Path(name))
