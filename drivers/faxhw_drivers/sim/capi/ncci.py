"""A B3 connection (NCCI): its messages by state, its data in both directions, each with a window.

What the data are is a link's business: a fax's pages (``fax``), or sound.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from faxhw.capi.messages import Message
from faxhw_drivers.sim.capi.model import Info

if TYPE_CHECKING:
    from faxhw_drivers.sim.capi.plci import Plci

MOST_UNCONFIRMED = 8
"""Blocks that an application may have sent without a confirmation (CAPI allows it 7)."""
LAST_DATA = 5.0
"""Seconds for which the end of a connection waits for the application to take what has come."""


class Link(Protocol):
    """What a B3 connection carries. It tells the ``Ncci`` that it is ``ready``, and when it is ``over``."""

    @property
    def ncpi(self) -> bytes:
        """What is known of it now."""
        ...

    def start(self) -> None: ...

    def write(self, data: bytes, taken: Callable[[], None]) -> None:
        """Data from the application; ``taken`` is to be called once there is room for more."""
        ...

    def drained(self) -> None:
        """The application has taken all that was delivered to it."""
        ...

    def finish(self) -> None:
        """The application has no more to say: end it in good order."""
        ...

    def abort(self) -> None:
        """The application wants the call to end, or has gone itself."""
        ...

    def gone(self) -> None:
        """The call has ended."""
        ...


def nothing(message: Message) -> None:
    """What is done about a message that asks for nothing."""


NEVER: tuple[frozenset[Enum], Callable[[Message], None]] = frozenset(), nothing
"""Of messages that an application may not say of a connection, or a call."""


class State(Enum):
    WAITING = "not ready"
    INDICATED = "CONNECT_B3_IND is unanswered"
    ACTIVATED = "CONNECT_B3_ACTIVE_IND is unanswered"
    ACTIVE = "active"
    ENDING = "DISCONNECT_B3_REQ was confirmed"
    ENDED = "DISCONNECT_B3_IND is unanswered"


class Ncci:
    """One B3 connection, from its beginning to DISCONNECT_B3_RESP."""

    def __init__(self, plci: Plci, number: int, make: Callable[[Ncci], Link]) -> None:
        self.address = number << 16 | plci.address
        self.application = plci.application
        self.state = State.WAITING
        self._plci = plci
        self._queue: list[bytes] = []
        self._unanswered: list[int] = []
        """Handles of blocks that the application has not answered, oldest first."""
        self._handle = 0
        self._unconfirmed = 0
        self._over: int | None = None
        self._by_name: dict[str, tuple[frozenset[State], Callable[[Message], None]]] = {
            "CONNECT_B3_RESP": (frozenset({State.INDICATED}), self._answered),
            "CONNECT_B3_ACTIVE_RESP": (frozenset({State.ACTIVATED, State.ENDING}), self._activated),
            "DATA_B3_REQ": (frozenset({State.ACTIVATED, State.ACTIVE}), self._data),
            "DATA_B3_RESP": (frozenset(State), self._taken),
            "DISCONNECT_B3_REQ": (frozenset(State) - {State.ENDING, State.ENDED}, self._finish),
            "DISCONNECT_B3_RESP": (frozenset({State.ENDED}), self._ended),
        }
        self.link = make(self)

    def handle(self, message: Message) -> bool:
        """Take a message; False if it may not come now."""
        states, deed = self._by_name.get(message.name, NEVER)
        fits = self.state in states
        if fits:
            deed(message)
        return fits

    @property
    def has_ended(self) -> bool:
        """Whether only the application's answer to its end is missing."""
        return self.state is State.ENDED

    # -- what the link tells

    def ready(self) -> None:
        """There is a connection."""
        if self.state is State.WAITING:
            if self._plci.dialled:
                self._activate()
            else:
                self.state = State.INDICATED
                self.application.indicate("CONNECT_B3_IND", ncci=self.address, ncpi=self.link.ncpi)

    @property
    def idle(self) -> bool:
        """Whether the application has taken all that was delivered."""
        return not self._queue and not self._unanswered

    @property
    def waiting(self) -> int:
        """Blocks that wait for the application to answer others."""
        return len(self._queue)

    def deliver(self, data: bytes) -> None:
        """Data for the application, as soon as it can take them."""
        size = self.application.block_size
        self._queue += [data[start : start + size] for start in range(0, len(data), size)]
        self._pump()

    def over(self, reason: int) -> None:
        """The link has ended, for this reason (``FaxReason``)."""
        if self._over is not None:
            return
        self._over = reason
        if self.state in (State.ACTIVE, State.ACTIVATED, State.ENDING) and not self.idle:
            self._plci.world.call_later(LAST_DATA, self._end)
        else:
            self._end()

    def _activate(self) -> None:
        self.state = State.ACTIVATED
        self.application.indicate("CONNECT_B3_ACTIVE_IND", ncci=self.address, ncpi=self.link.ncpi)

    def _pump(self) -> None:
        while self.state in (State.ACTIVE, State.ENDING) and self._queue:
            if len(self._unanswered) >= self.application.blocks:
                return
            data = self._queue.pop(0)
            self._handle = self._handle % 0xFFFF + 1
            self._unanswered.append(self._handle)
            self.application.indicate("DATA_B3_IND", data, ncci=self.address, handle=self._handle)

    def _end(self) -> None:
        if self.state is State.ENDED or self._over is None:
            return
        if self.state is State.WAITING and not self._plci.dialled:
            self.ready()
        self.state = State.ENDED
        self._queue.clear()
        reason, ncpi = int(self._over), self.link.ncpi
        self.application.indicate("DISCONNECT_B3_IND", ncci=self.address, reason=reason, ncpi=ncpi)
        if not self.application.registered:
            self._plci.link_ended()

    # -- what the application says

    def _answered(self, message: Message) -> None:
        if message.integer("reject"):
            self.state = State.ENDING
            self.link.abort()
        else:
            self._activate()

    def _activated(self, message: Message) -> None:
        if self.state is State.ACTIVATED:
            self.state = State.ACTIVE
            self._pump()

    def _data(self, message: Message) -> None:
        handle = message.integer("handle")

        def confirm(info: Info = Info.NO_ERROR) -> None:
            self.application.confirm(message, ncci=self.address, handle=handle, info=int(info))

        def taken() -> None:
            self._unconfirmed -= 1
            if self.state is not State.ENDED:
                confirm()

        if len(message.data) > self.application.block_size:
            confirm(Info.DATA_TOO_LONG)
        elif self._unconfirmed >= MOST_UNCONFIRMED:
            confirm(Info.QUEUE_FULL)
        else:
            self._unconfirmed += 1
            self.link.write(message.data, taken)

    def _taken(self, message: Message) -> None:
        handle = message.integer("handle")
        if handle not in self._unanswered:
            self._plci.note(f"DATA_B3_RESP for the block {handle}, which is none")
            return
        self._unanswered.remove(handle)
        self._pump()
        if self.idle:
            if self._over is not None:
                self._end()
            else:
                self.link.drained()

    def _finish(self, message: Message) -> None:
        self.state = State.ENDING
        self.application.confirm(message, ncci=self.address)
        self.link.finish()

    def _ended(self, message: Message) -> None:
        self._plci.link_ended()
