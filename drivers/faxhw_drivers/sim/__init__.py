"""The simulated telephone world: virtual modems, lines and stations, and the ``sim`` driver.

``Bench`` is what tests and demonstrations start from. Nothing is imported before it is asked for, so that
looking for drivers stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faxhw_drivers.sim.bench import Bench, PluggedModem
    from faxhw_drivers.sim.modem import MODELS, FcsStyle, Model, Pauses, Quirks, VirtualModem
    from faxhw_drivers.sim.signals import Tone
    from faxhw_drivers.sim.station import Station, StationCall

_HOMES = {
    "Bench": "bench",
    "PluggedModem": "bench",
    "MODELS": "modem",
    "FcsStyle": "modem",
    "Model": "modem",
    "Pauses": "modem",
    "Quirks": "modem",
    "VirtualModem": "modem",
    "Tone": "signals",
    "Station": "station",
    "StationCall": "station",
}

__all__ = [
    "MODELS",
    "Bench",
    "FcsStyle",
    "Model",
    "Pauses",
    "PluggedModem",
    "Quirks",
    "Station",
    "StationCall",
    "Tone",
    "VirtualModem",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
