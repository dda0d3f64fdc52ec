"""The octets of CDC-ACM: descriptors, line coding, notifications."""

from __future__ import annotations

import pytest

from faxhw.ports.usb.acm import (
    AcmFunction,
    Endpoint,
    Notifications,
    SerialState,
    acm_function,
    line_coding,
)
from tests import usb_descriptors as given

IN, OUT, NOTIFY = Endpoint(0x82, 64), Endpoint(0x02, 64), Endpoint(0x81, 64)


@pytest.mark.parametrize(
    ("configuration", "function"),
    [
        (given.CONEXANT, AcmFunction(0, 1, 0, IN, OUT, NOTIFY, 7)),
        (given.REGULAR, AcmFunction(0, 1, 0, IN, OUT, NOTIFY, 7)),
        (given.NO_UNION, AcmFunction(0, 1, 0, IN, OUT, NOTIFY, 7)),
        (given.SINGLE, AcmFunction(0, 0, 0, IN, OUT, NOTIFY, 7)),
        (given.NO_NOTIFICATIONS, AcmFunction(0, 1, 0, IN, OUT, None, 7)),
    ],
)
def test_modems(configuration: bytes, function: AcmFunction) -> None:
    assert acm_function(configuration) == function


def test_the_data_interface_that_the_union_names_and_not_the_first() -> None:
    other = (
        bytes.fromhex("09040200020a000000")
        + bytes.fromhex("07058302400001")
        + bytes.fromhex("07050302000201")
    )
    union = bytes.fromhex("0524060002")
    both = given.DATA + given.BULK_IN + given.BULK_OUT + other
    found = acm_function(given.configuration(given.CONTROL, union, given.NOTIFICATIONS, both, interfaces=3))
    assert found == AcmFunction(0, 2, 0, Endpoint(0x83, 64), Endpoint(0x03, 512), NOTIFY, 0)


def test_the_data_interface_that_call_management_names() -> None:
    vendors = bytes.fromhex("0904010002ff000000")
    found = acm_function(
        given.configuration(given.CONTROL, given.CALL_MANAGEMENT, vendors, given.BULK_IN, given.BULK_OUT)
    )
    assert found is not None
    assert (found.data, found.interfaces) == (1, (0, 1))


def test_the_alternate_setting_that_has_the_endpoints() -> None:
    idle, busy = bytes.fromhex("09040100000a000000"), bytes.fromhex("09040101020a000000")
    found = acm_function(
        given.configuration(given.CONTROL, given.FUNCTIONAL, idle, busy, given.BULK_IN, given.BULK_OUT)
    )
    assert found is not None
    assert (found.data, found.alternate) == (1, 1)


@pytest.mark.parametrize(
    "configuration",
    [
        b"",
        given.configuration(bytes.fromhex("0904000002ff000000"), given.BULK_IN, given.BULK_OUT, interfaces=1),
        given.configuration(given.CONTROL, given.FUNCTIONAL, given.NOTIFICATIONS, given.DATA, given.BULK_IN),
        given.configuration(bytes.fromhex("090400000202060000"), given.FUNCTIONAL, given.DATA),
    ],
)
def test_what_is_no_modem(configuration: bytes) -> None:
    assert acm_function(configuration) is None


@pytest.mark.parametrize(
    ("configuration", "complaint"),
    [
        (given.CONEXANT[:-1], "at octet 67 claims a length of 6"),
        (given.CONEXANT + b"\x00\x00", "at octet 73 claims a length of 0"),
        (given.configuration(bytes.fromhex("0604000001020201")[:6]), "type 0x04 is cut short"),
        (given.configuration(given.CONTROL, bytes.fromhex("0605810340 00")), "type 0x05 is cut short"),
        (given.configuration(given.CONTROL, b"\x02\x24"), "type 0x24 is cut short"),
        (given.configuration(given.CONTROL, bytes.fromhex("07058203000001")), "packets of no octets"),
    ],
)
def test_malformed_descriptors_are_refused(configuration: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        acm_function(configuration)


def test_no_cut_of_descriptors_is_anything_but_refused_or_read() -> None:
    for length in range(len(given.CONEXANT)):
        try:
            found = acm_function(given.CONEXANT[:length])
        except ValueError:
            continue
        assert found is None or (found.bulk_in, found.bulk_out) == (IN, OUT)


def test_line_coding() -> None:
    assert line_coding(115200) == bytes.fromhex("00c20100 00 00 08")


STATES = bytes.fromhex("a120000000000200 0300 a120000000000200 5b00")


def test_serial_states_at_every_split() -> None:
    expected = [SerialState(True, False), SerialState(True, True, ("framing error", "overrun"))]
    for first in range(len(STATES) + 1):
        for second in range(first, len(STATES) + 1):
            notifications = Notifications()
            pieces = STATES[:first], STATES[first:second], STATES[second:]
            assert [state for piece in pieces for state in notifications.feed(piece)] == expected


def test_what_is_no_serial_state_is_passed_over() -> None:
    network = bytes.fromhex("a100010000000000")
    short = bytes.fromhex("a120000000000100 01")
    enormous = bytes.fromhex("a120000000000080")
    for other in (network, short, enormous, b"\x00\xff"):
        assert Notifications().feed(other + STATES[:10]) == [SerialState(True, False)]
