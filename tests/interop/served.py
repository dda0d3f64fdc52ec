"""``faxhw serve`` as a process, on modems of ``faxhw simulate``, and what goes on in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from faxhw.errors import DeviceError
from faxhw.serve.asking import ask
from tests.interop.documents import pixels
from tests.interop.simulated import simulated

FAXHW = (sys.executable, "-m", "faxhw")
SPEED = 4.0
"""Seconds of the line in a real one."""
SOON = 30.0
"""Real seconds for whatever is waited for."""
IN_PAGE = 1.2
"""Real seconds after which a page has surely begun, and is not over."""
ROWS = 45
"""Of a page of noise, which lasts for some 3 real seconds."""
_LINE = """
[[line]]
name = "line{number}"
device = "{device}"
{more}
[line.inbox]
directory = "in"
pattern = "{{line}}.tif"
"""


@dataclass
class Served:
    """A service under test. Lines have the numbers of their modems."""

    folder: Path
    modems: dict[str, str]
    within: tuple[str, ...] = ()
    """A command that runs the service: itself and its arguments."""
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("in", "state", "run"):
            (self.folder / name).mkdir(mode=0o750)

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "control"

    def write(self, *numbers: str, more: str = "", tail: str = "") -> None:
        """The configuration: a line for each of these modems, with more of each; other tables behind them."""
        lines = (_LINE.format(number=each, device=self.modems[each], more=more) for each in numbers)
        config = self.folder / "fax.toml"
        config.write_text('state = "state"\nsocket = "run/control"\n' + "".join(lines) + tail)
        config.chmod(0o640)

    @property
    def serve(self) -> tuple[str, ...]:
        return (*FAXHW, "serve", str(self.folder / "fax.toml"))

    def start(self) -> None:
        """Until each line waits for calls."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*self.within, *self.serve], stderr=log)
        until(self._attended)

    def _attended(self) -> bool:
        with suppress(DeviceError):  # it is only starting
            return all(line["state"] == "WAITING" for line in self.lines().values())
        return False

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(2 * SOON)

    def status(self) -> dict[str, Any]:
        return ask(self.socket, "status")

    def lines(self) -> dict[str, dict[str, Any]]:
        """The status of each line, by its number."""
        return {line["name"].removeprefix("line"): line for line in self.status()["lines"]}

    def line(self, number: str) -> dict[str, Any]:
        return self.lines()[number]

    def said(self, number: str, what: str) -> int:
        """How often the service has said something of a line: the log is ahead of the status."""
        lines = (self.folder / "log").read_text().splitlines()
        return sum(f"line{number}: " in line and what in line for line in lines)

    def await_page(self, number: str, what: str = "negotiated") -> None:
        """Until a line is once more at some point of a fax (by default, in its first page)."""
        before = self.said(number, what)
        until(lambda: self.said(number, what) > before)
        time.sleep(IN_PAGE)

    def fax(self, number: str) -> Path:
        """The first that came on a line."""
        return self.folder / "in" / f"line{number}.tif"

    def call(self, caller: str, number: str, document: Path) -> subprocess.Popen[bytes]:
        """Somebody with a modem sends a document to a line."""
        command = [*FAXHW, "send", self.modems[caller], number, str(document), "--json"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@contextmanager
def serving(
    folder: Path,
    *numbers: str,
    others: tuple[str, ...] = (),
    tail: str = "",
    within: tuple[str, ...] = (),
) -> Iterator[Served]:
    """A service with lines of these numbers; the others have modems, too."""
    with simulated(folder, *numbers, *others, speed=SPEED) as modems:
        served = Served(folder, modems, within)
        served.write(*numbers, tail=tail)
        try:
            served.start()
            yield served
        finally:
            for _ in range(2):  # at once
                served.process.terminate()
                time.sleep(0.1)
            served.process.wait(SOON)


def until(true: Callable[[], object], seconds: float = SOON) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def confirmed(sender: subprocess.Popen[bytes]) -> int:
    """How many pages somebody was told have arrived, when all is over."""
    said, _ = sender.communicate(timeout=2 * SOON)
    return sum(page["confirmed"] for page in json.loads(said).get("pages", ()))


def arrived(stored: Path, sent: Path, pages: int) -> bool:
    """Whether so many pages of a document are in a file."""
    return pages == 0 or pixels(stored)[:pages] == pixels(sent)[:pages]


def letter(path: Path, pages: int) -> Path:
    """A document of noise, which no coding makes short."""
    images = [Image.frombytes("1", (1728, ROWS), os.urandom(216 * ROWS)) for _ in range(pages)]
    images[0].save(path, save_all=True, append_images=images[1:], compression="group4", dpi=(204, 98))
    return path


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
