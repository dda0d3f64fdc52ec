"""What a modem says in command state: lines, and the results among them (V.250 clause 5.7, T.31 clause 8.5).

``Lines`` cuts the byte stream, bounded and cleaned; ``result_of`` names the lines that end a command. Whether
a line answers the command or came by itself is for ``faxhw.at.chat`` to say, which knows what was asked.
"""

from __future__ import annotations

import re
from enum import StrEnum

MAX_LINE = 512
"""Characters of a line that are kept; the rest of it is dropped."""
EVENT = "<DLE>"
"""Stands before the character of an event (V.253): in voice class a modem says it after a DLE."""

_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r(?=[^\n])|\n)")
_NUMERIC = re.compile(rb"([0-9]{1,2})\r")
_EVENT = re.compile(rb"\x10([!-~])")
_DLE = b"\x10"


def printable(text: str) -> str:
    """The text without control characters, outer blanks removed: safe for a log or a terminal."""
    return "".join(each for each in text if each.isprintable()).strip()


class Lines:
    """Cuts what arrives into lines; fed in any pieces, it gives the same lines.

    A line ends with CR LF, or with a CR or LF of its own. A CR at the very end of what has arrived is held
    back, since its LF may follow: data begins right after the LF of a CONNECT. A numeric result has no LF and
    ends with its CR, where ``numeric`` says that the modem may be in that mode. Where a line may begin, a DLE
    and a character are an event, and a line of their own.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self.numeric = False

    def feed(self, received: bytes) -> None:
        self._buffer += received

    def next(self) -> str | None:
        """The next line that is not empty; ``None`` until more has arrived."""
        while found := self._match():
            self._buffer = self._buffer[found.end() :]
            if found.re is _EVENT:
                return EVENT + found[1].decode("ascii")
            if text := printable(found[1][:MAX_LINE].decode("latin-1")):
                return text
        if len(self._buffer) > MAX_LINE:
            self._buffer = self._buffer[:MAX_LINE] + (b"\r" if self._buffer.endswith(b"\r") else b"")
        return None

    def _match(self) -> re.Match[bytes] | None:
        if self._buffer == _DLE:
            return None  # what follows it tells
        numeric = _NUMERIC.match(self._buffer) if self.numeric else None
        return _EVENT.match(self._buffer) or numeric or _LINE.match(self._buffer)

    def take_rest(self) -> bytes:
        """Everything after the last line given out: after a CONNECT, it is data."""
        rest, self._buffer = self._buffer, b""
        return rest


class Result(StrEnum):
    """What ends a command."""

    OK = "OK"
    CONNECT = "CONNECT"
    RING = "RING"
    NO_CARRIER = "NO CARRIER"
    ERROR = "ERROR"
    NO_DIALTONE = "NO DIALTONE"
    BUSY = "BUSY"
    NO_ANSWER = "NO ANSWER"
    BLACKLISTED = "BLACKLISTED"
    DELAYED = "DELAYED"
    VOICE = "VCON"
    """A call is answered, and it is a voice's."""
    OTHER_CARRIER = "+FCERROR"
    """A carrier of another modulation than was asked for."""
    FRAMES_INSTEAD = "+FRH:3"
    """Under +FAR=1: while a page was asked for, V.21 came; its CONNECT follows."""


_SPELLINGS: dict[str, Result] = {
    **{result.value: result for result in Result},
    "NO DIAL TONE": Result.NO_DIALTONE,
    "BLACK LISTED": Result.BLACKLISTED,
    "+FCERR": Result.OTHER_CARRIER,
    "+F4": Result.OTHER_CARRIER,
    "+FRH: 3": Result.FRAMES_INSTEAD,
}
_WITH_DETAIL = {"CONNECT": Result.CONNECT, "DELAYED": Result.DELAYED, "+FCERROR": Result.OTHER_CARRIER}
_NUMBERS: dict[str, Result] = {
    "0": Result.OK,
    "1": Result.CONNECT,
    "2": Result.RING,
    "3": Result.NO_CARRIER,
    "4": Result.ERROR,
    "6": Result.NO_DIALTONE,
    "7": Result.BUSY,
    "8": Result.NO_ANSWER,
}


def result_of(line: str, numeric: bool = False) -> Result | None:
    """The result that a line is, if it is one. Digits count only where the modem may be in numeric mode."""
    if (known := _SPELLINGS.get(line)) is not None:
        return known
    if numeric and line in _NUMBERS:
        return _NUMBERS[line]
    return _WITH_DETAIL.get(re.split(r"[ :/]", line, maxsplit=1)[0])
