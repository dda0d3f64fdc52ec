"""What the DTE's + commands mean in classes 2, 2.0 and 2.1."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from faxhw.session import Status
from faxhw.t32.dialect import DIALECTS, PAGE_END, Dialect
from faxhw.t32.parameters import Subparameters, parse
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.class2.session import FaxSession
from faxhw_drivers.sim.modem.class2.settings import (
    MIN_SPEED,
    TEXT_LENGTH,
    FaxSettings,
    Numbers,
    Text,
    named,
)
from faxhw_drivers.sim.modem.commandline import BadCommand, Command

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

COMMON = ("+FCLASS", "+FLO", "+FAA", "+FMI", "+FMM", "+FMR")
"""Commands that have to do with no class."""
OCTETS = re.compile(r"([0-9A-Fa-f]{2}){0,90}")
Deed = Callable[["VirtualModem", Command], Action | None]


def deed(modem: VirtualModem, command: Command) -> Deed | None:
    """What a command does in the class that is set; ``None`` where it is none of such a class."""
    dialect = DIALECTS.get(modem.registers.fclass)
    if dialect is None:
        return _in_class_0(modem, command)
    if modem.registers.fclass in modem.quirks.fails_in and command.name not in COMMON:
        raise BadCommand(command.name)
    if named(dialect, command.name) is not None:
        return _parameter
    return _by_name(dialect).get(command.name)


def _in_class_0(modem: VirtualModem, command: Command) -> Deed | None:
    """Class 2's values can be set in class 0: mgetty does that before an adaptive answer (+FAA)."""
    dialect = DIALECTS["2"]
    if modem.registers.fclass != "0" or dialect.fclass not in modem.model.classes:
        return None
    if named(dialect, command.name) is not None:
        return _parameter
    return _capabilities if command.name == dialect.capabilities else None


def _by_name(dialect: Dialect) -> dict[str, Deed]:
    two = dialect.draft
    common: dict[str, Deed] = {
        dialect.capabilities: _capabilities,
        dialect.wishes: _wishes,
        dialect.dcs: _settled,
        dialect.page_status: _page_status,
        dialect.stop: _stop,
        "+FDR": _receive,
        "+FDT": _send,
        PAGE_END: _post_page,
    }
    if two:
        return common | {
            "+FMFR": lambda modem, command: modem.tell(modem.model.maker),
            "+FMDL": lambda modem, command: modem.tell(modem.model.name),
            "+FREV": lambda modem, command: modem.tell(modem.model.revision),
            "+FBUF": _buffer,
            "+FAXERR": _hang_up,
        }
    return common | {"+FIP": _initialise, "+FBS": _buffer, dialect.hung_up: _hang_up}


# ----------------------------------------------------------------------------------------------------------
# Values


def _parameter(modem: VirtualModem, command: Command) -> None:
    values = modem.registers.fax_values
    which = named(values.dialect, command.name)
    if isinstance(which, Numbers):
        _numbers(modem, command, values, which)
    elif isinstance(which, Text):
        _text(modem, command, values, which)


def _numbers(modem: VirtualModem, command: Command, values: FaxSettings, which: Numbers) -> None:
    def text(number: int) -> str:
        return f"{number:X}" if values.dialect.hexadecimal else str(number)

    if command.ask == "=?":
        modem.tell(",".join(f"(0-{text(most)})" for most in which.most))
    elif command.ask:
        modem.tell(",".join(map(text, values.all_numbers(which.key))))
    else:
        given = command.value.split(",")
        if len(given) > len(which.most):
            raise BadCommand(command.name)
        numbers = list(values.all_numbers(which.key))
        for index, digits in enumerate(given):
            if digits:
                numbers[index] = _number(digits, values.dialect.base, which.most[index])
        values.numbers[which.key] = tuple(numbers)


def _number(digits: str, base: int, most: int) -> int:
    try:
        number = int(digits, base)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise BadCommand(digits)
    return number


def _text(modem: VirtualModem, command: Command, values: FaxSettings, which: Text) -> None:
    if command.ask == "=?":
        modem.tell("(20)(20-7E)" if values.dialect.hexadecimal else "(20)(32-126)")
    elif command.ask:
        modem.tell(f'"{values.text(which.key)}"')
    else:
        values.texts[which.key] = _unquoted(command, which)


