"""What the bits of DIS, DTC and DCS come to: settings offered, capabilities understood, parameters settled.

Four translations over the one table of ``faxhw.t30.bits``: our ``Settings`` to a DIS, a DIS to what the far
end can do, what both can do to ``Parameters``, and ``Parameters`` to a DCS and back (T.30 table 2 and notes).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from faxhw.t30.bits import BITS, LENGTH, RATE, SCAN_TIME, WIDTH, Bits
from faxhw.terms import (
    Coding,
    Family,
    Format,
    Formats,
    Modulation,
    PageLength,
    PageWidth,
    Parameters,
    Resolution,
    Settings,
)


def able(modulations: Collection[Modulation]) -> Settings:
    """The most that our T.30 can do on a device that has these modulations."""
    rates = [each.rate for each in modulations]
    return Settings(
        families=frozenset(each.family for each in modulations),
        min_rate=min(rates),
        max_rate=max(rates),
        resolutions=frozenset(Resolution),
        codings=frozenset(Coding),
        ecm=True,
        width=PageWidth.A3,
        poll=True,
    )


_DIS_RATES: dict[tuple[int, ...], frozenset[Family]] = {
    (0, 0, 0, 0): frozenset({Family.V27TER}),
    (0, 1, 0, 0): frozenset({Family.V27TER}),
    (1, 0, 0, 0): frozenset({Family.V29}),
    (1, 1, 0, 0): frozenset({Family.V27TER, Family.V29}),
    (1, 1, 1, 0): frozenset({Family.V27TER, Family.V29}),  # and V.33, which nobody kept
    (1, 1, 0, 1): frozenset({Family.V27TER, Family.V29, Family.V17}),
}
_FALLBACK_ONLY = (0, 0, 0, 0)
"""V.27ter at 2400 bit/s and nothing else."""

_DCS_RATES: dict[tuple[int, ...], Modulation] = {
    (0, 0, 0, 0): Modulation(Family.V27TER, 2400),
    (0, 1, 0, 0): Modulation(Family.V27TER, 4800),
    (1, 0, 0, 0): Modulation(Family.V29, 9600),
    (1, 1, 0, 0): Modulation(Family.V29, 7200),
    (0, 0, 0, 1): Modulation(Family.V17, 14400),
    (0, 1, 0, 1): Modulation(Family.V17, 12000),
    (1, 0, 0, 1): Modulation(Family.V17, 9600),
    (1, 1, 0, 1): Modulation(Family.V17, 7200),
}
_WIDTHS: dict[tuple[int, ...], PageWidth] = {
    (0, 0): PageWidth.A4,
    (1, 0): PageWidth.B4,
    (0, 1): PageWidth.A3,
    (1, 1): PageWidth.A3,  # invalid, yet sent by machines of old, and to be read so (note to table 2)
}
_LENGTHS: dict[tuple[int, ...], PageLength] = {
    (0, 0): PageLength.A4,
    (1, 0): PageLength.B4,
    (0, 1): PageLength.UNLIMITED,
}

_SCAN_TIMES: dict[tuple[int, ...], tuple[float, float]] = {
    (0, 0, 0): (0.020, 0.020),
    (1, 0, 0): (0.005, 0.005),
    (0, 1, 0): (0.010, 0.010),
    (1, 1, 0): (0.020, 0.010),
    (0, 0, 1): (0.040, 0.040),
    (1, 0, 1): (0.040, 0.020),
    (0, 1, 1): (0.010, 0.005),
    (1, 1, 1): (0.0, 0.0),
}
"""Least seconds for a row at 3.85 lines/mm, and at 7.7."""
_DCS_SCAN_TIMES = {0.020: (0, 0, 0), 0.005: (1, 0, 0), 0.010: (0, 1, 0), 0.040: (0, 0, 1), 0.0: (1, 1, 1)}

_INCH = frozenset({Resolution.DPI_200, Resolution.DPI_200_100, Resolution.DPI_400})
"""What bit 44 tells from the metric resolutions; 300 x 300 has a bit of its own."""
_RESOLUTIONS: dict[tuple[str, bool], Resolution] = {
    ("r16", False): Resolution.R16_SUPERFINE,
    ("r16", True): Resolution.DPI_400,
    ("dpi_300", False): Resolution.DPI_300,
    ("dpi_300", True): Resolution.DPI_300,
    ("superfine", False): Resolution.SUPERFINE,
    ("superfine", True): Resolution.SUPERFINE,
    ("fine", False): Resolution.FINE,
    ("fine", True): Resolution.DPI_200,
}
"""By a DCS's resolution bit, and whether it says inch-based; the finest first."""

