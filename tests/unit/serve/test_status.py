"""What is told of a service, to people and to Prometheus."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from faxhw.serve.status import as_text, metrics

LINE: dict[str, Any] = {
    "name": 'the "front"',
    "device": "/dev/ttyACM0",
    "process": 7,
    "state": "CALL",
    "since": "2026-11-24T12:00:00+00:00",
    "call": {"caller": "0123", "pages": 3},
    "job": None,
    "error": "",
    "trouble": "the disk is full",
    "calls": 5,
    "received": 4,
    "sent": 0,
    "pages_received": 9,
    "pages_sent": 0,
    "failures": {"HANGUP": 1},
    "restarts": 2,
}
TOLD: dict[str, Any] = {
    "process": 1,
    "configuration": "/etc/faxhw/fax.toml",
    "since": "2026-11-24T11:00:00+00:00",
    "lines": [LINE, {**LINE, "name": "back", "state": "DOWN", "call": {}, "trouble": "", "error": "gone"}],
    "queue": {"WAITING": 2, "HELD": 0, "SENDING": 0, "FAILED": 1},
    "events_for_hooks": 1,
    "events_given_up": 3,
}


def test_people_are_told_what_matters() -> None:
    rows = dict(as_text(TOLD, datetime.fromisoformat("2026-11-24T12:03:00+00:00")))
    front = rows['the "front"']
    for words in ("CALL for 3 min", "call from 0123", "3 pages so far", "4 received", "the disk is full"):
        assert words in front
    assert "gone" in rows["back"]
    assert rows["queue"] == "2 WAITING, 1 FAILED"
    assert rows["hooks"] == "1 events to be told"
    assert rows["given up"] == "3 events could not be told, see hooks/failed in the state folder"


def test_prometheus_gets_each_family_once_with_its_type() -> None:
    text = metrics(TOLD)
    lines = text.splitlines()
    assert text.endswith("\n")
    families = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(families) == len(set(families))
    assert 'faxhw_line_up{line="the \\"front\\""} 1' in lines
    assert 'faxhw_line_up{line="back"} 0' in lines
    assert 'faxhw_line_trouble{line="the \\"front\\""} 1' in lines
    assert 'faxhw_failed_total{line="back",cause="HANGUP"} 1' in lines
    assert 'faxhw_jobs{state="WAITING"} 2' in lines
    assert "faxhw_hook_events 1" in lines
    assert "faxhw_hook_events_given_up 3" in lines
