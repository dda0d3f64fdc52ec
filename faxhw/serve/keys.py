"""The keys of the configuration, as data: beside each field of what it comes to stands its ``Key``.

The reader (``config``) has the keys of a table and their limits from here, and ``faxhw serve --keys`` prints
them: no key can be read that is not told of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

_KEY = "faxhw.serve.key"


@dataclass(frozen=True, slots=True)
class Key:
    """What an administrator is to know of one key."""

    says: str
    """What it means, in a sentence."""
    values: str
    """What may be given."""
    default: str = ""
    """What holds without it, in words; empty: the field's default, or that it cannot be left out."""
    name: str = ""
    """Empty: the field's."""
    least: int = 0
    most: int = 0
    """The limits of a whole number."""
    words: tuple[str, ...] = ()
    """What may be chosen from."""


@dataclass(frozen=True, slots=True)
class Row:
    """A key as it is told of; ``default`` is ``None`` where it must be given."""

    section: str
    key: str
    default: str | None
    values: str
    says: str


Metadata = Mapping[str, Key]
"""Of a dataclass' field."""


def key(says: str, values: str, *, default: str = "", name: str = "") -> Metadata:
    return {_KEY: Key(says, values, default, name)}


def whole(least: int, most: int, says: str) -> Metadata:
    return {_KEY: Key(says, f"a whole number from {least} to {most}", least=least, most=most)}


def yes(says: str) -> Metadata:
    return {_KEY: Key(says, "true or false")}


def chosen(words: Sequence[str], says: str, *, several: bool = False) -> Metadata:
    """One of some words, or a list of them."""
    listed = f" {'and' if several else 'or'} ".join(f'"{word}"' for word in words)
    return {_KEY: Key(says, f"a list of {listed}" if several else listed, words=tuple(words))}


def keys_of(table: type[Any]) -> dict[str, Key]:
    """The keys of a table, by name, of the dataclass that it comes to."""
    return {key.name or each.name: key for each, key in _fields(table)}


def rows(section: str, table: type[Any]) -> Iterator[Row]:
    """The same for people."""
    for each, key in _fields(table):
        yield Row(section, key.name or each.name, key.default or _default(each), key.values, key.says)


def _fields(table: type[Any]) -> Iterator[tuple[Field[Any], Key]]:
    return ((each, each.metadata[_KEY]) for each in fields(table) if _KEY in each.metadata)


def _default(field: Field[Any]) -> str | None:
    if field.default is MISSING:
        return None
    return _written(field.default)


def _written(value: object) -> str:
    """As it would stand in the file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case Collection():
            return f"[{', '.join(sorted(map(_written, value)))}]"
        case _:
            return f"{value}"
