"""AT text: characters into command lines, command lines into commands (V.250 clauses 5.2 to 5.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_LINE = 256
BASIC = re.compile(r"([&\\%*$-]?[A-Z])(\d*)")
REGISTER = re.compile(r"S(\d*)(=\?|=(\d*)|\?)?")
EXTENDED = re.compile(r'([+#*-][A-Z][A-Z0-9]*)(=\?|\?|=((?:"[^"]*"|[^;&"])*))?;?')
DIAL = re.compile(r"D([^;]*)(;?)")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line."""

    name: str
    """``E``, ``&D``, ``S``, ``D``, ``+FTM``."""
    value: str = ""
    """Its parameter; for S the register's number, a ``=`` and the value."""
    ask: str = ""
    """``?`` asks for the value, ``=?`` for the values there are."""


class BadCommand(Exception):  # noqa: N818 - the modem says ERROR
    """There is no such command, or its parameter is out of range."""


def commands(line: str) -> Iterator[Command]:
    """The commands of a line (what follows AT), one by one; ``BadCommand`` where the line makes no sense."""
    if len(line) > MAX_LINE:
        raise BadCommand(f"{len(line)} characters")
    line = "".join(_plain(line))
    position = 0
    while position < len(line):
        if line[position] == ";":
            position += 1
            continue
        command, position = _next(line, position)
        yield command


def _plain(line: str) -> Iterator[str]:
    """Without blanks and in capitals, but for what stands in quotes."""
    for number, piece in enumerate(line.split('"')):
        if number:
            yield '"'
        yield piece if number % 2 else piece.replace(" ", "").upper()


def _next(line: str, position: int) -> tuple[Command, int]:
    if line[position] == "D" and (dial := DIAL.match(line, position)):
        return Command("D", dial[1] + dial[2]), dial.end()
    if line[position] == "S" and (register := REGISTER.match(line, position)):
        number, rest = register[1] or "0", register[2] or ""
        ask = rest if rest.endswith("?") else ""
        return Command("S", number if ask else f"{number}{rest}", ask), register.end()
    if line[position] in "+#" or (line[position] in "*-" and "=" in line[position:]):
        if extended := EXTENDED.match(line, position):
            asked = extended[2] if extended[2] in ("?", "=?") else ""
            return Command(extended[1], extended[3] or "", asked), extended.end()
    elif basic := BASIC.match(line, position):
        return Command(basic[1], basic[2]), basic.end()
    raise BadCommand(line[position:])


class LineEditor:
    """Collects the characters of command lines."""

    def __init__(self, on_line: Callable[[str], None], echo: Callable[[int], None]) -> None:
        self._on_line = on_line
        self._echo = echo
        self._text = ""
        self._prefix = ""
        self._last = ""
        self.end = 0x0D
        """S3, the character that ends a line."""
        self.erase = 0x08
        """S5, the character that takes one back."""

    def clear(self) -> None:
        """Forget the line that was begun."""
        self._prefix = self._text = ""

    def feed(self, octet: int) -> None:
        """One character; parity is none of ours."""
        octet &= 0x7F
        self._echo(octet)
        character = chr(octet).upper()
        if self._prefix != "AT":
            self._begin(character)
        elif octet == self.end:
            line, self._last, self._prefix, self._text = self._text, self._text, "", ""
            self._on_line(line)
        elif octet == self.erase:
            self._text = self._text[:-1]
        elif octet >= 0x20 and len(self._text) <= MAX_LINE:  # one too many shows that there were
            self._text += chr(octet)

    def _begin(self, character: str) -> None:
        if self._prefix == "A" and character == "/":
            self._prefix = ""
            self._on_line(self._last)
        elif self._prefix == "A" and character == "T":
            self._prefix, self._text = "AT", ""
        else:
            self._prefix = "A" if character == "A" else ""
