"""What systemd is told, on a socket such as it has."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from faxhw.serve.notify import ServiceManager


@pytest.fixture(params=["", "@"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Its socket, with a path or an abstract one."""
    name = f"{request.param}{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if request.param else name)
        listening.settimeout(5)
        yield name, listening


def test_it_is_told_by_lines(systemd: tuple[str, socket.socket]) -> None:
    address, listening = systemd
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.ready("3 lines,\n1 in a call")
    assert listening.recv(1000) == b"READY=1\nSTATUS=3 lines, 1 in a call"
    manager.alive("all is well")
    assert listening.recv(1000) == b"WATCHDOG=1\nSTATUS=all is well"
    manager.reloading(1234)
    assert listening.recv(1000) == b"RELOADING=1\nMONOTONIC_USEC=1234"
    manager.stopping()
    assert listening.recv(1000) == b"STOPPING=1"


def test_without_systemd_nobody_is_told() -> None:
    manager = ServiceManager({})
    manager.ready("all is well")
    assert manager.watchdog is None


def test_a_socket_that_is_gone_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ServiceManager({"NOTIFY_SOCKET": f"{tmp_path}/gone"}).ready("all is well")
    assert "systemd cannot be told READY, STATUS" in caplog.text


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often_it_wants_a_sign_of_life(environ: dict[str, str], seconds: float | None) -> None:
    assert ServiceManager(environ, pid=7).watchdog == seconds
