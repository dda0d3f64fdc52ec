"""One telephone line's call, as the channel and its fax jobs share it.

Whoever talks to the device is its *user*: a call-control function for the time it runs, or a fax job for its
life. There is one user at a time. State is read and changed under ``monitor``, and every change wakes whoever
waits there.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast

from faxhw.clock import Worker
from faxhw.device import Device, Listening
from faxhw.errors import DeviceError, Error, Hangup, UsageError
from faxhw.fax.details import FaxDetails
from faxhw.terms import FarEndType

log = logging.getLogger("faxhw.channel")

_FOR_EVER = 1e9
"""Seconds: some 30 years, and less than what threads and ports can wait."""


def patience(seconds_timeout: float | None) -> float | None:
    """A script's time-out as the package takes it; raises ``UsageError`` for what is no number of seconds."""
    if seconds_timeout is None:
        return None
    if math.isnan(seconds_timeout):
        raise UsageError("a time-out that is not a number: give seconds, or None to wait for ever")
    return max(0.0, seconds_timeout) if seconds_timeout < _FOR_EVER else None


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "WAITING"
    """Nothing has rung yet."""
    CALL_INCOMING = "CALL_INCOMING"
    RING_INCOMING = "RING_INCOMING"
    """A call rings and is let ring on."""
    ANSWERING = "ANSWERING"
    ANSWERED = "ANSWERED"
    """The call stands, whichever side made it."""
    CALL_OUTGOING = "CALL_OUTGOING"
    RING_OUTGOING = "RING_OUTGOING"
    HOLDING = "HOLDING"
    """This and the next four: an analog line never enters them."""
    ON_HOLD = "ON_HOLD"
    TRANSFERRING = "TRANSFERRING"
    TRANSFERRED = "TRANSFERRED"
    RECONNECTING = "RECONNECTING"
    ERROR = "ERROR"
    """The device failed: close the channel and open it again."""
    IDLE = "IDLE"
    """There is no call."""


class CallCause(StrEnum):
    """Why a call became IDLE."""

    TIMEOUT = "TIMEOUT"
    ERROR = "ERROR"
    NORMAL = "NORMAL"
    BUSY = "BUSY"
    NOANSWER = "NOANSWER"
    UNOBTAINABLE = "UNOBTAINABLE"
    CHANGED = "CHANGED"
    OUTOFORDER = "OUTOFORDER"
    BARRED = "BARRED"
    REJECTED = "REJECTED"
    NOCHANNELS = "NOCHANNELS"
    CONGESTION = "CONGESTION"
    FAILED = "FAILED"
    OTHER = "OTHER"


@dataclass(slots=True)
class CallDetails:
    """Details of the call in hand, or else of the last one."""

    device: str
    """The device string of the line."""
    call_from: str = ""
    call_to: str = ""
    caller_name: str = ""
    rings: int = 0
    started: datetime | None = None
    """When it rang, or was dialled."""
    no_number: str = ""
    """Why ``call_from`` is empty, where that is known: ``WITHHELD`` by the caller, or ``UNAVAILABLE``."""
    distinctive_ring: str = ""
    """The ring, where the modem tells one from another: ``A``, ``1``, or its cadence in long and short, as
    ``SLS``."""
    far_end_type: FarEndType = FarEndType.UNKNOWN
    """``FAX`` once something was heard that only a fax would send, ``DATA`` (a data modem) or ``VOICE``."""
    digits: str = ""
    """Digits that were pressed at the far end before any fax, where the modem hears them."""
    incoming: bool = False
    """Whether nothing was dialled because a call came in, which ``wait_for_call`` reports at once."""
    raw_cause: str = ""
    """What the device said of the last attempt to answer or dial."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Whatever else came with the ring."""


OnFax = Callable[[FaxDetails, str], None]
"""Gets a fax's details, and its cause."""


class User(Protocol):
    """Who talks to the device."""

    def cancel(self) -> None:
        """End as soon as can be; does not wait."""
        ...


