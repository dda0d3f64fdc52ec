"""Fax jobs: what a script starts on an answered call to receive or to send a fax.

A job drives one session (``faxhw.session``) in a thread of its own and knows nothing of modems or of T.30's
frames. ``receiver`` and ``sender`` are what scripts hold; ``job`` and ``control`` are what both share.
"""
