"""What a modem remembers of its settings, and what a reset makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from faxhw.ports.base import Flow
from faxhw_drivers.sim.modem.class2.settings import FaxSettings, fresh

S_DEFAULTS = {0: 0, 1: 0, 2: 43, 3: 13, 4: 10, 5: 8, 6: 2, 7: 60, 8: 2, 10: 14, 11: 95, 12: 50, 24: 0, 30: 0}
"""S-registers that mean something here; others can be written and read back, up to ``S_LAST``."""
S_LAST = 99
S_CHARACTERS = (2, 3, 4, 5)
CHARACTER_MAX = 127


@dataclass
class Registers:
    """The settings of one modem, as a reset leaves them."""

    flow: Flow
    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    dcd: int = 1
    """&C: 0 has DCD on always, 1 and 2 while the far end's carrier is heard."""
    results: int = 4
    """X: 0 to 2 do not hear a busy tone, 0, 1 and 3 dial without a dial tone."""
    dtr: int = 2
    """&D: 0 ignores DTR, 1 returns to commands, 2 hangs up, 3 resets."""
    fclass: str = "0"
    adaptive: bool = False
    """+FAR: a V.21 carrier during +FRM is reported as +FRH:3 and received."""
    caller_id: bool = False
    inactivity: tuple[int, int] = (0, 0)
    """+FIT: how many seconds the DTE may owe a word (0: for ever), and whether its class is kept then."""
    other: dict[str, int] = field(default_factory=dict)
    """What can be set and asked for and makes no difference here."""
    fax: dict[str, FaxSettings] = field(default_factory=fresh)
    """What classes 2, 2.0 and 2.1 keep, each for itself."""
    s: dict[int, int] = field(default_factory=lambda: dict(S_DEFAULTS))

    @property
    def fax_values(self) -> FaxSettings:
        """What the class keeps that is set: 2, 2.0 or 2.1; in class 0 what class 2 keeps."""
        return self.fax["2" if self.fclass == "0" else self.fclass]

    @property
    def line_end(self) -> bytes:
        """What ends the modem's lines (S3 and S4)."""
        return bytes((self.s[3], self.s[4]))

    @property
    def hears_busy(self) -> bool:
        return self.results >= 3

    @property
    def wants_dialtone(self) -> bool:
        return self.results in (2, 4)
