"""Where a canned call stands, as a person would say it: what we said or did last, and what came since.

The names of states and events are those of the tables in ``test_t30_coverage``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from faxhw.t30 import frames

CALLED_RECEIVES = "called, receives"
POLLS = "polls, receives"
CALLS = "calls, sends"
IS_POLLED = "is polled, sends"
ROLES = (CALLED_RECEIVES, POLLS, CALLS, IS_POLLED)
"""The four things that a station can be."""

_REPLIES = frozenset({"MCF", "RTN", "RTP", "RNR", "PPR", "ERR", "CRP", "CTR", "flags"})
_COMMANDS = re.compile(r"(PPS-|EOR-|)(NULL|MPS|EOM|EOP)")
_ANSWERS = frozenset({"CFR", "FTT", "CTR", "MCF", "RTN", "RTP", "PPR", "RNR", "ERR"})
_LAST_TRY = 3
_LAST_PPR = 3


@dataclass
class State:
    """What was said or came last, and each thing that was heard, with the state that it was heard in."""

    name: str = "start"
    noted: list[tuple[str, str]] = field(default_factory=list)
    _command: str = ""
    """The last post-message command heard."""
    _tries: int = 0
    """How often in a row our last command was said."""
    _requests: int = 0
    """How many PPR came for the block."""

    def did(self, act: str) -> None:
        """Note what we said or did."""
        word = re.split(r"[@(]", act.rpartition("+")[2])[0]
        if word in ("TCF", "page", "block"):
            return  # the state is that of the command before it, or after it
        self._tries = self._tries + 1 if self.name.split(",")[0] == word else 1
        if word in ("CTC", "EOR"):
            self._requests = 0
        self.name = f"{word} {self._command}" if word in _REPLIES and self._command else word
        if self._tries >= _LAST_TRY and word not in _REPLIES and word != "DIS":
            self.name += ", 3rd"
        elif self._requests >= _LAST_PPR and word.startswith("PPS"):
            self.name += ", 3 PPR"

    def heard(self, item: str | bytes | tuple[bytes, ...]) -> None:
        """Note what is heard."""
        event = event_of(item)
        self.noted.append((self.name, event))
        command = event.replace("PRI-", "").replace("EOS", "EOM")
        if event in ("page", "TCF", "bad TCF", "block", "block in part", "empty block"):
            self.name, self._command = "TCF" if event == "bad TCF" else event, ""
        elif event == "DCS":
            self.name, self._command = "DCS", ""
        elif event in ("MCF", "RTP", "PIP", "ERR") and "EOM" in self.name:
            self.name = "next document"
        elif event in _ANSWERS:
            self._tries = 0
            self._requests = self._requests + 1 if event == "PPR" else 0
        elif _COMMANDS.fullmatch(command):
            self._command = command


def event_of(item: str | bytes | tuple[bytes, ...]) -> str:
    """The name of what is heard."""
    if isinstance(item, tuple):
        return frames.label(frames.control_field(item[-1][2])) if frames.is_t30(item[-1]) else "unknown"
    if isinstance(item, bytes):
        return "page" if item == b"page" else "bad TCF" if item.strip(b"\0") else "TCF"
    if item.startswith("block"):
        return "empty block" if "(none" in item else "block in part" if "without" in item else "block"
    if item.islower():  # silence and its like
        return item
    word = item.split()[-1]
    if word.endswith("*"):
        return "garbled"
    name, _, counters = word.partition("(")
    understood = not name.startswith("PPS") or counters.count(",") == 2
    return name.replace("_", "-") if understood else "PPS"
