"""Our table of makers against libspandsp's opinion."""

from __future__ import annotations

import ctypes
import tomllib
from importlib import resources

import pytest

from faxhw.t30.nsf import facilities
from tests.installed import needs_libspandsp
from tests.interop.spandsp import library

pytestmark = [pytest.mark.interop, needs_libspandsp]


def makers() -> dict[str, str]:
    table = tomllib.loads((resources.files("faxhw.t30") / "nsf.toml").read_text("utf-8"))["makers"]
    assert isinstance(table, dict)
    return table


@pytest.mark.parametrize("code", makers())
def test_libspandsp_knows_the_same_makers(code: str) -> None:
    octets = bytes.fromhex(code) + bytes(20)
    country, vendor, model = ctypes.c_char_p(), ctypes.c_char_p(), ctypes.c_char_p()
    decode = ctypes.CDLL(library()).t35_decode
    decode(octets, len(octets), ctypes.byref(country), ctypes.byref(vendor), ctypes.byref(model))
    ours = facilities(octets)
    assert ours is not None
    assert ours.maker is not None
    assert country.value is not None
    assert country.value.decode() == ours.country
    assert vendor.value is not None
    assert ours.maker.split(" (")[0] in vendor.value.decode()
