"""The audio line on the host's clock: a second of it, with a thread at each end."""

from __future__ import annotations

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw_drivers.sim.audio import AudioLine, PortEnd, RealTime
from tests.virtual.sound import block, values

pytestmark = pytest.mark.interop
BLOCKS = 50


def test_two_threads_talk() -> None:
    ports = PortEnd(SYSTEM_CLOCK, "first"), PortEnd(SYSTEM_CLOCK, "second")
    heard: dict[str, list[int]] = {}

    def talk(port: PortEnd, number: int) -> None:
        said = [port.transfer(block(number)) for _ in range(BLOCKS)]
        heard[port.name] = values(b"".join(said))

    with RealTime(AudioLine(*ports)) as rhythm:
        worker = SYSTEM_CLOCK.spawn(lambda: talk(ports[1], 2), "second")
        talk(ports[0], 1)
        assert worker.join(60)
    assert [len(each) for each in heard.values()] == [BLOCKS, BLOCKS]
    # Who comes late says nothing in time, and a busy host is late now and then.
    assert set(heard["first"]) <= {0, 2}
    assert set(heard["second"]) <= {0, 1}
    assert heard["first"].count(2) > 0 < heard["second"].count(1)
    assert rhythm.latest >= 0.0
    assert [port.transfer(block(1)) for port in ports] == [b"", b""]
