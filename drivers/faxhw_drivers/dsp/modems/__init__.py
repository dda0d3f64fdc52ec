"""The modems themselves, thin objects on libspandsp: blocks of sound in, bits out, and the other way round.

They know nothing of calls, time or T.30's procedures. A block is 8 kHz linear sound, 16 bits a sample in the
host's order, as ``faxhw.audio.port`` has it; levels are in dBm0. Each is one thread's at a time.
"""
