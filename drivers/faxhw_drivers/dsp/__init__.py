"""The software modem: T.30's line operations on 8 kHz sound, by the modems of libspandsp.

It has no hardware of its own. Whoever has the sound of a call gets a line on it (``SoundDriver.line_on``).
"""
