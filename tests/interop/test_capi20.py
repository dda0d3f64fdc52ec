"""The virtual CAPI controller and the real libcapi20, in both of its remote modes.

The library runs in a process of its own (``capi20_program``); the far ends are stations on the virtual line,
which passes faster than the real time. One call is made through the command ``faxhw simulate``.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

import faxhw
from faxhw.capi.structures import Profile, ProfileOption, profile
from faxhw.t4.decode import PageDecoder
from faxhw.t30.answering import answer
from faxhw.t30.calling import call
from faxhw.terms import Settings
from tests.installed import needs_libcapi20, needs_sfftobmp
from tests.interop.documents import pixels, write_tiff
from tests.pages import page_bitmap
from tests.virtual.capi import document, pages_of

pytestmark = [
    pytest.mark.interop,
    needs_libcapi20,
]

if sys.platform.startswith("linux"):
    from faxhw_drivers.sim import GivesPages, KeepsPages
    from tests.interop.capi_server import MSN, THEIRS, running

MODES = ("fritzbox", "rcapi")
TIMEOUT = 60
WHO_IS_SOONER = (0, 0x3490)
"""Reasons of a call that both ends are about to end: we, or the far end."""
PAGES = [page_bitmap("text", rows=500, seed=1), page_bitmap("photo", rows=300, seed=2)]
FAR_END = Settings(ident="+49 89 200", ecm=True)
SPOKEN_BY = {"fritzbox": ("AVM Berlin", [2, 0, 0, 5], "0004711"), "rcapi": ("faxhw", [2, 0, 1, 0], "0005031")}
"""Maker, version and serial number: in the mode of a FRITZ!Box the library makes them up."""


class Program:
    """``capi20_program``, told where the controller is.

    One at a time, whoever else tests on this host: the library keeps the file descriptors of applications in
    memory that all its processes share, and two that have the same number at two servers take each other's.
    """

    def __init__(self, home: Path, mode: str, port: int, *arguments: str) -> None:
        self._turn = (Path(tempfile.gettempdir()) / f"faxhw-capi20-{os.getuid()}").open("w")
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        home.mkdir(exist_ok=True)
        (home / ".capi20rc").write_text(f"REMOTE {mode} 127.0.0.1 {port}\n")
        program = Path(__file__).with_name("capi20_program.py")
        self._log = home / "log"
        with self._log.open("w") as log:  # the library tells a lot
            self._process = subprocess.Popen(
                [sys.executable, program, *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "HOME": str(home)},
            )
        self._killer = threading.Timer(TIMEOUT, self._process.kill)
        self._killer.start()

    def told(self) -> dict[str, Any]:
        """The next thing that it tells."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the program has ended with {self._process.wait(5)}: {self._log.read_text()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def ends(self) -> None:
        """All has gone well up to its end."""
        assert self.told() == {"released": True}
        assert self._process.wait(TIMEOUT) == 0

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._killer.cancel()
        self._process.kill()
        self._process.communicate()
        self._turn.close()


def registered(program: Program) -> None:
    program.told()
    assert program.told()["registered"] > 0


@pytest.mark.parametrize("mode", MODES)
def test_what_the_library_sees_of_the_controller(mode: str, tmp_path: Path) -> None:
    with running() as world, Program(tmp_path, mode, world.port, "look") as program:
        told = program.told()
        registered_as = program.told()
        program.ends()
    assert told["installed"] == 0
    assert told["controllers"] == [0, 1]
    assert told["profile"][0] == 0
    assert profile(bytes.fromhex(told["profile"][1])) == Profile(
        1,
        1,
        ProfileOption.INTERNAL | ProfileOption.DTMF,
        b1=1 << 1 | 1 << 4,
        b2=1 << 1 | 1 << 4,
        b3=1 << 0 | 1 << 4 | 1 << 5,
    )
    assert (told["manufacturer"], told["version"], told["serial"]) == SPOKEN_BY[mode]
    assert registered_as["registered"] > 0


