"""Calls that come to a channel on a virtual modem at odd moments, and many of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Settings
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import Model, Quirks
from faxhw_drivers.sim.exchange import Hook
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, Setting, drawn, pixels, setting, text_pages

SECOND_RING = 6.0


def rings_unheard(it: Setting, seconds: float) -> None:
    """The far end calls, rings for so long, and gives up; nobody listens."""
    it.station.call(OURS, call(STANDARD))
    it.bench.run(seconds)
    it.station.hang_up()


def now(it: Setting) -> float:
    return it.bench.clock.monotonic()


def test_a_call_that_has_gone_while_nobody_waited_is_not_reported() -> None:
    with setting() as it:
        rings_unheard(it, 20.0)
        it.bench.run(120.0)
        began = now(it)
        assert it.channel.wait_for_call(30) == "WAITING"
        assert now(it) - began >= 30


def test_the_call_after_one_that_nobody_heard_is_reported_as_itself() -> None:
    with setting() as it:
        it.station.phone.name = "FIRST"
        rings_unheard(it, 20.0)
        it.bench.run(120.0)
        other = it.bench.station("300")
        began = now(it)
        other.call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(30) == "CALL_INCOMING"
        assert (it.channel.Details.call_from, it.channel.Details.caller_name) == ("300", "")
        assert it.channel.Details.rings == 1
        assert now(it) - began < 10


def test_a_call_that_rings_already_when_the_script_begins_to_wait() -> None:
    with setting() as it:
        it.station.call(OURS, call(STANDARD), Pages(text_pages(1)))
        it.bench.run(25.0)
        began = now(it)
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert now(it) - began <= SECOND_RING
        assert it.channel.answer() == "ANSWERED"


@pytest.mark.parametrize("pause", [2.0, 7.0, 20.0, 40.0])
def test_a_call_may_be_let_ring_before_it_is_answered(tmp_path: Path, pause: float) -> None:
    with setting() as it:
        it.sent = Pages(text_pages(1))
        it.station.call(OURS, call(STANDARD), it.sent)
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        it.bench.run(pause)
        began = now(it)
        assert it.channel.answer() == "ANSWERED"
        assert now(it) - began <= SECOND_RING
        assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif"))) == "NORMAL"


@pytest.mark.parametrize("pause", [10.0, 20.0, 60.0])
def test_a_call_whose_caller_gave_up_is_not_answered(pause: float) -> None:
    with setting() as it:
        it.station.call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        it.bench.run(pause - 9.0)
        it.station.hang_up()
        it.bench.run(9.0)
        assert it.channel.answer() == "IDLE"


def test_a_call_right_after_another(tmp_path: Path) -> None:
    with setting() as it:
        path = tmp_path / "fax.tif"
        for number in ("300", "301"):
            far = it.bench.station(number)
            far.call(OURS, call(STANDARD), Pages(text_pages(1)))
            it.answered()
            assert it.channel.Details.call_from == number
            assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
            it.channel.hang_up()


@pytest.mark.parametrize("how", ["hang_up", "reject", "answer and hang_up"])
def test_a_call_that_is_declined_rings_on_and_is_not_reported_again(how: str) -> None:
    with setting() as it:
        it.station.call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        if how == "reject":
            it.channel.reject()
        else:
            if how.startswith("answer"):
                it.channel.answer()
            it.channel.hang_up()
        assert it.channel.wait_for_call(20) == "WAITING"
        it.bench.run(20.0)  # thinks, while it rings on
        assert it.channel.wait_for_call(20) == "WAITING"
        it.station.hang_up()
        it.bench.run(20.0)
        it.bench.station("300").call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert it.channel.Details.call_from == "300"


def test_without_caller_id_a_call_is_reported_before_its_second_ring() -> None:
    with setting() as it:
        plugged = it.bench.modem("400", Model(quirks=Quirks(caller_id=())))
        with Channel(driver.open_on(plugged.port, it.bench.clock, {})) as channel:
            began = now(it)
            it.station.call("400", call(STANDARD))
            assert channel.wait_for_call(60) == "CALL_INCOMING"
            first_ring = now(it) - began - 4.5
            assert channel.Details.rings == 1
            assert 0 < first_ring < 4  # off hook, dialled, routed
            assert channel.Details.call_from == ""


def test_after_the_second_ring_no_caller_id_is_waited_for() -> None:
    with setting() as it:
        plugged = it.bench.modem("400", Model(quirks=Quirks(caller_id=())))
        with Channel(driver.open_on(plugged.port, it.bench.clock, {})) as channel:
            it.station.call("400", call(STANDARD))
            assert channel.wait_for_call(60, rings=1) == "CALL_INCOMING"
            it.station.hang_up()
            it.bench.run(15)
            channel.hang_up()
            it.bench.run(1)
            it.station.call("400", call(STANDARD))
            began = now(it)
            assert channel.wait_for_call(60, rings=2) == "CALL_INCOMING"
            assert channel.Details.rings == 2
            assert now(it) - began < 4 + SECOND_RING + 1


def test_fifty_calls_on_one_opened_device(tmp_path: Path) -> None:
    path, page = tmp_path / "fax.tif", [page_bitmap("form", rows=60)]
    lasted = []
    with setting() as it:
        for number in range(50):
            it.station.call(OURS, call(STANDARD), Pages(page))
            began = now(it)
            it.answered()
            assert it.channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
            it.channel.hang_up()
            assert pixels(path) == drawn(page)
            lasted.append(now(it) - began)
            if number % 10 == 0:
                it.station.answer_with(lambda: answer(Settings(ident="200")))
                assert it.channel.call(THEIRS) == "ANSWERED"
                assert it.channel.FaxSender.send(faxhw.FaxToSend(str(path))) == "NORMAL"
                it.channel.hang_up()
            it.bench.run(3.0)
    assert max(lasted) - min(lasted) < 1.0


@pytest.mark.parametrize("moment", [each / 2 for each in range(0, 60, 3)])
def test_hanging_up_at_any_moment_leaves_line_and_modem_free(tmp_path: Path, moment: float) -> None:
    with setting() as it:
        channel = it.rings_with(2)
        assert channel.FaxReceiver.start(faxhw.FaxToReceive(str(tmp_path / "first.tif")))
        it.bench.run(moment)
        began = now(it)
        assert channel.hang_up() == "IDLE"
        assert now(it) - began < 10
        assert it.station.phone.state is not Hook.TALKING
        if it.bench.exchange.calls[-1].connected is None:  # it was never taken, and rings on
            assert channel.wait_for_call(20) == "WAITING"
        else:
            assert it.bench.exchange.calls[-1].ended is not None
        it.bench.run(70)
        path = tmp_path / "second.tif"
        it.rings_with(1)
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
        assert pixels(path) == drawn(it.sent.pages)


@pytest.mark.parametrize("moment", [0.5, 2.0, 4.0, 6.0, 9.0, 12.0])
def test_hanging_up_while_it_dials(moment: float) -> None:
    with setting() as it:
        it.station.answer_with(lambda: answer(STANDARD))

        def hang_up() -> None:
            it.bench.run(moment)
            it.channel.hang_up()

        it.bench.clock.spawn(hang_up, "hangs up")
        state = it.channel.call(THEIRS)
        it.bench.run(15)
        assert it.channel.state() == "IDLE" or state == "ANSWERED"
        assert all(call.ended is not None for call in it.bench.exchange.calls)
        it.bench.run(60)
        it.rings_with(1)


def test_hanging_up_where_the_call_s_own_thread_waits_for_the_next_one_at_once() -> None:
    with setting() as it:
        it.station.answer_with(lambda: answer(STANDARD), rings=3)

        def calls_and_waits() -> None:
            it.channel.call(THEIRS)
            it.channel.wait_for_call(60)

        worker = it.bench.clock.spawn(calls_and_waits, "caller")
        it.bench.run(5)
        began = now(it)
        assert it.channel.hang_up() == "WAITING"
        assert now(it) - began < 5
        it.station.call(OURS, call(STANDARD))
        assert worker.join(30)
        assert it.channel.state() == "CALL_INCOMING"
