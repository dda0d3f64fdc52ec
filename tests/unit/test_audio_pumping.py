"""An audio port kept in its rhythm: who is late loses what must be lost and no more, and it is counted."""

from __future__ import annotations

import logging
from array import array
from collections import deque
from collections.abc import Iterator

import pytest

from faxhw.audio.port import BLOCK, SILENCE
from faxhw.audio.pumping import BACKLOG, BLOCK_TIME, LEAD, PumpedAudio
from faxhw.errors import PortError
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.clock import SimulatedClock


def block(number: int) -> bytes:
    return array("h", [number]).tobytes() * BLOCK


def number(octets: bytes) -> int:
    return array("h", octets)[0]


class ClockedCard:
    """A card that hears block 1, 2, 3 … and notes what it says in each 20 ms (0: nothing)."""

    name = "card 1"

    def __init__(self, clock: SimulatedClock, buffers: int = 16) -> None:
        self.clock = clock
        self.buffers = buffers
        self.said: list[int] = []
        self.underruns = 0
        self.frozen_until = 0.0
        self.over = False
        self.failure = ""
        self._monitor = clock.monitor()
        self._heard: deque[bytes] = deque()
        self._waiting: deque[bytes] = deque()
        clock.world.call_later(BLOCK_TIME, self._tick)

    def _tick(self) -> None:
        with self._monitor:
            self.underruns += not self._waiting
            self.said.append(number(self._waiting.popleft()) if self._waiting else 0)
            self._heard.append(block(len(self.said)))
            self._monitor.notify_all()
        if not self.over:
            self.clock.world.call_later(BLOCK_TIME, self._tick)

    def read_block(self) -> bytes:
        while self.clock.monotonic() < self.frozen_until:
            self.clock.sleep(self.frozen_until - self.clock.monotonic())
        with self._monitor:
            self._monitor.wait_for(lambda: bool(self._heard) or self.over or bool(self.failure))
            if self.failure:
                raise PortError(self.failure)
            return b"" if self.over else self._heard.popleft()

    def write_block(self, block: bytes) -> bool:
        with self._monitor:
            if len(self._waiting) >= self.buffers:
                return False
            self._waiting.append(block)
            return True

    def discard_output(self) -> None:
        with self._monitor:
            self._waiting.clear()

    def stop(self) -> None:
        with self._monitor:
            self.over = True
            self._monitor.notify_all()

    def fail(self, failure: str) -> None:
        with self._monitor:
            self.failure = failure
            self._monitor.notify_all()


@pytest.fixture
def card() -> Iterator[ClockedCard]:
    card = ClockedCard(Bench().clock)
    yield card
    card.stop()


def in_step(audio: PumpedAudio, card: ClockedCard, blocks: int = 10) -> None:
    """Whoever is in time hears every block in turn and is heard with the same delay as always."""
    last = number(audio.transfer(block(1000)))
    for place in range(1, blocks):
        assert number(audio.transfer(block(1000 + place))) == last + place
    card.clock.sleep((LEAD + 2) * BLOCK_TIME)
    began = last - 1 + LEAD
    assert card.said[began : began + blocks] == list(range(1000, 1000 + blocks))


