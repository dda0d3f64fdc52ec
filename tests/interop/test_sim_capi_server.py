"""The virtual CAPI controller on TCP: many clients at once, and some that are none."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.messages import decode, encode, message
from faxhw.errors import DeviceError
from tests.unit.test_sim_capi_peer import FRAMINGS, LISTEN, RCAPI_REGISTER, REGISTER

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="simulators as Linux has them"),
]

if sys.platform.startswith("linux"):
    from faxhw_drivers.sim.capi import server
    from faxhw_drivers.sim.capi.controller import Controller
    from faxhw_drivers.sim.capi.server import MOST_CLIENTS, CapiServer
    from faxhw_drivers.sim.exchange import Exchange
    from faxhw_drivers.sim.world import World
    from tests.interop.capi_server import running

PATIENCE = 20.0


class Client:
    def __init__(self, port: int, framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming) -> None:
        self.framing = framing()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))

    def close(self) -> None:
        self.socket.close()

    def say(self, octets: bytes) -> None:
        self.socket.sendall(self.framing.frame(octets))

    def hear(self) -> bytes | None:
        """A message; ``None`` if the controller has hung up."""
        while True:
            try:
                octets = self.socket.recv(4096)
            except ConnectionResetError:
                return None
            if not octets:
                return None
            if found := self.framing.feed(octets):
                return found[0]


class Place:
    """Where a controller listens, and the clients that have come."""

    def __init__(self, port: int, clients: ExitStack) -> None:
        self._port = port
        self._clients = clients

    def client(self, framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming) -> Client:
        return self._clients.enter_context(closing(Client(self._port, framing)))

    def registered(self, framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming) -> Client:
        client = self.client(framing)
        client.say(RCAPI_REGISTER if framing is RcapiFraming else REGISTER)
        answer = client.hear()
        assert answer is not None
        assert decode(answer).name.endswith("_CONF")
        return client


@pytest.fixture
def place() -> Iterator[Place]:
    with running() as world, ExitStack() as clients:
        yield Place(world.port, clients)


def test_clients_of_both_framings_at_once(place: Place) -> None:
    clients = [place.registered(framing) for framing in FRAMINGS * 8]
    for each in clients:
        each.say(encode(message("RCAPI_PROFILE_REQ", controller=1)))
        answer = each.hear()
        assert answer is not None
        assert decode(answer).integer("info") == 0


def test_what_is_no_capi_ends_that_client_alone(place: Place) -> None:
    good, bad = place.registered(), place.client()
    bad.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert bad.hear() is None
    good.say(LISTEN)
    assert good.hear() is not None


def test_a_client_that_takes_nothing_is_cut_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_UNSENT", 20_000)  # the least work for a machine that has others
    deaf, good = place.registered(), place.registered()
    many = deaf.framing.frame(LISTEN) * 500_000
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        deaf.socket.sendall(many)
    good.say(encode(message("LISTEN_REQ", application=2, controller=1)))
    assert good.hear() is not None


def test_no_more_clients_than_there_is_room_for(place: Place) -> None:
    clients = [place.client() for _ in range(MOST_CLIENTS)]
    clients[-1].say(REGISTER)
    assert clients[-1].hear() is not None
    assert place.client().hear() is None
    clients[0].close()
    time.sleep(0.1)
    place.registered()


def test_a_port_that_is_taken() -> None:
    world = World()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DeviceError, match=f"^127.0.0.1:{port}: cannot listen there: Address .* in use$"):
            CapiServer(Controller(world, Exchange(world), ["1"]), "127.0.0.1", port, [])
