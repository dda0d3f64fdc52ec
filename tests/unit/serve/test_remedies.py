"""Remedies for devices that do not answer, on made trees of /sys and /dev."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw.serve import remedies
from faxhw.serve.remedies import Patient, apply, remedy_for


class Now:
    """A clock on which waits are over at once, and noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def __getattr__(self, name: str) -> object:
        return getattr(SYSTEM_CLOCK, name)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A USB stick in /sys, with the tty ttyACM0."""
    usb = tmp_path / "sys/devices/usb1/1-2"
    interface = usb / "1-2:1.0"
    tty = interface / "tty/ttyACM0"
    tty.mkdir(parents=True)
    (tty / "device").symlink_to(interface)
    for name, text in {"idVendor": "0572", "busnum": "1", "devnum": "7", "authorized": "1"}.items():
        (usb / name).write_text(f"{text}\n")
    (tmp_path / "sys/class/tty").mkdir(parents=True)
    (tmp_path / "sys/class/tty/ttyACM0").symlink_to(tty)
    node = tmp_path / "dev/bus/usb/001"
    node.mkdir(parents=True)
    (node / "007").touch()
    return tmp_path


def patient(root: Path, clock: Now, port: str = "/dev/ttyACM0") -> Patient:
    return Patient(port, clock, sys=root / "sys", dev=root / "dev")  # type: ignore[arg-type]


def test_the_gentlest_is_tried_first_and_all_in_turn() -> None:
    tried = [remedy_for(failures) for failures in range(7)]
    assert tried == ["", "", "", "dtr", "usb-reset", "usb-power", ""]


def test_a_usb_device_is_reset_by_its_node(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda _file, request, *_: asked.append(request))
    patient(stick, Now()).reset_usb()
    assert asked == [0x5514]


def test_power_is_taken_by_authorized_where_the_hub_has_no_switch(stick: Path) -> None:
    authorized = stick / "sys/devices/usb1/1-2/authorized"
    seen: list[str] = []

    class Looking(Now):
        def sleep(self, seconds: float) -> None:
            seen.append(authorized.read_text())

    patient(stick, Looking()).cycle_power()
    assert seen == ["0", "1"]


def test_power_is_taken_at_the_hub_where_it_can(stick: Path) -> None:
    port = stick / "sys/devices/usb1/1-0:1.0/usb1-port2"
    port.mkdir(parents=True)
    (port / "disable").write_text("0")
    (stick / "sys/devices/usb1/1-2/port").symlink_to(port)
    patient(stick, Now()).cycle_power()
    assert (port / "disable").read_text() == "0"
    assert (stick / "sys/devices/usb1/1-2/authorized").read_text() == "1\n"


@pytest.mark.parametrize("remedy", ["usb-reset", "usb-power", "dtr"])
def test_what_is_not_possible_is_told_and_nothing_else(
    stick: Path, remedy: str, caplog: pytest.LogCaptureFixture
) -> None:
    apply(remedy, lambda: patient(stick, Now(), "/dev/ttyS99"))
    assert f"the remedy {remedy} is not possible" in caplog.text


def test_dtr_is_dropped_and_raised(monkeypatch: pytest.MonkeyPatch, stick: Path) -> None:
    said: list[bool | str] = []

    class Opened:
        def set_dtr(self, on: bool) -> None:
            said.append(on)

        def close(self) -> None:
            said.append("closed")

    monkeypatch.setattr("faxhw.ports.serial.open_serial", lambda *_, **__: Opened())
    patient(stick, clock := Now()).drop_dtr()
    assert said == [False, True, "closed"]
    assert clock.slept == [remedies._DTR_DOWN]
