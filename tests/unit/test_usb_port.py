"""The port on USB, on a bus in memory: what it asks of the bus, and what may be in the way."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Flow, Port
from faxhw.ports.usb import opening
from faxhw.ports.usb.opening import open_direct, open_usb, reset_usb
from faxhw.ports.usb.port import UsbPort
from faxhw_drivers.sim.clock import SimulatedClock
from faxhw_drivers.sim.world import World
from tests import usb_descriptors
from tests.unit.port_device import Device
from tests.usb_bus import BULK_IN, BULK_OUT, ROOM, Bus, Stick

NAME = "usb:0572:1329"
ONE = usb_descriptors.configuration(usb_descriptors.CONTROL, usb_descriptors.NOTIFICATIONS, interfaces=1)
"""A modem's control interface, and no data interface."""


@dataclass
class Plugged:
    world: World
    clock: SimulatedClock
    stick: Stick
    port: UsbPort


def clock() -> SimulatedClock:
    return SimulatedClock(World())


def opened(stick: Stick, time: SimulatedClock, name: str = NAME) -> UsbPort:
    return open_direct(name, time, speed=115200, backend=Bus(stick))


@pytest.fixture
def plugged() -> Iterator[Plugged]:
    time = clock()
    stick = Stick(time)
    made = Plugged(time.world, time, stick, opened(stick, time))
    yield made
    made.port.close()


def test_it_is_set_up_taken_and_given_back(plugged: Plugged) -> None:
    port: Port = plugged.port
    stick = plugged.stick
    assert stick.log == [("line coding", bytes.fromhex("00c20100000008")), ("lines", 3)]
    assert (port.name, stick.driven) == (NAME, set())
    port.set_dtr(False)
    port.set_speed(19200)
    assert stick.log[2:] == [("lines", 2), ("line coding", bytes.fromhex("004b0000000008"))]
    port.close()
    port.close()
    assert stick.log[4:] == [("lines", 0)]
    assert stick.driven == {0, 1}
    assert [handle.closed for handle in stick.handles] == [True]


def test_octets_come_as_soon_as_they_are_there(plugged: Plugged) -> None:
    world, port = plugged.world, plugged.port
    world.call_later(2.01, lambda: plugged.stick.deliver(bytes(range(150))))
    assert port.read(1.5) == b""
    assert world.now == 1.5
    received = port.read(None)
    while len(received) < 150:
        received += port.read(1.0)
    assert received == bytes(range(150))
    assert world.now == 2.01


def test_wake_ends_the_next_read_and_only_that(plugged: Plugged) -> None:
    plugged.port.wake()
    assert plugged.port.read(None) == b""
    plugged.world.call_later(1.0, plugged.port.wake)
    assert plugged.port.read(None) == b""
    assert plugged.world.now == 1.0
    assert plugged.port.read(1.0) == b""
    assert plugged.world.now == 2.0


def test_packets_of_the_right_size_and_an_empty_one_where_it_is_due(plugged: Plugged) -> None:
    plugged.stick.attach(Taker(plugged.stick))
    for count, sizes in ((0, []), (1, [1]), (64, [64, 0]), (70, [64, 6]), (128, [64, 64, 0])):
        plugged.stick.packets.clear()
        plugged.port.write(bytes(count))
        assert [len(each) for each in plugged.stick.packets] == sizes


class Taker(Device):
    """Takes at once what is written."""

    def __init__(self, stick: Stick) -> None:
        super().__init__()
        self._stick = stick

    def host_wrote(self) -> None:
        self._stick.take(1000)


def test_a_modem_that_takes_nothing_is_waited_for_and_given_up(plugged: Plugged) -> None:
    taker = Taker(plugged.stick)
    plugged.world.call_later(3.0, taker.host_wrote)
    plugged.port.write(bytes(ROOM + 1))
    assert 3.0 <= plugged.world.now < 3.1
    with pytest.raises(PortError, match=r"usb:0572:1329: the modem has taken nothing for 5 s; reset it"):
        plugged.port.write(bytes(ROOM), timeout=5.0)
    assert plugged.world.now < 8.2


def test_wake_ends_a_write(plugged: Plugged) -> None:
    plugged.world.call_later(1.0, plugged.port.wake)
    plugged.port.write(bytes(ROOM + 1))
    assert 1.0 <= plugged.world.now < 1.1


