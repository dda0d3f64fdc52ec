"""The rules in ``udev/`` through udev itself: what fax modems get, and what everything else does not."""

from __future__ import annotations

import grp
import subprocess
from pathlib import Path

import pytest

from .udev import RULES, Plugged, events, missing

pytestmark = [pytest.mark.interop, pytest.mark.skipif(bool(missing()), reason=missing() or "it runs")]

OURS = {RULES.name: RULES.read_text(encoding="utf-8")}
STICK = Plugged("0572:1329", "24680246")
USR5637 = Plugged("0baf:0303", place="1-2", tty="ttyACM1")
FTDI = Plugged("0403:6001", "A900XYZ1", tty="ttyUSB0", driver="ftdi_sio")


def dialout() -> str:
    return str(grp.getgrnam("dialout").gr_gid)


@pytest.mark.parametrize("modem", [STICK, USR5637], ids=["Conexant", "USR5637"])
def test_a_fax_modem_belongs_to_the_group_and_not_to_modemmanager(modem: Plugged, tmp_path: Path) -> None:
    plugged = events([modem], OURS, tmp_path)
    for event in (plugged[modem.port], plugged[modem.device]):
        assert (event.group, event.mode) == (dialout(), "0660")
        assert event.properties["ID_MM_DEVICE_IGNORE"] == "1"
        assert "SYSTEMD_WANTS" not in event.properties
        assert event.complaints == []
    assert "systemd" in plugged[modem.port].properties["TAGS"].split(":")
    assert plugged[modem.device].fax_links == set()


def test_its_names_are_by_id_and_by_place(tmp_path: Path) -> None:
    plugged = events([STICK, USR5637], OURS, tmp_path)
    assert plugged[STICK.port].fax_links == {
        "faxmodem-0572-1329-24680246",
        "faxmodem-at-pci-0000:00:14.0-usb-0:1:1.0",
    }
    assert plugged[USR5637.port].fax_links == {
        "faxmodem-0baf-0303",
        "faxmodem-at-pci-0000:00:14.0-usb-0:2:1.0",
    }


def test_plugged_in_again_as_another_tty_it_has_its_names(tmp_path: Path) -> None:
    before = events([STICK], OURS, tmp_path / "1")[STICK.port]
    again = Plugged(STICK.usb_id, STICK.serial, tty="ttyACM1")
    assert events([again], OURS, tmp_path / "2")[again.port].fax_links == before.fax_links
    elsewhere = Plugged(STICK.usb_id, STICK.serial, place="1-3")
    moved = events([elsewhere], OURS, tmp_path / "3")[elsewhere.port]
    assert moved.fax_links & before.fax_links == {"faxmodem-0572-1329-24680246"}


def test_two_alike_are_told_apart_by_their_places(tmp_path: Path) -> None:
    brother = Plugged(STICK.usb_id, STICK.serial, place="1-2", tty="ttyACM1")
    plugged = events([STICK, brother], OURS, tmp_path)
    first, second = (plugged[each.port].fax_links for each in (STICK, brother))
    assert first & second == {"faxmodem-0572-1329-24680246"}
    assert len(first) == len(second) == 2


def test_an_ftdi_adapter_hands_on_at_once_and_nothing_else(tmp_path: Path) -> None:
    plugged = events([FTDI], OURS, tmp_path)
    assert plugged[FTDI.bridge].written == {"latency_timer": "1"}
    assert "ID_MM_DEVICE_IGNORE" not in plugged[FTDI.port].properties
    assert plugged[FTDI.port].fax_links == set()


def test_an_adapter_that_the_admin_tells_of_is_a_fax_modem(tmp_path: Path) -> None:
    """By the very lines that the head of the rules gives as an example."""
    examples = [line[2:].strip() for line in OURS[RULES.name].splitlines() if line.startswith("#   SUB")]
    local = {"69-faxhw-local.rules": "\n".join(examples) + "\n"}
    other = Plugged("0403:6001", "A900XYZ2", place="1-2", tty="ttyUSB1", driver="ftdi_sio")
    plugged = events([FTDI, other], OURS | local, tmp_path)
    assert plugged[FTDI.port].properties["ID_MM_DEVICE_IGNORE"] == "1"
    assert plugged[FTDI.port].fax_links == {
        "faxmodem-0403-6001-A900XYZ1",
        "faxmodem-at-pci-0000:00:14.0-usb-0:1:1.0-port0",
    }
    assert plugged[other.port].fax_links == set()


@pytest.mark.parametrize(
    "stranger",
    [
        Plugged("12d1:1506", tty="ttyUSB0", driver="option"),
        Plugged("2341:0043", "85430353031351D0B1E2"),
        Plugged("0572:1300"),
        Plugged("0572:1253"),
        Plugged("0483:7554"),
        Plugged("1690:0104"),
    ],
    ids=["LTE stick", "Arduino", "Conexant HSF", "Zoom HCF", "ST software modem", "Askey HCF"],
)
def test_others_get_nothing(stranger: Plugged, tmp_path: Path) -> None:
    without = events([stranger], {}, tmp_path / "without")
    having = events([stranger], OURS, tmp_path / "having")
    assert having == without


def test_udev_finds_no_fault_with_them(tmp_path: Path) -> None:
    help_text = subprocess.run(["udevadm", "--help"], capture_output=True, text=True, check=True).stdout
    if " verify " in help_text:  # since systemd 254
        ended = subprocess.run(["udevadm", "verify", str(RULES)], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    faulty = {RULES.name: OURS[RULES.name] + 'SUBSYSTEM=="tty", SYMLING+="fax"\n'}
    assert events([STICK], faulty, tmp_path / "faulty")[STICK.port].complaints
    assert events([STICK], OURS, tmp_path / "ours")[STICK.port].complaints == []
