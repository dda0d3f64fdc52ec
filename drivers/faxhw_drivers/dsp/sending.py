"""Sending: CED, V.21 frames, and pages."""

from __future__ import annotations

from faxhw.clock import Worker
from faxhw.errors import PortError
from faxhw.t30.line import SendFrames, SendPage
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.dsp.modems import tones
from faxhw_drivers.dsp.modems.frames import FrameSender
from faxhw_drivers.dsp.modems.pages import PageSender
from faxhw_drivers.dsp.sound import Gone, Sound

BEFORE_CED = 1.8
"""Seconds of silence from the call's beginning to CED: 1.8 to 2.5 (T.30 clause 4.3.3.2)."""
_CED, _AFTER_CED = 3.0, 0.075
_CNG_ON, _CNG_OFF = 25, 150
"""Blocks: half a second in 3.5 (T.30 clause 4.3.3.3)."""


def answer_tone(sound: Sound) -> None:
    """CED, and the silence after it. Raises ``Cancelled``."""
    block = tones.sound(tones.Tone.CED)
    ends = sound.time + _CED
    while sound.time < ends:
        sound.check()
        sound.say(block)
    sound.pause(_AFTER_CED)


class CallingTone:
    """CNG, a block at a time."""

    def __init__(self) -> None:
        self._tone = tones.sound(tones.Tone.CNG)
        self._silence = bytes(len(self._tone))
        self._blocks = 0

    def next_block(self) -> bytes:
        sounds = self._blocks % (_CNG_ON + _CNG_OFF) < _CNG_ON
        self._blocks += 1
        return self._tone if sounds else self._silence


class StandingFlags:
    """Flags that a thread keeps on the line while the job thinks."""

    def __init__(self, sound: Sound, library: Library) -> None:
        self._sound = sound
        self.sender = FrameSender(library)
        self._failure: Gone | PortError | None = None
        self._wanted = True
        sound.begin()
        sound.say(self.sender.next_block())
        self._worker: Worker = sound.clock.spawn(self._keep, f"flags {sound.name}")

    def _keep(self) -> None:
        try:
            while self._wanted:
                self._sound.say(self.sender.next_block())
        except (Gone, PortError) as failure:
            self._failure = failure

    def take_over(self) -> None:
        """End the thread, the flags still standing. Raises what ended it before."""
        self._wanted = False
        self._worker.join()
        if self._failure is not None:
            raise self._failure


def send_frames(sound: Sound, library: Library, operation: SendFrames, flags: StandingFlags | None) -> None:
    """The frames, after the flags that stand if there are any. Is not broken off: it does not last long."""
    if flags is None:
        sound.begin()
    sender = FrameSender(library) if flags is None else flags.sender
    sender.add(operation.frames)
    finish(sound, sender)


def finish(sound: Sound, sender: FrameSender) -> None:
    """Say what waits, and drop the carrier."""
    sender.end()
    while block := sender.next_block():
        sound.say(block)


def send_page(sound: Sound, library: Library, operation: SendPage, *, clipped: int = 0) -> None:
    """A page or TCF. Raises ``Cancelled``, the carrier dropped in mid-page.

    ``clipped``: how many samples are silent that its training begins with.
    """
    sender = PageSender(
        library, operation.modulation, operation.data, short_training=operation.short_training
    )
    sound.begin()
    first = True
    while block := sender.next_block():
        sound.check()
        sound.say(bytes(2 * clipped) + block[2 * clipped :] if first else block)
        first = False
