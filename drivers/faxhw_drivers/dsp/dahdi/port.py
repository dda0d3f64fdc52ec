"""A DAHDI channel: hook, dialling, events, and blocks of sound (``faxhw.audio.pumping.Duplex``).

A channel's events stand in front of its sound: neither reading nor writing succeeds while one waits. So
whoever polls or reads takes the events too, and what they mean for the call is kept here. Off the hook that
is the thread that reads the sound, on the hook whoever waits for a call.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from contextlib import suppress

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, BLOCK_OCTETS
from faxhw.clock import Clock, Deadline
from faxhw.errors import PortError
from faxhw_drivers.dsp.dahdi import ioctls
from faxhw_drivers.dsp.dahdi.files import ChannelFile
from faxhw_drivers.dsp.dahdi.ioctls import Event, Flush, Hook, Ioctl, Params

log = logging.getLogger("faxhw.dahdi")

BUFFERS = 16
"""Blocks that the kernel keeps each way: 320 ms for which the process may stall and still hear everything."""
RING_PAUSE = 6.5
"""Seconds after the beginning or the end of a ring by which the next one has come, if there is a next one."""
_RING_LENGTH = 3.0
SETTLING = 1.0
"""Seconds after the line was taken in which a reversal of its polarity belongs to that."""
_HOOK_TIME = 2.0
"""Seconds in which a change of the hook must be done; DAHDI takes 0.6 s."""
_MOST_EVENTS = 64
"""As many as DAHDI keeps."""


class Channel:
    """An open channel. ``wake`` and ``stop`` may come from any thread."""

    def __init__(self, name: str, file: ChannelFile, clock: Clock, params: Params, law: Law | None) -> None:
        self.name = name
        self.params = params
        self.rings = 0
        """How often the call has rung that rings, or rang last."""
        self.answered = False
        """Whether a reversal of polarity has said that our call was answered."""
        self.gone = ""
        """Why there is no call any more."""
        self.dialling = False
        self.alarm = bool(params.alarms)
        """Whether the card misses the line."""
        self._file = file
        self._clock = clock
        self._law = law
        self._rung_at: float | None = None
        self._ring_stands = False
        self._looked_at = clock.monotonic()
        """When events were taken last, or came."""
        self._off_hook_at: float | None = None
        self._ours = False
        self._hook_done = False
        self._stopped = False
        self._partial = b""

    # -- the hook

    def off_hook(self, *, to_dial: bool) -> None:
        """Take the line, and wait until that is done."""
        self._rung_at = None
        self._ring_stands = self._hook_done = self._stopped = self.dialling = self.answered = False
        self._ours = to_dial
        self.gone, self._partial = "", b""
        self._off_hook_at = self._clock.monotonic()
        self._set(ioctls.HOOK, Hook.OFF)
        self.wait(lambda: self._hook_done or bool(self.gone), _HOOK_TIME)
        self._set(ioctls.FLUSH, Flush.READ | Flush.WRITE)

    def on_hook(self) -> None:
        """Release the line; what waits to be said is not said any more."""
        self._off_hook_at = None
        self.dialling = False
        self._set(ioctls.HOOK, Hook.ON)

    def dial(self, digits: str) -> None:
        """Begin to dial, the line taken; ``dialling`` until that is done. ``W`` is half a second's pause.

        Nothing can be said meanwhile: DAHDI takes a write for the wish to dial no more.
        """
        operation = ioctls.DIAL_OPERATION.pack(ioctls.DIAL_REPLACE, digits.encode("ascii"))
        self.dialling = True
        self._do(ioctls.DIAL, bytearray(operation))

    # -- rings and other events

    def is_ringing(self) -> bool:
        """Whether there is a call that has not been answered, as of the events that were taken."""
        return self._rung_at is not None and self._clock.monotonic() - self._rung_at < RING_PAUSE

    def wait(self, happened: Callable[[], bool], timeout: float | None) -> bool:
        """Take events until ``happened()``; False if the time is up. Looks again after every ``wake``."""
        deadline = Deadline(self._clock, timeout)
        while True:
            self.take_events()
            if happened():
                return True
            if deadline.passed():
                return False
            self._poll(deadline.left(), readable=False)

    def wake(self) -> None:
        """Make ``wait`` look again."""
        self._file.wake()

    def take_events(self) -> None:
        """Take the events that wait, and keep what they mean. Raises ``PortError`` if the channel is gone."""
        last = Event.NONE
        for _ in range(_MOST_EVENTS):
            number = bytearray(ioctls.GETEVENT.argument.size)
            self._do(ioctls.GETEVENT, number)
            (event,) = ioctls.GETEVENT.argument.unpack(number)
            if event == Event.NONE:
                break
            self._take(event)
            last = event
        self._looked_at = self._clock.monotonic()
        if last == Event.RINGBEGIN and self._ring_stands:
            self._rung_at = self._looked_at  # a ring that has not ended is now

    def _take(self, event: int) -> None:
        log.debug("%s: event %s", self.name, event if event not in set(Event) else Event(event).name)
        match event:
            case Event.RINGBEGIN | Event.RINGOFFHOOK if self._off_hook_at is None:
                self._rings(begins=event == Event.RINGBEGIN)
            case Event.HOOKCOMPLETE:
                self._hook_done = True
            case Event.DIALCOMPLETE:
                self.dialling = False
            case Event.POLARITY:
                self._polarity_reversed()
            case Event.ONHOOK:
                self._call_ends("the exchange has broken the loop")
            case Event.ALARM:
                self.alarm = True
                log.warning("%s: alarm: is the telephone line plugged in?", self.name)
                self._call_ends("there is no line any more")
            case Event.NOALARM:
                self.alarm = False
            case Event.REMOVED:
                raise PortError(f"{self.name}: the channel was removed; is the card still there?")

    def _rings(self, *, begins: bool) -> None:
        """A ring begins or ends. Events do not say when they were; if nobody looked for long, a call may be
        over of which they tell. So each is taken to have been no later than the one before lets it be."""
        ends = self._ring_stands and not begins  # some cards report the end of a ring only
        if self._rung_at is None or self._looked_at - self._rung_at >= RING_PAUSE:
            self.rings, self._rung_at = 0, self._looked_at
        else:
            latest = self._rung_at + (_RING_LENGTH if ends else RING_PAUSE)
            self._rung_at = min(latest, self._clock.monotonic())
        self.rings += not ends
        self._ring_stands = begins

    def _polarity_reversed(self) -> None:
        if self._off_hook_at is None or self.dialling:
            return
        if self._ours and not self.answered:
            self.answered = True
        elif self._clock.monotonic() - self._off_hook_at > SETTLING:
            self._call_ends("the exchange has reversed the polarity")

    def _call_ends(self, why: str) -> None:
        if self._off_hook_at is not None and not self.gone:
            self.gone = why
            log.info("%s: the call is over: %s", self.name, why)

    # -- sound

    def read_block(self) -> bytes:
        """As ``Duplex.read_block``."""
        octets = BLOCK if self._law else BLOCK_OCTETS
        while not (self._stopped or self.gone):
            try:
                self._partial += self._file.read(octets - len(self._partial))
            except BlockingIOError:
                self._poll(None, readable=True)
            except OSError as error:
                if error.errno != ioctls.ELAST:
                    raise self._failed(error) from error
                self.take_events()
            if len(self._partial) == octets:
                block, self._partial = self._partial, b""
                return expand(block, self._law) if self._law else block
        return b""

    def write_block(self, block: bytes) -> bool:
        """As ``Duplex.write_block``."""
        if self.dialling or self._off_hook_at is None:
            return False
        coded = compress(block, self._law) if self._law else block
        for _ in range(_MOST_EVENTS):
            try:
                return self._file.write(coded) == len(coded)
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno != ioctls.ELAST:
                    raise self._failed(error) from error
                self.take_events()
        return False

    def discard_output(self) -> None:
        """As ``Duplex.discard_output``."""
        if not self.dialling:
            self._set(ioctls.FLUSH, Flush.WRITE)

    def stop(self) -> None:
        """As ``Duplex.stop``; until the line is taken the next time."""
        self._stopped = True
        self._file.wake()

    # --

    def close(self) -> None:
        """Hang up and release the channel; whatever waits on it fails."""
        self.stop()
        with suppress(PortError):
            self.on_hook()
        self._file.close()

    def _poll(self, timeout: float | None, *, readable: bool) -> None:
        try:
            self._file.poll(timeout, readable=readable)
            self._looked_at = self._clock.monotonic()
        except OSError as error:
            raise self._failed(error) from error

    def _set(self, ioctl: Ioctl, value: int) -> None:
        self._do(ioctl, bytearray(ioctl.argument.pack(value)))

    def _do(self, ioctl: Ioctl, argument: bytearray) -> None:
        try:
            self._file.ioctl(ioctl.request, argument)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:  # HOOK, which is done when HOOKCOMPLETE says so
                raise self._failed(error, ioctl) from error

    def _failed(self, error: OSError, ioctl: Ioctl | None = None) -> PortError:
        what = f"{ioctl.name}: " if ioctl else ""
        return PortError(
            f"{self.name}: the channel failed ({what}{error.strerror}); is the card still there?"
        )
