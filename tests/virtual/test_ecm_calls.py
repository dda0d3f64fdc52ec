"""Faxes with error correction, polled faxes, passwords: whole calls through the Class 1 driver."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faxhw.fax.documents import FaxToReceive, FaxToSend
from faxhw.session import Status
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call, poll
from faxhw.terms import Coding, Settings
from faxhw_drivers.sim import BitErrors, Bursts
from faxhw_drivers.sim.exchange import Impairment
from faxhw_drivers.sim.far_end import KeepsPages
from tests.interop.documents import write_tiff
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels, setting, text_pages

CORRECTED = replace(STANDARD, ecm=True, codings=frozenset(Coding))


@pytest.fixture
def fax(tmp_path: Path) -> Path:
    return tmp_path / "fax.tif"


@pytest.mark.parametrize(
    "impairment",
    [Bursts(every=3.0, length=0.05), BitErrors(rate=2e-5, v21=False), BitErrors(rate=1e-4, v21=False)],
    ids=["bursts", "few errors", "many errors"],
)
def test_every_dot_arrives_over_a_bad_line(impairment: Impairment, fax: Path) -> None:
    with setting() as this:
        this.bench.impair(impairment)
        channel, document = this.rings_with(2, CORRECTED), FaxToReceive(fax)
        assert channel.FaxReceiver.receive(document) == "NORMAL"
        assert channel.FaxReceiver.Details.negotiated["ECM"] is True
        assert this.sent.confirmed == 2
    assert pixels(fax) == drawn(this.sent.pages)
    assert [each.receive_quality for each in document.PageDetails] == ["GOOD", "GOOD"]
    assert sum(each.retransmissions for each in document.PageDetails) > 0


@pytest.mark.parametrize(
    "impairment", [Bursts(every=6.0, length=0.05), BitErrors(rate=1e-4, v21=False)], ids=["bursts", "errors"]
)
def test_every_dot_is_sent_over_a_bad_line(impairment: Impairment, tmp_path: Path) -> None:
    pages, kept = text_pages(2), KeepsPages()
    write_tiff(tmp_path / "sent.tif", [page.image() for page in pages], 98)
    with setting() as this:
        this.bench.impair(impairment)
        this.station.answer_with(lambda: answer(CORRECTED), kept)
        assert this.channel.call(THEIRS) == "ANSWERED"
        assert this.channel.FaxSender.send(FaxToSend(tmp_path / "sent.tif")) == "NORMAL"
        assert this.channel.FaxSender.Details.pages == 2
    assert [each.ecm for each in kept.parameters] == [True, True]


def test_a_fax_that_is_held_ready_is_fetched(fax: Path) -> None:
    sender = Pages(text_pages(2))
    with setting() as this:
        this.station.answer_with(lambda: hold_ready(CORRECTED), sender)
        assert this.channel.call(THEIRS) == "ANSWERED"
        assert this.channel.FaxReceiver.receive(filename=fax, fax_options={"Poll": "YES"}) == "NORMAL"
    assert pixels(fax) == drawn(sender.pages)


@pytest.mark.parametrize(
    ("ours", "theirs", "cause"),
    [
        ({}, {}, "NORMAL"),
        ({"Password": "42"}, {"password": "42"}, "NORMAL"),
        ({"Password": "42"}, {"password": "43"}, "COMMSFAULT"),
        ({"SelectivePolling": "7"}, {"selective_polling": "7"}, "NORMAL"),
        ({"SelectivePolling": "7"}, {"selective_polling": "8"}, "COMMSFAULT"),
        ({"Password": "42"}, {}, "COMMSFAULT"),
    ],
)
def test_who_polls_gets_the_fax(
    ours: dict[str, str], theirs: dict[str, str], cause: str, tmp_path: Path
) -> None:
    write_tiff(tmp_path / "held.tif", [text_pages(1)[0].image()], 98)
    kept = KeepsPages()
    with setting() as this:
        this.station.call(OURS, poll(replace(CORRECTED, **theirs)), kept)  # type: ignore[arg-type]
        channel = this.answered()
        assert channel.FaxSender.send(FaxToSend(tmp_path / "held.tif"), ours) == cause
    assert len(kept.pages) == (cause == "NORMAL")


@pytest.mark.parametrize(("password", "cause"), [("42", "NORMAL"), ("43", "COMMSFAULT"), ("", "COMMSFAULT")])
def test_a_sender_must_give_the_password(password: str, cause: str, fax: Path) -> None:
    with setting() as this:
        theirs = Settings(ident="+1", password=password, sub_address="777")
        this.station.call(OURS, call(theirs), Pages(text_pages(1)))
        receiver = this.answered().FaxReceiver
        assert receiver.receive(filename=fax, fax_options={"Password": "42"}) == cause
        assert receiver.Details.sub_address == "777"
        this.bench.run(1.0)
        outcome = this.station.calls[-1].outcome
        assert outcome is not None
        assert outcome.status is (Status.NORMAL if cause == "NORMAL" else Status.SEND_B_DCN)
        if cause != "NORMAL":
            assert "password" in receiver.Details.raw_cause_text
    assert fax.exists() is (cause == "NORMAL")
