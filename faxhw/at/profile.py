"""Profiles: everything about a modem that is peculiar to it, as data (``profiles.toml``).

A driver asks a profile what to send and how long to wait, and has no ``if`` for a chip set of its own.
``PROFILES`` is read and checked once; ``choose`` finds the one that fits what a modem said of itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Any, get_args, get_type_hints

from faxhw.errors import Error
from faxhw.ports.base import Flow

GENERIC = "generic"


class ProfileError(Error):
    """A profile that cannot be understood; the message names it and the key."""


@dataclass(frozen=True, slots=True)
class Match:
    """When a profile fits; every key that is given must hold."""

    ati0: str = ""
    """Regular expression searched in the answer to ATI0."""
    ati3: str = ""
    revision: str = ""
    """The same in the answer to +FMR?."""
    usb: str = ""
    """Vendor and product, as in ``0572:1329``."""

    def fits(self, ati0: str, ati3: str, revision: str, usb: str) -> bool:
        return (
            (not self.ati0 or re.search(self.ati0, ati0, re.IGNORECASE) is not None)
            and (not self.ati3 or re.search(self.ati3, ati3, re.IGNORECASE) is not None)
            and (not self.revision or re.search(self.revision, revision, re.IGNORECASE) is not None)
            and (not self.usb or self.usb == usb.lower())
        )


@dataclass(frozen=True, slots=True)
class Class1:
    """What matters to a Class 1 driver only."""

    carrier_delay: float = 0.0
    """Seconds to wait after the CONNECT to +FTM, for a modem whose carrier does not stand by then."""
    connect_to_any_carrier: bool = False
    """+FRH=3 says CONNECT whatever the carrier; CONNECT, then NO CARRIER without a frame is a wrong one."""
    wrong_carrier_retries: int = 2
    """How often +FRM is repeated at once after +FCERROR; 0 for a modem that never says it."""
    silence_after_receiving: str = "+FRS"
    """How the silence after a reception is kept: ``+FRS`` (of the line), ``+FTS`` or ``host``."""
    silence_before_sending: str = "+FTS"
    """How any other silence is kept: ``+FTS`` or ``host``."""
    fcs: str = "auto"
    """Whether received frames carry their frame check: ``auto`` (learned), ``present``, ``hidden``."""
    keep_lone_dle: bool = False
    """A DLE before an octet that means nothing is data: the modem does not double the DLEs of its data."""
    abort_by_can: bool = True
    """CAN ends a reception with OK; else: wait, discard what came, send AT."""
    modulations: tuple[int, ...] = ()
    """The +FRM and +FTM codes that work, for a modem that claims more; empty: what it claims."""

    def __post_init__(self) -> None:
        _one_of("silence_after_receiving", self.silence_after_receiving, ("+FRS", "+FTS", "host"))
        _one_of("silence_before_sending", self.silence_before_sending, ("+FTS", "host"))
        _one_of("fcs", self.fcs, ("auto", "present", "hidden"))


@dataclass(frozen=True, slots=True)
class Profile:
    """A modem or chip set."""

    name: str
    description: str
    set_up: tuple[str, ...]
    """What is sent after opening and after each reset, each after ``AT``: see ``steps``."""
    match: tuple[Match, ...] = ()
    speed: int = 19200
    """Bits per second on the serial line."""
    flow: Flow = Flow.RTS_CTS
    flow_commands: Mapping[str, str] = field(default_factory=dict)
    """For each ``Flow``, the command that sets the modem to it."""
    command_timeout: float = 5.0
    """Seconds until a command that does nothing on the line must have been answered."""
    reset_delay: float = 2.6
    """Seconds that the modem is deaf after a reset or a drop of DTR."""
    dtr_drop: float = 0.5
    """Seconds for which DTR is dropped to make the modem hang up."""
    dial: str = "DT"
    """Before the number."""
    hang_up: str = "H0"
    silent_answer: str = ""
    """Takes the line without a sound; empty: there is no such command."""
    caller_id: str = ""
    """Turns caller ID on, ``a|b`` as in ``set_up``; sent after it, and may be refused."""
    ring_gap: float = 8.0
    """Seconds without a ring after which the call has gone away."""
    caller_id_wait: float = 4.5
    """Seconds for which caller ID may still come after a ring began, where it is on."""
    class1: Class1 = field(default_factory=Class1)

    def steps(self, flow: Flow) -> tuple[Step, ...]:
        """The set-up for a flow control."""
        command = self.flow_commands.get(flow.value, "")
        lines = (line.replace("{flow}", command) for line in self.set_up)
        return tuple(Step.of(line) for line in lines if line)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a set-up."""

    choices: tuple[str, ...]
    """Commands of which the first one that the modem takes is enough (``a|b`` in the file)."""
    optional: bool
    """Whether the modem may refuse it (``?`` in the file)."""

    @classmethod
    def of(cls, line: str) -> Step:
        return cls(tuple(line.removeprefix("?").split("|")), line.startswith("?"))


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ProfileError(f"{key} = {value!r}: it must be one of {', '.join(allowed)}")


