"""The controller on TCP, in real time, for any CAPI program: both framings on one port, many clients at once.

Everything happens in the runner's loop (``realtime``): nothing here waits. A client that sends what is no
CAPI, or takes nothing, is cut off; the others never notice.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, MutableSequence
from contextlib import suppress

from faxhw.errors import DeviceError
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.peer import Peer
from faxhw_drivers.sim.ends import End

MOST_CLIENTS = 64
MOST_UNSENT = 2**18
"""Octets that a client may leave untaken."""
_READ = _SYSTEM_BUFFER = 65536


class CapiServer:
    """The port at which clients come in (``End``)."""

    in_use = True

    def __init__(self, controller: Controller, host: str, port: int, ends: MutableSequence[End]) -> None:
        """Listens from now on; each client becomes one of ``ends``. Raises ``DeviceError`` if it cannot."""
        self._controller = controller
        self._ends = ends
        self._clients: list[_Client] = []
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self._socket = socket.create_server(address[:2], family=family)
        except OSError as error:
            named = error.errno is not None and not isinstance(error, socket.gaierror)
            reason = os.strerror(error.errno or 0) if named else error.strerror
            raise DeviceError(f"{host}:{port}: cannot listen there: {reason}") from error
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])

    def fileno(self) -> int:
        return self._socket.fileno()

    def wants(self) -> tuple[bool, bool]:
        return True, False

    def serve(self) -> None:
        with suppress(OSError):  # nobody more is waiting
            while True:
                accepted, _ = self._socket.accept()
                if len(self._clients) >= MOST_CLIENTS:
                    accepted.close()
                    continue
                client = _Client(self._controller, accepted, self._left)
                self._clients.append(client)
                self._ends.append(client)

    def close(self) -> None:
        """Stop listening, and let all clients go."""
        for client in list(self._clients):
            client.close()
        self._socket.close()

    def _left(self, client: _Client) -> None:
        self._clients.remove(client)
        self._ends.remove(client)


class _Client:
    """One client (``End``)."""

    in_use = True

    def __init__(
        self, controller: Controller, accepted: socket.socket, left: Callable[[_Client], None]
    ) -> None:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SYSTEM_BUFFER)
        self._socket = accepted
        self._left = left
        self._unsent = bytearray()
        self._open = True
        self._peer = Peer(controller, self._send, self._hang_up)

    def fileno(self) -> int:
        return self._socket.fileno()

    def wants(self) -> tuple[bool, bool]:
        return True, bool(self._unsent)

    def serve(self) -> None:
        if not self._open:
            return
        try:
            octets = self._socket.recv(_READ)
        except BlockingIOError:
            self._write()
            return
        except OSError:
            octets = b""
        if octets:
            self._peer.feed(octets)
            self._write()
        else:
            self.close()

    def close(self) -> None:
        self._peer.close()

    def _send(self, octets: bytes) -> None:
        """Send when all that came has been answered: thousands of tiny segments make Linux lose some."""
        self._unsent += octets

    def _write(self) -> None:
        try:
            while self._open and self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > MOST_UNSENT:
                self.close()
        except OSError:
            self.close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._socket.send(self._unsent)
        self._open = False
        self._unsent.clear()
        self._socket.close()
        self._left(self)
