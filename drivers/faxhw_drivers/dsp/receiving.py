"""Receiving: V.21 frames and pages, each listened for while the other may come instead."""

from __future__ import annotations

from dataclasses import dataclass

from faxhw.audio.port import SILENCE
from faxhw.t30.frames import FINAL, is_t30
from faxhw.t30.line import MAX_SEQUENCE, Frame, ReceivePage
from faxhw.terms import Family, SignalFigures
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.dsp.modems.frames import FrameReceiver
from faxhw_drivers.dsp.modems.pages import PageReceiver, Reception
from faxhw_drivers.dsp.modems.tones import SILENCE_LEVEL
from faxhw_drivers.dsp.modems.watch import Watch
from faxhw_drivers.dsp.sending import CallingTone
from faxhw_drivers.dsp.sound import Gone, Sound

_ECHO = 0.7
"""Seconds after our own signal within which a carrier may be its echo: a satellite's way and back is 0.54 s.
Before that nobody answers our frames by a page, and an echo of a page is not to be taken for one."""
_FRAME_ECHO = 1.0
"""The same for frames, damaged: none that answers ours can have ended before (T.30 clause 5.1, 5.3.1)."""
_TAIL = 0.15
"""Seconds for which a carrier may stand after its final frame; a pause counts from its end."""
_DROP = 12.0
"""dB by which a carrier that drops becomes less loud at the least."""
_QUIETER = 2.0
"""dB by which the line must be quieter than was thought for its receiver to be told."""
_DROPOUT = 0.1
"""Seconds for which a transmission may be away and come back: its last frame is the one that counts."""
_UNTRAINED = 0.5
"""Seconds from the failure to train to the word that another carrier stands: there may be flags in it."""
_MAX_TRAINING = 2.0
"""Seconds after which a carrier that is neither trained on nor given up is none of ours; V.17 takes 1.4."""
_GATHERED = 5
"""Blocks of a page that go up together."""