def _unquoted(command: Command, which: Text) -> str:
    value = command.value
    if value[:1] == '"':
        if len(value) < 2 or value[-1] != '"':
            raise BadCommand(command.name)
        value = value[1:-1]
    if which.hexadecimal:
        value = value.replace(" ", "")
        if not OCTETS.fullmatch(value):
            raise BadCommand(command.name)
    elif len(value) > TEXT_LENGTH:
        raise BadCommand(command.name)
    return value


def _list(modem: VirtualModem, command: Command, current: Subparameters) -> Subparameters | None:
    """The list that a command gives; ``None`` when it only asked."""
    values = modem.registers.fax_values
    dialect = values.dialect
    if command.ask == "=?":
        modem.tell(values.ranges())
        return None
    if command.ask:
        modem.tell(current.text(dialect))
        return None
    numbers = parse(command.value, dialect.base, current)
    if numbers is None or not values.possible(numbers, modem.quirks.fax.claims):
        raise BadCommand(command.name)
    return numbers


def _capabilities(modem: VirtualModem, command: Command) -> None:
    values = modem.registers.fax_values
    if numbers := _list(modem, command, values.capabilities):
        if modem.quirks.fax.rate_is_least:
            if any(command.value.split(",")[1:2]):
                values.numbers[MIN_SPEED] = (numbers.br,)
            numbers = replace(numbers, br=values.capabilities.br)
        values.capabilities = values.wishes = numbers


def _wishes(modem: VirtualModem, command: Command) -> None:
    values = modem.registers.fax_values
    numbers = _list(modem, command, values.wishes)
    if numbers is None:
        return
    values.wishes = numbers
    if modem.session is not None and modem.quirks.fax.wishes_end_call:
        modem.session.abort(Status.SEND_B)


def _settled(modem: VirtualModem, command: Command) -> None:
    if command.ask != "?":
        raise BadCommand(command.name)
    values = modem.registers.fax_values
    modem.tell(values.settled.text(values.dialect))


def _page_status(modem: VirtualModem, command: Command) -> None:
    values = modem.registers.fax_values
    if command.ask:
        modem.tell("(1-5)" if command.ask == "=?" else str(values.page_status))
    else:
        values.page_status = _number(command.value, 10, 5)


def _buffer(modem: VirtualModem, command: Command) -> None:
    """Size, XOFF and XON thresholds, and octets in it."""
    size = modem.model.buffer
    modem.tell(f"{size},{size * 3 // 4},{size // 4},0")


def _hang_up(modem: VirtualModem, command: Command) -> None:
    modem.tell(modem.registers.fax_values.hang_up)


def _initialise(modem: VirtualModem, command: Command) -> None:
    """+FIP."""
    modem.registers.fax[modem.registers.fclass] = modem.fresh_fax()[modem.registers.fclass]


# ----------------------------------------------------------------------------------------------------------
# Deeds


def _session(modem: VirtualModem, command: Command) -> FaxSession:
    """The call under way."""
    if modem.session is None:
        raise BadCommand(command.name)
    return modem.session


def _asked(modem: VirtualModem, command: Command) -> bool:
    """Whether a command that does something was only asked for: then there is nothing to tell."""
    return bool(command.ask)


def _receive(modem: VirtualModem, command: Command) -> Action | None:
    return None if _asked(modem, command) else _session(modem, command).receive()


def _send(modem: VirtualModem, command: Command) -> Action | None:
    if _asked(modem, command):
        return None
    session = _session(modem, command)
    if command.value:  # df, vr, wd, ln
        df, vr, wd, ln = f"{command.value},,,".split(",")[:4]
        wishes = parse(f"{vr},,{wd},{ln},{df}", session.dialect.base, session.values.wishes)
        if wishes is None or not session.values.possible(wishes, modem.quirks.fax.claims):
            raise BadCommand(command.name)
        session.values.wishes = wishes
    return session.send()


def _post_page(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask:
        modem.tell("(0-2,4-6)")
        return None
    number = _number(command.value.split(",")[0], 10, 6)
    if number == 3:
        raise BadCommand(command.name)
    return _session(modem, command).post_page(number)


def _stop(modem: VirtualModem, command: Command) -> Action | None:
    if _asked(modem, command) or modem.session is None:
        return None
    return modem.session.leave()
