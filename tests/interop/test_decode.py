"""``faxhw decode`` on calls between two of libspandsp's fax terminals: the pages are read off their sound."""

from __future__ import annotations

import ctypes
import math
import random
import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faxhw.audio.laws import Law, compress
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import execute
from tests.installed import needs_libspandsp
from tests.interop.documents import pixels, write_tiff
from tests.interop.fax_sounds import Samples, Sound, call, mixed, noise, quieter, store
from tests.interop.spandsp import BLOCK, MH, MMR, MR, V17, V27TER, V29, Plan
from tests.pages import page_bitmap
from tests.readme import blocks
from tests.unit.cli.bench import Said, Shell
from tests.unit.wav_files import chunk, form, wav

pytestmark = [pytest.mark.interop, needs_libspandsp]

ALL = V17 | V29 | V27TER
SECOND = 16000
"""Octets of linear sound."""


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    def run(*arguments: object) -> Said:
        code = execute(faxhw, [str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@dataclass(frozen=True)
class Fax:
    """A fax that one terminal sends to another."""

    modems: int = ALL
    compressions: int = MH | MR
    ecm: bool = False
    kinds: tuple[str, ...] = ("text:300", "form:200")
    """Of each page, what is on it and how many rows it has."""

    def draw(self, path: Path) -> list[Any]:
        pages = (kind.split(":") for kind in self.kinds)
        write_tiff(path, [page_bitmap(kind, 1728, int(rows)).image() for kind, rows in pages], 196)
        return pixels(path)

    def sound(self, tmp_path: Path, **spoiling: Any) -> Sound:
        self.draw(tmp_path / "sent.tif")
        return call(
            self._plan(tmp_path / "sent.tif", calls=True),
            self._plan(tmp_path / "received.tif", calls=False),
            **spoiling,
        )

    def _plan(self, document: Path, *, calls: bool) -> Plan:
        return Plan(
            str(document),
            calls=calls,
            modems=self.modems,
            compressions=self.compressions,
            ecm=self.ecm,
            ident="+1 555 0100" if calls else "+1 555 0200",
        )


# ----------------------------------------------------------------------------------------------------------
# Pixels equal


def two_channels(sound: Sound, path: Path) -> None:
    store(path, *sound)


def one_channel(sound: Sound, path: Path) -> None:
    store(path, mixed(sound))


def a_law(sound: Sound, path: Path) -> None:
    path.write_bytes(wav(form(tag=6, bits=8), chunk(b"data", compress(mixed(sound), Law.A))))


def faint(sound: Sound, path: Path) -> None:
    """As at the end of a long line: -39 dBm0 from one end, over a little noise."""
    seconds = len(sound[0]) / SECOND
    store(path, mixed((quieter(mixed(sound), 25), noise(seconds, 3))))


def noisy(sound: Sound, path: Path) -> None:
    """The signal stands 27 dB above a noise that itself is louder than the faintest signals, -41 dBm0."""
    store(path, mixed((mixed(sound), noise(len(sound[0]) / SECOND, 250))))


def hybrid(sound: Sound, path: Path) -> None:
    """Each end is heard on the other's channel, too, 15 dB quieter and 30 ms late."""
    late = bytes(480)
    store(
        path,
        *(
            mixed((own, (late + quieter(other, 15))[: len(own)]))
            for own, other in (sound, tuple(reversed(sound)))
        ),
    )


FAXES = {
    "V.17-MR": Fax(),
    "V.17-MMR-ECM": Fax(compressions=MH | MR | MMR, ecm=True),
    "V.29-MH": Fax(V29 | V27TER, MH),
    "V.29-MR-ECM": Fax(V29 | V27TER, ecm=True),
    "V.27ter-MR": Fax(V27TER),
    "V.27ter-MH-ECM": Fax(V27TER, MH, ecm=True),
}


@pytest.mark.parametrize("layout", [two_channels, one_channel, a_law, faint, noisy, hybrid])
@pytest.mark.parametrize("name", FAXES)
def test_the_pages_are_what_was_sent(tmp_path: Path, shell: Shell, name: str, layout: Any) -> None:
    fax, recording = FAXES[name], tmp_path / "call.wav"
    layout(fax.sound(tmp_path), recording)
    said = shell("decode", recording, tmp_path / "fax.tif", "--json")
    assert (said.code, said.err) == (0, "")
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "sent.tif")
    pages: Any = said.json["pages"]
    family, coding = name.split("-")[:2]
    for page in pages:
        assert (page["receive_quality"], page["confirmed"], page["complete"]) == ("GOOD", True, True)
        assert (page["modulation"].split()[0], page["compression"], page["ecm"]) == (family, coding, fax.ecm)
        assert page["remote_id"] == "+1 555 0100"
        assert page["signal_quality"] > 15
    exchange: Any = said.json["exchange"]
    told = [(each["party"], each["name"]) for each in exchange if each["octets"]]
    after = ["PPS", "PPS"] if fax.ecm else ["MPS", "EOP"]
    assert told == [
        ("called", "CSI"),
        ("called", "DIS"),
        ("caller", "TSI"),
        ("caller", "DCS"),
        ("called", "CFR"),
        *(pair for command in after for pair in (("caller", command), ("called", "MCF"))),
        ("caller", "DCN"),
    ]
    assert [each["party"] for each in exchange if each["name"] in ("CNG", "CED")][:2] == ["caller", "called"]


def test_what_it_prints(tmp_path: Path, shell: Shell) -> None:
    recording = store(tmp_path / "call.wav", *Fax().sound(tmp_path))
    said = shell("decode", recording)
    assert said.code == 0
    lines = [line.split(" s  ", 1)[-1] for line in said.out.splitlines()]
    assert "called  CSI: '+1 555 0200'" in lines
    assert "caller  TSI: '+1 555 0100'" in lines
    assert "caller  DCS: V.17 14400, MR, no ECM; 204x196 dpi, width A4, length UNLIMITED" in lines
    assert "called  CFR: confirmation to receive: the training succeeded" in lines
    assert lines[-2].startswith("page 1: GOOD, 1728 x 300 dots, MR, ")
    assert lines[-1].endswith(", from +1 555 0100")
    assert not (tmp_path / "fax.tif").exists()


def test_the_example_of_the_readme(tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store(tmp_path / "call.wav", *Fax().sound(tmp_path))
    (block,) = (block for block in blocks("console") if block.name == "decode")
    for command in block.commands:
        assert shell(*command.split()[1:]).code == 0
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "sent.tif")


# ----------------------------------------------------------------------------------------------------------
# Bad lines


class Bursts:
    """Noise over what the caller says, at some seconds of its page carriers counted from their beginning."""

    def __init__(self, *at: float, length: float = 0.1, after: float = 9.0) -> None:
        self._dice = random.Random(1)
        self._spans = [(each, each + length) for each in at]
        self._after = after

    def __call__(self, number: int, said: Samples) -> Samples:
        time = number * BLOCK / 8000
        if not any(begins <= time < ends for begins, ends in self._spans):
            return said
        return (ctypes.c_short * BLOCK)(*(self._dice.randint(-8000, 8000) for _ in range(BLOCK)))


@pytest.mark.parametrize("layout", [two_channels, one_channel])
def test_blocks_that_came_again_in_part_make_one_page(tmp_path: Path, shell: Shell, layout: Any) -> None:
    fax = Fax(compressions=MH | MR | MMR, ecm=True, kinds=("text:600", "form:300"))
    layout(fax.sound(tmp_path, spoil=Bursts(12.0, 13.5)), tmp_path / "call.wav")
    said = shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif", "--json")
    assert said.code == 0
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "sent.tif")
    pages: Any = said.json["pages"]
    assert [page["retransmissions"] for page in pages] == [1, 0]


