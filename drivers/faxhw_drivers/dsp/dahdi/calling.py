"""Making a call on an analogue line: what is heard decides, for hardly any exchange says that it is answered.

By experience of such lines: the fax at the far end makes itself known (CED, or V.21 at the latest), a human
speaks; either way the call stands. A reversal of the line's polarity says so too, where the exchange makes
one. A far end that answers without a sound is known by its not ringing any more: nowhere does ringing pause
for longer than ``RINGING_PAUSE``. Where nothing at all is heard there is no call. CNG is sent from the last
digit on, as modems do it: a fax switch answers, lets the caller hear ringing still, and waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from faxhw.audio.port import SILENCE
from faxhw.audio.pumping import PumpedAudio
from faxhw.clock import Deadline
from faxhw.device import CallResult
from faxhw.errors import UsageError
from faxhw_drivers.dsp.dahdi.port import Channel
from faxhw_drivers.dsp.dahdi.tones import Progress
from faxhw_drivers.dsp.sending import CallingTone

RINGING_PAUSE = 6.0
"""Seconds; the longest pause that is known is 5 s."""
DIAL_TONE_LIMIT = 5.0
"""Seconds in which the dial tone must come."""
_DIALLING_LIMIT = 60.0
_ECHO = 3
"""Blocks for which our own tone is heard after it has ended."""
_LONGEST = 3 * 60.0
"""Seconds that a call is tried for where no limit is given: every exchange has given up by then."""

_NUMBER = re.compile(r"[TP]?[0-9*#A-D, ()-]{1,80}", re.IGNORECASE)
_PAUSE = "WWWW"
"""Two seconds, as a modem's comma."""


def digits_of(name: str, number: str) -> str:
    """A number as DAHDI dials it. Raises ``UsageError`` for what cannot be dialled."""
    plain = re.sub(r"[ ()+-]", "", number).upper()
    if not _NUMBER.fullmatch(plain):
        raise UsageError(f"{name}: {number!r} cannot be dialled; use digits, *#, A-D T P, blanks and +-()")
    how = "" if plain[0] in "TP" else "T"
    return how + plain.replace(",", _PAUSE)


class Caller:
    """Makes one call, on a line that was just taken."""

    def __init__(self, channel: Channel, audio: PumpedAudio, stopped: Callable[[], bool]) -> None:
        self._channel = channel
        self._audio = audio
        self._stopped = stopped
        self._progress = Progress()
        self._tone: CallingTone | None = None
        self._echoes = 0
        """For how many blocks yet our tone may be heard."""

    def call(self, digits: str, timeout: float | None, *, wait_for_dial_tone: bool) -> CallResult:
        """CONNECTED when the call stands; TIMEOUT if it was stopped."""
        clock = self._audio.clock
        deadline = Deadline(clock, _LONGEST if timeout is None else timeout)
        if wait_for_dial_tone:
            ready = self._until(Deadline(clock, DIAL_TONE_LIMIT), lambda: self._progress.dial_tone)
            if not ready:
                return self._failed(CallResult.NO_DIALTONE)
        self._channel.dial(digits)
        if not self._until(Deadline(clock, _DIALLING_LIMIT), lambda: not self._channel.dialling):
            return self._failed(CallResult.FAILED)
        self._audio.realign()
        self._progress, self._tone = Progress(), CallingTone()
        self._until(deadline, lambda: self._verdict() is not None)
        return self._verdict() or self._failed(
            CallResult.NO_ANSWER if self._progress.rings else CallResult.NO_CARRIER
        )

    def _failed(self, reason: CallResult) -> CallResult:
        if self._stopped():
            return CallResult.TIMEOUT
        return CallResult.NO_CARRIER if self._channel.gone else reason

    def _verdict(self) -> CallResult | None:
        progress = self._progress
        if progress.busy:
            return CallResult.BUSY
        if progress.fax or progress.voice or self._channel.answered:
            return CallResult.CONNECTED
        if progress.rings and progress.quiet_for > RINGING_PAUSE:
            return CallResult.CONNECTED
        return CallResult.NO_CARRIER if progress.steady else None

    def _until(self, deadline: Deadline, happened: Callable[[], bool]) -> bool:
        """Listen until something has happened; False if the time is up, the call gone, or it was stopped."""
        while not happened():
            if deadline.passed() or self._stopped():
                return False
            said = self._tone.next_block() if self._tone else SILENCE
            self._echoes = self._audio.lag + _ECHO if said != SILENCE else max(0, self._echoes - 1)
            block = self._audio.transfer(said)
            if not block:
                return False
            self._progress.hear(block, echo=self._echoes > 0)
        return True
