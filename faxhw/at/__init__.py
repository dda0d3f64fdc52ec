"""The AT command channel: commands, results, unsolicited lines, shielded data, and the modems' oddities.

Nothing here knows what a fax is (T.30) or how a session runs; drivers join the two. References: V.250 for
commands and results, T.31 for Class 1 results and DLE shielding.
"""
