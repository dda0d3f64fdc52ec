"""The call-control scripts of ``scripts/apps``, each run as ``faxhw run`` does, on virtual modems."""

from __future__ import annotations

import csv
import json
import logging
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from faxhw import applications
from faxhw.channel import Channel
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit, execute
from faxhw.errors import Error
from faxhw.session import PageEnds
from faxhw.t30.answering import answer
from faxhw.t30.calling import call, poll
from faxhw.t30.line import Pause, Procedure
from faxhw_drivers.class1 import driver
from faxhw_drivers.sim import Bench, Cut
from faxhw_drivers.sim.exchange import Impairment
from tests.reference import examples
from tests.virtual.calls import OURS, STANDARD, THEIRS, Pages, text_pages

SCRIPTS = Path(__file__).parents[2] / "scripts" / "apps"
FAR = "5550200"
"""The number of the far end of ``sim:``."""
HEARS = "sim:{}?model=conexant"
"""A modem that has voice class."""

Run = Callable[..., Exit]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a script, by its path in the folder, on a device; its files are those of ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.setattr(logging.getLogger("faxhw_application"), "handlers", [])

    def deed(script: str, device: str, *parameters: object) -> Exit:
        return execute(faxhw, ["--json", "run", str(SCRIPTS / script), device, *map(str, parameters)])

    return deed


def letter(path: Path, pages: int = 2) -> Path:
    first, *more = [page.image() for page in text_pages(pages)]
    first.save(path, save_all=True, append_images=more)
    return path


def page_count(path: Path) -> int:
    with Image.open(path) as image:
        return sum(1 for _ in ImageSequence.Iterator(image))


def faxes(folder: Path) -> list[int]:
    """The pages of each fax there."""
    return [page_count(each) for each in sorted(folder.glob("*.tif"))]


class OnBench:
    """A script's line, somebody who may call it, and a number that it calls."""

    NUMBER = "300"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bench = Bench()
        self.modem = self.bench.modem(OURS, "conexant")
        self.caller = self.bench.station(THEIRS)
        self.target = self.bench.station(self.NUMBER)

    def run(self, script: str, parameters: str, *, rings: bool = False) -> None:
        """Run a script; ``rings``: on a call that rings already, as ``faxhw serve`` does."""
        device = driver.open_on(self.modem.reopen(), self.bench.clock, {})
        application = applications.load(SCRIPTS / script)
        log = logging.getLogger("test")
        with Channel(device) as channel:
            if rings:
                channel.wait_for_call()
            applications.run(application, channel, [parameters], files=self.folder, logger=log)

    def sends(self) -> None:
        self.caller.call(OURS, call(STANDARD), Pages(text_pages(2)))

    def answers(self, *harm: Impairment) -> None:
        """The number answers; ``harm`` befalls its first call."""
        left = [list(harm)]

        def take() -> Procedure:
            self.bench.exchange.impairments[:] = left.pop() if left else []
            return answer(STANDARD)

        self.target.answer_with(take)

    def pages_sent(self) -> list[int]:
        """Pages that the number confirmed, by calls."""
        return [sum(isinstance(event, PageEnds) for event in each.events) for each in self.target.calls]


@pytest.fixture
def on_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OnBench:
    monkeypatch.setattr("sys.path", [*sys.path])
    return OnBench(tmp_path)


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("[!_]*.py")), ids=lambda path: str(path.stem))
def test_each_is_an_application_that_says_how_it_is_run(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])
    applications.load(script)
    usage = script.read_text().split("\n\n")[1]
    assert usage.startswith(f"Usage: faxhw run scripts/apps/{script.relative_to(SCRIPTS)} /dev/ttyACM0")


@pytest.mark.parametrize(
    ("script", "parameters"),
    [("answer_and_store.py", ""), ("fax_or_human.py", "5"), ("store_and_notify.py", "true")],
)
def test_on_a_call_that_rings_already(on_bench: OnBench, script: str, parameters: str) -> None:
    on_bench.sends()
    on_bench.run(script, parameters, rings=True)
    assert faxes(on_bench.folder) == [2]


# ----------------------------------------------------------------------------------------------------------
# Answer and store


def test_answer_and_store(run: Run, tmp_path: Path) -> None:
    assert run("answer_and_store.py", "sim:fax?pages=2", "ECM=NO") == Exit.NORMAL
    assert faxes(tmp_path) == [2]
    assert f"-{FAR}-" in next(tmp_path.glob("*.tif")).name


