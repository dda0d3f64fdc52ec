"""The queue's verbs: whose fax it is, and what a request must not be."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from faxhw.errors import UsageError
from faxhw.serve.control import Peer, Request
from faxhw.serve.desk import Desk
from faxhw.serve.jobs import JobState

from .bench import Bench

ANN, BOB = 70001, 70002


def asked(bench: Bench, verb: str, uid: int, fd: int | None = None, **words: object) -> Mapping[str, object]:
    handlers = Desk(bench.queue, lambda _: None).handlers()
    return handlers[verb](Request(verb, words, Peer(1, uid, uid), fd))


def submit(bench: Bench, uid: int, **words: object) -> None:
    with bench.document.open("rb") as file:
        asked(bench, "submit", uid, file.fileno(), **{"number": "100", "pages": 1, **words})


@pytest.mark.parametrize("uid", [ANN, 0, os.geteuid()])
def test_who_may_change_a_fax(bench: Bench, uid: int) -> None:
    submit(bench, ANN)
    assert bench.queue.ledger.job(1).submitted_by == str(ANN)
    for verb in ("hold", "release", "cancel", "retry"):
        with pytest.raises(UsageError, match=f"fax 1 is {ANN}'s: it is not yours to {verb}"):
            asked(bench, verb, BOB, id=1)
    asked(bench, "cancel", uid, id=1)
    assert bench.queue.ledger.job(1).state is JobState.CANCELLED


def test_no_document(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no document came"):
        asked(bench, "submit", ANN, number="100")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"not_before": "noon"}, "no date and time"),
        ({"not_before": "2026-03-02T10:00"}, "has no zone"),
        ({"not_before": "0001-01-01T00:00+14:00"}, "not of these days"),
        ({"pages": -1, "first_page": 0}, "no page 0"),
        ({"pages": "1"}, "wrong kind"),
        ({"options": {"NSF": "\ud800"}}, "NSF is"),
        ({"number": "1;2"}, "not a telephone number"),
    ],
)
def test_bad_orders(bench: Bench, words: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        submit(bench, ANN, **words)
    assert bench.queue.ledger.jobs() == []


@pytest.mark.parametrize("verb", ["queue", "cancel"])
def test_faxes_that_there_are_not(bench: Bench, verb: str) -> None:
    for number in (0, -1, 2**61):
        with pytest.raises(UsageError, match="there is no fax"):
            asked(bench, verb, ANN, id=number)
