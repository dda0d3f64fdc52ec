"""``faxhw serve`` in processes and real time: scripts that fail, hooks and jobs cut short, a full disk."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from faxhw.serve import trial
from faxhw.serve.asking import ask
from tests.interop.documents import pixels
from tests.interop.served import FAXHW, Served, alive, arrived, confirmed, letter, serving, until

pytestmark = pytest.mark.interop

MAIN = "def main(*everything): pass\n"
APPLICATION = """
[[line]]
name = "line101"
device = "{device}"
[line.application]
file = "answer.py"
"""
HOOK = """
[[hook]]
command = ["{folder}/hook"]
first_wait = 1
"""
SLOW_HOOK = """#!/bin/sh
cat >> {folder}/told
echo >> {folder}/told
sleep 60 & echo $$ $! >> {folder}/begun
until test -e {folder}/go_on; do sleep 0.1; done
"""


def checked(served: Served) -> tuple[int, str]:
    """The exit code of ``faxhw serve --check``, and what it complains of."""
    ended = subprocess.run([*served.serve, "--check"], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr


def test_a_script_that_fails_on_import_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "answer.py"
    script.write_text(MAIN)
    script.chmod(0o640)
    with serving(tmp_path, "100", others=("101",)) as it:
        it.write("100", tail=APPLICATION.format(device=it.modems["101"]))
        assert checked(it) == (0, "")
        script.write_text("import os\n1 / 0\n" + MAIN)
        complaint = (
            f"{tmp_path}/fax.toml:16: line 'line101', application: file: {script} cannot be loaded: "
            f"ZeroDivisionError: division by zero ({script}:2)"
        )
        assert checked(it) == (2, f"faxhw: {complaint}\n")
        started = subprocess.run(it.serve, capture_output=True, text=True, check=False)
        assert (started.returncode, started.stderr) == (2, f"faxhw: {complaint}\n")
        it.reload()
        until(lambda: f"the configuration stays as it was: {complaint}" in (tmp_path / "log").read_text())
        assert set(it.lines()) == {"100"}
        script.write_text(MAIN)
        it.reload()
        until(lambda: set(it.lines()) == {"100", "101"})


def test_nothing_of_an_application_that_is_tried_stays(tmp_path: Path) -> None:
    script, noted = tmp_path / "app.py", tmp_path / "noted"
    script.write_text(
        "import subprocess, threading\n"
        "started = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(noted)!r}, 'w').write(str(started.pid))\n"
        "threading.Thread(target=started.wait).start()\n" + MAIN
    )
    before = len(list(Path("/proc/self/fd").iterdir()))
    trial.load(script)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    until(lambda: not alive(int(noted.read_text())))


def test_a_hook_in_whose_midst_the_service_is_killed_is_told_again(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 1)
    hook, begun = tmp_path / "hook", tmp_path / "begun"
    hook.write_text(SLOW_HOOK.format(folder=tmp_path))
    hook.chmod(0o750)
    with serving(tmp_path, "100", others=("200",), tail=HOOK.format(folder=tmp_path)) as it:
        assert confirmed(it.call("200", "100", document)) == 1
        until(lambda: begun.exists() and begun.read_text().endswith("\n"))
        first = [int(word) for word in begun.read_text().split()]
        it.process.kill()
        it.process.wait()
        assert all(map(alive, first)), "it is an orphan now"
        it.start()
        until(lambda: begun.read_text().count("\n") == 2)
        assert not any(map(alive, first)), "two of them run"
        (tmp_path / "go_on").touch()
        until(lambda: it.status()["events_for_hooks"] == 0)
        until(lambda: not any(map(alive, map(int, begun.read_text().split()))))
        told = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
        assert len(told) == 2
        assert told[0] == told[1]
        assert told[0]["cause"] == "NORMAL"
        assert arrived(Path(told[0]["file"]), document, 1)


def test_a_job_in_whose_call_the_service_is_killed_goes_on_after_its_last_page(tmp_path: Path) -> None:
    """As ``retries`` and ``queue`` have it: INTERRUPTED costs no try, and what has arrived stays so."""
    document = letter(tmp_path / "letter.tif", 3)
    parts = [tmp_path / "part1.tif", tmp_path / "part2.tif"]

    def receiver(part: Path) -> subprocess.Popen[bytes]:
        command = [*FAXHW, "receive", it.modems["300"], str(part)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def job() -> dict[str, Any]:
        return cast("dict[str, Any]", ask(it.socket, "queue", id=number)["job"])

    with serving(tmp_path, "100", others=("300",)) as it:
        with receiver(parts[0]) as receiving:
            command = [*FAXHW, "send", "--queue", "300", str(document), "--socket", str(it.socket), "--json"]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            number = json.loads(said.stdout)["job"]["id"]
            until(lambda: job()["pages_sent"] >= 1)
            before, attendant = job(), it.line("100")["process"]
            it.process.kill()
            it.process.wait()
            assert before["state"] == "SENDING"
            until(lambda: not alive(attendant))
            assert receiving.wait(30) == 1, "the far end heard that it is over"
        it.start()
        after = job()
        assert (after["state"], after["last_cause"]) == ("WAITING", "INTERRUPTED")
        assert (after["tries_left"], after["pages_sent"]) == (before["tries_left"], before["pages_sent"])
        assert after["due"] is not None
        with receiver(parts[1]) as receiving:
            ask(it.socket, "release", id=number)  # it would go in a minute
            until(lambda: job()["state"] == "DONE", 60)
            assert receiving.wait(30) == 0
        sent = before["pages_sent"]
        assert arrived(parts[0], document, sent)
        assert pixels(parts[1]) == pixels(document)[sent:]


# ----------------------------------------------------------------------------------------------------------
# A disk that is full

FULL = os.strerror(errno.ENOSPC)
SMALL = "mount -t tmpfs -o size=512k,mode=750 none {directory} && exec {command}"
"""A shell command: run a command that has a small disk of its own under that name."""


def mounts_of_its_own() -> tuple[str, ...]:
    """A command that runs another one which may mount file systems; skips the test if there is none."""
    for command in [("unshare", "-m")] * (os.geteuid() == 0) + [("unshare", "-Urm")]:
        try:
            tried = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
            if subprocess.run(tried, check=False, stderr=subprocess.DEVNULL).returncode == 0:
                return command
        except FileNotFoundError:
            break
    pytest.skip("no tmpfs can be mounted here: it takes root, or user namespaces, and util-linux' unshare")


@contextmanager
def filled(directory: Path, name: str = "ballast") -> Iterator[None]:
    """Nothing more can be written to the disk of a directory meanwhile, unless something else goes."""
    with (directory / name).open("wb", buffering=0) as ballast:
        with pytest.raises(OSError, match=FULL):
            ballast.writelines(itertools.repeat(b"x" * 4096, 1000))
        yield
        ballast.truncate(0)


def test_a_page_for_which_the_disk_has_no_room_is_not_confirmed(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 3)
    small = SMALL.format(directory=tmp_path / "in", command='"$@"')
    within = (*mounts_of_its_own(), "sh", "-c", small, "sh")
    with serving(tmp_path, "100", others=("200",), within=within) as it:
        inbox = Path(f"/proc/{it.process.pid}/root{tmp_path}/in")
        sender = it.call("200", "100", document)
        until(lambda: it.said("100", "page 1: "))
        with filled(inbox):
            assert confirmed(sender) == 1
            until(lambda: it.line("100")["state"] == "WAITING")
            line = it.line("100")
            assert line["failures"] == {"ERROR": 1}
            assert (line["restarts"], line["pages_received"]) == (0, 1)
            assert pixels(inbox / "line100.tif") == pixels(document)[:1]
            assert FULL in line["trouble"]
            assert it.said("100", FULL)
            with filled(inbox, "the rest"), it.call("200", "100", document) as sender:
                until(lambda: f"no fax can be stored in {tmp_path}/in: {FULL}" in it.line("100")["trouble"])
                sender.terminate()
            until(lambda: it.line("100")["state"] == "WAITING")
        assert confirmed(it.call("200", "100", document)) == 3
        until(lambda: it.line("100")["received"] == 1)
        assert it.line("100")["trouble"] == ""
        (second,) = set(inbox.glob("*.tif")) - {inbox / "line100.tif"}
        assert arrived(second, document, 3)
