"""The port in memory, as a host and as a device see it."""

from __future__ import annotations

import pytest

from faxhw.errors import PortError
from faxhw.ports.base import Flow, Port
from faxhw.ports.memory import MemoryPort
from faxhw.ports.wire import Wire
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World

from .port_device import Device


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def port(world: World) -> MemoryPort:
    return MemoryPort(SimulatedClock(world), "memory", system_buffer=100)


def test_it_keeps_both_contracts(port: MemoryPort) -> None:
    host: Port = port
    device: Wire = port
    device.deliver(b"hello")
    assert host.read(0.0) == b"hello"
    host.write(b"there")
    assert device.take(3) == b"the"
    assert device.take(3) == b"re"
    assert device.take(3) == b""


def test_a_read_waits_for_the_first_octets_and_takes_all_there_are(world: World, port: MemoryPort) -> None:
    world.call_later(2.0, lambda: port.deliver(b"one "))
    world.call_later(2.0, lambda: port.deliver(b"two"))
    assert port.read(1.5) == b""
    assert world.now == 1.5
    assert port.read(None) == b"one "
    assert world.now == 2.0
    assert port.read(1.0) == b"two"


def test_wake_ends_the_next_read_and_only_that(world: World, port: MemoryPort) -> None:
    port.wake()
    assert port.read(None) == b""
    world.call_later(1.0, port.wake)
    assert port.read(None) == b""
    assert world.now == 1.0
    assert port.read(1.0) == b""
    assert world.now == 2.0


def test_a_write_waits_until_the_system_has_taken_it(world: World, port: MemoryPort) -> None:
    taken: list[bytes] = []
    world.call_later(3.0, lambda: taken.append(port.take(60)))
    port.write(bytes(150))
    assert world.now == 3.0
    assert len(taken[0]) == 60


def test_a_write_that_makes_no_progress_is_an_error(world: World, port: MemoryPort) -> None:
    with pytest.raises(PortError, match=r"took nothing for 5\.0 seconds; check the flow control"):
        port.write(bytes(150), timeout=5.0)
    assert world.now == 5.0


def test_wake_ends_a_write_too(world: World, port: MemoryPort) -> None:
    world.call_later(1.0, port.wake)
    port.write(bytes(150))
    assert world.now == 1.0


@pytest.mark.parametrize(("flow", "held"), [(Flow.RTS_CTS, True), (Flow.NONE, False), (Flow.XON_XOFF, False)])
def test_cts_holds_back_a_host_that_heeds_it(port: MemoryPort, flow: Flow, held: bool) -> None:
    device = Device()
    port.attach(device)
    port.set_flow(flow)
    port.set_cts(False)
    port.write(b"data")
    assert port.take(9) == (b"" if held else b"data")
    device.told.clear()
    port.set_cts(True)
    assert device.told == (["wrote"] if held else [])


def test_xoff_holds_back_a_host_that_chose_it_and_is_data_to_others(port: MemoryPort) -> None:
    port.deliver(b"a\x13b\x11")
    assert port.read(0.0) == b"a\x13b\x11"
    port.set_flow(Flow.XON_XOFF)
    port.deliver(b"a\x13b")
    assert port.read(0.0) == b"ab"
    port.write(b"data")
    assert port.take(9) == b""
    port.deliver(b"\x11")
    assert port.read(0.0) == b""
    assert port.take(9) == b"data"


def test_the_device_is_told_of_speed_and_dtr_and_of_the_end(port: MemoryPort) -> None:
    device = Device()
    port.attach(device)
    port.set_speed(19200)
    port.set_dtr(True)
    port.write(b"x")
    port.close()
    port.close()
    assert device.told == [("speed", 19200), ("dtr", True), "wrote", ("dtr", False)]


def test_what_came_before_the_device_went_can_still_be_read(port: MemoryPort) -> None:
    port.deliver(b"last words")
    port.fail("the device was unplugged")
    assert port.read(1.0) == b"last words"
    with pytest.raises(PortError, match=r"^memory: the device was unplugged$"):
        port.read(1.0)
    with pytest.raises(PortError, match="unplugged"):
        port.write(b"x")
    with pytest.raises(PortError, match="unplugged"):
        port.set_flow(Flow.NONE)


def test_a_read_under_way_ends_when_the_port_is_closed(world: World, port: MemoryPort) -> None:
    world.call_later(1.0, port.close)
    with pytest.raises(PortError, match="closed"):
        port.read(None)


def test_discarded_input_is_gone_and_modem_lines_can_be_seen(port: MemoryPort) -> None:
    port.deliver(b"old")
    port.discard_input()
    assert port.read(0.0) == b""
    assert (port.carrier(), port.ring()) == (False, False)
    port.set_ring(True)
    assert (port.carrier(), port.ring()) == (False, True)
    port.set_carrier(True)
    assert port.carrier() is True
