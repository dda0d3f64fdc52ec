"""Serial devices as the system lists them: a tree like that of /sys and /dev, made for the test."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from faxhw.ports import discover


def test_the_usb_id_of_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usb = tmp_path / "devices" / "usb1" / "1-1"
    interface = usb / "1-1:1.0"
    interface.mkdir(parents=True)
    (usb / "idVendor").write_text("0572\n")
    (usb / "idProduct").write_text("1329\n")
    (tmp_path / "tty" / "ttyACM0").mkdir(parents=True)
    (tmp_path / "tty" / "ttyACM0" / "device").symlink_to(interface)
    monkeypatch.setattr(discover, "_SYS_TTY", tmp_path / "tty")
    assert discover.usb_id_of("/dev/ttyACM0") == "0572:1329"
    assert discover.usb_id_of("/dev/ttyS0") == ""
    assert discover.usb_id_of("rfc2217://host:4000") == ""


def test_devices_with_the_paths_that_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path / "ttyACM0"
    device.write_bytes(b"")
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id" / "usb-modem").symlink_to(device)
    monkeypatch.setattr(discover, "_BY_ID", tmp_path / "by-id")
    found = SimpleNamespace(
        device=str(device),
        description="n/a",
        manufacturer="CONEXANT",
        product="CX93001",
        vid=0x572,
        pid=0x1329,
    )
    monkeypatch.setattr(list_ports, "comports", lambda: [found])
    assert discover.serial_devices() == [
        discover.SerialDevice(
            path=str(device),
            maker="CONEXANT",
            model="CX93001",
            usb_id="0572:1329",
            stable_path=str(tmp_path / "by-id" / "usb-modem"),
        )
    ]
