"""A terminal server: serial devices of this host, served over TCP, plain or by RFC 2217.

The protocol is pyserial's own server half (``serial.rfc2217.PortManager``).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import serial
import serial.rfc2217

from faxhw.clock import SYSTEM_CLOCK

_LOOK = 0.2
"""Seconds after which the server looks whether its client is still there."""


class _Terminal(serial.Serial):
    """A pseudo-terminal, with the modem lines that it lacks."""

    cts = dsr = True
    ri = cd = False

    def _update_dtr_state(self) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass


class _Connection:
    """What ``PortManager`` writes to."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def write(self, data: bytes) -> None:
        self._client.sendall(data)


class TerminalServer:
    """Serves one client at a time."""

    def __init__(self, path: str, scheme: str) -> None:
        self._terminal = _Terminal(path, timeout=_LOOK)
        self._rfc2217 = scheme == "rfc2217"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._monitor = SYSTEM_CLOCK.monitor()
        self._client: socket.socket | None = None
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._worker = SYSTEM_CLOCK.spawn(self._serve, f"serves {path}")

    def cut(self) -> None:
        """Cut the connection, as a network does, once there is one."""
        with self._monitor:
            assert self._monitor.wait_for(lambda: self._client is not None, 10)
        self._disconnect()

    def _disconnect(self) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._disconnect()
        assert self._worker.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError), self._terminal as terminal:
            while True:
                client, _ = self._listener.accept()
                with self._monitor:
                    self._client = client
                    self._monitor.notify_all()
                with client:
                    self._carry(client, terminal)

    def _carry(self, client: socket.socket, terminal: Any) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection: Any = _Connection(client)
        manager = serial.rfc2217.PortManager(terminal, connection) if self._rfc2217 else None
        upward = SYSTEM_CLOCK.spawn(partial(self._to_client, client, terminal, manager), "to the client")
        with contextlib.suppress(OSError):
            while received := client.recv(1024):
                terminal.write(b"".join(manager.filter(received)) if manager else received)
        self._disconnect()
        upward.join()

    @staticmethod
    def _to_client(client: socket.socket, terminal: Any, manager: Any) -> None:
        with contextlib.suppress(OSError):
            while client.fileno() >= 0:
                said = terminal.read(terminal.in_waiting or 1)
                client.sendall(b"".join(manager.escape(said)) if manager else said)


@contextmanager
def served(path: str, scheme: str) -> Iterator[TerminalServer]:
    """Serve the device at ``path`` by ``rfc2217`` or ``socket``."""
    server = TerminalServer(path, scheme)
    try:
        yield server
    finally:
        server.close()
