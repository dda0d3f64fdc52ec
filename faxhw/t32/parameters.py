"""The lists of numbers in +FDCC, +FDIS, +FDCS and their like: what they say, in faxhw's terms, and back.

vr (resolution), br (rate), wd (width), ln (length), df (coding), ec (error correction), bf (files), st (scan
time), in this order; 2.1 adds jp (T.32 table 21; SP-2388 table 8.4). In class 2.0 vr is a bit map.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

from faxhw.t30.capabilities import Capabilities
from faxhw.t32.dialect import Dialect
from faxhw.terms import (
    DCS_FAMILIES,
    LADDER,
    Coding,
    Family,
    Modulation,
    PageLength,
    PageWidth,
    Parameters,
    Resolution,
    Settings,
)

RATES = tuple(range(2400, 33601, 2400))
"""bit/s by the value of br, and of +FMINSP and +FMS; what is above 14400 is V.34 (T.32 amendment 1)."""
_RESOLUTIONS: Mapping[Resolution, int] = {
    Resolution.STANDARD: 0x00,
    Resolution.FINE: 0x01,
    Resolution.SUPERFINE: 0x02,
    Resolution.R16_SUPERFINE: 0x04,
    Resolution.DPI_200_100: 0x08,
    Resolution.DPI_200: 0x10,
    Resolution.DPI_300: 0x40,
}
"""Bits of vr: class 2 has the first one only, and none has 400 x 400. 0x20, 200 x 400, is no page of T.4."""
_WIDTHS = (PageWidth.A4, PageWidth.B4, PageWidth.A3)
_LENGTHS = (PageLength.A4, PageLength.B4, PageLength.UNLIMITED)
_CODINGS: Mapping[Coding, int] = {Coding.MH: 0, Coding.MR: 1, Coding.MMR: 3}
_SCAN_TIMES = (
    (0.0, 0.0),
    (0.005, 0.005),
    (0.010, 0.005),
    (0.010, 0.010),
    (0.020, 0.010),
    (0.020, 0.020),
    (0.040, 0.020),
    (0.040, 0.040),
)
"""Least seconds for a row at 3.85 lines/mm, and at 7.7, by the value of st."""
_FAMILIES = (
    (4800, frozenset({Family.V27TER})),
    (9600, frozenset({Family.V27TER, Family.V29})),
    (14400, DCS_FAMILIES),
    (RATES[-1], frozenset(Family)),
)
"""What br says of modulations: nothing; but who can so much has these."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Subparameters:
    """The numbers of one list."""

    vr: int = 0
    br: int = 0
    wd: int = 0
    ln: int = 0
    df: int = 0
    ec: int = 0
    bf: int = 0
    st: int = 0

    def text(self, dialect: Dialect) -> str:
        """As a command or a report has them."""
        numbers = (getattr(self, each.name) for each in fields(self))
        return ",".join(f"{number:X}" if dialect.hexadecimal else str(number) for number in numbers)


def parse(text: str, base: int, default: Subparameters = Subparameters()) -> Subparameters | None:
    """The numbers of a list; those left out are ``default``'s, more than eight are passed over.

    ``None`` where one is no number of that base, or no octet.
    """
    numbers: dict[str, int] = {}
    for each, digits in zip(fields(Subparameters), text.strip().strip("()").split(","), strict=False):
        if digits := digits.strip():
            try:
                numbers[each.name] = int(digits, base)
            except ValueError:
                return None
            if not 0 <= numbers[each.name] <= 0xFF:
                return None
    return Subparameters(**{each.name: getattr(default, each.name) for each in fields(default)} | numbers)


_GROUP = re.compile(r"\(([^()]*)\)|([^(),]+)")


def most(text: str, base: int) -> Subparameters | None:
    """The most that an answer to a question such as ``+FDCC=?`` claims: ``(0,1),(0-5),(0-2),...``.

    ``None`` where it is no such answer: four lists at least, and nothing but numbers in them.
    """
    _, _, answer = text.rpartition(":")
    found = (inside or alone for inside, alone in _GROUP.findall(answer))
    lists = [each for each in found if each.strip()][: len(fields(Subparameters))]
    try:
        numbers = [
            [int(number, base) for number in re.split("[-,]", each) if number.strip()] for each in lists
        ]
    except ValueError:
        return None
    if len(numbers) < 4 or not all(numbers) or any(number > 0xFF for each in numbers for number in each):
        return None
    vr, *others = numbers
    return Subparameters(_union(vr), *(max(each) for each in others))


def limited(numbers: Subparameters, to: Subparameters) -> Subparameters:
    """The numbers, none more than another list has it."""
    least = {
        each.name: min(getattr(numbers, each.name), getattr(to, each.name)) for each in fields(Subparameters)
    }
    return Subparameters(**least | {"vr": numbers.vr & to.vr})


# ----------------------------------------------------------------------------------------------------------
# What an end can do


