"""libspandsp2's terminal and our Class 1 driver with error correction, both ways, on clean and on bad lines.

Real time, real modulations. A line that crackles makes PPRs; what arrives must be what was sent, to the dot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import faxhw
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.spandsp import MH, MMR, MR, V17, V27TER, V29, Plan, SoftModem
from tests.pages import page_bitmap

pytestmark = [pytest.mark.interop, needs_libspandsp]


@dataclass(frozen=True)
class Case:
    negotiated: tuple[str, int, str]
    dots_down: int = 196
    width: int = 1728
    paper: str = "A4"
    modems: int = V17 | V29 | V27TER
    compressions: int = MH | MR | MMR
    crackles_every: float = 0.0
    spoils_turn: int = 0
    noise: int = 0
    """So much that training fails at the rate named: the fax then goes slower."""
    kinds: tuple[str, ...] = ("text:500", "form:300")
    """Of each page, what is on it and how many rows it has."""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        crackles = "-crackles" if self.crackles_every else "-noise" if self.noise else ""
        crackles += "-spoilt" if self.spoils_turn else ""
        return "-".join(map(str, self.negotiated)) + f"-{self.paper}-{self.dots_down}{crackles}"

    def draw(self, path: Path) -> None:
        pages = (kind.split(":") for kind in self.kinds)
        drawn = [page_bitmap(kind, self.width, int(rows)).image() for kind, rows in pages]
        write_tiff(path, drawn, self.dots_down)

    def plan(self, document: Path, *, calls: bool) -> Plan:
        return Plan(
            str(document),
            calls=calls,
            modems=self.modems,
            compressions=self.compressions,
            ecm=True,
            crackles_every=self.crackles_every,
            noise=self.noise,
            spoils_turn=self.spoils_turn,
        )

    def check(self, settled: dict[str, object], document: faxhw.FaxToReceive | faxhw.FaxToSend) -> None:
        assert settled["ECM"] is True
        modem, rate, coding = self.negotiated
        assert (settled["Modem"], settled["Compression"], settled["PageWidth"]) == (modem, coding, self.paper)
        if self.noise:
            assert isinstance(settled["DataRate"], int)
            assert 7200 <= settled["DataRate"] < rate
            return
        assert settled["DataRate"] == rate
        again = sum(each.retransmissions for each in document.PageDetails)
        harmed = bool(self.crackles_every or self.spoils_turn)
        assert bool(again) is harmed, "a line that crackles makes PPRs, another does not"


RECEIVED = [
    Case(("V.17", 14400, "MMR"), crackles_every=6.0),
    Case(("V.17", 14400, "MMR"), 98, noise=650, kinds=("form:250",)),
    Case(("V.29", 9600, "MMR"), modems=V29 | V27TER, crackles_every=8.0),
    # Its modem says nothing of a page that it could not train on, and the page outlasts T2.
    Case(("V.29", 9600, "MMR"), modems=V29 | V27TER, spoils_turn=2, kinds=("text:600",)),
    Case(("V.29", 9600, "MMR"), 391, 2048, "B4", modems=V29 | V27TER, kinds=("form:600",)),
    Case(("V.27ter", 4800, "MR"), 98, 2432, "A3", V27TER, MH | MR, kinds=("form:200",)),
]


@pytest.mark.parametrize("case", RECEIVED, ids=lambda case: case.name)
def test_it_calls_and_sends(tmp_path: Path, case: Case) -> None:
    sent, received = tmp_path / "sent.tif", faxhw.FaxToReceive(str(tmp_path / "received.tif"))
    case.draw(sent)
    with (
        SoftModem(case.plan(sent, calls=True)) as far,
        faxhw.open_channel(f"class1:{far.path}") as channel,
    ):
        far.call()
        assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
        assert channel.answer() == channel.State.ANSWERED
        cause = channel.FaxReceiver.receive(received, {"PageWidth": "A3"})
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert (outcome["code"], outcome["pages"]) == (0, len(case.kinds)), outcome
    case.check(channel.FaxReceiver.Details.negotiated, received)
    assert pixels(received.path) == pixels(sent)


SENT = [
    Case(("V.17", 14400, "MMR")),
    Case(("V.17", 14400, "MMR"), crackles_every=6.0),
    Case(("V.17", 14400, "MMR"), 98, noise=650, kinds=("form:250",)),
    Case(("V.17", 7200, "MMR"), options={"MaxDataRate": "7200", "v29": "NO"}),
    Case(("V.29", 7200, "MR"), 98, compressions=MH | MR, options={"v17": "NO", "MaxDataRate": "7200"}),
    Case(("V.29", 9600, "MMR"), 391, 2048, "B4", options={"v17": "NO", "PageWidth": "A3"}),
    Case(
        ("V.27ter", 4800, "MH"), 98, 2432, "A3", V27TER, MH, options={"PageWidth": "A3"}, kinds=("form:150",)
    ),
]


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.name)
def test_it_is_called_and_receives(tmp_path: Path, case: Case) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    case.draw(sent)
    document = faxhw.FaxToSend(str(sent))
    with (
        SoftModem(case.plan(received, calls=False)) as far,
        faxhw.open_channel(f"class1:{far.path}") as channel,
    ):
        assert channel.call("5550100") == channel.State.ANSWERED
        cause = channel.FaxSender.send(document, case.options)
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxSender.Cause.NORMAL
    assert (outcome["code"], outcome["pages"]) == (0, len(case.kinds)), outcome
    case.check(channel.FaxSender.Details.negotiated, document)
    assert pixels(received) == pixels(sent)
