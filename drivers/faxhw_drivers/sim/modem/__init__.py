"""The virtual Class 1 modem: a byte stream below the shipped driver (TIA-578, ITU-T T.31).

It knows the line only through a phone of the exchange, and its host only through a wire. Oddities seen in
the field are switches in ``Quirks``, makes of modem are data in ``MODELS``.
"""

from faxhw_drivers.sim.modem.core import VirtualModem
from faxhw_drivers.sim.modem.model import MODELS, TURN_OFF, Model
from faxhw_drivers.sim.modem.quirks import FcsStyle, Pauses, Quirks

__all__ = ["MODELS", "TURN_OFF", "FcsStyle", "Model", "Pauses", "Quirks", "VirtualModem"]
