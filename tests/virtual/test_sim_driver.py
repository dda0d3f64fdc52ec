"""The driver ``sim``: device strings, scenarios, and the same run for the same seed."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from faxhw import finding
from faxhw.device import CallResult, Device
from faxhw.errors import UsageError
from faxhw.session import Outcome, PageData, PageEnds, Status, Verdict
from faxhw.t30 import calling
from faxhw.terms import Settings
from faxhw_drivers.sim import Bench, BitErrors, GivesPages
from faxhw_drivers.sim.paper import pages
from faxhw_drivers.sim.scenarios import SCENARIOS


def received(line: Device) -> tuple[Outcome, list[bytes]]:
    """Perform a receiving session: how it ended, and the octets of each page."""
    session = line.receive(Settings(ident="+1 555 0100"))
    taken = [b""]
    reply: Verdict | None = None
    try:
        while True:
            event = session.send(reply)
            reply = None
            if isinstance(event, PageData):
                taken[-1] += event.data
            elif isinstance(event, PageEnds):
                reply = Verdict.GOOD
                taken.append(b"")
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome, taken[:-1]


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Generator[Device]:
    line = finding.open_device(request.param)
    yield line
    line.close()


@pytest.mark.parametrize(
    ("opened", "count"),
    [
        ("sim:", 3),
        ("sim:fax?pages=1&model=lucent", 1),
        ("sim:?pages=2&class=2", 2),
        ("sim:?model=usr&class=2.0", 3),
    ],
    indirect=["opened"],
)
def test_a_fax_calls_and_sends_pages(opened: Device, count: int) -> None:
    call = opened.wait_for_call(60)
    assert call is not None
    assert opened.answer(60) is CallResult.CONNECTED
    outcome, taken = received(opened)
    assert outcome.status is Status.NORMAL
    assert len(taken) == count
    opened.hang_up()
    assert opened.wait_for_call(60) is not None  # it calls again


@pytest.mark.parametrize(
    ("opened", "statuses"),
    [
        ("sim:voice", {Status.NO_ANSWER_T1}),
        ("sim:silence", {Status.NO_ANSWER_T1}),
        ("sim:data", {Status.NO_ANSWER_T1}),
        ("sim:noise", {Status.NORMAL}),
        ("sim:far", {Status.NORMAL}),
        ("sim:bursts", {Status.NORMAL}),
        ("sim:dcn", {Status.DCN_RECEIVED}),
        ("sim:cut", {Status.LINE_DROPPED, Status.RECEIVE_D_NO_COMMAND, Status.T2_EXPIRED}),
    ],
    indirect=["opened"],
)
def test_callers_of_every_sort(opened: Device, statuses: set[Status]) -> None:
    assert opened.wait_for_call(60) is not None
    assert opened.answer(60) is CallResult.CONNECTED
    outcome, _ = received(opened)
    assert outcome.status in statuses


@pytest.mark.parametrize(
    ("opened", "result"),
    [
        ("sim:", CallResult.CONNECTED),
        ("sim:busy", CallResult.BUSY),
        ("sim:no-answer", CallResult.NO_ANSWER),
        ("sim:no-dialtone", CallResult.NO_DIALTONE),
    ],
    indirect=["opened"],
)
def test_numbers_of_every_sort(opened: Device, result: CallResult) -> None:
    assert opened.dial("0123456789", 120) is result


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sim:voise", "there is no scenario 'voise': did you mean voice"),
        ("sim:?model=x", "there is no model 'x': there are "),
        ("sim:?pages=none", "pages must be a number from 1 to 1000, not 'none'"),
        ("sim:?speed=0", "speed must be a number from 0.01"),
    ],
)
def test_device_strings_that_make_no_sense(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        finding.open_device(name)


def test_unknown_options_are_the_modem_drivers_to_refuse() -> None:
    with pytest.raises(UsageError, match="colour"):
        finding.open_device("sim:", colour="red")


def test_it_is_listed_and_says_what_it_is() -> None:
    assert "sim:" in [each.device for each in finding.devices()]
    report = finding.probe("sim:")
    assert report.driver == "sim"
    assert "V.17 14400" in report.modulations
    assert all(scenario.description for scenario in SCENARIOS.values())


@pytest.mark.parametrize("seed", [3, 4])
def test_a_call_over_the_shipped_driver_is_the_same_to_the_byte_for_the_same_seed(seed: int) -> None:
    def run() -> tuple[list[str], list[bytes], Outcome]:
        bench = Bench(seed)
        bench.impair(BitErrors(rate=0.00005))
        modem = bench.modem("100")
        line = finding.load_driver("class1").open_on(modem.port, bench.clock, {})  # type: ignore[attr-defined]
        bench.station("200").call("100", calling.call(Settings()), GivesPages(pages(2)))
        done: list[tuple[Outcome, list[bytes]]] = []

        def work() -> None:
            line.wait_for_call(60)
            line.answer(60)
            done.append(received(line))

        worker = bench.clock.spawn(work, "fax")
        idle = bench.clock.spawn(lambda: bench.clock.sleep(500), "another")
        assert worker.join()
        assert idle.join()
        [(outcome, taken)] = done
        return bench.trace, taken, outcome

    assert run() == run()
