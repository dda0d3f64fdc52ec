"""The virtual CAPI controller's tables: who may say what when, and what is said to whom it may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from faxhw.capi import structures
from faxhw.capi.fields import Value, Values
from faxhw.capi.messages import LAYOUTS, Message, message
from faxhw_drivers.sim import Station, Tone
from faxhw_drivers.sim.capi.application import Application, filled
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.model import Faults, Info, Model
from faxhw_drivers.sim.capi.protocols import RefusedError, understand
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.signals import Digit, Signal
from faxhw_drivers.sim.world import World
from tests.virtual.capi import TRANSPARENT, fax_protocol

PLCI, NCCI = 0x101, 0x10101
TO: dict[str, Value] = {"called": structures.called_number("200"), "cip": 17, "b": fax_protocol()}


@dataclass
class Setting:
    """A controller with one application, and a far end."""

    controller: Controller
    world: World
    exchange: Exchange
    station: Station
    said: list[Message] = field(default_factory=list)
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.application = self.registers()

    def registers(self, **limits: int) -> Application:
        limits = {"connections": 1, "blocks": 7, "block_size": 2048} | limits
        return self.controller.register(
            self.said.append,
            lambda: None,
            connections=limits["connections"],
            blocks=limits["blocks"],
            block_size=limits["block_size"],
        )

    def put(self, name: str, values: dict[str, Value], data: bytes = b"") -> list[Message]:
        """Say something; what is said to it at once."""
        self.said.clear()
        self.controller.handle(self.application, filled(message(name, number=9, data=data), values))
        return list(self.said)

    def info(self, name: str, **values: Value) -> int:
        """The ``info`` of the confirmation of a request."""
        (answer,) = self.put(name, values)
        assert answer.name == name.removesuffix("_REQ") + "_CONF"
        assert answer.number == 9
        assert answer.application == self.application.number
        return answer.integer("info")

    def run(self, seconds: float) -> list[str]:
        """Let time pass; the names of what is said."""
        self.said.clear()
        self.world.run_until(self.world.now + seconds)
        return [each.name for each in self.said]

    def connected(self, protocol: bytes = b"") -> None:
        """A call stands, to a far end that makes no sound."""
        self.station.answer_with(Tone.SILENCE)
        assert self.info("CONNECT_REQ", controller=1, **(TO | {"b": protocol or TO["b"]})) == 0
        assert self.run(10) == ["CONNECT_ACTIVE_IND"]


def setting(model: Model | None = None, faults: Faults | None = None, numbers: int = 1) -> Setting:
    world = World()
    exchange = Exchange(world)
    msns = [str(5031 + place) for place in range(numbers)]
    controller = Controller(world, exchange, msns, model=model, faults=faults)
    return Setting(controller, world, exchange, Station(world, exchange, "200"))


# ----------------------------------------------------------------------------------------------------------
# Registration, profile


@pytest.mark.parametrize(
    ("limits", "info"),
    [({"connections": 0}, 0x1005), ({"blocks": 0}, 0x1002), ({"block_size": 127}, 0x1002)],
)
def test_limits_that_are_none(limits: dict[str, int], info: int) -> None:
    with pytest.raises(RefusedError) as caught:
        setting().registers(**limits)
    assert caught.value.info == info


def test_too_many_applications() -> None:
    world = setting(Model(most_applications=2))
    second = world.registers()
    with pytest.raises(RefusedError, match="0x1001"):
        world.registers()
    world.controller.release(second)
    assert world.registers().number == second.number


@pytest.mark.parametrize(("fax", "transparent"), [(True, True), (False, True), (True, False)])
def test_the_profile_tells_what_there_is(*, fax: bool, transparent: bool) -> None:
    controller = setting(Model(fax=fax, transparent=transparent), numbers=3).controller
    octets = controller.profile(1)
    assert len(octets) == 64
    found = structures.profile(octets)
    assert found.channels == 3
    assert found.fax_protocol == (structures.B3_FAX_EXTENDED if fax else None)
    assert found.transparent is transparent
    assert structures.profile(controller.profile(0)).controllers == 1
    with pytest.raises(RefusedError, match="0x2002"):
        controller.profile(2)


# ----------------------------------------------------------------------------------------------------------
# B protocols


def b_protocol(b1: int, b2: int, b3: int, configuration: bytes = b"") -> bytes:
    return structures.build(structures.B_PROTOCOL, b1=b1, b2=b2, b3=b3, b3_configuration=configuration)


@pytest.mark.parametrize(
    ("octets", "info"),
    [
        (b"", 0x3001),  # what an empty structure stands for is X.75
        (b_protocol(0, 0, 0), 0x3001),
        (b_protocol(4, 0, 4), 0x3002),
        (b_protocol(4, 4, 7), 0x3003),
        (b_protocol(4, 4, 0), 0x3007),
        (b_protocol(1, 4, 4), 0x3007),
        (b_protocol(4, 4, 4)[:-1], 0x2007),
        (b_protocol(4, 4, 4, b"\x01"), 0x2007),
        (b_protocol(4, 4, 5, structures.build(structures.FAX, format=1)), 0x2007),
    ],
)
def test_protocols_that_there_are_not(octets: bytes, info: int) -> None:
    with pytest.raises(RefusedError) as caught:
        understand(octets, Model())
    assert caught.value.info == info


def test_the_controller_says_so() -> None:
    world = setting(Model(transparent=False))
    assert world.info("CONNECT_REQ", controller=1, **(TO | {"b": TRANSPARENT})) == Info.NO_SUCH_B1
    world.connected()
    assert world.info("SELECT_B_PROTOCOL_REQ", plci=PLCI, b=TRANSPARENT) == Info.NO_SUCH_B1
    assert world.info("SELECT_B_PROTOCOL_REQ", plci=PLCI, b=fax_protocol()) == 0


def test_an_ident_keeps_what_t30_has_characters_for() -> None:
    configuration = structures.build(structures.FAX, ident=b"Fax +49 30 5031 5031 5031 5031")
    found = understand(b_protocol(4, 4, 4, configuration), Model())
    assert found.ident == " +49 30 5031 5031 50"


# ----------------------------------------------------------------------------------------------------------
# Handles and states

_OF_PLCI = [name for name, each in LAYOUTS.items() if each.form and each.form[0].name == "plci"]
_OF_NCCI = [name for name, each in LAYOUTS.items() if each.form and each.form[0].name == "ncci"]
REQUESTS = [name for name in (*_OF_PLCI, *_OF_NCCI) if name.endswith("_REQ")]
RESPONSES = [name for name in (*_OF_PLCI, *_OF_NCCI) if name.endswith("_RESP")]


@pytest.mark.parametrize("address", [0, 1, PLCI, NCCI, 0xFFFFFFFF])
@pytest.mark.parametrize("name", REQUESTS)
def test_requests_for_what_there_is_not(name: str, address: int) -> None:
    world = setting()
    assert world.info(name, **{LAYOUTS[name].form[0].name: address}) == Info.UNKNOWN_ADDRESS


@pytest.mark.parametrize("name", RESPONSES)
def test_responses_to_nothing(name: str) -> None:
    world = setting()
    assert world.put(name, {LAYOUTS[name].form[0].name: PLCI}) == []
    world.connected()
    assert world.put(name, {LAYOUTS[name].form[0].name: NCCI}) == []


@pytest.mark.parametrize("name", ["LISTEN_REQ", "CONNECT_REQ"])
def test_another_controller(name: str) -> None:
    assert setting().info(name, controller=2) == Info.UNKNOWN_ADDRESS


def test_calls_of_another_application_are_none_of_ours() -> None:
    world = setting()
    world.connected()
    world.application = world.registers()
    assert world.info("DISCONNECT_REQ", plci=PLCI) == Info.UNKNOWN_ADDRESS


@pytest.mark.parametrize(
    ("values", "info"),
    [
        ({"cip": 2}, Info.ILLEGAL_PARAMETER),
        ({"called": b""}, Info.ILLEGAL_PARAMETER),
        ({"called": b"\x80"}, Info.ILLEGAL_PARAMETER),
    ],
)
def test_calls_that_cannot_be_made(values: dict[str, Value], info: Info) -> None:
    assert setting().info("CONNECT_REQ", controller=1, **(TO | values)) == info


def test_as_many_calls_as_lines() -> None:
    world = setting(numbers=2)
    for _ in range(2):
        assert world.info("CONNECT_REQ", controller=1, **TO) == 0
    assert world.info("CONNECT_REQ", controller=1, **TO) == Info.OUT_OF_PLCI


def test_no_more_b3_connections_than_were_registered_for() -> None:
    world = setting(numbers=2)
    for number in ("301", "302"):
        Station(world.world, world.exchange, number).answer_with(Tone.SILENCE)
        to = TO | {"called": structures.called_number(number)}
        assert world.info("CONNECT_REQ", controller=1, **to) == 0
    assert world.run(10) == ["CONNECT_ACTIVE_IND"] * 2
    assert world.put("CONNECT_B3_REQ", {"plci": PLCI})[0].integer("info") == 0
    assert world.info("CONNECT_B3_REQ", plci=0x201) == Info.OUT_OF_NCCI


def test_a_call_goes_out_on_the_line_whose_number_it_shows() -> None:
    world = setting(numbers=2)
    shown = {"calling": structures.calling_number("5032")}
    assert world.info("CONNECT_REQ", controller=1, **TO, **shown) == 0
    world.run(5)
    assert world.station.phone.call is not None
    assert world.station.phone.call.caller.number == "5032"
    assert world.info("CONNECT_REQ", controller=1, **TO, **shown) == Info.OUT_OF_PLCI


@pytest.mark.parametrize(
    ("request_name", "values"),
    [
        ("ALERT_REQ", {}),
        ("CONNECT_B3_REQ", {}),
        ("SELECT_B_PROTOCOL_REQ", {"b": fax_protocol()}),
    ],
)
def test_too_early_for_a_call_that_is_not_connected(request_name: str, values: dict[str, Value]) -> None:
    world = setting()
    assert world.info("CONNECT_REQ", controller=1, **TO) == 0
    assert world.info(request_name, plci=PLCI, **values) == Info.WRONG_STATE


def test_what_may_not_be_said_of_a_b3_connection_yet() -> None:
    world = setting()
    world.connected()
    assert [each.name for each in world.put("CONNECT_B3_REQ", {"plci": PLCI})] == ["CONNECT_B3_CONF"]
    assert world.info("CONNECT_B3_REQ", plci=PLCI) == Info.OUT_OF_NCCI
    assert world.info("SELECT_B_PROTOCOL_REQ", plci=PLCI, b=fax_protocol()) == Info.WRONG_STATE
    assert world.info("DATA_B3_REQ", ncci=NCCI, handle=3) == Info.WRONG_STATE
    assert world.info("FACILITY_REQ", plci=PLCI, selector=3) == Info.NO_SUCH_FACILITY
    assert world.info("INFO_REQ", plci=PLCI) == 0


def test_disconnecting_ends_what_is_connected_first() -> None:
    world = setting()
    world.connected()
    world.put("CONNECT_B3_REQ", {"plci": PLCI})
    said = world.put("DISCONNECT_REQ", {"plci": PLCI})
    assert [each.name for each in said] == ["DISCONNECT_CONF"] + ["DISCONNECT_B3_IND"] * (len(said) - 1)
    assert len(said) == 2 or world.run(10) == ["DISCONNECT_B3_IND"]
    assert world.info("DISCONNECT_REQ", plci=PLCI) == Info.WRONG_STATE
    assert [each.name for each in world.put("DISCONNECT_B3_RESP", {"ncci": NCCI})] == ["DISCONNECT_IND"]
    assert world.put("DISCONNECT_RESP", {"plci": PLCI}) == []
    assert world.info("DISCONNECT_REQ", plci=PLCI) == Info.UNKNOWN_ADDRESS
    world.run(5)
    assert world.info("CONNECT_REQ", controller=1, **TO) == 0


def test_an_application_that_goes_takes_its_calls_with_it() -> None:
    world = setting()
    world.connected()
    world.put("CONNECT_B3_REQ", {"plci": PLCI})
    world.controller.release(world.application)
    assert world.run(60) == []
    assert world.station.calls[0].ended is not None
    world.application = world.registers()
    assert world.info("CONNECT_REQ", controller=1, **TO) == 0


# ----------------------------------------------------------------------------------------------------------
# DTMF


def dtmf(function: int, digits: bytes = b"") -> bytes:
    return structures.build(structures.DTMF_REQUEST, function=function, tone=60, gap=60, digits=digits)


def test_digits_that_the_far_end_presses_are_told_when_they_are_listened_for() -> None:
    world = setting()
    world.connected()
    world.station.press("12")
    assert world.run(1) == []
    (answer,) = world.put("FACILITY_REQ", {"plci": PLCI, "selector": 1, "request": dtmf(1)})
    assert (answer.integer("selector"), answer.octets("confirmation")) == (1, b"\0\0")
    world.station.press("3#")
    assert world.run(1) == ["FACILITY_IND"] * 2
    assert [each.octets("indication") for each in world.said] == [b"3", b"#"]
    assert world.info("FACILITY_REQ", plci=PLCI, selector=1, request=dtmf(2)) == 0
    world.station.press("4")
    assert world.run(1) == []


def test_digits_are_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = setting()
    world.connected()
    heard: list[Signal] = []
    monkeypatch.setattr(world.station, "hears", heard.append)
    assert world.info("FACILITY_REQ", plci=PLCI, selector=1, request=dtmf(3, b"9*")) == 0
    world.run(1)
    assert heard == [Digit("9"), Tone.SILENCE, Digit("*"), Tone.SILENCE]


@pytest.mark.parametrize("request_octets", [dtmf(3, b"x"), dtmf(9), b"\x01"])
def test_requests_for_digits_that_are_none(request_octets: bytes) -> None:
    world = setting()
    world.connected()
    info = world.info("FACILITY_REQ", plci=PLCI, selector=1, request=request_octets)
    assert info == Info.ILLEGAL_PARAMETER


# ----------------------------------------------------------------------------------------------------------
# Data


def sounding() -> Setting:
    """A connection for sound, with nothing to hear and nobody who listens."""
    world = setting()
    world.connected(TRANSPARENT)
    names = [each.name for each in world.put("CONNECT_B3_REQ", {"plci": PLCI})]
    assert names == ["CONNECT_B3_CONF", "CONNECT_B3_ACTIVE_IND"]
    world.put("CONNECT_B3_ACTIVE_RESP", {"ncci": NCCI})
    return world


def test_sound_is_heard_every_20_ms_as_far_as_the_window_goes() -> None:
    world = sounding()
    assert world.run(1) == ["DATA_B3_IND"] * 7
    handles = [each.integer("handle") for each in world.said]
    assert handles == list(range(1, 8))
    (more,) = world.put("DATA_B3_RESP", {"ncci": NCCI, "handle": 3})
    assert more.integer("handle") == 8
    assert world.put("DATA_B3_RESP", {"ncci": NCCI, "handle": 3}) == []


def test_more_data_than_may_wait_for_confirmations() -> None:
    world = sounding()
    for handle in range(8):
        assert world.put("DATA_B3_REQ", {"ncci": NCCI, "handle": handle}, bytes(2048)) == []
    (refused,) = world.put("DATA_B3_REQ", {"ncci": NCCI, "handle": 9}, bytes(100))
    assert (refused.integer("handle"), refused.integer("info")) == (9, Info.QUEUE_FULL)
    world.run(0.3)
    assert [each.integer("handle") for each in world.said if each.name == "DATA_B3_CONF"] == [0]


def test_a_block_that_is_too_long() -> None:
    world = setting()
    world.application = world.registers(block_size=128)
    world.connected(TRANSPARENT)
    world.put("CONNECT_B3_REQ", {"plci": PLCI})
    (refused,) = world.put("DATA_B3_REQ", {"ncci": NCCI}, bytes(129))
    assert refused.integer("info") == Info.DATA_TOO_LONG


# ----------------------------------------------------------------------------------------------------------
# Faults


def test_messages_that_are_never_confirmed() -> None:
    world = setting(faults=Faults(deaf_to=frozenset({"LISTEN_REQ"})))
    assert world.put("LISTEN_REQ", {"controller": 1}) == []


def test_every_message_has_its_deed_or_its_refusal() -> None:
    """Whatever is said, in whichever state: nothing but confirmations and indications comes of it."""
    deeds: list[Callable[[], Setting]] = [setting, sounding]
    for make in deeds:
        for name, layout in LAYOUTS.items():
            if layout.is_remote or not name.endswith(("_REQ", "_RESP")) or name.startswith("INTEROP"):
                continue
            for address in (1, PLCI, NCCI):
                world = make()
                values = Values({layout.form[0].name: address})
                said = world.put(name, dict(values))
                assert {each.name.rpartition("_")[2] for each in said} <= {"CONF", "IND"}
