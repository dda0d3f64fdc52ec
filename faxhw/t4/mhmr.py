"""The reader of MH and MR pages (T.4 clauses 4.1 and 4.2): rows stand between ends of line.

What comes before the first EOL does not count, unless it is one whole row: some senders leave the first EOL
out. Six EOLs close together are RTC. Fewer, or with zeros between them, may be RTC too, or what a burst of
zeros has left of some rows: they are the end unless a whole row follows, or, where there are not even three
close together, anything longer than a damaged part of RTC.
"""

from __future__ import annotations

from itertools import accumulate

from faxhw.t4.codes import EOL
from faxhw.t4.damage import Ledger
from faxhw.t4.rows import Row
from faxhw.t4.tokens import row_of_modes, row_of_runs
from faxhw.t4.transducer import MH_TRANSDUCER, MR_TRANSDUCER, TWO_DIMENSIONAL, VERTICAL_0, Entry

_LONGEST_IN_RTC = 3 * len(EOL)
"""Bits between two EOLs that can be a damaged part of RTC; what is longer is part of the page."""
_CLOSE = 2 * len(EOL)
"""Bits that an EOL of RTC takes at most, with a tag bit and zeros that make it fill octets."""
_SURE = 2
"""So many close EOLs behind a first one are RTC unless a whole row follows."""
_CERTAIN = 5
"""So many, as far apart as each other, are RTC whatever follows: noise makes no such thing."""


class _PerhapsEnd:
    """EOLs with no whole row behind them, and where the page ends if they are RTC: marks of the ledger's."""

    def __init__(self) -> None:
        self._first: int | None = None
        """Before the first of them, if that may be the end."""
        self._run: int | None = None
        """Before the first of those that are close together, or parted by damaged ones at most."""
        self._close: list[int] = []
        """How many bits each of these took, back to where anything was between them."""
        self._sure: int | None = None

    @property
    def mark(self) -> int | None:
        """Where the page ends, if anywhere."""
        return self._first if self._sure is None else self._sure

    @property
    def certain(self) -> bool:
        return len(self._close) == _CERTAIN and len(set(self._close)) == 1

    def empty_row(self, bits: int, mark: int) -> None:
        self._first = mark if self._first is None else self._first
        if bits > _CLOSE:
            self._run, self._close = None, []
            return
        self._run = mark if self._run is None else self._run
        self._close = [*self._close[1 - _CERTAIN :], bits]
        if len(self._close) >= _SURE and self._sure is None:
            self._sure = self._run

    def damaged_row(self, bits: int) -> None:
        self._close = []
        if bits > _LONGEST_IN_RTC:
            self._first = self._run = None


