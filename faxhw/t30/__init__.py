"""Recommendation T.30 without I/O: procedures that yield line operations and are sent the line's answers."""
