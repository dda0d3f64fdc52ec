"""The USB ids in ``udev/70-faxhw.rules``, written there from the table of devices.

All fax modems are named, and what may be one by its name; software modems, sticks for mobile networks and
adapters are not. As in the table, the first row that fits wins.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from faxhw.errors import UsageError
from faxhw.modem.known import Row
from faxhw.reports import Kind

_BEGIN = "# -- ids: written by scripts/udev-rules.py\n"
_END = "# -- end of the ids\n"


def with_ids(rules: str, rows: Iterable[Row]) -> str:
    """The text of a rules file, with a rule a vendor between its two marks, in place of what is there."""
    before, begin, rest = rules.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UsageError(f"the rules have no place for the ids: lines {_BEGIN!r} and {_END!r}")
    return "".join((before, begin, *_id_rules(rows), end, after))


def _id_rules(rows: Iterable[Row]) -> Iterator[str]:
    by_vendor: dict[str, list[Row]] = {}
    for row in rows:
        by_vendor.setdefault(row.id.partition(":")[0], []).append(row)
    for vendor, same in by_vendor.items():
        while same and not _is_modem(same[-1]):  # there is nothing to keep out
            same.pop()
        for modems, group in groupby(same, _is_modem):
            yield from _rule(vendor, [*group], modems=modems)


def _rule(vendor: str, rows: list[Row], *, modems: bool) -> Iterator[str]:
    if modems:
        told = "; ".join(row.what for row in rows)
        yield from (f"{line}\n" for line in textwrap.wrap(f"# {told}", 110, subsequent_indent="# "))
    products = "|".join(row.id.partition(":")[2] for row in rows)
    which = f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{products}"'
    yield (
        f'{which}, ENV{{FAXHW_MODEM}}="1"\n'
        if modems
        else (f'ENV{{FAXHW_MODEM}}!="1", {which}, GOTO="faxhw_end"\n')
    )


def _is_modem(row: Row) -> bool:
    return row.sort.kind is Kind.MODEM
