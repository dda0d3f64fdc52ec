"""Whole faxes through a modem behind a terminal server: libspandsp2's modem, pyserial's server."""

from __future__ import annotations

from pathlib import Path

import pytest

import faxhw
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.spandsp import Plan, SoftModem
from tests.pages import page_bitmap
from tests.remote import served

pytestmark = [pytest.mark.interop, needs_libspandsp]

PAGE = page_bitmap("text", rows=250).image()


@pytest.mark.parametrize("scheme", ["rfc2217", "socket"])
def test_a_fax_is_received(tmp_path: Path, scheme: str) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [PAGE], 98)
    with (
        SoftModem(Plan(str(sent))) as far,
        served(far.path, scheme) as server,
        faxhw.open_channel(f"class1:{server.url}") as channel,
    ):
        far.call()
        assert channel.wait_for_call(30) == channel.State.CALL_INCOMING
        assert channel.answer() == channel.State.ANSWERED
        cause = channel.FaxReceiver.receive(faxhw.FaxToReceive(str(received)))
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxReceiver.Cause.NORMAL
    assert (outcome["code"], outcome["pages"], outcome["rate"]) == (0, 1, 14400), outcome
    assert pixels(received) == pixels(sent)


def test_a_fax_is_sent(tmp_path: Path) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [PAGE], 196)
    with (
        SoftModem(Plan(str(received), calls=False)) as far,
        served(far.path, "rfc2217") as server,
        faxhw.open_channel(f"class1:{server.url}") as channel,
    ):
        assert channel.call("5550100") == channel.State.ANSWERED
        cause = channel.FaxSender.send(faxhw.FaxToSend(str(sent)))
        channel.hang_up()
        outcome = far.outcome()
    assert cause == channel.FaxSender.Cause.NORMAL
    assert (outcome["code"], outcome["pages"], outcome["rate"]) == (0, 1, 14400), outcome
    assert pixels(received) == pixels(sent)


@pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning")  # pyserial forgets it
@pytest.mark.parametrize("scheme", ["rfc2217", "socket"])
def test_the_network_goes_away(tmp_path: Path, scheme: str) -> None:
    sent, received = tmp_path / "sent.tif", tmp_path / "received.tif"
    write_tiff(sent, [PAGE], 98)
    with (
        SoftModem(Plan(str(sent), mute=True)) as far,
        served(far.path, scheme) as server,
        faxhw.open_channel(f"class1:{server.url}") as channel,
    ):
        far.call()
        channel.wait_for_call(30)
        channel.answer()
        receiver = channel.FaxReceiver
        assert receiver.start(faxhw.FaxToReceive(str(received)))
        assert receiver.wait_until_finished(8) == receiver.Cause.TIMEOUT
        server.cut()
        assert receiver.wait_until_finished(20) == receiver.Cause.ERROR
        assert channel.state() == channel.State.ERROR
