"""Telephone lines on cards with DAHDI's drivers: sound, hook, rings and dialling by a device file.

``ioctls`` is DAHDI's interface as data, ``files`` the device file itself, ``port`` a channel with its events
and its sound, ``opening`` opens one, ``tones`` and ``calling`` make calls by what is heard, ``device`` does
call control. The modem is that of ``faxhw_drivers.dsp``, on sound that ``faxhw.audio.pumping`` keeps in its
rhythm.
"""

from faxhw_drivers.dsp.dahdi.driver import DahdiDriver

driver = DahdiDriver()
"""What the entry point ``dahdi`` names."""
