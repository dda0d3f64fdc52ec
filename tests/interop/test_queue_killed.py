"""A process that uses the queue is killed at any moment: what it was told is so when the queue is opened.

In real time, with real processes: ``kill -9`` lets nothing be tidied up.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faxhw.serve.jobs import JobState
from faxhw.serve.queue import Queue

ROUNDS = 12
SERVICE = r"""
import os, sys
from datetime import timedelta
from pathlib import Path
from faxhw.clock import SystemClock
from faxhw.fax.causes import Cause
from faxhw.serve.jobs import Submission
from faxhw.serve.queue import Queue

class Later(SystemClock):
    def now(self):
        return super().now() + timedelta(seconds=int(sys.argv[2]))

directory = Path(sys.argv[1])
said = os.open(directory / "said", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
document = os.open(directory / "letter.tif", os.O_RDONLY)
queue = Queue(directory / "queue.sqlite", Later())
os.write(1, b"begun\n")
number = 0
while True:
    number += 1
    job = queue.submit(Submission(f"{os.getpid()}{number:06}", pages=3, name="letter.tif"), document)
    os.write(said, f"submitted {job.id} 0\n".encode())
    job = queue.next_for("front")
    for page in range(job.first_page, 4):
        os.write(said, f"sends {job.id} {page}\n".encode())
        queue.progress(job, page, 3)
        os.write(said, f"confirmed {job.id} {page}\n".encode())
    queue.done(job, Cause.NORMAL, "0x00", 3)
    os.write(said, f"done {job.id} 3\n".encode())
"""


@pytest.mark.interop
def test_what_was_said_is_so(tmp_path: Path) -> None:
    (tmp_path / "letter.tif").write_bytes(b"a letter")
    chance = random.Random(5)
    for number in range(ROUNDS):
        later = str(120 * number)  # what the one before left is due
        service = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(tmp_path), later], stdout=subprocess.PIPE, text=True
        )
        assert service.stdout is not None
        assert service.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0, 0.2))
        service.send_signal(signal.SIGKILL)
        service.communicate()
        _look(tmp_path)
    assert (tmp_path / "said").read_text().count("done") > 3


def _look(directory: Path) -> None:
    queue = Queue(directory / "queue.sqlite")
    jobs = {job.id: job for job in queue.ledger.jobs()}
    queue.close()
    confirmed: dict[int, int] = {}
    for line in (directory / "said").read_text().splitlines():
        verb, number, page = line.split()
        job = jobs[int(number)]
        assert job.document.read_bytes() == b"a letter"
        if verb == "sends":
            assert int(page) > confirmed.get(job.id, 0)
        if verb == "confirmed":
            confirmed[job.id] = int(page)
        if verb == "done":
            assert job.state is JobState.DONE
    for job in jobs.values():
        assert job.pages_sent >= confirmed.get(job.id, 0)
        assert job.state in (JobState.DONE, JobState.WAITING, JobState.HELD)
