"""Transmissions as words: what canned calls are written in, and the octets that go with them.

``TSI DCS``, ``PPS-EOP(0,0,3)``, ``PPR(3,7)``, ``block(0-9 without 3,7)``. The octets are T.30's and T.4's
print turned into the order of the line by hand, so that a misreading of ours in ``faxhw.t30.ecm`` has no
mirror here. PPS ends in page, block, and its last frame's number, as it stands on the line.
A star after a frame's name says that it comes damaged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from faxhw import hdlc
from faxhw.t30 import frames
from faxhw.t30.frames import Fcf
from faxhw.t30.line import Frame

AFTER_BLOCK: dict[str, int] = {
    "NULL": 0x00,
    "EOM": 0x8E,
    "MPS": 0x4E,
    "EOP": 0x2E,
    "PRI-EOM": 0x9E,
    "PRI-MPS": 0x5E,
    "PRI-EOP": 0x3E,
    "EOS": 0x1E,
    "strange": 0x55,
}
"""The second control field of PPS and EOR (T.30 annex A.4.3), X as 0; ``strange`` is none of T.30's."""
RATES: dict[str, int] = {
    "V.27ter-2400": 0x00,
    "V.27ter-4800": 0x08,
    "V.29-9600": 0x04,
    "V.29-7200": 0x0C,
    "V.17-14400": 0x20,
    "V.17-12000": 0x28,
    "V.17-9600": 0x24,
    "V.17-7200": 0x2C,
    "reserved": 0x3C,
}
"""Bits 11 to 14 of a DCS in its second octet (T.30 table 2), for the field of a CTC (annex A.4.1)."""
_RATE_BITS = 0x3C
_FCD = b"\xff\x03\x06"
_RCP = b"\xff\x03\x86"
"""1111 1111, 1100 0000, and 0110 0000 or 0110 0001 (T.4 annex A.3)."""
TOLD = {
    "TSI": "+49 89 1234",
    "CSI": "+49 89 1234",
    "CIG": "+49 89 1234",
    "SUB": "42",
    "SEP": "77",
    "SID": "secret",
    "PWD": "secret",
    "PSA": "43",
}
"""What the far end's identification frames say."""

_WORD = re.compile(r"(?P<name>[A-Z_]+)(?:-(?P<after>[A-Za-z-]+))?(?:\((?P<fields>[^)]*)\))?(?P<star>\*?)")
_BLOCK = re.compile(r"block(?P<tag>[A-Z]?)\((?P<numbers>[^)]*)\)(?P<how>.*)")


def numbers(text: str) -> list[int]:
    """``0-3,7`` as numbers; ``none`` has none."""
    found: list[int] = []
    for part in () if text == "none" else text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def ranges(found: Iterable[int]) -> str:
    """Numbers as ``0-3,7``."""
    runs: list[list[int]] = []
    for number in sorted(found):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{each[0]}-{each[-1]}" if len(each) > 1 else f"{each[0]}" for each in runs) or "none"


# ----------------------------------------------------------------------------------------------------------
# Heard


def heard(words: str, *, x: bool, fields: Mapping[str, bytes], block: int) -> tuple[Frame, ...]:
    """The frames that such words stand for, the last with its final bit set.

    ``x``: the X bit of who says them. ``fields``: what to say in frames that have no text of their own.
    ``block``: frames of the block that a PPR speaks of.
    """
    parts = words.split()
    return tuple(_frame(part, x=x, final=part is parts[-1], fields=fields, block=block) for part in parts)


def _frame(word: str, *, x: bool, final: bool, fields: Mapping[str, bytes], block: int) -> Frame:
    found = _WORD.fullmatch(word)
    assert found, f"no word of T.30: {word}"
    name, after, said = found["name"], found["after"], found["fields"]
    if name in fields:
        information = fields[name]
    elif name in TOLD:
        information = frames.identification(TOLD[name])
    else:
        information = _field(name, after, said, x=x, block=block)
    octets = frames.build(Fcf[name], information, x=x, final=final)
    return Frame(octets, good=not found["star"])