@pytest.mark.parametrize(
    ("device", "option", "said"),
    [("sim:cut", "ECM=YES", "HANGUP: The far end fell silent"), ("sim:", "EMC=NO", "UNKNOWN_OPTION: {'EMC'")],
)
def test_answer_and_store_a_fax_that_fails(
    run: Run, capsys: pytest.CaptureFixture[str], device: str, option: str, said: str
) -> None:
    assert run("answer_and_store.py", device, option) == Exit.FAILED
    assert said in capsys.readouterr().err


# ----------------------------------------------------------------------------------------------------------
# Fax or human


@pytest.mark.parametrize("device", ["sim:fax?pages=1", HEARS.format("fax") + "&pages=1"])
def test_fax_or_human(run: Run, tmp_path: Path, device: str) -> None:
    assert run("fax_or_human.py", device) == Exit.NORMAL
    assert faxes(tmp_path) == [1]
    assert not (tmp_path / "call-back.txt").exists()


@pytest.mark.parametrize(
    ("device", "found"),
    [("sim:voice", "UNKNOWN"), (HEARS.format("voice"), "VOICE"), (HEARS.format("data"), "DATA")],
)
def test_fax_or_human_who_is_no_fax(run: Run, tmp_path: Path, device: str, found: str) -> None:
    assert run("fax_or_human.py", device, 5) == Exit.NORMAL
    assert (tmp_path / "call-back.txt").read_text().endswith(f" {FAR} {found}\n")
    assert faxes(tmp_path) == []


# ----------------------------------------------------------------------------------------------------------
# Fax on demand