@pytest.mark.parametrize("layout", [two_channels, one_channel])
def test_a_training_that_failed_is_followed_to_the_next(tmp_path: Path, shell: Shell, layout: Any) -> None:
    layout(Fax().sound(tmp_path, spoil=Bursts(8.5, length=1.0)), tmp_path / "call.wav")
    said = shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif", "--json")
    assert said.code == 0
    exchange: Any = said.json["exchange"]
    assert "FTT" in [each["name"] for each in exchange]
    assert pixels(tmp_path / "fax.tif") == pixels(tmp_path / "sent.tif")


def test_two_calls_in_one_file(tmp_path: Path, shell: Shell) -> None:
    first, second = Fax(), Fax(V29 | V27TER, MH, kinds=("form:150",))
    sounds = [mixed(each.sound(tmp_path)) for each in (second, first)]
    store(tmp_path / "call.wav", sounds[1] + bytes(3 * SECOND) + sounds[0])
    said = shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif")
    assert said.code == 0
    wanted = first.draw(tmp_path / "first.tif") + second.draw(tmp_path / "second.tif")
    assert pixels(tmp_path / "fax.tif") == wanted
    assert [line for line in said.out.splitlines() if line.startswith("call ")] == ["call 1", "call 2"]
    assert [" of call 1," in each for each in said.out.splitlines() if each.startswith("page ")] == [
        True,
        True,
        False,
    ]


