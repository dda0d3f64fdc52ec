"""A probe's report as a profile of the user's own: what was found out, on the profile that comes nearest.

What only a call can show is left to whoever makes it: all that the modem said stands beside it as comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from faxhw.at.library import GENERIC, PACKAGE, library
from faxhw.at.profile import Profile, Sayings
from faxhw.at.profile_text import comment, table_text
from faxhw.ports.base import Flow
from faxhw.reports import ProbeReport

_SAYINGS = {"ATI0": "ati0", "ATI3": "ati3", "maker": "maker", "model": "model"}
"""What the choice of a profile knows of a modem, by name in a report."""
_TELLING = frozenset({"ati3", "maker", "model"})
"""What few makes share; ATI0 is a number that many do."""
_LONGEST = 60
"""Characters of a saying that are matched."""
_SILENCES = {"+FRS": "silence_after_receiving", "+FTS": "silence_before_sending"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile file."""

    name: str
    """That of the profile in it."""
    text: str


def draft(report: ProbeReport) -> Draft:
    """The profile for the modem of a report, which is chosen for it once it is among the user's."""
    base = _base(report)
    name = "my-" + _slug(report)
    values: dict[str, object] = {"base": base.name, "description": _description(report)}
    if rule := _match(report):
        values["match"] = [rule]
    values |= _line(report, base)
    values |= {"caller_id": report.caller_id} if report.caller_id not in base.caller_id.split("|") else {}
    head = ["From faxhw probe: put this file into ~/.config/faxhw/profiles or /etc/faxhw/profiles."]
    if not rule:
        head.append(f"The modem says nothing by which it could be known: choose it by profile={name}.")
    text = comment(head) + "\n" + table_text(name, values, {"class1": _class1(report)})
    return Draft(name, text + "\n" + comment(["What it said:", *_told(report)]))


def _base(report: ProbeReport) -> Profile:
    """The profile that was chosen, if it is the package's; else one of those that fits, or the generic one.

    A file cannot build on another of the user's.
    """
    found = library()
    shipped = {name: each for name, each in found.profiles.items() if found.origins[name] == PACKAGE}
    if report.profile in shipped:
        return shipped[report.profile]
    said = Sayings(
        **_said(report), revision=report.identity.get("revision", ""), usb=report.identity.get("usb", "")
    )
    for each in shipped.values():
        if report.fclass in each.classes and any(rule.fits(said) for rule in each.match):
            return each
    return shipped.get(f"{GENERIC}-{report.fclass}") or found.profiles[GENERIC]


def _slug(report: ProbeReport) -> str:
    words = " ".join(_said(report).values()) or "modem"
    return "-".join(re.findall(r"[a-z0-9]+", words.lower()))[:40].strip("-") or "modem"


def _description(report: ProbeReport) -> str:
    return (
        ", ".join(dict.fromkeys(_said(report).values()))[:_LONGEST] or "A modem that says nothing of itself"
    )


def _said(report: ProbeReport) -> dict[str, str]:
    return {key: text for name, key in _SAYINGS.items() if (text := report.identity.get(name, ""))}


def _match(report: ProbeReport) -> dict[str, str]:
    """A rule that fits this modem; without anything to know it by, empty."""
    rule = {key: _pattern(text) for key, text in _said(report).items()}
    usb = report.identity.get("usb", "")
    return rule if rule.keys() & _TELLING or not usb else {**rule, "usb": usb}


def _pattern(text: str) -> str:
    exact = re.escape(text[:_LONGEST]).replace("\\ ", " ")
    return f"^{exact}" + ("$" if len(text) <= _LONGEST else "")


def _line(report: ProbeReport, base: Profile) -> dict[str, object]:
    """Speed and flow control, where they are not the base's."""
    values: dict[str, object] = {}
    if report.speed and report.speed != base.speed:
        values["speed"] = report.speed
    own = {flow: command.removeprefix("?") for flow, command in base.flow_commands.items()}
    if report.flow_commands and report.flow_commands != own:
        values["flow_commands"] = {flow: f"?{command}" for flow, command in report.flow_commands.items()}
    kept = [Flow(each) for each in Flow if each in (report.flow_commands or own)]
    if base.flow not in kept and Flow.XON_XOFF in kept:
        values["flow"] = Flow.XON_XOFF.value
    return values


def _class1(report: ProbeReport) -> dict[str, object]:
    """The host keeps what silences the modem refuses to."""
    if report.credulous or not report.fclass.startswith("1"):
        return {}
    return {key: "host" for command, key in _SILENCES.items() if report.lists.get(command, "unasked") == ""}


def _told(report: ProbeReport) -> Iterator[str]:
    """The whole report, a line for each thing."""
    for key, value in asdict(report).items():
        if isinstance(value, dict):
            yield from (f"{key} {name}: {text}" for name, text in value.items())
        elif key == "findings":
            yield from (f"finding: {each.what}: {each.remedy}" for each in report.findings)
        else:
            yield f"{key}: {', '.join(value) if isinstance(value, tuple) else value}"