def test_each_block_said_is_heard_and_each_block_heard_is_taken(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    in_step(audio, card, 100)
    assert card.said[:LEAD] == [0] * LEAD
    assert card.underruns == 0
    assert (audio.rhythm.late, audio.rhythm.kept) == (3, True), "silence since then"


def test_who_is_late_by_less_than_the_lead_loses_nothing(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    for place in range(200):
        if place % 10 == 5:
            card.clock.sleep((LEAD - 1) * BLOCK_TIME)
        assert number(audio.transfer(block(place + 1))) == place + 1
    assert card.said[LEAD:] == list(range(1, len(card.said) - LEAD + 1))
    assert audio.rhythm.late == audio.rhythm.lost_said == audio.rhythm.lost_heard == 0


def test_what_waits_is_taken_without_delay_and_what_is_said_meanwhile_is_lost(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    audio.transfer(SILENCE)
    card.clock.sleep(1.01)
    began = card.clock.monotonic()
    assert [number(audio.transfer(block(7))) for _ in range(50)] == list(range(2, 52))
    assert card.clock.monotonic() == began
    assert audio.rhythm.late == audio.rhythm.lost_said == 50 - (LEAD - 1)
    in_step(audio, card)
    assert card.said.count(7) == LEAD - 1, "those for which it was not too late"


def test_the_backlog_is_bounded(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    audio.transfer(SILENCE)
    card.clock.sleep((BACKLOG + 100) * BLOCK_TIME)
    heard = len(card.said)
    assert number(audio.transfer(SILENCE)) == heard - BACKLOG + 1
    assert audio.rhythm.lost_heard == heard - BACKLOG - 1
    assert audio.skip() == (BACKLOG - 1) * BLOCK
    in_step(audio, card)


def test_what_was_not_taken_can_be_forgotten(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    audio.transfer(SILENCE)
    card.clock.sleep(0.51)
    assert audio.skip() == 25 * BLOCK
    assert audio.skip() == 0
    in_step(audio, card)
    assert audio.rhythm.lost_said == 0


@pytest.mark.parametrize("stall", [0.05, 0.14, 0.3])
def test_a_process_that_stalls_is_in_step_again_after_it(card: ClockedCard, stall: float) -> None:
    audio = PumpedAudio(card, card.clock)
    for _ in range(5):
        audio.transfer(SILENCE)
    card.frozen_until = card.clock.monotonic() + stall
    for _ in range(30):
        audio.transfer(SILENCE)
    assert (card.underruns > 0) == (stall > LEAD * BLOCK_TIME)
    assert audio.rhythm.longest_stall == pytest.approx(stall, abs=0.021)
    in_step(audio, card)


def test_a_card_that_has_not_said_what_it_should_is_brought_into_step(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    for _ in range(6):
        card.write_block(block(9))
    audio.realign()
    in_step(audio, card)


def test_a_card_without_room_loses_what_is_said(card: ClockedCard) -> None:
    card.buffers = LEAD
    audio = PumpedAudio(card, card.clock)
    audio.close()
    assert audio.rhythm.lost_said == 0
    full = ClockedCard(card.clock, buffers=0)
    audio = PumpedAudio(full, card.clock)
    audio.transfer(block(1))
    assert audio.rhythm.lost_said == 1
    assert not audio.rhythm.kept
    full.stop()


def test_a_call_that_is_gone_is_gone_at_once_and_from_then_on(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    audio.transfer(SILENCE)
    card.clock.world.call_later(1.0, card.stop)
    while audio.transfer(SILENCE):
        pass
    assert card.clock.monotonic() == pytest.approx(1.02)
    assert audio.transfer(SILENCE) == b""


def test_a_card_that_fails_is_told_of(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    card.fail("card 1: the channel failed")
    for _ in range(2):
        with pytest.raises(PortError, match="card 1: the channel failed"):
            audio.transfer(SILENCE)


def test_closing_ends_a_wait_and_logs_the_figures(
    card: ClockedCard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "faxhw.audio")
    audio = PumpedAudio(card, card.clock)

    def close_later() -> None:
        card.clock.sleep(0.51)
        audio.close()

    closing = card.clock.spawn(close_later, "closes")
    while audio.transfer(SILENCE):
        pass
    closing.join()
    audio.close()
    assert [each.levelname for each in caplog.records] == ["INFO"]
    assert caplog.messages[0].startswith("card 1: 25 blocks of 20 ms; 0 said in silence")


def test_a_call_that_lost_blocks_is_warned_of(card: ClockedCard, caplog: pytest.LogCaptureFixture) -> None:
    audio = PumpedAudio(card, card.clock)
    audio.transfer(SILENCE)
    card.clock.sleep(1.0)
    audio.transfer(SILENCE)
    assert audio.rhythm.kept, "silence is nothing that can be lost"
    audio.transfer(block(1))
    audio.close()
    assert "1 said too late" in caplog.messages[-1]


def test_what_goes_by_while_nobody_listens_is_neither_late_nor_lost(card: ClockedCard) -> None:
    audio = PumpedAudio(card, card.clock)
    for _ in range(2):  # before the first use, and after it was left
        card.clock.sleep((BACKLOG + 100) * BLOCK_TIME)
        for _ in range(3):
            audio.transfer(block(1))
        audio.skip()
        in_step(audio, card)
        audio.leave()
    audio.close()
    assert audio.rhythm.kept
    assert audio.rhythm.late == 2 * 3, "silence at the end of in_step"
