"""The passive listener: every modem at once on the sound of a call, and what they hear told in order.

A channel's V.21 receiver and tone detectors hear all of it; its receiver for pages what the exchange expects.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise

from faxhw.audio.port import BLOCK, BLOCK_OCTETS, RATE, SILENCE
from faxhw.t30.overheard import Overheard
from faxhw.terms import Family, Modulation, SignalFigures
from faxhw_drivers.dsp.decoding.exchange import Exchange, Heard
from faxhw_drivers.dsp.decoding.pages import Carrier
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.dsp.modems.bits import CUTOFF
from faxhw_drivers.dsp.modems.frames import FrameReceiver
from faxhw_drivers.dsp.modems.pages import PageReceiver, Reception
from faxhw_drivers.dsp.modems.tones import SILENCE_LEVEL, Tone, ToneDetector, level

_MEMORY = 8
"""Blocks over which the ends of a call are compared: a frame is known no later than that."""
_AHEAD = 500
"""Blocks, 10 s, in which there is a pause: two on end tell how loud the line is by itself."""
_NOISIEST = -41.0
"""What that is taken for at the most, in dBm0."""
_MARGIN = 5.0
"""dB by which a signal is louder."""
_ECHO = 6.0
"""dB by which a frame is louder where it was said than where its echo is heard."""
_MOST_OCTETS = 16 * 2**20
"""Octets of a carrier that are kept: no page has more."""
_UNDERSTOOD = (Reception.TRAINED, Reception.OVER)
_TRAINING = 1.5
"""Seconds that V.17's long training takes, and a little more."""
_TAIL = 3
"""Blocks of silence after the end, in which the modems hand over what they have."""


def overhear(sound: Iterable[Sequence[bytes]], library: Library) -> Overheard:
    """As ``faxhw.device.ListeningDriver.overhear``, with a libspandsp that was found."""
    listener = Listener(library)
    blocks = _blocks(sound)
    first = list(islice(blocks, _AHEAD))
    listener.learn_noise(first)
    for each in chain(first, blocks):
        listener.hear(each)
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


class _Ear:
    """A receiver for pages, and what it has of the carrier that stands."""

    def __init__(self, receiver: PageReceiver) -> None:
        self.receiver = receiver
        self._octets = bytearray()
        self.began = 0.0

    def listen(self, modulation: Modulation, *, short_training: bool, cutoff: float) -> None:
        self.receiver.listen(modulation, short_training=short_training, cutoff=cutoff)
        self._octets.clear()

    def hear(self, block: bytes, time: float) -> None:
        before = self.receiver.reception
        self._octets += self.receiver.feed(block)[: _MOST_OCTETS - len(self._octets)]
        if self.understands and before not in _UNDERSTOOD:
            self.began = time

    @property
    def understands(self) -> bool:
        return self.receiver.reception in _UNDERSTOOD

    @property
    def quality(self) -> float:
        return self.receiver.quality or 0.0

    def carrier(self, time: float, *, whole: bool) -> Carrier:
        signal = SignalFigures(self.receiver.level, self.receiver.quality)
        return Carrier(self.began, time, bytes(self._octets), whole, signal)


class _PageEar:
    """A channel's receivers for pages, one a family, kept: a short training builds on a long one.

    Where training should be short, another one listens for the long one that some senders have instead. Each
    may take the one for the other, and then hears nothing but noise: whose symbols scatter less is right.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self.cutoff = CUTOFF
        """The level in dBm0 below which there is silence."""
        self._kept: dict[Family, PageReceiver] = {}
        self._modulation: Modulation | None = None
        self._short_training = False
        self._ears: list[_Ear] = []

    def expect(self, modulation: Modulation | None, *, short_training: bool) -> None:
        self._modulation, self._short_training = modulation, short_training
        self._ears = []
        if modulation is not None:
            family = modulation.family
            if family not in self._kept:
                self._kept[family] = PageReceiver(self._library, family)
            self._ears.append(_Ear(self._kept[family]))
            if short_training:
                self._ears.append(_Ear(PageReceiver(self._library, family)))
        self._listen()

    def _listen(self) -> None:
        if self._modulation is not None:
            for number, ear in enumerate(self._ears):
                short_training = self._short_training and not number
                ear.listen(self._modulation, short_training=short_training, cutoff=self.cutoff)

    @property
    def busy(self) -> bool:
        """Whether a page's carrier stands."""
        return any(each.receiver.reception is Reception.TRAINED for each in self._ears)

    def hear(self, block: bytes, time: float) -> Carrier | None:
        """The carrier that ends in this block; ``time`` is the block's end."""
        before = [each.receiver.reception for each in self._ears]
        for each in self._ears:
            each.hear(block, time)
        after = [each.receiver.reception for each in self._ears]
        if Reception.OVER in after and not self._others_go_on(time):
            return self.carrier(time)
        if after != before and set(after) == {Reception.SILENCE}:
            self._listen()  # it was another signal, which is not to leave its mark
        return None

    def _others_go_on(self, time: float) -> bool:
        """Whether a carrier that one has heard the end of may be another's beginning."""
        short = all(time - each.began < _TRAINING for each in self._ears if each.understands)
        return any(
            each.receiver.reception is Reception.TRAINED
            or (short and each.receiver.reception is Reception.CARRIER)
            for each in self._ears
        )

    def carrier(self, time: float, *, whole: bool = True) -> Carrier:
        """What was heard of the carrier that was understood."""
        assert self._modulation is not None
        best = max((each for each in self._ears if each.understands), key=lambda each: each.quality)
        self._kept[self._modulation.family] = best.receiver
        return best.carrier(time, whole=whole)


class _Channel:
    """One channel of the sound."""

    def __init__(self, library: Library) -> None:
        self.frames = FrameReceiver(library)
        self.tones = {tone.name: ToneDetector(tone) for tone in Tone}
        self.standing: set[str] = set()
        """The tones that stand."""
        self.page = _PageEar(library)
        self._levels: deque[float] = deque([SILENCE_LEVEL] * _MEMORY, _MEMORY)

    def learn_noise(self, blocks: Sequence[bytes]) -> None:
        """Learn of sound that is to come how loud the line is by itself: what is no louder is silence."""
        levels = [level(each) for each in blocks]
        noise = min([_NOISIEST, *map(max, pairwise(levels))])
        self.page.cutoff = max(CUTOFF, noise + _MARGIN)
        self.frames.restart(self.page.cutoff)

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

    def learn_noise(self, first: Sequence[Sequence[bytes]]) -> None:
        """Look at the first blocks of each channel before they are heard."""
        for blocks in zip(*first, strict=True):
            self._channels.append(_Channel(self._library))
            self._channels[-1].learn_noise(blocks)

    def hear(self, blocks: Sequence[bytes]) -> None:
        """The next block of each channel."""
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
                self._exchange.carrier(channel.page.carrier(seconds, whole=False), number)
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
        for frame in self._channels[number].frames.feed(block):
            if not self._is_echo(number):
                self._exchange.frame(frame, self._now(number))

    def _is_echo(self, number: int) -> bool:
        """Whether what a channel has is another's, said just now and heard there again."""
        own = self._channels[number].level
        return any(each.level - own > _ECHO for each in self._channels)

    def _now(self, number: int) -> Heard:
        return Heard(number, self._heard / RATE, round(self._channels[number].level, 1))
