"""What a class 2, 2.0 or 2.1 modem can be told and asked: one table for the three, and the values it keeps.

Numbers are decimal in class 2 and hexadecimal in the others (``Dialect.base``). The lists of capabilities are
those of ``faxhw.t32.parameters``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from faxhw.t32.dialect import DIALECTS, Dialect
from faxhw.t32.parameters import RATES, Subparameters, understand
from faxhw.terms import Coding, Format, Formats, PageLength, PageWidth, Resolution, Settings

BIT_ORDER, QUALITY, RECEIVE_QUALITY = "bit order", "quality", "receive quality"
BAD_LINES, BAD_MULTIPLIER = "bad lines", "bad multiplier"
HOLDS, POLLS, MIN_SPEED = "holds", "polls", "min speed"
REPORTS, ADDRESSES, STALL, TRACE = "reports", "addresses", "stall", "trace"
LOCAL_ID, POLLING_ID, SUB_ADDRESS, SELECTIVE, PASSWORD, NSF = (
    "local id",
    "polling id",
    "sub-address",
    "selective polling",
    "password",
    "nsf",
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A parameter of numbers: what it is here, its names in class 2 and in the others, its values."""

    key: str
    two: str
    two_0: str
    most: tuple[int, ...]
    """The greatest value of each; the least is 0."""
    default: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A parameter of characters, or of hexadecimal octets."""

    key: str
    two: str
    two_0: str
    hexadecimal: bool = False


NUMBERS = (
    Numbers(BIT_ORDER, "+FBOR", "+FBO", (3,), (0,)),
    Numbers(TRACE, "+FBUG", "+FBU", (1,), (0,)),
    Numbers(QUALITY, "+FCQ", "", (2,), (1,)),
    Numbers(QUALITY, "", "+FCQ", (2, 2), (1, 0)),
    Numbers(BAD_MULTIPLIER, "+FBADMUL", "", (255,), (20,)),
    Numbers(BAD_LINES, "+FBADLIN", "", (255,), (10,)),
    Numbers(RECEIVE_QUALITY, "", "+FRQ", (100, 255), (95, 10)),
    Numbers(MIN_SPEED, "+FMINSP", "+FMS", (5,), (0,)),
    Numbers(STALL, "+FPHCTO", "+FCT", (255,), (30,)),
    Numbers(HOLDS, "+FLPL", "+FLP", (1,), (0,)),
    Numbers(POLLS, "+FSPL", "+FSP", (1,), (0,)),
    Numbers(REPORTS, "", "+FNR", (1, 1, 1, 1), (0, 0, 0, 0)),
    Numbers(ADDRESSES, "+FAP", "+FAP", (1, 1, 1), (0, 0, 0)),
    # Without meaning here.
    Numbers("receive", "+FCR", "+FCR", (1,), (1,)),
    Numbers("stream", "+FTBC", "+FPP", (1,), (0,)),
    Numbers("alignment", "+FREL", "+FEA", (1,), (0,)),
    Numbers("error correction", "+FECM", "", (2,), (2,)),
    Numbers("continue", "+FCTCRTY", "+FRY", (255,), (0,)),
    Numbers("interrupts", "", "+FIE", (1,), (0,)),
    Numbers("conversion", "", "+FFC", (4, 4, 4, 4), (0, 0, 0, 0)),
)
TEXTS = (
    Text(LOCAL_ID, "+FLID", "+FLI"),
    Text(POLLING_ID, "+FCIG", "+FPI"),
    Text(SUB_ADDRESS, "+FSA", "+FSA"),
    Text(SELECTIVE, "+FPA", "+FPA"),
    Text(PASSWORD, "+FPW", "+FPW"),
    Text(NSF, "", "+FNS", hexadecimal=True),
)
TEXT_LENGTH = 20
_CLAIMED: Mapping[int, tuple[str, ...]] = defaultdict(tuple, {1: ("MR",), 3: ("MMR",)})
"""The coding of a value of df that a modem may only claim."""
_DEFAULT, _NOTHING = Subparameters(vr=1, br=5, ln=2), Subparameters()


def named(dialect: Dialect, name: str) -> Numbers | Text | None:
    """The parameter of that name; ``None`` if the class has none."""
    every: Iterable[Numbers | Text] = (*NUMBERS, *TEXTS)
    return next((each for each in every if (each.two if dialect.draft else each.two_0) == name), None)


@dataclass
class FaxSettings:
    """The values that one class keeps."""

    dialect: Dialect
    capabilities: Subparameters = _DEFAULT
    wishes: Subparameters = _DEFAULT
    settled: Subparameters = _NOTHING
    """What the last DCS settled."""
    page_status: int = 1
    hang_up: str = "0"
    """How the last call ended."""
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    resolutions: int = 0x01
    """The bits of vr that the modem has."""

    @property
    def most(self) -> Subparameters:
        """The greatest of each number that its capabilities can have."""
        return Subparameters(
            vr=self.resolutions, br=5, wd=2, ln=2, df=3, ec=max(self.dialect.frame_sizes), bf=0, st=7
        )

    def possible(self, numbers: Subparameters, claims: frozenset[str]) -> bool:
        """Whether the modem can be told so, of which ``claims`` are not true."""
        most = self.most
        in_range = all(getattr(numbers, name) <= getattr(most, name) for name in Subparameters.__slots__)
        untrue = claims & {*_CLAIMED[numbers.df], *(["ECM"] if numbers.ec else [])}
        return in_range and numbers.df != 2 and numbers.vr & ~most.vr == 0 and not untrue

    def ranges(self) -> str:
        """The answer to =? of the capabilities."""
        most = self.most
        vr = f"(0-{most.vr:X})" if most.vr > 1 else "(0,1)"
        return f"{vr},(0-5),(0-2),(0-2),(0,1,3),(0-{most.ec}),(0),(0-7)"

    def understood(self, remote: Subparameters) -> Subparameters:
        """What a far end can do, as far as the modem knows of it."""
        return replace(remote, vr=remote.vr & self.resolutions)

    def number(self, key: str) -> int:
        """The first number of a parameter."""
        return self.all_numbers(key)[0]

    def all_numbers(self, key: str) -> tuple[int, ...]:
        return self.numbers.get(key) or next(
            each.default
            for each in NUMBERS
            if each.key == key and (each.two if self.dialect.draft else each.two_0)
        )

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    @property
    def stall(self) -> float:
        """Seconds for which the DTE may stall in phase C."""
        return self.number(STALL) / self.dialect.stalls_a_second

    def session_begins(self) -> None:
        self.settled = Subparameters()

    def session_ends(self) -> None:
        self.wishes = self.capabilities
        for key in (SUB_ADDRESS, SELECTIVE, PASSWORD, NSF):
            self.texts.pop(key, None)

    def settings(self, *, dialled: bool, poll: bool = False) -> Settings:
        """What T.30 is to offer, or to ask for. Whether a caller has said the right password and selection is
        for the DTE to judge."""
        can, addresses = understand(self.wishes, self.dialect), self.all_numbers(ADDRESSES)
        return Settings(
            ident=self.text(POLLING_ID if poll else LOCAL_ID),
            families=can.families,
            min_rate=min(RATES[self.number(MIN_SPEED)], can.max_rate),
            max_rate=can.max_rate,
            resolutions=can.resolutions | {Resolution.STANDARD},
            codings=can.codings | {Coding.MH},
            ecm=can.ecm,
            width=can.width,
            length=can.length,
            sub_address=self.text(SUB_ADDRESS),
            password=self.text(PASSWORD) if dialled else "",
            any_password=not dialled and bool(addresses[2]),
            selective_polling=self.text(SELECTIVE) if dialled else "",
            any_selection=not dialled and bool(addresses[1]),
            poll=poll,
            nsf=bytes.fromhex(self.text(NSF)),
        )

    def format(self, formats: Formats) -> Format:
        """The best that is possible and wished for."""
        can = understand(self.wishes, self.dialect)
        return Format(
            coding=next(each for each in _CODINGS if each in formats.codings & (can.codings | {Coding.MH})),
            resolution=max(
                formats.resolutions & (can.resolutions | {Resolution.STANDARD}), key=lambda each: each.value
            ),
            width=min(formats.width, can.width, key=tuple(PageWidth).index),
            length=min(formats.length, can.length, key=tuple(PageLength).index),
        )


_CODINGS = (Coding.MMR, Coding.MR, Coding.MH)


def fresh(frame_sizes_of: str = "", resolutions: int = 0x7F) -> dict[str, FaxSettings]:
    """The values of every class as a reset leaves them; with the numbers that one class has for error
    correction, or each its own, and with these bits of vr where a class knows them."""
    return {
        fclass: FaxSettings(
            replace(dialect, frame_sizes=DIALECTS[frame_sizes_of or fclass].frame_sizes),
            resolutions=0x01 if dialect.draft else resolutions,
        )
        for fclass, dialect in DIALECTS.items()
    }
