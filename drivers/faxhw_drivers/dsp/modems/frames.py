"""V.21 channel 2, 300 bit/s, with HDLC: T.30's control frames (T.30 clause 5.3)."""

from __future__ import annotations

import ctypes
import weakref
from collections import deque
from collections.abc import Iterable

from faxhw.audio.port import BLOCK, BLOCK_OCTETS
from faxhw.hdlc import FLAG, Deframer, framed, pack
from faxhw.t30.line import Frame
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.dsp.modems.bits import CUTOFF, SEND_LEVEL, Signal, get_bit, put_bit, runs, text

RATE = 300
MAX_FRAME = 600
"""Octets of a frame that are kept: T.30 has none longer than an ECM frame, and NSF goes as it likes."""
_SYNCHRONOUS = 1
_METER = 3.4
"""dB by which the library's meter of this modem reads low; found by measuring."""
_ABORT = "1" * 15 + FLAG + "1" * 7
_FLAGS_FOUND = 4 * FLAG
_FLAGS_SHARED = 4 * FLAG[:-1] + "0"
"""Flags on end that noise, tones and pages do not make; neighbours may share a zero."""


class FrameReceiver:
    """Hears frames. What it is may be looked at between blocks."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._heard: list[int] = []
        self._modem = library["fsk_rx_init"](None, library.v21_channel_2, _SYNCHRONOUS, put_bit, self._heard)
        weakref.finalize(self, library["fsk_rx_free"], self._modem)
        self.carrier = False
        """Whether there is a signal loud enough, whatever it is."""
        self.restart()

    def restart(self, cutoff: float = CUTOFF) -> None:
        """Forget what was heard, as if the line had been silent; below ``cutoff`` (dBm0) it now is."""
        self._library["fsk_rx_restart"](self._modem, self._library.v21_channel_2, _SYNCHRONOUS)
        self._library["fsk_rx_signal_cutoff"](self._modem, cutoff - _METER)
        self._heard.clear()
        self.carrier = False
        self._new_carrier()

    def _new_carrier(self) -> None:
        self._bits = ""
        self._tail = ""
        self._deframer = Deframer(MAX_FRAME)
        self.flags = False
        """Whether flags were heard since the carrier came up: somebody speaks V.21."""

    def feed(self, block: bytes) -> list[Frame]:
        """The frames that end in this block, good or damaged; without flags before it only a good one."""
        self._library["fsk_rx"](self._modem, block, len(block) // 2)
        frames: list[Frame] = []
        for run in runs(self._heard):
            if isinstance(run, list):
                frames += self._take(text(run))
            elif run in (Signal.CARRIER_UP, Signal.CARRIER_DOWN):
                self.carrier = run is Signal.CARRIER_UP
                if self.carrier:
                    self._new_carrier()
                else:
                    frames += self._take(_ABORT)  # a frame that was under way counts as damaged
        self._heard.clear()
        return frames

    def _take(self, bits: str) -> list[Frame]:
        if not self.flags:
            self._tail = self._tail[-len(_FLAGS_FOUND) :] + bits
            self.flags = _FLAGS_FOUND in self._tail or _FLAGS_SHARED in self._tail
        self._bits += bits
        whole = len(self._bits) & ~7
        octets, self._bits = pack(self._bits[:whole]), self._bits[whole:]
        found = [Frame(each.octets, each.good) for each in self._deframer.feed(octets)]
        return [each for each in found if each.good or self.flags]


class FrameSender:
    """Says frames: flags from the beginning, frames when there are some, flags in between until ``end``."""

    def __init__(self, library: Library, preamble: float = 1.0, level: float = SEND_LEVEL) -> None:
        """``preamble``: seconds of flags before the first frame (T.30 5.3.1: 1 s +-15 %)."""
        self._tx = library["fsk_tx"]
        self._waiting: deque[int] = deque()
        self._block = ctypes.create_string_buffer(BLOCK_OCTETS)
        self._modem = library["fsk_tx_init"](None, library.v21_channel_2, get_bit, self._waiting)
        weakref.finalize(self, library["fsk_tx_free"], self._modem)
        library["fsk_tx_power"](self._modem, level)
        self._ended = False
        self._say(FLAG * round(preamble * RATE / len(FLAG)))

    def add(self, frames: Iterable[bytes]) -> None:
        """Say these frames, each with its frame check and a flag after it."""
        for frame in frames:
            self._say(framed(frame) + FLAG)

    def end(self) -> None:
        """No more frames come: after those that wait, and one more flag, the carrier drops."""
        self._say(FLAG)
        self._waiting += [Signal.END_OF_DATA] * 2
        self._ended = True

    def _say(self, bits: str) -> None:
        self._waiting += map(int, bits)

    def next_block(self) -> bytes:
        """The next block; shorter, and then empty, when all has been said."""
        while not self._ended and len(self._waiting) < BLOCK * RATE // 8000 + len(FLAG):
            self._say(FLAG)
        made = self._tx(self._modem, self._block, BLOCK)
        return self._block.raw[: 2 * made]
