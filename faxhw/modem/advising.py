"""What is wrong with a modem by a probe's report, and what its owner can do: one rule for each thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from faxhw.at.library import UNKNOWN, library
from faxhw.at.profile import Profile
from faxhw.modem.choosing import not_taken
from faxhw.reports import Finding, ProbeReport

SLOW = 0.040
"""Seconds: what a Class 1 modem may take for OK, if a fax at 75 ± 20 ms is to be answered in time."""
_LEAST_SPEED = 19200
"""Bits per second: twice what a page at 9600 takes, and enough for 14400."""
_ONE_OFF = ("+FTS", "+FRS")
_MOST_NAMED = 4

Rule = Callable[[ProbeReport, Profile], str]
"""What is wrong; empty if nothing is."""


def findings(report: ProbeReport, profile: Profile, known: Iterable[Finding] = ()) -> ProbeReport:
    """The report with all that is wrong, what is ``known`` first, and what the profile has to say."""
    refused = claims(not_taken(each) for each in report.classes if each not in report.classes_taken)
    broken = (Finding(each.message, "it is left out: mend it, or remove it") for each in library().problems)
    found = [Finding(what, remedy) for rule, remedy in _RULES if (what := rule(report, profile))]
    advice = (Finding(each) for each in profile.advice)
    return replace(report, findings=tuple(dict.fromkeys([*known, *refused, *found, *advice, *broken])))


def claims(complaints: Iterable[str]) -> tuple[Finding, ...]:
    """What is wrong with the classes that a modem claims."""
    return tuple(Finding(each, "another class is used; do not ask for this one") for each in complaints)


def _credulous(report: ProbeReport, profile: Profile) -> str:
    return "it says OK to commands that do not exist" if report.credulous else ""


def _refused_flow(report: ProbeReport, profile: Profile) -> str:
    command = profile.flow_commands.get(report.flow, "").removeprefix("?")
    if not command or report.flow_taken.get(command, True):
        return ""
    other = report.flow_commands.get(report.flow, "")
    return f"it refuses AT{command} for {report.flow} flow control" + (
        f", and takes AT{other}" if other else ""
    )


def _no_flow(report: ProbeReport, profile: Profile) -> str:
    return "" if any(report.flow_taken.values()) else "it takes no command for flow control that is known"


def _refused_silence(report: ProbeReport, profile: Profile) -> str:
    traits = profile.class1
    used = {traits.silence_after_receiving, traits.silence_before_sending}
    refused = [each for each in _ONE_OFF if not report.lists.get(each, "unasked") and each in used]
    return f"it does not say what {' and '.join(refused)} can do" if refused and _uses_class1(report) else ""


def _no_caller_id(report: ProbeReport, profile: Profile) -> str:
    return "" if report.caller_id else "it takes no command for caller ID that is known"


def _slow(report: ProbeReport, profile: Profile) -> str:
    if report.turnaround is None or report.turnaround <= SLOW or not _uses_class1(report):
        return ""
    return f"it takes {1000 * report.turnaround:.0f} ms to answer, where Class 1 leaves {1000 * SLOW:.0f} ms"


def _slow_line(report: ProbeReport, profile: Profile) -> str:
    return f"it listens at {report.speed} bit/s only" if 0 < report.speed < _LEAST_SPEED else ""


def _silent(report: ProbeReport, profile: Profile) -> str:
    if not report.unanswered:
        return ""
    more = " and others" if len(report.unanswered) > _MOST_NAMED else ""
    return f"it does not answer {', '.join(report.unanswered[:_MOST_NAMED])}{more}"


def _unknown(report: ProbeReport, profile: Profile) -> str:
    return UNKNOWN if UNKNOWN in report.reason else ""


def _uses_class1(report: ProbeReport) -> bool:
    return report.fclass.startswith("1")


_RULES: tuple[tuple[Rule, str], ...] = (
    (
        _credulous,
        "what it takes proves nothing: name its profile (faxhw profiles) if the chosen one is wrong",
    ),
    (
        _refused_flow,
        "put one that it takes into a profile (flow_commands; --save), or choose another flow=...",
    ),
    (_no_flow, "find it in the modem's manual, and put it into a profile (flow_commands; --save)"),
    (_refused_silence, 'if calls fail, have the host keep silences: "host" in a profile (--save writes it)'),
    (_no_caller_id, "find it in the modem's manual, and put it into a profile (caller_id; --save)"),
    (_slow, "use a port of the host itself; set an FTDI adapter's latency_timer to 1; or use another class"),
    (_slow_line, "give the speed of the line (--device-option speed=19200), or set the modem's (AT+IPR=0)"),
    (_silent, "switch it off and on and probe it again; if it is the same, it does not know them"),
    (_unknown, "the generic one is used; --save writes a profile for it, to be changed as faxes show"),
)
