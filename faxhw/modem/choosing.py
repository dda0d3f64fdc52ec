"""Which of the classes 2.1, 2.0 and 2 a modem really has, and the profile for it.

A modem may claim a class that it lacks: then it refuses to be put in it, or cannot say what it can do in it.
The classes for which a profile is known come first, since what makes a profile is that somebody has tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from faxhw.at.chat import Chat, Reply
from faxhw.at.identify import Identity, ask, identify_more
from faxhw.at.library import UNKNOWN, fitting, profiles
from faxhw.at.profile import Class2, Profile
from faxhw.t32 import parameters
from faxhw.t32.dialect import DIALECTS, Dialect
from faxhw.t32.parameters import Subparameters

CLASSES = ("2.1", "2.0", "2")
"""Best first."""
_SELECT_WAIT = 5.0
_ALL = Subparameters(*[0xFF] * 8)


@dataclass(frozen=True, slots=True)
class Choice:
    """A class, and how the modem speaks it."""

    profile: Profile
    reason: str
    dialect: Dialect
    """With the profile's own ways of writing numbers."""
    most: Subparameters
    """What the modem can do, as far as it is to be believed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of looking for a class."""

    identity: Identity
    """With what the modem said in a class of these."""
    choice: Choice | None
    warnings: tuple[str, ...]


def choose(chat: Chat, identity: Identity, fclass: str = "", profile: Profile | None = None) -> Chosen:
    """Look for a class, in command state; the modem is left in it, or in any other.

    ``fclass`` and ``profile`` are what somebody asked for: then that is taken even if the modem cannot say
    what it can do.
    """
    forced = bool(fclass or profile)
    wanted = (fclass,) if fclass else profile.classes if profile else CLASSES
    classes = [each for each in wanted if each in CLASSES]
    offered = [each for each in classes if forced or not identity.classes or each in identity.classes]
    warnings: list[str] = []
    taken: list[str] = []
    for each in offered:
        reply = chat.command(f"+FCLASS={each}", _SELECT_WAIT)
        if reply.ok:
            taken.append(each)
        elif reply.result is None or identity.classes:
            warnings.append(_not_taken(each, identity, reply))
    if taken:
        identity = replace(identity, said=identify_more(chat, identity.said))
    for found, reason in _candidates(identity, taken, profile):
        choice, claims = _tried(chat, identity, found, reason)
        if claims and identity.classes:
            warnings.append(claims)
        if choice is not None and (forced or not claims):
            return Chosen(identity, choice, tuple(warnings))
    return Chosen(identity, None, tuple(warnings))


def _candidates(
    identity: Identity, classes: Iterable[str], profile: Profile | None
) -> Iterable[tuple[Profile, str]]:
    if profile is not None:
        return [(profile, "asked for") for each in classes if each in profile.classes]
    fits = {each: fitting(identity.said, each) for each in classes}
    known = [found for found in fits.values() if found is not None]
    return known + [(profiles()[f"generic-{each}"], UNKNOWN) for each, found in fits.items() if found is None]


def not_taken(fclass: str) -> str:
    """A class that a modem claims and lacks."""
    return f"it claims class {fclass}, and refuses to be put in it"


def _not_taken(fclass: str, identity: Identity, reply: Reply) -> str:
    """Why a modem is not in a class."""
    if reply.result is None:
        return f"it does not answer AT+FCLASS={fclass}"
    if fclass in identity.classes:
        return not_taken(fclass)
    return f"it has no class {fclass}; it offers classes {', '.join(identity.classes)}"


def _tried(chat: Chat, identity: Identity, profile: Profile, reason: str) -> tuple[Choice | None, str]:
    """The class of a profile, tried out; and what is wrong with the modem's claim to have it, if anything."""
    fclass = profile.classes[0]
    dialect = spoken(DIALECTS[fclass], profile.class2)
    reply = chat.command(f"+FCLASS={fclass}", _SELECT_WAIT)
    if not reply.ok:
        return None, _not_taken(fclass, identity, reply)
    question = f"{dialect.capabilities}=?"
    said = ask(chat, question)
    can = parameters.most(said, dialect.base) or parameters.most(said, 26 - dialect.base)
    believed = parameters.parse(profile.class2.most, 10, _ALL) or _ALL
    if can is not None:
        return Choice(profile, reason, dialect, parameters.limited(can, believed)), ""
    least = Subparameters(vr=1, br=5, wd=2, ln=2, df=1)
    claims = f"it claims class {fclass}, and answers {said[:40]!r} to AT{question}"
    return Choice(profile, reason, dialect, parameters.limited(least, believed)), claims


def spoken(dialect: Dialect, traits: Class2) -> Dialect:
    """A class as one modem speaks it: its base for numbers, its numbers for error correction."""
    if traits.hexadecimal:
        dialect = replace(dialect, base=16 if traits.hexadecimal == "yes" else 10)
    if traits.ecm_numbering:
        dialect = replace(dialect, frame_sizes=DIALECTS[traits.ecm_numbering].frame_sizes)
    return dialect