def test_a_recording_that_ends_in_mid_page(tmp_path: Path, shell: Shell) -> None:
    fax = Fax(kinds=("text:600",))
    sound = fax.sound(tmp_path)
    store(tmp_path / "call.wav", *(each[: 15 * SECOND] for each in sound))
    said = shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif")
    assert said.code == 1
    assert said.err == (
        f"faxhw: {tmp_path / 'call.wav'}: no page is complete: the fax was cut off, or the recording was\n"
    )
    assert ", to the end of the recording" in said.out
    assert ", not confirmed" in said.out
    assert ", cut off" in said.out
    [(size, dots)] = pixels(tmp_path / "fax.tif")
    [(_, wanted)] = pixels(tmp_path / "sent.tif")
    assert 100 < size[1] < 600
    assert wanted.startswith(dots[: -216 * 3])  # the last rows may be damaged


# ----------------------------------------------------------------------------------------------------------
# No fax


def tone(hertz: float, seconds: float) -> bytes:
    step = 2 * math.pi * hertz / 8000
    return array("h", (round(8000 * math.sin(step * at)) for at in range(round(8000 * seconds)))).tobytes()


def speech(seconds: float) -> bytes:
    """Syllables of a buzzing voice, and pauses."""
    dice = random.Random(2)
    sound = b""
    while len(sound) < seconds * SECOND:
        pitch, length = dice.uniform(90, 180), dice.uniform(0.1, 0.4)
        voiced = [tone(pitch * harmonic, length) for harmonic in range(2, 8)]
        for each in voiced[1:]:
            voiced[0] = mixed((quieter(voiced[0], 2), quieter(each, 8)))
        sound += voiced[0] + bytes(round(dice.uniform(0, 0.3) * 8000) * 2)
    return sound


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        bytes(20 * SECOND),
        noise(20, 4000),
        tone(425, 5) + tone(2100, 4) + tone(1100, 0.5) + tone(1650, 3) + tone(1850, 3),
        speech(20),
    ],
    ids=["nothing", "silence", "noise", "tones", "speech"],
)
def test_no_fax(tmp_path: Path, shell: Shell, sound: bytes) -> None:
    recording = tmp_path / "call.wav"
    store(recording, sound)
    said = shell("decode", recording, tmp_path / "fax.tif")
    assert said.code == 1
    seconds = f"{len(sound) / SECOND:.0f} s of sound"
    assert said.err == f"faxhw: {recording}: there is no fax in it: {seconds}, and no frame of T.30's\n"
    assert "damaged frame" not in said.out
    assert not (tmp_path / "fax.tif").exists()


def test_a_call_that_came_to_no_page(tmp_path: Path, shell: Shell) -> None:
    sound = Fax().sound(tmp_path)
    store(tmp_path / "call.wav", *(each[: 8 * SECOND] for each in sound))
    said = shell("decode", tmp_path / "call.wav", tmp_path / "fax.tif")
    assert said.code == 1
    assert said.err.endswith(": no page of the fax could be understood; the last frame is DCS\n")


def test_any_octets_in_a_file_are_borne(tmp_path: Path, shell: Shell) -> None:
    dice = random.Random(3)
    samples = struct.pack("<40000h", *(dice.randint(-32768, 32767) for _ in range(40000)))
    (tmp_path / "call.wav").write_bytes(wav(form(), chunk(b"data", samples))[:-1])
    assert shell("decode", tmp_path / "call.wav").code == 1
