"""The README's service, as it stands there, on virtual modems: a fax comes in, and one goes out."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interop.simulated import simulated
from tests.pages import page_bitmap
from tests.readme import blocks

FAXHW = Path(sys.executable).with_name("faxhw")
OURS, THEIRS = "100", "0123456789"
PATIENCE = 60.0

pytestmark = pytest.mark.interop


def until(happened: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.2)


class Shell:
    """Runs faxhw in a directory, on a control socket in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}

    def run(self, command: str) -> dict[str, Any]:
        """A command's result, in JSON."""
        name, *arguments = shlex.split(command)
        assert name == "faxhw"
        ended = subprocess.run(
            [FAXHW, "--json", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert ended.returncode == 0, ended.stderr
        result: dict[str, Any] = json.loads(ended.stdout)
        return result

    def start(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([FAXHW, *shlex.split(command)[1:]], cwd=self.folder, env=self.environment)


def test_as_the_readme_has_it(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (config,) = (block.text for block in blocks("toml") if block.name == "fax.toml")
    (block,) = (block for block in blocks("console") if block.name == "serve")
    check, serve, status, send, queue = block.commands
    tell = tmp_path / "tell-of-fax"
    tell.write_text(f"#!/bin/sh\ncat > {tmp_path}/told.new && mv {tmp_path}/told.new {tmp_path}/told\n")
    tell.chmod(0o755)
    (tmp_path / "inbox").mkdir(mode=0o750)
    page_bitmap("text", rows=300).image().save(tmp_path / "letter.tif", dpi=(204, 98))
    with simulated(tmp_path, OURS, THEIRS, speed=4) as modems:
        config = config.replace("/dev/ttyACM0", modems[OURS]).replace("/usr/local/bin/tell-of-fax", str(tell))
        (tmp_path / "fax.toml").write_text(config)
        (tmp_path / "fax.toml").chmod(0o640)
        assert shell.run(check)["lines"] == ["front"]
        with shell.start(serve) as service:
            try:
                until((tmp_path / "control").exists)
                until(lambda: shell.run(status)["lines"][0]["state"] == "WAITING")
                shell.run(f"faxhw send {modems[THEIRS]} {OURS} letter.tif")
                until((tmp_path / "told").exists)
                told = json.loads((tmp_path / "told").read_text())
                assert (told["kind"], told["cause"], told["pages"], told["caller"]) == (
                    "received",
                    "NORMAL",
                    1,
                    THEIRS,
                )
                assert Path(told["file"]).parent == tmp_path / "inbox"
                assert Path(told["file"] + ".json").exists()
                job = shell.run(send.replace(" --at 18:00", ""))["job"]["id"]
                shell.run(f"faxhw receive {modems[THEIRS]} got.tif --timeout 60")
                until(lambda: not shell.run(queue)["jobs"])
                assert shell.run(f"faxhw queue show {job}")["job"]["state"] == "DONE"
            finally:
                service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0
