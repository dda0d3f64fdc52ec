"""DAHDI's requests and structures, against literal values of its user API on Linux (x86, ARM, RISC-V)."""

from __future__ import annotations

import sys

import pytest

from faxhw_drivers.dsp.dahdi import ioctls
from faxhw_drivers.dsp.dahdi.ioctls import Event, Flush, Hook, Params

REQUESTS = {
    "SET_BLOCKSIZE": 0x4004DA01,
    "FLUSH": 0x4004DA03,
    "GET_PARAMS": 0xC088DA05,
    "HOOK": 0x4004DA07,
    "GETEVENT": 0x8004DA08,
    "SET_BUFINFO": 0x4018DA1B,
    "DIAL": 0x4104DA1F,
    "ECHOCANCEL": 0x4004DA21,
    "SPECIFY": 0x4004DA26,
    "SETLAW": 0x4004DA27,
    "SETLINEAR": 0x4004DA28,
}


def test_every_request_has_its_number() -> None:
    assert {each.name: each.request for each in ioctls.IOCTLS} == REQUESTS


def test_structures_have_their_sizes() -> None:
    sizes = (ioctls.PARAMS.size, ioctls.BUFFER_INFO.size, ioctls.DIAL_OPERATION.size)
    assert sizes == (136, 24, 260)


@pytest.mark.parametrize(
    ("event", "number"),
    [
        (Event.ONHOOK, 1),
        (Event.RINGOFFHOOK, 2),
        (Event.ALARM, 4),
        (Event.NOALARM, 5),
        (Event.DIALCOMPLETE, 9),
        (Event.HOOKCOMPLETE, 12),
        (Event.POLARITY, 17),
        (Event.RINGBEGIN, 18),
        (Event.REMOVED, 20),
    ],
)
def test_events_have_their_numbers(event: Event, number: int) -> None:
    assert event == number


def test_arguments_have_their_numbers() -> None:
    assert (Hook.ON, Hook.OFF) == (0, 1)
    assert (Flush.READ, Flush.WRITE, Flush.EVENT) == (1, 2, 4)
    assert (ioctls.POLICY_IMMEDIATE, ioctls.DIAL_REPLACE, ioctls.ELAST) == (0, 2, 500)
    assert (ioctls.LAW_MULAW, ioctls.LAW_ALAW) == (1, 2)
    assert (ioctls.FXO_SIGNALLING, ioctls.FXS_SIGNALLING) == (0x1000, 0x2000)


def test_parameters_are_read_where_they_stand() -> None:
    octets = bytearray(136)
    for place, value in ((0, 7), (4, 2), (12, 0x2004), (40, 2), (132, 4)):
        octets[place : place + 4] = value.to_bytes(4, sys.byteorder)
    octets[48:60] = b"WCTDM/4/0\0XX"
    assert Params.parse(bytes(octets)) == Params(7, 2, 0x2004, 2, "WCTDM/4/0", 4)


def test_a_name_without_an_end_or_with_strange_characters_is_bounded_and_printable() -> None:
    octets = bytearray(136)
    octets[48:88] = b"\x1b[2J\xff" + b"n" * 35
    name = Params.parse(bytes(octets)).name
    assert name.isprintable()
    assert len(name) <= 40
