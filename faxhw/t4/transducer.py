"""From octets of the line to tokens of rows: a finite-state transducer that is built while it is used.

A state knows what was read of the code in hand; what it makes of an octet is worked out once and kept, so
that a page costs one dictionary look-up an octet. In MH and MR, EOL is looked for in every state (T.4 clause
4.1.2: eleven zeros or more, and a one): nothing damaged outlives its row. MMR has none; there the ends of
tokens are told, so that whoever finds a row's end can go on from that very bit.

A token is an integer. In a one-dimensional row it is a run or a part of one, and runs take turns, white
first: a make-up code is a token of its own, and a run of nothing follows it, so that the turns are kept. In a
two-dimensional row it is one of the marks below, or a vertical mode: a1 minus b1.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from faxhw.t4 import codes

ONE_DIMENSIONAL = -9
"""Token: the tag bit after EOL says that a one-dimensional row follows (T.4 clause 4.2.2)."""
TWO_DIMENSIONAL = -10
VERTICAL_0 = 0
VERTICAL_MOST = 3
FIRST = 1 << 12
"""Added to the first run of a horizontal mode, and to any make-up code there (``MAKE_UP`` and more)."""
MAKE_UP = FIRST + 64
SECOND = 1 << 13
"""Added to the second run."""
PASS = 1 << 14
NO_FIRST = PASS + 1
"""Token: a first run of nothing."""
NO_SECOND = PASS + 2
BAD = 1 << 20
"""Token: no valid code; the rest of the row is passed over. As a run it is longer than any row."""

_HORIZONTAL = -11
_EOL_ZEROS = len(codes.EOL) - 1
_MOST_ENTRIES = 40_000
"""Kept at most, at some 300 octets each: pages of text make a few thousand, noise could make many more."""


class _Table:
    """Code words, what they mean, and what a word can begin with."""

    def __init__(self, words: dict[str, int]) -> None:
        self.words = words
        self.beginnings = {word[:length] for word in words for length in range(1, len(word))}


_MODE_TABLE = _Table(
    {word: offset for offset, word in codes.VERTICAL.items()}
    | {codes.PASS: PASS, codes.HORIZONTAL: _HORIZONTAL}
)
_RUN_TABLES = tuple(
    _Table({word: run for run, word in words.items()}) for words in (codes.WHITE, codes.BLACK)
)


class _Phase(IntEnum):
    TAG = 0
    ROW = 1
    """A run of a one-dimensional row."""
    MODE = 2
    FIRST = 3
    """The first of the two runs of a horizontal mode."""
    SECOND = 4
    LOST = 5
    """Nothing counts until the next EOL."""


_RUN_PHASES = {
    _Phase.ROW: (0, 0, _Phase.ROW),
    _Phase.FIRST: (FIRST, NO_FIRST, _Phase.SECOND),
    _Phase.SECOND: (SECOND, NO_SECOND, _Phase.MODE),
}
"""What is added to a run, the token of a run of nothing, and what follows."""


class _Place(NamedTuple):
    """Where the transducer stands between two bits."""

    phase: _Phase
    black: bool = False
    code: str = ""
    """What was read of the code in hand."""
    zeros: int | None = 0
    """The zeros just read, whatever codes they belonged to, counted no further than an EOL needs; ``None``
    in MMR, where nothing is an EOL."""
    made_up: bool = False
    """Whether the run in hand, of a horizontal mode, began with a make-up code."""

    def end_of_line(self) -> tuple[int, ...]:
        """The token of an EOL that the next bit completes: none where it cuts nothing off."""
        whole = self.phase in (_Phase.ROW, _Phase.MODE) and self.code == "0" * _EOL_ZEROS
        return () if whole or self.phase is _Phase.LOST else (BAD,)

    def step(self, bit: int) -> tuple[_Place, tuple[int, ...]]:
        """Where a bit leads that does not complete an EOL, and the tokens that it gives."""
        zeros = None if self.zeros is None else 0 if bit else min(self.zeros + 1, _EOL_ZEROS)
        if self.phase is _Phase.TAG:
            if bit:
                return _Place(_Phase.ROW), (ONE_DIMENSIONAL,)
            return _Place(_Phase.MODE, zeros=zeros), (TWO_DIMENSIONAL,)
        if self.phase is _Phase.LOST:
            return _Place(_Phase.LOST, zeros=zeros), ()
        code = self.code + "01"[bit]
        table = _MODE_TABLE if self.phase is _Phase.MODE else _RUN_TABLES[self.black]
        meaning = table.words.get(code)
        if meaning is not None:
            return (
                self._after_mode(meaning, zeros) if table is _MODE_TABLE else self._after_run(meaning, zeros)
            )
        if "1" not in code and zeros is not None:
            return self._replace(code=code[:_EOL_ZEROS], zeros=zeros), ()
        if code in table.beginnings:
            return self._replace(code=code, zeros=zeros), ()
        return _Place(_Phase.LOST, zeros=zeros), (BAD,)

    def _after_mode(self, mode: int, zeros: int | None) -> tuple[_Place, tuple[int, ...]]:
        if mode == _HORIZONTAL:
            return _Place(_Phase.FIRST, self.black, zeros=zeros), ()
        return _Place(_Phase.MODE, self.black ^ (mode != PASS), zeros=zeros), (mode,)

    def _after_run(self, run: int, zeros: int | None) -> tuple[_Place, tuple[int, ...]]:
        if run >= 64:
            tokens = (run, 0) if self.phase is _Phase.ROW else (FIRST + run,)
            return _Place(self.phase, self.black, zeros=zeros, made_up=self.phase is not _Phase.ROW), tokens
        mark, nothing, phase = _RUN_PHASES[self.phase]
        token = mark + run if run or self.made_up else nothing
        return _Place(phase, not self.black, zeros=zeros), (token,)


Entry = tuple[tuple[int, ...], "State", tuple[int, tuple[int, ...]] | None, Sequence[int]]
"""What an octet gives: tokens; the next state; ``None`` or an EOL: how many bits of the octet go up to its
end, and the tokens that come behind it; and, in MMR, how many bits go up to the end of each token."""


class State(dict[int, Entry]):
    """What each octet gives here, worked out when it first comes."""

    __slots__ = ("_machine", "_place", "_skip", "_steps")

    def __init__(self, machine: Transducer, place: _Place, skip: int) -> None:
        super().__init__()
        self._machine, self._place, self._skip = machine, place, skip
        self._steps: dict[int, tuple[State, tuple[int, ...], bool]] = {}

    def __missing__(self, octet: int) -> Entry:
        state: State = self
        tokens: tuple[int, ...] = ()
        before: tuple[int, ...] = ()
        bits_to_eol = 0
        ends: tuple[int, ...] = ()
        for number in range(self._skip, 8):
            state, more, is_eol = state._step(octet >> number & 1)
            tokens += more
            ends += (number + 1,) * len(more) if self._place.zeros is None else ()
            if is_eol:
                before, tokens, bits_to_eol = tokens, (), number + 1
        eol = (bits_to_eol, tokens) if bits_to_eol else None
        entry: Entry = (before if eol else tokens, state, eol, ends)
        self._machine.keep(self, octet, entry)
        return entry

    def _step(self, bit: int) -> tuple[State, tuple[int, ...], bool]:
        """The state that a bit leads to, the tokens that it gives, and whether it completes an EOL."""
        if bit not in self._steps:
            ends = bool(bit) and self._place.zeros == _EOL_ZEROS
            if ends:
                place, tokens = self._machine.after_eol, self._place.end_of_line()
            else:
                place, tokens = self._place.step(bit)
            self._steps[bit] = self._machine.state(place), tokens, ends
        return self._steps[bit]


class Transducer:
    """The states of a coding, shared by all decoders."""

    def __init__(self, *, tagged: bool = False, eols: bool = True) -> None:
        """``tagged``: MR. Without ``eols``: MMR."""
        self.after_eol = _Place(_Phase.TAG if tagged else _Phase.ROW)
        self._first = _Place(_Phase.ROW) if eols else _Place(_Phase.MODE, zeros=None)
        self._states: dict[tuple[_Place, int], State] = {}
        self._entries = 0

    def start(self, skip: int = 0) -> State:
        """The state at the beginning of a page, or in MMR of any row: it passes over ``skip`` bits of its
        octet. MH and MR begin in a one-dimensional row."""
        return self.state(self._first, skip)

    def state(self, place: _Place, skip: int = 0) -> State:
        if (place, skip) not in self._states:
            self._states[place, skip] = State(self, place, skip)
        return self._states[place, skip]

    def keep(self, state: State, octet: int, entry: Entry) -> None:
        """Keep an entry; when there are too many, forget all others first."""
        if self._entries >= _MOST_ENTRIES:
            self._entries = 0
            for each in self._states.values():
                each.clear()
        self._entries += 1
        state[octet] = entry


MH_TRANSDUCER = Transducer()
MR_TRANSDUCER = Transducer(tagged=True)
MMR_TRANSDUCER = Transducer(eols=False)
