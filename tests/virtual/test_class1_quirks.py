"""The Class 1 driver on virtual modems of every make and with every oddity: each pixel is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from faxhw.channel import Channel
from faxhw.t4.encode import encode_page
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Coding, Settings
from faxhw.testing.faxes import Job
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import MODELS, Bench, FcsStyle, Model, Pauses, Quirks
from tests.pages import page_bitmap
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, drawn, pixels

PAGES = [page_bitmap("text", rows=200), page_bitmap("form", rows=150)]

ODD = [
    Quirks(echo_always=True),
    Quirks(echo_data=True),
    *(Quirks(fcs=style) for style in FcsStyle),
    *(Quirks(bad_frame_result=said) for said in ("NO CARRIER", "+FCERROR", "OK")),
    Quirks(no_fcerror=True),
    Quirks(pauses=Pauses.UNKNOWN),
    Quirks(pause_loses_carrier=True),
    Quirks(first_ftm_ok=True),
    Quirks(no_ok_on_abort=True),
    Quirks(ignores_dtr=True),
    Quirks(fclass_resets_flow=True),
]


def odd(quirks: Quirks) -> str:
    plain = Quirks()
    return ",".join(
        f"{name}={getattr(quirks, name)}"
        for name in Quirks.__dataclass_fields__
        if getattr(quirks, name) != getattr(plain, name)
    )


def receives(bench: Bench, channel: Channel, path: Path) -> None:
    far = bench.station(THEIRS)
    far.call(OURS, call(STANDARD), Pages(PAGES))
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    assert channel.answer() == "ANSWERED"
    assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
    channel.hang_up()
    assert pixels(path) == drawn(PAGES)


def sends(bench: Bench, channel: Channel, path: Path) -> None:
    far, received = bench.station("300"), Job()
    far.answer_with(lambda: answer(STANDARD), received)
    assert channel.call("300") == "ANSWERED"
    assert channel.FaxSender.send(faxhw.FaxToSend(str(path))) == "NORMAL"
    channel.hang_up()
    assert received.pages == [page.rows for page in PAGES]


@pytest.mark.parametrize("model", MODELS)
def test_every_make_receives_and_sends(tmp_path: Path, model: str) -> None:
    bench = Bench()
    plugged = bench.modem(OURS, model)
    with Channel(driver.open_on(plugged.port, bench.clock, {})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        sends(bench, channel, tmp_path / "fax.tif")
    assert plugged.lost_octets == 0


@pytest.mark.parametrize("flow", ["none", "rtscts", "xonxoff"])
@pytest.mark.parametrize("model", ["generic", "usr", "lucent"])
def test_every_flow_control_carries_every_octet(tmp_path: Path, model: str, flow: str) -> None:
    bench = Bench()
    on_the_line = b"".join(encode_page(page.rows, Coding.MH, page.width) for page in PAGES)
    assert {0x10, 0x11, 0x13, 0x03} <= set(on_the_line)
    plugged = bench.modem(OURS, model)
    with Channel(driver.open_on(plugged.port, bench.clock, {"flow": flow})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        if flow != "none":  # nothing holds data back there
            sends(bench, channel, tmp_path / "fax.tif")
    assert plugged.lost_octets == 0


@pytest.mark.parametrize("quirks", ODD, ids=odd)
def test_every_oddity_is_coped_with(tmp_path: Path, quirks: Quirks) -> None:
    bench = Bench()
    plugged = bench.modem(OURS, Model(quirks=quirks))
    with Channel(driver.open_on(plugged.port, bench.clock, {})) as channel:
        receives(bench, channel, tmp_path / "fax.tif")
        sends(bench, channel, tmp_path / "fax.tif")


@pytest.mark.parametrize(
    ("quirks", "name", "complaint"),
    [
        (Quirks(silent=True), "", "no modem answers"),
        (Quirks(), "0,8", "no Class 1 fax"),
    ],
)
def test_what_cannot_fax_is_refused(quirks: Quirks, name: str, complaint: str) -> None:
    bench = Bench()
    classes = tuple(name.split(",")) if name else ("0", "1")
    plugged = bench.modem(OURS, Model(quirks=quirks, classes=classes))
    with pytest.raises(faxhw.DeviceError, match=complaint):
        driver.open_on(plugged.port, bench.clock, {})
    assert bench.clock.monotonic() < 15


def test_a_modem_that_vanishes_in_the_middle_of_a_page(tmp_path: Path) -> None:
    bench = Bench()
    plugged = bench.modem(OURS)
    channel = Channel(driver.open_on(plugged.port, bench.clock, {}))
    bench.station(THEIRS).call(OURS, call(STANDARD), Pages(PAGES))
    assert channel.wait_for_call(60) == "CALL_INCOMING"
    assert channel.answer() == "ANSWERED"
    assert channel.FaxReceiver.start(faxhw.FaxToReceive(str(tmp_path / "fax.tif")))
    channel.FaxReceiver.wait_for_negotiated_settings()
    bench.run(3.0)
    plugged.vanish()
    assert channel.FaxReceiver.wait_until_finished() == "ERROR"
    channel.close()


def test_caller_id_comes_after_the_ring() -> None:
    bench = Bench()
    plugged = bench.modem(OURS)
    far = bench.station(THEIRS)
    far.phone.name = "DOE JANE"
    with Channel(driver.open_on(plugged.port, bench.clock, {})) as channel:
        far.call(OURS, call(STANDARD), Pages(PAGES))
        channel.wait_for_call(60)
        assert (channel.Details.call_from, channel.Details.caller_name) == (THEIRS, "DOE JANE")


@pytest.mark.parametrize("model", ["conexant", "generic"])
def test_a_script_may_think_before_the_fax(tmp_path: Path, model: str) -> None:
    bench = Bench()
    plugged = bench.modem(OURS, model)
    with Channel(driver.open_on(plugged.port, bench.clock, {})) as channel:
        far = bench.station(THEIRS)
        far.call(OURS, call(STANDARD), Pages(PAGES))
        channel.wait_for_call(60)
        channel.answer()
        bench.run(8.0)
        path = tmp_path / "fax.tif"
        assert channel.FaxReceiver.receive(faxhw.FaxToReceive(str(path))) == "NORMAL"
        channel.hang_up()
        far = bench.station("300")
        far.answer_with(lambda: answer(Settings(ident="300")))
        assert channel.call("300") == "ANSWERED"
        bench.run(8.0)
        assert channel.FaxSender.send(faxhw.FaxToSend(str(path))) == "NORMAL"
