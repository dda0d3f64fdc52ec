"""B protocols: what an application wants of a call, and whether the controller has it."""

from __future__ import annotations

from dataclasses import dataclass

from faxhw.capi import structures
from faxhw.capi.fields import CapiError
from faxhw.capi.structures import B1_FAX, B1_TRANSPARENT, B3_FAX, B3_FAX_EXTENDED, B3_TRANSPARENT, FaxOption
from faxhw.errors import Error
from faxhw.terms import LADDER, Coding, Resolution, Settings
from faxhw_drivers.sim.capi.model import Info, Model

_IDENT = frozenset("0123456789+ ")
_REFUSED_CODING = {FaxOption.NO_MR: Coding.MR, FaxOption.NO_MMR: Coding.MMR}


class RefusedError(Error):
    """What an application asks for is not to be had; ``info`` says why."""

    def __init__(self, info: Info) -> None:
        super().__init__(f"refused with 0x{info:04X}")
        self.info = info


@dataclass(frozen=True, slots=True)
class BProtocol:
    """A B protocol that the controller has."""

    b3: int
    options: FaxOption = FaxOption(0)  # noqa: RUF009 - it is a value
    ident: str = ""
    rate: int = 0
    """bit/s that are not to be passed; 0: as fast as can be."""

    @property
    def fax(self) -> bool:
        """Whether the controller runs T.30; else the application gets the call's sound."""
        return self.b3 != B3_TRANSPARENT

    @property
    def resolution(self) -> Resolution:
        """Of pages that are sent."""
        high = FaxOption.HIGH_RESOLUTION in self.options
        return Resolution.FINE if high else Resolution.STANDARD

    @property
    def polls(self) -> bool:
        """Whether who calls is to receive, and who is called to send."""
        return FaxOption.POLLING in self.options

    def settings(self) -> Settings:
        """What T.30 offers and wants; a receiver takes both resolutions whatever it was told."""
        refused = {coding for bit, coding in _REFUSED_CODING.items() if bit in self.options}
        return Settings(
            ident=self.ident,
            codings=frozenset(Coding) - refused,
            ecm=FaxOption.NO_ECM not in self.options,
            max_rate=max(self.rate, LADDER[-1].rate) if self.rate else LADDER[0].rate,
        )


def understand(octets: bytes, model: Model) -> BProtocol:
    """The protocol in a B protocol structure. Raises ``RefusedError``."""
    try:
        found = structures.parse(structures.B_PROTOCOL, octets, "a B protocol")
        configuration = found.octets("b3_configuration")
        b1, b2, b3 = (found.integer(name) for name in ("b1", "b2", "b3"))
        _check(b1, b2, b3, model)
        if b3 == B3_TRANSPARENT:
            return BProtocol(b3)
        fax = structures.parse(structures.FAX, configuration, "the configuration of a fax")
        rate = _rate(found.octets("b1_configuration"))
    except CapiError as error:
        raise RefusedError(Info.ILLEGAL_PARAMETER) from error
    if fax.integer("format") != structures.SFF_FORMAT:
        raise RefusedError(Info.ILLEGAL_PARAMETER)
    options = FaxOption(fax.integer("options"))
    if b3 == B3_FAX:
        options &= FaxOption.HIGH_RESOLUTION  # the whole word is the resolution
    ident = "".join(each for each in fax.octets("ident").decode("latin-1") if each in _IDENT)[:20]
    return BProtocol(b3, options, ident, rate)


def _rate(configuration: bytes) -> int:
    """The highest rate in a fax's B1 configuration; empty, it leaves that to the controller."""
    if not configuration:
        return 0
    return structures.parse(structures.B1_CONFIGURATION, configuration, "the configuration of B1").integer(
        "rate"
    )


def _check(b1: int, b2: int, b3: int, model: Model) -> None:
    """Layer 2 has the number of layer 1 in both that there are."""
    layers: dict[int, tuple[int, ...]] = {}
    if model.fax:
        layers[B1_FAX] = B3_FAX, B3_FAX_EXTENDED
    if model.transparent:
        layers[B1_TRANSPARENT] = (B3_TRANSPARENT,)
    if b1 not in layers:
        raise RefusedError(Info.NO_SUCH_B1)
    if b2 not in layers:
        raise RefusedError(Info.NO_SUCH_B2)
    if not any(b3 in each for each in layers.values()):
        raise RefusedError(Info.NO_SUCH_B3)
    if b2 != b1 or b3 not in layers[b1]:
        raise RefusedError(Info.NO_SUCH_COMBINATION)
