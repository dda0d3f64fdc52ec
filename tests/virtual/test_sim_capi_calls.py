"""Whole faxes by the virtual CAPI controller, with stations and virtual modems at the far end."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.capi.fields import CapiError
from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.structures import (
    B3_FAX,
    FaxFacts,
    FaxOption,
    called_number,
    calling_number,
    fax_facts,
    profile,
)
from faxhw.channel import Channel
from faxhw.errors import PortError
from faxhw.t4.decode import PageDecoder
from faxhw.t4.rows import Row
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Resolution, Settings
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import Bench, Cut, GivesPages, KeepsPages, Station, Tone
from faxhw_drivers.sim.audio import SoundNetwork
from faxhw_drivers.sim.capi.model import Faults, Model
from faxhw_drivers.sim.capi.plugged import PluggedController
from faxhw_drivers.sim.far_end import PageRows
from tests.interop.documents import pixels, write_tiff
from tests.pages import PageBitmap, page_bitmap
from tests.virtual.capi import IDENT, TRANSPARENT, WINDOW, Client, Fax, document, fax_protocol, pages_of

MSN, THEIRS = "5031", "200"
QUIET_BLOCK = b"\xab" * 160
"""20 ms of A-law's silence, 0xD5, as CAPI has its bits."""
PAGES = [page_bitmap("text", rows=300, seed=1), page_bitmap("form", rows=200, seed=2)]
FAR_END = Settings(ident="+49 89 200", ecm=True)


def client(box: PluggedController, framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming) -> Client:
    made = Client(box.connect(), framing())
    assert made.register() == 0
    return made


def plugged(bench: Bench, fclass: str) -> Channel:
    return Channel(driver.open_on(bench.modem(THEIRS).port, bench.clock, {"class": fclass}))


def gives(pages: list[PageBitmap]) -> GivesPages:
    return GivesPages([drawn_as(page.rows) for page in pages])


def drawn_as(page: list[Row]) -> PageRows:
    return lambda _: page


def rows(kept: KeepsPages) -> list[list[Row]]:
    """The pages that a station has kept."""
    found = []
    for octets, parameters in zip(kept.pages, kept.parameters, strict=True):
        decoder = PageDecoder(parameters.coding, parameters.row_dots)
        decoder.feed(octets)
        found.append(decoder.finish().rows)
    return found


def drawn(pages: list[PageBitmap]) -> list[list[Row]]:
    return [page.rows for page in pages]


@pytest.mark.parametrize("framing", [FritzboxFraming, RcapiFraming])
@pytest.mark.parametrize("ecm", [False, True])
def test_a_station_sends_a_fax_to_the_controller(
    framing: type[FritzboxFraming | RcapiFraming], ecm: bool
) -> None:
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


def receiver(bench: Bench, settings: Settings = FAR_END) -> tuple[Station, KeepsPages]:
    """A station that receives."""
    station, kept = bench.station(THEIRS), KeepsPages()
    station.answer_with(lambda: answer(settings), kept)
    return station, kept


@pytest.mark.parametrize("framing", [FritzboxFraming, RcapiFraming])
@pytest.mark.parametrize("ecm", [False, True])
def test_the_controller_sends_a_fax_to_a_station(
    framing: type[FritzboxFraming | RcapiFraming], *, ecm: bool
) -> None:
    bench = Bench()
    application = client(bench.capi(MSN), framing)
    _, kept = receiver(bench, Settings(ident="+49 89 200", ecm=ecm))
    fax = application.send(THEIRS, document(PAGES))
    assert fax.names[:2] == ["CONNECT_ACTIVE_IND", "CONNECT_B3_CONF"]
    assert rows(kept) == drawn(PAGES)
    assert fax.ended is not None
    assert (fax.ended.rate, fax.ended.pages, fax.ended.ident) == (14400, 2, "+49 89 200")
    assert FaxOption.HIGH_RESOLUTION in fax.ended.options
    assert (fax.reason_b3, fax.reason) == (0, 0)
    assert kept.parameters[0].ecm is ecm
    assert kept.parameters[0].resolution is Resolution.FINE


