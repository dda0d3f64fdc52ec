"""The profiles there are, the user's and the package's: read, checked, and found by what a modem said.

The user's own stand in ``*.toml`` of ``$XDG_CONFIG_HOME/faxhw/profiles`` and of ``/etc/faxhw/profiles``. They
come before the package's, may have a name of one of those, and may build on them (``base``). One that cannot
be understood keeps no modem from being opened: it is told of once, in the log, and left out.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from faxhw.at.profile import Class1, Class2, Match, Profile, ProfileError, Sayings
from faxhw.ports.base import Flow

log = logging.getLogger("faxhw.profiles")

GENERIC = "generic"
UNKNOWN = "no profile is known for it"
_FILES = ("profiles.toml", "class2.toml")
"""Those for Class 1, and those for 2, 2.0 and 2.1, which build on them."""
_TABLES = ("class1", "class2")
PACKAGE = "the package"
"""The origin of a profile that is no user's."""
_SYSTEM_DIRECTORY = Path("/etc/faxhw/profiles")


@dataclass(frozen=True, slots=True)
class Problem:
    """A profile, or file of profiles, that was left out."""

    file: Path
    name: str
    """Of the profile; empty if it is the whole file."""
    message: str
    """One line: the file, the profile, the key, and what is wrong."""


@dataclass(slots=True)
class Library:
    """All profiles, in the order in which they are tried."""

    profiles: dict[str, Profile] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    """By name: the file that it is from."""
    problems: list[Problem] = field(default_factory=list)

    def unsound(self, name: str) -> str:
        """Why a profile of that name was left out, or what else was, where it may have been; or nothing."""
        return "; ".join(each.message for each in self.problems if each.name in ("", name))


# ----------------------------------------------------------------------------------------------------------
# Finding a profile


@cache
def library() -> Library:
    """The profiles there are; read once."""
    found = read_library(user_directories())
    for problem in found.problems:
        log.warning("%s: it is left out", problem.message)
    return found


def profiles() -> Mapping[str, Profile]:
    """The profiles there are, by name."""
    return library().profiles


def fitting(said: Sayings, fclass: str) -> tuple[Profile, str] | None:
    """The profile for a fax class that fits what a modem said, and why; ``None`` if none is known."""
    for profile in profiles().values():
        if fclass in profile.classes:
            for match in profile.match:
                if match.fits(said):
                    return profile, match.reason(said)
    return None


def choose(said: Sayings) -> tuple[Profile, str]:
    """The profile for Class 1 that fits, and why."""
    return fitting(said, "1") or (profiles()[GENERIC], UNKNOWN)


# ----------------------------------------------------------------------------------------------------------
# Files


def user_directories() -> tuple[Path, ...]:
    """Where the user's profiles are, whether or not there are any; the first has the last word."""
    own = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not own.is_absolute():  # as the XDG specification has it
        try:
            own = Path.home() / ".config"
        except RuntimeError:  # a user without a home
            return (_SYSTEM_DIRECTORY,)
    return own / "faxhw" / "profiles", _SYSTEM_DIRECTORY


def read_library(directories: Iterable[Path]) -> Library:
    """The sound profiles of these directories, then the package's; and what is not sound."""
    found = Library()
    for directory in directories:
        for file in _files_of(directory):
            for name, profile in _sound(file, found.problems).items():
                if name not in found.profiles:
                    found.profiles[name], found.origins[name] = profile, str(file)
    for name, profile in _shipped().items():
        if name not in found.profiles:
            found.profiles[name], found.origins[name] = profile, PACKAGE
    return found


def _files_of(directory: Path) -> list[Path]:
    try:
        return sorted(each for each in directory.iterdir() if each.suffix == ".toml")
    except OSError:  # there is none, or it is nobody's business
        return []


def _sound(file: Path, problems: list[Problem]) -> dict[str, Profile]:
    """The sound profiles of a user's file."""
    sound: dict[str, Profile] = {}
    try:
        tables = _tables(file)
    except ProfileError as error:
        problems.append(Problem(file, "", str(error)))
        return sound
    for name in tables:
        try:
            sound[name] = _profile(name, tables, _shipped_tables())
        except ProfileError as error:
            problems.append(Problem(file, name, f"{file}: {error}"))
    return sound


