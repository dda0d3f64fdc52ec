"""What a channel knows of a call that rings: caller, number called, its ring; and calls that collide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from faxhw.at.library import profiles
from faxhw.channel import Channel
from faxhw.device import Device
from faxhw.modem.meeting import Meeting
from faxhw.modem.wishes import Wishes
from faxhw.t30.calling import call
from faxhw_drivers.class1 import driver
from faxhw_drivers.class1.opening import Class1Opening
from faxhw_drivers.class2 import driver as class2
from faxhw_drivers.sim import Bench, PluggedModem, Quirks, Tone
from faxhw_drivers.sim.exchange import RINGS
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, Setting, text_pages

RING_AFTER = 1.3
"""Seconds from a station's going off hook to the first ring at the other end."""


@contextmanager
def on(bench: Bench, device: Device) -> Iterator[Setting]:
    with Channel(device) as channel:
        station = bench.station(THEIRS)
        station.phone.name = "Ada"
        yield Setting(bench, device, channel, station)


@contextmanager
def modem(quirks: Quirks, **options: str) -> Iterator[Setting]:
    bench = Bench()
    with on(bench, driver.open_on(bench.modem(OURS, quirks=quirks).port, bench.clock, options)) as it:
        yield it


@pytest.mark.parametrize(
    ("caller_id", "ring_text"),
    [
        (("DATE = {date}", "TIME = {time}", "NMBR = {number}", "NAME = {name}"), "RING"),
        (("NMBR={number}", "NAME={name}"), "RING"),
        (("CALLER NUMBER: {number}", "CALLER NAME: {name}"), "RING"),
        (("CID: {number}", "NAME={name}"), "RING"),
        (('+CLIP: "{number}",129', "NAME={name}"), "RING"),
        (("MESG = {frame}",), "RING"),
        (("{frame}",), "RING"),
        (("NAME={name}", "{number}"), "RING"),
        (("FM:{number} TO:{called}", "NAME = {name}"), "RING"),
        (("NMBR = {number}", "NAME = {name}"), "\x10R"),
    ],
)
def test_who_calls(caller_id: tuple[str, ...], ring_text: str) -> None:
    with modem(Quirks(caller_id=caller_id, ring_text=ring_text)) as it:
        it.station.call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        details = it.channel.Details
        assert (details.call_from, details.caller_name, details.no_number) == (THEIRS, "Ada", "")


def test_a_number_that_comes_with_the_ring_is_enough() -> None:
    with modem(Quirks(ring_text="RING;{number};")) as it:
        it.station.call(OURS, call(STANDARD))
        began = it.bench.clock.monotonic()
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert it.channel.Details.call_from == THEIRS
        assert it.bench.clock.monotonic() - began < 2.0


