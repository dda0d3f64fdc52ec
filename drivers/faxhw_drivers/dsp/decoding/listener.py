"""The passive listener: every modem at once on the sound of a call, and what they hear told in order.

A channel's V.21 receiver and tone detectors hear all of it; its receiver for pages what the exchange expects.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE, SILENCE
from faxhw.t30.overheard import Overheard
from faxhw.terms import Family, Modulation, SignalFigures
from faxhw_drivers.dsp.decoding.exchange import Exchange, Heard
from faxhw_drivers.dsp.decoding.pages import Carrier
from faxhw_drivers.dsp.library import Library, library
from faxhw_drivers.dsp.modems.frames import FrameReceiver
from faxhw_drivers.dsp.modems.pages import PageReceiver, Reception
from faxhw_drivers.dsp.modems.tones import SILENCE_LEVEL, Tone, ToneDetector, level

_MEMORY = 8
"""Blocks over which the ends of a call are compared: a frame is known no later than that."""
_ECHO = 6.0
"""dB by which a frame is louder where it was said than where its echo is heard."""
_MOST_OCTETS = 16 * 2**20
"""Octets of a carrier that are kept: no page has more."""
_TAIL = 3
"""Blocks of silence after the end, in which the modems hand over what they have."""


def overhear(sound: Iterable[Sequence[bytes]]) -> Overheard:
    """As ``faxhw.device.ListeningDriver.overhear``."""
    listener = Listener(library())
    for blocks in _blocks(sound):
        listener.hear(blocks)
    return listener.result()


def _blocks(sound: Iterable[Sequence[bytes]]) -> Iterator[list[bytes]]:
    """The sound in blocks, the last filled up with silence."""
    waiting: list[bytes] = []
    for piece in sound:
        waiting = [before + each for before, each in zip(waiting or [b""] * len(piece), piece, strict=True)]
        whole = len(waiting[0]) - len(waiting[0]) % BLOCK_OCTETS
        for start in range(0, whole, BLOCK_OCTETS):
            yield [each[start : start + BLOCK_OCTETS] for each in waiting]
        waiting = [each[whole:] for each in waiting]
    if any(waiting):
        yield [each.ljust(BLOCK_OCTETS, b"\0") for each in waiting]


class _PageEar:
    """A channel's receivers for pages, one a family, kept: a short training builds on a long one."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._receivers: dict[Family, PageReceiver] = {}
        self._expected: tuple[Modulation, bool] | None = None
        self._octets = bytearray()
        self._began = 0.0

    def expect(self, modulation: Modulation | None, *, short_training: bool) -> None:
        self._expected = None if modulation is None else (modulation, short_training)
        self._listen()

    def _listen(self) -> None:
        self._octets.clear()
        if self._expected is not None:
            modulation, short_training = self._expected
            self._receiver.listen(modulation, short_training=short_training)

    @property
    def _receiver(self) -> PageReceiver:
        assert self._expected is not None
        family = self._expected[0].family
        if family not in self._receivers:
            self._receivers[family] = PageReceiver(self._library, family)
        return self._receivers[family]

    @property
    def busy(self) -> bool:
        """Whether a page's carrier stands."""
        return self._expected is not None and self._receiver.reception is Reception.TRAINED

    def hear(self, block: bytes, time: float) -> Carrier | None:
        """The carrier that ends in this block; ``time`` is the block's end."""
        if self._expected is None:
            return None
        receiver = self._receiver
        before = receiver.reception
        octets = receiver.feed(block)
        self._octets += octets[: _MOST_OCTETS - len(self._octets)]
        now = receiver.reception
        if now in (Reception.TRAINED, Reception.OVER) and before is not Reception.TRAINED:
            self._began = time
        if now is Reception.OVER:
            return self.cut(time, whole=True)
        if now is Reception.SILENCE and before is not Reception.SILENCE:
            self._listen()  # it was another signal, which is not to leave its mark
        return None

    def cut(self, time: float, *, whole: bool = False) -> Carrier:
        """The carrier that stands, as far as it has come."""
        signal = SignalFigures(self._receiver.level, self._receiver.quality)
        return Carrier(self._began, time, bytes(self._octets), whole, signal)


class _Channel:
    """One channel of the sound."""

    def __init__(self, library: Library) -> None:
        self.frames = FrameReceiver(library)
        self.tones = {tone.name: ToneDetector(tone) for tone in Tone}
        self.standing: set[str] = set()
        """The tones that stand."""
        self.page = _PageEar(library)
        self._levels: deque[float] = deque([SILENCE_LEVEL] * _MEMORY, _MEMORY)

    def measure(self, block: bytes) -> None:
        self._levels.append(level(block))

    @property
    def level(self) -> float:
        return max(self._levels)


class Listener:
    """Hears the sound of calls, block by block."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._channels: list[_Channel] = []
        self._exchange = Exchange(self._expect)
        self._heard = 0
        """Samples so far."""

    def hear(self, blocks: Sequence[bytes]) -> None:
        """The next block of each channel."""
        if not self._channels:
            self._channels = [_Channel(self._library) for _ in blocks]
        self._heard += BLOCK
        for channel, block in zip(self._channels, blocks, strict=True):
            channel.measure(block)
        for number, block in enumerate(blocks):
            self._hear_channel(number, block)

    def result(self) -> Overheard:
        """What it came to; there is no more."""
        seconds = self._heard / RATE
        for number, channel in enumerate(self._channels):
            for _ in range(_TAIL):
                self._hear_frames(number, SILENCE)
            if channel.page.busy:
                self._exchange.carrier(channel.page.cut(seconds), number)
        return self._exchange.result(seconds)

    # ------------------------------------------------------------------------------------------------------

    def _expect(self, channel: int, modulation: Modulation | None, short_training: bool) -> None:
        self._channels[channel].page.expect(modulation, short_training=short_training)

    def _hear_channel(self, number: int, block: bytes) -> None:
        channel = self._channels[number]
        carrier = channel.page.hear(block, self._heard / RATE)
        if carrier is not None:
            self._exchange.carrier(carrier, number)
        self._hear_frames(number, block)
        for name, detector in channel.tones.items():
            stands = detector.feed(block)
            if stands and name not in channel.standing and not self._is_echo(number):
                self._exchange.tone(name, self._now(number))
            (channel.standing.add if stands else channel.standing.discard)(name)

    def _hear_frames(self, number: int, block: bytes) -> None:
        channel = self._channels[number]
        for frame in channel.frames.feed(block):
            if not self._is_echo(number) and (frame.good or not channel.page.busy):
                self._exchange.frame(frame, self._now(number))

    def _is_echo(self, number: int) -> bool:
        """Whether what a channel has is another's, said just now and heard there again."""
        own = self._channels[number].level
        return any(each.level - own > _ECHO for each in self._channels)

    def _now(self, number: int) -> Heard:
        return Heard(number, self._heard / RATE, round(self._channels[number].level, 1))
