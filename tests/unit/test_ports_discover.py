"""Serial ports and devices of USB and PCI as the system lists them, and who uses them, on made trees."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faxhw.ports.discover import Roots, plugged, serial_devices, usb_id_of
from faxhw.ports.holders import Holder, holders, stale_locks

from .system_tree import VENDOR_SPECIFIC, SystemTree


@pytest.fixture
def tree(tmp_path: Path) -> SystemTree:
    return SystemTree(tmp_path)


def test_a_port_with_all_that_is_told_of_it(tree: SystemTree) -> None:
    path = tree.tty("ttyACM0", tree.usb("1-1", "0572:1329", "CONEXANT", "USB Modem", serial="24680246"))
    link = tree.by_id("usb-CONEXANT_USB_Modem", path)
    (port,) = serial_devices(tree.roots)
    assert (port.path, port.kernel_driver, port.stable_path) == (path, "cdc_acm", link)
    assert port.on is not None
    assert (port.on.id, port.on.maker, port.on.model) == ("0572:1329", "CONEXANT", "USB Modem")
    assert (port.on.serial_number, port.on.is_modem) == ("24680246", True)
    assert port.on.node == str(tree.roots.dev / "bus/usb/001/002")
    assert usb_id_of("/dev/ttyACM0", tree.roots) == "0572:1329"


def test_what_has_no_usb_id(tree: SystemTree) -> None:
    tree.tty("ttyS0", None, "serial8250", uart="4")
    tree.tty("ttyS4", tree.pci("0000:01:00.0", "1522:0100", "0x070002"), "serial", uart="4")
    for path in ("/dev/ttyS0", "/dev/ttyS4", "/dev/ttyS9", "rfc2217://host:4000"):
        assert usb_id_of(path, tree.roots) == ""


def test_ports_without_hardware_are_left_out(tree: SystemTree) -> None:
    tree.tty("ttyS0", None, "serial8250", uart="4")
    tree.tty("ttyS1", None, "serial8250", uart="0")
    (tree.roots.sys / "class" / "tty" / "console").mkdir()
    assert [Path(each.path).name for each in serial_devices(tree.roots)] == ["ttyS0"]


def test_devices_without_a_port(tree: SystemTree) -> None:
    tree.tty("ttyACM0", tree.usb("1-1", "0572:1329"))
    tree.usb("1-2", "0803:3095")
    tree.usb("1-3", "1d6b:0002", device_class="09")
    tree.usb("1-4", "046d:c31c", interface=VENDOR_SPECIFIC)
    tree.tty("ttyS4", tree.pci("0000:01:00.0", "1522:0100", "0x070002"), "serial")
    tree.pci("0000:02:00.0", "11c1:0440")
    rest = plugged(tree.roots).without_port
    assert [(each.id, each.is_modem) for each in rest] == [
        ("0803:3095", True),
        ("046d:c31c", False),
        ("11c1:0440", True),
    ]


def test_a_system_that_tells_nothing(tmp_path: Path) -> None:
    nowhere = Roots(*[tmp_path / "nowhere"] * 4)
    assert plugged(nowhere).ports == []
    assert holders(["/dev/ttyS0"], nowhere) == {"/dev/ttyS0": []}


def test_who_uses_a_port(tree: SystemTree) -> None:
    tree.process(1234, "minicom", "/dev/ttyACM0", "/dev/null")
    tree.process(99, "faxgetty", "/dev/ttyACM1", "/dev/ttyACM1")
    tree.process(7, "init")
    (tree.roots.proc / "self").mkdir()
    tree.lock("ttyACM0", b"      1234 minicom root\n")
    tree.lock("ttyACM2", (7).to_bytes(4, sys.byteorder))
    names = [f"/dev/ttyACM{number}" for number in range(4)]
    assert holders(names, tree.roots) == {
        "/dev/ttyACM0": [Holder(1234, "minicom")],
        "/dev/ttyACM1": [Holder(99, "faxgetty")],
        "/dev/ttyACM2": [Holder(7, "init")],
        "/dev/ttyACM3": [],
    }


def test_locks_of_programs_that_have_ended(tree: SystemTree) -> None:
    tree.process(7, "init")
    stale = tree.lock("ttyS0", b"4242\n")
    tree.lock("ttyS1", b"7\n")
    tree.lock("ttyS2", b"rubbish")
    paths = ["/dev/ttyS0", "/dev/ttyS1", "/dev/ttyS2", "/dev/ttyS3"]
    assert stale_locks(paths, tree.roots) == {"/dev/ttyS0": str(stale)}
    assert not any(holders(paths[:1], tree.roots)["/dev/ttyS0"])
