"""A third party's driver: a distribution of its own, found by its entry point, and conforming."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faxhw.device import Device
from faxhw.errors import DeviceError
from faxhw.finding import devices, load_driver, open_device
from faxhw.testing import Bench, DriverConformance

SOURCE = Path(__file__).parents[1] / "example_driver"


@pytest.fixture(scope="module", autouse=True)
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    target = tmp_path_factory.mktemp("site")
    install = [
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(target),
        str(SOURCE),
    ]
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *install], check=True)
    sys.path.insert(0, str(target))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(target))
    sys.modules.pop("faxhw_example", None)


class TestExampleDriver(DriverConformance):
    def plug_in(self, bench: Bench, number: str) -> Device:
        importlib.import_module("faxhw_example").insert(number, bench.card(number))
        return open_device(f"example:{number}")


def test_it_is_found_like_our_own() -> None:
    assert load_driver("example").name == "example"
    assert any(each.driver == "example" for each in devices())


def test_it_says_what_is_wrong() -> None:
    with pytest.raises(DeviceError, match="no card in that slot"):
        open_device("example:nowhere")
