"""Call control of a DAHDI channel, and the sessions on its calls.

Each call gets its sound when the line is taken, each session a software modem on it. Who calls is not known:
the kernel leaves the caller's number in the sound between two rings, and it is not decoded here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from faxhw.audio.port import AudioPort
from faxhw.audio.pumping import BLOCK_TIME, LEAD, PumpedAudio, Rhythm
from faxhw.clock import Clock, Deadline
from faxhw.device import CallResult, IncomingCall, SoftLine, SoundDriver, Tap
from faxhw.errors import DeviceError, PortError
from faxhw.session import Session
from faxhw.t30 import procedures
from faxhw.t30.capabilities import able
from faxhw.t30.line import Procedure, session
from faxhw.terms import Settings
from faxhw_drivers.dsp.dahdi.calling import Caller, digits_of
from faxhw_drivers.dsp.dahdi.port import RING_PAUSE, Channel

_LIFT_TIME = 1.0
"""Seconds off hook for which a declined call is taken."""


class DahdiDevice:
    """A channel that is set up (``faxhw.device.Device``)."""

    def __init__(
        self,
        channel: Channel,
        clock: Clock,
        modem: SoundDriver,
        *,
        wait_for_dial_tone: bool = True,
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._modem = modem
        self._modulations = modem.modulations()
        self._wait_for_dial_tone = wait_for_dial_tone
        self._tap: Tap | None = None
        self._audio: AudioPort | None = None
        """The sound of the line that is taken."""
        self._pump: PumpedAudio | None = None
        """What keeps it in its rhythm."""
        self.rhythm = Rhythm()
        """How well the 20 ms were kept on the call that stands, or stood last."""
        self._line: SoftLine | None = None
        """The modem of the session under way."""
        self._up = False
        self._dialled = False
        """Whether the call is one that we made."""
        self._cancelled = False
        self._closed = False

    @property
    def name(self) -> str:
        return self._channel.name

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def description(self) -> str:
        return f"DAHDI channel {self._channel.params.channel} ({self._channel.params.name}), software modem"

    def capabilities(self) -> Settings:
        return able(self._modulations)

    # ------------------------------------------------------------------------------------------------------
    # Call control

    def wait_for_call(self, timeout: float | None, rings: int = 1) -> IncomingCall | None:
        self._check_open()
        channel, deadline = self._channel, Deadline(self._clock, timeout)
        while self._wait(channel.is_ringing, deadline.left()):
            while channel.is_ringing() and channel.rings < rings and not self._stopped():
                heard = channel.rings
                self._wait(partial(self._rang_again, heard), RING_PAUSE)
            if channel.is_ringing() and not self._stopped():
                return IncomingCall(rings=channel.rings, at=self._clock.now())
        self._cancelled = False
        return None

    def _wait(self, happened: Callable[[], bool], timeout: float | None) -> bool:
        """Wait for events of the line; False if the time is up, or after ``cancel``."""
        try:
            happens = self._channel.wait(lambda: self._stopped() or happened(), timeout)
        except PortError:
            if self._closed:
                return False
            raise
        return happens and not self._stopped()

    def _rang_again(self, heard: int) -> bool:
        return self._channel.rings > heard

    def _stopped(self) -> bool:
        return self._cancelled or self._closed

    def keep_ringing(self) -> bool:
        self._channel.take_events()
        return self._channel.is_ringing()

    def answer(self, timeout: float | None) -> CallResult:
        """Take the line, without a sound."""
        self._check_open()
        if not self.keep_ringing():
            return CallResult.NO_CARRIER
        self._call_stands(self._take_line(to_dial=False))
        return CallResult.CONNECTED

    def reject(self) -> None:
        self._channel.off_hook(to_dial=False)
        self._clock.sleep(_LIFT_TIME)
        self._channel.on_hook()

    def dial(self, number: str, timeout: float | None) -> CallResult:
        self._check_open()
        digits = digits_of(self.name, number)
        if self.keep_ringing():
            return CallResult.INCOMING
        audio = self._take_line(to_dial=True)
        caller = Caller(self._channel, audio, self._stopped)
        result = caller.call(digits, timeout, wait_for_dial_tone=self._wait_for_dial_tone)
        if result is CallResult.CONNECTED:
            audio.leave()
            self._call_stands(audio)
        else:
            self.hang_up()
        return result

    def _take_line(self, *, to_dial: bool) -> PumpedAudio:
        self._channel.off_hook(to_dial=to_dial)
        self._dialled = to_dial
        self._up = True
        self._audio = self._pump = audio = PumpedAudio(self._channel, self._clock)
        self.rhythm = audio.rhythm
        return audio

    def _call_stands(self, audio: PumpedAudio) -> None:
        if self._tap is not None:
            self._audio = self._tap(audio)

    def tap_sound(self, tap: Tap | None) -> None:
        """As ``Sounding.tap_sound``."""
        self._tap = tap

    def hang_up(self) -> None:
        self._cancelled = False
        audio, self._audio = self._audio, None
        if audio is not None:
            if self.line_up():
                self._clock.sleep((LEAD + 1) * BLOCK_TIME)  # the end of a DCN waits in the card
            audio.close()
        self._up = False
        if not self._closed:
            self._channel.on_hook()

    def check(self) -> None:
        """The channel is there, and a line is plugged into it."""
        self._check_open()
        self._channel.take_events()
        if self._channel.alarm:
            raise DeviceError(f"{self.name}: there is no telephone line (alarm); is it plugged in?")

    def line_up(self) -> bool:
        return self._up and not self._channel.gone

    # ------------------------------------------------------------------------------------------------------
    # Sessions

    def receive(self, settings: Settings) -> Session:
        return self._session(procedures.receiving(settings, dialled=self._dialled))

    def send(self, settings: Settings) -> Session:
        return self._session(procedures.sending(settings, dialled=self._dialled))

    def _session(self, procedure: Procedure) -> Session:
        audio = self._audio
        if audio is None:
            procedure.close()
            self._check_open()
            raise DeviceError(f"{self.name}: there is no call to fax on; answer or dial first")
        return self._on_line(procedure, audio)

    def _on_line(self, procedure: Procedure, audio: AudioPort) -> Session:
        self._cancelled = False  # it was meant for a session before this one
        self._line = line = self._modem.line_on(audio, calling=self._dialled)
        if self._cancelled:  # it came while there was no line yet
            self._cancelled = False
            line.cancel()
        try:
            outcome = yield from session(procedure, line)
        finally:
            self._line = None
            line.close()
            if self._pump is not None:
                self._pump.leave()
        self._up = self._up and outcome.line_up
        return outcome

    def cancel(self) -> None:
        line = self._line
        if line is not None:
            line.cancel()
        else:
            self._cancelled = True
            self._channel.wake()

    # ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self.hang_up()
        finally:
            self._channel.close()

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceError(f"{self.name}: the device was closed")
