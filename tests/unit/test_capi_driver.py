"""The driver ``capi``: registration, options, call control, messages that make no sense."""

from __future__ import annotations

from itertools import pairwise

import pytest

from faxhw.capi.messages import Message, encode, message
from faxhw.device import CallResult
from faxhw.errors import DeviceError, PortError, UsageError
from faxhw_drivers.capi import driver
from faxhw_drivers.capi.library import LibraryTransport, load
from faxhw_drivers.capi.wishes import place, read
from tests.installed import needs_software_modem
from tests.unit.capi_bench import PLCI, SOUND, Controller

# ----------------------------------------------------------------------------------------------------------
# Registration and options


@pytest.mark.parametrize("rcapi", [False, True])
def test_a_controller_is_registered_with_and_asked_for_its_profile(*, rcapi: bool) -> None:
    box = Controller(rcapi=rcapi)
    device = box.open()
    assert device.description == "CAPI controller 1, T.30 in the card"
    device.close()
    assert len(box.heard) == (2 if rcapi else 3)  # a FRITZ!Box is told of the release


@pytest.mark.parametrize("rcapi", [False, True])
def test_a_registration_that_is_refused(*, rcapi: bool) -> None:
    with pytest.raises(DeviceError, match=r"refuses the registration \(0x1001: The CAPI has too many"):
        Controller(info=0x1001, rcapi=rcapi).open()


def test_where_nobody_answers() -> None:
    box = Controller()
    box.on["INTEROPERABILITY_REQ"] = lambda each: None
    with pytest.raises(DeviceError, match="no CAPI answers there"):
        box.open()
    assert box.clock.monotonic() < 30


