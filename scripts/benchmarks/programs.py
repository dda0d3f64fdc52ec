"""Fax programs that send or receive one fax on a modem: ours, and Debian's efax, HylaFAX and mgetty."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageSequence

from tests.interop import hylafax
from tests.interop.hylafax import HylaFax, Job
from tests.interop.mgetty import Mgetty

PATIENCE = 400
"""Seconds that the longest fax may take."""
NUMBER = "5550100"
LISTENING = 3
"""Seconds in which a program that is to answer has set up its modem."""


class FarEnd(Protocol):
    """What a program's modem is connected to."""

    @property
    def path(self) -> str:
        """Of the modem's port."""
        ...

    def call(self) -> None:
        """Have it call, if it does not by itself."""
        ...


@dataclass(frozen=True)
class Fax:
    """What is to be sent or received."""

    document: Path
    """What is to be sent, by whichever end."""
    pages: int
    sends: bool
    """Whether the program is to send it; else the soft modem's terminal does."""
    ecm: bool
    """With error correction and in MMR; else without, in MH."""
    folder: Path
    """The program's own, empty."""
    fclass: str = "1"
    """The modem's class."""


Program = Callable[[FarEnd, Fax], None]
"""Returns when the call is over. Raises ``AssertionError`` or ``TimeoutExpired`` where it went wrong."""


def faxhw(far: FarEnd, fax: Fax, ident: str = "") -> None:
    allowed = "YES" if fax.ecm else "NO"
    options = [f"--option={name}={allowed}" for name in ("ECM", "MR2D", "MMRT6")]
    options.append(f"--option=SubscriberId={ident}")
    device = f"class{fax.fclass[0]}:{far.path}"
    if fax.sends:
        command = ["send", device, NUMBER, str(fax.document), *options]
    else:
        command = ["receive", device, str(fax.folder / "received.tif"), *options]
    with _running([sys.executable, "-m", "faxhw", *command]) as process:
        _call(far, fax)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def faxhw_with_ident(far: FarEnd, fax: Fax) -> None:
    faxhw(far, fax, "+1 555 0200")


_EFAX_CLASSES = {"1": "1", "2": "2", "2.0": "0"}


def efax(far: FarEnd, fax: Fax) -> None:
    command = ["efax", "-v", "ew", "-d", far.path, f"-o{_EFAX_CLASSES[fax.fclass]}"]
    command += ["-c", "1,5,0,2,0,0,0,0", "-h", ""]
    if fax.sends:
        command += ["-t", f"T{NUMBER}", *map(str, _as_efax_sends(fax))]
    else:
        command += ["-iS0=1", "-w", "-r", str(fax.folder / "received")]
    with _running(command) as process:
        _call(far, fax)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


def hylafax_(far: FarEnd, fax: Fax) -> None:
    settings = {} if fax.ecm else {"Class1ECMSupport": "no", "Class1MRSupport": "no"}
    program = HylaFax(fax.folder, far.path, settings)
    if fax.sends:
        ecm = hylafax.ECM_256 if fax.ecm else hylafax.NO_ECM
        job = Job(fax.document, fax.pages, NUMBER, coding=hylafax.MMR, ecm=ecm)
        with program.sending(job) as process:
            result = program.sent(process, PATIENCE)
        assert (result.pages, result.status) == (fax.pages, ""), program.log()
    else:
        with program.answering():
            far.call()
            assert program.received(PATIENCE).problem == "", program.log()


def mgetty(far: FarEnd, fax: Fax) -> None:
    program = Mgetty(fax.folder, far.path, fax.fclass, "+1 555 0200")
    if fax.sends:
        with Image.open(fax.document) as document:
            pages = [page.copy() for page in ImageSequence.Iterator(document)]
        with program.sending(NUMBER, pages) as process:
            process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, program.log()
    else:
        with program.answering():
            far.call()
            assert program.received(PATIENCE).code == 0, program.log()


def _call(far: FarEnd, fax: Fax) -> None:
    if not fax.sends:
        time.sleep(LISTENING)
        far.call()


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _as_efax_sends(fax: Fax) -> Iterator[Path]:
    """Each page in a file of efax's own making: in MH, in one strip, with nothing behind the last row."""
    with Image.open(fax.document) as document:
        for number, page in enumerate(ImageSequence.Iterator(document)):
            path = fax.folder / f"sent{number}.tif"
            one_strip = {278: page.height}
            page.save(path, compression="group3", dpi=page.info["dpi"], tiffinfo=one_strip)
            made = subprocess.run(
                ["efix", "-i", "tiffg3", "-o", "tiffg3", str(path)], capture_output=True, check=True
            )
            path.write_bytes(made.stdout)
            yield path
