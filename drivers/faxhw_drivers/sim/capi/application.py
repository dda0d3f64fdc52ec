"""An application that is registered with the controller: its limits, what it listens for, the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from faxhw.capi.fields import Value, Values
from faxhw.capi.messages import Message, message
from faxhw_drivers.sim.capi.model import Faults
from faxhw_drivers.sim.world import World

CIP_ANY = 1 << 0


def filled(each: Message, values: Mapping[str, Value]) -> Message:
    """A message with these parameters in it."""
    return replace(each, values=Values({**each.values, **values}))


class Application:
    """Messages go to it in order, however long each takes."""

    def __init__(
        self,
        world: World,
        number: int,
        faults: Faults,
        send: Callable[[Message], None],
        drop: Callable[[], None],
        *,
        connections: int,
        blocks: int,
        block_size: int,
    ) -> None:
        """``send`` takes a message to it, ``drop`` is to lose the connection to it."""
        self.number = number
        self.connections = connections
        """B3 connections at a time."""
        self.blocks = blocks
        """Blocks of data that it takes without having answered any."""
        self.block_size = block_size
        self.cip_mask = 0
        """What it listens for; 0: nothing."""
        self.drop = drop
        self._world = world
        self._faults = faults
        self._send = send
        self._indications = 0
        self.registered = True

    def listens_for(self, cip: int) -> bool:
        return bool(self.cip_mask & (CIP_ANY | 1 << cip))

    def confirm(self, request: Message, **values: Value) -> None:
        """Answer a request."""
        if request.name not in self._faults.deaf_to:
            name = request.name.removesuffix("_REQ") + "_CONF"
            self._put(filled(message(name, application=self.number, number=request.number), values))

    def indicate(self, name: str, data: bytes = b"", **values: Value) -> None:
        """Tell it of something."""
        self._indications = self._indications % 0xFFFF + 1
        made = message(name, application=self.number, number=self._indications, data=data)
        self._put(filled(made, values))

    def forget(self) -> None:
        """It has gone: nothing more goes to it."""
        self.registered = False

    def _put(self, each: Message) -> None:
        if not self.registered:
            return
        if self._faults.delay:
            self._world.call_later(self._faults.delay, lambda: self._deliver(each))
        else:
            self._send(each)

    def _deliver(self, each: Message) -> None:
        if self.registered:
            self._send(each)
