"""Virtual modems on pseudo-ttys, with pyserial as the host's side: real time, many times over."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from faxhw.errors import DeviceError, UsageError

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pseudo-ttys as Linux has them"),
]

if sys.platform.startswith("linux"):
    from faxhw_drivers.sim.realtime import ModemSpec, simulate

SPEED = 20.0


@contextmanager
def running(*numbers: str, link_dir: Path | None = None) -> Iterator[dict[str, str]]:
    """Modems of these numbers: number to path."""
    paths: dict[str, str] = {}
    ready, stopped = threading.Event(), threading.Event()

    def tell(found: list[tuple[str, str]]) -> None:
        paths.update(found)
        ready.set()

    def run() -> None:
        specs = [ModemSpec(number, classes=("0", "1")) for number in numbers]
        simulate(specs, ready=tell, stop=stopped.is_set, link_dir=link_dir, speed=SPEED)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(5.0)
        yield paths
    finally:
        stopped.set()
        thread.join(5.0)
        assert not thread.is_alive()


def opened(path: str) -> serial.Serial:
    return serial.Serial(path, 115200, timeout=5.0, exclusive=True)


def said(port: serial.Serial, command: bytes, answer: bytes) -> bytes:
    port.write(command + b"\r")
    heard: bytes = port.read_until(answer)
    assert heard.endswith(answer), heard
    return heard


def test_two_modems_call_one_another_and_pass_a_page(tmp_path: Path) -> None:
    page = bytes(range(256)) * 8
    with running("100", "200", link_dir=tmp_path / "modems") as paths:
        assert paths == {number: str(tmp_path / "modems" / number) for number in ("100", "200")}
        with opened(paths["100"]) as caller, opened(paths["200"]) as called:
            for port in (caller, called):
                said(port, b"ATE0", b"OK\r\n")
                assert b"0,1\r\n" in said(port, b"AT+FCLASS=1;+FCLASS=?", b"OK\r\n")
            caller.write(b"ATDT200\r")
            assert called.read_until(b"RING\r\n").endswith(b"RING\r\n")
            said(called, b"ATA", b"CONNECT\r\n")
            called.write(b"\xff\x13\x01\x10\x03")
            assert called.read_until(b"OK\r\n").endswith(b"OK\r\n")
            assert b"\xff\x13\x01" in caller.read_until(b"OK\r\n")
            called.write(b"AT+FRM=96\r")
            said(caller, b"AT+FTM=96", b"CONNECT\r\n")
            caller.write(page.replace(b"\x10", b"\x10\x10") + b"\x10\x03")
            assert caller.read_until(b"OK\r\n").endswith(b"OK\r\n")
            heard = called.read_until(b"NO CARRIER\r\n").replace(b"\x10\x10", b"\x10")
            turn_off = b"\xff" * 12  # 10 ms
            assert heard == b"\r\nCONNECT\r\n" + page + turn_off + b"\x10\x03\r\nNO CARRIER\r\n"
    assert list((tmp_path / "modems").iterdir()) == []


def test_a_client_may_come_and_go_and_leaving_hangs_up() -> None:
    with running("100") as paths:
        for _ in range(3):
            with opened(paths["100"]) as port:
                said(port, b"ATE0H1+FCLASS=1", b"OK\r\n")
                said(port, b"AT+FTS=1", b"OK\r\n")
            time.sleep(0.1)
            with opened(paths["100"]) as port:
                said(port, b"AT+FTS=1", b"ERROR\r\n")


def test_links_left_behind_are_replaced_and_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "100").symlink_to("/nowhere")
    with running("100", link_dir=tmp_path) as paths:
        assert Path(paths["100"]).exists()
    assert not (tmp_path / "100").is_symlink()
    (tmp_path / "100").write_text("mine")
    with pytest.raises(DeviceError, match=r"100: the link to /dev/pts/\d+ cannot be made: File exists"):
        simulate([ModemSpec("100")], ready=_never, link_dir=tmp_path)
    assert (tmp_path / "100").read_text() == "mine"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: [ModemSpec("100"), ModemSpec("100")], "two modems have the number 100"),
        (lambda: [ModemSpec("abc")], "'abc' is no telephone number"),
        (lambda: [ModemSpec("100", model="hayes")], "there is no model 'hayes'"),
    ],
)
def test_modems_that_cannot_be_had(make: Callable[[], list[ModemSpec]], message: str) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(UsageError, match=message):
        simulate(make(), ready=_never)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def _never(_: list[tuple[str, str]]) -> None:
    pytest.fail("nothing was to be started")
