"""Whole calls of our T.30 between two software modems."""

from __future__ import annotations

import pytest

from faxhw.session import Status
from faxhw.t4.decode import PageDecoder
from faxhw.terms import LADDER, Coding, Family, Modulation, Settings
from tests.installed import needs_software_modem

from .dsp_bench import Receives, Sends, call, rows

pytestmark = needs_software_modem


def _at(modulation: Modulation, *, ecm: bool) -> Settings:
    return Settings(
        ident="+1 555",
        families=frozenset({modulation.family}),
        min_rate=2400,
        max_rate=modulation.rate,
        codings=frozenset(Coding),
        ecm=ecm,
    )


@pytest.mark.parametrize("ecm", [False, True], ids=["plain", "ecm"])
@pytest.mark.parametrize("modulation", LADDER, ids=str)
def test_pages_go_over_at_every_modulation(modulation: Modulation, ecm: bool) -> None:
    pages = [rows(seed, 60) for seed in range(2)]
    sends, receives = Sends(pages), Receives()
    called = call(sends, receives, _at(modulation, ecm=ecm))
    assert (called.sent.status, called.received.status) == (Status.NORMAL, Status.NORMAL)
    assert sends.modulations == [str(modulation)]
    assert sends.confirmed == 2
    assert [_rows(receives, page) for page in receives.pages] == pages
    assert [each.retransmissions for each in receives.ends] == [0, 0]


def _rows(receives: Receives, data: bytearray) -> list[tuple[int, ...]]:
    assert receives.parameters is not None
    decoder = PageDecoder(receives.parameters.coding, receives.parameters.row_dots)
    decoder.feed(bytes(data))
    decoded = decoder.finish()
    assert decoded.report.bad_rows == 0
    return [tuple(row) for row in decoded.rows]


@pytest.mark.parametrize("ecm", [False, True], ids=["plain", "ecm"])
def test_figures_of_the_signal_go_up_with_each_page(ecm: bool) -> None:
    receives = Receives()
    call(Sends([rows(1, 200)]), receives, _at(Modulation(Family.V17, 14400), ecm=ecm))
    signal = receives.ends[0].signal
    assert signal is not None
    assert signal.level == pytest.approx(-13.0, abs=1.0)
    assert signal.quality is not None
    assert signal.quality > 25
