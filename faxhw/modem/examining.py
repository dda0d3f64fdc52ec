"""Asking a modem all that it tells without a call: names, lists, flow control, caller ID, how quick it is.

It takes a bounded time even where much of it brings no answer. An answer counts by its content; what is only
OK counts for nothing where the modem says that to anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from faxhw.at.chat import Chat, Reply
from faxhw.at.identify import Identity
from faxhw.at.profile import Profile, Step
from faxhw.clock import Clock, Deadline
from faxhw.ports.base import Flow

_WAIT = 1.5
"""Seconds for an answer; a modem that takes longer does not know the question."""
_PATIENCE = 25.0
"""Seconds for all of it; what has not been asked by then is not."""
_TIMES = 20
_MOST = 200
"""Characters that are kept of an answer."""

_NAMES = {
    "ATI1": "I1",
    "ATI2": "I2",
    "ATI4": "I4",
    "ATI5": "I5",
    "ATI6": "I6",
    "ATI7": "I7",
    "ATI8": "I8",
    "ATI9": "I9",
    "+FMI": "+FMI?",
    "+FMM": "+FMM?",
    "+FMR": "+FMR?",
    "+GMI": "+GMI?",
    "+GMM": "+GMM?",
}
_LISTS = {
    "1": ("+FTM", "+FRM", "+FTH", "+FRH", "+FTS", "+FRS", "+FAR", "+F34"),
    "2": ("+FDCC", "+FCQ", "+FBOR", "+FECM"),
    "2.0": ("+FCC", "+FCQ", "+FBO", "+FAP"),
    "8": ("+VSM",),
}
"""What the modem can do, by class."""
_KINDS = {"1.0": "1", "2.1": "2.0"}
"""Classes that have the commands of another."""
FLOW_FAMILIES: tuple[Mapping[str, str], ...] = (
    {"none": "&K0", "rtscts": "&K3", "xonxoff": "&K4"},
    {"none": "&H0&I0&R1", "rtscts": "&H1&I0&R2", "xonxoff": "&H2&I2&R1"},
    {"none": "\\Q0", "rtscts": "\\Q3", "xonxoff": "\\Q1"},
    {"none": "&E3", "rtscts": "&E4", "xonxoff": "&E5"},
    {"none": "+IFC=0,0", "rtscts": "+IFC=2,2", "xonxoff": "+IFC=1,1"},
)
"""How the makes set flow control; a profile's own commands come before."""
_CALLER_ID = ("+VCID=1", "#CID=1", "*ID1")


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of it."""

    names: Mapping[str, str]
    """Answers to ATI and to questions about the maker, by question."""
    lists: Mapping[str, str]
    """Answers to ``=?``, by command; empty where the modem refuses."""
    classes_taken: tuple[str, ...]
    """Of those that it claims."""
    flow: Mapping[str, bool]
    """Whether each command for flow control was taken."""
    flow_commands: Mapping[str, str]
    """For each ``Flow``, the command that was taken."""
    caller_id: str
    """The first command for caller ID that was taken; empty if none was."""
    turnaround: float | None
    """Seconds from a command to its OK, in the middle; ``None`` if it did not always answer."""
    unanswered: tuple[str, ...]
    """What brought no answer, or was not asked since others had not."""


def examine(chat: Chat, identity: Identity, profile: Profile) -> Examination:
    """Ask a modem that is known, in command state; it may be left in any class."""
    examiner = _Examiner(chat, chat.clock)
    turnaround = examiner.turnaround()
    names = examiner.answers(_NAMES)
    taken = tuple(each for each in identity.classes if examiner.takes(f"+FCLASS={each}"))
    lists = examiner.lists(taken or profile.classes)
    examiner.takes(f"+FCLASS={profile.classes[-1]}")
    flow, flow_commands = examiner.flow(_families(profile))
    caller_id = examiner.first_taken(dict.fromkeys((*_choices(profile.caller_id), *_CALLER_ID)))
    return Examination(
        names=names,
        lists=lists,
        classes_taken=taken,
        flow=flow,
        flow_commands=flow_commands,
        caller_id=caller_id,
        turnaround=turnaround,
        unanswered=tuple(examiner.unanswered),
    )


def _families(profile: Profile) -> Iterable[Mapping[str, str]]:
    own = {flow: _choices(command)[0] for flow, command in profile.flow_commands.items() if command}
    return [own, *(each for each in FLOW_FAMILIES if each != own)] if own else FLOW_FAMILIES


def _choices(line: str) -> Sequence[str]:
    return Step.of(line).choices if line else ()


class _Examiner:
    """Questions, for as long as there is patience."""

    def __init__(self, chat: Chat, clock: Clock) -> None:
        self._chat = chat
        self._clock = clock
        self._patience = Deadline(clock, _PATIENCE)
        self.unanswered: list[str] = []

    def ask(self, command: str) -> Reply:
        """What a command brings; nothing at all once patience is at its end."""
        if self._patience.passed():
            self.unanswered.append(f"AT{command}")
            return Reply(None)
        reply = self._chat.command(command, _WAIT)
        if reply.result is None:
            self.unanswered.append(f"AT{command}")
            self._chat.abort(give_can=False)  # a late answer must not be taken for the next one's
        return reply

    def takes(self, command: str) -> bool:
        return self.ask(command).ok

    def first_taken(self, commands: Iterable[str]) -> str:
        return next((each for each in commands if self.takes(each)), "")

    def answers(self, questions: Mapping[str, str]) -> dict[str, str]:
        """The answers that have content, by the questions' names."""
        given = {name: self.ask(question) for name, question in questions.items()}
        return {name: text for name, reply in given.items() if (text := _text(reply))}

    def lists(self, classes: Sequence[str]) -> dict[str, str]:
        """What the modem can do in each of these classes."""
        found: dict[str, str] = {}
        for kind, commands in _LISTS.items():
            fclass = next((each for each in classes if _KINDS.get(each, each) == kind), "")
            if fclass and self.takes(f"+FCLASS={fclass}"):
                found |= {each: _text(self.ask(f"{each}=?")) for each in commands}
        return found

    def flow(self, families: Iterable[Mapping[str, str]]) -> tuple[dict[str, bool], dict[str, str]]:
        """Which commands are taken, of each family up to one that is taken whole; and what of the best."""
        tried: dict[str, bool] = {}
        best: dict[str, str] = {}
        for family in families:
            for command in family.values():
                tried[command] = self.takes(command)
            taken = {flow: command for flow, command in family.items() if tried[command]}
            best = taken if len(taken) > len(best) else best
            if len(taken) == len(Flow):
                break
        return tried, best

    def turnaround(self) -> float | None:
        """The median time from AT to its OK."""
        times: list[float] = []
        for _ in range(_TIMES):
            began = self._clock.monotonic()
            if not self.takes(""):
                return None
            times.append(self._clock.monotonic() - began)
        return median(times)


def _text(reply: Reply) -> str:
    return re.sub(r"\s+", " ", " ".join(reply.lines)).strip()[:_MOST] if reply.ok else ""