def _field(name: str, after: str | None, said: str | None, *, x: bool, block: int) -> bytes:
    if name in ("PPS", "EOR") and after:
        second = AFTER_BLOCK[after] | (x and after != "NULL")
        return bytes((second, *(int(each) for each in (said or "").split(",") if each)))
    if name == "CTC" and said is not None:
        return bytes((0x00, RATES[said]))
    if name == "PPR" and said is not None:
        asked: int = sum(1 << number for number in {*numbers(said), *range(block, 256)})
        return asked.to_bytes(32, "little")
    return bytes.fromhex(said) if said else b""


def content(tag: str, number: int, size: int) -> bytes:
    """What the far end has in a frame of a block."""
    return f"{tag}{number}".encode().ljust(size, b".")


def told(octets: bytes) -> str:
    """Which frames' contents these octets are, as ``0-3 B0-1``."""
    found: list[tuple[str, list[int]]] = []
    for tag, number in re.findall(r"([A-Z]?)(\d+)\.+", octets.decode("latin-1")):
        if not found or found[-1][0] != tag or int(number) <= found[-1][1][-1]:
            found.append((tag, []))
        found[-1][1].append(int(number))
    return " ".join(tag + ranges(each) for tag, each in found)


@cache
def block_carrier(text: str) -> bytes:
    """A block's carrier, of frames of 256 octets, or of 64 where it says so.

    ``block(0-9 without 3,7)``: those come damaged. ``blockB(0-3)``: another block's contents. ``no RCP``:
    nothing closes it. ``cut``: it breaks off in its last frame.
    """
    found = _BLOCK.fullmatch(text)
    assert found, f"no block: {text}"
    sent, _, damaged = found["numbers"].partition(" without ")
    size = 64 if "64" in found["how"] else 256
    bad = numbers(damaged) if damaged else []
    octets = [_FCD + bytes((each,)) + content(found["tag"], each, size) for each in numbers(sent)]
    if "no RCP" not in found["how"]:
        octets += [_RCP] * 3
    line = hdlc.FLAG * 20
    for number, each in zip([*numbers(sent), -1, -1, -1], octets, strict=False):
        bits = hdlc.framed(each)
        line += (bits[:40] + "01"[bits[40] == "0"] + bits[41:] if number in bad else bits) + hdlc.FLAG
    return hdlc.pack(line[:-200] if "cut" in found["how"] else line)


# ----------------------------------------------------------------------------------------------------------
# Said


def said(octets: tuple[bytes, ...], block: int) -> str:
    """A transmission's frames as words; ``block`` as in ``heard``."""
    return "+".join(_said(each, block) for each in octets)


def _said(octets: bytes, block: int) -> str:
    name, information = frames.label(frames.control_field(octets[2])), octets[3:]
    if name in ("PPS", "EOR"):
        x = octets[2] & 1
        after = next(
            key for key, each in AFTER_BLOCK.items() if each | (x and key != "NULL") == information[0]
        )
        counts = ",".join(str(each) for each in information[1:])
        return f"{name}-{after}({counts})" if counts else f"{name}-{after}"
    if name == "CTC":
        rate = next(key for key, each in RATES.items() if each == information[1] & _RATE_BITS)
        assert len(information) == 2, "bits 1 to 16 of a DCS (annex A.4.1)"
        return f"CTC({rate})"
    if name == "PPR":
        asked = [each for each in range(256) if information[each // 8] >> each % 8 & 1]
        beyond = [each for each in asked if each >= block]
        assert len(information) == 32, "256 bits (annex A.4.4)"
        assert beyond == list(range(block, 256)), "frames that the block has not are asked for (annex A.4.4)"
        return f"PPR({ranges(each for each in asked if each < block)})"
    return name


@lru_cache(64)
def frames_of(octets: bytes) -> dict[int, bytes]:
    """The frames of a block that we sent, in the order of the line; three RCP must close it."""
    unframed = hdlc.Deframer(max_octets=600).feed(octets + b"\x7e")
    assert all(each.good for each in unframed)
    assert [each.octets for each in unframed[-3:]] == [_RCP] * 3, "RCP three times (T.4 annex A.3.6)"
    found: dict[int, bytes] = {}
    for each in unframed[:-3]:
        assert each.octets[:3] == _FCD, "FCD (T.4 annex A.3.3)"
        assert each.octets[3] not in found, "a frame goes once in a block"
        found[each.octets[3]] = each.octets[4:]
    return found
