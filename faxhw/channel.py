"""``Channel``: what a call-control script holds. One telephone line, its call, and faxes on it.

Call control here stands on the device contract (``faxhw.device``) and on the state that the channel shares
with its fax jobs (``faxhw.fax.call``). Whatever happens, closing the channel releases the line.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import cast

from faxhw.clock import Deadline
from faxhw.device import CallResult, Declining, Device, Explaining
from faxhw.errors import DeviceError, Error, Hangup, UsageError
from faxhw.fax.call import Call, CallCause, CallDetails, CallState, OnFax, log, patience
from faxhw.fax.job import STOP_TIME
from faxhw.fax.receiver import CallFaxReceiver
from faxhw.fax.sender import CallFaxSender
from faxhw.finding import open_device
from faxhw.terms import FarEndType

_RESULT_CAUSES = {
    CallResult.CONNECTED: CallCause.NORMAL,
    CallResult.BUSY: CallCause.BUSY,
    CallResult.NO_ANSWER: CallCause.NOANSWER,
    CallResult.NO_DIALTONE: CallCause.OUTOFORDER,
    CallResult.NO_CARRIER: CallCause.OTHER,
    CallResult.BLACKLISTED: CallCause.BARRED,
    CallResult.REJECTED: CallCause.REJECTED,
    CallResult.UNOBTAINABLE: CallCause.UNOBTAINABLE,
    CallResult.CHANGED: CallCause.CHANGED,
    CallResult.CONGESTION: CallCause.CONGESTION,
    CallResult.NO_CHANNELS: CallCause.NOCHANNELS,
    CallResult.INCOMING: CallCause.CONGESTION,
    CallResult.TIMEOUT: CallCause.TIMEOUT,
    CallResult.FAILED: CallCause.FAILED,
}
_NUMBER = re.compile(r"[0-9A-Da-d*#+,!@WwPpTt() -]{1,64}")
"""Digits, and what modems take for pauses and waits; nothing that could end or add a command."""
LOOK = 1.0
"""Seconds between looks at a line on which nothing is under way."""
_RINGING = (CallState.CALL_INCOMING, CallState.RING_INCOMING)


def open_channel(device: str, /, **options: object) -> Channel:
    """Open a device by its device string (``class1:/dev/ttyACM0``) as a channel.

    ``options`` are the driver's own. Raises ``UsageError`` for a driver or option that there is not,
    ``DeviceError`` if there is no such device or it cannot be opened.
    """
    return Channel(open_device(device, **options))


def check_number(number: str) -> None:
    """Raise ``UsageError`` for what cannot be dialled."""
    if not _NUMBER.fullmatch(number):
        raise UsageError(f"{number!r} is not a telephone number: give digits, *, #, + and pauses (,)")


class Channel:
    """One telephone line under a script's control; a context manager that closes it."""

    State = CallState
    Cause = CallCause

    def __init__(self, device: Device) -> None:
        self._call = Call(device)
        self.FaxReceiver = CallFaxReceiver(self._call)
        self.FaxSender = CallFaxSender(self._call)

    @property
    def name(self) -> str:
        """The device string of the line."""
        return self._call.name

    def tell_of_faxes(self, on_fax: OnFax | None) -> None:
        """Have ``on_fax(details, cause)`` called with each fax that ends, in the fax's thread.

        The fax is over for everybody else once it has returned; what it raises is only logged.
        """
        self._call.on_fax = on_fax

    @property
    def Details(self) -> CallDetails:  # noqa: N802 - the documented name
        """Details of the call in hand, or else of the last one."""
        return self._call.details

    def state(self) -> CallState:
        """Where the call stands now."""
        return self._call.refresh()

    def cause(self) -> CallCause:
        """Why the last call became IDLE; NORMAL before."""
        return self._call.cause

    # ------------------------------------------------------------------------------------------------------
    # Incoming calls

    def wait_for_call(self, seconds_timeout: float | None = None, rings: int = 1) -> CallState:
        """Wait for a call to ring ``rings`` times: CALL_INCOMING, or WAITING if ``seconds_timeout`` passed.

        CALL_INCOMING at once if one rings already, as for an application that ``faxhw serve`` has started.
        IDLE if another thread hung up meanwhile. Raises ``Error`` if a call stands.
        """
        timeout = patience(seconds_timeout)
        if self._call.state is CallState.CALL_INCOMING:
            return CallState.CALL_INCOMING
        self._require(CallState.IDLE, CallState.WAITING)
        call = self._call
        with call.control():
            call.move(CallState.WAITING, CallCause.NORMAL)
            ring = call.device.wait_for_call(timeout, rings)
            if ring is None:
                return call.move(CallState.IDLE if call.interrupted else CallState.WAITING)
            call.details = CallDetails(
                device=self.name,
                call_from=ring.call_from,
                call_to=ring.call_to,
                caller_name=ring.caller_name,
                no_number=ring.no_number,
                distinctive_ring=ring.distinctive_ring,
                rings=ring.rings,
                started=ring.at or call.clock.now(),
                fields=dict(ring.fields),
            )
            log.info("%s: a call from %s", self.name, ring.call_from or "an unknown number")
            return call.move(CallState.CALL_INCOMING)

    def ring(self) -> CallState:
        """Let the call ring on: RING_INCOMING, or IDLE if the caller has given up.

        Raises ``Hangup`` if the call is IDLE, ``Error`` if it does not ring.
        """
        self._require_ringing()
        with self._call.control():
            if self._call.device.keep_ringing():
                return self._call.move(CallState.RING_INCOMING)
            return self._call.move(CallState.IDLE, CallCause.NORMAL)

    def answer(self, seconds_timeout: float | None = 60) -> CallState:
        """Answer the call that rings: ANSWERED, or IDLE with a cause.

        The line is taken silently where the device can, and the fax answer tone begins with the fax job;
        where it cannot, the line is taken when the job starts. A modem with voice class hears meanwhile what
        is at the far end (``listen``). Raises as ``ring`` does.
        """
        timeout = patience(seconds_timeout)
        self._require_ringing()
        with self._call.control():
            self._call.move(CallState.ANSWERING)
            return self._result(self._call.device.answer(timeout))

    def listen(self, seconds_timeout: float | None = 10) -> FarEndType:
        """Find out what calls: FAX, DATA or VOICE, as soon as it is heard; else UNKNOWN.

        For a call that was answered and on which no fax has begun. Only a modem that takes the line in voice
        class hears anything: of any other it is UNKNOWN at once. A person may say nothing, and many a fax
        sounds no calling tone: UNKNOWN after ``seconds_timeout`` tells little. ``Details.far_end_type`` has
        it too, and ``Details.digits`` what was dialled meanwhile; ``state()`` looks for news of both. A fax
        may be received after any. Raises ``Hangup`` if the call is IDLE, by then or before, ``Error`` if it
        is not answered.
        """
        timeout = patience(seconds_timeout)
        self._call.require_answered()
        with self._call.control():
            self._call.listen(timeout)
        if self._call.interrupted:
            raise Hangup(f"{self.name}: the call was ended by another thread")
        self._call.require_answered()
        return self.Details.far_end_type

    def reject(self, cause: CallCause | None = None) -> CallState:
        """Decline the call that rings; an analog line cannot tell the caller why. Raises as ``ring`` does."""
        self._require_ringing()
        with self._call.control():
            device = self._call.device
            if cause is not None and hasattr(device, "decline"):
                cast(Declining, device).decline(str(CallCause(cause)))
            else:
                device.reject()
            return self._call.move(CallState.IDLE, CallCause(cause or CallCause.REJECTED))

    # ------------------------------------------------------------------------------------------------------
    # Outgoing calls

    def call(self, call_to: str, call_from: str = "", seconds_timeout: float | None = 120) -> CallState:
        """Call a number: ANSWERED, or IDLE with a cause such as BUSY, NOANSWER or OUTOFORDER (no dial tone).

        A call that comes in before it is dialled goes first: IDLE with CONGESTION and ``Details.incoming``,
        and ``wait_for_call`` reports it at once. Only where the modem has gone off hook in the very moment of
        the ring, that call is answered by it and lost.
        ``call_from`` is kept in ``Details``: an analog line cannot tell it. Raises ``UsageError`` for what is
        no number, ``Error`` unless the call is IDLE or WAITING.
        """
        check_number(call_to)
        timeout = patience(seconds_timeout)
        self._require(CallState.IDLE, CallState.WAITING)
        call = self._call
        with call.control():
            call.details = CallDetails(
                device=self.name, call_from=call_from, call_to=call_to, started=call.clock.now()
            )
            log.info("%s: calling %s", self.name, call_to)
            call.move(CallState.CALL_OUTGOING, CallCause.NORMAL)
            return self._result(call.device.dial(call_to, timeout))

    # ------------------------------------------------------------------------------------------------------
    # The end

    def hang_up(self) -> CallState:
        """Release the line, ending a fax job first; safe when IDLE, and from any thread.

        Raises ``DeviceError`` if the device failed.
        """
        call = self._call
        if call.state is CallState.IDLE:
            return CallState.IDLE
        if not call.interrupt(STOP_TIME):
            if call.shut():
                self._let_go(free=False)
            raise DeviceError(f"{self.name}: the device did not let go of the line and was closed")
        if call.in_use:  # whoever had the call has ended it, and waits for the next already
            return call.state
        with call.control():
            call.device.hang_up()
            return call.move(CallState.IDLE)

    def check(self) -> None:
        """Between calls: make sure that the device is there and set up as it was (``Device.check``).

        Raises ``DeviceError`` if it is not, ``Error`` unless the call is IDLE or WAITING.
        """
        self._require(CallState.IDLE, CallState.WAITING)
        with self._call.control():
            self._call.device.check()

    def wait_for_idle(self, seconds_timeout: float | None = None) -> CallState:
        """Wait until there is no call: IDLE (or ERROR), else the state after ``seconds_timeout``."""
        call = self._call
        deadline = Deadline(call.clock, patience(seconds_timeout))
        over = (CallState.IDLE, CallState.ERROR)
        while call.refresh() not in over and not deadline.passed():
            left = deadline.left()
            with call.monitor:
                call.monitor.wait_for(lambda: call.state in over, LOOK if left is None else min(left, LOOK))
        return call.state

    def close(self) -> None:
        """End whatever is under way, release the line and the device; safe to repeat, and from any thread."""
        if not self._call.shut():
            return
        free = False
        try:
            free = self._call.interrupt(STOP_TIME)
        finally:
            self._let_go(free=free)

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------

    def _let_go(self, *, free: bool) -> None:
        """Close the device; hang up first if it is ``free`` of users."""
        call = self._call
        try:
            if free:
                call.device.hang_up()
        except Error as error:
            log.warning("%s: hanging up failed: %s", self.name, error)
        finally:
            call.device.close()
            self._leave_nobody()
            call.move(CallState.IDLE)

    def _leave_nobody(self) -> None:
        """Without its device, a session that heeded nothing else ends by a ``PortError``."""
        call = self._call
        ended = call.wait_until_free(STOP_TIME)
        if ended and call.worker is not None:
            ended = call.worker.join(STOP_TIME)
        if not ended:
            log.error("%s: a thread still uses the closed device", self.name)

    def _result(self, result: CallResult) -> CallState:
        self._call.details.raw_cause = str(result)
        self._call.details.incoming = result is CallResult.INCOMING
        if result is CallResult.CONNECTED:
            return self._call.move(CallState.ANSWERED, CallCause.NORMAL)
        if hasattr(self._call.device, "call_reason"):
            said = cast(Explaining, self._call.device).call_reason()
            self._call.details.raw_cause = said or str(result)
        return self._call.move(CallState.IDLE, _RESULT_CAUSES[result])

    def _require_ringing(self) -> None:
        if self._call.state is CallState.IDLE:
            raise Hangup(f"{self.name}: there is no call")
        self._require(*_RINGING)

    def _require(self, *states: CallState) -> None:
        state = self._call.refresh()
        if state not in states:
            raise Error(f"{self.name}: the call must be {' or '.join(states)}, it is {state}")
