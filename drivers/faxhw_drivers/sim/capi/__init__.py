"""A virtual CAPI 2.0 controller on the virtual line, for any CAPI program: T.30 in the card, and sound.

``controller`` is messages in and messages out; ``peer`` is one client's stream, in either framing; ``server``
has clients by TCP, ``plugged`` has them in memory.
"""
