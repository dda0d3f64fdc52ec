"""The line of a Class 1 modem: T.30's operations, performed by AT commands.

From a modem's result to the next command lie a few generator steps and one write: nothing is asked, parsed or
logged in between that could wait. Class 1 has no word for a call that is gone, and DCD tells of carriers, not
of calls; here it counts as gone when the modem refuses to send or to listen several times over, or hears a
busy tone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from faxhw.at.replies import Result
from faxhw.t30.line import (
    Answer,
    AnswerTone,
    CarrierLost,
    Data,
    Disconnected,
    Done,
    Heard,
    Nothing,
    Operation,
    OtherCarrier,
    Pause,
    ReceiveFrames,
    ReceiveMore,
    ReceivePage,
    SendFlags,
    SendFrames,
    SendPage,
    StopReceiving,
    TellTime,
)
from faxhw.t30.summary import summary
from faxhw_drivers.class1 import receiving, sending
from faxhw_drivers.class1.frames import FrameCheck
from faxhw_drivers.class1.modem import CallGone, Modem, Standing
from faxhw_drivers.class1.receiving import Untrained, WrongCarrier

_ANSWER_WAIT = 20.0
"""Seconds from ATA to CONNECT: off hook, about 2 s of silence, CED for up to 4 s, and a modem's own ways."""
_LAST_ANSWER_WAIT = 6.0
"""What is left of it for a job that is told to stop, which must have ended in 10 s."""
_SILENCE_SLACK = 2.0
"""Seconds over its time that +FTS or +FRS may take: a far end that goes on sending keeps +FRS waiting."""
_COMMAND_TIME = 0.010
"""Seconds that a command and its result take at the least, and that the modem adds to a silence thereby."""
_SILENCE_LOOK = 0.3
"""Seconds within which a line that is silent has been so for the 10 ms that +FRS=1 asks for."""
_STALE = 1.5
"""Seconds after which frames that nobody has read are not read any more: their sender has gone on."""


