"""Profiles as TOML text, which ``faxhw.at.library`` reads again: whole ones, or what differs from a base."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields

from faxhw.at.profile import Class1, Class2, Match, Profile

_DEFAULTS = Profile(name="", description="", set_up=())
_NAMES_ITSELF = ("name", "class1", "class2")


def as_toml(profile: Profile) -> str:
    """A whole profile, without a base; what is as the schema has it is left out."""
    values: dict[str, object] = {"description": profile.description, "set_up": profile.set_up}
    values |= _differing(profile, _DEFAULTS, leave_out=(*_NAMES_ITSELF, *values))
    tables = {
        "class1": _differing(profile.class1, _DEFAULTS.class1),
        "class2": _differing(profile.class2, _DEFAULTS.class2),
    }
    return table_text(profile.name, values, tables)


def table_text(
    name: str, values: Mapping[str, object], tables: Mapping[str, Mapping[str, object]] | None = None
) -> str:
    """A profile of these keys, and those of the tables ``class1`` and ``class2``; empty ones are left out."""
    key = name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _text(name)
    lines = [f"[{key}]", *(f"{each} = {_value(value)}" for each, value in values.items())]
    for part, more in (tables or {}).items():
        if more:
            lines += [f"[{key}.{part}]", *(f"{each} = {_value(value)}" for each, value in more.items())]
    return "\n".join(lines) + "\n"


def comment(lines: Iterable[str]) -> str:
    """Lines as comments; what no TOML comment may hold is left out."""
    shown = ("".join(each for each in line if each.isprintable()) for line in lines)
    return "".join(f"# {line}".rstrip() + "\n" for line in shown)


def _differing(
    it: Profile | Class1 | Class2, plain: Profile | Class1 | Class2, leave_out: Iterable[str] = ()
) -> dict[str, object]:
    keys = (each.name for each in fields(it) if each.name not in leave_out)
    return {key: getattr(it, key) for key in keys if getattr(it, key) != getattr(plain, key)}


def _value(value: object) -> str:
    if isinstance(value, Match):
        value = {each.name: getattr(value, each.name) for each in fields(value) if getattr(value, each.name)}
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {_value(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    """A TOML basic string: JSON's, but for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
