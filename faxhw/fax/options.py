"""Fax options: one table, and what it is used for.

``OPTIONS`` says of each option what values it takes, its default, and what it means; validation, the settings
of a session and ``faxhw options`` all read it. Names and values are what scripts write in ``fax_options``;
values are kept as text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from faxhw.errors import UsageError
from faxhw.fax.causes import Cause
from faxhw.terms import Coding, Family, PageLength, PageWidth, Resolution, Settings


class OptionError(UsageError):
    """Options that cannot be set: the documented cause, and just the offenders as they were given."""

    def __init__(self, cause: Cause, failed: Mapping[str, object], message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.failed = dict(failed)


# ----------------------------------------------------------------------------------------------------------
# Kinds of value


class Kind(Protocol):
    """A set of values."""

    @property
    def text(self) -> str:
        """The set in words, for messages and the table."""
        ...

    def accepts(self, value: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    values: tuple[str, ...]

    @property
    def text(self) -> str:
        return ", ".join(self.values[:-1]) + " or " + self.values[-1]

    def accepts(self, value: str) -> bool:
        return value in self.values


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    least: int
    most: int

    @property
    def text(self) -> str:
        return f"a number from {self.least} to {self.most}"

    def accepts(self, value: str) -> bool:
        return re.fullmatch(r"[0-9]{1,9}", value) is not None and self.least <= int(value) <= self.most


@dataclass(frozen=True, slots=True)
class Text:
    """Text of some form."""

    pattern: str
    text: str

    def accepts(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is not None


YES_NO = Choice(("YES", "NO"))
RATE = Choice(tuple(str(rate) for rate in range(2400, 33601, 2400)))
IDENT = Text(r"[0-9+ ]{0,20}", "at most 20 of digits, + and space")
SUB_ADDRESS = Text(r"[0-9*# ]{0,20}", "at most 20 of digits, *, # and space")


# ----------------------------------------------------------------------------------------------------------
# The table


def _as_asked(value: str, _device: Settings) -> str:
    return value


def _if(able: Callable[[Settings], bool]) -> Callable[[str, Settings], str]:
    """YES only where the device is able."""
    return lambda value, device: value if able(device) else "NO"


def _no_more_than(order: tuple[str, ...], most: Callable[[Settings], str]) -> Callable[[str, Settings], str]:
    return lambda value, device: min(value, most(device), key=order.index)


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table."""

    name: str
    kind: Kind
    default: str
    help: str
    limit: Callable[[str, Settings], str] = _as_asked
    """The nearest to a value that a device of these capabilities can do."""


_WIDTHS = tuple(PageWidth)
_LENGTHS = tuple(PageLength)

_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
"""Control characters, those that turn text about, and what stands for octets that are no text."""

