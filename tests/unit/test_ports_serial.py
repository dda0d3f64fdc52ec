"""Serial ports over pseudo-terminals, sockets and pyserial's loop; and what may be in the way of one."""

import contextlib
import os
import pty
import socket
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw.errors import DeviceError, PortError
from faxhw.ports.base import Flow, Port
from faxhw.ports.serial import open_serial


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for each in (master, slave):
        with contextlib.suppress(OSError):
            os.close(each)


@pytest.fixture
def port(terminal: tuple[int, str]) -> Iterator[Port]:
    port = open_serial(terminal[1], speed=19200, flow=Flow.NONE)
    yield port
    port.close()


def test_every_octet_goes_both_ways(terminal: tuple[int, str], port: Port) -> None:
    every = bytes(range(256))
    os.write(terminal[0], every)
    received = b""
    while len(received) < len(every):
        received += port.read(5.0)
    assert received == every
    port.write(every)
    assert os.read(terminal[0], 1000) == every


def test_xon_and_xoff_are_data_on_the_way_in(terminal: tuple[int, str], port: Port) -> None:
    port.set_flow(Flow.XON_XOFF)
    port.set_flow(Flow.NONE)
    os.write(terminal[0], b"\xff\x13\x11\x2f")
    assert port.read(5.0) == b"\xff\x13\x11\x2f"


def test_the_system_does_not_look_at_dcd(terminal: tuple[int, str], port: Port) -> None:
    """Some modems drop it at the end of a page; without CLOCAL the next read fails."""
    assert termios.tcgetattr(terminal[0])[2] & termios.CLOCAL
    port.set_flow(Flow.RTS_CTS)
    assert termios.tcgetattr(terminal[0])[2] & termios.CLOCAL


def test_time_out_and_wake_give_nothing(port: Port) -> None:
    assert port.read(0.0) == b""
    port.wake()
    assert port.read(None) == b""


def test_wake_from_another_thread_ends_a_read(port: Port) -> None:
    worker = SYSTEM_CLOCK.spawn(port.wake, "waker")
    assert port.read(None) == b""
    assert worker.join(5.0)


def test_input_can_be_forgotten(terminal: tuple[int, str], port: Port) -> None:
    os.write(terminal[0], b"old")
    port.discard_input()
    os.write(terminal[0], b"new")
    assert port.read(5.0) == b"new"


def test_a_terminal_whose_other_end_is_gone(terminal: tuple[int, str], port: Port) -> None:
    os.close(terminal[0])
    with pytest.raises(PortError, match="gone"):
        port.read(5.0)


def test_a_closed_port_says_so(port: Port) -> None:
    port.close()
    port.close()
    port.wake()
    with pytest.raises(PortError, match="was closed"):
        port.read(None)
    with pytest.raises(PortError, match="was closed"):
        port.write(b"AT")


def test_flow_control_that_never_lets_go(terminal: tuple[int, str], port: Port) -> None:
    with pytest.raises(PortError, match="flow control"):
        port.write(bytes(1_000_000), timeout=0.01)


def test_modem_lines_are_unknown_where_there_are_none(port: Port) -> None:
    assert port.carrier() is None
    assert port.ring() is None
    port.set_dtr(False)
    port.set_speed(115200)


def test_the_device_is_ours_alone(terminal: tuple[int, str], port: Port) -> None:
    with pytest.raises(DeviceError, match=r"busy: end the program that has it open, or name another$"):
        open_serial(terminal[1], speed=19200, flow=Flow.NONE)


def test_no_such_device(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no such device"):
        open_serial(str(tmp_path / "ttyACM9"), speed=19200, flow=Flow.NONE)


def test_not_a_serial_device(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeviceError, match="not a serial device; name the modem's port"):
        open_serial(str(tmp_path / "file"), speed=19200, flow=Flow.NONE)
    with pytest.raises(DeviceError, match="is a directory, not a serial device; name the modem's port"):
        open_serial(str(tmp_path), speed=19200, flow=Flow.NONE)


def test_permission_denied_names_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ttyS0"
    path.write_bytes(b"")

    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(DeviceError, match="dialout"):
        open_serial(str(path), speed=19200, flow=Flow.NONE)


def test_a_url_that_nobody_knows() -> None:
    with pytest.raises(DeviceError, match="carrier-pigeon"):
        open_serial("carrier-pigeon://x", speed=19200, flow=Flow.NONE)


def test_nobody_listens_at_the_socket() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"socket://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DeviceError, match="cannot be opened"):
            open_serial(url, speed=19200, flow=Flow.NONE)


def test_a_socket_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = open_serial(f"socket://127.0.0.1:{server.getsockname()[1]}", speed=19200, flow=Flow.RTS_CTS)
        far, _ = server.accept()
        with far:
            far.sendall(b"\r\nRING\r\n")
            assert port.read(5.0) == b"\r\nRING\r\n"
            port.write(b"ATA\r")
            assert far.recv(100) == b"ATA\r"
        with pytest.raises(PortError, match="gone"):
            port.read(5.0)
        port.close()


def test_a_port_without_a_descriptor() -> None:
    port = open_serial("loop://", speed=19200, flow=Flow.NONE)
    port.write(b"AT\r")
    assert port.read(5.0) == b"AT\r"
    assert port.read(0.0) == b""
    port.wake()
    assert port.read(None) == b""
    port.set_flow(Flow.RTS_CTS)
    port.set_speed(9600)
    port.set_dtr(False)
    port.write(b"old")
    port.discard_input()
    assert port.read(0.0) == b""
    port.close()
    port.close()
    with pytest.raises(PortError, match="was closed"):
        port.read(1.0)
