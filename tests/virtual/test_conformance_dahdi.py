"""The DAHDI driver on the conformance suite: a stand-in for the card, sound on the line, software modems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from faxhw.device import Device
from faxhw.testing import Bench, DriverConformance
from faxhw.testing.conformance.plugged import OURS, THEIRS, Plugged
from tests.installed import needs_software_modem
from tests.virtual.sound_bench import SoundBench


@needs_software_modem
class TestDahdi(DriverConformance):
    has_caller_id = False

    def plug_in(self, bench: Bench, number: str) -> Device:
        return cast("SoundBench", bench).dahdi(number)

    @contextmanager
    def plugged(self, seed: int = 1) -> Iterator[Plugged]:
        bench: Any = SoundBench(seed)
        device = self.plug_in(bench, OURS)
        try:
            yield Plugged(bench, device, bench.station(THEIRS))
        finally:
            device.close()
            device.close()  # safe to repeat
