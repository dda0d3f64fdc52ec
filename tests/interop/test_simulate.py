"""``faxhw simulate`` in real time: efax sends, ``faxhw receive`` receives, each on a modem of its own."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.readme import blocks

FAXHW = Path(sys.executable).with_name("faxhw")
TIMEOUT = 80
ROWS_PER_STRIP = 278
EFAX_ADDS = 20
"""Rows that efax puts on top."""
EFAX_HEADER = 60
"""Rows at the top of the page that efax's own line may reach into."""

pytestmark = pytest.mark.interop


def letter(path: Path) -> None:
    """One page of MH at fine resolution, which is what efax takes."""
    page = Image.new("1", (1728, 600), 1)
    draw = ImageDraw.Draw(page)
    for number in range(10):
        draw.rectangle((100 + 20 * number, 80 + 50 * number, 900 + 60 * number, 100 + 50 * number), fill=0)
    page.save(path, compression="group3", dpi=(204, 196), tiffinfo={ROWS_PER_STRIP: page.height})


@contextmanager
def running(command: str) -> Iterator[subprocess.Popen[str]]:
    """A program of the README's in the background, interrupted at the end if need be."""
    name, *arguments = shlex.split(command.removesuffix("&"))
    assert name == "faxhw"
    with subprocess.Popen([FAXHW, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.mark.skipif(not shutil.which("efax"), reason="efax is not installed: Debian package efax")
def test_the_example_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    letter(tmp_path / "letter.tif")
    (block,) = (block for block in blocks("console") if block.name == "simulate")
    simulate, receive, send = block.commands
    with running(simulate) as modems:
        assert modems.stdout is not None
        assert [modems.stdout.readline().split() for _ in range(2)] == [
            ["100", "modems/100"],
            ["200", "modems/200"],
        ]
        with running(receive) as receiver:
            assert receiver.stdout is not None
            receiver.stdout.readline()
            assert "waiting for a call" in receiver.stdout.readline()
            sent = subprocess.run(
                shlex.split(send), capture_output=True, text=True, check=False, timeout=TIMEOUT
            )
            assert sent.returncode == 0, sent.stderr
            assert receiver.wait(TIMEOUT) == 0
    assert modems.returncode == 130
    assert not list((tmp_path / "modems").iterdir())
    with Image.open("letter.tif") as before, Image.open("inbound.tif") as after:
        below = (0, EFAX_HEADER, before.width, before.height)
        came = after.crop((0, EFAX_HEADER + EFAX_ADDS, before.width, before.height + EFAX_ADDS))
        assert came.tobytes() == before.crop(below).tobytes()
