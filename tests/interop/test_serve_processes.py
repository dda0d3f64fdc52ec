"""``faxhw serve`` in processes and real time: whichever of them is killed, what was acknowledged is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from faxhw.serve.asking import ask
from tests.interop.served import FAXHW, Served, alive, arrived, confirmed, letter, serving, until

pytestmark = pytest.mark.interop

HOOK = """
[[hook]]
on = ["received", "failed"]
command = ["/bin/sh", "-c", "cat >> {told}"]
"""


def open_files(process: int) -> list[Path]:
    return list(Path(f"/proc/{process}/fd").iterdir())


def children(process: int) -> list[str]:
    """The states of the processes that a process has begun and not yet seen the end of."""
    states = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has gone meanwhile
            state, parent, *_ = each.read_text().rpartition(")")[2].split()
            states += [state] * (int(parent) == process)
    return states


def all_new(served: Served, old: set[int]) -> bool:
    """Whether every line is attended, by another process than before."""
    lines = served.lines().values()
    return all(line["state"] == "WAITING" and line["process"] not in old for line in lines)


def submitted(served: Served, document: Path) -> int:
    """A fax in the queue, for much later."""
    command = [*FAXHW, "send", "--queue", "999", str(document), "--socket", str(served.socket), "--json"]
    said = subprocess.run([*command, "--at", "2040-01-01T00:00"], check=True, stdout=subprocess.PIPE)
    return int(json.loads(said.stdout)["job"]["id"])


def told(folder: Path) -> str:
    """What the hook was told of so far."""
    path = folder / "told"
    return path.read_text() if path.exists() else ""


def threads(process: int) -> int:
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def test_faxes_come_on_two_lines_and_go(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 2)
    out = tmp_path / "out.tif"
    with serving(tmp_path, "100", "101", others=("200", "201", "300")) as it:
        receive = [*FAXHW, "receive", it.modems["300"], str(out), "--json"]
        with subprocess.Popen(receive, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as receiver:
            senders = [it.call("200", "100", document), it.call("201", "101", document)]
            # Before that the line could be taken for the queue's fax: its caller would find it busy.
            until(lambda: all(line["state"] == "CALL" for line in it.lines().values()))
            submit = [*FAXHW, "send", "--queue", "300", str(document), "--socket", str(it.socket), "--wait"]
            subprocess.run(submit, check=True, timeout=60, stdout=subprocess.DEVNULL)
            assert [confirmed(each) for each in senders] == [2, 2]
            assert receiver.wait(20) == 0
        until(lambda: all(line["received"] == 1 for line in it.lines().values()))
        for stored in (it.fax("100"), it.fax("101"), out):
            assert arrived(stored, document, 2)
        assert it.stop() == 0


MOMENTS = ("a call from", "negotiated", "page 1: GOOD")
"""What a line says of a fax that comes, some time before it is killed."""


def test_a_killed_attendant_takes_down_nothing_else(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 2)
    long = letter(tmp_path / "long.tif", 7)
    with serving(tmp_path, "100", "101", others=("200", "201")) as it:
        other = it.call("201", "101", long)
        until(lambda: it.line("101")["state"] == "CALL")
        acknowledged = []
        for moment in MOMENTS:
            sender = it.call("200", "100", document)
            it.await_page("100", moment)
            os.kill(it.line("100")["process"], signal.SIGKILL)
            acknowledged.append(confirmed(sender))
            until(lambda: it.line("100")["state"] == "WAITING")
        assert acknowledged[-1] >= 1
        assert it.line("100")["restarts"] == len(MOMENTS)
        assert confirmed(other) == 7
        assert it.line("101")["restarts"] == 0
        assert any(
            arrived(each, document, acknowledged[-1]) for each in (tmp_path / "in").glob("line100*.tif")
        )
        assert arrived(it.fax("101"), long, 7)
        assert not list((tmp_path / "in").glob(".faxhw-*")), "a claim was left behind"


def test_a_killed_service_is_taken_up_by_the_next(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 2)
    with serving(tmp_path, "100", "101", others=("200",), tail=HOOK.format(told=tmp_path / "told")) as it:
        ask(it.socket, "hold", id=submitted(it, document))
        sender = it.call("200", "100", document)
        it.await_page("100", "page 1: GOOD")
        attendants = [line["process"] for line in it.lines().values()]
        it.process.kill()
        it.process.wait()
        pages = confirmed(sender)
        assert pages >= 1
        until(lambda: not any(map(alive, attendants)))
        it.start()
        assert it.status()["queue"]["HELD"] == 1
        assert arrived(it.fax("100"), document, pages)
        until(lambda: '"line100"' in told(tmp_path))
        assert it.stop() == 0


def test_lines_come_and_go_with_the_configuration(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 2)
    with serving(tmp_path, "100", "101", others=("102", "200")) as it:
        sender, process = it.call("200", "100", document), it.line("100")["process"]
        it.await_page("100")
        it.write("102", "100", more="max_seconds = 600")
        it.reload()
        until(lambda: set(it.lines()) == {"100", "102"} and it.line("102")["state"] == "WAITING")
        assert it.line("100")["process"] == process, "a call was dropped"
        assert confirmed(sender) == 2
        until(lambda: it.line("100")["process"] not in (process, None))
        assert arrived(it.fax("100"), document, 2)


def test_the_page_in_hand_is_the_last(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 3)
    with serving(tmp_path, "100", others=("200",)) as it:
        sender = it.call("200", "100", document)
        it.await_page("100")
        assert it.stop() == 0
        pages = confirmed(sender)
        assert 1 <= pages < 3
        assert arrived(it.fax("100"), document, pages)


def test_an_inbox_that_takes_nothing_keeps_the_line_from_answering(tmp_path: Path) -> None:
    document = letter(tmp_path / "letter.tif", 1)
    inbox, away = tmp_path / "in", tmp_path / "away"
    with serving(tmp_path, "100", others=("200",)) as it:
        inbox.rename(away)
        inbox.touch()  # nobody can write there, root neither
        with it.call("200", "100", document) as sender:
            until(lambda: "no fax can be stored" in it.line("100")["trouble"])
            sender.terminate()
        inbox.unlink()
        away.rename(inbox)
        until(lambda: it.line("100")["state"] == "WAITING")
        assert it.line("100")["restarts"] == 0
        assert confirmed(it.call("200", "100", document)) == 1
        assert arrived(it.fax("100"), document, 1)


def test_nothing_is_left_of_posts_that_ended(tmp_path: Path) -> None:
    numbers = tuple(str(number) for number in range(100, 105))
    with serving(tmp_path, *numbers) as it:
        service = it.process.pid
        before = len(open_files(service)), threads(service)
        first = {line["process"] for line in it.lines().values()}
        for process in first:
            os.kill(process, signal.SIGKILL)
        until(lambda: all_new(it, first))
        second = {line["process"] for line in it.lines().values()}
        it.write(*numbers, more="max_seconds = 600")
        it.reload()
        until(lambda: all_new(it, first | second))
        until(lambda: (len(open_files(service)), threads(service)) == before)
        assert len(children(service)) == len(numbers)
        assert "Z" not in children(service)
