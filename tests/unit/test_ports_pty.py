"""The device's side of a pseudo-tty, with a client that opens the other side."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator

import pytest

from .port_device import Device

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pseudo-ttys as Linux has them")

if sys.platform.startswith("linux"):
    from faxhw.ports.pty import Pty


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def pty(device: Device) -> Iterator[Pty]:
    made = Pty()
    made.attach(device)
    yield made
    made.close()
    made.close()


def client(pty: Pty) -> int:
    return os.open(pty.path, os.O_RDWR | os.O_NOCTTY)


def heard(fd: int, count: int) -> bytes:
    """So many octets, which may come in pieces; fewer if they do not come."""
    octets = b""
    while len(octets) < count and select.select([fd], [], [], 5.0)[0]:
        octets += os.read(fd, count)
    return octets


def serve_until_input(pty: Pty) -> None:
    select.select([pty], [], [], 5.0)
    pty.serve()


def test_without_a_client_nothing_is_wanted_and_what_is_said_is_lost(pty: Pty, device: Device) -> None:
    pty.serve()
    assert pty.wants() == (False, False)
    pty.deliver(b"RING")
    assert pty.take(9) == b""
    fd = client(pty)
    pty.serve()
    assert pty.wants() == (True, False)
    assert not select.select([fd], [], [], 0.0)[0]
    os.close(fd)
    assert device.told == [("dtr", True)]


def test_octets_pass_both_ways_as_they_are(pty: Pty, device: Device) -> None:
    fd = client(pty)
    pty.serve()
    everything = bytes(range(256))
    pty.deliver(everything)
    assert heard(fd, len(everything)) == everything
    os.write(fd, everything)
    serve_until_input(pty)
    assert "wrote" in device.told
    assert pty.take(100) + pty.take(1000) == everything
    os.close(fd)


def test_a_client_that_leaves_is_a_drop_of_dtr_and_the_next_one_is_welcome(pty: Pty, device: Device) -> None:
    for _ in range(3):
        fd = client(pty)
        pty.serve()
        assert pty.in_use
        os.write(fd, b"ATH\r")
        os.close(fd)
        pty.serve()
        assert pty.take(9) == b"ATH\r"
        device.told.clear()
        pty.serve()
        assert device.told == [("dtr", False)]
        pty.serve()
        assert device.told == [("dtr", False)]
        assert pty.wants() == (False, False)
        assert not pty.in_use


def test_each_client_finds_the_terminal_raw_unless_it_has_set_it_itself(pty: Pty) -> None:
    for _ in range(2):
        fd = client(pty)
        pty.serve()
        lflag = termios.tcgetattr(fd)[3]
        assert not lflag & (termios.ICANON | termios.ECHO)
        os.close(fd)
        pty.serve()
    fd = client(pty)
    tty.setraw(fd)
    settings = termios.tcgetattr(fd)
    settings[0] |= termios.IXON
    termios.tcsetattr(fd, termios.TCSANOW, settings)
    pty.serve()
    assert termios.tcgetattr(fd)[0] & termios.IXON
    os.close(fd)


def test_a_client_that_does_not_read_costs_octets_and_nothing_else(pty: Pty) -> None:
    fd = client(pty)
    pty.serve()
    for _ in range(300):
        pty.deliver(bytes(1000))
    assert pty.wants() == (True, True)
    os.set_blocking(fd, False)
    got = 0
    while pty.wants()[1]:
        got += len(os.read(fd, 100_000))
        pty.serve()
    assert 65_536 <= got < 300_000
    os.close(fd)


def test_cts_leaves_unread_what_the_client_has_written(pty: Pty, device: Device) -> None:
    fd = client(pty)
    pty.serve()
    pty.set_cts(False)
    os.write(fd, b"data")
    serve_until_input(pty)
    assert pty.take(9) == b""
    device.told.clear()
    pty.set_cts(True)
    assert device.told == ["wrote"]
    assert pty.take(9) == b"data"
    os.close(fd)


def test_a_device_that_fails_takes_the_terminal_away(pty: Pty) -> None:
    fd = client(pty)
    pty.serve()
    pty.fail("unplugged")
    pty.serve()
    pty.deliver(b"x")
    assert pty.take(1) == b""
    assert os.read(fd, 10) == b""
    os.close(fd)
