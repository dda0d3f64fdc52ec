"""Remedies for devices that do not answer, on made trees of /sys and /dev."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw.errors import DeviceError
from faxhw.ports import discover
from faxhw.ports.usb import names
from faxhw.serve import remedies
from faxhw.serve.remedies import Patient, apply, remedy_for
from tests.unit.system_tree import SystemTree


class Now:
    """A clock on which waits are over at once, and noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def __getattr__(self, name: str) -> object:
        return getattr(SYSTEM_CLOCK, name)


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A USB stick in /sys, with the tty ttyACM0."""
    tree = SystemTree(tmp_path)
    stick = tree.usb("1-2", "0572:1329")
    tree.tty("ttyACM0", stick)
    (stick / "authorized").write_text("1\n")
    owner = discover.usb_device_of
    monkeypatch.setattr(remedies, "usb_device_of", lambda path: owner(path, tree.roots))
    monkeypatch.setattr(names, "_SYS_USB", tree.roots.sys / "bus/usb/devices")
    return stick


def patient(clock: Now, port: str = "/dev/ttyACM0") -> Patient:
    return Patient(port, clock)  # type: ignore[arg-type]


by_any_name = pytest.mark.parametrize("port", ["/dev/ttyACM0", "usb:0572:1329", "usb:0572:1329:1-2"])


def test_the_gentlest_is_tried_first_and_all_in_turn() -> None:
    tried = [remedy_for(failures) for failures in range(7)]
    assert tried == ["", "", "", "dtr", "usb-reset", "usb-power", ""]


@by_any_name
def test_a_usb_device_is_reset(stick: Path, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    asked: list[str] = []
    monkeypatch.setattr(remedies, "reset_usb", asked.append)
    patient(Now(), port).reset_usb()
    assert asked == [port if port.startswith("usb:") else "usb:0572:1329:1-2"]


@by_any_name
def test_power_is_taken_by_authorized_where_the_hub_has_no_switch(stick: Path, port: str) -> None:
    authorized = stick / "authorized"
    seen: list[str] = []

    class Looking(Now):
        def sleep(self, seconds: float) -> None:
            seen.append(authorized.read_text())

    patient(Looking(), port).cycle_power()
    assert seen == ["0", "1"]


def test_power_is_taken_at_the_hub_where_it_can(stick: Path) -> None:
    switch = stick.parent / "1-0:1.0/usb1-port2"
    switch.mkdir(parents=True)
    (switch / "disable").write_text("0")
    (stick / "port").symlink_to(switch)
    patient(Now()).cycle_power()
    assert (switch / "disable").read_text() == "0"
    assert (stick / "authorized").read_text() == "1\n"


@pytest.mark.parametrize("remedy", ["usb-reset", "usb-power", "dtr"])
@pytest.mark.parametrize("port", ["/dev/ttyS99", "usb:ffff:0001"])
def test_what_is_not_possible_is_told_and_nothing_else(
    stick: Path, remedy: str, port: str, caplog: pytest.LogCaptureFixture
) -> None:
    apply(remedy, lambda: patient(Now(), port))
    assert f"the remedy {remedy} is not possible" in caplog.text


@by_any_name
def test_dtr_is_dropped_and_raised(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    said: list[bool | str] = []

    class Opened:
        def set_dtr(self, on: bool) -> None:
            said.append(on)

        def close(self) -> None:
            said.append("closed")

    def other(*_: object, **__: object) -> Opened:
        raise DeviceError("by the other way")

    by_name = port.startswith("usb:")
    monkeypatch.setattr("faxhw.ports.serial.open_serial", other if by_name else lambda *_, **__: Opened())
    monkeypatch.setattr(remedies, "open_usb", (lambda *_, **__: Opened()) if by_name else other)
    patient(clock := Now(), port).drop_dtr()
    assert said == [False, True, "closed"]
    assert clock.slept == [remedies._DTR_DOWN]
