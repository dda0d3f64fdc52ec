"""A bench for shell commands: a driver whose device a test prepares, and what a command said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faxhw.device import SimulatedCapi
from faxhw.errors import DeviceError
from faxhw.reports import DeviceInfo, ProbeReport
from tests.unit.fax_bench import FakeDevice, coded, fax


@dataclass
class PaperDriver:
    """A driver whose device a test prepares."""

    device: FakeDevice = field(default_factory=lambda: FakeDevice(fax(coded(), coded()), name="paper:1"))
    name: str = "paper"
    options: dict[str, str] = field(default_factory=dict)
    """What the device was opened with."""
    lent: list[tuple[dict[str, tuple[str, ...]], Path | None, float]] = field(default_factory=list)
    """What modems were asked for, and how."""
    controllers: list[SimulatedCapi] = field(default_factory=list)
    """What controllers were asked for."""

    def open(self, port: str, options: Mapping[str, str]) -> FakeDevice:
        if port == "busy":
            raise DeviceError("paper:busy: the device is in use by another program; end that first")
        self.options = dict(options)
        return self.device

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        self.options = dict(options)
        return ProbeReport(f"paper:{port}", "paper", "origami", "it folds", {"ATI0": "1"}, ("0", "1"))

    def simulate(
        self,
        modems: Mapping[str, tuple[str, ...]],
        *,
        controllers: Sequence[SimulatedCapi] = (),
        ready: Callable[[list[tuple[str, str]]], None],
        link_dir: Path | None = None,
        speed: float = 1.0,
    ) -> None:
        self.lent.append((dict(modems), link_dir, speed))
        self.controllers = list(controllers)
        folded = [(number, f"capi:{each.port}") for each in controllers for number in each.numbers]
        ready([(number, f"/dev/paper/{index}") for index, number in enumerate(modems)] + folded)
        raise KeyboardInterrupt

    def devices(self) -> Iterable[DeviceInfo]:
        return [DeviceInfo("paper:1", description="A sheet", maker="Mill", usb_id="0000:0001")]


@dataclass
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        result: dict[str, object] = json.loads(self.out)
        return result


Shell = Callable[..., Said]


def one_line(text: str) -> str:
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    return text.rstrip()
