"""Names on USB, and the ttys that the kernel has made: a tree like that of /sys, made for the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.errors import DeviceError, UsageError
from faxhw.ports.usb import names
from faxhw.ports.usb.names import UsbName, parse, tty_of


@pytest.fixture
def sys_usb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(names, "_SYS_USB", tmp_path)
    return tmp_path


def plug_in(sys_usb: Path, place: str, usb_id: str = "0572:1329", serial: str = "", tty: str = "") -> Path:
    folder = sys_usb / place
    folder.mkdir()
    for file, text in zip(("idVendor", "idProduct"), usb_id.split(":"), strict=True):
        (folder / file).write_text(f"{text}\n")
    if serial:
        (folder / "serial").write_text(f"{serial}\n")
    if tty:
        (folder / f"{place}:1.0" / tty).mkdir(parents=True)
    return folder


def test_names() -> None:
    assert parse("usb:0BAF:303") == UsbName("usb:0BAF:303", 0xBAF, 0x303)
    assert parse("usb:0572:1329:24:68").which == "24:68"
    assert parse("usb:572:1329").usb_id == "0572:1329"


@pytest.mark.parametrize(
    "text", ["usb:", "usb:0572", "usb:0572:", "usb:0572:xyzt", "usb:00572:1329", "usb:0572:1329:"]
)
def test_wrong_names(text: str) -> None:
    with pytest.raises(UsageError, match=r"in hexadecimal, as in usb:0572:1329"):
        parse(text)


def test_the_tty_wherever_it_comes_back(sys_usb: Path) -> None:
    interface = plug_in(sys_usb, "1-1.2", tty="tty/ttyACM0") / "1-1.2:1.0" / "tty"
    plug_in(sys_usb, "1-1", "05e3:0608")
    assert tty_of(parse("usb:0572:1329")) == "/dev/ttyACM0"
    (interface / "ttyACM0").rename(interface / "ttyACM1")
    assert tty_of(parse("usb:0572:1329")) == "/dev/ttyACM1"


def test_the_tty_of_a_serial_bridge(sys_usb: Path) -> None:
    plug_in(sys_usb, "2-1", "10c4:ea60", tty="ttyUSB3/tty/ttyUSB3")
    assert tty_of(parse("usb:10c4:ea60")) == "/dev/ttyUSB3"


def test_no_tty(sys_usb: Path) -> None:
    plug_in(sys_usb, "1-1")
    assert tty_of(parse("usb:0572:1329")) == ""
    assert tty_of(parse("usb:0baf:0303")) == ""


def test_one_of_several(sys_usb: Path) -> None:
    plug_in(sys_usb, "1-1", serial="A", tty="tty/ttyACM0")
    plug_in(sys_usb, "1-2", serial="B", tty="tty/ttyACM1")
    plug_in(sys_usb, "1-3.4", serial="B", tty="tty/ttyACM2")
    assert tty_of(parse("usb:0572:1329:A")) == "/dev/ttyACM0"
    assert tty_of(parse("usb:0572:1329:1-3.4")) == "/dev/ttyACM2"
    assert tty_of(parse("usb:0572:1329:C")) == ""
    with pytest.raises(
        DeviceError, match=r"3 such .*: usb:0572:1329:A, usb:0572:1329:1-2, usb:0572:1329:1-3.4$"
    ):
        tty_of(parse("usb:0572:1329"))
    with pytest.raises(DeviceError, match=r"2 such .*: usb:0572:1329:1-2, usb:0572:1329:1-3.4$"):
        tty_of(parse("usb:0572:1329:B"))
