"""The line of the software modem: T.30's operations, performed on the sound of a call.

Time is counted in samples, and nothing here knows another: a call in memory runs as fast as it is worked out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from faxhw.audio.port import AudioPort
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
from faxhw_drivers.dsp import sending
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.dsp.receiving import Ears, Strange, Untrained
from faxhw_drivers.dsp.sending import CallingTone, StandingFlags
from faxhw_drivers.dsp.sound import Gone, Sound

_CLIPPED, _CLIPPINGS = 7, 6
"""Samples that short training begins later each time, in turn: far ends that run libspandsp 0.0.6 themselves
miss it, or not, by the sample at which they notice the carrier, and would miss each repetition as well."""

log = logging.getLogger("faxhw.dsp")


class SoundLine:
    """Performs operations on a call that stands (``faxhw.device.SoftLine``); made anew for each call."""

    def __init__(self, port: AudioPort, library: Library, *, calling: bool) -> None:
        self._library = library
        self._sound = Sound(port)
        self._ears = Ears(self._sound, library)
        self._flags: StandingFlags | None = None
        self._tone = CallingTone() if calling else None
        """CNG, until the called station has said something."""
        self._short_trainings = 0
        self._gone = False
        self._handlers: dict[type[Operation], Callable[[Any], Answer]] = {
            TellTime: self._done,
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

    def cancel(self) -> None:
        """As ``SoftLine.cancel``: seen at the next block of what may last."""
        self._sound.cancel()

    def close(self) -> None:
        """Let go of what the modem holds; the port stays open. Raises ``PortError`` if that has failed."""
        flags, self._flags = self._flags, None
        self._gone = True
        if flags is not None:
            try:
                flags.take_over()
            except Gone:
                log.debug("%s: the call was gone before its flags had ended", self._sound.name)

    def perform(self, operation: Operation) -> Answer:
        """As ``Line.perform``."""
        if self._gone:
            return Disconnected(time=self._sound.time)
        try:
            if not isinstance(operation, TellTime):
                self._make_way_for(operation)
                self._sound.check()
            answer = self._handlers[type(operation)](operation)
        except Strange:
            answer = OtherCarrier(time=self._sound.time)
        except Untrained:
            answer = CarrierLost(time=self._sound.time)
        except Gone:
            self._gone = True
            answer = Disconnected(time=self._sound.time)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %.2f s: %s", self._sound.name, answer.time, summary(operation, answer))
        return answer

    def _make_way_for(self, operation: Operation) -> None:
        """End what stands on the line unless it is continued."""
        if not isinstance(operation, ReceiveFrames | ReceiveMore):
            self._ears.continues = False
        if self._flags is not None and not isinstance(operation, SendFrames):
            flags, self._flags = self._flags, None
            flags.take_over()
            sending.finish(self._sound, flags.sender)

    # ------------------------------------------------------------------------------------------------------
    # Operations

    def _done(self, _: Operation) -> Answer:
        return Done(time=self._sound.time)

    def _answer_tone(self, operation: AnswerTone) -> Answer:
        self._sound.begin()
        self._ears.know_the_silence(sending.BEFORE_CED)
        sending.answer_tone(self._sound)
        return self._done(operation)

    def _send_flags(self, operation: SendFlags) -> Answer:
        self._flags = StandingFlags(self._sound, self._library)
        return self._done(operation)

    def _send_frames(self, operation: SendFrames) -> Answer:
        flags, self._flags = self._flags, None
        if flags is not None:
            flags.take_over()
        sending.send_frames(self._sound, self._library, operation, flags)
        self._ears.said = operation.frames
        return self._done(operation)

    def _send_page(self, operation: SendPage) -> Answer:
        clipped = _CLIPPED * (self._short_trainings % _CLIPPINGS) if operation.short_training else 0
        self._short_trainings += operation.short_training
        sending.send_page(self._sound, self._library, operation, clipped=clipped)
        return self._done(operation)

    def _receive_frames(self, operation: ReceiveFrames) -> Answer:
        frames = self._ears.receive_frames(operation.timeout, self._tone)
        if not frames:
            return Nothing(time=self._sound.time)
        self._tone = None
        return Heard(frames, time=self._sound.time)

    def _receive_page(self, operation: ReceivePage) -> Answer:
        octets = self._ears.receive_page(operation)
        return Data(octets, time=self._sound.time) if octets else Nothing(time=self._sound.time)

    def _receive_more(self, _: ReceiveMore) -> Answer:
        octets = self._ears.receive_more()
        if octets:
            return Data(octets, time=self._sound.time)
        return CarrierLost(self._ears.figures(), time=self._sound.time)

    def _stop_receiving(self, operation: StopReceiving) -> Answer:
        self._ears.stop()
        return self._done(operation)

    def _pause(self, operation: Pause) -> Answer:
        self._sound.pause(operation.seconds)
        return self._done(operation)
