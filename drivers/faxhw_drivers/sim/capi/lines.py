"""A telephone line of the controller, with its number (MSN): what ISDN would tell of a call, from a phone.

The exchange is an analog one: what it only lets be heard (ringback, busy tone) is told here as the cause that
a network has for it (Q.850, as CAPI gives it: 0x3400 and the cause with its highest bit).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from faxhw_drivers.sim.audio import SoundNetwork, SubscriberSound
from faxhw_drivers.sim.capi.sound import Tap
from faxhw_drivers.sim.exchange import RING_LIMIT, Call, CallerId, Exchange, Hook
from faxhw_drivers.sim.pump import Receiver
from faxhw_drivers.sim.signals import Digit, Signal, Tone
from faxhw_drivers.sim.world import World

ANSWER_SOON = RING_LIMIT - 1.0
"""Seconds of ringing; one that ended sooner was declined."""


class Reason(IntEnum):
    """Why a call ended, as DISCONNECT_IND says it."""

    NONE = 0
    """Our own side has ended it."""
    TAKEN_ELSEWHERE = 0x3304
    UNKNOWN_NUMBER = 0x3481
    CLEARED = 0x3490
    BUSY = 0x3491
    NO_ANSWER = 0x3493
    DECLINED = 0x3495


class User(Protocol):
    """Whoever has the line just now."""

    def connected(self) -> None:
        """The call stands."""
        ...

    def digit(self, digit: str) -> None:
        """The far end presses a digit."""
        ...

    def gone(self, reason: Reason) -> None:
        """The call has ended, or there will be none; the line is not this user's any more."""
        ...


class Line:
    """One line, one call at a time."""

    def __init__(
        self,
        world: World,
        exchange: Exchange,
        number: str,
        arrived: Callable[[Line, CallerId], None],
        network: SoundNetwork | None = None,
    ) -> None:
        """``arrived`` is told of a call that comes in, and names a user for it (``take``).

        ``network``: where calls have sound. Raises ``ValueError`` if the number is taken.
        """
        self.number = number
        self.phone = exchange.subscribe(number, self)
        self.receiver = Receiver(world)
        """Hears the line."""
        self.tap = Tap()
        """Has the line's sound, in calls that were begun for it."""
        self._sound = SubscriberSound(world)
        if network is not None:
            network.add(number, self._sound)
        self._world = world
        self._exchange = exchange
        self._arrived = arrived
        self._user: User | None = None
        self._call: Call | None = None
        self._connected = False
        self._alerted: float | None = None

    @property
    def idle(self) -> bool:
        return self._user is None and self.phone.state is Hook.IDLE

    @property
    def stands(self) -> bool:
        """Whether a call stands on it."""
        return self.phone.state is Hook.TALKING

    def take(self, user: User) -> None:
        """The line is this user's from now on."""
        self._user = user

    def answer(self, *, sound: bool) -> None:
        """Take the call that rings; ``sound``: for what is to be heard on it."""
        self._begin(sound)
        self.phone.off_hook()

    def dial(self, number: str, *, sound: bool) -> None:
        """Call a number, on a line that is idle."""
        self._begin(sound)
        self.phone.off_hook()
        if self._exchange.knows(number):
            self.phone.dial(number)
        else:
            self._world.call_later(0.0, lambda: self._lost(Reason.UNKNOWN_NUMBER))

    def hang_up(self) -> None:
        """End the call, or decline the one that rings; the user is told no more."""
        self._user = None
        call = self.phone.call
        if self.phone.state is Hook.RINGING and call is not None:
            self._exchange.release(call, (call.caller,))
        self._sound.finish()
        self.phone.on_hook()

    def _begin(self, sound: bool) -> None:
        if sound:
            self._sound.begin(self.tap)
        self._connected, self._alerted = False, None
        self.receiver.new_call()

    def _lost(self, reason: Reason) -> None:
        user = self._user
        self.hang_up()
        if user is not None:
            user.gone(reason)

    def _reason(self) -> Reason:
        """Why the call is over that was ours until now."""
        if self._connected:
            return Reason.CLEARED
        if self._alerted is None:
            return Reason.BUSY
        return Reason.NO_ANSWER if self._world.now - self._alerted >= ANSWER_SOON else Reason.DECLINED

    # -- the phone's listener

    def rings(self, on: bool) -> None:
        call = self.phone.call
        if call is None:
            return
        if on and call is not self._call:
            self._call = call
            self._arrived(self, call.shown_to_called())
        elif not on and call.ended is not None and self._user is not None:
            user, self._user = self._user, None
            user.gone(Reason.CLEARED)

    def caller_id(self, caller: CallerId) -> None:
        pass  # it was told with the call

    def give_up(self) -> None:
        pass  # its user decides

    def hears(self, signal: Signal) -> None:
        self.receiver.hears(signal)
        self._sound.signal(signal, cleared=self.phone.state is Hook.CLEARED)
        if self.phone.state is Hook.CLEARED:
            self._lost(self._reason())
        elif self.phone.state is Hook.TALKING and not self._connected:
            self._connected = True
            if self._user is not None:
                self._user.connected()
        elif isinstance(signal, Digit) and self._user is not None:
            self._user.digit(signal.digit)
        elif signal is Tone.RINGBACK and self._alerted is None:
            self._alerted = self._world.now

    def hears_octets(self, octets: bytes) -> None:
        self.receiver.hears_octets(octets)
