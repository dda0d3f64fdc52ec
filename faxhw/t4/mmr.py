"""The reader of MMR pages (T.6): rows follow each other without a mark between them.

MMR travels with error correction only, so there is nothing to find one's way back by: a fault ends the
page. Codes are read from text of 0s and 1s through tables of all their continuations; where text runs out
in the middle of a row, the row is begun anew when more has come.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from faxhw.hdlc import bits as line_bits
from faxhw.t4 import codes
from faxhw.t4.damage import Ledger
from faxhw.t4.rows import Row
from faxhw.t4.tokens import row_of_modes
from faxhw.t4.transducer import BAD, MODES, PASS

_WORTH_READING = 1 << 15
"""Bits that are waited for: beginning a row anew then costs little."""
_LONGEST_WORD = 13
_MARGIN = 64
"""Bits that must be left behind a row for what was read of it to be final: longer than any code, and EOFB."""


def _continued(words: dict[str, int], length: int) -> dict[str, tuple[int, int]]:
    """For each text of that length that begins with a word: the word's meaning, and its own length."""
    table: dict[str, tuple[int, int]] = {}
    for word, meaning in words.items():
        spare = length - len(word)
        for number in range(1 << spare):
            table[word + (f"{number:0{spare}b}" if spare else "")] = meaning, len(word)
    return table


_HORIZONTAL = -100
_MODE_BITS = 7


@cache
def _tables() -> tuple[dict[str, tuple[int, int]], ...]:
    """Modes, white runs, black runs."""
    modes = MODES | {codes.HORIZONTAL: _HORIZONTAL}
    runs = ({word: run for run, word in words.items()} for words in (codes.WHITE, codes.BLACK))
    return _continued(modes, _MODE_BITS), *(_continued(words, _LONGEST_WORD) for words in runs)


class MmrReader:
    """Tells the ledger of the rows."""

    def __init__(self, width: int, ledger: Ledger) -> None:
        self._width, self._ledger = width, ledger
        self._modes, *self._runs = _tables()
        self._text = ""
        self._at = 0
        self._bits = 0  # of the page so far
        self._gone = 0  # those that are no longer in the text
        self._reference: Row = ()
        self._fault: int | None = None
        self.done = False
        """Whether more octets would change nothing."""
        self.complete = False
        self.too_long = False
        self.clean_span: tuple[int, int] | None = None
        """Up to the end of EOFB, once it was seen."""

    def feed(self, data: bytes) -> None:
        self._bits += 8 * len(data)
        if self._fault is None:
            self._text += line_bits(data)
            if len(self._text) >= _WORTH_READING:
                self._read(margin=_MARGIN)

    def finish(self) -> None:
        """Without EOFB the page is incomplete, and damaged too if it breaks off within a row."""
        self._text += "0" * _MARGIN
        self._read(margin=0)
        if self._fault is not None:
            self._ledger.bad(self._bits - self._fault)

    def _read(self, margin: int) -> None:
        """Read rows up to the last that has ``margin`` bits behind it."""
        while not self.done and self._fault is None:
            start = self._at
            rest = len(self._text) - start
            blank = "1" not in self._text[start : start + _MARGIN]
            if rest < margin or (blank and rest < 2 * _MARGIN):
                break
            if self._text.startswith(codes.EOL, start):
                self._end_of_page()
                break
            row = row_of_modes(self._tokens(), self._reference, self._width)
            if self._at + margin > len(self._text):
                self._at = start
                break
            if row is None:
                self._fault = self._gone + start
            elif self._ledger.full:
                self.too_long = self.done = True
            else:
                self._ledger.good(row, self._at - start)
                self._reference = row
        self._gone += self._at
        self._text, self._at = self._text[self._at :], 0

    def _end_of_page(self) -> None:
        self.complete = self.done = True
        if self._text.startswith(codes.EOFB, self._at):
            self.clean_span = 0, self._gone + self._at + len(codes.EOFB)

    def _tokens(self) -> Iterator[int]:
        black = 0
        while True:
            mode, length = self._modes.get(self._text[self._at : self._at + _MODE_BITS], (BAD, 0))
            self._at += length
            if mode == _HORIZONTAL:
                yield from self._run(black)
                yield from self._run(1 - black)
            else:
                yield mode
                black ^= mode != PASS

    def _run(self, black: int) -> Iterator[int]:
        part = 64
        while 64 <= part < BAD:
            part, length = self._runs[black].get(self._text[self._at : self._at + _LONGEST_WORD], (BAD, 0))
            self._at += length
            yield part
