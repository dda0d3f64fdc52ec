"""The modulations of pages and of TCF: V.27ter, V.29 and V.17, each at its rates (T.30 table 2)."""

from __future__ import annotations

import ctypes
import math
import struct
import weakref
from array import array
from collections import deque
from collections.abc import Iterable
from enum import Enum, auto

from faxhw.audio.port import BLOCK, BLOCK_OCTETS
from faxhw.hdlc import pack
from faxhw.terms import Family, Modulation
from faxhw_drivers.dsp.library import Library, QamReport
from faxhw_drivers.dsp.modems.bits import CUTOFF, SEND_LEVEL, Signal, get_bit, put_bit, runs, text, values

_NAMES = {Family.V27TER: "v27ter", Family.V29: "v29", Family.V17: "v17"}
_SAMPLED = 8
"""Of so many blocks one is looked at symbol by symbol, which costs more than all the rest."""
_KEPT = 25
"""Blocks, 0.5 s, of a carrier's beginning that are kept: several times V.17's short training."""
_TRIES, _STEP = 40, 3
"""How often short training is tried on the same beginning, each time so many samples later, a symbol about.
It works or fails, in 0.0.6 at least, by the sample at which the carrier was noticed: three times in four it
works, whatever the line."""
_BELOW = 7.0
"""dB below the last carrier's level from which on one with a short training is noticed. Measured with
0.0.6, at any phase of the samples: from 5 to 8 dB below it succeeds at once, from 9 to 16 seldom."""
_LEVEL_KNOWN = 10
"""Blocks after which a carrier's level is known."""
_DROP = 17.0
"""dB below its level at which a carrier has dropped: the noise that follows one is not data."""
_AHEAD = 2 * BLOCK
"""Bits that wait at the least before a block is made: more than any modulation takes for one."""


class Reception(Enum):
    """How far a receiver has come with what it hears."""

    SILENCE = auto()
    CARRIER = auto()
    """There is a signal loud enough, whatever it is."""
    TRAINED = auto()
    """It is the modulation that was asked for, and its octets come."""
    FAILED = auto()
    """There is a signal that could not be trained on."""
    OVER = auto()
    """The carrier that was trained on has dropped. Stays so until ``listen``."""


