"""``faxhw decode`` and ``record`` on drivers of paper: what they print, store and refuse."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from faxhw.audio.port import SILENCE, AudioPort
from faxhw.audio.wav import WavReader, WavWriter
from faxhw.cli import decode
from faxhw.cli.shell import Exit
from faxhw.clock import Clock
from faxhw.device import CallResult, Tap
from faxhw.errors import DeviceError
from faxhw.session import Session
from faxhw.t30.overheard import Entry, Fate, Overheard, OverheardPage, Party
from faxhw.terms import Family, Modulation, Parameters, Settings
from tests.unit.fax_bench import FakeDevice, coded, fax

from .bench import PaperDriver, Shell, one_line

SAID = ("DCS: what comes", "  00 a4 …", "  V.29 9600", "  A4")
DCS = Entry(1, 6.9, 0, Party.CALLER, "DCS", SAID, b"\xff\x13\x83")
PAGE = OverheardPage(
    call=1,
    time=10.0,
    seconds=4.0,
    channel=0,
    parameters=Parameters(Modulation(Family.V29, 9600)),
    data=coded(),
    intact=False,
    ended=True,
    fate=Fate.CONFIRMED,
    sender="+1 555 0100",
)


@dataclass
class Ear:
    """A driver that hears what a test has it hear."""

    heard: Overheard = field(default_factory=lambda: Overheard((DCS,), (PAGE,), 30.0))
    sound: list[Sequence[bytes]] = field(default_factory=list)

    def overhear(self, sound: Iterable[Sequence[bytes]]) -> Overheard:
        self.sound += sound
        return self.heard


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    ear = Ear()
    monkeypatch.setattr(decode, "load_driver", {"dsp": ear}.__getitem__)
    return ear


@pytest.fixture
def call(tmp_path: Path) -> Path:
    writer = WavWriter(tmp_path / "call.wav")
    writer.add(b"\1\0" * 100, b"\2\0" * 100)
    writer.close()
    return tmp_path / "call.wav"


# ----------------------------------------------------------------------------------------------------------
# decode


def test_the_exchange_and_the_pages(shell: Shell, ear: Ear, call: Path, tmp_path: Path) -> None:
    said = shell("decode", call, tmp_path / "fax.tif")
    assert (said.code, said.err) == (Exit.NORMAL, "")
    page = f"1728 x 100 dots, MH, {len(PAGE.data)} octets in 4.0 s at 9600 bit/s"
    assert said.out.splitlines() == [
        f"listening to {call}",
        "    6.90 s  caller  DCS: V.29 9600; A4",
        f"page 1: GOOD, {page}, at 10.0 s, from +1 555 0100",
        f"1 page stored in {tmp_path / 'fax.tif'}",
    ]
    assert (tmp_path / "fax.tif").read_bytes()[:4] == b"II*\0"
    assert ear.sound == [(b"\1\0" * 100, b"\2\0" * 100)]


def test_for_machines(shell: Shell, ear: Ear, call: Path, tmp_path: Path) -> None:
    said = shell("decode", "--json", call, tmp_path / "fax.tif")
    result: Any = said.json
    assert (result["exit"], result["seconds"], result["calls"]) == (0, 30.0, 1)
    assert result["file"] == str(tmp_path / "fax.tif")
    assert result["exchange"] == [
        {
            "call": 1,
            "time": 6.9,
            "channel": 0,
            "party": "caller",
            "name": "DCS",
            "said": [*SAID],
            "octets": "ff1383",
            "good": True,
            "level": None,
        }
    ]
    [page] = result["pages"]
    assert (page["receive_quality"], page["modulation"], page["complete"]) == ("GOOD", "V.29 9600", True)


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (Overheard((), (), 30.0), "there is no fax in it: 30 s of sound, and no frame of T.30's"),
        (
            Overheard((replace(DCS, name="CFR"),), (), 30.0),
            "no page of the fax can be made out: DCS, which tells how they are sent, is not in it",
        ),
        (Overheard((DCS,), (), 30.0), "no page of the fax could be understood; the last frame is DCS"),
    ],
)
def test_no_page(shell: Shell, ear: Ear, call: Path, heard: Overheard, why: str) -> None:
    ear.heard = heard
    target = call.with_name("fax.tif")
    said = shell("decode", call, target)
    assert (said.code, one_line(said.err)) == (Exit.FAILED, f"faxhw: {call}: {why}")
    assert not target.exists()
    said = shell("decode", "--json", call)
    assert (said.json["error"], said.json["exit"]) == (f"{call}: {why}", 1)
    assert said.json["seconds"] == 30.0


def test_a_file_is_replaced_only_by_force(shell: Shell, ear: Ear, call: Path, tmp_path: Path) -> None:
    target = tmp_path / "fax.tif"
    target.write_text("precious")
    said = shell("decode", call, target)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == f"faxhw: {target} exists: name another file, or give --force to replace it"
    assert ear.sound == []
    assert shell("decode", call, target, "--force").code == Exit.NORMAL
    assert target.read_bytes()[:4] == b"II*\0"


def test_a_recording_is_not_replaced_by_its_fax(shell: Shell, ear: Ear, card: Card, call: Path) -> None:
    before = call.read_bytes()
    for command in (("decode", call, call), ("record", "paper:1", call, "--fax", call)):
        said = shell(*command, "--force")
        assert said.code == Exit.USAGE
        assert one_line(said.err) == f"faxhw: {call} is the recording: name another file for the fax"
    assert (call.read_bytes(), card.said) == (before, [])


@pytest.mark.parametrize("content", [None, b"no sound"])
def test_no_recording(shell: Shell, ear: Ear, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "call.wav").write_bytes(content)
    said = shell("decode", tmp_path / "call.wav")
    assert said.code == Exit.USAGE
    assert str(tmp_path / "call.wav") in one_line(said.err)


def test_no_library(shell: Shell, call: Path, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    def overhear(sound: Iterable[Sequence[bytes]]) -> Overheard:
        raise DeviceError("the software modem needs libspandsp, which is not on this host: install it")

    monkeypatch.setattr(ear, "overhear", overhear)
    said = shell("decode", call)
    assert (said.code, "libspandsp" in one_line(said.err)) == (Exit.NO_DEVICE, True)


def test_an_interrupt_waits_until_the_library_has_heard_a_piece(
    shell: Shell, call: Path, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def overhear(sound: Iterable[Sequence[bytes]]) -> Overheard:
        for piece in sound:
            os.kill(os.getpid(), signal.SIGTERM)
            heard.append(piece)  # in a function that libspandsp has called an exception would be lost
        raise AssertionError("it went on")

    monkeypatch.setattr(ear, "overhear", overhear)
    said = shell("decode", call)
    assert (said.code, said.err.strip(), len(heard)) == (Exit.INTERRUPTED, "faxhw: interrupted", 1)


def test_a_driver_that_cannot_listen(shell: Shell, call: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "load_driver", lambda name: PaperDriver())
    said = shell("decode", call)
    assert said.code == Exit.NO_DEVICE
    assert one_line(said.err) == "faxhw: the driver 'dsp' that is installed cannot listen to recordings"


# ----------------------------------------------------------------------------------------------------------
# record


class Sound:
    """A call of some blocks."""

    def __init__(self, clock: Clock, blocks: int) -> None:
        self.name = "paper:1"
        self.clock = clock
        self.left = blocks

    def transfer(self, said: bytes) -> bytes:
        self.left -= 1
        return b"\2\0" * 160 if self.left >= 0 else b""

    def skip(self) -> int:
        return 0

    def close(self) -> None:
        self.left = 0


@dataclass
class Card(FakeDevice):
    """A device that has the sound of its calls."""

    tap: Tap | None = None
    blocks: int = 100
    audio: AudioPort | None = None

    def tap_sound(self, tap: Tap | None) -> None:
        self.tap = tap

    def answer(self, timeout: float | None) -> CallResult:
        result = super().answer(timeout)
        if self.tap is not None and result is CallResult.CONNECTED:
            self.audio = self.tap(Sound(self.clock, self.blocks))
        return result

    def receive(self, settings: Settings) -> Session:
        assert self.audio is not None
        for _ in range(3):
            self.audio.transfer(SILENCE)
        return super().receive(settings)


@pytest.fixture
def card(driver: PaperDriver) -> Card:
    driver.device = card = Card(fax(coded()), name="paper:1")
    return card


def kept(path: Path) -> list[bytes]:
    with WavReader(path) as reader:
        return [b"".join(each) for each in zip(*reader.pieces(), strict=True)]


def test_a_call_is_listened_to_until_it_is_over(shell: Shell, card: Card, tmp_path: Path) -> None:
    said = shell("record", "paper:1", tmp_path / "call.wav", "--json")
    assert (said.code, said.err) == (Exit.NORMAL, "")
    assert (said.json["file"], said.json["seconds"]) == (str(tmp_path / "call.wav"), 2.0)
    assert kept(tmp_path / "call.wav") == [SILENCE * 100, b"\2\0" * 16000]


def test_or_for_some_seconds(shell: Shell, card: Card, tmp_path: Path) -> None:
    said = shell("record", "paper:1", tmp_path / "call.wav", "--seconds", "0.5")
    assert said.code == Exit.NORMAL
    assert f"0.5 s of sound in {tmp_path / 'call.wav'}" in said.out
    assert "hang up" in card.said
    assert len(kept(tmp_path / "call.wav")[0]) == 8000


def test_a_fax_is_received_and_its_sound_kept(shell: Shell, card: Card, tmp_path: Path) -> None:
    said = shell("record", "paper:1", tmp_path / "call.wav", "--fax", tmp_path / "fax.tif")
    assert (said.code, said.err) == (Exit.NORMAL, "")
    assert (tmp_path / "fax.tif").read_bytes()[:4] == b"II*\0"
    assert len(kept(tmp_path / "call.wav")[0]) == 3 * 320


def test_a_modem_has_no_sound(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    said = shell("record", "paper:1", tmp_path / "call.wav")
    assert said.code == Exit.USAGE
    assert one_line(said.err).startswith("faxhw: paper:1 hands no sound to the host")
    assert driver.device.said == ["close"]
    assert not (tmp_path / "call.wav").exists()


def test_no_call(shell: Shell, card: Card, tmp_path: Path) -> None:
    card.ring = None
    said = shell("record", "paper:1", tmp_path / "call.wav", "--timeout", "1")
    assert said.code == Exit.NO_CALL
    assert not (tmp_path / "call.wav").exists()
    card.ring, card.result = FakeDevice().ring, CallResult.NO_CARRIER
    assert shell("record", "paper:1", tmp_path / "call.wav").code == Exit.NO_CALL
    assert not (tmp_path / "call.wav").exists()


def test_a_file_that_cannot_be_made_is_told_of_before_the_line_is_touched(
    shell: Shell, card: Card, tmp_path: Path
) -> None:
    target = tmp_path / f"{'long' * 64}.wav"
    said = shell("record", "paper:1", target)
    assert (said.code, card.said) == (Exit.USAGE, [])
    assert one_line(said.err) == f"faxhw: cannot record to {str(target)!r}: File name too long"


def test_a_recording_is_not_replaced_by_a_call_that_comes_to_nothing(
    shell: Shell, card: Card, call: Path
) -> None:
    before = call.read_bytes()
    card.result = CallResult.NO_CARRIER
    assert shell("record", "paper:1", call, "--force").code == Exit.NO_CALL
    assert call.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [("--fax", "fax.tif", "--seconds", "3"), ("--option", "SubscriberId=1"), ("--seconds", "nan")],
)
def test_options_that_do_not_go_together(
    shell: Shell, card: Card, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert shell("record", "paper:1", tmp_path / "call.wav", *arguments).code == Exit.USAGE
    assert card.said == []


def test_a_recording_is_replaced_only_by_force(shell: Shell, card: Card, call: Path) -> None:
    before = call.read_bytes()
    said = shell("record", "paper:1", call)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == f"faxhw: {call} exists: name another file, or give --force to replace it"
    assert (call.read_bytes(), card.said) == (before, [])
    assert shell("record", "paper:1", call, "--force").code == Exit.NORMAL
    assert shell("record", "paper:1", call.parent / "none" / "call.wav").code == Exit.USAGE