def test_where_something_else_answers() -> None:
    box = Controller()
    box.on["INTEROPERABILITY_REQ"] = lambda each: box.octets(b"HTTP/1.0 400 Bad Request\r\n")
    with pytest.raises(DeviceError, match="capi:test: this is no CAPI"):
        box.open()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mns": "1"}, "did you mean msn"),
        ({"mode": "both"}, "mode=both: it must be one of auto, card, sound"),
        ({"msn": "12a"}, "'12a' is not a telephone number"),
        ({"law": "b"}, "law=b"),
        ({"cip": "1"}, "cip=1"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        driver.check_options(options)


@pytest.mark.parametrize(
    "port",
    [
        "",
        "0",
        "128",
        "x",
        "9" * 5000,
        "tcp://",
        "tcp://host:0/1",
        "tcp://host/200",
        "udp://h/1",
        "tcp://h:99999",
    ],
)
def test_device_strings_that_name_nothing(port: str) -> None:
    with pytest.raises(UsageError, match="capi:"):
        place(port)


def test_device_strings() -> None:
    assert place("2").is_local
    assert place("2").controller == 2
    assert place("tcp://fritz.box/1").url == "socket://fritz.box:5031"
    assert place("rcapi://10.0.0.1").url == "socket://10.0.0.1:2662"
    assert place("tcp://[::1]:99/3").controller == 3


def test_whose_calls_are_ours() -> None:
    wishes = read({"msn": "5031, 77"})
    assert [wishes.is_ours(each) for each in ("30125031", "5031", "77", "5032", "")] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert wishes.calling == "5031"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faxhw_drivers.capi.library._NAMES", ("libnone.so.1",))
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    with pytest.raises(
        DeviceError, match="capi:1: libcapi20 is not installed; install the package libcapi20-3"
    ):
        load("capi:1")


def test_a_host_without_a_capi_says_so() -> None:
    class Library:
        @staticmethod
        def capi20_isinstalled() -> int:
            return 0x1009

    with pytest.raises(DeviceError, match=r"capi:1: this host has no CAPI \(0x1009"):
        LibraryTransport("capi:1", Library())  # type: ignore[arg-type]  # what is used of it


def test_boxes_in_the_network_are_not_looked_for() -> None:
    assert all(each.device == "capi:1" for each in driver.devices())


@needs_software_modem
def test_what_a_probe_tells() -> None:
    from faxhw_drivers.capi.driver import report  # noqa: PLC0415 - an inner part

    device = Controller(profile=SOUND).open()
    told = report(device, "capi")  # type: ignore[arg-type]  # it is the driver's own
    assert told.identity["B3"] == "0x00000001"
    assert "T.30" in told.findings[0].what


# ----------------------------------------------------------------------------------------------------------
# Call control


def test_a_call_that_comes_in_is_alerted_and_told() -> None:
    box = Controller()
    device = box.open()
    box.rings(calling=b"\x00\xa0999")
    ring = device.wait_for_call(10.0)
    assert ring is not None
    assert (ring.call_from, ring.call_to, ring.no_number) == ("", "123", "WITHHELD")
    assert "ALERT_REQ" in box.names()
    assert box.last("LISTEN_REQ").integer("cip_mask") == 1 << 1 | 1 << 4 | 1 << 16 | 1 << 17


def test_a_second_call_is_left_to_others() -> None:
    box = Controller()
    device = box.open()
    box.rings()
    box.later(2.0, "CONNECT_IND", plci=0x0201, cip=17, called=b"\x80123")
    assert device.wait_for_call(10.0) is not None
    box.clock.sleep(5.0)
    assert device.keep_ringing()
    answer = box.last("CONNECT_RESP")
    assert (answer.integer("plci"), answer.integer("reject")) == (0x0201, 1)


@pytest.mark.parametrize(("why", "reject"), [("", 0x3495), ("BUSY", 3), ("NORMAL", 2), ("CHANGED", 0x3496)])
def test_a_call_is_declined(why: str, reject: int) -> None:
    box = Controller()
    device = box.open()
    box.rings()
    device.wait_for_call(10.0)
    device.decline(why) if why else device.reject()  # type: ignore[attr-defined]  # Declining
    box.clock.sleep(1.0)
    assert box.last("CONNECT_RESP").integer("reject") == reject


def test_messages_of_nothing_that_is_known_are_answered_and_passed_over() -> None:
    box = Controller()
    device = box.open()
    device.wait_for_call(0.5)
    box.say("DISCONNECT_IND", plci=0x0901, reason=0x3490)
    box.say("DATA_B3_IND", b"data", ncci=0x00020901, handle=3)
    box.say("CONNECT_B3_IND", ncci=0x00020901)
    box.say("DATA_B3_CONF", ncci=0x00020901, handle=3)
    box.say("CONNECT_CONF", plci=0x0901)
    box.octets(box.framing.frame(encode(message("DISCONNECT_IND"))[:-1]))  # too short, and skipped
    box.rings()
    assert device.wait_for_call(10.0) is not None
    box.clock.sleep(1.0)
    names = box.names()
    assert {"DISCONNECT_RESP", "DATA_B3_RESP", "CONNECT_B3_RESP"} <= set(names)
    assert box.last("CONNECT_B3_RESP").integer("reject") == 2


def test_a_stream_that_makes_no_sense_is_made_anew() -> None:
    box = Controller()
    device = box.open()
    device.wait_for_call(0.5)
    box.octets(b"\x80\xff\xff\x01")
    box.rings()
    first = box.port
    assert device.wait_for_call(0.1) is None
    assert box.port is not first
    assert device.wait_for_call(10.0) is not None
    assert box.names().count("LISTEN_REQ") == 2


def test_an_international_number_is_dialled_as_one() -> None:
    box = Controller()
    device = box.open(calling="123")
    box.later(3.0, "CONNECT_ACTIVE_IND", plci=PLCI)
    assert device.dial("+49 (30) 12-34", 10.0) is CallResult.CONNECTED
    asked = box.last("CONNECT_REQ")
    assert (asked.octets("called"), asked.octets("calling")) == (b"\x9149301234", b"\x00\x80123")
    assert asked.integer("cip") == 17
    with pytest.raises(UsageError, match="cannot be dialled"):
        device.dial("12w34", 10.0)


def test_a_dialling_that_is_interrupted_lets_the_line_go() -> None:
    box = Controller()
    device = box.open()
    box.then("DISCONNECT_REQ", lambda: box.say("DISCONNECT_IND", plci=PLCI))
    box.world.call_later(5.0, device.cancel)
    assert device.dial("123", 60.0) is CallResult.TIMEOUT
    assert box.clock.monotonic() < 10
    assert "DISCONNECT_REQ" in box.names()


def test_a_connection_that_cannot_be_made_anew_is_waited_for_no_longer_than_asked() -> None:
    box = Controller()
    device = box.open()
    assert device.wait_for_call(0.5) is None
    box.on["INTEROPERABILITY_REQ"] = lambda each: None  # deaf from now on
    box.port.fail("the box was switched off")
    began = box.clock.monotonic()
    assert device.wait_for_call(5.0) is None
    assert box.clock.monotonic() - began < 15 + 5
    box.world.call_later(12.0, device.cancel)
    began = box.clock.monotonic()
    assert device.wait_for_call(None) is None
    assert box.clock.monotonic() - began < 12 + 15
    with pytest.raises(DeviceError, match="no CAPI answers there"):
        device.wait_for_call(None)


def test_a_connection_that_cannot_be_made_anew_is_given_up_over_short_waits_too() -> None:
    box = Controller()
    device = box.open()
    assert device.wait_for_call(0.5) is None
    tries: list[float] = []

    def refuse(each: Message) -> None:
        tries.append(box.clock.monotonic())
        box.port.fail("refused")

    box.on["INTEROPERABILITY_REQ"] = refuse
    box.port.fail("the box was switched off")
    waits = (device.wait_for_call(1.5) for _ in range(100))
    with pytest.raises(DeviceError, match="refused"):
        next(filter(None, waits))
    assert [round(after - before) for before, after in pairwise(tries)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("closes", [False, True])
def test_whoever_waits_for_a_slow_registration_can_be_stopped(*, closes: bool) -> None:
    box = Controller()
    device = box.open()
    assert device.wait_for_call(0.5) is None

    def answer_late(each: Message) -> None:
        box.world.call_later(3.0, lambda: box._box(each))

    box.on["INTEROPERABILITY_REQ"] = answer_late
    box.port.fail("the box was switched off")
    box.world.call_later(1.0, device.close if closes else device.cancel)
    began = box.clock.monotonic()
    if closes:
        with pytest.raises(DeviceError, match="the device was closed"):
            device.wait_for_call(60.0)
        with pytest.raises(PortError):
            box.port.read(0.0)  # and no application stays registered
    else:
        assert device.wait_for_call(60.0) is None
    assert box.clock.monotonic() - began < 10


def test_a_box_that_was_switched_off_is_found_to_be_gone() -> None:
    box = Controller()
    device = box.open()
    device.wait_for_call(0.5)
    first = box.port
    ports = [first]
    deaf: list[Message] = []

    def hear(each: Message) -> None:
        if box.port is first:
            deaf.append(each)
        else:
            box.confirm(each)
            ports.append(box.port)

    box.on["LISTEN_REQ"] = hear
    assert device.wait_for_call(100.0) is None
    assert len(deaf) == 1
    assert len(ports) == 2
    box.rings()
    assert device.wait_for_call(10.0) is not None


def test_a_call_that_rang_on_a_connection_that_is_lost_rings_no_more() -> None:
    box = Controller()
    device = box.open()
    box.rings()
    assert device.wait_for_call(10.0) is not None
    box.port.fail("the box was switched off")
    assert device.wait_for_call(5.0) is None
    assert not device.keep_ringing()
