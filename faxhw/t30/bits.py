"""The bits of DIS, DTC and DCS: one table, read both ways (T.30 table 2).

Bits are numbered from 1 in the order of the line. The information field is kept as it came, so bits that this
table does not know survive being read, changed and sent on. Each octet from the third on ends in an extension
bit that says that another follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_OCTETS = 32
"""Octets of a field that are looked at; T.30 (2005) defines 16."""


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit's meaning where it is set: in a DIS or DTC, and in a DCS."""

    number: int
    name: str
    offers: str
    """What a DIS or DTC says with it; empty: nothing."""
    commands: str
    """What a DCS says with it; empty: nothing."""


BITS: tuple[Bit, ...] = tuple(
    Bit(*row)
    for row in (
        (1, "t37", "T.37 store-and-forward", "T.37 store-and-forward"),
        (3, "t38", "T.38 real-time Internet fax", "T.38 real-time Internet fax"),
        (4, "mobile", "third-generation mobile network", "third-generation mobile network"),
        (6, "v8", "V.8", ""),
        (7, "prefers_64", "64-octet frames preferred", ""),
        (9, "to_poll", "has a document to be polled", ""),
        (10, "receiver", "can receive", "receive"),
        (15, "fine", "R8 x 7.7 lines/mm or 200 x 200 dpi", "R8 x 7.7 lines/mm or 200 x 200 dpi"),
        (16, "mr", "MR", "MR"),
        (26, "uncompressed", "uncompressed mode", "uncompressed mode"),
        (27, "ecm", "ECM", "ECM"),
        (28, "frame_64", "", "64-octet frames"),
        (31, "mmr", "MMR", "MMR"),
        (33, "fnv", "field not valid", "field not valid"),
        (34, "multiple_polling", "multiple selective polling", ""),
        (35, "polled_sub_address", "polled sub-address", ""),
        (36, "t43", "T.43 coding", "T.43 coding"),
        (37, "plane_interleave", "plane interleave", "plane interleave"),
        (38, "voice", "G.726 voice", "G.726 voice"),
        (39, "extended_voice", "extended voice", "extended voice"),
        (41, "superfine", "R8 x 15.4 lines/mm", "R8 x 15.4 lines/mm"),
        (42, "dpi_300", "300 x 300 dpi", "300 x 300 dpi"),
        (43, "r16", "R16 x 15.4 lines/mm or 400 x 400 dpi", "R16 x 15.4 lines/mm or 400 x 400 dpi"),
        (44, "inch", "inch-based resolution preferred", "inch-based resolution"),
        (45, "metric", "metric-based resolution preferred", ""),
        (46, "half_scan_time", "half the scan time at 15.4 lines/mm", ""),
        (47, "selective_polling", "selective polling", ""),
        (49, "sub_address", "sub-address", "sub-address"),
        (50, "password", "password", "sender identification"),
        (51, "file_to_poll", "has a data file to be polled", ""),
        (53, "bft", "binary file transfer", "binary file transfer"),
        (54, "dtm", "document transfer mode", "document transfer mode"),
        (55, "edi", "EDIFACT", "EDIFACT"),
        (57, "btm", "basic transfer mode", "basic transfer mode"),
        (59, "character_to_poll", "has a character or mixed-mode document to be polled", ""),
        (60, "character", "character mode", "character mode"),
        (62, "mixed", "mixed mode", "mixed mode"),
        (65, "processable", "processable mode 26", ""),
        (66, "digital_network", "digital network", "digital network"),
        (67, "duplex", "duplex", "duplex"),
        (68, "jpeg", "JPEG", "JPEG"),
        (69, "colour", "full colour", "full colour"),
        (70, "huffman", "", "preferred Huffman tables"),
        (71, "twelve_bit", "12 bits a component", "12 bits a component"),
        (73, "no_subsampling", "no subsampling", "no subsampling"),
        (74, "illuminant", "custom illuminant", "custom illuminant"),
        (75, "gamut", "custom gamut", "custom gamut"),
        (76, "letter", "North American Letter", "North American Letter"),
        (77, "legal", "North American Legal", "North American Legal"),
        (78, "jbig", "T.85 basic", "T.85 basic"),
        (79, "jbig_optional", "T.85 optional", "T.85 optional"),
        (81, "hkm", "HKM key management", "HKM key management"),
        (82, "rsa", "RSA key management", "RSA key management"),
        (83, "override", "override", "override"),
        (84, "hfx40", "HFX40 cipher", "HFX40 cipher"),
        (85, "cipher_2", "alternative cipher 2", "alternative cipher 2"),
        (86, "cipher_3", "alternative cipher 3", "alternative cipher 3"),
        (87, "hfx40_i", "HFX40-I hashing", "HFX40-I hashing"),
        (89, "hashing_2", "alternative hashing 2", "alternative hashing 2"),
        (90, "hashing_3", "alternative hashing 3", "alternative hashing 3"),
        (92, "mrc_1", "mixed raster content", "mixed raster content"),
        (93, "mrc_2", "mixed raster content", "mixed raster content"),
        (94, "mrc_3", "mixed raster content", "mixed raster content"),
        (95, "strip", "page-long strips of mixed raster content", "page-long strips"),
        (97, "colour_300", "colour at 300 or 400 dpi", "colour at 300 or 400 dpi"),
        (98, "colour_100", "colour at 100 dpi", "colour at 100 dpi"),
        (99, "bft_simple", "simple binary file negotiation", "simple binary file negotiation"),
        (100, "bft_extended", "extended binary file negotiation", ""),
        (101, "internet_polling", "Internet selective polling address", ""),
        (102, "internet_routing", "Internet routing address", "Internet routing address"),
        (105, "dpi_600", "600 x 600 dpi", "600 x 600 dpi"),
        (106, "dpi_1200", "1200 x 1200 dpi", "1200 x 1200 dpi"),
        (107, "dpi_300_600", "300 x 600 dpi", "300 x 600 dpi"),
        (108, "dpi_400_800", "400 x 800 dpi", "400 x 800 dpi"),
        (109, "dpi_600_1200", "600 x 1200 dpi", "600 x 1200 dpi"),
        (110, "colour_600", "colour at 600 dpi", "colour at 600 dpi"),
        (111, "colour_1200", "colour at 1200 dpi", "colour at 1200 dpi"),
        (113, "duplex_alternate", "both sides, by turns", "both sides, by turns"),
        (114, "duplex_continuous", "both sides, one after the other", "both sides, one after the other"),
        (115, "mrc_black_white", "black and white mixed raster content", ""),
        (116, "t45", "T.45 run length colour", "T.45 run length colour"),
        (119, "mrc_colour_space", "colour space of mixed raster content", "colour space"),
        (121, "t38_flow", "T.38 flow control", "T.38 flow control"),
        (122, "large_k", "K greater than 4", "K greater than 4"),
        (123, "t38_fax", "Internet-aware fax", "Internet-aware fax"),
        (124, "t88_1", "T.88 coding", "T.88 coding"),
        (125, "t88_2", "T.88 coding", "T.88 coding"),
        (126, "t88_3", "T.88 coding", "T.88 coding"),
        (127, "sycc", "sYCC-JPEG", "sYCC-JPEG"),
    )
)
NUMBERS = {bit.name: bit.number for bit in BITS}

