"""What a class 2, 2.0 or 2.1 modem reports of a far end: items by the names that the class has for them."""

from __future__ import annotations

from collections.abc import Iterator

from faxhw.session import RemoteInfo
from faxhw.t32 import dialect as words
from faxhw_drivers.sim.modem.class2.settings import ADDRESSES, REPORTS, FaxSettings

IDENT_LENGTH = 20


def of_far_end(info: RemoteInfo, values: FaxSettings, *, dialled: bool) -> Iterator[tuple[str, str]]:
    """Names and values, in the order of the frames, as far as the DTE wants them (+FNR, +FAP)."""
    dialect = values.dialect
    _, _, idents, nonstandard = wanted(values)
    sub_addresses, selections, passwords = values.all_numbers(ADDRESSES)
    offers = info.capabilities is not None
    if info.nsf is not None and nonstandard:
        text = info.nsf.hex(" ").upper()
        name = dialect.nss if not offers else dialect.nsf if dialled else dialect.nsc
        yield name, f'"{text}"' if dialect.base == 10 else text
    if info.password is not None and passwords:
        yield words.PASSWORD, f'"{info.password}"'
    if info.selective_polling is not None and selections:
        yield words.SELECTIVE_POLLING, f'"{info.selective_polling}"'
    if info.sub_address is not None and sub_addresses:
        yield words.SUB_ADDRESS, f'"{info.sub_address}"'
    if info.ident is not None and idents:
        name = dialect.sender_id if not offers else dialect.receiver_id if dialled else dialect.poller_id
        yield name, f'"{info.ident.rjust(IDENT_LENGTH)}"'


def wanted(values: FaxSettings) -> tuple[int, ...]:
    """+FNR: whether what receivers can do, what senders settle, who is there, and NSF are reported. Class 2
    always reports."""
    return values.all_numbers(REPORTS) if values.dialect.base == 16 else (1, 1, 1, 1)