def test_plain_t30_at_standard_resolution() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    _, kept = receiver(bench)
    fax = application.send(THEIRS, document(PAGES, fine=False), fax_protocol(FaxOption(0), B3_FAX))
    assert rows(kept) == drawn(PAGES)
    assert kept.parameters[0].resolution is Resolution.STANDARD
    assert fax.ended is not None
    assert fax.ended.options == 0


def test_what_the_application_does_not_want_is_not_used() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    _, kept = receiver(bench)
    unwanted = FaxOption.NO_ECM | FaxOption.NO_MMR | FaxOption.NO_MR
    fax = application.send(THEIRS, document(PAGES), fax_protocol(FaxOption.HIGH_RESOLUTION | unwanted))
    assert {(each.ecm, each.coding) for each in kept.parameters} == {(False, "MH")}
    assert fax.ended is not None
    assert fax.ended.options == FaxOption.HIGH_RESOLUTION | unwanted


def test_the_end_of_the_document_ends_the_fax_without_being_asked() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    _, kept = receiver(bench)
    assert application.send(THEIRS, document(PAGES), disconnects=False).reason_b3 == 0
    assert rows(kept) == drawn(PAGES)


def test_a_document_without_its_end_is_ended_by_the_application() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    _, kept = receiver(bench)
    assert application.send(THEIRS, document(PAGES)[:-2]).reason_b3 == 0
    assert rows(kept) == drawn(PAGES)


def test_fetching_and_holding_ready_by_polling() -> None:
    bench = Bench()
    box = bench.capi("1", "2")
    holds, fetches = client(box), client(box)
    polling = fax_protocol(FaxOption.HIGH_RESOLUTION | FaxOption.POLLING)
    holds.listen()
    fetched: list[Fax] = []
    worker = bench.clock.spawn(
        lambda: fetched.append(fetches.send("2", b"", polling, calling="1")), "fetches"
    )
    incoming = holds.expect("CONNECT_IND")
    holds.respond(incoming, b=polling)
    sent = holds.carry(Fax(), [document(PAGES)[at : at + 2048] for at in range(0, 60000, 2048)])
    assert worker.join(600)
    assert sent.reason_b3 == fetched[0].reason_b3 == 0
    assert pages_of(fetched[0].document) == drawn(PAGES)


@pytest.mark.parametrize("fclass", ["1", "2"])
def test_a_virtual_modem_sends_a_fax_to_the_controller(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    application, original = client(bench.capi(MSN)), tmp_path / "original.tif"
    write_tiff(original, [page.image() for page in PAGES], 196)
    application.listen()
    faxes: list[Fax] = []
    receiving = bench.clock.spawn(lambda: faxes.append(application.receive()), "the application")
    with plugged(bench, fclass) as channel:
        assert channel.call(MSN) == "ANSWERED"
        assert channel.FaxSender.send(faxhw.FaxToSend(str(original))) == "NORMAL"
        assert channel.FaxSender.Details.remote_id == IDENT
        channel.hang_up()
        assert receiving.join(300)
    assert pages_of(faxes[0].document) == drawn(PAGES)


@pytest.mark.parametrize("fclass", ["1", "2"])
def test_the_controller_sends_a_fax_to_a_virtual_modem(fclass: str, tmp_path: Path) -> None:
    bench = Bench()
    application, came = client(bench.capi(MSN)), tmp_path / "came.tif"
    faxes: list[Fax] = []
    with plugged(bench, fclass) as channel:
        sending = bench.clock.spawn(
            lambda: faxes.append(application.send(THEIRS, document(PAGES))), "the application"
        )
        assert channel.wait_for_call(60) == "CALL_INCOMING"
        channel.answer()
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(came))) == "NORMAL"
        channel.hang_up()
        assert sending.join(300)
    assert faxes[0].reason_b3 == 0
    assert [octets for _, octets in pixels(came)] == [page.image().tobytes() for page in PAGES]


