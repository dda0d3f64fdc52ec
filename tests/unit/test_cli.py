"""The shell commands on a device made of paper: exit codes, the line for each failure, JSON, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from faxhw import device as finding
from faxhw.cli.commands import faxhw
from faxhw.cli.shell import Exit, execute
from faxhw.device import CallResult, DeviceInfo, Driver, ProbeReport
from faxhw.errors import DeviceError
from faxhw.session import Outcome, Session, Settings, Status

from .fax_bench import FakeDevice, coded, ends_with, fax

SIZE = len(coded())
SECONDS = (SIZE + 199) // 200 / 10


@dataclass
class PaperDriver:
    """A driver whose device a test prepares."""

    device: FakeDevice = field(default_factory=lambda: FakeDevice(fax(coded(), coded()), name="paper:1"))
    name: str = "paper"

    def open(self, port: str, options: Mapping[str, str]) -> FakeDevice:
        if port == "busy":
            raise DeviceError("paper:busy: the device is in use by another program; end that first")
        return self.device

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        return ProbeReport(f"paper:{port}", "paper", "origami", "it folds", {"ATI0": "1"}, ("0", "1"))

    def devices(self) -> Iterable[DeviceInfo]:
        return [DeviceInfo("paper:1", description="A sheet", maker="Mill", usb_id="0000:0001")]


@dataclass
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        result: dict[str, object] = json.loads(self.out)
        return result


Shell = Callable[..., Said]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> PaperDriver:
    paper = PaperDriver()

    def load(name: str) -> Driver:
        return paper

    monkeypatch.setattr(finding, "drivers", lambda: {"paper": None})
    monkeypatch.setattr(finding, "load_driver", load)
    return paper


@pytest.fixture
def shell(driver: PaperDriver, capsys: pytest.CaptureFixture[str]) -> Shell:
    def run(*arguments: object) -> Said:
        code = execute(faxhw, [str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def one_line(text: str) -> str:
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    return text.rstrip()


# ----------------------------------------------------------------------------------------------------------
# receive


def test_receive(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--rings", 3)
    assert said.code == Exit.NORMAL
    assert said.err == ""
    assert said.out.splitlines() == [
        "opening paper:1",
        "paper:1: waiting for a call",
        "call from 0123",
        "answering",
        "negotiating",
        "negotiated with +44 1908 273800: V.17 14400 bit/s, MH, 204x98, A4, no ECM",
        *(
            line
            for number in (1, 2)
            for line in (
                f"receiving page {number}",
                f"page {number}: GOOD, 1728 x 100 dots, MH, {SIZE} octets in {SECONDS} s at 14400 bit/s",
            )
        ),
        "finishing",
        f"NORMAL: 2 pages stored in {tmp_path / 'fax.tif'}",
    ]
    assert driver.device.said[-2:] == ["hang up", "close"]
    assert (tmp_path / "fax.tif").stat().st_size > 0


def test_receive_for_machines(shell: Shell, tmp_path: Path) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    result = said.json
    assert result["exit"] == 0
    assert result["cause"] == "NORMAL"
    assert result["raw_cause"] == "0x00"
    assert result["file"] == str(tmp_path / "fax.tif")
    assert result["call_from"] == "0123"
    assert result["remote_id"] == "+44 1908 273800"
    pages = result["pages"]
    assert isinstance(pages, list)
    assert [(page["number"], page["receive_quality"], page["length"]) for page in pages] == [
        (1, "GOOD", 100),
        (2, "GOOD", 100),
    ]
    negotiated = result["negotiated"]
    assert isinstance(negotiated, dict)
    assert negotiated["DataRate"] == 14400


def test_a_failed_fax_says_why(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.script = ends_with(Outcome(Status.TRAINING_FAILED))
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.FAILED
    assert one_line(said.err) == (
        "faxhw: paper:1: the fax failed, COMMSFAULT: Training failed at the lowest rate both ends have. "
        f"(raw cause 0x27); no pages stored in {tmp_path / 'fax.tif'}"
    )


def test_no_call(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.ring = None
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--timeout", 30)
    assert said.code == Exit.NO_CALL
    assert (
        one_line(said.err)
        == "faxhw: paper:1: no call within 30 s; check the line, or give a longer --timeout"
    )
    assert driver.device.said[-1] == "close"


def test_not_answered(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    driver.device.result = CallResult.NO_CARRIER
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.NO_CALL
    assert said.json == {
        "exit": 4,
        "error": "paper:1: the call was not answered, OTHER (NO CARRIER)",
    }


# ----------------------------------------------------------------------------------------------------------
# Bad input


def test_a_file_is_replaced_only_by_force(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    target = tmp_path / "fax.tif"
    target.write_text("precious")
    said = shell("receive", "paper:1", target)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == (f"faxhw: {target} exists: name another file, or give --force to replace it")
    assert driver.device.said == []
    assert target.read_text() == "precious"
    assert shell("receive", "paper:1", target, "--force").code == Exit.NORMAL
    assert target.read_bytes()[:4] == b"II*\0"


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("Ecm=YES", "did you mean ECM?"),
        ("Shoe=41", "unknown fax option 'Shoe'"),
        ("v17=MAYBE", "v17 is YES or NO"),
        ("MinDataRate=14401", "MinDataRate is 2400,"),
        ("MinDataRate", "give NAME=VALUE"),
        ("T38=YES", "this line is a telephone line"),
        ("PageWidth=A3", "the device cannot do it"),
    ],
)
def test_a_bad_option_reaches_no_line(
    shell: Shell, driver: PaperDriver, tmp_path: Path, option: str, hint: str
) -> None:
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--option", option)
    assert said.code == Exit.USAGE
    assert hint in one_line(said.err)
    assert set(driver.device.said) <= {"close"}


def test_options_that_exclude_each_other(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    target = tmp_path / "fax.tif"
    said = shell("receive", "paper:1", target, "--option", "v17=NO", "--option", "MinDataRate=14400")
    assert said.code == Exit.USAGE
    assert "v17=NO, MinDataRate=14400 cannot be" in one_line(said.err)
    assert driver.device.said == []
    said = shell("receive", "paper:1", target, "--option", "v17=NO", "--option", "v17=YES")
    assert one_line(said.err) == "faxhw: --option v17 is given twice"


def test_a_file_that_cannot_be(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is a directory" in one_line(shell("receive", "paper:1", tmp_path).err)
    said = shell("receive", "paper:1", tmp_path / "nowhere" / "fax.tif")
    assert said.code == Exit.USAGE
    assert "there is no directory" in one_line(said.err)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.USAGE
    assert "cannot be written" in one_line(said.err)
    assert driver.device.said == []


def test_a_device_that_cannot_be_opened(shell: Shell, tmp_path: Path) -> None:
    said = shell("receive", "paper:busy", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.NO_DEVICE
    assert "in use by another program" in one_line(said.err)
    assert said.json["exit"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["receive", "paper:1"], "faxhw: Missing argument 'FILE' (faxhw receive --help tells more)"),
        (["fly"], "faxhw: No such command 'fly' (faxhw --help tells more)"),
        (["explain", "f"], "faxhw: an odd number of hexadecimal digits"),
        (["run", "/no/such/app.py", "paper:1"], "does not exist (faxhw run --help tells more)"),
        (["send", "paper:1", "12345", "/no/such/file"], "faxhw: there is no file /no/such/file to send"),
    ],
)
def test_wrong_use_is_told_in_one_line(shell: Shell, arguments: list[str], message: str) -> None:
    said = shell(*arguments)
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)


def test_no_command_is_wrong_use_and_shows_the_commands(shell: Shell) -> None:
    said = shell()
    assert said.code == Exit.USAGE
    assert "receive" in said.err


# ----------------------------------------------------------------------------------------------------------
# Interrupts


def interrupted_by(number: signal.Signals) -> Callable[[FakeDevice, Settings], Session]:
    def script(device: FakeDevice, settings: Settings) -> Session:
        first_page = fax(coded(), coded())(device, settings)
        yield from _until_page_data(first_page, lambda: os.kill(os.getpid(), number))
        return Outcome(Status.NORMAL)

    return script


def _until_page_data(session: Session, act: Callable[[], None]) -> Session:
    event = next(session)
    count = 0
    while True:
        count += 1
        if count == 4:
            act()
        event = session.send((yield event))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_releases_the_line(
    shell: Shell, driver: PaperDriver, tmp_path: Path, number: signal.Signals
) -> None:
    driver.device.script = interrupted_by(number)
    before = signal.getsignal(number)
    said = shell("receive", "paper:1", tmp_path / "fax.tif", "--json")
    assert said.code == Exit.INTERRUPTED
    assert "the fax was interrupted, ABORTED" in one_line(said.err)
    assert said.json["cause"] == "ABORTED"
    assert driver.device.said[-2:] == ["hang up", "close"]
    assert signal.getsignal(number) is before


def test_an_interrupt_while_waiting_for_a_call(
    shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(timeout: float | None, rings: int = 1) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(driver.device, "wait_for_call", interrupt)
    said = shell("receive", "paper:1", tmp_path / "fax.tif")
    assert said.code == Exit.INTERRUPTED
    assert "interrupted" in said.err
    assert driver.device.said[-1] == "close"


# ----------------------------------------------------------------------------------------------------------
# send


def test_send_to_a_busy_number(shell: Shell, driver: PaperDriver, tmp_path: Path) -> None:
    page = tmp_path / "page.tif"
    Image.new("1", (1728, 10), 255).save(page)
    driver.device.result = CallResult.BUSY
    said = shell("send", "paper:1", "12345", page)
    assert said.code == Exit.NO_CALL
    assert one_line(said.err) == "faxhw: paper:1: 12345 did not answer, BUSY (BUSY)"


# ----------------------------------------------------------------------------------------------------------
# run


def application(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "app.py"
    head = "def main(channel, application_instance_id, file_man, my_log, application_parameters):\n"
    path.write_text(
        "import faxhw\n" + head + "".join(f"    {line}\n" for line in body.splitlines()), encoding="utf-8"
    )
    return path


def test_run(shell: Shell, driver: PaperDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = application(
        tmp_path,
        "channel.wait_for_call(); channel.answer()\n"
        "channel.FaxReceiver.receive(filename=file_man.path(application_parameters.split()[0]))\n"
        "file_man.write('note.txt', application_parameters.encode())\n"
        "my_log.info('the fax is %s', application_instance_id and 'here')\n"
        "print(file_man.names())",
    )
    said = shell("run", app, "paper:1", "in.tif", "--rest")
    assert said.code == Exit.NORMAL
    assert said.out == "['app.py', 'in.tif', 'note.txt']\n"
    assert said.err == "INFO the fax is here\n"
    assert (tmp_path / "note.txt").read_text() == "in.tif --rest"
    assert driver.device.said[-2:] == ["hang up", "close"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("channel.wait_for_call()\nraise faxhw.Hangup('not today')", Exit.NO_CALL, "not today"),
        ("channel.wait_for_call(); channel.answer()\nraise faxhw.Hangup('done')", Exit.NORMAL, ""),
        ("raise faxhw.Error('it will not do')", Exit.FAILED, "it will not do"),
        ("channel.wait_for_call(); channel.answer()\n1 / 0", Exit.FAILED, "ZeroDivisionError"),
        ("file_man.read('../secret')", Exit.FAILED, "is not a file in"),
    ],
)
def test_how_an_application_ends(
    shell: Shell, driver: PaperDriver, tmp_path: Path, *, body: str, code: Exit, message: str
) -> None:
    said = shell("run", application(tmp_path, body), "paper:1")
    assert said.code == code
    assert message in said.err
    assert driver.device.said[-1] == "close"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("main = 3", "has no function main"),
        ("def main(:", "cannot be loaded: SyntaxError"),
        ("import no_such_module_anywhere", "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_an_application_that_cannot_be_loaded(
    shell: Shell, driver: PaperDriver, tmp_path: Path, text: str, message: str
) -> None:
    app = tmp_path / "app.py"
    app.write_text(text)
    said = shell("run", app, "paper:1")
    assert said.code == Exit.USAGE
    assert message in one_line(said.err)
    assert driver.device.said == []


# ----------------------------------------------------------------------------------------------------------
# The others


def test_devices_and_probe(shell: Shell) -> None:
    assert shell("devices").out == "paper:1  A sheet, Mill, 0000:0001\n"
    listed = shell("devices", "--json").json["devices"]
    assert isinstance(listed, list)
    assert listed[0]["device"] == "paper:1"
    said = shell("probe", "paper:1")
    assert said.code == Exit.NORMAL
    assert "origami: it folds" in said.out
    assert shell("probe", "paper:1", "--json").json["profile"] == "origami"


def test_options_are_listed(shell: Shell) -> None:
    assert "SubscriberId" in shell("options").out
    rows = shell("options", "--json").json["options"]
    assert isinstance(rows, list)
    assert {"name": "ECM", "values": "YES or NO", "default": "YES"}.items() <= next(
        row for row in rows if row["name"] == "ECM"
    ).items()


def test_explain(shell: Shell) -> None:
    assert shell("explain", "ff", "13", "8c").out.startswith("MCF")
    assert shell("explain", "ff138c", "--json").json["octets"] == "ff138c"


def test_help_is_quick() -> None:
    """It loads neither the core below the shell, nor what draws progress."""
    script = (
        "import sys; from faxhw.cli import main\n"
        "sys.argv = ['faxhw', '--help']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted({'rich', 'serial', 'usb', 'PIL', 'faxhw.channel'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
    assert "Commands:" in ended.stdout


@pytest.mark.parametrize("command", sorted(faxhw.commands))
def test_every_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    said = shell(command, "--help")
    assert said.code == Exit.NORMAL
    assert f"Example: faxhw {command}" in said.out
