"""Telephone lines with sound: rings, dialling, the exchange's tones, and who hears what when a call ends."""

from __future__ import annotations

from array import array

import pytest

from faxhw.audio.port import SILENCE
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.audio import CLEAN, Impairments, PortEnd, SoundNetwork
from faxhw_drivers.sim.audio.samples import level
from faxhw_drivers.sim.audio.sources import EXCHANGE_LEVEL, EXCHANGE_TONE, playing
from tests.virtual.sound import Ear, amplitude, block, values


def network(to_called: Impairments = CLEAN, to_caller: Impairments = CLEAN) -> SoundNetwork:
    bench = Bench()
    return SoundNetwork(bench.clock, bench.exchange, to_called, to_caller)


def heard(port: PortEnd, seconds: float) -> bytes:
    return b"".join(port.transfer(SILENCE) for _ in range(round(seconds * 50)))


def test_a_call_comes_in_is_answered_and_heard() -> None:
    net = network()
    card, far = net.card("100"), net.station("200")
    assert card.wait_for_rings(1, 5.0) == 0
    far.call("100", playing(block(7) * 1000))
    assert card.wait_for_rings(2, 20.0) == 2
    assert card.caller == "200"
    port = card.off_hook()
    assert card.has_call()
    assert not card.is_ringing()
    assert set(values(heard(port, 2.0))) == {7}


def test_the_caller_begins_to_speak_when_it_goes_off_hook_and_is_heard_from_the_answer_on() -> None:
    net = network()
    card, far = net.card("100"), net.station("200")
    far.call("100", playing(b"".join(map(block, range(1, 1000)))))
    card.wait_for_rings(1, 20.0)
    assert values(heard(card.off_hook(), 0.1))[0] == pytest.approx((1.0 + 0.8) * 50, abs=3)


def test_a_call_is_dialled_and_the_tones_of_the_exchange_are_heard() -> None:
    net = network()
    card, far = net.card("100"), net.station("200")
    ear = Ear(playing(block(9) * 1000))
    far.answer_with(lambda: ear)
    port = card.off_hook()
    dial_tone = port.transfer(SILENCE)
    assert level(dial_tone) == pytest.approx(EXCHANGE_LEVEL, abs=0.1)
    assert card.dial("200", 30.0) == "connected"
    port.skip()
    assert values(port.transfer(block(5))) == [9]
    port.transfer(SILENCE)
    assert values(ear.heard)[-1] == 5
    card.on_hook()
    assert port.transfer(SILENCE) == b""
    assert not far.has_call()


def test_the_called_end_hangs_up() -> None:
    net = network()
    card, far = net.card("100"), net.station("200")
    far.answer_with(lambda: playing(block(9) * 1000))
    port = card.off_hook()
    card.dial("200", 30.0)
    port.skip()
    heard(port, 1.0)
    with net.clock.lock:
        far.hang_up()
    assert port.transfer(SILENCE) == SILENCE
    assert port.transfer(SILENCE) == b""
    assert not card.has_call()
    card.on_hook()


def test_an_analogue_line_lets_the_busy_tone_be_heard_when_the_other_end_has_gone() -> None:
    net = network()
    card, far = net.card("100", hears_end=True), net.station("200")
    far.call("100", playing(block(9) * 10000))
    card.wait_for_rings(1, 20.0)
    port = card.off_hook()
    assert values(heard(port, 1.0))[-1] == 9
    with net.clock.lock:
        far.hang_up()
    after = heard(port, 3.0)
    assert len(after) == 3 * 16000
    assert level(after[:7680]) == -99.0
    busy = [level(after[at : at + 320]) > -30 for at in range(0, len(after), 320)]
    assert busy[26:48] == [True] * 22
    assert busy[52:74] == [False] * 22
    card.on_hook()
    assert port.transfer(SILENCE) == b""


def test_nobody_answers_and_the_line_is_busy() -> None:
    net = network()
    card, other = net.card("100"), net.card("200")
    port = card.off_hook()
    assert card.dial("200", 10.0) == ""
    port.skip()
    ringback = heard(port, 6.0)
    assert level(ringback) == pytest.approx(EXCHANGE_LEVEL - 7.0, abs=1.5), "a second in five"
    card.on_hook()
    other.off_hook()
    port = card.off_hook()
    assert card.dial("200", 10.0) == "busy"
    port.skip()
    assert amplitude(array("h", heard(port, 0.4)), EXCHANGE_TONE) > 1000
    card.on_hook()


def test_who_waits_for_a_ring_can_be_woken() -> None:
    net = network()
    card = net.card("100")
    card.wake()
    with pytest.raises(InterruptedError):
        card.wait_for_rings(1, 5.0)
    card.wake()
    card.forget_wake()
    assert card.wait_for_rings(1, 5.0) == 0


def test_two_cards_talk_with_impairments_of_their_own_each_way_until_the_line_is_cut() -> None:
    net = network(to_called=Impairments(gain=-20.0), to_caller=Impairments(delay=0.1, cut=1.0))
    caller, called = net.card("100"), net.card("200")
    heard_by_called: list[int] = []

    def answer() -> None:
        called.wait_for_rings(1, None)
        port = called.off_hook()
        while came := port.transfer(block(3)):
            heard_by_called.extend(values(came))

    worker = net.clock.spawn(answer, "called")
    port = caller.off_hook()
    assert caller.dial("200", 30.0) == "connected"
    port.skip()
    came = b"".join(iter(lambda: port.transfer(block(10000)), b""))
    worker.join()
    assert values(came) == [0] * 5 + [3] * 45
    assert heard_by_called[1:] == [1000] * 49
    assert not caller.has_call()


def test_what_was_said_last_arrives_before_the_call_is_gone_and_then_nothing_goes_on() -> None:
    net = network(to_caller=Impairments(delay=0.1))
    caller, called = net.card("100"), net.card("200")

    def answer() -> None:
        called.wait_for_rings(1, None)
        port = called.off_hook()
        for number in range(1, 51):
            port.transfer(block(number))
        called.on_hook()

    worker = net.clock.spawn(answer, "called")
    port = caller.off_hook()
    caller.dial("200", 30.0)
    port.skip()
    came = values(b"".join(iter(lambda: port.transfer(SILENCE), b"")))
    worker.join()
    assert [each for each in came if each] == list(range(1, 51))
    caller.on_hook()
    net.clock.sleep(1.0)
    assert net.clock.world.next_time() is None, "no line is left that carries blocks"
