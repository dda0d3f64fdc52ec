"""The audio port of a line in memory: used in time, late, skipped, closed, cut."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE, SILENCE
from faxhw_drivers.sim.audio import AudioLine, FunctionEnd, Impairments, PortEnd, RealTime
from faxhw_drivers.sim.audio.ends import MOST_WAITING
from faxhw_drivers.sim.audio.sources import playing, silence
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World
from tests.virtual.sound import Ear, block, values

COUNTING = b"".join(block(number) for number in range(1, 1000))
SECONDS = BLOCK / RATE


class Setting:
    """A port on a line whose other end counts the blocks, and keeps what it hears."""

    def __init__(self, there: Impairments | None = None) -> None:
        self.clock = SimulatedClock(World())
        self.port = PortEnd(self.clock)
        self.far = Ear(playing(COUNTING))
        self.line = AudioLine(self.port, FunctionEnd(self.far), there or Impairments())
        self.line.begin(self.clock.world)

    def transfer(self, said: int, times: int = 1) -> list[int]:
        return values(b"".join(self.port.transfer(block(said + number)) for number in range(times)))


def test_each_transfer_takes_a_block_of_time() -> None:
    setting = Setting()
    assert setting.transfer(101, 50) == list(range(1, 51))
    assert setting.clock.monotonic() == pytest.approx(50 * SECONDS)
    assert values(setting.far.heard) == list(range(101, 150))
    assert (setting.port.late, setting.port.lost) == (0, 0)


def test_blocks_wait_for_who_is_late_and_what_is_said_meanwhile_is_lost() -> None:
    setting = Setting()
    setting.transfer(101, 2)
    setting.clock.sleep(3 * SECONDS)
    assert setting.transfer(201, 3) == [3, 4, 5]
    assert setting.clock.monotonic() == pytest.approx(5 * SECONDS), "without delay"
    assert setting.transfer(301, 2) == [6, 7]
    setting.transfer(0)
    assert values(setting.far.heard) == [101, 102, 0, 0, 0, 301, 302]
    assert setting.port.late == 3


def test_what_is_never_taken_does_not_grow_for_ever() -> None:
    setting = Setting()
    setting.clock.sleep((MOST_WAITING + 10) * SECONDS)
    assert setting.port.lost == 10
    assert setting.transfer(1) == [11]


def test_skipping_forgets_what_waits_and_counts_it() -> None:
    setting = Setting()
    setting.clock.sleep(4 * SECONDS)
    assert setting.port.skip() == 4 * BLOCK
    assert setting.port.skip() == 0
    assert setting.transfer(101, 2) == [5, 6]
    setting.transfer(0)
    assert values(setting.far.heard)[4:] == [101, 102]


def test_a_block_has_its_length() -> None:
    with pytest.raises(ValueError, match="a block has 320 octets, not 318"):
        Setting().port.transfer(bytes(BLOCK_OCTETS - 2))


def test_what_was_heard_before_the_call_went_is_still_heard() -> None:
    setting = Setting(Impairments(cut=0.1))
    setting.clock.sleep(1.0)
    assert setting.transfer(1, 5) == [1, 2, 3, 4, 5]
    assert [setting.port.transfer(SILENCE) for _ in range(3)] == [b""] * 3


@pytest.mark.parametrize("end", ["cut", "closed"])
def test_whoever_waits_hears_that_the_call_is_gone(end: str) -> None:
    setting = Setting()
    heard: list[bytes] = []

    def take() -> None:
        while not heard or heard[-1]:
            heard.append(setting.port.transfer(SILENCE))

    worker = setting.clock.spawn(take, "taker")
    setting.clock.sleep(0.05)
    ends: dict[str, Callable[[], None]] = {"cut": setting.line.cut, "closed": setting.port.close}
    ends[end]()
    worker.join()
    assert values(b"".join(heard)) == [1, 2]
    assert heard[-1] == b""
    assert setting.clock.monotonic() == pytest.approx(0.05)


def test_closing_forgets_what_waits() -> None:
    setting = Setting()
    setting.clock.sleep(0.5)
    setting.port.close()
    setting.port.close()
    assert setting.port.transfer(SILENCE) == b""
    assert setting.port.skip() == 0
    assert setting.line.stands, "the sound was let go of, not the call"


def test_two_ports_of_one_line() -> None:
    clock = SimulatedClock(World())
    ports = PortEnd(clock, "first"), PortEnd(clock, "second")
    AudioLine(*ports).begin(clock.world)
    heard: dict[str, list[int]] = {}

    def talk(port: PortEnd, first: int) -> None:
        heard[port.name] = values(b"".join(port.transfer(block(first + number)) for number in range(20)))

    worker = clock.spawn(lambda: talk(ports[1], 500), "second")
    talk(ports[0], 100)
    worker.join()
    assert heard == {"first": list(range(500, 520)), "second": list(range(100, 120))}


def test_a_minute_of_sound_with_noise_is_reproduced_to_the_octet() -> None:
    def minute(seed: int) -> bytes:
        clock = SimulatedClock(World())
        port = PortEnd(clock)
        noisy = Impairments(noise=-40.0, gain=-10.0)
        AudioLine(port, FunctionEnd(Ear(silence)), noisy, noisy, seed=seed).begin(clock.world)
        return b"".join(port.transfer(SILENCE) for _ in range(3000))

    first = minute(1)
    assert len(array("h", first)) == 60 * RATE
    assert minute(1) == first != minute(2)


def test_a_clock_of_another_kind_keeps_the_rhythm_by_a_thread() -> None:
    clock = SimulatedClock(World())  # as a clock and no more: the line has no timers on its world
    port = PortEnd(clock)
    far = Ear(playing(COUNTING))
    line = AudioLine(port, FunctionEnd(far))
    with RealTime(line, clock) as rhythm:
        assert values(b"".join(port.transfer(block(101 + number)) for number in range(10))) == list(
            range(1, 11)
        )
        assert clock.monotonic() == pytest.approx(10 * SECONDS)
    assert values(far.heard) == list(range(101, 110))
    assert rhythm.latest == pytest.approx(0.0, abs=1e-6)
    assert port.transfer(SILENCE) == b""