def offered(settings: Settings, dialect: Dialect) -> Subparameters:
    """The list that says what ``settings`` take."""
    known = [each for each in settings.resolutions if each.value in _resolutions(dialect)]
    codings = [each for each in settings.codings if each is not Coding.MMR or settings.ecm]
    rates = [each.rate for each in settings.modulations()]
    return Subparameters(
        vr=_union(_RESOLUTIONS[each] for each in known),
        br=RATES.index(max(rates, default=2400)),
        wd=_WIDTHS.index(settings.width),
        ln=_LENGTHS.index(settings.length),
        df=max((_CODINGS[each] for each in codings), default=0),
        ec=max(dialect.frame_sizes) if settings.ecm else 0,
    )


def understand(numbers: Subparameters, dialect: Dialect) -> Capabilities:
    """What such a list says of an end. Values that no class has are read as the nearest below."""
    max_rate = _at(RATES, numbers.br)
    ecm = numbers.ec > 0
    return Capabilities(
        families=next(families for rate, families in _FAMILIES if max_rate <= rate),
        max_rate=max_rate,
        codings=frozenset(
            coding
            for coding, df in _CODINGS.items()
            if df <= numbers.df and (ecm or coding is not Coding.MMR)
        ),
        resolutions=frozenset(
            each
            for each, bit in _RESOLUTIONS.items()
            if each.value in _resolutions(dialect) and bit & numbers.vr == bit
        ),
        width=_at(_WIDTHS, numbers.wd),
        length=_at(_LENGTHS, numbers.ln),
        scan_times=_at(_SCAN_TIMES, numbers.st),
        ecm=ecm,
        prefers_64=dialect.frame_sizes.get(numbers.ec) == 64,
        can_receive=True,
        can_be_polled=False,
        sub_address=False,
        password=False,
        selective_polling=False,
    )


def described(remote: Capabilities, dialect: Dialect) -> Subparameters:
    """The list by which a modem tells its host of a far end."""
    known = [each for each in remote.resolutions if each.value in _resolutions(dialect)]
    return Subparameters(
        vr=_union(_RESOLUTIONS[each] for each in known),
        br=RATES.index(remote.max_rate),
        wd=_WIDTHS.index(remote.width),
        ln=_LENGTHS.index(remote.length),
        df=max(_CODINGS[each] for each in remote.codings),
        ec=_ec(256 if remote.ecm else 0, dialect),
        st=_SCAN_TIMES.index(remote.scan_times),
    )


# ----------------------------------------------------------------------------------------------------------
# What was settled


def settled(numbers: Subparameters, dialect: Dialect, families: frozenset[Family]) -> Parameters:
    """What a list that reports a DCS settles.

    It does not name the modulation: it is V.17 where that is among ``families``, those that both ends are
    known to have, and has the rate. A V.34 slower than 14400 bit/s is not told from others.
    """
    rate = _at(RATES, numbers.br)
    resolution = max(
        (each for each, bit in _RESOLUTIONS.items() if bit & numbers.vr == bit), key=_RESOLUTIONS.__getitem__
    )
    size = dialect.frame_sizes.get(numbers.ec, 256)
    return Parameters(
        modulation=_modulation(rate, families),
        coding=max((each for each, df in _CODINGS.items() if df <= numbers.df), key=_CODINGS.__getitem__),
        resolution=resolution,
        width=_at(_WIDTHS, numbers.wd),
        length=_at(_LENGTHS, numbers.ln),
        min_scan_time=_at(_SCAN_TIMES, numbers.st)[0 if resolution.y < 150 else 1],
        ecm=size > 0,
        ecm_frame_size=size or 256,
    )


def reported(parameters: Parameters, dialect: Dialect) -> Subparameters:
    """The list that reports a DCS."""
    least = parameters.min_scan_time
    return Subparameters(
        vr=_RESOLUTIONS.get(parameters.resolution, 0),
        br=RATES.index(parameters.modulation.rate),
        wd=_WIDTHS.index(parameters.width),
        ln=_LENGTHS.index(parameters.length),
        df=_CODINGS[parameters.coding],
        ec=_ec(parameters.ecm_frame_size if parameters.ecm else 0, dialect),
        st=next(st for st, times in enumerate(_SCAN_TIMES) if times == (least, least)),
    )


def _modulation(rate: int, families: frozenset[Family]) -> Modulation:
    if rate > LADDER[0].rate:
        return Modulation(Family.V34, rate)
    if rate >= 12000 or (rate >= 7200 and Family.V17 in families):
        return Modulation(Family.V17, rate)
    return Modulation(Family.V29 if rate >= 7200 else Family.V27TER, rate)


def _resolutions(dialect: Dialect) -> frozenset[tuple[int, int]]:
    """Those that a class can name."""
    most = 0x01 if dialect.draft else 0xFF
    return frozenset(each.value for each, bit in _RESOLUTIONS.items() if bit <= most)


def _ec(size: int, dialect: Dialect) -> int:
    return next((ec for ec, each in dialect.frame_sizes.items() if each == size), int(size > 0))


def _at(table: tuple[_Value, ...], index: int) -> _Value:
    return table[min(index, len(table) - 1)]


def _union(bits: Iterable[int]) -> int:
    together = 0
    for each in bits:
        together |= each
    return together
