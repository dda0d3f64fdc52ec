"""A-law and mu-law: the values of G.711, and the octet of every sample as libspandsp has it."""

from __future__ import annotations

import ctypes
from array import array

import pytest

from faxhw.audio.laws import Law, coded, compress, expand
from tests.installed import SPANDSP, needs_libspandsp

MODES = {Law.A: 0, Law.MU: 1}
"""libspandsp's names for the laws."""


def samples(*values: int) -> bytes:
    return array("h", values).tobytes()


# G.711 tables 1a to 2b: code as on the network, and decoder output, of 4096 and 8159 parts.
PUBLISHED = [
    (Law.A, 0x80 ^ 0x55, 1),
    (Law.A, 0xFF ^ 0x55, 4032),
    (Law.A, 0xC0 ^ 0x55, 264),
    (Law.A, 0x00 ^ 0x55, -1),
    (Law.A, 0x7F ^ 0x55, -4032),
    (Law.MU, 0xFF, 0),
    (Law.MU, 0x80, 8031),
    (Law.MU, 0x8F, 4191),
    (Law.MU, 0xEF, 33),
    (Law.MU, 0x7F, 0),
    (Law.MU, 0x00, -8031),
]


@pytest.mark.parametrize(("law", "octet", "output"), PUBLISHED)
def test_octets_have_the_values_of_the_recommendation(law: Law, octet: int, output: int) -> None:
    assert expand(bytes([octet]), law) == samples(output * (8 if law is Law.A else 4))


@pytest.mark.parametrize("law", Law)
def test_every_octet_comes_back(law: Law) -> None:
    octets = bytes(range(256))
    if law is Law.MU:
        octets = octets.replace(b"\x7f", b"\xff")  # negative nought is nought once it is a number
    assert compress(expand(octets, law), law) == octets


@pytest.mark.parametrize("law", Law)
def test_the_greatest_samples_are_limited(law: Law) -> None:
    assert compress(samples(32767, -32768), law) == compress(
        expand(compress(samples(32767, -32768), law), law), law
    )
    assert coded(law)[32767] == -coded(law)[-32768] == (32256 if law is Law.A else 32124)


@pytest.mark.parametrize("law", Law)
def test_both_conversions_at_once(law: Law) -> None:
    every = samples(*range(-32768, 32768, 7))
    assert (
        expand(compress(every, law), law)
        == array("h", [coded(law)[each] for each in array("h", every)]).tobytes()
    )


@needs_libspandsp
@pytest.mark.parametrize("law", Law)
def test_each_sample_is_coded_as_libspandsp_codes_it(law: Law) -> None:
    library = ctypes.CDLL(SPANDSP)
    library.g711_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.g711_init(None, MODES[law]))
    every = array("h", range(-32768, 32768))
    said = (ctypes.c_short * len(every))(*every)
    octets = (ctypes.c_ubyte * len(every))()
    heard = (ctypes.c_short * len(every))()
    library.g711_encode(state, octets, said, len(every))
    library.g711_decode(state, heard, octets, len(every))
    library.g711_free(state)
    ours = compress(every.tobytes(), law)
    differ = [sample for sample, a, b in zip(every, ours, bytes(octets), strict=True) if a != b]
    # G.711 gives a sample that is just a decision value to neither side: here, as in the program of G.191, a
    # negative one goes to the smaller output. In A-law libspandsp does the same.
    assert all(law is Law.MU and coded(law)[sample + 1] != coded(law)[sample - 1] for sample in differ)
    assert all(sample < 0 and sample % 4 == 0 for sample in differ)
    assert expand(bytes(octets), law) == bytes(heard)
