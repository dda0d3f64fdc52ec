"""Streams to the virtual CAPI controller: any octets in any pieces, in either framing."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.capi import structures
from faxhw.capi.framing import FritzboxFraming, RcapiFraming
from faxhw.capi.messages import LAYOUTS, decode, encode, message
from faxhw.t30.answering import answer
from faxhw.terms import Settings
from faxhw_drivers.sim import Station
from faxhw_drivers.sim.capi.controller import Controller
from faxhw_drivers.sim.capi.model import Faults, Model
from faxhw_drivers.sim.capi.peer import Peer
from faxhw_drivers.sim.exchange import Exchange
from faxhw_drivers.sim.world import World
from tests.virtual.capi import fax_protocol

FRAMINGS: list[type[FritzboxFraming | RcapiFraming]] = [FritzboxFraming, RcapiFraming]
REGISTER = encode(
    message(
        "INTEROPERABILITY_REQ",
        number=1,
        selector=2,
        request=structures.build(
            structures.REMOTE_FUNCTION,
            function=structures.REMOTE_REGISTER,
            parameters=structures.build(structures.REGISTER, connections=1, blocks=7, block_size=2048),
        ),
    )
)
RCAPI_REGISTER = encode(message("RCAPI_REGISTER_REQ", connections=1, blocks=7, block_size=2048))
LISTEN = encode(message("LISTEN_REQ", application=1, number=7, controller=1, cip_mask=1))


class Stream:
    """The client's end of a stream."""

    def __init__(
        self,
        controller: Controller | None = None,
        framing: type[FritzboxFraming | RcapiFraming] = FritzboxFraming,
    ) -> None:
        world = World()
        self.world = world
        exchange = Exchange(world)
        self.controller = controller or Controller(world, exchange, ["5031"])
        if controller is None:
            Station(world, exchange, "200").answer_with(lambda: answer(Settings()))
        self.framing = framing()
        self.heard = b""
        self.closed = 0
        self.peer = Peer(self.controller, self._hears, self._is_closed)

    def _hears(self, octets: bytes) -> None:
        self.heard += octets

    def _is_closed(self) -> None:
        self.closed += 1

    def say(self, *octets: bytes) -> list[bytes]:
        """Messages; those that come back."""
        for each in octets:
            self.peer.feed(self.framing.frame(each))
        heard, self.heard = self.heard, b""
        return self.framing.feed(heard)

    def registered(self) -> Stream:
        rcapi = isinstance(self.framing, RcapiFraming)
        (answer,) = self.say(RCAPI_REGISTER if rcapi else REGISTER)
        assert decode(answer).name.endswith("_CONF")
        return self


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_messages_in_any_pieces(framing: type[FritzboxFraming | RcapiFraming], size: int) -> None:
    stream = Stream(framing=framing)
    register = RCAPI_REGISTER if framing is RcapiFraming else REGISTER
    octets = stream.framing.frame(register) + stream.framing.frame(LISTEN) * 2
    for start in range(0, len(octets), size):
        stream.peer.feed(octets[start : start + size])
    answers = [decode(each) for each in stream.framing.feed(stream.heard)]
    assert [each.name for each in answers][1:] == ["LISTEN_CONF"] * 2
    assert not stream.closed


def test_the_registration_as_libcapi20_reads_it() -> None:
    """An octet of length, the application at octet 2, the error at 16."""
    stream = Stream()
    stream.peer.feed(stream.framing.frame(REGISTER))
    assert stream.heard[:2] == bytes([0x80, len(stream.heard) - 2])
    body = stream.heard[2:]
    assert body[2:4] == b"\x01\x00"
    assert body[16:18] == b"\x00\x00"


def test_who_is_not_registered_may_say_nothing() -> None:
    stream = Stream()
    (answer,) = stream.say(LISTEN)
    assert decode(answer).integer("info") == 0x1101


def test_an_application_has_the_number_that_it_was_given() -> None:
    stream = Stream().registered()
    (answer,) = stream.say(encode(message("LISTEN_REQ", application=2, controller=1)))
    assert decode(answer).integer("info") == 0x1101
    rcapi = Stream(framing=RcapiFraming).registered()
    (answer,) = rcapi.say(encode(message("LISTEN_REQ", application=99, controller=1)))
    assert decode(answer).integer("info") == 0


@pytest.mark.parametrize("framing", FRAMINGS)
def test_registering_twice(framing: type[FritzboxFraming | RcapiFraming]) -> None:
    stream = Stream(framing=framing).registered()
    (again,) = stream.say(RCAPI_REGISTER if framing is RcapiFraming else REGISTER)
    assert again[-2:] == b"\x07\x10"


