"""The ids in the udev rules: those of the table, and of no other device."""

from __future__ import annotations

import re

import pytest

from faxhw.errors import UsageError
from faxhw.host.files import folder
from faxhw.host.rules import UsbModem, usb_modems, with_ids

RULES = (folder() / "70-faxhw.rules").read_text(encoding="utf-8")

STRANGERS = {
    *("0572:1253", "0572:1232", "0572:1234", "0572:1252", "0572:1300", "0483:7554", "0483:ff10", "16ec:2f00"),
    *("12d1:1506", "1199:68c0", "2341:0043", "0403:6001", "10c4:ea60"),
}
"""Software modems, sticks for mobile networks, an Arduino, adapters."""


def test_the_rules_have_the_ids_of_the_table() -> None:
    assert with_ids(RULES, usb_modems()) == RULES, "scripts/udev-rules.py writes them"
    assert with_ids(RULES, []) != RULES


def test_ids_are_as_udev_has_them_and_stand_once() -> None:
    ids = [f"{modem.vendor}:{modem.product}" for modem in usb_modems()]
    assert all(re.fullmatch("[0-9a-f]{4}:[0-9a-f]{4}", each) for each in ids)
    assert len(ids) == len(set(ids))
    assert not STRANGERS & set(ids)


def test_a_vendor_has_one_rule() -> None:
    modems = [
        UsbModem("0001", "000b", "Mill"),
        UsbModem("0002", "000c", "Press"),
        UsbModem("0001", "000a", "M"),
    ]
    ids = with_ids(RULES, modems).partition("scripts/udev-rules.py\n")[2].partition("# -- end")[0]
    assert ids.splitlines() == [
        "# M, Mill",
        'ATTRS{idVendor}=="0001", ATTRS{idProduct}=="000a|000b", ENV{FAXHW_MODEM}="1"',
        "# Press",
        'ATTRS{idVendor}=="0002", ATTRS{idProduct}=="000c", ENV{FAXHW_MODEM}="1"',
    ]


def test_rules_without_a_place_for_ids_are_refused() -> None:
    with pytest.raises(UsageError, match="no place for the ids"):
        with_ids('LABEL="faxhw_end"\n', usb_modems())