@pytest.mark.parametrize("mode", MODES)
def test_the_library_receives_a_fax(mode: str, tmp_path: Path) -> None:
    given = GivesPages([lambda _: PAGES[0].rows, lambda _: PAGES[1].rows])
    came = tmp_path / "came.sff"
    with running() as world, Program(tmp_path, mode, world.port, "receive", str(came)) as program:
        registered(program)
        assert program.told() == {"listening": True}
        world.station.call(MSN, call(FAR_END), given)
        assert program.told() == {"cip": 4, "called": MSN, "calling": THEIRS}
        assert program.told()["active"]["rate"] == 14400
        ended = program.told()
        assert program.told()["reason"] in WHO_IS_SOONER
        program.ends()
    assert ended["reason_b3"] == 0
    assert (ended["ncpi"]["pages"], ended["ncpi"]["ident"]) == (2, "+49 89 200")
    assert given.confirmed == 2
    assert pages_of(came.read_bytes()) == [page.rows for page in PAGES]


@pytest.mark.parametrize("mode", MODES)
def test_the_library_sends_a_fax(mode: str, tmp_path: Path) -> None:
    (tmp_path / "goes.sff").write_bytes(document(PAGES))
    kept = KeepsPages()
    with running() as world:
        world.station.answer_with(lambda: answer(FAR_END), kept)
        with Program(tmp_path, mode, world.port, "send", THEIRS, str(tmp_path / "goes.sff")) as program:
            registered(program)
            assert program.told()["active"]["ident"] == "+49 89 200"
            ended = program.told()
            assert program.told()["reason"] in WHO_IS_SOONER
            program.ends()
    assert (ended["reason_b3"], ended["ncpi"]["pages"]) == (0, 2)
    found = []
    for octets, parameters in zip(kept.pages, kept.parameters, strict=True):
        decoder = PageDecoder(parameters.coding, parameters.row_dots)
        decoder.feed(octets)
        found.append(decoder.finish().rows)
    assert found == [page.rows for page in PAGES]


def test_a_modem_and_a_controller_of_the_command_call_one_another(tmp_path: Path) -> None:
    write_tiff(tmp_path / "goes.tif", [PAGES[0].image()], 196)
    command = [sys.executable, "-m", "faxhw", "simulate", "--modem", "100", "--capi", "0=5031"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        number, tty = simulator.stdout.readline().split()
        msn, device = simulator.stdout.readline().split()
        assert (number, msn) == ("100", "5031")
        assert device.startswith("capi:tcp://127.0.0.1:")
        port = int(device.rpartition(":")[2].removesuffix("/1"))
        came = tmp_path / "came.sff"
        with Program(tmp_path, "rcapi", port, "receive", str(came)) as program:
            registered(program)
            assert program.told() == {"listening": True}
            with faxhw.open_channel(f"class1:{tty}") as channel:
                assert channel.call("5031") == "ANSWERED"
                assert channel.FaxSender.send(faxhw.FaxToSend(str(tmp_path / "goes.tif"))) == "NORMAL"
            assert program.told()["calling"] == "100"
            program.told()
            assert program.told()["reason_b3"] == 0
            program.told()
            program.ends()
        simulator.terminate()
        simulator.wait(10)
    assert pages_of(came.read_bytes()) == [PAGES[0].rows]


@needs_sfftobmp
def test_another_program_reads_the_documents(tmp_path: Path) -> None:
    pages = [*PAGES, page_bitmap("blank", rows=300), page_bitmap("noise", rows=50)]
    (tmp_path / "goes.sff").write_bytes(document(pages))
    command = ["sfftobmp", "-q", "-t", str(tmp_path / "goes.sff"), "-o", str(tmp_path / "came.tif")]
    subprocess.run(command, check=True, timeout=TIMEOUT)
    assert [octets for _, octets in pixels(tmp_path / "came.tif")] == [
        page.image().tobytes() for page in pages
    ]
