"""CAPI messages, structures and framings: they say what was put in, and any octets are refused in one way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.capi import structures
from faxhw.capi.fields import CapiError, Kind, Parameter, Value, read, write, write_struct
from faxhw.capi.framing import LONGEST, FritzboxFraming, RcapiFraming
from faxhw.capi.messages import LAYOUTS, Message, decode, encode, message
from faxhw.capi.structures import FaxOption, Profile, ProfileOption

_WORDS = st.integers(0, 0xFFFF)


@st.composite
def _values(draw: st.DrawFn, form: tuple[Parameter, ...]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for each in form:
        if each.kind.value > 0:
            values[each.name] = draw(st.integers(0, (1 << 8 * each.kind.value) - 1))
        else:
            values[each.name] = draw(st.binary(max_size=300))
    return values


@st.composite
def _messages(draw: st.DrawFn) -> Message:
    layout = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    values = draw(_values(layout.form))
    data = draw(st.binary(max_size=2048)) if layout.has_data else b""
    return message(layout.name, application=draw(_WORDS), number=draw(_WORDS), data=data, **values)


@given(_messages())
def test_a_message_is_read_as_it_was_written(each: Message) -> None:
    assert decode(encode(each)) == each


@given(_messages(), st.data())
def test_a_message_that_is_cut_off_is_refused(each: Message, data: st.DataObject) -> None:
    octets = encode(each)
    with pytest.raises(CapiError):
        decode(octets[: data.draw(st.integers(0, len(octets) - 1))])


@given(_messages(), st.data())
def test_a_message_that_is_cut_off_and_says_so_is_a_message_or_refused(
    each: Message, data: st.DataObject
) -> None:
    octets = encode(each)
    octets = octets[: data.draw(st.integers(2, len(octets)))]
    _decode_or_refuse(len(octets).to_bytes(2, "little") + octets[2:])


@given(st.binary(max_size=100), st.sampled_from(sorted(LAYOUTS)))
def test_any_octets_are_a_message_or_refused(octets: bytes, name: str) -> None:
    layout = LAYOUTS[name]
    _decode_or_refuse(octets)
    head = (len(octets) + 8).to_bytes(2, "little") + bytes([0, 0, layout.command, layout.subcommand, 0, 0])
    _decode_or_refuse(head + octets)


def _decode_or_refuse(octets: bytes) -> None:
    with suppress(CapiError):
        encode(decode(octets))


def test_numbers_stand_least_octet_first() -> None:
    octets = encode(message("CONNECT_CONF", application=0x0102, number=0x0304, plci=0x05060708, info=0x090A))
    assert octets.hex(" ") == "0e 00 02 01 02 81 04 03 08 07 06 05 0a 09"


def test_data_stand_behind_the_message_and_are_not_in_its_length() -> None:
    octets = encode(message("DATA_B3_IND", ncci=0x00010101, handle=7, data=b"page"))
    assert octets[:2] == b"\x16\x00"
    assert octets[22:] == b"page"


@pytest.mark.parametrize("counted", [False, True])
def test_data_behind_a_pointer_of_64_bits_are_found(counted: bool) -> None:
    short = encode(message("DATA_B3_IND", ncci=5, handle=7, data=b"page"))
    total = 34 if counted else 30
    octets = total.to_bytes(2, "little") + short[2:22] + bytes(8) + b"page"
    assert decode(octets).data == b"page"


def test_a_message_says_which_parameters_there_are_not() -> None:
    with pytest.raises(ValueError, match="CONNECT_CONF has no ncci"):
        message("CONNECT_CONF", ncci=1)
    with pytest.raises(ValueError, match="info cannot be 65536"):
        encode(message("CONNECT_CONF", info=0x10000))
    with pytest.raises(TypeError, match="info is a number"):
        encode(message("CONNECT_CONF", info=b"1"))


@pytest.mark.parametrize("size", [0, 1, 254, 255, 256, 0xFFFF])
def test_structures_of_255_octets_and_more_have_a_long_length(size: int) -> None:
    form = (Parameter("it", Kind.STRUCT),)
    octets = write(form, {"it": bytes(size)})
    assert len(octets) == size + (1 if size < 255 else 3)
    assert read(form, octets, "it") == {"it": bytes(size)}
    for end in (0, 1, len(octets) - 1):
        if end < len(octets):
            with pytest.raises(CapiError):
                read(form, octets[:end], "it")


def test_a_structure_of_64_kilobytes_is_none() -> None:
    with pytest.raises(ValueError, match="65536 octets"):
        write_struct(bytes(0x10000))


# ----------------------------------------------------------------------------------------------------------
# Structures


def test_the_b_protocol_of_a_fax() -> None:
    fax = structures.build(structures.FAX, options=1, ident=b"+49 30", headline=b"us")
    octets = structures.build(structures.B_PROTOCOL, b1=4, b2=4, b3=5, b3_configuration=fax)
    assert octets.hex(" ") == "04 00 04 00 05 00 00 00 0e 01 00 00 00 06 2b 34 39 20 33 30 02 75 73"
    assert structures.parse(structures.B_PROTOCOL, octets).octets("b3_configuration") == fax


def test_an_empty_structure_is_as_usual() -> None:
    assert structures.parse(structures.B_PROTOCOL, b"").integer("b1") == 0
    assert structures.fax_facts(b"") == structures.FaxFacts()


def test_what_an_ncpi_says() -> None:
    octets = structures.build(
        structures.FAX_NCPI, rate=9600, options=0x8001, pages=3, ident=b" +49\x1b 30 \x00"
    )
    facts = structures.fax_facts(octets)
    assert (facts.rate, facts.pages, facts.ident) == (9600, 3, "+49 30")
    assert facts.options == FaxOption.HIGH_RESOLUTION | FaxOption.NO_ECM
    with pytest.raises(CapiError, match="NCPI of a fax"):
        structures.fax_facts(octets[:5])


@pytest.mark.parametrize(
    ("b1", "b2", "b3", "fax", "transparent"),
    [
        (0x13, 0x13, 0x31, 5, True),
        (0x13, 0x13, 0x11, 4, True),
        (0x03, 0x03, 0x31, None, True),
        (0x01, 0x01, 0x01, None, False),
        (0x10, 0x10, 0x30, 5, False),
    ],
)
def test_a_profile_tells_who_runs_t30(b1: int, b2: int, b3: int, fax: int | None, transparent: bool) -> None:
    profile = Profile(1, 2, ProfileOption.INTERNAL, b1, b2, b3)
    octets = structures.profile_octets(profile)
    assert len(octets) == structures.PROFILE_SIZE
    assert structures.profile(octets) == profile
    assert (profile.fax_protocol, profile.transparent) == (fax, transparent)


def test_a_short_profile_is_refused() -> None:
    with pytest.raises(CapiError, match="a profile of 19 octets is cut off"):
        structures.profile(bytes(19))


def test_telephone_numbers() -> None:
    assert structures.called_number("123") == b"\x80123"
    assert structures.read_number(structures.called_number("123")).digits == "123"
    hidden = structures.calling_number("030123", structures.RESTRICTED)
    assert hidden == b"\x00\xa0030123"
    assert structures.read_number(hidden) == structures.Number("030123", structures.RESTRICTED)
    assert structures.read_number(b"\x81030123").digits == "030123"
    assert structures.read_number(b"").digits == ""


# ----------------------------------------------------------------------------------------------------------
# Framings


def test_a_registration_at_a_fritzbox_is_framed_as_libcapi20_does() -> None:
    parameters = structures.build(structures.REGISTER, connections=2, blocks=7, block_size=2048)
    request = structures.build(structures.REMOTE_FUNCTION, function=0, parameters=parameters)
    octets = encode(
        message("INTEROPERABILITY_REQ", number=1, selector=structures.REMOTE_SELECTOR, request=request)
    )
    assert FritzboxFraming().frame(octets).hex(" ") == (
        "80 14 00 14 00 00 00 20 80 01 00 02 00 09 00 00 06 02 00 07 00 00 08"
    )


@given(st.lists(_messages(), max_size=4), st.lists(st.integers(0, 4000), max_size=6), st.booleans())
def test_frames_are_found_however_they_are_cut(
    messages: list[Message], cuts: list[int], fritzbox: bool
) -> None:
    framing = FritzboxFraming() if fritzbox else RcapiFraming()
    stream = b"".join(framing.frame(encode(each)) for each in messages)
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [octets for begin, end in pairwise(bounds) for octets in framing.feed(stream[begin:end])]
    assert [decode(octets) for octets in found] == messages


@given(_messages().filter(lambda each: len(encode(each)) <= 0xFF and not each.data))
def test_short_answers_of_a_fritzbox_are_found(each: Message) -> None:
    framing = FritzboxFraming()
    stream = framing.short_frame(encode(each)) + framing.frame(encode(each))
    found = [octets for octet in stream for octets in framing.feed(bytes([octet]))]
    assert [decode(octets) for octets in found] == [each, each]


@pytest.mark.parametrize("framing", [FritzboxFraming, RcapiFraming])
@given(octets=st.binary(max_size=200))
def test_any_octets_are_frames_or_refused(
    framing: Callable[[], FritzboxFraming | RcapiFraming], octets: bytes
) -> None:
    parser = framing()
    with suppress(CapiError):
        assert all(8 <= len(each) <= LONGEST for each in parser.feed(octets))


def test_rcapi_at_a_fritzbox_is_told() -> None:
    with pytest.raises(CapiError, match="is it rcapi"):
        FritzboxFraming().feed(RcapiFraming().frame(encode(message("RCAPI_REGISTER_REQ"))))