OPTIONS: tuple[Option, ...] = (
    Option("SubscriberId", IDENT, "", "our number, told to the far end as CSI or TSI"),
    Option("v17", YES_NO, "YES", "allow V.17 (14400 to 7200 bit/s)", _if(lambda d: Family.V17 in d.families)),
    Option("v29", YES_NO, "YES", "allow V.29 (9600 and 7200 bit/s)", _if(lambda d: Family.V29 in d.families)),
    Option(
        "v27",
        YES_NO,
        "YES",
        "allow V.27ter (4800 and 2400 bit/s)",
        _if(lambda d: Family.V27TER in d.families),
    ),
    Option("MinDataRate", RATE, "2400", "give the fax up rather than go slower, bit/s"),
    Option(
        "MaxDataRate",
        RATE,
        "33600",
        "go no faster, bit/s; a slower device keeps to its own most (V.34, above 14400, no driver has)",
    ),
    Option(
        "HighRes",
        YES_NO,
        "YES",
        "allow more than standard resolution (204x98 dots per inch): fine (204x196), and for black and white "
        "up to 400x400",
        _if(lambda d: Resolution.FINE in d.resolutions),
    ),
    Option("ECM", YES_NO, "YES", "error correction, where both ends have it", _if(lambda d: d.ecm)),
    Option("MR2D", YES_NO, "YES", "allow two-dimensional coding (MR)", _if(lambda d: Coding.MR in d.codings)),
    Option(
        "MMRT6",
        YES_NO,
        "YES",
        "allow T.6 coding (MMR), which needs ECM",
        _if(lambda d: d.ecm and Coding.MMR in d.codings),
    ),
    Option("PageWidth", Choice(_WIDTHS), "A4", "the widest page", _no_more_than(_WIDTHS, lambda d: d.width)),
    Option(
        "PageLength",
        Choice(_LENGTHS),
        "UNLIMITED",
        "the longest page",
        _no_more_than(_LENGTHS, lambda d: d.length),
    ),
    Option("MaxPages", Number(0, 9999), "0", "end a fax that has more pages to receive; 0 is no limit"),
    Option("MaxPercentBadLines", Number(0, 100), "10", "a page with more damaged rows, in percent, is bad"),
    Option("MaxConsecBadLines", Number(0, 9999), "20", "a page with more damaged rows together is bad"),
    Option(
        "OnBadPage",
        Choice(("RETRAIN", "KEEP", "ABORT")),
        "RETRAIN",
        "have a bad page (when sending: one that the far end refuses) sent again after training, keep it, "
        "or end the fax",
    ),
    Option(
        "Header",
        Text(f"[^{_UNSEEN}]{{0,100}}", "at most 100 characters, none of them a control character"),
        "",
        "text above each page sent; {page}, {pages}, {from} and {to} stand for the page's number, how many "
        "there are, our number and the one called, %Y-%m-%d %H:%M and the like for the time, %% for %",
    ),
    Option("SubAddress", SUB_ADDRESS, "", "the sub-address (SUB) told to the far end"),
    Option(
        "Password",
        SUB_ADDRESS,
        "",
        "the password (SID, or PWD when polling): told to whom we call, asked of who calls us",
    ),
    Option(
        "SelectivePolling",
        SUB_ADDRESS,
        "",
        "the document (SEP) that is asked for when polling, or that is held ready",
    ),
    Option(
        "NSF",
        Text(r"([0-9A-Fa-f]{2}){0,64}", "at most 64 octets in hexadecimal, the first bit on the line lowest"),
        "",
        "non-standard facilities told to a caller; none by default, for we have no maker's code (T.35)",
    ),
    Option(
        "TrainingZeros",
        Number(100, 1500),
        "1000",
        "a training check must have so many milliseconds of zeros on end, of 1500",
    ),
    Option(
        "TrainingErrors",
        Number(0, 50),
        "10",
        "a training check may have so many wrong octets, in percent",
    ),
    Option("Poll", YES_NO, "NO", "fetch a fax that the far end holds ready", _if(lambda d: d.poll)),
    Option("T38", YES_NO, "NO", "fax over IP; a telephone line cannot"),
)
BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}


# ----------------------------------------------------------------------------------------------------------
# From what a script gives to what a job uses


ANY_DEVICE = Settings(
    max_rate=33600,
    resolutions=frozenset(Resolution),
    codings=frozenset(Coding),
    ecm=True,
    width=PageWidth.A3,
    poll=True,
)
"""More than any device can do: options that do not hold together here hold nowhere."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Options that hold together, for a device."""

    values: dict[str, str]
    """A value for every option of the table, limited to what the device can do."""
    settings: Settings
    """The same for the session."""

    def yes(self, name: str) -> bool:
        return self.values[name] == "YES"

    def number(self, name: str) -> int:
        return int(self.values[name])


def choose(given: Mapping[str, object] | None, device: Settings) -> Chosen:
    """The options in force on a device of these capabilities; raises ``OptionError``."""
    given = dict(given or {})
    asked = _validated(given)
    values = {option.name: asked.get(option.name, option.default) for option in OPTIONS}
    if values["T38"] == "YES":
        raise OptionError(
            Cause.STANDARDMISMATCH,
            {"T38": given["T38"]},
            "T38=YES: this line is a telephone line, T.30 only; leave the option out",
        )
    _refuse_contradictions(given, values)
    limited = {name: BY_NAME[name].limit(value, device) for name, value in values.items()}
    beyond = {name: given[name] for name in asked if limited[name] != values[name]}
    if beyond:
        raise _inconsistent(beyond, "the device cannot do it")
    settings = _settings(limited, device)
    if not settings.modulations():
        offenders, reason = _rate_offenders(given, limited, device), "no modulation is left to carry pages"
        if offenders.keys() == {"MinDataRate"}:
            fastest = max((each.rate for each in device.modulations()), default=0)
            reason = f"the device goes no faster than {fastest} bit/s"
        raise _inconsistent(offenders, reason)
    limited["MaxDataRate"] = str(settings.max_rate)
    return Chosen(limited, settings)