def test_from_speech_to_fax_on_the_same_call() -> None:
    bench = Bench()
    application, given = client(bench.capi(MSN)), gives(PAGES)
    application.listen()
    bench.station(THEIRS).call(MSN, call(FAR_END), given)
    application.respond(application.expect("CONNECT_IND"), b=TRANSPARENT)
    for name in ("CONNECT_ACTIVE_IND", "CONNECT_B3_IND", "CONNECT_B3_ACTIVE_IND"):
        came = application.expect(name)
        application.respond(came)
    assert application.asked("DISCONNECT_B3_REQ", ncci=came.address) == 0
    application.respond(application.expect("DISCONNECT_B3_IND"))
    assert application.asked("SELECT_B_PROTOCOL_REQ", plci=came.address & 0xFFFF, b=fax_protocol()) == 0
    fax = application.carry(Fax(), ())
    assert pages_of(fax.document) == drawn(PAGES)
    assert given.confirmed == 2


# ----------------------------------------------------------------------------------------------------------
# Calls that come to nothing, and faxes that do not end well


def test_why_there_is_no_call() -> None:
    bench = Bench()
    box = bench.capi(MSN, "5032")
    application, busy = client(box), bench.station("300")
    silent = bench.station("400")
    busy.call("400", Tone.SILENCE)
    bench.run(5)
    assert silent.phone.state.value == "ringing"
    assert application.send("300", b"").reason == 0x3491
    assert application.send("999", b"").reason == 0x3481
    busy.hang_up()
    assert application.send("400", b"").reason == 0x3493
    box.faults.call_reason = 0x3495
    assert application.send("400", b"").reason == 0x3495


def test_another_application_declines_and_the_caller_hears_so() -> None:
    bench = Bench()
    box = bench.capi(MSN, "5032")
    caller, called = client(box), client(box)
    called.listen()
    faxes: list[Fax] = []
    sending = bench.clock.spawn(lambda: faxes.append(caller.send(MSN, b"", calling="5032")), "the caller")
    call = called.expect("CONNECT_IND")
    called.respond(call, reject=2)
    assert called.expect("DISCONNECT_IND").integer("reason") == 0
    assert sending.join(60)
    assert faxes[0].reason == 0x3495


def test_one_application_takes_the_call_and_the_other_is_told() -> None:
    bench = Bench()
    box = bench.capi(MSN)
    first, second, deaf = client(box), client(box), client(box)
    first.listen()
    second.listen()
    deaf.listen(0)
    bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
    offered = second.expect("CONNECT_IND")
    assert len(pages_of(first.receive().document)) == 2
    gone = second.expect("DISCONNECT_IND")
    assert (gone.address, gone.integer("reason")) == (offered.address, 0x3304)
    assert deaf.get(1.0) is None


def test_a_caller_that_gives_up_while_it_rings() -> None:
    bench = Bench()
    application, station = client(bench.capi(MSN)), bench.station(THEIRS)
    application.listen()
    station.call(MSN, call(FAR_END), gives(PAGES))
    application.expect("CONNECT_IND")
    station.hang_up()
    gone = application.expect("DISCONNECT_IND")
    assert gone.integer("reason") == 0x3490
    application.respond(gone)
    station.call(MSN, call(FAR_END), gives(PAGES))
    assert application.receive().reason_b3 == 0


def test_a_far_end_that_is_no_fax() -> None:
    bench = Bench()
    application, station = client(bench.capi(MSN)), bench.station(THEIRS)
    station.answer_with(Tone.SILENCE)
    fax = application.send(THEIRS, document(PAGES))
    assert (fax.reason_b3, fax.ended) == (0x3314, FaxFacts())  # it goes before T1 is over
    application.drain()
    application.listen()
    station.call(MSN, Tone.VOICE)
    assert application.receive().reason_b3 in (0x3311, 0x3314)


def test_a_far_end_that_cannot_do_what_is_asked() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    receiver(bench, Settings(resolutions=frozenset({Resolution.STANDARD})))
    assert application.send(THEIRS, document(PAGES)).reason_b3 == 0x3313


def test_the_line_is_cut_in_the_second_page() -> None:
    bench = Bench()
    application, station = client(bench.capi(MSN)), bench.station(THEIRS)
    bench.impair(Cut(at=1.0, page=3))
    application.listen()
    given = gives(PAGES)
    station.call(MSN, call(Settings(ident="200")), given)
    fax = application.receive()
    assert (fax.reason_b3, given.confirmed) == (0x3314, 1)
    assert pages_of(fax.document) == drawn(PAGES[:1])
    assert fax.ended is not None
    assert fax.ended.pages == 1


