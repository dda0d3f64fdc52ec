"""Page coding: MH and MR (T.4), MMR (T.6), both ways, and what a damaged page is worth.

No I/O and no clock: octets of the line in (first bit lowest), rows out, and the other way round. Nothing
here knows of T.30, of modems or of files.
"""
