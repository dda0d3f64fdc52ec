"""The terms of a fax: codings, resolutions, papers, modulations, and what two ends offer and settle of them.

Plain values that every room from the page coders up speaks of; T.30's bits for them are in
``faxhw.t30.capabilities``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Coding(StrEnum):
    """How the rows of a page are coded on the line."""

    MH = "MH"
    """Modified Huffman, one-dimensional (T.4 clause 4.1)."""
    MR = "MR"
    """Modified READ, two-dimensional (T.4 clause 4.2)."""
    MMR = "MMR"
    """Modified modified READ (T.6); only with error correction."""


class FarEndType(StrEnum):
    """What is at the other end of a call, by what was heard of it."""

    UNKNOWN = "UNKNOWN"
    FAX = "FAX"
    VOICE = "VOICE"
    DATA = "DATA"
    """A data modem."""


class Resolution(Enum):
    """Dots per inch across and down, as libtiff writes them: (x, y), and T.4's name."""

    STANDARD = (204, 98)
    FINE = (204, 196)
    SUPERFINE = (204, 391)
    R16_SUPERFINE = (408, 391)
    DPI_200 = (200, 200)
    DPI_200_100 = (200, 100)
    DPI_300 = (300, 300)
    DPI_400 = (400, 400)

    @property
    def x(self) -> int:
        return self.value[0]

    @property
    def y(self) -> int:
        return self.value[1]

    def __str__(self) -> str:
        return f"{self.x}x{self.y}"


class PageWidth(StrEnum):
    """Paper widths of T.4 clause 2: A4 is 1728 dots of R8, B4 2048, A3 2432."""

    A4 = "A4"
    B4 = "B4"
    A3 = "A3"

    def dots(self, resolution: Resolution) -> int:
        """Picture elements in a row of this width (T.4 table 1)."""
        per_r8 = {PageWidth.A4: 1728, PageWidth.B4: 2048, PageWidth.A3: 2432}[self]
        return per_r8 * {204: 2, 200: 2, 300: 3, 408: 4, 400: 4}[resolution.x] // 2


class PageLength(StrEnum):
    A4 = "A4"
    B4 = "B4"
    UNLIMITED = "UNLIMITED"


class Family(StrEnum):
    """Modulations of the page; the T.30 control frames always go at V.21, 300 bit/s."""

    V17 = "V.17"
    V29 = "V.29"
    V27TER = "V.27ter"


@dataclass(frozen=True, slots=True)
class Modulation:
    """A page modulation at a rate."""

    family: Family
    rate: int
    """bit/s."""

    @property
    def has_short_training(self) -> bool:
        """Whether a page may begin with a shorter training than TCF did (V.17 clause 5; T.30 5.3.6.1.3)."""
        return self.family is Family.V17

    def __str__(self) -> str:
        return f"{self.family} {self.rate}"


LADDER: tuple[Modulation, ...] = (
    Modulation(Family.V17, 14400),
    Modulation(Family.V17, 12000),
    Modulation(Family.V17, 9600),
    Modulation(Family.V29, 9600),
    Modulation(Family.V17, 7200),
    Modulation(Family.V29, 7200),
    Modulation(Family.V27TER, 4800),
    Modulation(Family.V27TER, 2400),
)
"""Every modulation that a DCS can name (T.30 table 2, bits 11-14), fastest first."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one DCS settled for the pages that follow it."""

    modulation: Modulation
    coding: Coding = Coding.MH
    resolution: Resolution = Resolution.STANDARD
    width: PageWidth = PageWidth.A4
    length: PageLength = PageLength.A4
    min_scan_time: float = 0.0
    """Least time that a row must take on the line, in seconds (T.4 clause 3)."""
    ecm: bool = False
    ecm_frame_size: int = 256
    """Octets in an ECM frame: 256 or 64."""

    @property
    def row_dots(self) -> int:
        return self.width.dots(self.resolution)


@dataclass(frozen=True, slots=True)
class Format:
    """How a page is laid out and coded: the part of a DCS that depends on the page."""

    coding: Coding = Coding.MH
    resolution: Resolution = Resolution.STANDARD
    width: PageWidth = PageWidth.A4
    length: PageLength = PageLength.A4


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats that two ends can both do."""

    codings: frozenset[Coding]
    """MH always among them, MMR only where there will be error correction."""
    resolutions: frozenset[Resolution]
    """STANDARD always among them."""
    width: PageWidth
    """The widest; narrower ones will do too."""
    length: PageLength
    """The longest; shorter ones will do too."""


@dataclass(frozen=True, slots=True)
class SignalFigures:
    """How a carrier was received; ``None`` where that is not known."""

    level: float | None = None
    """dBm0."""
    quality: float | None = None
    """How far the symbols stand above their scatter, in dB."""

    def __str__(self) -> str:
        said = [f"{self.level:.1f} dBm0"] if self.level is not None else []
        said += [f"{self.quality:.1f} dB above the scatter"] if self.quality is not None else []
        return ", ".join(said) or "no figures"


@dataclass(frozen=True, slots=True)
class Settings:
    """What our side offers and wants: from the job's options, limited to what the device can do."""

    ident: str = ""
    """Our subscriber number: at most 20 of digits, ``+`` and space; sent as CSI, TSI or CIG."""
    families: frozenset[Family] = frozenset(Family)
    min_rate: int = 2400
    max_rate: int = 14400
    resolutions: frozenset[Resolution] = frozenset({Resolution.STANDARD, Resolution.FINE})
    codings: frozenset[Coding] = frozenset({Coding.MH, Coding.MR})
    ecm: bool = False
    width: PageWidth = PageWidth.A4
    """The widest that we take; narrower ones are taken too."""
    length: PageLength = PageLength.UNLIMITED
    sub_address: str = ""
    password: str = ""
    """Given to the far end as SID, or PWD when polling; or asked of it, when we are called."""
    any_password: bool = False
    """Whether senders are told that a password is understood, though none is asked of them."""
    selective_polling: str = ""
    any_selection: bool = False
    """Whether callers are told that they may ask for one document of several, though none is named here."""
    poll: bool = False
    nsf: bytes = b""
    """The non-standard facilities frame's information field to send with DIS; empty: none is sent."""
    tcf_zeros: float = 1.0
    """Seconds of zeros on end that a good training check has: two thirds of it, as is usual in the field."""
    tcf_errors: float = 0.10
    """Share of octets other than zero that a good training check may have."""

    def modulations(self) -> tuple[Modulation, ...]:
        """What may carry a page under these settings, fastest first; empty if they exclude everything."""
        return tuple(
            each
            for each in LADDER
            if each.family in self.families and self.min_rate <= each.rate <= self.max_rate
        )
