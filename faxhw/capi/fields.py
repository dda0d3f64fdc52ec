"""Parameters of CAPI messages and structures: numbers, least octet first, and structures with a length.

A structure's length is one octet, or 0xFF and a word from 255 on. Whatever octets come, they are parameters
or a ``CapiError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from faxhw.errors import Error

Value = int | bytes
LONG = 0xFF
"""The length octet of a structure that says that a word follows with its length."""


class CapiError(Error):
    """Octets that are no CAPI message, or no structure of the kind that is expected there."""


class Kind(Enum):
    """How a parameter is written: the value is a number's octets, or none for a structure."""

    BYTE = 1
    WORD = 2
    DWORD = 4
    STRUCT = 0
    """Octets behind their length."""
    REST = -1
    """Octets up to the end: the last parameter."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Kind
    optional: bool = False
    """Whether it may be missing, with all that follow it."""


class Values(dict[str, Value]):
    """Parameters by their names."""

    def integer(self, name: str) -> int:
        """One that is a number."""
        value = self[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is no number")
        return value

    def octets(self, name: str) -> bytes:
        """One that is a structure."""
        value = self[name]
        if not isinstance(value, bytes):
            raise TypeError(f"{name} is no structure")
        return value


def parameters(text: str) -> tuple[Parameter, ...]:
    """Parameters as the tables write them: ``controller:dword called:struct``; with ``?``, optional."""
    found = []
    for each in text.split():
        name, _, kind = each.partition(":")
        found.append(Parameter(name, Kind[kind.rstrip("?").upper()], kind.endswith("?")))
    return tuple(found)


def write(form: tuple[Parameter, ...], values: Mapping[str, Value]) -> bytes:
    """The octets of parameters; those that are not named are 0 or empty.

    Optional ones at the end that are 0 or empty are left out. ``ValueError`` for parameters that there are
    not, and for values that do not fit; ``TypeError`` for a number in place of octets and the like.
    """
    names = {each.name for each in form}
    if unknown := set(values) - names:
        raise ValueError(f"there is no {', '.join(sorted(unknown))}")
    wanted = form
    while wanted and wanted[-1].optional and not values.get(wanted[-1].name):
        wanted = wanted[:-1]
    return b"".join(_write(each, values.get(each.name)) for each in wanted)


def blank(form: tuple[Parameter, ...]) -> Values:
    """All parameters, 0 and empty."""
    return Values({each.name: 0 if each.kind.value > 0 else b"" for each in form})


def read(form: tuple[Parameter, ...], octets: bytes, what: str) -> Values:
    """The parameters that octets hold; what follows the last one is of a later edition and passed over.

    ``what`` is what messages call it. Raises ``CapiError`` where a parameter is cut off.
    """
    values = blank(form)
    at = 0
    for each in form:
        if each.optional and at == len(octets):
            break
        values[each.name], at = _read(each, octets, at, what)
    return values


def write_struct(octets: bytes) -> bytes:
    """Octets behind their length. ``ValueError`` for more than 65535."""
    if len(octets) > 0xFFFF:
        raise ValueError(f"a structure of {len(octets)} octets")
    if len(octets) < LONG:
        return bytes([len(octets)]) + octets
    return bytes([LONG]) + len(octets).to_bytes(2, "little") + octets


def _write(parameter: Parameter, value: Value | None) -> bytes:
    if parameter.kind.value > 0:
        if isinstance(value, bytes):
            raise TypeError(f"{parameter.name} is a number")
        try:
            return (value or 0).to_bytes(parameter.kind.value, "little")
        except OverflowError as error:
            raise ValueError(f"{parameter.name} cannot be {value}") from error
    if isinstance(value, int):
        raise TypeError(f"{parameter.name} is octets")
    return value or b"" if parameter.kind is Kind.REST else write_struct(value or b"")


def _read(parameter: Parameter, octets: bytes, at: int, what: str) -> tuple[Value, int]:
    size = parameter.kind.value
    if parameter.kind is Kind.REST:
        return octets[at:], len(octets)
    if parameter.kind is Kind.STRUCT:
        size, at = _length(octets, at, f"{what}: {parameter.name}")
    if at + size > len(octets):
        raise CapiError(f"{what} of {len(octets)} octets is cut off in {parameter.name}")
    piece = octets[at : at + size]
    return (piece if parameter.kind is Kind.STRUCT else int.from_bytes(piece, "little")), at + size


def _length(octets: bytes, at: int, what: str) -> tuple[int, int]:
    """A structure's length, and where its content begins."""
    if at < len(octets) and octets[at] != LONG:
        return octets[at], at + 1
    if at + 3 > len(octets):
        raise CapiError(f"{what} has no length")
    return int.from_bytes(octets[at + 1 : at + 3], "little"), at + 3
