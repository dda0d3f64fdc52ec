"""The USB ids in ``udev/70-faxhw.rules``, written there from data.

``usb_modems`` says whose data. Only modems that a kernel driver or our own serves are named: software modems
and mobile-network sticks must stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from faxhw.errors import UsageError

_BEGIN = "# -- ids: written by scripts/udev-rules.py\n"
_END = "# -- end of the ids\n"


class UsbModem(NamedTuple):
    """A modem on USB; the ids are four hexadecimal digits."""

    vendor: str
    product: str
    maker: str


_MODEMS = {
    # drivers/usb/class/cdc-acm.c of Linux names these.
    ("0572", "Conexant CX93010 family: most fax sticks"): "1321 1324 1328 1329 1340 1349",
    ("17ef", "Lenovo"): "7000",
    ("0ace", "ZyXEL Omni 56K"): "1602 1608 1611",
    ("079b", "BT On-Air"): "000f",
    # systemd's hwdb names these as modems, and nothing tells of software modems among them.
    ("0803", "Zoom"): "1300 3095 9700",
    ("0baf", "U.S. Robotics"): "00ec 0303 6112",
    # f114, f115 and 0319 are served by ti_usb_3410_5052, with firmware.
    ("06e0", "MultiTech"): "0319 f101 f103 f104 f107 f114 f115 f120",
}


def usb_modems() -> list[UsbModem]:
    """Those that the rules are about."""
    return [
        UsbModem(vendor, product, maker)
        for (vendor, maker), products in _MODEMS.items()
        for product in products.split()
    ]


def with_ids(rules: str, modems: Iterable[UsbModem]) -> str:
    """The text of a rules file, with a rule a vendor between its two marks, in place of what is there."""
    before, begin, rest = rules.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UsageError(f"the rules have no place for the ids: lines {_BEGIN!r} and {_END!r}")
    return "".join((before, begin, *_id_rules(modems), end, after))


def _id_rules(modems: Iterable[UsbModem]) -> Iterable[str]:
    for vendor, same in groupby(sorted(modems), attrgetter("vendor")):
        each = list(same)
        products = "|".join(sorted({modem.product for modem in each}))
        yield f"# {', '.join(sorted({modem.maker for modem in each}))}\n"
        yield (f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{products}", ENV{{FAXHW_MODEM}}="1"\n')
