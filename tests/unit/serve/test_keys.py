"""The keys that are told of are those that are read, with the limits and defaults that are told."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from faxhw.serve.config import Config, ConfigError, load
from faxhw.serve.keys import Row, keys_of
from faxhw.serve.settings import TABLES, all_keys

from .host import FRONT, INBOX, Host

NO_KIND = "1979-05-27"
"""A value of a kind that nothing takes."""
WHOLE = [row for row in all_keys() if row.values.startswith("a whole number")]
NEEDED = {
    "[[line]]": FRONT,
    "[line.inbox]": ("[line.inbox]", 'directory = "in"'),
    "[line.application]": ("[line.application]", 'file = "answer.py"'),
    "[[hook]]": ("[[hook]]", 'command = "true"'),
}
"""What a table has at least."""


def named(row: Row) -> str:
    return f"{row.section} {row.key}".strip()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def in_toml(default: str | None) -> bool:
    """Whether a default is told as it would be written, not in words."""
    try:
        tomllib.loads(f"key = {default}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def config(host: Host, row: Row, value: str | None) -> Config:
    """A configuration in which one key has that value, or is left out."""
    tables = {"": ["state = 'state'", "socket = 'control'"], "[[line]]": list(FRONT)}
    tables["[line.inbox]"] = list(INBOX)
    if row.section == "[line.application]":
        del tables["[line.inbox]"]
    own = tables.setdefault(row.section, list(NEEDED.get(row.section, (row.section,))))
    own[:] = [line for line in own if not line.startswith(f"{row.key} =")]
    if value is not None:
        own.append(f"{row.key} = {value}")
    if row.key in ("inbox", "application"):
        del tables["[line.inbox]"]
    if named(row) == "line":
        tables = {"": own}
    host.file("fax.toml", "\n".join(line for table in tables.values() for line in table))
    return load(host.path)


def test_every_field_has_a_key() -> None:
    for table in TABLES.values():
        missing = {each.name for each in fields(table)} - {row.key for row in all_keys()}
        assert missing <= {"path", "lines", "hooks"}, "they have other names in the file, or are not in it"
    assert len({named(row) for row in all_keys()}) == sum(len(keys_of(table)) for table in TABLES.values())


@pytest.mark.parametrize("row", all_keys(), ids=named)
def test_every_key_is_read(host: Host, row: Row) -> None:
    with pytest.raises(ConfigError) as caught:
        config(host, row, NO_KIND)
    assert row.key in str(caught.value).removeprefix(f"{host.path}")
    assert "unknown key" not in str(caught.value)


@pytest.mark.parametrize("row", WHOLE, ids=named)
def test_limits_are_as_they_are_told(host: Host, row: Row) -> None:
    least, most = (int(word) for word in row.values.split() if word.isdecimal())
    for value in (least, most):
        config(host, row, f"{value}")
    for value in (least - 1, most + 1):
        with pytest.raises(ConfigError, match=f"{row.key} = {value}: give {row.values}$"):
            config(host, row, f"{value}")


@pytest.mark.parametrize("row", [row for row in all_keys() if in_toml(row.default)], ids=named)
def test_defaults_are_as_they_are_told(host: Host, row: Row) -> None:
    assert config(host, row, f"{row.default}") == config(host, row, None)