@pytest.mark.parametrize("sends", [False, True])
def test_a_fax_that_is_to_fail_in_its_second_page(*, sends: bool) -> None:
    bench = Bench()
    application = client(bench.capi(MSN, faults=Faults(fax_reason=0x3317, in_page=2)))
    if sends:
        _, kept = receiver(bench)
        fax = application.send(THEIRS, document(PAGES))
        assert rows(kept) == drawn(PAGES[:1])
    else:
        application.listen()
        bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
        fax = application.receive()
        assert pages_of(fax.document) == drawn(PAGES[:1])
    assert fax.reason_b3 == 0x3317
    assert fax.ended is not None
    assert fax.ended.pages == 1


def test_the_connection_is_lost_in_a_page_and_the_page_is_not_confirmed() -> None:
    bench = Bench()
    box = bench.capi(MSN, faults=Faults(drops=True, in_page=2))
    application, station, given = client(box), bench.station(THEIRS), gives(PAGES)
    application.listen()
    made = station.call(MSN, call(FAR_END), given)
    with pytest.raises(PortError, match="has closed the connection"):
        application.receive()
    bench.run(60)
    assert given.confirmed == 1
    assert made.ended is not None
    again = client(box)
    again.listen()
    station.call(MSN, call(FAR_END), gives(PAGES))
    assert pages_of(again.receive().document) == drawn(PAGES)


def test_the_connection_is_lost_while_a_page_is_sent() -> None:
    bench = Bench()
    box = bench.capi(MSN, faults=Faults(drops=True))
    station, kept = receiver(bench)
    with pytest.raises(PortError, match="has closed the connection"):
        client(box).send(THEIRS, document(PAGES))
    bench.run(60)
    assert kept.pages == []
    assert client(box).send(THEIRS, document(PAGES)).reason_b3 == 0
    assert station.calls[0].ended is not None


@pytest.mark.parametrize("hasty", [False, True])
def test_a_page_that_the_application_does_not_take_is_not_confirmed_in_haste(*, hasty: bool) -> None:
    bench = Bench()
    application, given = Client(bench.capi(MSN, model=Model(hasty=hasty)).connect()), gives(PAGES)
    assert application.register(block_size=128) == 0
    application.listen()
    bench.station(THEIRS).call(MSN, call(Settings(ident="200")), given)
    came = application.expect("CONNECT_IND")
    application.respond(came, b=fax_protocol())
    for name in ("CONNECT_ACTIVE_IND", "CONNECT_B3_IND", "CONNECT_B3_ACTIVE_IND"):
        application.respond(application.expect(name))
    for handle in range(1, WINDOW + 1):
        assert application.expect("DATA_B3_IND").integer("handle") == handle
    assert application.get(1.0) is None
    bench.run(60)
    assert given.confirmed == (2 if hasty else 0)


@pytest.mark.parametrize("later", [0.05, 1.0, 2.5])
def test_a_fax_is_ended_while_its_page_waits_for_the_application(later: float) -> None:
    bench = Bench()
    application, given = Client(bench.capi(MSN).connect()), gives(PAGES)
    assert application.register(block_size=128) == 0
    application.listen()
    bench.station(THEIRS).call(MSN, call(Settings(ident="200")), given)
    came = application.expect("CONNECT_IND")
    application.respond(came, b=fax_protocol())
    for name in ("CONNECT_ACTIVE_IND", "CONNECT_B3_IND"):
        application.respond(application.expect(name))
    active = application.expect("CONNECT_B3_ACTIVE_IND")
    application.respond(active)
    blocks = [application.expect("DATA_B3_IND") for _ in range(WINDOW)]
    bench.run(later)
    application.put("DISCONNECT_B3_REQ", ncci=active.address)
    for each in blocks:
        application.respond(each, handle=each.integer("handle"))
    bench.run(30)
    assert given.confirmed == 0
    ended = application.get(10.0)
    while ended is not None and ended.name != "DISCONNECT_B3_IND":
        if ended.name == "DATA_B3_IND":
            application.respond(ended, handle=ended.integer("handle"))
        ended = application.get(10.0)
    assert ended is not None
    assert fax_facts(ended.octets("ncpi")).pages == 0


