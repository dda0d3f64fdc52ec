"""How a service fares: for people (``faxhw status``), for programs (JSON), for Prometheus (text)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from faxhw.serve.hooks import Spool
from faxhw.serve.jobs import OPEN, JobState
from faxhw.serve.station import Station
from faxhw.serve.supervisor import Supervisor

Labels = Mapping[str, str]


def status(supervisor: Supervisor, jobs: Mapping[JobState, int], spool: Spool) -> dict[str, Any]:
    """All that there is to tell. ``jobs`` are numbers of jobs."""
    return {
        "process": os.getpid(),
        "configuration": str(supervisor.config.path),
        "since": supervisor.began.isoformat(timespec="seconds"),
        "lines": [_line(station) for station in supervisor.stations.values()],
        "queue": {str(state): jobs.get(state, 0) for state in (*OPEN, JobState.FAILED)},
        "events_for_hooks": spool.pending,
        "events_given_up": len(spool.failed),
    }


def _line(station: Station) -> dict[str, Any]:
    counts = station.counts
    return {
        "name": station.line.name,
        "device": station.line.device,
        "process": station.post.process if station.post is not None else None,
        "state": station.state,
        "since": station.since.isoformat(timespec="seconds"),
        "call": station.call,
        "job": station.job,
        "error": station.error,
        "trouble": station.trouble,
        "calls": counts.calls,
        "received": counts.received,
        "sent": counts.sent,
        "pages_received": counts.pages_received,
        "pages_sent": counts.pages_sent,
        "failures": dict(counts.failures),
        "restarts": counts.restarts,
    }


def as_text(told: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    """A status for people: pairs of a heading and a text."""
    rows = [("service", f"process {told['process']}, {told['configuration']}, since {told['since']}")]
    for line in told["lines"]:
        seconds = (now - datetime.fromisoformat(line["since"])).total_seconds()
        parts = [f"{line['state']} for {_for_people(seconds)}", line["device"]]
        if line["call"].get("caller"):
            parts.append(f"call from {line['call']['caller']}")
        if line["job"] is not None:
            parts.append(f"fax {line['job']} to {line['call'].get('called') or 'send'}")
        if line["state"] in ("CALL", "SENDING"):
            parts.append(f"{line['call'].get('pages', 0)} pages so far")
        failed = sum(line["failures"].values())
        parts.append(f"{line['received']} received, {line['sent']} sent, {failed} failed")
        if line["restarts"]:
            parts.append(f"started again {line['restarts']} times")
        parts += filter(None, (line["error"], line.get("trouble")))
        rows.append((line["name"], "; ".join(parts)))
    queue = ", ".join(f"{number} {state}" for state, number in told["queue"].items() if number)
    rows.append(("queue", queue or "empty"))
    if told["events_for_hooks"]:
        rows.append(("hooks", f"{told['events_for_hooks']} events to be told"))
    if told.get("events_given_up"):
        said = f"{told['events_given_up']} events could not be told, see hooks/failed in the state folder"
        rows.append(("given up", said))
    return rows


def _for_people(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(0.0, seconds):.0f} s"


# ----------------------------------------------------------------------------------------------------------
# Prometheus


def metrics(told: Mapping[str, Any]) -> str:
    """The text format (version 0.0.4) of Prometheus, of a status."""
    return "".join(f"{line}\n" for family in _families(told) for line in family)


def _families(told: Mapping[str, Any]) -> Iterator[list[str]]:
    lines = told["lines"]
    yield _family(
        "faxhw_line_up",
        "gauge",
        "Whether the line is attended (1) or down (0).",
        [({"line": each["name"]}, int(each["state"] not in ("DOWN", "STARTING"))) for each in lines],
    )
    yield _family(
        "faxhw_line_busy",
        "gauge",
        "Whether the line has a call.",
        [({"line": each["name"]}, int(each["state"] in ("CALL", "SENDING"))) for each in lines],
    )
    yield _family(
        "faxhw_line_trouble",
        "gauge",
        "Whether something on this side kept the line's last call from going well.",
        [({"line": each["name"]}, int(bool(each["trouble"]))) for each in lines],
    )
    for key, what in _COUNTERS.items():
        yield _family(
            f"faxhw_{key}_total", "counter", what, [({"line": each["name"]}, each[key]) for each in lines]
        )
    yield _family(
        "faxhw_failed_total",
        "counter",
        "Faxes that failed, by cause.",
        [
            ({"line": each["name"], "cause": cause}, number)
            for each in lines
            for cause, number in each["failures"].items()
        ],
    )
    yield _family(
        "faxhw_jobs",
        "gauge",
        "Jobs in the queue, by state.",
        [({"state": state}, number) for state, number in told["queue"].items()],
    )
    yield _family(
        "faxhw_hook_events",
        "gauge",
        "Events that hooks are still to be told of.",
        [({}, told["events_for_hooks"])],
    )
    yield _family(
        "faxhw_hook_events_given_up",
        "gauge",
        "Events that hooks could not be told of, and that are kept.",
        [({}, told["events_given_up"])],
    )


_COUNTERS = {
    "calls": "Calls that rang, or were dialled.",
    "received": "Faxes that came whole.",
    "sent": "Faxes that were sent whole.",
    "pages_received": "Pages that came.",
    "pages_sent": "Pages that were confirmed.",
    "restarts": "How often the line's process had to be started again.",
}
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def _family(name: str, kind: str, what: str, samples: Iterable[tuple[Labels, float]]) -> list[str]:
    lines = [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        told = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels.items())
        lines.append(f"{name}{{{told}}} {value:g}" if told else f"{name} {value:g}")
    return lines
