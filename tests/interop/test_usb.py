"""pyusb's own code on libusb, with a stick that umockdev pretends is plugged in; and a bus in real time."""

from __future__ import annotations

import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path
from shutil import which

import pytest

from faxhw.ports.usb.acm import line_coding
from tests import usb_descriptors

pytestmark = pytest.mark.interop

NAME = "usb:0572:1329"
PLACE = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"
NODE = "/dev/bus/usb/001/004"
STICK = f"""\
P: {PLACE}
N: {NODE.removeprefix("/dev/")}
E: DEVNAME={NODE}
E: DEVTYPE=usb_device
E: MAJOR=189
E: MINOR=3
E: SUBSYSTEM=usb
A: busnum=1\\n
A: devnum=4\\n
A: bConfigurationValue=1\\n
A: speed=12\\n
A: idVendor=0572\\n
A: idProduct=1329\\n
A: serial=24680246\\n
H: descriptors={(usb_descriptors.device(0x572, 0x1329) + usb_descriptors.CONEXANT).hex().upper()}

"""
INTERFACE = f"""\
P: {PLACE}/1-1:1.0
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb
A: bInterfaceNumber=00\\n

P: {PLACE}/1-1:1.0/tty/ttyACM1
N: ttyACM1
E: DEVNAME=/dev/ttyACM1
E: SUBSYSTEM=tty

"""


def plugged_in(folder: Path, command: list[str], *, more: str = "", requests: tuple[bytes, ...] = ()) -> str:
    """What a command says, with the stick plugged in; it takes these control requests, in this order."""
    (folder / "stick.umockdev").write_text(STICK + more)
    recorded = [f"@DEV {NODE}", "USBDEVFS_CONNECTINFO 0 0400000000000000"]
    recorded += [  # what was returned, type control, endpoint, status, flags, size, data octets, errors
        f"USBDEVFS_REAPURBNDELAY 0 2 0 0 0 {len(each)} {len(each) - 8} 0 {each.hex().upper()}"
        for each in requests
    ]
    (folder / "stick.ioctl").write_text("\n".join(recorded) + "\n")
    ioctls = ["-i", f"{NODE}={folder / 'stick.ioctl'}"] if requests else []
    said = subprocess.run(
        ["umockdev-run", "-d", str(folder / "stick.umockdev"), *ioctls, "--", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return said.stdout + said.stderr


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


@pytest.mark.skipif(which("umockdev-run") is None, reason="Debian package umockdev")
@pytest.mark.skipif(find_library("usb-1.0") is None, reason="Debian package libusb-1.0-0")
class TestMocked:
    @pytest.mark.skipif(which("lsusb") is None, reason="Debian package usbutils")
    def test_the_stick_is_like_the_one_that_was_listed(self, tmp_path: Path) -> None:
        said = plugged_in(tmp_path, ["lsusb", "-v"])
        for each in (
            "idVendor           0x0572",
            "wTotalLength       0x0049",
            "bSlaveInterface         1",
            "0x4803",
        ):
            assert each in said

    def test_it_is_found_and_what_it_is_is_known(self, tmp_path: Path) -> None:
        script = (
            "from faxhw.ports.usb.finding import find, modem_of\n"
            "from faxhw.ports.usb.names import parse\n"
            f"name = parse('{NAME}')\n"
            "device = find(name)\n"
            "print(device.bus, device.address, device.port_numbers, modem_of(name, device))"
        )
        said = plugged_in(tmp_path, python(script))
        assert said.startswith(
            "1 4 (1,) AcmFunction(control=0, data=1, alternate=0, bulk_in=Endpoint(address=130,"
        )
        assert "capabilities=7" in said

    def test_names_that_are_not_there(self, tmp_path: Path) -> None:
        said = plugged_in(tmp_path, [sys.executable, "-m", "faxhw", "probe", "usb:0baf:0303"])
        assert (
            said
            == "faxhw: usb:0baf:0303: there is no such device; is the modem plugged in and switched on?\n"
        )
        said = plugged_in(tmp_path, [sys.executable, "-m", "faxhw", "probe", "class1:usb:0572:1329:1-2"])
        assert said.rstrip().endswith(
            "no device of this kind has that serial number or place; there is usb:0572:1329:1-1"
        )

    def test_line_coding_and_lines_are_set(self, tmp_path: Path) -> None:
        coding = bytes.fromhex("2120000000000700") + line_coding(115200)
        requests = (coding, bytes.fromhex("2122030000000000"))
        script = (
            "from faxhw.clock import SYSTEM_CLOCK\n"
            "from faxhw.ports.usb.opening import open_direct\n"
            f"open_direct('{NAME}', SYSTEM_CLOCK, speed=SPEED)\n"
            "print('opened')"
        )
        said = plugged_in(tmp_path, python(script.replace("SPEED", "115200")), requests=requests)
        assert said == "opened\n"
        said = plugged_in(tmp_path, python(script.replace("SPEED", "9600")), requests=requests)
        assert "PortError: usb:0572:1329: the device is gone" in said

    def test_the_tty_that_the_kernel_has_made(self, tmp_path: Path) -> None:
        script = f"from faxhw.ports.usb.names import *\nprint(tty_of(parse('{NAME}:24680246')))"
        assert plugged_in(tmp_path, python(script), more=INTERFACE) == "/dev/ttyACM1\n"
