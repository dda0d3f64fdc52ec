"""What happens on the line of a ``sim:`` device: who calls, who answers, and what befalls the calls.

A scenario is a line of the table below. The far end calls when the modem has been left alone for a moment,
as it is while its host waits for a call, and again when it has been left alone after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faxhw.t30 import answering, calling
from faxhw.t30.line import Procedure
from faxhw.terms import Coding, Settings
from faxhw_drivers.sim.bench import Bench, PluggedModem
from faxhw_drivers.sim.exchange import Hook, Impairment
from faxhw_drivers.sim.far_end import GivesPages, KeepsPages
from faxhw_drivers.sim.impairments import BitErrors, Bursts, Cut, Dcn, Delay
from faxhw_drivers.sim.paper import pages
from faxhw_drivers.sim.signals import Tone

MODEM_NUMBER = "5550100"
FAR_NUMBER = "5550200"
IDENT = "+1 555 0200"
LEFT_ALONE = 2.0
"""Seconds without a word from the host after which the far end calls."""
BETWEEN_CALLS = 6.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a far end is and does."""

    description: str
    far_end: Tone | None = None
    """The sound it makes; ``None``: it is a fax."""
    polls: bool = False
    """Whether it calls to fetch a fax, and holds one ready for who calls it."""
    calls: bool = True
    answers: bool = True
    busy: bool = False
    dead: bool = False
    """The modem's own line gives no dial tone."""
    impairments: tuple[Impairment, ...] = ()


SCENARIOS: Mapping[str, Scenario] = {
    "fax": Scenario("a fax calls and sends pages; a fax answers and receives them"),
    "polling": Scenario("a fax calls and polls; a fax answers and can be polled", polls=True),
    "voice": Scenario("a person is at the far end", far_end=Tone.VOICE),
    "silence": Scenario("the far end says nothing", far_end=Tone.SILENCE),
    "data": Scenario("the far end is a data modem", far_end=Tone.DATA),
    "noise": Scenario(
        "noise that only 7200 bit/s and less get over",
        impairments=(BitErrors(rate=0.02, above=7200, v21=False),),
    ),
    "bursts": Scenario("a crackling line", impairments=(Bursts(every=8.0, length=0.02),)),
    "far": Scenario("a connection by two satellites", impairments=(Delay(seconds=0.55),)),
    "cut": Scenario("the call is cut in the first page", impairments=(Cut(at=5.0, page=2),)),
    "dcn": Scenario("the far end gives up in the first page", impairments=(Dcn(at=5.0, page=2),)),
    "busy": Scenario("the far end is busy", calls=False, busy=True),
    "no-answer": Scenario("the far end does not answer", calls=False, answers=False),
    "no-dialtone": Scenario("the line is dead", calls=False, dead=True),
}


def play(bench: Bench, plugged: PluggedModem, scenario: Scenario, page_count: int) -> None:
    """Set up the far end of a modem."""
    station = bench.station(FAR_NUMBER)
    bench.exchange.fallback = FAR_NUMBER
    bench.impair(*scenario.impairments)
    modem = plugged.modem
    modem.phone.dead = scenario.dead
    settings = Settings(ident=IDENT, ecm=True, codings=frozenset(Coding))
    if scenario.busy:
        station.phone.off_hook()
    elif scenario.answers and scenario.far_end is not None:
        station.answer_with(scenario.far_end, rings=2)
    elif scenario.answers:
        given = GivesPages(pages(page_count)) if scenario.polls else KeepsPages()
        station.answer_with(lambda: _answers(settings, scenario), given, rings=2)

    def call() -> None:
        if scenario.far_end is not None:
            station.call(MODEM_NUMBER, scenario.far_end)
        elif scenario.polls:
            station.call(MODEM_NUMBER, calling.poll(settings), KeepsPages())
        else:
            station.call(MODEM_NUMBER, calling.call(settings), GivesPages(pages(page_count)))

    def watch() -> None:
        idle = modem.phone.state is Hook.IDLE and station.phone.state is Hook.IDLE
        ended = max((each.ended or 0.0 for each in station.calls), default=-BETWEEN_CALLS)
        quiet = bench.world.now - modem.heard_dte >= LEFT_ALONE and bench.world.now - ended >= BETWEEN_CALLS
        if idle and quiet:
            call()
        bench.world.call_later(LEFT_ALONE / 2, watch)

    if scenario.calls:
        bench.world.call_later(LEFT_ALONE, watch)


def _answers(settings: Settings, scenario: Scenario) -> Procedure:
    return answering.hold_ready(settings) if scenario.polls else answering.answer(settings)