RATE = (11, 12, 13, 14)
WIDTH = (17, 18)
LENGTH = (19, 20)
SCAN_TIME = (21, 22, 23)
EXTENSIONS = range(24, 8 * MAX_OCTETS + 1, 8)


@dataclass(frozen=True, slots=True)
class Bits:
    """The information field of a DIS, DTC or DCS."""

    octets: bytes

    @classmethod
    def of(cls, names: Iterable[str], groups: Iterable[tuple[tuple[int, ...], tuple[int, ...]]] = ()) -> Bits:
        """A field with these named bits set, and these groups of bits as given; extension bits follow."""
        numbers = {NUMBERS[name] for name in names}
        for group, values in groups:
            numbers.update(number for number, value in zip(group, values, strict=True) if value)
        octets = bytearray(max(3, (max(numbers, default=0) + 7) // 8))
        for number in numbers | set(EXTENSIONS[: len(octets) - 3]):
            octets[(number - 1) // 8] |= 1 << (number - 1) % 8
        return cls(bytes(octets))

    def __getitem__(self, bit: int | str) -> bool:
        """A bit by its number or its name; what lies beyond the last octet is 0."""
        number = NUMBERS[bit] if isinstance(bit, str) else bit
        octet = (number - 1) // 8
        return octet < len(self._valid) and bool(self._valid[octet] >> (number - 1) % 8 & 1)

    def group(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """Several bits, in the order of the line."""
        return tuple(int(self[number]) for number in numbers)

    def names(self) -> tuple[str, ...]:
        """The names of the known bits that are set."""
        return tuple(bit.name for bit in BITS if self[bit.number])

    def unknown(self) -> tuple[int, ...]:
        """The numbers of set bits that the table does not know."""
        known = {bit.number for bit in BITS} | set(EXTENSIONS) | {*RATE, *WIDTH, *LENGTH, *SCAN_TIME}
        return tuple(
            number for number in range(1, 8 * len(self._valid) + 1) if number not in known and self[number]
        )

    @property
    def _valid(self) -> bytes:
        """The octets up to the first without an extension bit."""
        octets = self.octets[:MAX_OCTETS]
        length = 3
        while length < len(octets) and octets[length - 1] & 0x80:
            length += 1
        return octets[:length]
