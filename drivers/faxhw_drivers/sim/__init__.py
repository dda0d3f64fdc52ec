"""The simulated telephone world: virtual modems, lines and stations, and the ``sim`` driver.

``Bench`` is what tests and demonstrations start from. Nothing is imported before it is asked for, so that
looking for drivers stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from faxhw_drivers.sim.driver import SimDriver

if TYPE_CHECKING:
    from faxhw_drivers.sim.bench import Bench, PluggedModem
    from faxhw_drivers.sim.far_end import GivesPages, KeepsPages
    from faxhw_drivers.sim.impairments import BitErrors, Bursts, Cut, Dcn, Delay, DropOut
    from faxhw_drivers.sim.line import Direction
    from faxhw_drivers.sim.modem import (
        MODELS,
        Fate,
        FaxQuirks,
        FcsStyle,
        Model,
        Pauses,
        Quality,
        Quirks,
        VirtualModem,
    )
    from faxhw_drivers.sim.signals import Tone
    from faxhw_drivers.sim.station import Station, StationCall

driver = SimDriver()
"""What the entry point ``sim`` names."""

_HOMES = {
    "Bench": "bench",
    "PluggedModem": "bench",
    "GivesPages": "far_end",
    "KeepsPages": "far_end",
    "BitErrors": "impairments",
    "Bursts": "impairments",
    "Cut": "impairments",
    "Dcn": "impairments",
    "Delay": "impairments",
    "DropOut": "impairments",
    "Direction": "line",
    "MODELS": "modem",
    "Fate": "modem",
    "FaxQuirks": "modem",
    "FcsStyle": "modem",
    "Model": "modem",
    "Pauses": "modem",
    "Quality": "modem",
    "Quirks": "modem",
    "VirtualModem": "modem",
    "Tone": "signals",
    "Station": "station",
    "StationCall": "station",
}

__all__ = [
    "MODELS",
    "Bench",
    "BitErrors",
    "Bursts",
    "Cut",
    "Dcn",
    "Delay",
    "Direction",
    "DropOut",
    "Fate",
    "FaxQuirks",
    "FcsStyle",
    "GivesPages",
    "KeepsPages",
    "Model",
    "Pauses",
    "PluggedModem",
    "Quality",
    "Quirks",
    "Station",
    "StationCall",
    "Tone",
    "VirtualModem",
    "driver",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
