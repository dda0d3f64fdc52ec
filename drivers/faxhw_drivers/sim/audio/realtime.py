"""Audio lines in real time, on the host's clock, for programs of others and for threads that wait on it."""

from __future__ import annotations

from types import TracebackType

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw_drivers.sim.audio.line import SECONDS_PER_BLOCK, AudioLine


class RealTime:
    """A thread that keeps a line in step with a clock, until the line is cut: ``with RealTime(line): ...``.

    What it is late with it makes up for, so that samples go on counting the time. ``PortEnd``s of the line
    must be made for the same clock.
    """

    def __init__(self, line: AudioLine, clock: Clock = SYSTEM_CLOCK) -> None:
        self.latest = 0.0
        """By how many seconds a block has come too late at most."""
        self._line = line
        self._clock = clock
        self._worker = clock.spawn(self._run, "audio line")

    def __enter__(self) -> RealTime:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.cut()
        self._worker.join()

    def _run(self) -> None:
        clock, line = self._clock, self._line
        began = clock.monotonic() - line.blocks * SECONDS_PER_BLOCK
        while line.stands:
            left = began + (line.blocks + 1) * SECONDS_PER_BLOCK - clock.monotonic()
            if left > 0:
                clock.sleep(left)
            self.latest = max(self.latest, -left)
            line.carry()