class Call:
    """The state of a line and its device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.clock = device.clock
        self.monitor = device.clock.monitor()
        self.state = CallState.IDLE
        self.cause = CallCause.NORMAL
        self.details = CallDetails(device.name)
        self.closed = False
        self.interrupted = False
        """Whether the call-control function under way was asked to end."""
        self.worker: Worker | None = None
        """The last fax job's thread."""
        self.on_fax: OnFax | None = None
        """Told of each fax that has ended, in its job's thread, before anybody else learns of it."""
        self._user: User | None = None
        self._uses = 0
        """How often somebody has taken it."""

    def fax_ended(self, details: FaxDetails, cause: str) -> None:
        """Tell of a fax; whatever comes of that, the fax has ended."""
        if self.on_fax is not None:
            try:
                self.on_fax(details, cause)
            except Exception:
                log.exception("%s: nobody could be told of a fax", self.name)

    @property
    def name(self) -> str:
        return self.device.name

    # ------------------------------------------------------------------------------------------------------
    # Users

    @contextmanager
    def control(self) -> Iterator[None]:
        """The device's use by a call-control function.

        A ``DeviceError`` leaves the call in state ERROR, any other ``Error`` in the state it was in.
        """
        with self.monitor:
            self.take(self.device)
            self.interrupted = False
            before = self.state
        try:
            yield
        except DeviceError:
            self.fail()
            raise
        except Error:
            self.move(before)
            raise
        finally:
            with self.monitor:
                self.give_back()

    def take(self, user: User) -> None:
        """Make ``user`` the device's; raises ``Error`` if it is in use. The monitor is held."""
        if self.closed:
            raise Error(f"{self.name}: the channel is closed")
        if self._user is not None:
            raise Error(f"{self.name}: the line is in use by a fax job or by another thread")
        self._user = user
        self._uses += 1

    def give_back(self) -> None:
        """The monitor is held."""
        self._user = None
        self.monitor.notify_all()

    def interrupt(self, seconds: float) -> bool:
        """Ask the device's user to end, and wait; False if it did not within ``seconds``.

        True also where another user has followed it by then: ``in_use``.
        """
        with self.monitor:
            user, use = self._user, self._uses
            self.interrupted = True
        if user is not None:
            user.cancel()
        with self.monitor:
            return self.monitor.wait_for(lambda: self._user is None or self._uses != use, seconds)

    @property
    def in_use(self) -> bool:
        """Whether somebody uses the device just now."""
        return self._user is not None

    def shut(self) -> bool:
        """Let nobody take the device any more; False if that was so already."""
        with self.monitor:
            was_open, self.closed = not self.closed, True
        return was_open

    def wait_until_free(self, seconds: float) -> bool:
        with self.monitor:
            return self.monitor.wait_for(lambda: self._user is None, seconds)

    # ------------------------------------------------------------------------------------------------------
    # State

    def move(self, state: CallState, cause: CallCause | None = None) -> CallState:
        """Enter a state; the cause, if there is one, says why."""
        with self.monitor:
            if state is not self.state:
                why = f", {cause}" if cause not in (None, CallCause.NORMAL) else ""
                log.info("%s: the call is %s%s", self.name, state, why)
            self.state = state
            if cause is not None:
                self.cause = cause
            self.monitor.notify_all()
        return state

    def fail(self) -> None:
        """The device failed."""
        self.move(CallState.ERROR, CallCause.ERROR)

    def refresh(self) -> CallState:
        """Look, if nobody uses the device, whether a call that stood still does."""
        with self.monitor:
            if self.state is not CallState.ANSWERED or self._user is not None or self.closed:
                return self.state
            self.take(self.device)
        try:
            self.listen(0.0)
            if not self.device.line_up():
                self.device.hang_up()
                self.move(CallState.IDLE, CallCause.NORMAL)
        except DeviceError as error:
            log.error("%s: the line cannot be watched: %s", self.name, error)  # noqa: TRY400
            self.fail()
        finally:
            with self.monitor:
                self.give_back()
        return self.state

    def listen(self, seconds: float | None) -> None:
        """Have the device hear what is at the far end, if it can; whoever calls uses it."""
        if not hasattr(self.device, "listen"):
            return
        heard = cast(Listening, self.device).listen(seconds)
        self.details.digits = heard.digits
        if heard.far_end_type is not FarEndType.UNKNOWN and self.details.far_end_type is not FarEndType.FAX:
            self.details.far_end_type = heard.far_end_type

    def require_answered(self) -> None:
        """Raise ``Hangup`` if there is no call, ``Error`` if there is one that is not answered."""
        state = self.refresh()
        if state is CallState.IDLE:
            raise Hangup(f"{self.name}: there is no call")
        if state is not CallState.ANSWERED:
            raise Error(f"{self.name}: the call is not answered, it is {state}")
