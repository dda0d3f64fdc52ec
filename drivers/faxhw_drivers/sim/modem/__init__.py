"""The virtual modem, of classes 1, 2, 2.0 and 2.1: a byte stream below the shipped drivers (T.31, T.32).

It knows the line only through a phone of the exchange, and its host only through a wire. Oddities seen in
the field are switches in ``Quirks``, makes of modem are data in ``MODELS``.
"""

from faxhw_drivers.sim.modem.class2.quirks import IN_CLASS_2, Fate, FaxQuirks, Quality
from faxhw_drivers.sim.modem.core import VirtualModem
from faxhw_drivers.sim.modem.model import MODELS, TURN_OFF, Model
from faxhw_drivers.sim.modem.quirks import FcsStyle, Pauses, Quirks

__all__ = [
    "IN_CLASS_2",
    "MODELS",
    "TURN_OFF",
    "Fate",
    "FaxQuirks",
    "FcsStyle",
    "Model",
    "Pauses",
    "Quality",
    "Quirks",
    "VirtualModem",
]