def test_xoff_holds_back_a_host_that_chose_it_and_is_data_to_others(plugged: Plugged) -> None:
    stick, port = plugged.stick, plugged.port
    stick.deliver(b"a\x13b")
    assert port.read(1.0) == b"a\x13b"
    port.set_flow(Flow.XON_XOFF)
    stick.deliver(b"a\x13b")
    assert port.read(1.0) == b"ab"
    plugged.world.call_later(2.0, lambda: stick.deliver(b"\x11"))
    port.write(b"data")
    assert 2.0 <= plugged.world.now < 2.1
    assert stick.take(9) == b"data"


def test_modem_lines_by_notifications_in_pieces(plugged: Plugged, caplog: pytest.LogCaptureFixture) -> None:
    stick, port, time = plugged.stick, plugged.port, plugged.clock
    stick.notification_size = 3
    assert (port.carrier(), port.ring()) == (None, None)
    stick.set_ring(True)
    time.sleep(0.5)
    assert (port.carrier(), port.ring()) == (False, True)
    time.sleep(2.0)
    assert port.ring() is False
    stick.set_carrier(True)
    time.sleep(0.1)
    assert (port.carrier(), port.ring()) == (True, False)
    with caplog.at_level(logging.WARNING, "faxhw.ports.usb"):
        stick.notify_state(0x50)
        time.sleep(0.1)
    assert [each.getMessage().rpartition(": ")[2] for each in caplog.records] == ["framing error", "overrun"]


def test_discarded_input_is_gone(plugged: Plugged) -> None:
    plugged.stick.deliver(b"old")
    plugged.clock.sleep(0.1)
    plugged.port.discard_input()
    plugged.stick.deliver(b"new")
    assert plugged.port.read(1.0) == b"new"


def test_an_unplugged_device_ends_a_read_and_every_use(plugged: Plugged) -> None:
    plugged.stick.deliver(b"last words")
    plugged.world.call_later(1.0, plugged.stick.unplug)
    assert plugged.port.read(None) == b"last words"
    with pytest.raises(PortError, match=r"usb:0572:1329: the device is gone .*is it still plugged in\?"):
        plugged.port.read(None)
    assert plugged.world.now < 1.1
    uses: list[Callable[[], None]] = [
        lambda: plugged.port.write(b"x"),
        lambda: plugged.port.set_speed(300),
        lambda: plugged.port.set_dtr(True),
    ]
    for use in uses:
        with pytest.raises(PortError, match="is gone"):
            use()


@pytest.mark.parametrize("endpoint", [BULK_IN, BULK_OUT])
@pytest.mark.parametrize("trouble", ["halts", "hiccups"])
def test_a_trouble_that_does_not_pass_is_the_end(plugged: Plugged, trouble: str, endpoint: int) -> None:
    with plugged.stick.monitor:
        getattr(plugged.stick, trouble)[endpoint] = 10
        plugged.stick.monitor.notify_all()
    with pytest.raises(PortError, match="is gone"):
        plugged.port.write(b"x") if endpoint == BULK_OUT else plugged.port.read(None)
    assert plugged.world.now < 0.2


def test_a_request_that_the_modem_does_not_know_is_no_error() -> None:
    time = clock()
    stick = Stick(time)
    stick.refuses = {0x20}
    opened(stick, time).close()
    assert stick.log == [("lines", 3), ("lines", 0)]


def test_closed_from_another_thread_while_it_waits(plugged: Plugged) -> None:
    def close_by_another() -> None:
        plugged.clock.spawn(plugged.port.close, "closes")

    plugged.world.call_later(1.0, close_by_another)
    with pytest.raises(PortError, match="was closed"):
        plugged.port.write(bytes(ROOM + 1))
    with pytest.raises(PortError, match="was closed"):
        plugged.port.read(None)
    plugged.clock.sleep(1.0)
    assert plugged.stick.driven == {0, 1}


def test_reset(plugged: Plugged) -> None:
    plugged.port.reset()
    assert plugged.stick.log[-2:] == [("lines", 0), "reset"]
    assert plugged.stick.driven == {0, 1}
    with pytest.raises(PortError, match="was closed"):
        plugged.port.read(None)
    reset_usb(NAME, Bus(plugged.stick))
    assert plugged.stick.log[-1] == "reset"


def test_alternate_settings_and_devices_that_are_not_configured() -> None:
    time = clock()
    idle, busy = bytes.fromhex("09040100000a000000"), bytes.fromhex("09040101020a000000")
    parts = usb_descriptors.CONTROL + usb_descriptors.FUNCTIONAL + usb_descriptors.NOTIFICATIONS
    ends = usb_descriptors.BULK_IN + usb_descriptors.BULK_OUT
    stick = Stick(time, configuration=usb_descriptors.configuration(parts, idle, busy, ends))
    stick.configured = False
    port = opened(stick, time)
    assert stick.configured
    assert stick.log[0] == ("alternate", 1, 1)
    stick.deliver(b"RING")
    assert port.read(1.0) == b"RING"
    port.close()


