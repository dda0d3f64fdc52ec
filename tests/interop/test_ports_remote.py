"""Ports over the network, against a terminal server that is not ours: plain TCP and RFC 2217."""

from __future__ import annotations

import contextlib
import os
import pty
import tty
from collections.abc import Callable, Iterator

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Flow, Port
from faxhw.ports.serial import open_serial
from tests.remote import TerminalServer, served

pytestmark = pytest.mark.interop

EVERY = bytes(range(256)) * 8
"""With it the octets that Telnet and software flow control have other uses for."""


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for each in (master, slave):
        with contextlib.suppress(OSError):
            os.close(each)


@pytest.fixture(params=["rfc2217", "socket"])
def server(request: pytest.FixtureRequest, terminal: tuple[int, str]) -> Iterator[TerminalServer]:
    with served(terminal[1], request.param) as server:
        yield server


@pytest.fixture
def port(server: TerminalServer) -> Iterator[Port]:
    port = open_serial(server.url, speed=19200, flow=Flow.NONE)
    yield port
    port.close()


def again_and_again(use: Callable[[], object]) -> None:
    for _ in range(100):
        use()


def all_of(read: bytes, more: Iterator[bytes]) -> bytes:
    while len(read) < len(EVERY):
        read += next(more)
    return read


def test_every_octet_goes_both_ways(terminal: tuple[int, str], port: Port) -> None:
    os.write(terminal[0], EVERY)
    assert all_of(b"", iter(lambda: port.read(5.0), b"")) == EVERY
    port.write(EVERY)
    assert all_of(b"", iter(lambda: os.read(terminal[0], 1000), b"")) == EVERY


def test_settings_may_be_changed(terminal: tuple[int, str], port: Port) -> None:
    port.set_speed(57600)
    port.set_flow(Flow.XON_XOFF)
    port.set_flow(Flow.RTS_CTS)
    port.set_flow(Flow.NONE)
    port.set_dtr(False)
    port.set_dtr(True)
    os.write(terminal[0], b"\x11\x13")
    assert port.read(5.0)


def test_wake_from_another_thread_ends_a_read(port: Port) -> None:
    worker = SYSTEM_CLOCK.spawn(port.wake, "waker")
    assert port.read(None) == b""
    assert worker.join(5.0)


def test_time_out_gives_nothing(port: Port) -> None:
    assert port.read(0.0) == b""
    assert port.read(0.01) == b""


def test_what_has_arrived_can_be_forgotten(terminal: tuple[int, str], port: Port) -> None:
    os.write(terminal[0], b"old")
    received = port.read(5.0)
    os.write(terminal[0], b"old")
    while len(received) < 6:
        received += port.read(5.0)
    port.discard_input()
    os.write(terminal[0], b"new")
    assert port.read(5.0).startswith(b"n")


@pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning")  # pyserial forgets it
def test_a_connection_that_is_cut(server: TerminalServer, port: Port) -> None:
    server.cut()
    with pytest.raises(PortError):
        again_and_again(lambda: port.read(5.0))
    with pytest.raises(PortError):
        again_and_again(lambda: port.write(b"AT\r"))


def test_a_closed_port_says_so(port: Port) -> None:
    worker = SYSTEM_CLOCK.spawn(port.close, "closes")
    with pytest.raises(PortError, match="closed"):
        again_and_again(lambda: port.read(None))
    assert worker.join(10.0)


@pytest.mark.parametrize(
    "url", ["rfc2217://localhost", "socket://localhost", "rfc2217://:99", "socket://h:99999"]
)
def test_a_url_without_its_port(url: str) -> None:
    with pytest.raises(DeviceError, match="name the host and its port"):
        open_serial(url, speed=19200, flow=Flow.NONE)


@pytest.mark.parametrize(
    "url", ["loop://?x=1", "rfc2217://127.0.0.1:1?x=1", "alt:///dev/null?class=X", "spy://"]
)
def test_urls_that_cannot_be_made_out(url: str) -> None:
    with pytest.raises(DeviceError, match="cannot be opened"):
        open_serial(url, speed=19200, flow=Flow.NONE)
