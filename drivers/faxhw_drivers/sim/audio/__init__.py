"""A call's sound in memory: 8 kHz samples between two ends, with whatever befalls them on the way.

``AudioLine`` joins two ends block by block; an end is an ``AudioPort`` for whoever waits on a clock
(``PortEnd``), or a function from what is heard to what is said (``FunctionEnd``). ``Impairments`` say what a
way does to the sound, ``SoundCard`` is a telephone line with sound on the bench's exchange.
"""

from __future__ import annotations

from faxhw_drivers.sim.audio.card import SoundCard, SoundNetwork, SoundStation, SubscriberSound
from faxhw_drivers.sim.audio.ends import FunctionEnd, PortEnd
from faxhw_drivers.sim.audio.impairments import CLEAN, Echo, Impairments
from faxhw_drivers.sim.audio.line import AudioLine
from faxhw_drivers.sim.audio.realtime import RealTime

__all__ = [
    "CLEAN",
    "AudioLine",
    "Echo",
    "FunctionEnd",
    "Impairments",
    "PortEnd",
    "RealTime",
    "SoundCard",
    "SoundNetwork",
    "SoundStation",
    "SubscriberSound",
]