T38_OR_T37 = ("t38", "t38_fax", "t37")
"""Bits of a DCS that demand another standard than T.30."""
_NO_PAGE_OF_OURS = (
    *("t43", "voice", "extended_voice", "bft", "dtm", "edi", "btm", "character", "mixed"),
    *("jpeg", "colour", "jbig", "jbig_optional", "mrc_1", "mrc_2", "mrc_3", "t45", "sycc"),
    *("t88_1", "t88_2", "t88_3", "hfx40", "cipher_2", "cipher_3"),
    *("dpi_600", "dpi_1200", "dpi_300_600", "dpi_400_800", "dpi_600_1200"),
)
"""Bits of a DCS by which something comes that is not T.4's page, or one that cannot be stored."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_WIDTH_ORDER = (PageWidth.A4, PageWidth.B4, PageWidth.A3)
_LENGTH_ORDER = (PageLength.A4, PageLength.B4, PageLength.UNLIMITED)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a DIS or DTC says its station can do."""

    families: frozenset[Family]
    max_rate: int
    codings: frozenset[Coding]
    resolutions: frozenset[Resolution]
    width: PageWidth
    length: PageLength
    scan_times: tuple[float, float]
    """Least seconds for a row at 3.85 lines/mm, and at 7.7."""
    ecm: bool
    prefers_64: bool
    can_receive: bool
    can_be_polled: bool
    sub_address: bool
    password: bool
    selective_polling: bool

    def scan_time(self, resolution: Resolution) -> float:
        """Least seconds for a row at a resolution."""
        return self.scan_times[0 if resolution.y < 150 else 1]

    def summary(self) -> Mapping[str, object]:
        """The same as plain values, for Details and JSON."""
        return {
            "Modems": sorted(self.families),
            "MaxDataRate": self.max_rate,
            "Compression": sorted(self.codings),
            "Resolution": sorted(str(each) for each in self.resolutions),
            "PageWidth": str(self.width),
            "PageLength": str(self.length),
            "MinScanTime": self.scan_times[0],
            "ECM": self.ecm,
            "Receive": self.can_receive,
            "Poll": self.can_be_polled,
            "SubAddress": self.sub_address,
            "Password": self.password,
        }


def offer(settings: Settings, *, receives: bool = True, to_poll: bool = False) -> Bits:
    """The DIS (or DTC) that says what ``settings`` take, whether pages are taken at all, and whether there is
    a document to be polled."""
    resolutions = settings.resolutions
    flags = {
        "receiver": receives,
        "fine": bool({Resolution.FINE, Resolution.DPI_200} & resolutions),
        "superfine": Resolution.SUPERFINE in resolutions,
        "dpi_300": Resolution.DPI_300 in resolutions,
        "r16": bool({Resolution.R16_SUPERFINE, Resolution.DPI_400} & resolutions),
        "inch": bool(_INCH & resolutions),
        "metric": bool({Resolution.SUPERFINE, Resolution.R16_SUPERFINE} & resolutions),
        "mr": Coding.MR in settings.codings,
        "ecm": settings.ecm,
        "mmr": settings.ecm and Coding.MMR in settings.codings,
        "sub_address": True,  # whatever the options are: a script is told of it
        "password": bool(settings.password) or settings.any_password,
        "to_poll": to_poll,
        "selective_polling": to_poll and (bool(settings.selective_polling) or settings.any_selection),
    }
    return Bits.of(
        (name for name, wanted in flags.items() if wanted),
        (
            (RATE, _rate_code(settings)),
            (WIDTH, _key(_WIDTHS, settings.width)),
            (LENGTH, _key(_LENGTHS, settings.length)),
            (SCAN_TIME, (1, 1, 1)),
        ),
    )


