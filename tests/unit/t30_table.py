"""Tables of what comes next: a line an event, a column a state; in each cell what T.30 has one do.

Each cell is a canned call of its own. The far end does what leads to the state, then comes the event, and
after it silence for ever; the cell is what is said or done first, or how the call ends:

    MCF       this is said at once
    ~DIS      silence is waited through first, a timer's time; then this is said
    ~!t2      silence is waited through, and the call ends without a word
    DCN!poll  this is said, and the call ends
    DCS 7200  a DCS is said, and a training check at this rate
    -         this cannot occur: ``test_t30_coverage`` says why
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from faxhw.session import Event, NextStep, Refused, Status, Verdict
from faxhw.t30.line import Procedure, ReceiveFrames, ReceivePage
from faxhw.terms import Settings

from .t30_play import PAGE, SILENCE, Item, Play
from .t30_state import event_of

ENDINGS: dict[str, Status] = {
    "ok": Status.NORMAL,
    "gone": Status.LINE_DROPPED,
    "dcn": Status.DCN_RECEIVED,
    "page": Status.T2_NO_PAGE,
    "command": Status.RECEIVE_D_NO_COMMAND,
    "train": Status.TRAINING_FAILED,
    "quality": Status.PAGE_QUALITY,
    "t2": Status.T2_EXPIRED,
    "poll": Status.CANNOT_BE_POLLED,
    "receive": Status.RECEIVE_B_BAD_COMMAND,
    "no DIS": Status.NO_DIS,
    "DCS": Status.DCS_NO_REPLY,
    "phase B": Status.SEND_B_BAD_RESPONSE,
    "B dcn": Status.SEND_B_DCN,
    "D dcn": Status.SEND_D_BAD_RESPONSE,
    "T5": Status.SEND_D,
    "MPS": Status.MPS_NO_REPLY,
    "EOM": Status.EOM_NO_REPLY,
    "EOP": Status.EOP_NO_REPLY,
    "MPS?": Status.MPS_INVALID,
    "EOM?": Status.EOM_INVALID,
    "EOP?": Status.EOP_INVALID,
}
"""How calls end, in the tables."""


@dataclass(frozen=True)
class Stand:
    """A state: what led to it."""

    clause: str
    """Where T.30 has it."""
    hears: tuple[Item, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    pages: tuple[NextStep, ...] = ()
    refusals: tuple[Refused, ...] = ()
    page: bytes = PAGE
    alike: str = ""
    """The state whose column is this one's too, where it has none."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What stands for the names in braces in the events' words."""


@dataclass(frozen=True)
class Happening:
    """An event: what may be heard, any of which must come to the same."""

    clause: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Station:
    """Whose table it is: how the procedure is made, and what the far end says with."""

    name: str
    procedure: Callable[[Settings], Procedure]
    settings: Settings
    x: bool
    """The X bit of the far end."""
    dcs: bytes = b""
    dis: bytes = b""
    before: tuple[Item, ...] = ()
    """What is heard before all that leads to a state."""
    spoken: Mapping[str, str] = field(default_factory=dict)
    """Words that are others where this station says them than in the table."""


Cells = dict[tuple[str, str], str]
"""(state, event) -> cell."""


def read(table: str) -> Cells:
    """A table's cells, by state and event. Its first line names the states."""
    head, *lines = [line for line in table.splitlines() if line.strip(" -+")]
    states = [each.strip() for each in head.split("|")[1:]]
    cells: Cells = {}
    for line in lines:
        event, *row = [each.strip() for each in line.split("|")]
        assert len(row) == len(states), f"{event}: {len(row)} cells for {len(states)} states"
        cells |= {(state, event): cell for state, cell in zip(states, row, strict=True)}
    return cells


@dataclass(frozen=True)
class Played:
    """What came of a column."""

    wrong: list[str]
    """Cells that are not as they should be."""
    pairs: list[tuple[str, str]]
    """The state and the event of each call that was played."""


@dataclass(frozen=True)
class Column:
    """A state, and what comes next in it."""

    station: Station
    state: str
    stand: Stand
    cells: Mapping[str, str]
    """By event."""
    events: Mapping[str, Happening]

    @property
    def mode(self) -> str:
        """With error correction or without: the fourth octet of a DIS or DCS tells."""
        return "ECM" if len(self.station.dcs or self.station.dis) > 3 else "plain"

    def __str__(self) -> str:
        return f"{self.station.name}, {self.mode}: {self.state}"

    @cached_property
    def played(self) -> Played:
        """What comes of it when each cell is played."""
        wrong: list[str] = []
        pairs: list[tuple[str, str]] = []
        for event, cell in self.cells.items():
            for item in self.events[event].items if cell != "-" else ():
                heard = item.format_map(self.stand.words) if isinstance(item, str) else item
                found, pair = _next(self.station, self.stand, heard)
                pairs.append(pair)
                if found != _as_said_by(self.station, cell):
                    wrong.append(f"{heard!r}: {cell} was expected, {found} came")
                if pair != (self.state, event_of(heard)):
                    wrong.append(f"{heard!r}: it was heard in another state, {pair}")
        return Played(wrong, pairs)


def columns(
    station: Station, stands: Mapping[str, Stand], cells: Cells, events: Mapping[str, Happening]
) -> list[Column]:
    """The columns of a station's tables."""

    def of(state: str) -> dict[str, str]:
        column = stands[state].alike or state
        return {event: cell for (its, event), cell in cells.items() if its == column}

    return [Column(station, state, stand, of(state), events) for state, stand in stands.items()]


def _as_said_by(station: Station, cell: str) -> str:
    mark, word = ("~", cell[1:]) if cell.startswith("~") else ("", cell)
    return mark + station.spoken.get(word, word)


def _next(station: Station, stand: Stand, event: Item) -> tuple[str, tuple[str, str]]:
    """What comes next in a state, if this is heard and then nothing more; and the pair that was noted."""
    play = Play(
        [*station.before, *stand.hears, event],
        dcs=station.dcs,
        dis=station.dis,
        x=station.x,
        verdicts=stand.verdicts,
        pages=stand.pages,
        refusals=stand.refusals,
        page=stand.page,
    )
    procedure = station.procedure(station.settings)
    said, waited, pair = 0, False, ("", "")
    try:
        item = next(procedure)
        while not said or not _complete(play.acts[said:]):
            silent = bool(said) and isinstance(item, ReceiveFrames | ReceivePage)
            waited = waited or (silent and play.due == SILENCE)
            pending = play.pending
            reply = play.on_event(item) if isinstance(item, Event) else play.perform(item)
            if pending and not play.pending:
                said, pair = len(play.acts) or 1, play.state.noted[-1]
                play.acts = play.acts or [""]
            item = procedure.send(reply)
        ending = ""
    except StopIteration as stop:
        ending = f"!{next(key for key, each in ENDINGS.items() if each is stop.value.status)}"
    finally:
        procedure.close()
    return "~" * waited + " ".join(_short(each) for each in play.acts[said:]) + ending, pair


def _complete(acts: Iterable[str]) -> bool:
    """Whether what was said is all that a cell shows: DCS goes with its training check, DCN with the end."""
    words = [_short(each) for each in acts]
    return bool(words) and words not in (["DCS"], ["DCN"])


def _short(act: str) -> str:
    """An act without identification and modulation; of a training check the rate."""
    word, _, modulation = act.rpartition("+")[2].partition("@")
    if word == "TCF":
        return modulation.split()[1]
    return word.partition("(")[0] if word.startswith(("PPS", "PPR", "CTC")) else word
