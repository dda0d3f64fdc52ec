"""``faxhw simulate --capi`` in real time: a virtual modem sends to ``faxhw receive`` on the controller."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.interop.documents import pixels
from tests.interop.test_simulate import FAXHW, TIMEOUT, running
from tests.pages import page_bitmap
from tests.readme import blocks

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="simulators as Linux has them"),
]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_the_example_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page_bitmap("text", rows=600).image().save("letter.png", dpi=(204, 196))
    (block,) = (block for block in blocks("console") if block.name == "capi")
    port = free_port()
    simulate, receive, send = (each.replace("5031", port) for each in block.commands)
    with running(simulate) as simulator:
        assert simulator.stdout is not None
        assert [simulator.stdout.readline().split() for _ in range(2)] == [
            ["100", "modems/100"],
            [port, f"capi:tcp://127.0.0.1:{port}/1"],
        ]
        with running(receive) as receiver:
            assert receiver.stdout is not None
            while "waiting for a call" not in receiver.stdout.readline():
                pass
            command = [str(FAXHW), *shlex.split(send)[1:]]
            sent = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
            assert sent.returncode == 0, sent.stderr
            assert receiver.wait(TIMEOUT) == 0
    assert simulator.returncode == 130
    with Image.open("letter.png") as letter:
        (_, rows), *others = pixels(Path("inbound.tif"))
        assert rows.startswith(letter.convert("1").tobytes())
    assert not others