def _rate_code(settings: Settings) -> tuple[int, ...]:
    """The DIS rate code nearest to the settings; what it says too much is turned down by FTT."""
    families = {each.family for each in settings.modulations()}
    if settings.max_rate <= 9600 and Family.V29 in families:
        families.discard(Family.V17)  # a DIS cannot say "V.17, but no faster than V.29"
    if families == {Family.V27TER} and settings.max_rate < 4800:
        return _FALLBACK_ONLY
    exact = next((bits for bits, each in _DIS_RATES.items() if each == families and any(bits)), None)
    return exact or ((1, 1, 0, 1) if Family.V17 in families else (1, 1, 0, 0))


def understand(bits: Bits) -> Capabilities:
    """What a DIS or DTC says. Codes that T.30 reserves are read as the least they could mean."""
    families = _DIS_RATES.get(bits.group(RATE), frozenset({Family.V27TER}))
    codings = {
        Coding.MH,
        *([Coding.MR] if bits["mr"] else []),
        *([Coding.MMR] if bits["mmr"] and bits["ecm"] else []),
    }
    resolutions = {Resolution.STANDARD, *([Resolution.DPI_200_100] if bits["inch"] else [])}
    for (name, inch), resolution in _RESOLUTIONS.items():
        if bits[name] and (not inch or bits["inch"]):
            resolutions.add(resolution)
    if bits.group(RATE) == _FALLBACK_ONLY:
        max_rate = 2400
    else:
        max_rate = max(each.rate for each in _DCS_RATES.values() if each.family in families)
    return Capabilities(
        families=families,
        max_rate=max_rate,
        codings=frozenset(codings),
        resolutions=frozenset(resolutions),
        width=_WIDTHS[bits.group(WIDTH)],
        length=_LENGTHS.get(bits.group(LENGTH), PageLength.A4),
        scan_times=_SCAN_TIMES[bits.group(SCAN_TIME)],
        ecm=bits["ecm"],
        prefers_64=bits["prefers_64"],
        can_receive=bits["receiver"],
        can_be_polled=bits["to_poll"],
        sub_address=bits["sub_address"],
        password=bits["password"],
        selective_polling=bits["selective_polling"],
    )


def ladder(settings: Settings, remote: Capabilities) -> tuple[Modulation, ...]:
    """The modulations that both ends have, fastest first."""
    return tuple(
        each
        for each in settings.modulations()
        if each.family in remote.families and each.rate <= remote.max_rate
    )


def formats(settings: Settings, remote: Capabilities) -> Formats:
    """The page formats that both ends can do. MMR comes in only together with ECM."""
    ecm = settings.ecm and remote.ecm
    codings = settings.codings & remote.codings | {Coding.MH}
    return Formats(
        codings=codings if ecm else codings - {Coding.MMR},
        resolutions=settings.resolutions & remote.resolutions | {Resolution.STANDARD},
        width=min(settings.width, remote.width, key=_WIDTH_ORDER.index),
        length=min(settings.length, remote.length, key=_LENGTH_ORDER.index),
    )


def best(formats: Formats) -> Format:
    """The choice where the job has none: the densest coding, the finest dots, the largest paper."""
    coding = next(each for each in (Coding.MMR, Coding.MR, Coding.MH) if each in formats.codings)
    resolution = max(formats.resolutions, key=lambda each: each.value)
    return Format(coding, resolution, formats.width, formats.length)