def check(file: Path) -> dict[str, Profile]:
    """The profiles of a user's file, all of them sound. Raises ``ProfileError`` for the first that is not."""
    problems: list[Problem] = []
    sound = _sound(file, problems)
    if problems:
        raise ProfileError(problems[0].message)
    return sound


def _tables(file: Path) -> dict[str, Any]:
    try:
        return _toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(
            f"{file}: it cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from error
    except ProfileError as error:
        raise ProfileError(f"{file}: {error}") from error


@cache
def _shipped_tables() -> Mapping[str, Any]:
    files = (resources.files(__package__).joinpath(name) for name in _FILES)
    return _toml("".join(file.read_text(encoding="utf-8") for file in files))


@cache
def _shipped() -> Mapping[str, Profile]:
    return {name: _profile(name, _shipped_tables()) for name in _shipped_tables()}


# ----------------------------------------------------------------------------------------------------------
# Reading and checking a text


def parse(text: str) -> dict[str, Profile]:
    """The profiles of a TOML text, in its order. Raises ``ProfileError``."""
    tables = _toml(text)
    return {name: _profile(name, tables) for name in tables}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"it is not TOML: {error}") from error


def _profile(name: str, tables: Mapping[str, Any], shipped: Mapping[str, Any] | None = None) -> Profile:
    """A profile of a file's ``tables``; one that is not there may be its base if it is in ``shipped``."""
    try:
        profile: Profile = _build(Profile, {**_inherited(name, tables, shipped or {}), "name": name})
    except ProfileError as error:
        raise ProfileError(f"profile {name}: {error}") from error
    return profile


def _inherited(
    name: str, tables: Mapping[str, Any], shipped: Mapping[str, Any], below: frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(tables[name], dict):
        raise ProfileError(f"it must be a table, [{name}], and is {tables[name]!r}")
    own = dict(tables[name])
    base = own.pop("base", None)
    if base is None:
        return own
    below |= {name}
    if isinstance(base, str) and base in tables and base not in below:
        taken = _inherited(base, tables, shipped, below)
    elif isinstance(base, str) and base in shipped:
        taken = _inherited(base, shipped, {})
    else:
        raise ProfileError(f"base = {base!r}: there is no such profile, or it goes in a circle")
    for key in ("match", "description", "preferred"):
        taken.pop(key, None)
    for key in _TABLES:
        taken[key] = _merged(key, taken.get(key, {}), own.pop(key, {}))
    return {**taken, **own}


def _merged(key: str, base: Any, own: Any) -> dict[str, Any]:
    if not isinstance(own, dict):
        raise ProfileError(f"{key} = {own!r}: it must be a table")
    return {**base, **own}


def _build(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """An instance of a dataclass from a table; unknown, missing and mistyped keys are refused."""
    hints = get_type_hints(kind)
    for key in values:
        if key not in hints:
            near = get_close_matches(key, hints, n=1)
            raise ProfileError(f"unknown key {key}" + (f"; did you mean {near[0]}?" if near else ""))
    needed = {
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING
    }
    if missing := needed - values.keys():
        raise ProfileError(f"missing key {', '.join(sorted(missing))}")
    return kind(**{key: _convert(key, hints[key], value) for key, value in values.items()})


def _convert(key: str, hint: Any, value: Any) -> Any:
    if hint in (Match, Class1, Class2) and isinstance(value, dict):
        try:
            return _build(hint, value)
        except ProfileError as error:
            raise ProfileError(f"{key}: {error}") from error
    if hint is Flow and isinstance(value, str) and value in set(Flow):
        return Flow(value)
    if hint == Mapping[str, str] and isinstance(value, dict) and value.keys() <= set(Flow):
        return {flow: _convert(key, str, command) for flow, command in value.items()}
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_convert(key, get_args(hint)[0], each) for each in value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ProfileError(
            f"{key} = {value!r}: wrong type, {_EXPECTED.get(hint, _MANY[get_origin(hint) is tuple])}"
        )
    return value


_MANY = ("give a table", "give a list")
_EXPECTED = {
    str: "give a text",
    int: "give a whole number",
    float: "give a number",
    bool: "give true or false",
    Flow: f"give one of {', '.join(Flow)}",
    Mapping[str, str]: f"give a table with the keys {', '.join(Flow)}",
}
