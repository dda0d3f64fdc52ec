"""Debian's mgetty and mgetty-fax on one modem, in class 2 or 2.0.

``mgetty`` receives and is polled, ``sendfax`` sends and polls. Where they keep their configuration, logs,
locks and faxes is compiled in: ``fakechroot`` shows them a root folder of their own for ``/etc``, ``/var``
and the rest, whoever runs the tests. The packages are only unpacked (``scripts/unpack-debian``), as HylaFAX's
will not be installed beside them.

Their documents are g3 files, a page each, which their own tools make of PBM files and back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.interop.disguise import disguised, wait_until

_UNPACKED = Path(__file__).parents[2] / "build/debian"
_RECEIVER, _SENDER = _UNPACKED / "mgetty/sbin/mgetty", _UNPACKED / "mgetty-fax/usr/sbin/sendfax"
_TO_G3, _FROM_G3 = (_UNPACKED / "mgetty-fax/usr/bin" / name for name in ("pbm2g3", "g32pbm"))

_ROOMS = "dev etc/mgetty programs tmp/polled var/lock var/log/mgetty/fax var/run var/spool/fax/incoming"
_AS_THEY_ARE = "/dev/null:/dev/pts:/dev/tty:/proc:/usr:/lib:/lib64:/bin"
"""What is not in the root folder of their own: the modem, and what it takes to run a program."""
_MODEM_TYPES = {"2": "cls2", "2.0": "c2.0"}
_NOTICE, _POLLED = "tmp/notice", "tmp/polled"
_SENDFAX = ("/programs/sendfax", "-l")

_CONFIG = """\
debug 9
fax-id {ident}
speed 115200
modem-type {modem_type}
"""
_RECEIVERS_OWN = """\
rings 1
notify
"""
_RECEIVED = """\
#!/bin/sh
printf '%s\\n' "$@" >/tmp/notice.part && mv /tmp/notice.part /tmp/notice
"""


def missing() -> str | None:
    """Why the programs cannot be run, if they cannot."""
    if not all(program.exists() for program in (_RECEIVER, _SENDER, _TO_G3, _FROM_G3)):
        return "mgetty and mgetty-fax are not unpacked: run scripts/unpack-debian, and do not install them"
    if shutil.which("fakechroot") is None:
        return (
            "fakechroot, without which mgetty writes where root may, is not there: Debian package fakechroot"
        )
    return None


@dataclass(frozen=True)
class Received:
    """What became of a call that was answered."""

    code: int
    """As +FHNG or +FHS has it; 0 where all went well."""
    ident: str
    pages: tuple[Path, ...]


class Mgetty:
    """The two programs on one modem."""

    def __init__(self, folder: Path, device: str, fclass: str, ident: str) -> None:
        """``folder`` is to hold the root folder; ``fclass`` is "2" or "2.0"."""
        self._root = folder / "mgetty"
        for room in _ROOMS.split():
            (self._root / room).mkdir(parents=True)
        for program in (_RECEIVER, _SENDER):
            shutil.copy(program, self._root / "programs")
        self._device = os.path.realpath(device).removeprefix("/dev/")
        config = _CONFIG.format(ident=ident, modem_type=_MODEM_TYPES[fclass])
        (self._root / "etc/mgetty/sendfax.config").write_text(config + "verbose yes\n")
        (self._root / "etc/mgetty/mgetty.config").write_text(config + _RECEIVERS_OWN)
        script = self._root / "etc/mgetty/new_fax"
        script.write_text(_RECEIVED)
        script.chmod(0o755)

    def hold(self, pages: Sequence[Image.Image]) -> None:
        """Give ``mgetty`` a document for who polls it."""
        held = self._root / "tmp/held"
        held.write_text("".join(f"{path}\n" for path in self._put(pages)))
        with (self._root / "etc/mgetty/mgetty.config").open("a") as config:
            config.write("fax-server-file /tmp/held\n")

    def log(self) -> str:
        """What was said to the modem, and what it said."""
        logs = sorted((self._root / "var/log/mgetty").rglob("*.log"))
        return "\n".join(path.read_text(errors="replace") for path in logs)

    @contextmanager
    def answering(self, patience: float = 20.0) -> Iterator[None]:
        """With ``mgetty`` waiting for a call; it ends after one."""
        with self._running("/programs/mgetty", self._device):
            wait_until(lambda: " waiting..." in self.log(), patience, self.log)
            yield

    def received(self, patience: float = 30.0) -> Received:
        """What the call brought, once it is over."""
        notice = self._root / _NOTICE
        wait_until(notice.exists, patience, self.log)
        code, ident, _count, *pages = notice.read_text().splitlines()
        return Received(int(code), ident, tuple(self._root / page.removeprefix("/") for page in pages))

    @contextmanager
    def sending(self, number: str, pages: Sequence[Image.Image]) -> Iterator[subprocess.Popen[str]]:
        """With ``sendfax`` calling and sending, at fine resolution; it ends by itself, with 0 for success."""
        with self._running(*_SENDFAX, self._device, number, *self._put(pages)) as process:
            yield process

    @contextmanager
    def polling(self, number: str) -> Iterator[subprocess.Popen[str]]:
        """With ``sendfax`` calling for a document (``polled``); it ends by itself, with 0 for success."""
        with self._running(*_SENDFAX, self._device, "-p", "-d", f"/{_POLLED}", number) as process:
            yield process

    def polled(self) -> list[Path]:
        """The pages that ``polling`` fetched."""
        return sorted((self._root / _POLLED).iterdir())

    def _put(self, pages: Sequence[Image.Image]) -> list[str]:
        """Their files' names, in the root folder."""
        names = [f"/tmp/page{number}.g3" for number in range(len(pages))]
        for name, page in zip(names, pages, strict=True):
            (self._root / name[1:]).write_bytes(as_g3(page))
        return names

    @contextmanager
    def _running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        chroot = ("/usr/sbin/chroot", str(self._root))
        environment = {"FAKECHROOT_EXCLUDE_PATH": _AS_THEY_ARE}
        with disguised(
            "fakechroot", *chroot, *command, folder=self._root, environment=environment
        ) as process:
            yield process


def as_g3(page: Image.Image) -> bytes:
    """A page in a file of their own making."""
    drawn = b"P4\n%d %d\n" % page.size + page.convert("1").tobytes("raw", "1;I")
    return subprocess.run([_TO_G3], input=drawn, capture_output=True, check=True).stdout


def pixels_of_g3(path: Path) -> tuple[tuple[int, int], bytes]:
    """A page they received, as ``documents.pixels`` has it, by their own decoder."""
    pbm = path.with_name(f"{path.name}.pbm")
    with pbm.open("wb") as file:
        subprocess.run([_FROM_G3, path], stdout=file, check=True)
    with Image.open(pbm) as image:
        return image.size, image.convert("1").tobytes()