def test_fax_on_demand(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    letter(tmp_path / "prices.tif")
    assert run("fax_on_demand.py", "sim:polling", "prices.tif") == Exit.NORMAL
    assert "prices.tif: 2 pages to +1 555 0200" in caplog.text


@pytest.mark.parametrize(
    ("device", "parameters", "said"),
    [
        ("sim:polling", "prices.tif 4711", "did not give the right password"),
        ("sim:polling", "none.tif", "there is no file"),
        ("sim:voice", "prices.tif", "not a fax machine"),
        ("sim:", "prices.tif", "was not fetched"),
    ],
)
def test_fax_on_demand_not_fetched(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, device: str, parameters: str, said: str
) -> None:
    letter(tmp_path / "prices.tif")
    run("fax_on_demand.py", device, *parameters.split())
    assert said in "".join(capsys.readouterr())


def test_fax_on_demand_by_digits(on_bench: OnBench, caplog: pytest.LogCaptureFixture) -> None:
    it = on_bench
    letter(it.folder / "prices.tif", 1)
    letter(it.folder / "12.tif", 2)

    def polls() -> Procedure:
        it.caller.press("12#")
        yield Pause(10.0)
        return (yield from poll(STANDARD))

    it.caller.call(OURS, polls())
    with caplog.at_level(logging.INFO):
        it.run("fax_on_demand.py", "prices.tif")
    assert "12.tif: 2 pages to +49 89 200" in caplog.text


# ----------------------------------------------------------------------------------------------------------
# Forward


def test_forward(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert run("forward.py", "sim:", FAR) == Exit.NORMAL
    assert f"to {FAR}: NORMAL" in caplog.text
    assert faxes(tmp_path) == []


def test_forward_to_what_is_no_number(run: Run) -> None:
    assert run("forward.py", "sim:", "somebody") == Exit.USAGE


def test_forward_waits_for_a_number_that_is_busy(on_bench: OnBench) -> None:
    it = on_bench
    it.answers()
    it.target.phone.off_hook()
    it.bench.world.call_later(200, it.sends)  # another fax meanwhile
    it.bench.world.call_later(300, it.target.phone.on_hook)
    it.sends()
    it.run("forward.py", it.NUMBER)
    assert len(it.caller.calls) == 2
    assert it.pages_sent() == [2, 2]
    assert faxes(it.folder) == []


def test_forward_sends_the_rest_of_a_fax(on_bench: OnBench) -> None:
    it = on_bench
    it.answers(Cut(at=5.0, page=3))
    it.sends()
    it.run("forward.py", it.NUMBER)
    assert it.pages_sent() == [1, 1]


def test_forward_keeps_what_cannot_be_sent_on(on_bench: OnBench) -> None:
    it = on_bench
    it.target.phone.off_hook()
    it.sends()
    with pytest.raises(Error, match=r"not sent on to 300: .*-1\.tif"):
        it.run("forward.py", it.NUMBER)
    assert faxes(it.folder) == [2]
    assert it.bench.clock.monotonic() > 4 * 180


def test_forward_gives_up_where_another_try_is_no_use(on_bench: OnBench) -> None:
    it = on_bench
    it.answers()
    it.target.phone.off_hook()
    it.sends()
    it.bench.world.call_later(100, lambda: next(it.folder.glob("*.tif")).unlink())
    it.bench.world.call_later(150, it.target.phone.on_hook)
    with pytest.raises(Error, match=r"not sent on to 300: .*-1\.tif"):
        it.run("forward.py", it.NUMBER)
    assert it.bench.clock.monotonic() < 2 * 180 + 100


# ----------------------------------------------------------------------------------------------------------
# Broadcast


@pytest.fixture
def broadcast(run: Run, tmp_path: Path) -> Callable[[str], Exit]:
    letter(tmp_path / "letter.tif", 3)
    (tmp_path / "numbers.txt").write_text("# members\n5550201\n5550202  # Anna\n\n5550201\n")
    return lambda device: run("broadcast.py", device, "letter.tif", "numbers.txt", "results.csv")


def results(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "results.csv").open(newline="") as file:
        return [(row["number"], row["cause"], row["next_page"]) for row in csv.DictReader(file)]


def test_broadcast(run: Run, broadcast: Callable[[str], Exit], tmp_path: Path) -> None:
    assert broadcast("sim:") == Exit.NORMAL
    assert results(tmp_path) == [("5550201", "NORMAL", "4"), ("5550202", "NORMAL", "4")]
    assert broadcast("sim:") == Exit.NORMAL
    assert len(results(tmp_path)) == 2
    letter(tmp_path / "other.tif", 1)
    assert run("broadcast.py", "sim:", "other.tif", "numbers.txt", "results.csv") == Exit.NORMAL
    assert len(results(tmp_path)) == 4


def test_broadcast_is_taken_up_again(
    broadcast: Callable[[str], Exit], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert broadcast("sim:busy") == Exit.FAILED
    assert "not sent, or not whole, to 5550201, 5550202" in capsys.readouterr().err
    assert broadcast("sim:") == Exit.NORMAL
    one = [row[1:] for row in results(tmp_path) if row[0] == "5550201"]
    assert one == [("BUSY", "1"), ("NORMAL", "4")]


def test_broadcast_sends_the_rest_of_a_fax(on_bench: OnBench) -> None:
    it = on_bench
    letter(it.folder / "letter.tif", 3)
    (it.folder / "numbers.txt").write_text(it.NUMBER)
    it.answers(Cut(at=5.0, page=3))
    with pytest.raises(Error, match="not sent, or not whole, to 300"):
        it.run("broadcast.py", "letter.tif numbers.txt results.csv")
    it.run("broadcast.py", "letter.tif numbers.txt results.csv")
    assert [row[2] for row in results(it.folder)] == ["2", "4"]


def test_broadcast_notes_what_was_confirmed_when_the_modem_vanishes(on_bench: OnBench) -> None:
    it = on_bench
    letter(it.folder / "letter.tif", 3)
    (it.folder / "numbers.txt").write_text(it.NUMBER)
    it.answers()
    it.bench.world.call_later(45, it.modem.vanish)
    with pytest.raises(Error):
        it.run("broadcast.py", "letter.tif numbers.txt results.csv")
    ((_, _, next_page),) = results(it.folder)
    assert 1 < int(next_page) == it.pages_sent()[0] + 1 < 4


def test_broadcast_of_what_cannot_be_sent(
    broadcast: Callable[[str], Exit], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "numbers.txt").write_text("5550201\nAnna\n")
    broadcast("sim:")
    assert "'Anna' is not a telephone number" in capsys.readouterr().err
    assert not (tmp_path / "results.csv").exists()


# ----------------------------------------------------------------------------------------------------------
# Store and notify

KEEPS = "import sys; open('told', 'w').write(sys.stdin.read())"


def test_store_and_notify(run: Run, tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-c", KEEPS])
    assert run("store_and_notify.py", "sim:fax?pages=2", command) == Exit.NORMAL
    told = json.loads((tmp_path / "told").read_text())
    assert (told["cause"], told["pages"], told["caller"]) == ("NORMAL", 2, FAR)
    assert page_count(Path(told["file"])) == 2
    assert not list(tmp_path.glob("*.json"))


def test_store_and_notify_of_a_fax_that_did_not_come(run: Run, tmp_path: Path) -> None:
    assert run("store_and_notify.py", "sim:voice", shlex.join([sys.executable, "-c", KEEPS])) == Exit.NORMAL
    told = json.loads((tmp_path / "told").read_text())
    assert (told["cause"], told["pages"], told["file"]) == ("NOTFAX", 0, None)


def test_store_and_notify_without_a_command(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("store_and_notify.py", "sim:") == Exit.USAGE
    assert "name the command" in capsys.readouterr().err
    assert faxes(tmp_path) == []


@pytest.mark.parametrize("command", ["false", "/nowhere/command"])
def test_store_and_notify_by_a_command_that_fails(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run("store_and_notify.py", "sim:", command) == Exit.FAILED
    assert "is still to be told" in capsys.readouterr().err
    (told,) = tmp_path.glob("*.json")
    assert json.loads(told.read_text())["pages"] == 3


# ----------------------------------------------------------------------------------------------------------
# The examples of the contract


ENDED, NO_FAX, FAILED = "the fax job ended normally", "the caller was not a fax machine", "the fax job failed"


@dataclass(frozen=True)
class Case:
    """How an example is run, and what comes of it."""

    name: str
    device: str
    ends: Exit
    said: str
    pages: int = 0
    """Of the fax that it leaves."""


CALLED = (
    Case("inconsistent_options", "sim:", Exit.FAILED, "not allowed: {'v17': 'NO', 'MinDataRate': '14400'}"),
    Case("inconsistent_options", "sim:busy", Exit.NO_CALL, "did not answer: BUSY"),
    Case("send_high_resolution", "sim:", Exit.NORMAL, "ended with NORMAL"),
    Case("send_high_resolution", "sim:cut", Exit.NORMAL, "ended with COMMSFAULT"),
    Case("raw_cause", "sim:cut", Exit.NORMAL, "Fax failed with raw cause 0x"),
    Case("raw_cause", "sim:no-answer", Exit.NO_CALL, "did not answer: NOANSWER"),
)
"""Examples that call."""
ANSWERED = (
    Case("not_a_fax", "sim:fax?pages=2", Exit.NORMAL, "", pages=2),
    Case("not_a_fax", "sim:voice", Exit.NORMAL, "Hang up because caller is not a fax machine"),
    Case("receive", "sim:fax?pages=2", Exit.NORMAL, ENDED, pages=2),
    Case("receive", "sim:voice", Exit.NORMAL, NO_FAX),
    Case("receive_high_resolution", "sim:fax?pages=2", Exit.NORMAL, "started: True", pages=2),
    Case("receive_high_resolution", "sim:cut", Exit.NORMAL, "started: True"),
    Case("start_and_wait", "sim:fax?pages=2", Exit.NORMAL, ENDED, pages=2),
    Case("start_and_wait", "sim:cut", Exit.NORMAL, FAILED),
    Case("stop", "sim:fax?pages=2", Exit.NORMAL, "stopped: True, ABORTED"),
    Case("stop", "sim:voice", Exit.NORMAL, "stopped: True, ABORTED"),
    Case("negotiated_settings", "sim:fax?pages=2", Exit.NORMAL, "DataRate : 14400", pages=2),
    Case("negotiated_settings", "sim:voice", Exit.NORMAL, "fax receiver returned NOTFAX"),
    Case("page_by_page", "sim:fax?pages=2", Exit.NORMAL, "Received 2 pages so far", pages=2),
    Case("page_by_page", "sim:cut", Exit.NORMAL, "hangup"),
    Case("page_by_page", "sim:voice", Exit.FAILED, "NOTFAX"),
    Case("start_by_file_name", "sim:fax?pages=2", Exit.NORMAL, ENDED, pages=2),
    Case("start_by_file_name", "sim:silence", Exit.NORMAL, NO_FAX),
)
"""Examples that answer."""


def test_every_example_of_the_text_is_a_script() -> None:
    names = {path.stem for path in (SCRIPTS / "reference").glob("[!_]*.py")}
    assert len(names) == len(examples())
    assert names == {each.name for each in (*CALLED, *ANSWERED)}


@pytest.mark.parametrize("case", CALLED)
def test_an_example_that_calls(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    letter(tmp_path / "letter.tif")
    assert run(f"reference/{case.name}.py", case.device, FAR, "letter.tif") == case.ends
    assert case.said in "".join(capsys.readouterr())


@pytest.mark.parametrize("case", ANSWERED)
def test_an_example_that_answers(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    assert run(f"reference/{case.name}.py", case.device) == case.ends
    assert case.said in "".join(capsys.readouterr())
    assert faxes(tmp_path) == ([case.pages] if case.pages else [])