@pytest.mark.parametrize("line", ["NMBR = {number}", "MESG = {frame}", "{frame}", "CALLER NUMBER: {number}"])
@pytest.mark.parametrize(("reason", "why"), [("P", "WITHHELD"), ("O", "UNAVAILABLE")])
def test_who_is_not_to_be_known(line: str, reason: str, why: str) -> None:
    with modem(Quirks(caller_id=(line,))) as it:
        it.station.phone.withheld = reason
        it.station.call(OURS, call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        details = it.channel.Details
        assert (details.call_from, details.caller_name, details.no_number) == ("", "", why)


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(caller_id=("NDID={called}", "NMBR={number}")),
        Quirks(caller_id=("CALLED NUMBER: {called}", "NMBR={number}")),
        Quirks(ring_text="RING;{number};{called}"),
        Quirks(ring_text="RING/{called}"),
    ],
)
def test_which_of_our_numbers_was_called(quirks: Quirks) -> None:
    with modem(quirks) as it:
        it.bench.exchange.also("5550107", OURS)
        it.station.call("5550107", call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert it.channel.Details.call_to == "5550107"


@pytest.mark.parametrize(
    ("trunk", "rings"), [("DID:{called}", 1), ("DID:{called}", 2), ("DTMF{digit}", 2), ("RING{called}", 1)]
)
def test_a_trunk_tells_the_last_digits_of_our_number_and_then_the_call_is_answered(
    trunk: str, rings: int
) -> None:
    with modem(Quirks(trunk=trunk)) as it:
        it.bench.exchange.also("5550107", OURS)
        it.sent = Pages(text_pages(1))
        it.station.call("5550107", call(STANDARD), it.sent)
        assert it.channel.wait_for_call(60, rings=rings) == "CALL_INCOMING"
        assert it.channel.Details.call_to == "0107"
        assert it.channel.answer() == "ANSWERED"


@contextmanager
def told_by(command: str) -> Iterator[Setting]:
    bench = Bench()
    plugged: PluggedModem = bench.modem(OURS)
    profile = replace(profiles()["generic"], distinctive_ring=command)
    meeting = Meeting(plugged.port, bench.clock, Wishes(profile=profile), "class1:test")
    with on(bench, Class1Opening(meeting).device()) as it:
        yield it


@pytest.mark.parametrize(
    ("command", "kind", "told"),
    [
        ("+VDR=1,1", 1, "L"),
        ("+VDR=1,1", 2, "SS"),
        ("+VDR=1,1", 3, "SSS"),
        ("-SDR=7", 2, "2"),
        ("#SDR=7", 3, "3"),
        ("#SDR=1|-SDR=7", 2, ""),
        ("#UNKNOWN=1", 2, ""),
    ],
)
def test_a_number_with_a_ring_of_its_own(command: str, kind: int, told: str) -> None:
    with told_by(command) as it:
        it.bench.exchange.also("5550107", OURS, RINGS[kind])
        it.station.call("5550107", call(STANDARD))
        assert it.channel.wait_for_call(60) == "CALL_INCOMING"
        assert it.channel.Details.distinctive_ring == told


# ----------------------------------------------------------------------------------------------------------
# Collisions


def class1_device(bench: Bench, quirks: Quirks) -> Device:
    return driver.open_on(bench.modem(OURS, quirks=quirks).port, bench.clock, {})


def class2_device(bench: Bench, quirks: Quirks) -> Device:
    return class2.open_on(bench.modem(OURS, quirks=quirks).port, bench.clock, {"class": "2.0"})


EVERY_DRIVER = pytest.mark.parametrize("opened", [class1_device, class2_device])


def is_there(it: Setting) -> None:
    """The call that came in place of the one that was to be made."""
    assert it.channel.state() == "IDLE"
    assert it.channel.cause() == "CONGESTION"
    assert it.channel.Details.incoming
    assert it.channel.Details.raw_cause == "RING"
    began = it.bench.clock.monotonic()
    assert it.channel.wait_for_call(60) == "CALL_INCOMING"
    assert it.bench.clock.monotonic() - began < 6.0
    assert it.channel.Details.call_from == THEIRS
    assert it.channel.answer() == "ANSWERED"


@EVERY_DRIVER
@pytest.mark.parametrize("before", [0.5, 3.0, 7.0, 20.0])
def test_a_call_that_rings_when_we_dial_goes_first(
    opened: Callable[[Bench, Quirks], Device], before: float
) -> None:
    bench = Bench()
    with on(bench, opened(bench, Quirks())) as it:
        it.station.call(OURS, call(STANDARD))
        bench.run(RING_AFTER + before)
        assert it.channel.call("300") == "IDLE"
        is_there(it)


@EVERY_DRIVER
@pytest.mark.parametrize("result", ["RING", "NO CARRIER", "BUSY", "ERROR"])
def test_a_call_that_begins_to_ring_as_we_dial_is_not_lost(
    opened: Callable[[Bench, Quirks], Device], result: str
) -> None:
    bench = Bench()
    with on(bench, opened(bench, Quirks(collision_result=result))) as it:
        it.station.call(OURS, call(STANDARD))
        bench.run(RING_AFTER - 0.002)
        assert it.bench.exchange.calls[-1].called.call is None  # it does not ring yet
        assert it.channel.call("300") == "IDLE"
        is_there(it)


@EVERY_DRIVER
def test_a_caller_who_has_gone_is_in_nobodys_way(opened: Callable[[Bench, Quirks], Device]) -> None:
    bench = Bench()
    with on(bench, opened(bench, Quirks())) as it:
        it.station.call(OURS, Tone.VOICE)
        bench.run(20.0)
        it.station.hang_up()
        bench.run(60.0)
        began = bench.clock.monotonic()
        assert it.channel.call("300") == "IDLE"
        assert it.channel.cause() == "BUSY"
        assert not it.channel.Details.incoming
        assert bench.clock.monotonic() - began < 20.0
