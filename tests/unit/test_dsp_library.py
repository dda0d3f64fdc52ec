"""Finding and binding libspandsp, without it and with libraries that are not it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import pytest

from faxhw.device import Device
from faxhw.errors import DeviceError, UsageError
from faxhw.reports import DeviceInfo
from faxhw_drivers.dsp import driver
from faxhw_drivers.dsp.driver import DspDriver
from faxhw_drivers.dsp.library import library, load
from tests.installed import needs_software_modem

from .dsp_bench import FunctionPort


def _nowhere(name: str) -> ctypes.CDLL:
    raise OSError(f"{name}: cannot open shared object file")


def test_without_the_library_one_line_names_the_package() -> None:
    with pytest.raises(DeviceError, match=r"libspandsp.*not on this host: install libspandsp2") as caught:
        load(lambda _: None, _nowhere)
    assert "\n" not in str(caught.value)


def test_a_library_that_is_another_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"libspandsp.so.2 is no libspandsp .*install libspandsp2"):
        load(lambda _: None, lambda _: ctypes.PyDLL(None))


@needs_software_modem
def test_debians_is_found_and_its_version_told() -> None:
    found = library()
    assert (found.name, found.version) in {("libspandsp.so.2", "0.0.x"), ("libspandsp.so.3", "3.x")}


class _Newer(ctypes.PyDLL):
    """The library, its functions called as in 3.x."""

    def __getattr__(self, name: str) -> Any:
        if name.endswith("_rx_signal_cutoff"):
            raise AttributeError(name)
        return super().__getattr__(name.replace("_rx_set_signal_cutoff", "_rx_signal_cutoff"))


@needs_software_modem
def test_the_newer_line_is_told_by_what_it_has_renamed() -> None:
    if library().version != "0.0.x":
        pytest.skip("needs libspandsp2 0.0.6, whose functions can be called otherwise")
    found = load(lambda _: None, _Newer)
    assert found.version == "3.x"
    assert found["v17_rx_signal_cutoff"] is not None


def test_where_the_library_has_another_name_the_system_knows() -> None:
    asked: list[str] = []

    def only_the_odd_one(name: str) -> ctypes.CDLL:
        asked.append(name)
        return _nowhere(name)

    with pytest.raises(DeviceError):
        load(lambda name: f"lib{name}.so.99", only_the_odd_one)
    assert asked == ["libspandsp.so.2", "libspandsp.so.3", "libspandsp.so.99"]


# ----------------------------------------------------------------------------------------------------------
# The driver


class _Cards:
    """A driver for cards that notes what it is asked."""

    name = "dahdi"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        self.asked.append(("open", port, options))
        raise DeviceError("no card")

    def probe(self, port: str, options: Mapping[str, str]) -> Any:
        self.asked.append(("probe", port, options))

    def devices(self) -> list[DeviceInfo]:
        return []


def test_a_cards_port_is_handed_to_the_cards_driver() -> None:
    cards = _Cards()
    driver = DspDriver(find_driver={"dahdi": cards}.__getitem__)
    with pytest.raises(DeviceError, match="no card"):
        driver.open("dahdi:3", {"gain": "2"})
    driver.probe("dahdi:4", {})
    assert cards.asked == [("open", "3", {"gain": "2"}), ("probe", "4", {})]


@pytest.mark.parametrize("port", ["", "3", "dahdi", "dahdi:", "tty:3"])
def test_other_ports_there_are_none(port: str) -> None:
    with pytest.raises(UsageError, match=r"no port .*there are dsp:dahdi:N"):
        driver.open(port, {})
    with pytest.raises(UsageError, match="no port"):
        driver.probe(port, {})


def test_it_has_no_devices_of_its_own() -> None:
    assert list(driver.devices()) == []


def test_without_the_library_there_is_no_line() -> None:
    driver = DspDriver(lambda: load(lambda _: None, _nowhere))
    with pytest.raises(DeviceError, match="libspandsp2"):
        driver.line_on(FunctionPort(lambda said: said), calling=False)
