"""The software modem: T.30's line operations on 8 kHz sound, by the modems of libspandsp.

It has no hardware of its own. Whoever has the sound of a call gets a line on it (``SoundDriver.line_on``).
``library`` binds libspandsp, ``modems`` are thin objects on it, ``line`` performs the operations.
"""

from faxhw_drivers.dsp.driver import DspDriver

driver = DspDriver()
"""What the entry point ``dsp`` names."""