# ----------------------------------------------------------------------------------------------------------
# Reading and checking


def parse(text: str) -> dict[str, Profile]:
    """The profiles of a TOML text, in its order. Raises ``ProfileError``."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"the profiles are not TOML: {error}") from error
    profiles = {}
    for name in tables:
        try:
            profiles[name] = _build(Profile, {**_inherited(name, tables), "name": name})
        except (ProfileError, ValueError, TypeError, re.error) as error:
            raise ProfileError(f"profile {name}: {error}") from error
    return profiles


def _inherited(name: str, tables: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    own = dict(tables[name])
    base = own.pop("base", None)
    if base is None:
        return own
    if base not in tables or depth > len(tables):
        raise ProfileError(f"base = {base!r}: there is no such profile, or it goes in a circle")
    taken = _inherited(base, tables, depth + 1)
    taken.pop("match", None)
    taken.pop("description", None)
    return {**taken, **own, "class1": {**taken.get("class1", {}), **own.get("class1", {})}}


def _build(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """An instance of a dataclass from a table; unknown, missing and mistyped keys are refused."""
    hints = get_type_hints(kind)
    if unknown := values.keys() - hints.keys():
        raise ProfileError(f"unknown key {', '.join(sorted(unknown))}")
    needed = {
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING
    }
    if missing := needed - values.keys():
        raise ProfileError(f"missing key {', '.join(sorted(missing))}")
    return kind(**{key: _convert(key, hints[key], value) for key, value in values.items()})


def _convert(key: str, hint: Any, value: Any) -> Any:
    if hint in (Match, Class1) and isinstance(value, dict):
        return _build(hint, value)
    if hint is Flow:
        return Flow(value)
    if hint == Mapping[str, str] and isinstance(value, dict):
        return {Flow(flow).value: _convert(key, str, command) for flow, command in value.items()}
    if (args := get_args(hint)) and isinstance(value, list):
        return tuple(_convert(key, args[0], each) for each in value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ProfileError(f"{key} = {value!r}: wrong type")
    return value


@cache
def profiles() -> Mapping[str, Profile]:
    """The package's own profiles, by name."""
    return parse(resources.files(__package__).joinpath("profiles.toml").read_text(encoding="utf-8"))


def choose(ati0: str, ati3: str, usb: str = "", revision: str = "") -> tuple[Profile, str]:
    """The profile that fits, and why."""
    for profile in profiles().values():
        for match in profile.match:
            if match.fits(ati0, ati3, revision, usb):
                told = {
                    f"ATI0 {ati0!r}": match.ati0,
                    f"ATI3 {ati3!r}": match.ati3,
                    f"revision {revision!r}": match.revision,
                    f"USB id {usb}": match.usb,
                }
                return profile, ", ".join(text for text, counted in told.items() if counted)
    return profiles()[GENERIC], "no profile is known for it"
