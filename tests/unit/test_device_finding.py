"""Device strings, and drivers found by their entry points."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from faxhw import finding
from faxhw.errors import DeviceError, UsageError
from faxhw.finding import Address, parse_address
from faxhw.reports import DeviceInfo, Kind, ProbeReport

from .fax_bench import FakeDevice


class PaperDriver:
    """A third party's driver."""

    name = "paper"

    def __init__(self) -> None:
        self.opened: list[tuple[str, Mapping[str, str]]] = []

    def open(self, port: str, options: Mapping[str, str]) -> FakeDevice:
        self.opened.append((port, options))
        return FakeDevice(name=f"paper:{port}")

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        return ProbeReport(f"paper:{port}", "paper", options.get("profile", ""), "it is paper")

    def devices(self) -> Iterable[DeviceInfo]:
        return [DeviceInfo("paper:sheet", driver="paper")]


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> PaperDriver:
    """Two drivers are installed, and one of them is broken."""
    module = ModuleType("paper_driver")
    driver = PaperDriver()
    module.driver = driver  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "paper_driver", module)
    installed = {
        name: EntryPoint(name, value, finding.ENTRY_POINTS)
        for name, value in {
            "paper": "paper_driver:driver",
            "class1": "paper_driver:driver",
            "broken": "no_such_module_anywhere:driver",
            "hollow": "sys:path",
        }.items()
    }
    monkeypatch.setattr(finding, "drivers", lambda: installed)
    return driver


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    ("device", "driver", "port"),
    [
        ("class1:/dev/ttyACM0", "class1", "/dev/ttyACM0"),
        ("/dev/ttyUSB0", "modem", "/dev/ttyUSB0"),
        ("/dev/serial/by-id/usb-a:b", "modem", "/dev/serial/by-id/usb-a:b"),
        ("paper:rfc2217://host:4000", "paper", "rfc2217://host:4000"),
        ("socket://host:4000", "modem", "socket://host:4000"),
        ("paper:", "paper", ""),
        ("COM3", "modem", "COM3"),
        ("usb:0baf:0303", "modem", "usb:0baf:0303"),
        ("class1:usb:0baf:0303:ABC:1", "class1", "usb:0baf:0303:ABC:1"),
    ],
)
def test_device_strings(device: str, driver: str, port: str) -> None:
    assert parse_address(device) == Address(driver, port)


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    ("device", "kind", "says"),
    [
        ("", UsageError, "no device was named"),
        ("clas1:/dev/ttyACM0", UsageError, "did you mean class1?"),
        ("xyzzy:/dev/ttyACM0", UsageError, "broken, class1, hollow, paper"),
        ("paper", UsageError, "paper:PORT"),
    ],
)
def test_wrong_device_strings(device: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says.replace("?", r"\?")):
        parse_address(device)


def test_options_reach_the_driver_as_text(paper: PaperDriver) -> None:
    assert finding.open_device("paper:sheet", profile="white", weight=80).name == "paper:sheet"
    assert paper.opened == [("sheet", {"profile": "white", "weight": "80"})]
    assert finding.probe("paper:sheet", profile="white").profile == "white"


@pytest.mark.usefixtures("paper")
def test_a_broken_driver_is_one_clear_error_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DeviceError, match="no_such_module_anywhere") as caught:
        finding.open_device("broken:x")
    assert isinstance(caught.value.__cause__, ImportError)
    with pytest.raises(DeviceError, match="it has no open, probe, devices"):
        finding.load_driver("hollow")
    with caplog.at_level(logging.WARNING, logger="faxhw.device"):
        assert {info.device for info in finding.devices()} == {"paper:sheet"}
    assert "cannot be loaded" in caplog.text


def test_our_drivers_come_by_the_same_road() -> None:
    assert {"class1", "class2", "modem", "sim"} <= set(finding.drivers())
    core = Path(finding.__file__).parent
    assert not any("faxhw_drivers" in each.read_text() for each in core.rglob("*.py"))


def test_modems_come_first(paper: PaperDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    infos = [DeviceInfo(kind.value, kind=kind) for kind in (Kind.OTHER, Kind.PORT, Kind.MODEM)]
    monkeypatch.setattr(paper, "devices", lambda: infos)
    found = [each.kind for each in finding.devices()]
    assert found == sorted(found, key=list(Kind).index)
    assert found[0] is Kind.MODEM
