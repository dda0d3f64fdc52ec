"""From octets of the line to tokens of rows: a finite-state transducer that is built while it is used.

A state knows what was read of the code in hand; what it makes of an octet is worked out once and kept, so
that a page costs one dictionary look-up an octet. A token is an integer: a run or a part of one (0 and up),
or one of the marks below. Runs take turns, white first, or a0's colour first after the horizontal mode. A
make-up code is a token of its own; in a one-dimensional row a run of nothing follows it, so that the turns
are kept. EOL is looked for in every state (T.4 clause 4.1.2: eleven zeros or more, and a one): nothing
damaged outlives its row.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from faxhw.t4 import codes

BAD = 1 << 20
"""Token: no valid code; the rest of the row is passed over. As a run it is longer than any row."""
PASS = -8
VERTICAL_0 = -4
"""Token of V(0); the other vertical modes are up to 3 less or more, as a1 stands to b1."""
ONE_DIMENSIONAL = -9
"""Token: the tag bit after EOL says that a one-dimensional row follows (T.4 clause 4.2.2)."""
TWO_DIMENSIONAL = -10

MODES = {word: VERTICAL_0 + offset for offset, word in codes.VERTICAL.items()} | {codes.PASS: PASS}
_HORIZONTAL = -11
_EOL_ZEROS = len(codes.EOL) - 1
_MOST_ENTRIES = 40_000
"""Kept at most, at some 200 octets each: pages of text make a few thousand, noise could make many more."""


class _Table:
    """Code words, what they mean, and what a word can begin with."""

    def __init__(self, words: dict[str, int]) -> None:
        self.words = words
        self.beginnings = {word[:length] for word in words for length in range(1, len(word))}


_MODE_TABLE = _Table(MODES | {codes.HORIZONTAL: _HORIZONTAL})
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


_NEXT_PHASE = {_Phase.ROW: _Phase.ROW, _Phase.FIRST: _Phase.SECOND, _Phase.SECOND: _Phase.MODE}


class _Place(NamedTuple):
    """Where the transducer stands between two bits."""

    phase: _Phase
    black: bool = False
    code: str = ""
    """What was read of the code in hand."""
    zeros: int = 0
    """The zeros just read, whatever codes they belonged to, counted no further than an EOL needs."""

    def end_of_line(self) -> tuple[int, ...]:
        """The token of an EOL that the next bit completes: none where it cuts nothing off."""
        whole = self.phase in (_Phase.ROW, _Phase.MODE) and self.code == "0" * _EOL_ZEROS
        return () if whole or self.phase is _Phase.LOST else (BAD,)

    def step(self, bit: int) -> tuple[_Place, tuple[int, ...]]:
        """Where a bit leads that does not complete an EOL, and the tokens that it gives."""
        zeros = 0 if bit else min(self.zeros + 1, _EOL_ZEROS)
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
            return self._after_code(meaning, zeros)
        if "1" not in code:
            return self._replace(code=code[:_EOL_ZEROS], zeros=zeros), ()
        if code in table.beginnings:
            return self._replace(code=code, zeros=zeros), ()
        return _Place(_Phase.LOST, zeros=zeros), (BAD,)

    def _after_code(self, meaning: int, zeros: int) -> tuple[_Place, tuple[int, ...]]:
        if self.phase is _Phase.MODE:
            if meaning == _HORIZONTAL:
                return _Place(_Phase.FIRST, self.black, zeros=zeros), ()
            return _Place(_Phase.MODE, self.black ^ (meaning != PASS), zeros=zeros), (meaning,)
        if meaning >= 64:
            tokens = (meaning, 0) if self.phase is _Phase.ROW else (meaning,)
            return _Place(self.phase, self.black, zeros=zeros), tokens
        return _Place(_NEXT_PHASE[self.phase], not self.black, zeros=zeros), (meaning,)


Entry = tuple[tuple[int, ...], "State", tuple[int, tuple[int, ...]] | None]
"""What an octet gives: tokens, the next state, and ``None`` or an EOL: how many bits of the octet go up to
its end, and the tokens that come behind it."""


class State(dict[int, Entry]):
    """What each octet gives here, worked out when it first comes."""

    __slots__ = ("_machine", "_place", "_steps")

    def __init__(self, machine: Transducer, place: _Place) -> None:
        super().__init__()
        self._machine, self._place = machine, place
        self._steps: dict[int, tuple[State, tuple[int, ...], bool]] = {}

    def __missing__(self, octet: int) -> Entry:
        state: State = self
        tokens: tuple[int, ...] = ()
        before: tuple[int, ...] = ()
        bits_to_eol = 0
        for number in range(8):
            state, more, ends = state._step(octet >> number & 1)
            tokens += more
            if ends:
                before, tokens, bits_to_eol = tokens, (), number + 1
        entry: Entry = (before, state, (bits_to_eol, tokens)) if bits_to_eol else (tokens, state, None)
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
    """The states of MH (``tagged`` False) or MR (True), shared by all decoders."""

    def __init__(self, *, tagged: bool) -> None:
        self.after_eol = _Place(_Phase.TAG if tagged else _Phase.ROW)
        self._states: dict[_Place, State] = {}
        self._entries = 0

    def start(self) -> State:
        """The state at the beginning of a page: in a one-dimensional row."""
        return self.state(_Place(_Phase.ROW))

    def state(self, place: _Place) -> State:
        if place not in self._states:
            self._states[place] = State(self, place)
        return self._states[place]

    def keep(self, state: State, octet: int, entry: Entry) -> None:
        """Keep an entry; when there are too many, forget all others first."""
        if self._entries >= _MOST_ENTRIES:
            self._entries = 0
            for each in self._states.values():
                each.clear()
        self._entries += 1
        state[octet] = entry


MH_TRANSDUCER = Transducer(tagged=False)
MR_TRANSDUCER = Transducer(tagged=True)
