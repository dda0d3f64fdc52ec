"""Whole faxes by the virtual CAPI controller, with stations and virtual modems at the far end."""

from __future__ import annotations

import pytest

from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.structures import B3_FAX, FaxOption
from faxhw.channel import Channel
from faxhw.t4.decode import PageDecoder
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Parameters, Resolution, Settings
from faxhw_drivers.class1 import driver as class1
from faxhw_drivers.sim import Bench, GivesPages, KeepsPages, Station, Tone
from faxhw_drivers.sim.capi.model import Faults, Model
from faxhw_drivers.sim.capi.plugged import PluggedController
from tests.pages import PageBitmap, page_bitmap
from tests.virtual.capi import Client, Fax, document, fax_protocol, pages_of

MSN, THEIRS = "5031", "200"
PAGES = [page_bitmap("text", rows=300, seed=1), page_bitmap("form", rows=200, seed=2)]
FAR_END = Settings(ident="+49 89 200", ecm=True)


def client(box: PluggedController, framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming) -> Client:
    made = Client(box.connect(), framing())
    assert made.register() == 0
    return made


def gives(pages: list[PageBitmap]) -> GivesPages:
    return GivesPages([lambda _, page=page: page.rows for page in pages])


def rows(kept: KeepsPages) -> list[object]:
    """The pages that a station has kept."""
    found = []
    for octets, parameters in zip(kept.pages, kept.parameters, strict=True):
        decoder = PageDecoder(parameters.coding, parameters.row_dots)
        decoder.feed(octets)
        found.append(decoder.finish().rows)
    return found


def drawn(pages: list[PageBitmap]) -> list[object]:
    return [page.rows for page in pages]


@pytest.mark.parametrize("framing", [FritzboxFraming, RcapiFraming])
@pytest.mark.parametrize("ecm", [False, True])
def test_a_station_sends_a_fax_to_the_controller(framing: type[FritzboxFraming | RcapiFraming], ecm: bool) -> None:
    bench = Bench()
    application = client(bench.capi(MSN), framing)
    application.listen()
    station, given = bench.station(THEIRS), gives(PAGES)
    settings = Settings(ident="+49 89 200", ecm=ecm, resolutions=frozenset({Resolution.FINE}))
    made = station.call(MSN, call(settings), given)
    fax = application.receive()
    assert (fax.called, fax.calling) == (MSN, THEIRS)
    assert fax.names == [
        "CONNECT_ACTIVE_IND",
        "CONNECT_B3_IND",
        "CONNECT_B3_ACTIVE_IND",
        "DISCONNECT_B3_IND",
        "DISCONNECT_CONF",
        "DISCONNECT_IND",
    ]
    assert pages_of(fax.document) == drawn(PAGES)
    assert given.confirmed == 2
    assert made.outcome is not None
    assert made.outcome.status == 0
    assert fax.active is not None
    assert fax.ended is not None
    assert (fax.ended.rate, fax.ended.pages, fax.ended.ident) == (14400, 2, "+49 89 200")
    assert (FaxOption.NO_ECM in fax.ended.options) is not ecm
    assert (fax.reason_b3, fax.reason) == (0, 0)
