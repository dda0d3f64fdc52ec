"""Fax classes 2, 2.0 and 2.1 of the virtual modem (SP-2388; TIA-592, T.32): it runs T.30 itself.

``commands`` says what the DTE's words mean, ``settings`` what the modem remembers of them. A call is a
``session``: our own T.30 on the modem's phone, whose events are answered when the DTE has spoken. Pages come
in by ``receiving`` and go out by ``sending``.
"""