class MhMrReader:
    """Tells the ledger of the rows. Positions are in bits from the page's first."""

    def __init__(self, width: int, ledger: Ledger, *, tagged: bool) -> None:
        self._width, self._ledger, self._tagged = width, ledger, tagged
        self._state = (MR_TRANSDUCER if tagged else MH_TRANSDUCER).start()
        self._tokens: list[int] = []
        self._most_tokens = 2 * width + 8
        self._octets = 0
        self._reference: Row | None = None
        self._last_runs: tuple[list[int], Row | None] = ([], None)
        self._first_eol: int | None = None
        self._last_eol = 0  # the bit behind it
        self._rows_end = 0
        self._ragged = False
        self._perhaps_end = _PerhapsEnd()
        self.done = False
        """Whether more octets would change nothing."""
        self.complete = False
        self.too_long = False

    @property
    def clean_span(self) -> tuple[int, int] | None:
        """From the first EOL to the end of the last row; ``None`` if a row stands outside of all EOLs."""
        if self._first_eol is None or self._ragged or self._rows_end <= self._first_eol:
            return None
        return self._first_eol, self._rows_end

    def feed(self, data: bytes) -> None:
        state, tokens = self._state, self._tokens
        for number, octet in enumerate(data, self._octets):
            more, state, end, _ = state[octet]
            tokens += more
            if end:
                bits, after = end
                self._end_of_line(tokens, 8 * number + bits)
                tokens = [*after]
                if self.done:
                    break
        del tokens[self._most_tokens + 1 :]
        self._state, self._tokens = state, tokens
        self._octets += len(data)

    def finish(self) -> None:
        """What came last has no EOL behind it: it counts if it is a whole row, else it is a damaged one."""
        if self.done:
            return
        bits = 8 * self._octets - self._last_eol
        if self._first_eol is None:
            self._headless_row(self._tokens, bits)
        elif not self._is_empty(self._tokens):
            self._ragged = True
            self._take(self._up_to_a_row(self._tokens), bits)
        self._end_of_page()

    def _up_to_a_row(self, tokens: list[int]) -> list[int]:
        """The tokens of the whole row that they begin with, or all of them, if they do with none.

        What follows at the carrier's end is no part of the page: modems hand up the ones they go down with.
        """
        if self._tagged and tokens[0] == TWO_DIMENSIONAL:
            if self._reference is None:
                return tokens
            row, last = self._row_of_codes(tokens[1:], self._reference)
            return tokens if row is None else tokens[: last + 2]
        first = 1 if self._tagged else 0
        lengths = list(accumulate(tokens[first:]))
        return tokens[: first + lengths.index(self._width) + 1] if self._width in lengths else tokens

    def _end_of_line(self, tokens: list[int], at: int) -> None:
        bits, self._last_eol = at - self._last_eol, at
        if self._first_eol is None:
            self._first_eol = at - len(EOL)
            self._headless_row(tokens, bits)
        elif self._is_empty(tokens) or bits == len(EOL):  # some leave out the tag bits in RTC
            self._empty_row(bits)
        else:
            self._take(tokens, bits)

    def _is_empty(self, tokens: list[int]) -> bool:
        """Whether there is nothing, or nothing but a tag bit."""
        return len(tokens) <= (1 if self._tagged else 0)

    def _headless_row(self, tokens: list[int], bits: int) -> None:
        row = row_of_runs(tokens, self._width)
        if row is not None:
            self._ragged = True
            self._reference = row
            self._ledger.good(row, bits)

    def _empty_row(self, bits: int) -> None:
        self._perhaps_end.empty_row(bits, self._ledger.mark())
        self._reference = None
        if not self._ledger.full:  # a page may have as many rows as there is room for, and RTC
            self._ledger.bad(bits)
        if self._perhaps_end.certain:
            self._end_of_page()

    def _end_of_page(self) -> None:
        """The page is over: with RTC, if what was seen since the last row was that."""
        if self._perhaps_end.mark is not None:
            self._ledger.back_to(self._perhaps_end.mark)
            self.complete = True
        self.done = True

    def _take(self, tokens: list[int], bits: int) -> None:
        row = self._row(tokens)
        if row is None:
            self._perhaps_end.damaged_row(bits)
            self._bad(bits)
            return
        self._perhaps_end = _PerhapsEnd()
        self._reference = row
        if self._has_room():
            self._ledger.good(row, bits)
            self._rows_end = self._last_eol - len(EOL)

    def _bad(self, bits: int) -> None:
        self._reference = None
        if self._has_room():
            self._ledger.bad(bits)

    def _has_room(self) -> bool:
        if self._ledger.full:
            self.too_long = self.done = True
        return not self.done

    def _row(self, tokens: list[int]) -> Row | None:
        if self._is_empty(tokens) or len(tokens) > self._most_tokens:
            return None
        if not self._tagged:
            return self._one_dimensional(tokens)
        tag, *codes = tokens
        return self._two_dimensional(codes) if tag == TWO_DIMENSIONAL else self._one_dimensional(codes)

    def _one_dimensional(self, runs: list[int]) -> Row | None:
        if runs != self._last_runs[0]:
            self._last_runs = runs, row_of_runs([*runs], self._width)
        return self._last_runs[1]

    def _two_dimensional(self, codes: list[int]) -> Row | None:
        reference = self._reference
        if reference is None:
            return None
        if len(codes) == len(reference) + 1 == codes.count(VERTICAL_0):
            return reference
        row, last = self._row_of_codes(codes, reference)
        return row if last == len(codes) - 1 else None

    def _row_of_codes(self, codes: list[int], reference: Row) -> tuple[Row | None, int]:
        """The row that modes begin with, and the number of the last that belongs to it."""
        whole: Entry = (tuple(codes), self._state, None, range(len(codes)))  # as if of one octet
        row, _, last = row_of_modes(b"\0", 0, {0: whole}, reference, self._width)
        return row, last
