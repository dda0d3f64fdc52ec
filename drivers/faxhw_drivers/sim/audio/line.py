"""A call's sound between two ends, a block each way at a time.

Something outside gives the rhythm: ``begin`` puts it on the timers of a world, ``realtime`` on the host's
clock. With the same seed, and the same said at both ends, the same is heard.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from random import Random

from faxhw.audio.port import BLOCK, RATE
from faxhw_drivers.sim.audio.ends import End, FunctionEnd
from faxhw_drivers.sim.audio.impairments import CLEAN, Impairments
from faxhw_drivers.sim.audio.samples import mixed
from faxhw_drivers.sim.audio.sources import silence
from faxhw_drivers.sim.audio.way import Way
from faxhw_drivers.sim.world import World

SECONDS_PER_BLOCK = BLOCK / RATE


class AudioLine:
    """Joins two ends: ``there`` is the way from the first to the second, ``back`` the other."""

    def __init__(
        self,
        first: End,
        second: End,
        there: Impairments = CLEAN,
        back: Impairments = CLEAN,
        *,
        seed: int = 1,
        on_cut: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_cut`` is called when an impairment is about to cut the call."""
        self.blocks = 0
        """How many have been carried each way."""
        self._ends = [first, second]
        # Each with chances of its own, so that what befalls one way does not depend on the other.
        self._there, self._back = Way(there, Random(f"there {seed}")), Way(back, Random(f"back {seed}"))
        self._sent_back: list[array[int] | None] = [None, None]
        """The far echoes that the first and the second end have yet to send."""
        cuts = [each.cut for each in (there, back) if each.cut is not None]
        self._last = round(min(cuts) / SECONDS_PER_BLOCK) if cuts else None
        self._on_cut = on_cut
        self._stands = True
        self._left = 0

    @property
    def stands(self) -> bool:
        return self._stands

    def begin(self, world: World) -> None:
        """Carry blocks from now on, each once its time has passed. The world's lock is held."""
        began = world.now

        def carry() -> None:
            if self.carry():
                world.call_at(began + (self.blocks + 1) * SECONDS_PER_BLOCK, carry)

        world.call_later(SECONDS_PER_BLOCK, carry)

    def carry(self) -> bool:
        """Carry a block each way; False once the line is cut."""
        if self._stands and self.blocks == self._last:
            self._on_cut()
            self.cut()
        if not self._stands:
            return False
        first, second = self._ends
        said, answered = array("h", first.said()), array("h", second.said())
        at_second = self._there.carry(_with(said, self._sent_back[0]))
        at_first = self._back.carry(_with(answered, self._sent_back[1]))
        there, back = self._there, self._back
        self._sent_back = [
            back.far_echo(at_first) if back.far_echo else None,
            there.far_echo(at_second) if there.far_echo else None,
        ]
        self.blocks += 1
        first.hears(_with(at_first, there.near_echo(said) if there.near_echo else None).tobytes())
        second.hears(_with(at_second, back.near_echo(answered) if back.near_echo else None).tobytes())
        return True

    def cut(self) -> None:
        """The call is gone, for both ends."""
        if self._stands:
            self._stands = False
            for end in self._ends:
                end.gone()

    def stop(self) -> None:
        """Carry nothing any more; the ends are not told."""
        self._stands = False

    def leave(self, end: End) -> None:
        """An end goes, untold: the other one hears what is on its way, and silence, until it goes too."""
        self._ends = [FunctionEnd(silence) if each is end else each for each in self._ends]
        self._left += 1
        self._stands = self._stands and self._left < len(self._ends)


def _with(block: array[int], echo: array[int] | None) -> array[int]:
    return block if echo is None else mixed(block, echo)
