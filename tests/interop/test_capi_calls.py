"""Our CAPI driver in real time: over TCP in both framings, and through the real libcapi20 of this host.

The far ends are stations on the virtual line, which passes faster than the real time.
"""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import faxhw
from faxhw.finding import devices
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Settings
from tests.installed import needs_libcapi20
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap

if sys.platform.startswith("linux"):
    from faxhw_drivers.sim import GivesPages, KeepsPages
    from tests.interop.capi_server import MSN, THEIRS, running

pytestmark = pytest.mark.interop

FAXHW = Path(sys.executable).with_name("faxhw")
FAR_END = Settings(ident="+49 89 200", ecm=True)
TIMEOUT = 60
PAGES = [page_bitmap("text", rows=150, seed=1), page_bitmap("form", rows=100, seed=2)]
PIXELS = [page.image().tobytes() for page in PAGES]


def given() -> GivesPages:
    return GivesPages([lambda _: PAGES[0].rows, lambda _: PAGES[1].rows])


@pytest.mark.parametrize("scheme", ["tcp", "rcapi"])
def test_faxes_both_ways_over_tcp(scheme: str, tmp_path: Path) -> None:
    write_tiff(tmp_path / "goes.tif", [page.image() for page in PAGES], 196)
    came = faxhw.FaxToReceive(tmp_path / "came.tif")
    kept, gives = KeepsPages(), given()
    with running() as world, faxhw.open_channel(f"capi:{scheme}://127.0.0.1:{world.port}/1") as channel:
        world.station.answer_with(lambda: answer(FAR_END), kept)
        assert channel.call(THEIRS) == "ANSWERED"
        assert channel.FaxSender.send(faxhw.FaxToSend(tmp_path / "goes.tif")) == "NORMAL"
        assert channel.FaxSender.Details.pages == len(kept.pages) == 2
        assert channel.wait_for_call(0.5) == "WAITING"
        with world.world.lock:
            world.station.call(MSN, call(FAR_END), gives)
        assert channel.wait_for_call(30) == "CALL_INCOMING"
        assert channel.answer() == "ANSWERED"
        assert channel.FaxReceiver.receive(came) == "NORMAL"
        assert channel.Details.call_from == THEIRS
    assert gives.confirmed == 2
    assert [octets for _, octets in pixels(came.path)] == PIXELS


@needs_libcapi20
@pytest.mark.parametrize("mode", ["fritzbox", "rcapi"])
def test_a_fax_is_sent_through_libcapi20(mode: str, tmp_path: Path) -> None:
    write_tiff(tmp_path / "goes.tif", [page.image() for page in PAGES], 196)
    kept = KeepsPages()
    with running() as world:
        world.station.answer_with(lambda: answer(FAR_END), kept)
        (tmp_path / ".capi20rc").write_text(f"REMOTE {mode} 127.0.0.1 {world.port}\n")
        sent = subprocess.run(
            [FAXHW, "send", "capi:1", THEIRS, tmp_path / "goes.tif"],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    assert sent.returncode == 0, sent.stderr
    assert len(kept.pages) == 2


@needs_libcapi20
@pytest.mark.parametrize("mode", ["fritzbox", "rcapi"])
def test_a_fax_is_received_through_libcapi20(mode: str, tmp_path: Path) -> None:
    gives, came = given(), tmp_path / "came.tif"

    def rings() -> None:
        world.station.call(MSN, call(FAR_END), gives)

    with running() as world:
        (tmp_path / ".capi20rc").write_text(f"REMOTE {mode} 127.0.0.1 {world.port}\n")
        with world.world.lock:
            world.world.call_later(20.0, rings)
        received = subprocess.run(
            [FAXHW, "receive", "capi:1", came],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    assert received.returncode == 0, received.stderr
    assert gives.confirmed == 2
    assert [octets for _, octets in pixels(came)] == PIXELS


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    for device, said in (
        ("capi:tcp://127.0.0.1:1/1", "it cannot be opened"),
        ("capi:1", "libcapi20-3" if ctypes.util.find_library("capi20") is None else "this host has no CAPI"),
    ):
        failed = subprocess.run(
            [FAXHW, "receive", device, tmp_path / "none.tif"],
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert failed.returncode not in (0, 1)
        ours = [line for line in failed.stderr.splitlines() if line.startswith("faxhw:")]  # libcapi20 is loud
        assert len(ours) == 1, failed.stderr
        assert said in ours[0]


def test_devices_are_listed_without_touching_anything() -> None:
    assert all(each.device != "capi:1" for each in devices()) or Path("/dev/capi20").exists()
