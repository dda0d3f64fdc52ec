"""What a device is by its ids, or its name: the table ``known.toml``, read only by who lists devices."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from faxhw.errors import Error
from faxhw.reports import Kind

_FILE = "known.toml"
_ID = re.compile(
    r"([0-9a-f?]|\[[0-9a-f-]+\]){4}:(\*|([0-9a-f?]|\[[0-9a-f-]+\]){4}|[0-9a-f]+\*|\[[0-9a-f]+\]\*)"
)


class KnownError(Error):
    """The table cannot be understood."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What a device can be."""

    kind: Kind
    """What that is to somebody who looks for a fax modem."""
    says: str
    """Completes "this is ..."."""
    advice: str
    """What to do about it; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """Devices of the same sort."""

    id: str
    """Vendor and product, as in ``0572:1329``, with wildcards as in file names; empty: ``pattern`` counts."""
    pattern: re.Pattern[str]
    what: str
    """Maker and model, as far as the id tells them."""
    sort: Sort
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """The whole of it; in each part the first row that fits wins."""

    usb: tuple[Row, ...]
    pci: tuple[Row, ...]
    names: tuple[Row, ...]
    usb_modem: Sort
    """A device of USB of which no more is known than its class, that of modems."""
    without_port: Sort
    """The same on PCI, and it has no port."""

    def find(self, bus: str, number: str, name: str) -> Row | None:
        """The row for a device of a bus (``usb``, ``pci``), by vendor and product, and by maker and model."""
        by_id = self.usb if bus == "usb" else self.pci if bus == "pci" else ()
        identified = next((row for row in by_id if fnmatchcase(number, row.id)), None)
        if identified is not None and identified.sort.kind is not Kind.PORT:
            return identified
        return next((row for row in self.names if row.pattern.search(name)), identified)


@cache
def table() -> Table:
    """The package's table."""
    return parse(resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def parse(text: str) -> Table:
    """The table of a TOML text. Raises ``KnownError``, which names the row."""
    try:
        tables = tomllib.loads(text)
        sorts = {name: _sort(name, values) for name, values in tables["sorts"].items()}
        parts = {
            each: _rows(each, tables[each], sorts, tables["sources"]) for each in ("usb", "pci", "names")
        }
        return Table(**parts, usb_modem=sorts["by-class"], without_port=sorts["modem-without-port"])
    except tomllib.TOMLDecodeError as error:
        raise KnownError(f"the table of devices is not TOML: {error}") from error
    except KeyError as error:
        raise KnownError(f"the table of devices has no {error}") from error


def _sort(name: str, values: Mapping[str, Any]) -> Sort:
    _check(f"sorts.{name}", values, {"kind", "is", "advice"})
    if values["kind"] not in set(Kind):
        raise KnownError(f"sorts.{name}: kind = {values['kind']!r}: it must be one of {', '.join(Kind)}")
    return Sort(Kind(values["kind"]), values["is"], values["advice"])


def _rows(
    part: str, rows: Iterable[Mapping[str, Any]], sorts: Mapping[str, Sort], sources: Mapping[str, str]
) -> tuple[Row, ...]:
    return tuple(_row(part, row, sorts, sources) for row in rows)


def _row(part: str, row: Mapping[str, Any], sorts: Mapping[str, Sort], sources: Mapping[str, str]) -> Row:
    named = part == "names"
    which = f"{part}, {row.get('pattern' if named else 'id')!r}"
    _check(which, row, {"pattern", "sort", "source"} if named else {"id", "what", "sort", "source"})
    for key, known in (("sort", sorts), ("source", sources)):
        if row[key] not in known:
            raise KnownError(f"{which}: {key} = {row[key]!r}: there is no such {key}")
    if not named and not _ID.fullmatch(row["id"]):
        raise KnownError(f"{which}: an id is written as in 0572:1329")
    try:
        pattern = re.compile(row.get("pattern", ""), re.IGNORECASE)
    except re.error as error:
        raise KnownError(f"{which}: no regular expression: {error}") from error
    return Row(row.get("id", ""), pattern, row.get("what", ""), sorts[row["sort"]], sources[row["source"]])


def _check(which: str, values: Mapping[str, Any], keys: set[str]) -> None:
    if values.keys() != keys or not all(isinstance(each, str) for each in values.values()):
        raise KnownError(
            f"{which}: it must have the texts {', '.join(sorted(keys))}, and has {', '.join(values)}"
        )