# ----------------------------------------------------------------------------------------------------------
# What may be in the way


def test_no_such_device() -> None:
    time = clock()
    with pytest.raises(
        DeviceError, match=r"^usb:0baf:0303: there is no such device; is the modem plugged in"
    ):
        opened(Stick(time), time, "usb:0baf:0303")
    with pytest.raises(
        DeviceError, match=r"no device of this kind has that .*there is usb:0572:1329:24680246$"
    ):
        opened(Stick(time), time, "usb:0572:1329:1234")


def test_several_alike() -> None:
    time = clock()
    bus = Bus(Stick(time, place="1-1"), Stick(time, place="1-2.3"), Stick(time, serial="7", place="1-4"))
    with pytest.raises(
        DeviceError, match=r"3 such .*: usb:0572:1329:1-1, usb:0572:1329:1-2.3, usb:0572:1329:7$"
    ):
        open_direct(NAME, time, speed=300, backend=bus)
    for which, taken in (("1-2.3", 1), ("7", 2)):
        port = open_direct(f"{NAME}:{which}", time, speed=300, backend=bus)
        assert [bool(each.driven) for each in bus.sticks] == [number != taken for number in range(3)]
        port.close()
    assert all(handle.closed for stick in bus.sticks for handle in stick.handles)


@pytest.mark.parametrize("name", [NAME, f"{NAME}:24680246"])
def test_permission_denied(name: str) -> None:
    time = clock()
    stick = Stick(time)
    stick.denied = True
    with pytest.raises(
        DeviceError, match=r"permission denied.* /dev/bus/usb/001/004; have a udev rule .*dialout"
    ):
        opened(stick, time, name)


def test_a_device_that_another_program_uses(plugged: Plugged) -> None:
    with pytest.raises(
        DeviceError, match=r"^usb:0572:1329: the device is busy: end the program that uses it"
    ):
        opened(plugged.stick, plugged.clock)
    plugged.stick.deliver(b"still ours")
    assert plugged.port.read(1.0) == b"still ours"


@pytest.mark.parametrize(
    ("configuration", "complaint"),
    [
        (ONE, "no modem of the class"),
        (ONE + b"\x02\x24", "malformed .*plug it in again"),
    ],
)
def test_what_is_no_modem_is_left_alone(configuration: bytes, complaint: str) -> None:
    time = clock()
    stick = Stick(time, configuration=configuration)
    driven = set(stick.driven)
    with pytest.raises(DeviceError, match=complaint):
        opened(stick, time)
    assert stick.driven == driven


def test_a_failure_at_opening_gives_everything_back() -> None:
    time = clock()
    stick = Stick(time)
    other = Bus(stick).open_device(stick)
    other.claimed.add(1)
    with pytest.raises(DeviceError, match="busy"):
        opened(stick, time)
    other.claimed.clear()
    assert all(handle.closed for handle in stick.handles if handle is not other)
    opened(stick, time).close()


def test_libusb_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import usb.backend.libusb1  # noqa: PLC0415

    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda: None)
    with pytest.raises(DeviceError, match=r"^usb:0572:1329: libusb is not installed.*libusb-1.0-0\)$"):
        open_usb(NAME, speed=300, direct=True)


def test_the_kernels_tty_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(opening, "tty_of", lambda name: f"/dev/no_tty_of_{name.usb_id}")
    monkeypatch.setattr(opening, "open_direct", lambda text, *_, **__: asked.append(text))
    with pytest.raises(DeviceError, match=r"^/dev/no_tty_of_0572:1329: there is no such device"):
        open_usb(NAME, speed=300)
    open_usb(NAME, speed=300, direct=True)
    assert asked == [NAME]
    monkeypatch.setattr(opening, "tty_of", lambda name: "")
    open_usb(NAME, speed=300)
    assert asked == [NAME, NAME]


def test_a_process_that_an_exception_ends_gives_everything_back() -> None:
    script = (
        "from faxhw.clock import SYSTEM_CLOCK\n"
        "from faxhw.ports.usb.opening import open_direct\n"
        "from tests.usb_bus import Bus, Stick\n"
        "import atexit\n"
        "stick = Stick(SYSTEM_CLOCK)\n"
        "atexit.register(lambda: print(stick.driven))\n"
        "port = open_direct('usb:0572:1329', SYSTEM_CLOCK, speed=300, backend=Bus(stick))\n"
        "raise RuntimeError"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said.stdout == "{0, 1}\n", said.stderr
