"""Debian's hylafax-server, without its daemons, from a spool of its own.

In class 1 the T.30 is its own; modems of class 2, 2.0 and 2.1 it has configurations for.

``faxgetty`` answers and receives, ``faxsend`` sends a job that is written here as its queue manager would
write it. Both insist on being root, and on giving files to the user uucp: ``fakeroot`` lets them believe it,
for whoever runs the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.disguise import disguised, wait_until

ANSWERS, SENDS = Path("/usr/sbin/faxgetty"), Path("/usr/lib/hylafax/bin/faxsend")
_CONFIGURATIONS = Path("/var/spool/hylafax/config")

MH, MR, MMR = 0, 1, 3
"""What a job may ask for at the most (``desireddf``, sendq(5))."""
RATES = {2400: 0, 4800: 1, 7200: 2, 9600: 3, 12000: 4, 14400: 5}
NO_ECM, ECM_256 = 0, 2

_ROOMS = "archive bin client config dev docq doneq etc info log pollq recvq sendq status tmp"
_CONFIG = {
    "ModemRate": "115200",
    "ModemFlowControl": "rtscts",
    "Class1AdaptRecvCmd": "AT+FAR=1",
    "RingsBeforeAnswer": "1",
    "SessionTracing": "0xFFF",
    "TagLineFormat": '""',
    # Waits for a modem that has to be woken.
    "ModemResetDelay": "0",
    "ModemDTRDropDelay": "0",
    "ModemSoftResetCmdDelay": "0",
}

_JOB = {
    "state": "6",
    "maxdials": "1",
    "maxtries": "1",
    "pagewidth": "215",
    "pagelength": "297",
    "resolution": "196",
    "sender": "tests",
    "mailaddr": "tests",
    "owner": "tests",
    "client": "localhost",
    "jobid": "1",
    "groupid": "1",
    "modem": "any",
    "jobtype": "facsimile",
    "doneop": "remove",
    "notify": "none",
    "pagechop": "none",
}


def missing() -> str | None:
    """Why the programs cannot be run, if they cannot."""
    if not (ANSWERS.exists() and SENDS.exists()):
        return "HylaFAX is not installed: Debian package hylafax-server"
    if shutil.which("fakeroot") is None:
        return "fakeroot, without which HylaFAX wants root, is not installed: Debian package fakeroot"
    return None


@dataclass(frozen=True)
class Job:
    """What ``faxsend`` is to send."""

    document: Path
    """A TIFF in a coding of T.4 or T.6, each page in one strip: it sends no more than the first."""
    pages: int
    number: str
    rate: int = 14400
    """The highest."""
    coding: int = MR
    ecm: int = NO_ECM


@dataclass(frozen=True)
class Result:
    """What became of a job."""

    pages: int
    status: str
    """Empty where all went well."""


@dataclass(frozen=True)
class Received:
    """What became of a call that was answered."""

    document: Path
    problem: str
    """Empty where all went well."""


class HylaFax:
    """HylaFAX on one modem."""

    def __init__(
        self, folder: Path, device: str, settings: Mapping[str, str] | None = None, fclass: str = "1"
    ) -> None:
        """``folder`` is to hold the spool. ``settings`` are those of hylafax-config(5): they come on top of
        what HylaFAX has for modems of class ``fclass``."""
        self._spool = folder / "hylafax"
        for room in _ROOMS.split():
            (self._spool / room).mkdir(parents=True)
        self._device = os.path.realpath(device)
        self._device_id = self._device.removeprefix("/dev/").replace("/", "_")
        config = _CONFIG | {"UUCPLockDir": f'"{self._spool}/tmp"'} | dict(settings or {})
        # What is said twice counts as it is said last.
        usual = (_CONFIGURATIONS / f"class{fclass}").read_text()
        self._write(f"etc/config.{self._device_id}", config, usual)
        self._notice = self._spool / "tmp/notice"
        script = self._spool / "bin/faxrcvd"
        script.write_text(
            '#!/bin/sh\nprintf "%s\\n" "$@" >tmp/notice.part && mv tmp/notice.part tmp/notice\n'
        )
        script.chmod(0o755)

    def log(self) -> str:
        """The sessions' logs: what was said and heard, to the frame, and why it gave up."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._spool.glob("log/c*")))

    @contextmanager
    def answering(self, patience: float = 20.0) -> Iterator[None]:
        """With ``faxgetty`` waiting for calls."""
        with self._running(str(ANSWERS), "-p", "-q", str(self._spool), self._device):
            status = self._spool / "status" / self._device_id
            self._wait(lambda: status.exists() and "idle" in status.read_text(), "be ready", patience)
            yield

    def received(self, patience: float = 30.0) -> Received:
        """What the first call brought, once it is over."""
        self._wait(self._notice.exists, "have received a fax", patience)
        name, _device, _session, problem = self._notice.read_text().splitlines()[:4]
        return Received(self._spool / name, problem)

    @contextmanager
    def sending(self, job: Job) -> Iterator[subprocess.Popen[str]]:
        """With ``faxsend`` calling and sending; it ends by itself."""
        shutil.copy(job.document, self._spool / "docq/document.tif")
        another, last = (
            "00S",
            "00P",
        )  # each page's parameters, which it finds in the file, and what follows it
        described = {
            "number": job.number,
            "external": job.number,
            "totpages": str(job.pages),
            "desiredbr": str(RATES[job.rate]),
            "desireddf": str(job.coding),
            "desiredec": str(job.ecm),
            "killtime": str(int(time.time()) + 3600),
            "pagehandling": another * (job.pages - 1) + last,
            "fax": "0::docq/document.tif",
        }
        self._write("sendq/q1", _JOB | described)
        with self._running(str(SENDS), "-p", "-l", "-m", self._device_id, "sendq/q1") as process:
            yield process

    def sent(self, process: subprocess.Popen[str], patience: float = 30.0) -> Result:
        """What became of the job, once ``faxsend`` has ended."""
        process.wait(patience)
        lines = (self._spool / "sendq/q1").read_text().splitlines()
        job = dict(line.split(":", 1) for line in lines)
        return Result(int(job["npages"]), job.get("status", ""))

    def _write(self, name: str, values: Mapping[str, str], before: str = "") -> None:
        text = before + "".join(f"{key}:{value}\n" for key, value in values.items())
        (self._spool / name).write_text(text)

    @contextmanager
    def _running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        with disguised("fakeroot", *command, folder=self._spool) as process:
            yield process

    def _wait(self, happened: Callable[[], bool], what: str, patience: float) -> None:
        wait_until(happened, patience, lambda: f"HylaFAX did not {what}:\n{self.log()}")
