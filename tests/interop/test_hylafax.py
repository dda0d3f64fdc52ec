"""Debian's HylaFAX, on a virtual modem of its own, sends to us and receives from us.

In class 1 it does so with its own T.30, in classes 2, 2.0 and 2.1 with the modem's.

Its last rows are only kept where it recodes a page from MMR: of a page that it reads as MH or MR it loses the
last row more often than not. So what it sends is MMR in the file, whatever it is on the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import faxhw
from tests.interop import hylafax
from tests.interop.documents import pixels, write_tiff
from tests.interop.hylafax import HylaFax, Job
from tests.interop.simulated import simulated
from tests.pages import page_bitmap

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(hylafax.missing() is not None, reason=hylafax.missing() or ""),
]

IDENT = "+1 555 0200"


@dataclass(frozen=True)
class Case:
    negotiated: tuple[str, int, str, bool]
    """Modem, rate, coding and error correction."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """HylaFAX's, by which it comes to that."""
    fclass: str = "1"
    """Its modem's."""

    def __str__(self) -> str:
        return "-".join(map(str, (self.fclass, *self.negotiated)))


PLAIN = {"Class1ECMSupport": "no"}
PLAIN_2 = {"Class2DCCQueryCmd": '"!(0,1),(0-5),(0-2),(0-2),(0,1),(0),(0),(0-7)"'}
HEX = {"Class2UseHex": "yes"}
"""Else it reads the numbers of class 2.0 as decimal ones."""
V29 = {"Class1TMQueryCmd": '"!24,48,72,96"', "Class1RMQueryCmd": '"!24,48,72,96"'}
CASES = (
    Case(("V.17", 14400, "MR", False), PLAIN),
    Case(("V.29", 9600, "MH", False), PLAIN | V29 | {"Class1MRSupport": "no"}),
    Case(("V.17", 14400, "MMR", True)),
    Case(("V.17", 14400, "MR", False), PLAIN_2, "2"),
    Case(("V.17", 14400, "MMR", True), fclass="2"),
    Case(("V.17", 14400, "MR", False), PLAIN_2 | HEX, "2.0"),
    Case(("V.17", 14400, "MMR", True), HEX, "2.0"),
    Case(("V.17", 14400, "MMR", True), HEX, "2.1"),
)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "sent.tif"
    # The last row of noise is like no other: it is seen if it is lost.
    write_tiff(path, [page_bitmap("text", rows=300).image(), page_bitmap("noise", rows=16).image()], 196)
    return path


def settled(negotiated: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(negotiated[name] for name in ("Modem", "DataRate", "Compression", "ECM"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_calls_and_sends(tmp_path: Path, document: Path, case: Case) -> None:
    received = tmp_path / "received.tif"
    with (
        simulated(tmp_path, "100", f"200:0,{case.fclass}") as lines,
        faxhw.open_channel(lines["100"]) as channel,
    ):
        far = HylaFax(tmp_path, lines["200"], {"LocalIdentifier": f'"{IDENT}"', **case.settings}, case.fclass)
        job = Job(document, 2, "100", coding=hylafax.MMR, ecm=hylafax.ECM_256)
        with far.sending(job) as process:
            assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
            assert channel.answer() == channel.State.ANSWERED
            fax = faxhw.FaxToReceive(str(received))
            # Where MMR is offered it does not think of MR.
            cause = channel.FaxReceiver.receive(fax, {"ECM": case.negotiated[3]})
            channel.hang_up()
            result = far.sent(process)
    details = channel.FaxReceiver.Details
    assert cause == channel.FaxReceiver.Cause.NORMAL, far.log()
    assert (result.pages, result.status) == (2, ""), far.log()
    assert settled(details.negotiated) == case.negotiated, far.log()
    assert details.remote_id == IDENT
    assert [(page.receive_quality, page.bad_rows) for page in fax.PageDetails] == [("GOOD", 0)] * 2
    assert pixels(received) == pixels(document), far.log()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_called_and_receives(tmp_path: Path, document: Path, case: Case) -> None:
    with (
        simulated(tmp_path, "100", f"200:0,{case.fclass}") as lines,
        faxhw.open_channel(lines["100"]) as channel,
    ):
        far = HylaFax(tmp_path, lines["200"], {"LocalIdentifier": f'"{IDENT}"', **case.settings}, case.fclass)
        with far.answering():
            assert channel.call("200") == channel.State.ANSWERED
            cause = channel.FaxSender.send(faxhw.FaxToSend(str(document)))
            channel.hang_up()
            result = far.received()
    details = channel.FaxSender.Details
    assert (cause, details.pages) == (channel.FaxSender.Cause.NORMAL, 2), far.log()
    assert settled(details.negotiated) == case.negotiated, far.log()
    assert details.remote_id == IDENT
    assert result.problem == "", far.log()
    assert pixels(result.document) == pixels(document), far.log()
