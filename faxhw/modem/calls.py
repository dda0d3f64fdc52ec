"""Call control of a modem, up to the fax: rings, answering, declining, dialling.

What a modem says to each becomes the words of the device contract (``faxhw.device``).
"""

from __future__ import annotations

import re

from faxhw.at.chat import Reply
from faxhw.at.replies import Result
from faxhw.at.telephone import Telephone
from faxhw.clock import Clock
from faxhw.device import CallResult, Heard, IncomingCall
from faxhw.errors import UsageError

_NUMBER = re.compile(r"[0-9*#+,W@!A-DTP ()-]{1,80}", re.IGNORECASE)
_LIFT_TIME = 1.0
"""Seconds off hook for which a declined call is taken."""

_DIAL_RESULTS: dict[Result | None, CallResult] = {
    Result.CONNECT: CallResult.CONNECTED,
    Result.BUSY: CallResult.BUSY,
    Result.NO_ANSWER: CallResult.NO_ANSWER,
    Result.NO_DIALTONE: CallResult.NO_DIALTONE,
    Result.NO_CARRIER: CallResult.NO_CARRIER,
    Result.BLACKLISTED: CallResult.BLACKLISTED,
    Result.DELAYED: CallResult.BLACKLISTED,
    Result.RING: CallResult.INCOMING,
    None: CallResult.TIMEOUT,
}


class CallControl:
    """The calls of one telephone line."""

    def __init__(self, telephone: Telephone, clock: Clock) -> None:
        self._telephone = telephone
        self._clock = clock

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        """As ``Device.wait_for_call``."""
        rung = self._telephone.wait_for_ring(timeout, rings)
        if rung is None:
            return None
        caller, heard = rung
        return IncomingCall(
            call_from=caller.call_from,
            call_to=caller.call_to,
            caller_name=caller.caller_name,
            rings=heard,
            at=self._clock.now(),
            no_number=caller.no_number,
            distinctive_ring=caller.distinctive_ring,
            fields=dict(caller.fields),
        )

    def keep_ringing(self) -> bool:
        """As ``Device.keep_ringing``."""
        return self._telephone.is_ringing()

    def take(self, timeout: float | None) -> bool:
        """Take the line without a sound, where the profile knows how; False if the call has gone."""
        if not self._telephone.rings_on(timeout):
            return False
        self._telephone.lift()
        return True

    def listen(self, timeout: float | None) -> Heard:
        """As ``Listening.listen``."""
        self._telephone.listen(timeout)
        ear = self._telephone.ear
        return Heard(ear.far_end_type, ear.digits)

    def far_end_gone(self) -> bool:
        """Whether the far end was heard to hang up before any fax."""
        return self._telephone.listen(0.0) and self._telephone.ear.gone

    def reject(self) -> None:
        """Take the line for a moment, or never, as the profile has it."""
        if self._telephone.lift():
            self._clock.sleep(_LIFT_TIME)
            self._telephone.hang_up()
        else:
            self._telephone.ignore_call()

    def dial(self, number: str, timeout: float | None) -> Reply:
        """Call a number: what the modem replies. Raises ``UsageError`` for what cannot be dialled."""
        if not _NUMBER.fullmatch(number):
            raise UsageError(
                f"{self._telephone.name}: {number!r} cannot be dialled; "
                "use digits, *#+,W@! A-D T P, blanks and -()"
            )
        return self._telephone.dial(number, timeout)


def result_of_dialling(reply: Reply) -> CallResult:
    """What the modem's reply to a number means, where CONNECT says that there is a call."""
    return _DIAL_RESULTS.get(reply.result, CallResult.FAILED)