class Strange(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """There is another carrier."""


class Untrained(Exception):  # noqa: N818 - not an error: what the line's answer will be
    """A carrier has come and gone, and nothing could be made of it."""


class Ears:
    """The receivers of a call, and what was heard and not asked for yet."""

    def __init__(self, sound: Sound, library: Library) -> None:
        self._sound = sound
        self._library = library
        self._frames = FrameReceiver(library)
        self._watch = Watch()
        self._pages: dict[Family, PageReceiver] = {}
        self._page: PageReceiver | None = None
        """What hears the page that has begun."""
        self._cutoff = self._watch.cutoff
        self._loudest = SILENCE_LEVEL
        """The level of the V.21 signal that is heard, in dBm0."""
        self._heard: list[Frame] = []
        self.continues = False
        """Whether frames are on the line that nobody has been given yet."""
        self.said: tuple[bytes, ...] = ()
        """The frames that we have said last."""

    def know_the_silence(self, seconds: float) -> None:
        """Hear how loud the line is while nobody says anything, until so many seconds of it have passed."""
        while self._sound.time < seconds:
            self._watch.feed(self._sound.hear())

    def _begin(self) -> None:
        self._cutoff = self._watch.cutoff
        self._frames.restart(self._cutoff)
        self._watch.restart()
        self._heard.clear()
        self._loudest = SILENCE_LEVEL

    def _listen(self, said: bytes = SILENCE, *, unread: bool = False) -> bytes:
        """Hear a block, for frames and for whatever else it may be; ``unread`` as in ``Watch.feed``."""
        block = self._sound.hear(said)
        if not self._sound.deaf:
            self._watch.feed(block, unread=unread)
        self._heard += self._frames.feed(block)
        if self._watch.busy:
            raise Gone
        return block

    # ------------------------------------------------------------------------------------------------------
    # Frames

    def receive_frames(self, timeout: float, tone: CallingTone | None) -> tuple[Frame, ...]:
        """The frames of one transmission; none if none came. Raises ``Strange``, ``Gone``, ``Cancelled``."""
        sound = self._sound
        if not self.continues:
            self._begin()
        self.continues = False
        ends, begun, gone_at = sound.time + timeout, False, sound.time
        while sound.time < ends and not self._final():
            if not begun and (self._frames.flags or self._heard):
                begun, ends = True, sound.time + MAX_SEQUENCE
            if not begun and self._watch.cutoff < self._cutoff - _QUIETER:
                self._begin()
            if self._stands():
                gone_at = sound.time
            elif begun and sound.time - gone_at >= _DROPOUT:
                break
            if not begun and self._watch.page_like and sound.silent > _ECHO:
                raise Strange
            self._listen(SILENCE if begun or tone is None else tone.next_block(), unread=not begun)
        frames = tuple(self._heard)
        ends = sound.time + (_TAIL if self._final() else 0.0)
        while self._stands() and sound.time < ends:
            self._listen()
        return frames

    def _stands(self) -> bool:
        """Whether who speaks V.21 is at it still, and what is left is not the line's noise."""
        self._loudest = max(self._loudest, self._watch.level) if self._frames.flags else SILENCE_LEVEL
        return self._frames.carrier and self._watch.level > self._loudest - _DROP

    def _final(self) -> bool:
        return any(each.good and len(each.octets) > 1 and each.octets[1] & FINAL for each in self._heard[-1:])

    # ------------------------------------------------------------------------------------------------------
    # Pages

    def receive_page(self, operation: ReceivePage) -> bytes:
        """The first octets of a page; none if nothing came. Raises ``Strange`` and ``Untrained``, too."""
        sound, family = self._sound, operation.modulation.family
        page = self._pages.get(family) or self._pages.setdefault(family, PageReceiver(self._library, family))
        page.listen(operation.modulation, short_training=operation.short_training, cutoff=self._watch.cutoff)
        self._begin()
        ends, carrier = sound.time + operation.timeout, _Carrier()
        while sound.time < ends or carrier.stands:
            unread = not self._frames.flags and page.reception is not Reception.CARRIER
            octets = page.feed(self._listen(unread=unread))
            if octets:
                self._page = page
                return octets
            if page.reception is Reception.OVER:
                raise Untrained
            self._look_for_frames()
            if self._frames.flags and self._frames.carrier:
                continue
            carrier.look(page.reception, self._watch, sound.time)
            if sound.silent > _ECHO:
                carrier.judge(sound.time)
            carrier.gone = False
        return b""

    def _look_for_frames(self) -> None:
        """Raise ``Strange`` if somebody speaks V.21 who is not our echo."""
        self._heard = [each for each in self._heard if each.octets not in self.said]
        if any(map(_is_frame, self._heard)):
            self.continues = True
            raise Strange
        if self._heard and not self._frames.carrier:
            if self._sound.silent > _FRAME_ECHO:
                self.continues = True
                raise Strange
            self._heard.clear()

    def receive_more(self) -> bytes:
        """The next octets of the page; none once its carrier has dropped."""
        page, octets = self._page, b""
        if page is None:
            return b""
        for _ in range(_GATHERED):
            if page.reception is not Reception.TRAINED:
                break
            octets += page.feed(self._listen())
            if any(map(_is_frame, self._heard)):
                self.continues, self._page = True, None  # never was a page, or its end was not noticed
                return octets
        return octets

    def figures(self) -> SignalFigures | None:
        """How the page came whose carrier has dropped; ``None`` if there was none."""
        page, self._page = self._page, None
        return None if page is None else SignalFigures(page.level, page.quality)

    def stop(self) -> None:
        """Leave the page."""
        self._page = None


def _is_frame(frame: Frame) -> bool:
    """Whether it is one of T.30's, and not what a page happens to be like."""
    return frame.good and is_t30(frame.octets)


@dataclass(slots=True)
class _Carrier:
    """What is seen of a carrier that has not been trained on."""

    since: float | None = None
    failed: float | None = None
    like_a_page: bool = False
    gone: bool = False

    @property
    def stands(self) -> bool:
        """Whether it may still be trained on."""
        return self.since is not None and self.failed is None and self.like_a_page

    def look(self, reception: Reception, watch: Watch, now: float) -> None:
        if reception in (Reception.CARRIER, Reception.FAILED):
            self.since = now if self.since is None else self.since
            self.like_a_page = self.like_a_page or watch.page_like
            if reception is Reception.FAILED and self.failed is None:
                self.failed = now
        elif reception is Reception.SILENCE and self.since is not None:
            self.gone = self.like_a_page
            self.since, self.failed, self.like_a_page = None, None, False

    def judge(self, now: float) -> None:
        """Raise ``Strange`` or ``Untrained`` if it is to be given up."""
        if self.gone:
            raise Untrained
        if not self.like_a_page:
            return
        failed = self.failed is not None and now - self.failed >= _UNTRAINED
        if failed or (self.since is not None and now - self.since >= _MAX_TRAINING):
            raise Strange
