"""Which events have been played in which states: what the canned calls prove, held against what they must.

What was played is noted by the player itself, in the canned calls and in the tables alike (``t30_state``).
What has to be is written by hand below: all states of T.30's flow charts, by role, times all that may come,
less what cannot occur, each with the reason. To look at it: ``python -m tests.unit.test_t30_coverage``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from faxhw.t30.line import AnswerTone, Pause, SendFlags, SendFrames, SendPage

from . import test_t30_receiver_tables as receiver
from . import test_t30_sender_tables as sender
from .t30_canned import CANNED, Canned
from .t30_play import Play
from .t30_state import CALLED_RECEIVES, CALLS, IS_POLLED, POLLS

# ----------------------------------------------------------------------------------------------------------
# What has to be

ALWAYS = ("silence", "garbled", "other carrier", "untrained carrier", "gone")
"""What may be heard besides frames and pages."""
PHASE_B = (
    *("DIS", "CSI", "NSF"),
    *("DTC", "CIG", "NSC", "PWD", "SEP", "PSA", "CIA", "ISP"),
    *("DCS", "TSI", "NSS", "SUB", "SID", "TSA", "IRA"),
    *("CFR", "FTT", "CSA"),
)
"""T.30 5.3.6.1.1 to 5.3.6.1.4, but for CTC and CTR."""
PHASE_D = (
    *("MPS", "EOM", "EOP", "PRI-MPS", "PRI-EOM", "PRI-EOP", "EOS"),
    *("MCF", "RTP", "RTN", "PIP", "PIN", "PID", "FDM"),
)
"""T.30 5.3.6.1.6 and 5.3.6.1.7, but for what is of annex A."""
OTHER = ("DCN", "CRP", "FNV", "TR", "TNR", "unknown frame 77", "unknown frame 00")
"""T.30 5.3.6.1.8, and two control fields that it does not know."""
OF_ECM = ("PPS", "EOR", "RR", "CTC", "CTR", "PPR", "RNR", "ERR")
"""T.30 annex A, whatever a PPS or EOR adds to itself."""
_AFTER = ("NULL", "MPS", "EOM", "EOP", "PRI-MPS", "PRI-EOM", "PRI-EOP", "EOS")
IN_ECM = (
    *("PPS-strange", "EOR-strange"),
    *(f"PPS-{each}" for each in _AFTER),
    *(f"EOR-{each}" for each in _AFTER),
)
"""What a receiver with error correction has to tell apart besides."""
CARRIERS = ("TCF", "bad TCF", "page", "block", "block in part", "empty block")

FRAMES = (*ALWAYS, *PHASE_B, *PHASE_D, *OTHER, *OF_ECM)
EVENTS = (*FRAMES, *IN_ECM, *CARRIERS)

_PAGES = tuple(
    f"{reply} {command}" for reply in ("MCF", "RTP", "RTN", "CRP") for command in ("MPS", "EOM", "EOP")
)
_RECEIVES = ("DCS", "FTT", "CFR", "page", "CRP", *_PAGES)
_CORRECTS = (
    *("CFR", "block", "block in part", "empty block", "CRP"),
    *(f"{reply} PPS-{each}" for reply in ("PPR", "MCF", "CTR") for each in ("NULL", "MPS", "EOM", "EOP")),
    *(f"{reply} PPS-{each}" for reply in ("RNR", "RTN") for each in ("MPS", "EOM", "EOP")),
    *(f"ERR EOR-{each}" for each in ("NULL", "MPS", "EOM", "EOP")),
    *(f"RNR EOR-{each}" for each in ("MPS", "EOM", "EOP")),
)
_SENDS = (*("DCS", "MPS", "EOM", "EOP"), *("DCS, 3rd", "MPS, 3rd", "EOM, 3rd", "EOP, 3rd"), "next document")
_IS_CORRECTED = (
    *(f"PPS-{each}{when}" for each in ("NULL", "MPS", "EOM", "EOP") for when in ("", ", 3rd", ", 3 PPR")),
    *(f"EOR-{each}{when}" for each in ("MPS", "EOM", "EOP") for when in ("", ", 3rd")),
    *("CTC", "CTC, 3rd", "RR", "RR, 3rd"),
)
STATES: dict[tuple[str, str], tuple[str, ...]] = {
    (CALLED_RECEIVES, "plain"): ("DIS", *_RECEIVES),
    (CALLED_RECEIVES, "ECM"): _CORRECTS,
    (POLLS, "plain"): ("start", "DTC", "DTC, 3rd", *_RECEIVES),
    (POLLS, "ECM"): _CORRECTS,
    (CALLS, "plain"): ("start", *_SENDS),
    (CALLS, "ECM"): _IS_CORRECTED,
    (IS_POLLED, "plain"): ("DIS", *_SENDS),
    (IS_POLLED, "ECM"): _IS_CORRECTED,
}
"""What was said or done last, and what it replied to; or what came since. By role and mode: phase B is the
same with error correction and without."""


_BLOCKS = ("block", "block in part", "empty block")
_AWAIT_BLOCKS = ("CFR", "PPR", "CTR", "MCF PPS-NULL", "MCF PPS-MPS", "ERR EOR-NULL", "ERR EOR-MPS")
AWAITED: dict[str, dict[str, tuple[str, ...]]] = {
    "plain": {"DCS": ("TCF", "bad TCF"), "CFR": ("page",), "MCF MPS": ("page",)},
    "ECM": {state: _BLOCKS for state in _CORRECTS if state.startswith(_AWAIT_BLOCKS)},
}
"""The states in which a receiver listens for another modulation than V.21, and what may come there."""


def cannot_occur(role: str, mode: str, state: str, event: str) -> str:
    """Why an event cannot occur in a state, or comes to the same as another; empty: it has to be shown."""
    receives = role in (CALLED_RECEIVES, POLLS)
    if event in CARRIERS and not (receives and event in AWAITED[mode].get(state, ())):
        return "where it is not listened for, it is one more carrier: 'other carrier' is shown"
    if event in IN_ECM and (mode == "plain" or not receives):
        return "what follows a PPS or EOR is not looked at: 'PPS' and 'EOR' are shown"
    return ""


# ----------------------------------------------------------------------------------------------------------
# What was played


@cache
def calls() -> list[tuple[Canned, Play]]:
    """The canned calls, played."""
    found: list[tuple[Canned, Play]] = []
    for canned in CANNED:
        play, procedure = canned.begin()
        found.append((canned, play.run(procedure)))
    return found


def _pairs() -> Iterator[tuple[str, str, str, str]]:
    for canned, play in calls():
        mode = "ECM" if canned.name.startswith("ECM") else "plain"
        yield from ((canned.role, mode, *pair) for pair in play.state.noted)
    for column in (*receiver.COLUMNS, *sender.COLUMNS):
        yield from ((column.station.name, column.mode, *pair) for pair in column.played.pairs)


@cache
def played() -> Counter[tuple[str, str, str, str]]:
    """How often each event was met in each state, by role and mode."""
    count: Counter[tuple[str, str, str, str]] = Counter()
    for role, mode, state, event in _pairs():
        told_apart = mode == "ECM" and role in (CALLED_RECEIVES, POLLS)
        found = event if told_apart or event[:3] not in ("PPS", "EOR") else event[:3]
        count[role, mode, state, found] += 1
    return count


@pytest.mark.parametrize(("role", "mode"), STATES)
def test_every_event_was_met_in_every_state(role: str, mode: str) -> None:
    missing = [
        f"{state}: {event}"
        for state in STATES[role, mode]
        for event in EVENTS
        if not played()[role, mode, state, event] and not cannot_occur(role, mode, state, event)
    ]
    assert missing == []


def test_no_state_was_met_that_is_not_in_the_list() -> None:
    """So that no state can go unseen that calls get into, and the list does not know."""
    known = {(role, state) for (role, _), states in STATES.items() for state in states}
    # Taken for a page, where CFR was lost; heard to its end, where the caller is turned away.
    beside = {(CALLED_RECEIVES, "TCF"), (IS_POLLED, "TCF")}
    assert {(role, state) for role, _, state, _ in played()} <= known | beside


# ----------------------------------------------------------------------------------------------------------
# What is to be true of every call


def test_the_x_bit_tells_who_speaks() -> None:
    """First bit of the control field: 0 from who said the DIS, 1 from who heard it (T.30 5.3.6.1)."""
    for canned, play in calls():
        said = [each for every in play.asked if isinstance(every, SendFrames) for each in every.frames]
        assert {each[2] & 1 for each in said} <= {canned.role in (POLLS, CALLS)}, canned


def test_only_the_last_frame_has_the_final_bit() -> None:
    """1111 1111, and 1100 X000 with X as 1 in the last (T.30 5.3.4 and 5.3.5)."""
    for canned, play in calls():
        for each in play.asked:
            if isinstance(each, SendFrames):
                heads = [frame[:2].hex() for frame in each.frames]
                assert heads == ["ff03"] * (len(heads) - 1) + ["ff13"], canned


def test_the_direction_changes_after_75_ms() -> None:
    """75 +-20 ms of silence between what is heard and what is said, and between V.21 and a page (5.1)."""
    for canned, play in calls():
        for before, each in pairwise(play.asked):
            if isinstance(each, SendFrames | SendFlags | SendPage):
                rests = isinstance(before, Pause) and 0.055 <= before.seconds <= 0.095
                assert rests or isinstance(before, AnswerTone | SendFlags), canned


# ----------------------------------------------------------------------------------------------------------
# For a person to look at


def table(role: str, mode: str) -> str:
    """How many calls met each event in each state: a line an event, a column a state."""
    states = STATES[role, mode]
    width = max(len(event) for event in EVENTS)
    lines = [f"{role}, {mode}"]
    lines += [f"{number:4} {state}" for number, state in enumerate(states, 1)]
    lines += ["", " " * width + "".join(f"{number:4}" for number, _ in enumerate(states, 1))]
    for event in EVENTS:
        counts = [played()[role, mode, state, event] for state in states]
        marks = [
            str(count) if count else "." if cannot_occur(role, mode, state, event) else "!"
            for state, count in zip(states, counts, strict=True)
        ]
        if set(marks) != {"."}:
            lines.append(event.ljust(width) + "".join(f"{mark:>4}" for mark in marks))
    return "\n".join(lines)


def report() -> str:
    """All tables, and what the marks mean."""
    total = sum(played().values())
    tables = "\n\n".join(table(role, mode) for role, mode in STATES)
    return (
        f"{tables}\n\n{total} events met. '.': cannot occur, or comes to the same as another; '!': missing\n"
    )


if __name__ == "__main__":
    sys.stdout.write(report())