class PageReceiver:
    """Hears one family. Is to be kept for a call: a short training needs what the long one has found out."""

    def __init__(self, library: Library, family: Family) -> None:
        self._library = library
        self._name = _NAMES[family]
        self._family = family
        self._heard: list[int] = []
        rate = {Family.V27TER: 4800, Family.V29: 9600, Family.V17: 14400}[family]
        self._modem = library[f"{self._name}_rx_init"](None, rate, put_bit, self._heard)
        weakref.finalize(self, library[f"{self._name}_rx_free"], self._modem)
        self._set_cutoff = library[f"{self._name}_rx_signal_cutoff"]
        self._rx = library[f"{self._name}_rx"]
        self._set_report = library[f"{self._name}_rx_set_qam_report_handler"]
        self._power = library[f"{self._name}_rx_signal_power"]
        self._kept: list[bytes] = []
        """What was heard of a carrier until it was trained on."""
        self._later = 0
        """By how many samples training was last begun late on it."""
        self._training = rate, 0
        self._cutoff = CUTOFF
        self._trained_at: float | None = None
        """The level of the last carrier that was trained on."""
        self._reset()

    def _reset(self) -> None:
        self._heard.clear()
        self._bits = ""
        self.reception = Reception.SILENCE
        self._blocks = 0
        self._power_sum = 0.0
        self._scatter: list[float] = [0.0, 0.0]
        """Sums of the squares of symbols as they should be, and of how far they were off."""

    def listen(self, modulation: Modulation, *, short_training: bool = False, cutoff: float = CUTOFF) -> None:
        """Begin to wait for a carrier louder than ``cutoff`` (dBm0); ``modulation`` is one of the family's.

        ``short_training`` is V.17's, and needs a long one to have succeeded since this object was made.
        """
        if modulation.family is not self._family:
            raise ValueError(f"a receiver for {self._family} cannot hear {modulation}")
        self._training = modulation.rate, int(short_training)
        self._kept.clear()
        self._later = 0
        if self.level is not None:
            self._trained_at = self.level
        if short_training and self._trained_at is not None:
            cutoff = max(cutoff, self._trained_at - _BELOW)
        self._restart(cutoff)

    def _restart(self, cutoff: float) -> None:
        self._library[f"{self._name}_rx_restart"](self._modem, *self._training)
        self._set_cutoff(self._modem, cutoff)
        self._cutoff = cutoff
        self._reset()

    @property
    def level(self) -> float | None:
        """The mean level of the carrier that was trained on; ``None`` without one."""
        return 10 * math.log10(self._power_sum / self._blocks) if self._power_sum else None

    @property
    def quality(self) -> float | None:
        """How far the received symbols stand above their scatter, in dB; ``None`` where that is not known.

        A clean line has 30 and more; 14400 bit/s needs some 23, 9600 at V.29 some 20.
        """
        wanted, off = self._scatter
        return 10 * math.log10(wanted / off) if off and wanted else None

    def feed(self, block: bytes) -> bytes:
        """The octets heard, first bit lowest; at a carrier's end the last is filled up with ones."""
        before = self.reception
        short = self._training[1] and before not in (Reception.TRAINED, Reception.OVER)
        if short:
            self._keep(block)
        self._hear(block)
        if short and self.reception is Reception.FAILED and before is not Reception.FAILED:
            self._try_again()
        whole = len(self._bits) if self.reception is Reception.OVER else len(self._bits) & ~7
        octets, self._bits = pack(self._bits[:whole]), self._bits[whole:]
        return octets

    def _keep(self, block: bytes) -> None:
        """Keep the beginning of a carrier, from before it was noticed."""
        if self.reception is Reception.SILENCE:
            del self._kept[:-2]
            self._later = 0
        if len(self._kept) < _KEPT:
            self._kept.append(block)

    def _try_again(self) -> None:
        """Train on the same beginning again, as if it had begun some samples later."""
        if len(self._kept) == _KEPT:
            return
        sound = array("h", b"".join(self._kept))
        loud = max(map(abs, sound)) // 4
        first = next(at for at, sample in enumerate(sound) if abs(sample) >= loud)
        while self.reception is Reception.FAILED and self._later < _TRIES * _STEP:
            self._later += _STEP
            self._restart(self._cutoff)
            late = array("h", bytes(2 * (first + self._later))) + sound[first + self._later :]
            for at in range(0, len(late), BLOCK):
                self._hear(late[at : at + BLOCK].tobytes())

    def _hear(self, block: bytes) -> None:
        sampled = self.reception is Reception.TRAINED and self._blocks % _SAMPLED == 1
        if sampled:
            self._set_report(self._modem, _report, self._scatter)
        self._rx(self._modem, block, len(block) // 2)
        if sampled:
            self._set_report(self._modem, None, self._scatter)
        for run in runs(self._heard):
            if isinstance(run, list):
                if self.reception is Reception.TRAINED:
                    self._bits += text(run)
            else:
                self._signal(run)
        self._heard.clear()
        if self.reception is Reception.TRAINED:
            self._blocks += 1
            self._power_sum += 10 ** (self._power(self._modem) / 10)
            if self._blocks == _LEVEL_KNOWN and (level := self.level) is not None:
                self._set_cutoff(self._modem, max(self._cutoff, level - _DROP))

    def _signal(self, signal: Signal) -> None:
        if self.reception is Reception.OVER:
            return
        trained = self.reception is Reception.TRAINED
        if signal is Signal.CARRIER_UP:
            self.reception = Reception.CARRIER
        elif signal is Signal.TRAINED:
            self.reception = Reception.TRAINED
        elif signal is Signal.TRAINING_FAILED:
            self.reception = Reception.OVER if trained else Reception.FAILED
        elif signal is Signal.CARRIER_DOWN:
            self.reception = Reception.OVER if trained else Reception.SILENCE


def _symbol(scatter: list[float], received: int | None, wanted: int | None, _symbol: int) -> None:
    if received and wanted:
        x, y = struct.unpack("ff", ctypes.string_at(received, 8))
        to_x, to_y = struct.unpack("ff", ctypes.string_at(wanted, 8))
        scatter[0] += to_x * to_x + to_y * to_y
        scatter[1] += (x - to_x) ** 2 + (y - to_y) ** 2


_report = QamReport(_symbol)


class PageSender:
    """Trains, says octets, and drops the carrier."""

    def __init__(
        self,
        library: Library,
        modulation: Modulation,
        data: Iterable[bytes],
        *,
        short_training: bool = False,
        level: float = SEND_LEVEL,
    ) -> None:
        name = _NAMES[modulation.family]
        self._tx = library[f"{name}_tx"]
        self._data = iter(data)
        self._waiting: deque[int] = deque()
        self._block = ctypes.create_string_buffer(BLOCK_OCTETS)
        self._ended = False
        self._modem = library[f"{name}_tx_init"](None, modulation.rate, 0, get_bit, self._waiting)
        weakref.finalize(self, library[f"{name}_tx_free"], self._modem)
        if short_training:
            library["v17_tx_restart"](self._modem, modulation.rate, 0, 1)
        library[f"{name}_tx_power"](self._modem, level)

    def next_block(self) -> bytes:
        """The next block; shorter, and then empty, when all has been said. Raises what ``data`` does."""
        while not self._ended and len(self._waiting) < _AHEAD:
            piece = next(self._data, None)
            if piece is None:
                self.end()
            else:
                self._waiting += values(piece)
        made = self._tx(self._modem, self._block, BLOCK)
        return self._block.raw[: 2 * made]

    def end(self) -> None:
        """Take no more data: when what waits has been said the carrier drops."""
        if not self._ended:
            self._ended = True
            self._waiting += [Signal.END_OF_DATA] * 2