class Class1Line:
    """Performs operations on the call that stands; made anew for each call."""

    def __init__(self, modem: Modem, *, answer: str = "", hears_frames: bool = False) -> None:
        """``answer``: the command for ``AnswerTone``. ``hears_frames``: dialling just ended in CONNECT."""
        self._modem = modem
        self._chat = modem.chat
        self._clock = modem.clock
        self._traits = modem.traits
        self._answer = answer
        self._check = FrameCheck(modem.traits.fcs)
        self._keep_silent: Callable[[float], None] = self._clock.sleep
        self._host_keeps_silence = False
        self._missed_page = False
        """Whether a carrier stood when a page was waited for in vain: the modem may say nothing of it."""
        if hears_frames:
            receiving.begin(self._modem, Standing.HEARING_FRAMES)
        self._handlers: dict[type[Operation], Callable[[Any], Answer]] = {
            TellTime: self._tell_time,
            AnswerTone: self._answer_tone,
            SendFlags: self._send_flags,
            SendFrames: self._send_frames,
            ReceiveFrames: self._receive_frames,
            SendPage: self._send_page,
            ReceivePage: self._receive_page,
            ReceiveMore: self._receive_more,
            StopReceiving: self._stop_receiving,
            Pause: self._pause,
        }

    @property
    def taken(self) -> bool:
        """Whether the call has been answered, or was dialled."""
        return not self._answer

    def perform(self, operation: Operation) -> Answer:
        handler = self._handlers[type(operation)]
        modem = self._modem
        if modem.standing is not Standing.NOTHING:
            self._leave_unless_continued_by(operation)
        try:
            modem.cancelled()
            answer = handler(operation)
        except WrongCarrier:
            self._keep_silent = self._clock.sleep
            answer = OtherCarrier(time=self._clock.monotonic())
        except Untrained:
            self._keep_silent = self._silence_after_receiving
            answer = CarrierLost(time=self._clock.monotonic())
        except CallGone:
            answer = Disconnected(time=self._clock.monotonic())
        if self._chat.log.isEnabledFor(logging.DEBUG):
            self._chat.log.debug("%s", summary(operation, answer))
        return answer

    def leave(self) -> None:
        """Bring the modem to command state, whatever stands."""
        if self._modem.standing is not Standing.NOTHING:
            self._modem.leave()

    def _leave_unless_continued_by(self, operation: Operation) -> None:
        standing = self._modem.standing
        fresh = self._clock.monotonic() - self._modem.stands_since < _STALE
        match operation:
            case TellTime():
                continues = True
            case SendFrames():
                continues = standing is Standing.SENDING_FRAMES
            case ReceiveFrames():
                continues = standing is Standing.HEARING_FRAMES and fresh
            case ReceiveMore() | StopReceiving():
                continues = standing is Standing.HEARING_PAGE
            case _:
                continues = False
        if not continues or self._chat.interrupted:
            self._modem.leave()

    # ------------------------------------------------------------------------------------------------------
    # Operations

    def _tell_time(self, _: TellTime) -> Answer:
        return Done(time=self._clock.monotonic())

    def _answer_tone(self, _: AnswerTone) -> Answer:
        if self._answer:
            command, self._answer = self._answer, ""
            result = self._chat.command(command, _ANSWER_WAIT, interruptible=True).result
            if result is None and self._chat.interrupted:  # breaking off would drop the line
                result = self._chat.result(_LAST_ANSWER_WAIT).result
            if result is Result.CONNECT:
                self._modem.stand(Standing.SENDING_FRAMES)
            elif result is None:
                self._modem.leave()
                raise CallGone
            elif result is Result.NO_CARRIER:
                raise CallGone
            # Refused: a modem that has taken the line already still sends frames, only without the tone.
        return Done(time=self._clock.monotonic())

    def _send_flags(self, _: SendFlags) -> Answer:
        sending.send_flags(self._modem)
        return Done(time=self._clock.monotonic())

    def _send_frames(self, operation: SendFrames) -> Answer:
        sending.send_frames(self._modem, operation)
        self._keep_silent = self._silence_before_sending
        return Done(time=self._clock.monotonic())

    def _send_page(self, operation: SendPage) -> Answer:
        sending.send_page(self._modem, operation)
        self._modem.cancelled()
        self._keep_silent = self._silence_before_sending
        return Done(time=self._clock.monotonic())

    def _receive_frames(self, operation: ReceiveFrames) -> Answer:
        frames = receiving.receive_frames(self._modem, operation, self._check)
        if not frames:
            self._keep_silent = self._clock.sleep
            if self._missed_page:
                self._look_for_carrier()
            return Nothing(time=self._clock.monotonic())
        self._missed_page = False
        self._keep_silent = self._silence_after_receiving
        return Heard(frames, time=self._clock.monotonic())

    def _receive_page(self, operation: ReceivePage) -> Answer:
        octets = receiving.receive_page(self._modem, operation)
        if not octets:
            self._keep_silent = self._clock.sleep
            self._look_for_carrier()
            return Nothing(time=self._clock.monotonic())
        self._keep_silent, self._missed_page = self._silence_after_receiving, False
        return Data(octets, time=self._clock.monotonic())

    def _look_for_carrier(self) -> None:
        """Raise ``WrongCarrier`` if the line is not silent, after a page was waited for in vain.

        Where a burst hits its training, many modems say nothing of its carrier until that has dropped, which
        may be long after T2. +FRS tells: it waits for silence.
        """
        self._missed_page = False
        if self._traits.silence_after_receiving != "+FRS" or self._host_keeps_silence:
            return
        if self._chat.command("+FRS=1", _SILENCE_LOOK).result is None:
            self._modem.leave()
            self._missed_page = True
            raise WrongCarrier

    def _receive_more(self, _: ReceiveMore) -> Answer:
        octets = receiving.receive_more(self._modem) if self._modem.standing is Standing.HEARING_PAGE else b""
        now = self._clock.monotonic()
        return Data(octets, time=now) if octets else CarrierLost(time=now)

    def _stop_receiving(self, _: StopReceiving) -> Answer:
        self.leave()
        self._keep_silent = self._clock.sleep
        return Done(time=self._clock.monotonic())

    # ------------------------------------------------------------------------------------------------------
    # Silence: by +FRS after a reception, by +FTS after a transmission, by the host where nothing went before

    def _pause(self, operation: Pause) -> Answer:
        self._keep_silent(operation.seconds)
        self._keep_silent = self._clock.sleep
        return Done(time=self._clock.monotonic())

    def _silence_after_receiving(self, seconds: float) -> None:
        self._silence(self._traits.silence_after_receiving, seconds)

    def _silence_before_sending(self, seconds: float) -> None:
        self._silence(self._traits.silence_before_sending, seconds)

    def _silence(self, command: str, seconds: float) -> None:
        if command == "host" or self._host_keeps_silence:
            self._clock.sleep(seconds)
            return
        hundredths = max(1, int((seconds - _COMMAND_TIME) * 100 + 1e-6))
        result = self._chat.command(f"{command}={hundredths}", seconds + _SILENCE_SLACK).result
        if result is None:
            self._modem.leave()
        elif result is Result.ERROR:
            self._chat.log.warning("the modem refuses AT%s: the host keeps the silences itself", command)
            self._host_keeps_silence = True
            self._clock.sleep(seconds)
