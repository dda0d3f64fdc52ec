"""What a modem says of a call that rings: its ring, who calls, who was called, and how the ring sounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING

from faxhw_drivers.sim.exchange import CallerId
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.basic import Handler, number
from faxhw_drivers.sim.modem.commandline import BadCommand, Command

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

TRUNK_DIGITS = 4
"""Digits of the called number that a trunk passes on (MultiTech's *DN4)."""


def ring_lines(modem: VirtualModem, first: bool) -> Iterator[str]:
    """What is said at a ring of the call; at each, or where a trunk tells of it once, at the ``first``."""
    call, quirks = modem.phone.call, modem.quirks
    caller = call.shown_to_called() if call is not None else CallerId()
    if quirks.trunk:
        if first:
            yield from _trunk_lines(quirks.trunk, caller.called[-TRUNK_DIGITS:])
        return
    ring = call.ring if call is not None else None
    kept = modem.registers.other
    if ring is not None and kept.get("+VDR"):
        for place, tenths in enumerate(ring.cadence):
            yield f"{'DROF' if place % 2 else 'DRON'}={tenths}"
    text = quirks.ring_text.format(number=caller.number, name=caller.name, called=caller.called)
    known = ring is not None and any(kept.get(each, 0) >> ring.kind - 1 & 1 for each in ("#SDR", "-SDR"))
    yield f"{text} {ring.kind}" if ring is not None and known else text


def _trunk_lines(form: str, called: str) -> Iterator[str]:
    if "{digit}" in form:
        yield from (form.format(digit=each) for each in called)
    else:
        yield form.format(called=called)


def caller_id_lines(templates: tuple[str, ...], caller: CallerId, when: datetime) -> list[str]:
    """A caller ID as a modem writes it; without the lines of what is not known."""
    fields = {
        "date": when.strftime("%m%d"),
        "time": when.strftime("%H%M"),
        "number": caller.withheld or caller.number,
        "name": caller.withheld or caller.name,
        "called": caller.called,
        "frame": frame(caller, when).hex().upper(),
    }
    known = (
        template
        for template in templates
        if all(fields[name] for _, name, _, _ in Formatter().parse(template) if name)
    )
    return [template.format(**fields) for template in known]


def frame(caller: CallerId, when: datetime) -> bytes:
    """A caller ID as it comes over the line: fields of a type and a length each, and a check sum."""
    told = {0x01: when.strftime("%m%d%H%M")}
    if caller.withheld:
        told |= {0x04: caller.withheld, 0x08: caller.withheld}
    else:
        told |= {0x02: caller.number, 0x07: caller.name}
    message = b"".join(
        bytes((kind, len(text))) + text.encode("latin-1", "replace") for kind, text in told.items() if text
    )
    octets = bytes((0x80, len(message))) + message
    return octets + bytes((-sum(octets) & 0xFF,))


def _cadence(modem: VirtualModem, command: Command) -> Action | None:
    on, _, interval = command.value.partition(",")
    if command.ask or on not in ("0", "1") or not (interval or "0").isdecimal():
        raise BadCommand(command.name)
    modem.registers.other[command.name] = int(on)
    return None


def _kinds(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.other[command.name] = number(command, 7)
    return None


RINGING: dict[str, Handler] = {"+VDR": _cadence, "#SDR": _kinds, "-SDR": _kinds}
"""Commands by name."""
