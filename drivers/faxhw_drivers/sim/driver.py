"""The driver ``sim``: a virtual modem in process, behind the drivers that real ones have.

Device strings: ``sim:`` or ``sim:SCENARIO``, with ``?key=value&…`` for ``speed`` (simulated seconds in a real
one; without it as fast as can be), ``pages``, ``seed`` and ``model``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from faxhw.device import Device, PortDriver, SimulatedCapi
from faxhw.errors import DeviceError, UsageError, hint
from faxhw.finding import load_driver
from faxhw.reports import DeviceInfo, ProbeReport

if TYPE_CHECKING:
    from faxhw_drivers.sim.bench import Bench

log = logging.getLogger("faxhw.sim")

MODEM_DRIVER = "modem"
DEFAULT_SCENARIO = "fax"


@dataclass(frozen=True, slots=True)
class _Wishes:
    """A device string and options, checked."""

    scenario: str
    speed: float | None
    pages: int
    seed: int
    model: str
    modem_options: Mapping[str, str]


class SimDriver:
    """The driver ``sim`` (``faxhw.device.Driver``)."""

    name = "sim"

    def open(self, port: str, options: Mapping[str, str]) -> Device:
        """Open a channel on a virtual modem of its own.

        Options: ``speed``, ``pages``, ``seed``, ``model``, as in the device string; the others are those of
        the driver ``modem``, such as ``class``.
        """
        from faxhw_drivers.sim.bench import Bench  # noqa: PLC0415 - listing drivers stays cheap
        from faxhw_drivers.sim.scenarios import MODEM_NUMBER, SCENARIOS, play  # noqa: PLC0415

        wishes = _read(port, options)
        bench = Bench(wishes.seed, wishes.speed)
        modem = bench.modem(MODEM_NUMBER, wishes.model, name=f"sim:{port}")
        play(bench, modem, SCENARIOS[wishes.scenario], wishes.pages)
        return _modem_driver().open_on(modem.port, bench.clock, wishes.modem_options)

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        from faxhw_drivers.sim.bench import Bench  # noqa: PLC0415 - listing drivers stays cheap
        from faxhw_drivers.sim.scenarios import MODEM_NUMBER  # noqa: PLC0415

        wishes = _read(port, options)
        bench = Bench(wishes.seed, wishes.speed)
        modem = bench.modem(MODEM_NUMBER, wishes.model, name=f"sim:{port}")
        try:
            report = _modem_driver().probe_on(modem.port, bench.clock, wishes.modem_options)
            return replace(report, driver=self.name)
        finally:
            modem.port.close()

    def bench(self, seed: int = 1) -> Bench:
        """A bench of virtual modems, cards and far ends (what ``faxhw.testing`` stands on)."""
        from faxhw_drivers.sim.bench import Bench  # noqa: PLC0415 - listing drivers stays cheap

        return Bench(seed)

    def simulate(
        self,
        modems: Mapping[str, tuple[str, ...]],
        *,
        controllers: Sequence[SimulatedCapi] = (),
        ready: Callable[[list[tuple[str, str]]], None],
        link_dir: Path | None = None,
        speed: float = 1.0,
    ) -> None:
        """Run virtual modems and controllers (``faxhw.device.Simulator``); the log tells what happens."""
        from faxhw_drivers.sim.realtime import ModemSpec, simulate  # noqa: PLC0415 - as above

        simulate(
            [ModemSpec(number, classes) for number, classes in modems.items()],
            controllers=controllers,
            ready=ready,
            link_dir=link_dir,
            speed=speed,
            on_note=lambda when, who, what: log.info("%.3f %s: %s", when, who, what),
        )

    def devices(self) -> Iterable[DeviceInfo]:
        return [
            DeviceInfo(
                device="sim:",
                description="a virtual modem whose far end calls and sends a fax",
                maker="faxhw",
                model="Virtual Modem",
                driver=self.name,
                notes=("no hardware is used",),
            )
        ]


def _modem_driver() -> PortDriver:
    driver = load_driver(MODEM_DRIVER)
    if not hasattr(driver, "open_on"):
        raise DeviceError(f"the driver {MODEM_DRIVER!r} cannot be given a port that is open already")
    return driver  # type: ignore[return-value]  # what the attribute shows


def _read(port: str, options: Mapping[str, str]) -> _Wishes:
    from faxhw_drivers.sim.modem import MODELS  # noqa: PLC0415 - listing drivers stays cheap
    from faxhw_drivers.sim.scenarios import SCENARIOS  # noqa: PLC0415

    scenario, _, query = port.partition("?")
    given = {**options, **dict(parse_qsl(query, keep_blank_values=True))}
    speed = given.pop("speed", "")
    pages = given.pop("pages", "3")
    seed = given.pop("seed", "1")
    return _Wishes(
        scenario=_one_of("scenario", scenario or DEFAULT_SCENARIO, SCENARIOS),
        speed=_number("speed", speed, 0.01, 1e6) if speed else None,
        pages=int(_number("pages", pages, 1, 1000)),
        seed=int(_number("seed", seed, 0, 2**32)),
        model=_one_of("model", given.pop("model", "generic"), MODELS),
        modem_options=given,
    )


def _one_of(what: str, name: str, known: Iterable[str]) -> str:
    if name in known:
        return name
    raise UsageError(f"sim: there is no {what} {name!r}: {hint(name, sorted(known))}")


def _number(what: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise UsageError(f"sim: {what} must be a number from {least:g} to {most:g}, not {text!r}")
    return value