def test_a_document_that_does_not_come() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    receiver(bench)
    fax = application.send(THEIRS, document(PAGES)[:3000], disconnects=False)
    assert fax.reason_b3 == 0x3316
    bench.run(10)
    assert application.send(THEIRS, b"no SFF at all").reason_b3 == 0x3319


def test_a_controller_without_fax_says_so() -> None:
    bench = Bench()
    application = client(bench.capi(MSN, model=Model(fax=False)))
    found = profile(application.profile(1)[1])
    assert (found.fax_protocol, found.transparent) == (None, True)
    info = application.asked("CONNECT_REQ", controller=1, cip=17, called=b"\x80200", b=fax_protocol())
    assert info == 0x3001


def test_messages_that_are_slow_and_cut_short() -> None:
    bench = Bench()
    box = bench.capi(MSN, faults=Faults(delay=0.2))
    application = client(box)
    application.listen()
    bench.station(THEIRS).call(MSN, call(FAR_END), gives(PAGES))
    assert pages_of(application.receive().document) == drawn(PAGES)
    application.drain()
    box.faults.cut_short = frozenset({"LISTEN_CONF"})
    with pytest.raises(CapiError, match="LISTEN_CONF says that it has 14 octets, and has 13"):
        application.listen()


def test_disconnecting_in_the_middle_of_a_page_says_dcn() -> None:
    bench = Bench()
    application = client(bench.capi(MSN))
    station, kept = receiver(bench)
    big = [page_bitmap("noise", rows=400)]
    sending: list[Fax] = []
    worker = bench.clock.spawn(lambda: sending.append(application.send(THEIRS, document(big))), "sends")
    bench.run(25)
    application.put("DISCONNECT_REQ", plci=0x101)
    assert worker.join(60)
    bench.run(10)
    assert sending[0].reason_b3 == 0x3318
    assert kept.pages == []
    assert station.calls[0].outcome is not None


# ----------------------------------------------------------------------------------------------------------
# Sound


def sound_call(bench: Bench, caller: Client, called: Client, number: str, calling: str) -> tuple[int, int]:
    """A call between two applications that want its sound: the NCCI of each."""
    called.listen()
    asked = {"called": called_number(number), "calling": calling_number(calling)}
    assert caller.asked("CONNECT_REQ", controller=1, cip=4, b=TRANSPARENT, **asked) == 0
    called.respond(called.expect("CONNECT_IND"), b=TRANSPARENT)
    active = caller.expect("CONNECT_ACTIVE_IND")
    caller.respond(active)
    assert caller.asked("CONNECT_B3_REQ", plci=active.address) == 0
    for name in ("CONNECT_ACTIVE_IND", "CONNECT_B3_IND"):
        called.respond(called.expect(name))
    ready = [each.expect("CONNECT_B3_ACTIVE_IND") for each in (caller, called)]
    caller.respond(ready[0])
    called.respond(ready[1])
    return ready[0].address, ready[1].address


def test_sound_goes_from_application_to_application() -> None:
    bench = Bench()
    box = bench.capi("1", "2", network=SoundNetwork(bench.clock, bench.exchange))
    caller, called = client(box), client(box)
    ours, _ = sound_call(bench, caller, called, "2", "1")
    said = bytes(range(200)) * 8
    caller.put("DATA_B3_REQ", ncci=ours, data=said, handle=7)
    heard = b""
    while len(heard) < 3 * len(said):
        came = called.expect("DATA_B3_IND")
        assert len(came.data) == 160
        heard += came.data
        called.respond(came, handle=came.integer("handle"))
    assert said in heard
    for _ in range(WINDOW):  # as much as the caller is given before it answers
        assert caller.expect("DATA_B3_IND").data == QUIET_BLOCK
    assert caller.expect("DATA_B3_CONF").integer("handle") == 7
    caller.put("DISCONNECT_REQ", plci=ours & 0xFFFF)
    assert caller.expect("DISCONNECT_CONF").integer("info") == 0
    assert caller.expect("DISCONNECT_B3_IND").integer("reason") == 0
