"""The ids in the udev rules: those of the table, and of no other device."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from faxhw.errors import UsageError
from faxhw.host.files import folder
from faxhw.host.rules import with_ids
from faxhw.modem.known import Row, table
from faxhw.reports import Kind

RULES = (folder() / "70-faxhw.rules").read_text(encoding="utf-8")

_RULE = re.compile(
    r'(?P<unless>ENV\{FAXHW_MODEM\}!="1", )?'
    r'ATTRS\{idVendor\}=="(?P<vendor>\w+)", ATTRS\{idProduct\}=="(?P<products>[^"]+)", '
    r'(ENV\{FAXHW_MODEM\}="1"|(?P<ends>GOTO="faxhw_end"))'
)


def ids_of(rules: str) -> list[str]:
    """The lines between the marks."""
    return rules.partition("scripts/udev-rules.py\n")[2].partition("# -- end")[0].splitlines()


def is_modem(rules: str, usb_id: str) -> bool:
    """What the rules come to, in the order in which udev takes them."""
    vendor, product = usb_id.split(":")
    modem = False
    for line in ids_of(rules):
        if line.startswith("#"):
            continue
        rule = _RULE.fullmatch(line)
        assert rule is not None, line
        assert bool(rule["unless"]) == bool(rule["ends"])
        if rule["vendor"] != vendor or not any(fnmatchcase(product, p) for p in rule["products"].split("|")):
            continue
        if not rule["ends"]:
            modem = True
        elif not modem:
            return False
    return modem


def some_ids(pattern: str) -> Iterator[str]:
    """Ids that a row's pattern fits, of those with a star or a question mark a few."""
    parts = re.findall(r"\[[^]]+\]|.", pattern.replace("*", "?" * (9 - len(pattern) + 1)))
    choices = [
        "0147f" if part == "?" else [c for c in "0123456789abcdef" if fnmatchcase(c, part)] or part
        for part in parts
    ]
    return map("".join, itertools.product(*choices))


def test_the_rules_have_the_ids_of_the_table() -> None:
    assert with_ids(RULES, table().usb) == RULES, "scripts/udev-rules.py writes them"
    assert with_ids(RULES, []) != RULES


def test_udev_comes_to_what_the_table_says() -> None:
    asked = [
        *itertools.chain.from_iterable(some_ids(row.id) for row in table().usb),
        "0572:132a",
        "ffff:ffff",
    ]
    found = {each: table().find("usb", each, "") for each in asked}
    modems = {each for each, row in found.items() if row is not None and row.sort.kind is Kind.MODEM}
    assert {each for each in asked if is_modem(RULES, each)} == modems
    assert {"0572:1329", "0baf:0303", "1690:0101"} <= modems
    assert not modems & {"0572:1300", "0483:7554", "1690:0104", "12d1:1506", "2341:0043", "0403:6001"}


def test_a_software_modem_among_modems_is_kept_out() -> None:
    modem, soft = (
        next(row for row in table().usb if row.sort.kind is kind) for kind in (Kind.MODEM, Kind.SOFTMODEM)
    )

    def row(usb_id: str, like: Row) -> Row:
        return Row(usb_id, like.pattern, usb_id, like.sort, like.source)

    rows = [row("0001:0001", soft), row("0002:0001", modem), row("0001:000?", modem), row("0001:*", soft)]
    assert ids_of(with_ids(RULES, rows)) == [
        'ENV{FAXHW_MODEM}!="1", ATTRS{idVendor}=="0001", ATTRS{idProduct}=="0001", GOTO="faxhw_end"',
        "# 0001:000?",
        'ATTRS{idVendor}=="0001", ATTRS{idProduct}=="000?", ENV{FAXHW_MODEM}="1"',
        "# 0002:0001",
        'ATTRS{idVendor}=="0002", ATTRS{idProduct}=="0001", ENV{FAXHW_MODEM}="1"',
    ]


def test_rules_without_a_place_for_ids_are_refused() -> None:
    with pytest.raises(UsageError, match="no place for the ids"):
        with_ids('LABEL="faxhw_end"\n', table().usb)
