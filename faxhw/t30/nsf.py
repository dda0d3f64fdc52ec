"""What a machine's NSF, NSS or NSC tells of its maker (T.30 clause 5.3.6.2.7; ITU-T T.35).

Such a frame begins with T.35's codes, a country and a provider of terminals in it; the rest is the maker's
own affair, and often holds the station's name. The tables are in ``nsf.toml``.

We send none by default. A code has to be assigned to the provider by a national body, and faxhw has none;
under the code of another a machine of that make would take us for one of its own and use what we cannot do.
And each octet delays every answer by 27 ms.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from faxhw.hdlc import REVERSED

_ESCAPE = 0xFF
"""Instead of a country code: an octet more of it follows (T.35 clause 3.1)."""
_PROVIDER_OCTETS = 2
_MOST_OCTETS = 128
"""Of the information field, that are looked at."""
_LONGEST_TEXT = 40
_TEXT = re.compile(rb"[ -~]{6,}")
_WORTH_SHOWING = re.compile(r"[^\W_]{3}")
_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Facilities:
    """What was found in the information field of an NSF, NSS or NSC."""

    code: str
    """The country and provider codes in hexadecimal, octets as on the line: ``"AD 00 55"``."""
    country: str | None
    """Where the provider's code was assigned; ``None`` if T.35 has no such country."""
    maker: str | None
    """``None`` if the code is not in our table."""
    text: str
    """What text the rest holds, printable ASCII, or nothing: a station's name, a program's version. It is a
    guess: the rest of the field has no standard."""

    def __str__(self) -> str:
        who = self.maker or f"unknown maker {self.code}"
        where = f" ({self.country})" if self.country else ""
        return f"{who}{where}" + (f', "{self.text}"' if self.text else "")


def facilities(information: bytes) -> Facilities | None:
    """Read an information field, octets as on the line, first bit lowest; ``None`` if it is empty."""
    information = information[:_MOST_OCTETS]
    if not information:
        return None
    tables = _tables()
    country_octets = 2 if information[0] == _ESCAPE else 1
    country, swapped = (None, False) if country_octets > 1 else tables.country(information[0])
    code = information[: country_octets + _PROVIDER_OCTETS]
    known_as = (code.translate(REVERSED) if swapped else code).hex()
    return Facilities(
        code=code.hex(" ").upper(),
        country=country,
        maker=tables.makers.get(known_as),
        text=_text(information[len(code) :], forwards=known_as in tables.forwards),
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    countries: Mapping[str, str]
    fax_makers_in: frozenset[str]
    makers: Mapping[str, str]
    forwards: frozenset[str]

    def country(self, octet: int) -> tuple[str | None, bool]:
        """The country of this octet, and whether its bits came in the wrong order."""
        right, wrong = f"{REVERSED[octet]:02x}", f"{octet:02x}"
        swapped = wrong in self.fax_makers_in and right not in self.fax_makers_in
        return self.countries.get(wrong if swapped else right), swapped


@cache
def _tables() -> _Tables:
    data = tomllib.loads((resources.files(__package__) / "nsf.toml").read_text("utf-8"))
    return _Tables(
        countries=data["countries"],
        fax_makers_in=frozenset(data["bit_order"]["fax_makers_in"]),
        makers=data["makers"],
        forwards=frozenset(data["text"]["forwards"]),
    )


def _text(octets: bytes, *, forwards: bool) -> str:
    """The longest text in the octets, or in the octets with their bits turned around."""
    found = [
        text
        for each in (octets, octets.translate(REVERSED))
        for match in _TEXT.findall(each)
        if _WORTH_SHOWING.search(text := match.decode("ascii").strip())
    ]
    text = max(found, key=len, default="")
    if not forwards and _capitals(text) <= _capitals(text[::-1]):
        text = text[::-1]
    return text[:_LONGEST_TEXT].strip()


def _capitals(text: str) -> int:
    """Words that begin with a capital and go on small: there are more of them in the right direction."""
    return sum(word[0].isupper() and word[1:].islower() for word in _WORD.findall(text))
