"""The words of modems that run T.30 themselves: fax classes 2 (SP-2388), 2.0 and 2.1 (TIA-592, T.32).

Values only: the names of a class (``dialect``), its lists of parameters (``parameters``), its hang-up codes
(``hangup``). Nothing here speaks to a modem; the class 2 driver and the virtual modem both stand on it.
"""