def _validated(given: Mapping[str, object]) -> dict[str, str]:
    unknown = [name for name in given if name not in BY_NAME]
    if unknown:
        raise OptionError(
            Cause.UNKNOWN_OPTION,
            {name: given[name] for name in unknown},
            "; ".join(f"unknown fax option {name!r}{_suggestion(name)}" for name in unknown),
        )
    asked = {name: _as_text(value) for name, value in given.items()}
    wrong = [name for name, value in asked.items() if not BY_NAME[name].kind.accepts(value)]
    if wrong:
        raise OptionError(
            Cause.UNKNOWN_VALUE,
            {name: given[name] for name in wrong},
            "; ".join(f"{name} is {BY_NAME[name].kind.text}, not {given[name]!r}" for name in wrong),
        )
    return asked


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return str(value)


def _suggestion(name: object) -> str:
    folded = {each.lower(): each for each in BY_NAME}
    near = difflib.get_close_matches(str(name).lower(), folded, n=1)
    return f", did you mean {folded[near[0]]}?" if near else " (faxhw options lists those there are)"


def _refuse_contradictions(given: Mapping[str, object], values: Mapping[str, str]) -> None:
    """Refuse pairs of options that exclude each other on any device."""
    if {"MMRT6", "ECM"} <= given.keys() and (values["MMRT6"], values["ECM"]) == ("YES", "NO"):
        raise _inconsistent({name: given[name] for name in ("MMRT6", "ECM")}, "T.6 coding needs ECM")
    rates = ("MinDataRate", "MaxDataRate")
    if given.keys() >= {*rates} and int(values["MinDataRate"]) > int(values["MaxDataRate"]):
        raise _inconsistent({name: given[name] for name in rates}, "the least rate is above the most")


def _inconsistent(failed: Mapping[str, object], reason: str) -> OptionError:
    listed = ", ".join(f"{name}={value}" for name, value in failed.items())
    remedy = "change it" if len(failed) == 1 else "change one of them"
    return OptionError(
        Cause.INCONSISTENT_OPTIONS, failed, f"the fax options {listed} cannot be: {reason}; {remedy}"
    )


_ALL = frozenset(Resolution)
_COARSE = frozenset({Resolution.STANDARD, Resolution.DPI_200_100})


def _settings(values: Mapping[str, str], device: Settings) -> Settings:
    def yes(name: str) -> bool:
        return values[name] == "YES"

    families = {"v17": Family.V17, "v29": Family.V29, "v27": Family.V27TER}
    ecm = yes("ECM")
    codings = {Coding.MH: True, Coding.MR: yes("MR2D"), Coding.MMR: ecm and yes("MMRT6")}
    return Settings(
        ident=values["SubscriberId"],
        families=frozenset(family for name, family in families.items() if yes(name)),
        min_rate=max(device.min_rate, int(values["MinDataRate"])),
        max_rate=min(device.max_rate, int(values["MaxDataRate"])),
        resolutions=device.resolutions & (_ALL if yes("HighRes") else _COARSE),
        codings=device.codings & {coding for coding, wanted in codings.items() if wanted},
        ecm=ecm,
        width=PageWidth(values["PageWidth"]),
        length=PageLength(values["PageLength"]),
        sub_address=values["SubAddress"],
        password=values["Password"],
        selective_polling=values["SelectivePolling"],
        poll=yes("Poll"),
        nsf=bytes.fromhex(values["NSF"]) or device.nsf,
        tcf_zeros=int(values["TrainingZeros"]) / 1000,
        tcf_errors=int(values["TrainingErrors"]) / 100,
    )


_RATE_OPTIONS = ("v17", "v29", "v27", "MinDataRate", "MaxDataRate")


def _rate_offenders(
    given: Mapping[str, object], values: Mapping[str, str], device: Settings
) -> dict[str, object]:
    """The options among those given without which there would be a modulation, and no others."""
    offenders = [name for name in _RATE_OPTIONS if name in given]
    for name in tuple(offenders):
        fewer = [each for each in offenders if each != name]
        relaxed = {
            each: value if each not in _RATE_OPTIONS or each in fewer else BY_NAME[each].default
            for each, value in values.items()
        }
        limited = {each: BY_NAME[each].limit(value, device) for each, value in relaxed.items()}
        if not _settings(limited, device).modulations():
            offenders = fewer
    return {name: given[name] for name in offenders}
