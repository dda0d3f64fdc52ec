"""A TOML file read so that every complaint names its line.

``read`` gives the file as a ``Table``. What is asked of it comes back with the right type, or a
``ConfigError`` says in one line where it stands and what to write.
``tomllib`` tells no line numbers: ``_places`` finds them by a scan that knows strings, comments and brackets,
and nothing else of the grammar.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from faxhw.errors import Error, UsageError, hint

Place = tuple[str | int, ...]
"""The way to a value: keys, and numbers (from 0) in arrays of tables."""
T = TypeVar("T")


class ConfigError(UsageError):
    """Something in a configuration file cannot be; one line: the file, the line in it, what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and where in it things stand."""

    path: Path
    places: Mapping[Place, int] = field(default_factory=dict)

    def error(self, place: Place, message: str) -> ConfigError:
        """What is wrong at a place, or at the nearest above it that has a line."""
        while place and place not in self.places:
            place = place[:-1]
        return self.at_line(self.places.get(place, 0), message)

    def at_line(self, number: int, message: str) -> ConfigError:
        """The same for a line; 0 is the file as such."""
        where = f"{self.path}:{number}" if number else f"{self.path}"
        return ConfigError(" ".join(f"{where}: {message}".split()))


def read(path: Path) -> Table:
    """The whole of a TOML file. Raises ``ConfigError``."""
    source = Source(path)
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise source.at_line(0, f"cannot be read: {error.strerror or error}") from error
    try:
        text = octets.decode().replace("\r\n", "\n")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        number = octets[: error.start].count(b"\n") + 1
        raise source.at_line(number, "this is no UTF-8 text; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", str(error))
        number = int(found[1] or text.count("\n") + 1) if found else 0
        said = str(error)[: found.start()] if found else str(error)
        raise source.at_line(number, f"this is no TOML: {said}") from error
    return Table(Source(path, _places(text)), (), "", values)


class Table:
    """One table of the file, with what was asked of it."""

    def __init__(self, source: Source, place: Place, title: str, values: Mapping[str, object]) -> None:
        self.title = title
        """Whose table it is, for messages: ``line 'front'``."""
        self._source = source
        self._place = place
        self._values = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def error(self, key: str, message: str) -> ConfigError:
        """What is wrong with a key, or, where that is empty, with the table."""
        place = (*self._place, key) if key else self._place
        return self._source.error(place, ": ".join(filter(None, (self.title, message))))

    def wrong(self, key: str, what_to_give: str) -> ConfigError:
        """A value that cannot be."""
        return self.error(key, f"{key} = {_toml(self._values.get(key))}: {what_to_give}")

    def checked(self, key: str, check: Callable[[], T]) -> T:
        """What a check gives; an ``Error`` that it raises is told as one of the key."""
        try:
            return check()
        except ConfigError:
            raise
        except Error as error:
            raise self.error(key, ": ".join(filter(None, (key, str(error))))) from error

    def only(self, keys: Sequence[str]) -> None:
        """Complain of a key that is none of these."""
        for key in self._values:
            if key not in keys:
                raise self.error(key, f"unknown key {key!r}; {hint(key, keys)}")

    # ------------------------------------------------------------------------------------------------------
    # Values. Without a default, the key must be there.

    def text(self, key: str, default: str | None = None) -> str:
        return self._typed(key, str, default, "give a text in quotes")

    def yes(self, key: str, *, default: bool) -> bool:
        return self._typed(key, bool, default, "give true or false")

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        wanted = f"give a whole number from {least} to {most}"
        value = self._typed(key, int, default, wanted)
        if isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, wanted)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or a text that stands for a list of it alone; empty by default."""
        value = self._values.get(key, [])
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise self.wrong(key, "give a list of texts in quotes")
        return tuple(given)

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if value not in words:
            raise self.wrong(key, f"give {' or '.join(map(_quoted, words))}")
        return value

    def some_of(self, key: str, words: Sequence[str]) -> tuple[str, ...]:
        """A list of some of these words; empty by default."""
        given = self.texts(key)
        for each in given:
            if each not in words:
                near = difflib.get_close_matches(each, words, n=1)
                hint = (
                    f"did you mean {_quoted(near[0])}?"
                    if near
                    else f"there are {', '.join(map(_quoted, words))}"
                )
                raise self.error(key, f"{key}: there is no {each!r}; {hint}")
        return given

    def path(self, key: str, default: str | None = None) -> Path:
        """An absolute path: a relative one starts from the file's own folder."""
        given = self.text(key, default)
        if not given or "\0" in given:
            raise self.wrong(key, "give a path")
        return self._source.path.absolute().parent / Path(given).expanduser()

    def named_values(self, key: str) -> dict[str, object]:
        """A table of values, whose keys are somebody else's to check: ``{ profile = "generic" }``."""
        values = self._typed(key, dict, {}, "give a table such as { name = 'value' }")
        for name, value in values.items():
            if not isinstance(value, str | int | float):
                raise self.error(key, f"{key}: {name} = {_toml(value)}: give a text, a number, true or false")
        return values

    # ------------------------------------------------------------------------------------------------------
    # Tables in it

    def table(self, key: str) -> Table | None:
        """The table of that name, if there is one."""
        values = self._typed(key, dict, {}, f"write it as [{key}], a table")
        title = ", ".join(filter(None, (self.title, key)))
        return Table(self._source, (*self._place, key), title, values) if key in self else None

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array, each with a number from 1 for its title."""
        given = self._values.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise self.error(key, f"write {key} as [[{key}]], as often as there are")
        for number, values in enumerate(given):
            yield Table(self._source, (*self._place, key, number), f"{key} {number + 1}", values)

    def _typed(self, key: str, kind: type[T], default: T | None, wanted: str) -> T:
        value = self._values.get(key, default)
        if value is None:
            raise self.error("", f"{key} is missing; {wanted}")
        if not isinstance(value, kind):
            raise self.wrong(key, wanted)
        return value


def _quoted(word: str) -> str:
    return f"'{word}'"


def _toml(value: object) -> str:
    """A value about as it was written, and no longer than a message bears."""
    if isinstance(value, bool):
        return str(value).lower()
    written = f"{value!r}"
    return written if len(written) <= 80 else f"{written[:77]}..."


# ----------------------------------------------------------------------------------------------------------
# Where things stand

_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'"
_KEY = re.compile(rf"[ \t]*({_STRING}|[A-Za-z0-9_-]+)[ \t]*(\.?)")
_LONG_STRING = r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}"
_VALUE_PART = re.compile(rf"{_LONG_STRING}|{_STRING}|#[^\n]*|[\[\]{{}}\n]|[^\"'#\[\]{{}}\n]+", re.DOTALL)


def _places(text: str) -> dict[Place, int]:
    """The line number of every table and key of a TOML text that is known to be right."""
    places: dict[Place, int] = {}
    arrays: dict[Place, int] = {}
    table: Place = ()
    at = _end(_SPACE, text, 0)
    while at < len(text):
        number = text.count("\n", 0, at) + 1
        brackets = 2 if text.startswith("[[", at) else 1 if text[at] == "[" else 0
        keys, at = _keys(text, at + brackets)
        if brackets:
            table = _in_arrays(keys if brackets == 1 else keys[:-1], arrays)
            if brackets == 2:
                table = (*table, keys[-1])
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            _note(table, number, places)
            at += brackets
        else:
            _note((*table, *keys), number, places)
            at = _after_value(text, at + 1)
        at = _end(_SPACE, text, at)
    return places


def _note(place: Place, number: int, places: dict[Place, int]) -> None:
    """A place, and those on the way to it that have not been met before."""
    for end in range(1, len(place) + 1):
        places.setdefault(place[:end], number)


def _in_arrays(keys: Place, arrays: Mapping[Place, int]) -> Place:
    """The way that the keys of a header name: of an array of tables, its last one."""
    place: Place = ()
    for key in keys:
        place = (*place, key)
        if place in arrays:
            place = (*place, arrays[place])
    return place


def _keys(text: str, at: int) -> tuple[Place, int]:
    """A dotted key, and where it ends."""
    keys: list[str] = []
    more = "."
    while more and (found := _KEY.match(text, at)):
        written, more = found[1], found[2]
        quoted = written[0] in "\"'"
        keys.append(next(iter(tomllib.loads(f"{written} = 0"))) if quoted else written)
        at = found.end()
    return tuple(keys), at


def _after_value(text: str, at: int) -> int:
    """The end of the line on which a value ends."""
    depth = 0
    while (found := _VALUE_PART.match(text, at)) and (found[0] != "\n" or depth):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        at = found.end()
    return at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
