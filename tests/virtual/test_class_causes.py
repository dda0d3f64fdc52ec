"""Nobody above the driver can tell the class: the same call ends by the same cause in each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.t30.answering import answer, hold_ready
from faxhw.t30.calling import call, poll
from faxhw.testing.faxes import Job
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import Bench, BitErrors, Cut, Dcn, Direction
from tests.interop.documents import write_tiff
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels

CLASSES = pytest.mark.parametrize("fclass", ["1", "2", "2.0", "2.1"])
PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]


@contextmanager
def opened(fclass: str) -> Iterator[tuple[Bench, Channel]]:
    bench = Bench()
    with Channel(driver.open_on(bench.modem(OURS).port, bench.clock, {"class": fclass})) as channel:
        yield bench, channel


def answered(channel: Channel) -> None:
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    assert channel.answer() == "ANSWERED"


def voice(bench: Bench) -> None:
    bench.station(THEIRS).call(OURS, bench.voice)


def cut_in_page_2(bench: Bench) -> None:
    bench.impair(Cut(at=2.0, page=3))
    bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))


def dcn_in_page_2(bench: Bench) -> None:
    bench.impair(Dcn(at=2.0, page=3))
    bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))


def a_line_too_bad_to_train(bench: Bench) -> None:
    bench.impair(BitErrors(rate=0.2, v21=False))
    bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))


def somebody_who_polls(bench: Bench) -> None:
    bench.station(THEIRS).call(OURS, poll(STANDARD), Job())


@CLASSES
@pytest.mark.parametrize(
    ("befalls", "cause", "pages"),
    [
        (voice, "NOTFAX", 0),
        (cut_in_page_2, "HANGUP", 1),
        (dcn_in_page_2, "COMMSFAULT", 1),
        (a_line_too_bad_to_train, "COMMSFAULT", 0),
        (somebody_who_polls, "COMMSFAULT", 0),
    ],
)
def test_receiving_ends_by(
    befalls: Callable[[Bench], None], cause: str, pages: int, fclass: str, tmp_path: Path
) -> None:
    with opened(fclass) as (bench, channel):
        befalls(bench)
        answered(channel)
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(tmp_path / "fax.tif"))) == cause
        assert channel.FaxReceiver.Details.pages == pages
        assert channel.FaxReceiver.state() == "ERROR"
        channel.hang_up()
        assert channel.state() == "IDLE"


def answers(bench: Bench) -> None:
    bench.station(THEIRS).answer_with(lambda: answer(STANDARD), Job())


def cut(bench: Bench) -> None:
    bench.impair(Cut(at=2.0, page=3))
    answers(bench)


def cut_in_training(bench: Bench) -> None:
    bench.impair(Cut(at=0.5, page=1))
    answers(bench)


def dcn_in_page_1(bench: Bench) -> None:
    bench.impair(Dcn(at=17.0, direction=Direction.TO_CALLER))
    answers(bench)


def too_bad(bench: Bench) -> None:
    bench.impair(BitErrors(rate=0.2, v21=False))
    answers(bench)


def has_one_to_send(bench: Bench) -> None:
    bench.station(THEIRS).answer_with(lambda: hold_ready(STANDARD), Pages(PAGES))


@CLASSES
@pytest.mark.parametrize(
    ("befalls", "cause"),
    # Who sends cannot tell an end that has gone from one that does not reply.
    [
        (cut, "COMMSFAULT"),
        (cut_in_training, "COMMSFAULT"),
        (dcn_in_page_1, "COMMSFAULT"),
        (too_bad, "COMMSFAULT"),
        (has_one_to_send, "COMMSFAULT"),
    ],
)
def test_sending_ends_by(befalls: Callable[[Bench], None], cause: str, fclass: str, tmp_path: Path) -> None:
    write_tiff(tmp_path / "fax.tif", [page.image() for page in PAGES], 98)
    with opened(fclass) as (bench, channel):
        befalls(bench)
        assert channel.call(THEIRS) == "ANSWERED"
        assert channel.FaxSender.send(faxhw.FaxToSend(str(tmp_path / "fax.tif"))) == cause
        assert channel.FaxSender.Details.pages == (1 if befalls is cut else 0)


@CLASSES
@pytest.mark.parametrize("thought", [0.0, 3.0, 8.0])
def test_a_script_may_think_before_it_sends(thought: float, fclass: str, tmp_path: Path) -> None:
    write_tiff(tmp_path / "fax.tif", [page.image() for page in PAGES], 98)
    with opened(fclass) as (bench, channel):
        answers(bench)
        assert channel.call(THEIRS) == "ANSWERED"
        bench.run(thought)
        assert channel.FaxSender.send(faxhw.FaxToSend(str(tmp_path / "fax.tif"))) == "NORMAL"


@CLASSES
def test_a_voice_that_answers_is_no_call(fclass: str) -> None:
    with opened(fclass) as (bench, channel):
        began = bench.clock.monotonic()
        assert channel.call("999", seconds_timeout=60) == "IDLE"
        assert channel.cause() in ("BUSY", "OTHER")
        assert bench.clock.monotonic() - began < 70


@CLASSES
@pytest.mark.parametrize("moment", [each / 2 for each in range(0, 50, 5)])
def test_stopping_at_any_moment(moment: float, fclass: str, tmp_path: Path) -> None:
    with opened(fclass) as (bench, channel):
        bench.station(THEIRS).call(OURS, call(STANDARD), sender := Pages(PAGES))
        answered(channel)
        document = faxhw.FaxToReceive(str(tmp_path / "fax.tif"))
        assert channel.FaxReceiver.start(document)
        bench.run(moment)
        began = bench.clock.monotonic()
        over = channel.FaxReceiver.state() == "IDLE"
        assert channel.FaxReceiver.stop()
        assert channel.FaxReceiver.wait_until_finished(10.0) == ("NORMAL" if over else "ABORTED")
        assert bench.clock.monotonic() - began < 10
        assert len(document.PageDetails) >= sender.confirmed
        channel.hang_up()
        bench.run(75.0)
        bench.station("300").call(OURS, call(STANDARD), Pages(PAGES))
        answered(channel)
        again = tmp_path / "again.tif"
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(again))) == "NORMAL"
        assert pixels(again) == drawn(PAGES)


@CLASSES
@pytest.mark.parametrize("moment", [each / 2 for each in range(0, 50, 5)])
def test_hanging_up_at_any_moment(moment: float, fclass: str, tmp_path: Path) -> None:
    with opened(fclass) as (bench, channel):
        bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))
        answered(channel)
        assert channel.FaxReceiver.start(faxhw.FaxToReceive(str(tmp_path / "fax.tif")))
        bench.run(moment)
        assert channel.hang_up() == "IDLE"
        bench.run(75.0)
        bench.station("300").call(OURS, call(STANDARD), Pages(PAGES))
        answered(channel)
        again = tmp_path / "again.tif"
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(again))) == "NORMAL"
        assert pixels(again) == drawn(PAGES)


@CLASSES
@pytest.mark.parametrize("moment", [each / 2 for each in range(1, 60, 6)])
def test_stopping_to_send_at_any_moment(moment: float, fclass: str, tmp_path: Path) -> None:
    write_tiff(tmp_path / "fax.tif", [page.image() for page in PAGES], 98)
    with opened(fclass) as (bench, channel):
        answers(bench)
        assert channel.call(THEIRS) == "ANSWERED"
        assert channel.FaxSender.start(faxhw.FaxToSend(str(tmp_path / "fax.tif")))
        bench.run(moment)
        began = bench.clock.monotonic()
        if channel.state() == "ANSWERED":
            assert channel.FaxSender.stop()
        cause = channel.FaxSender.wait_until_finished(10.0)
        assert cause == ("NORMAL" if channel.FaxSender.Details.pages == 2 else "ABORTED")
        assert bench.clock.monotonic() - began < 10
        channel.hang_up()
        bench.run(75.0)
        bench.station("300").answer_with(lambda: answer(STANDARD), received := Job())
        assert channel.call("300") == "ANSWERED"
        assert channel.FaxSender.send(faxhw.FaxToSend(str(tmp_path / "fax.tif"))) == "NORMAL"
        assert len(received.pages) == 2


@CLASSES
@pytest.mark.parametrize(("given", "cause"), [("4711", "NORMAL"), ("0815", "COMMSFAULT"), ("", "COMMSFAULT")])
def test_a_password_is_asked_for(given: str, cause: str, fclass: str, tmp_path: Path) -> None:
    caller = replace(STANDARD, password=given, sub_address="12")
    with opened(fclass) as (bench, channel):
        bench.station(THEIRS).call(OURS, call(caller), Pages(PAGES))
        answered(channel)
        document = faxhw.FaxToReceive(str(tmp_path / "fax.tif"))
        assert channel.FaxReceiver.receive(document, fax_options={"Password": "4711"}) == cause
        assert channel.FaxReceiver.Details.sub_address == "12"


@CLASSES
@pytest.mark.parametrize(
    ("given", "wanted", "cause"),
    [("4711", "12", "NORMAL"), ("0815", "12", "COMMSFAULT"), ("4711", "34", "COMMSFAULT")],
)
def test_a_document_is_kept_for_who_may_have_it(
    given: str, wanted: str, cause: str, fclass: str, tmp_path: Path
) -> None:
    write_tiff(tmp_path / "fax.tif", [page.image() for page in PAGES], 98)
    caller = replace(STANDARD, password=given, selective_polling=wanted)
    options = {"Poll": "YES", "Password": "4711", "SelectivePolling": "12"}
    with opened(fclass) as (bench, channel):
        bench.station(THEIRS).call(OURS, poll(caller), Job())
        answered(channel)
        document = faxhw.FaxToSend(str(tmp_path / "fax.tif"))
        assert channel.FaxSender.send(document, fax_options=options) == cause