def test_releasing_closes_the_stream_and_forgets_the_application() -> None:
    stream = Stream().registered()
    release = structures.build(structures.REMOTE_FUNCTION, function=structures.REMOTE_RELEASE)
    (answer,) = stream.say(encode(message("INTEROPERABILITY_REQ", selector=2, request=release)))
    assert decode(answer).name == "INTEROPERABILITY_CONF"
    assert stream.closed == 1
    (answer,) = Stream(stream.controller).say(REGISTER)
    assert decode(answer).application == 1


def test_what_rcapi_is_asked_before_any_registration() -> None:
    stream = Stream(framing=RcapiFraming)
    wanted = ("MANUFACTURER", "VERSION", "SERIAL", "PROFILE")
    made = [encode(message(f"RCAPI_{each}_REQ", controller=1)) for each in wanted]
    maker, version, serial, profile = (decode(each) for each in stream.say(*made))
    assert maker.octets("text") == b"faxhw".ljust(64, b"\0")
    assert version.octets("version").hex() == "02000000000000000100000000000000"
    assert serial.octets("text") == b"0005031\0"
    assert (profile.integer("info"), len(profile.octets("profile"))) == (0, 64)
    (refused,) = stream.say(encode(message("RCAPI_PROFILE_REQ", controller=9)))
    assert decode(refused).integer("info") == 0x2002
    (answer,) = stream.say(encode(message("RCAPI_USER_REQ", user=b"somebody")))
    assert decode(answer).name == "RCAPI_USER_CONF"


@pytest.mark.parametrize("framing", FRAMINGS)
def test_messages_of_wrong_length_are_refused_and_the_stream_goes_on(
    framing: type[FritzboxFraming | RcapiFraming],
) -> None:
    stream = Stream(framing=framing).registered()
    (refused,) = stream.say(LISTEN[:-1])
    assert (decode(refused).name, decode(refused).integer("info")) == ("LISTEN_CONF", 0x1102)
    assert decode(refused).number == 7
    assert stream.say(LISTEN[:9]) == []
    (answer,) = stream.say(LISTEN)
    assert decode(answer).integer("info") == 0


@pytest.mark.parametrize(
    "octets", [b"\x80\xfe\xff\x00", b"\x80\x00\x00\x00\x00", b"\x7f\xff", b"\x00\x00GET"]
)
def test_lengths_that_are_none_end_the_stream(octets: bytes) -> None:
    stream = Stream()
    stream.peer.feed(octets)
    assert stream.closed == 1
    stream.peer.feed(b"\x80more")
    assert stream.heard == b""


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_octets_at_all(octets: bytes, rcapi: bool) -> None:
    stream = Stream(framing=RcapiFraming if rcapi else FritzboxFraming).registered()
    stream.peer.feed(octets)
    stream.peer.gone()


NAMES = sorted(name for name, each in LAYOUTS.items() if not each.is_remote and "INTEROP" not in name)


@pytest.mark.parametrize("seed", range(20))
def test_any_messages_in_any_order(seed: int) -> None:
    """With parameters by chance, some of them sensible, and time that passes in between."""
    chance = Random(seed)
    stream = Stream(framing=chance.choice(FRAMINGS)).registered()
    sensible: dict[str, list[int | bytes]] = {
        "controller": [1],
        "plci": [0x101, 0x101, 0x201],
        "ncci": [0x10101],
        "cip": [17],
        "cip_mask": [1],
        "reject": [0, 1, 2],
        "called": [b"\x80200", b"\x805031"],
        "b": [fax_protocol(), b""],
        "handle": [1, 2, 3],
    }
    for _ in range(1000):
        name = chance.choice(NAMES)
        made = message(name, application=1)
        for each, value in made.values.items():
            if each in sensible and chance.random() < 0.9:
                made.values[each] = chance.choice(sensible[each])
            elif isinstance(value, bytes) and chance.random() < 0.3:
                made.values[each] = chance.randbytes(chance.randrange(20))
        stream.say(encode(made))
        stream.world.run_until(stream.world.now + chance.choice([0.0, 0.1, 5.0]))
    stream.peer.gone()
    stream.world.run_until(stream.world.now + 200)


def test_messages_that_are_cut_short_on_purpose() -> None:
    world = World()
    faults = Faults(cut_short=frozenset({"LISTEN_CONF"}))
    controller = Controller(world, Exchange(world), ["5031"], model=Model(), faults=faults)
    (answer,) = Stream(controller).registered().say(LISTEN)
    assert len(answer) == 13