def agree(settings: Settings, remote: Capabilities, modulation: Modulation, page: Format) -> Parameters:
    """What a DCS is to settle for pages of a format, at a modulation."""
    ecm = settings.ecm and remote.ecm
    return Parameters(
        modulation=modulation,
        coding=page.coding,
        resolution=page.resolution,
        width=page.width,
        length=page.length,
        min_scan_time=0.0 if ecm else remote.scan_time(page.resolution),
        ecm=ecm,
        ecm_frame_size=64 if remote.prefers_64 else 256,
    )


def command(parameters: Parameters, *, sub_address: bool = False, sender: bool = False) -> Bits:
    """The DCS that settles these parameters, and says whether a SUB and a SID go before it."""
    resolution = next((key for key, each in _RESOLUTIONS.items() if each is parameters.resolution), None)
    flags = {
        "receiver": True,
        "mr": parameters.coding is Coding.MR,
        "mmr": parameters.coding is Coding.MMR,
        "ecm": parameters.ecm,
        "frame_64": parameters.ecm and parameters.ecm_frame_size == 64,
        "inch": parameters.resolution in _INCH,
        "sub_address": sub_address,
        "password": sender,
    }
    names = [name for name, wanted in flags.items() if wanted] + ([resolution[0]] if resolution else [])
    return Bits.of(
        names,
        (
            (RATE, rate_code(parameters.modulation)),
            (WIDTH, _key(_WIDTHS, parameters.width)),
            (LENGTH, _key(_LENGTHS, parameters.length)),
            (SCAN_TIME, _DCS_SCAN_TIMES[parameters.min_scan_time]),
        ),
    )


def settled(bits: Bits) -> Parameters | None:
    """What a DCS settles; ``None`` where its rate is a code that T.30 does not define."""
    modulation = rate_meaning(bits.group(RATE))
    if modulation is None:
        return None
    inch = bits["inch"]
    coarse = Resolution.DPI_200_100 if inch else Resolution.STANDARD
    resolution = next(
        (each for (name, by), each in _RESOLUTIONS.items() if bits[name] and by == inch), coarse
    )
    return Parameters(
        modulation=modulation,
        coding=Coding.MMR if bits["mmr"] else Coding.MR if bits["mr"] else Coding.MH,
        resolution=resolution,
        width=_WIDTHS[bits.group(WIDTH)],
        length=_LENGTHS.get(bits.group(LENGTH), PageLength.UNLIMITED),
        min_scan_time=_SCAN_TIMES[bits.group(SCAN_TIME)][0 if resolution.y < 150 else 1],
        ecm=bits["ecm"],
        ecm_frame_size=64 if bits["frame_64"] else 256,
    )


def unwelcome(dcs: Bits, settings: Settings) -> str:
    """What a DCS demands that a receiver under ``settings`` cannot do, in words; empty: nothing."""
    parameters = settled(dcs)
    if parameters is None:
        return "a rate that T.30 does not define"
    if parameters.ecm and not settings.ecm:
        return "error correction"
    if parameters.coding is not Coding.MH and parameters.coding not in settings.codings:
        return str(parameters.coding)
    if parameters.coding is Coding.MMR and not parameters.ecm:
        return "MMR without error correction"
    # A finer resolution or a wider page than we asked for can be stored all the same.
    return next((bit.commands for bit in BITS if bit.name in _NO_PAGE_OF_OURS and dcs[bit.number]), "")


def rate_code(modulation: Modulation) -> tuple[int, ...]:
    """A DCS's bits 11 to 14 for a modulation."""
    return _key(_DCS_RATES, modulation)


def rate_meaning(code: tuple[int, ...]) -> Modulation | None:
    """The modulation of a DCS's bits 11 to 14; ``None`` for a code that T.30 does not define."""
    return _DCS_RATES.get(code)


def _key(table: Mapping[_Key, _Value], value: _Value) -> _Key:
    """The key of a value in a table; the first, where there are several."""
    return next(key for key, each in table.items() if each == value)
