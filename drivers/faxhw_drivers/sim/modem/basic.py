"""What the basic commands of V.250 mean to the virtual modem, and those that ask who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.calls import AnswerAction, DialAction
from faxhw_drivers.sim.modem.commandline import BadCommand, Command
from faxhw_drivers.sim.modem.registers import CHARACTER_MAX, S_CHARACTERS, S_LAST

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

Handler = Callable[["VirtualModem", Command], Action | None]

WITHOUT_EFFECT = {
    "L": 3,
    "M": 3,
    "N": 1,
    "W": 2,
    "B": 16,
    "T": 0,
    "P": 0,
    "Y": 1,
    "&S": 2,
    "&W": 1,
    "&G": 2,
    "&I": 5,
    "&R": 2,
}
"""Taken, up to this value, and without meaning here."""


def number(command: Command, most: int) -> int:
    """A command's numeric parameter, 0 if it is left out."""
    value = int(command.value or 0) if (command.value or "0").isdigit() else -1
    if command.ask or not 0 <= value <= most:
        raise BadCommand(command.name)
    return value


def _answer(modem: VirtualModem, command: Command) -> Action | None:
    return AnswerAction(modem)


def _dial(modem: VirtualModem, command: Command) -> Action | None:
    return DialAction(modem, command.value)


def _echo(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.echo = bool(number(command, 1))
    return None


def _hook(modem: VirtualModem, command: Command) -> Action | None:
    if number(command, 1):
        modem.take_line()
    else:
        modem.hang_up()
    return None


def _identify(modem: VirtualModem, command: Command) -> Action | None:
    if text := modem.model.identity.get(number(command, 20), ""):
        modem.tell(text)
    return None


def _quiet(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.quiet = bool(number(command, 2))
    return None


def _register(modem: VirtualModem, command: Command) -> Action | None:
    text, _, value = command.value.partition("=")
    which = int(text)
    if which > S_LAST or (value and int(value) > (CHARACTER_MAX if which in S_CHARACTERS else 255)):
        raise BadCommand(command.name)
    if command.ask == "?":
        modem.tell(f"{modem.registers.s.get(which, 0):03}")
    elif command.ask:
        modem.tell("0-255")
    elif "=" in command.value:
        modem.registers.s[which] = int(value or 0)
        modem.apply_registers()
    return None


def _verbose(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.verbose = bool(number(command, 1))
    return None


def _results(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.results = number(command, 4)
    return None


def _reset(modem: VirtualModem, command: Command) -> Action | None:
    number(command, 1)
    modem.hang_up()
    modem.reset()
    return None


def _defaults(modem: VirtualModem, command: Command) -> Action | None:
    number(command, 2)
    modem.reset()
    return None


def _dtr(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.dtr = number(command, 3)
    return None


def _dcd(modem: VirtualModem, command: Command) -> Action | None:
    modem.registers.dcd = number(command, 2)
    modem.show_carrier()
    return None


def _flow(modem: VirtualModem, command: Command) -> Action | None:
    flow = modem.model.flow_commands.get(f"{command.name}{number(command, 6)}")
    if flow is None:
        raise BadCommand(command.name)
    modem.registers.flow = flow
    return None


BASIC: Mapping[str, Handler] = {
    "A": _answer,
    "D": _dial,
    "E": _echo,
    "H": _hook,
    "I": _identify,
    "Q": _quiet,
    "S": _register,
    "V": _verbose,
    "X": _results,
    "Z": _reset,
    "&C": _dcd,
    "&D": _dtr,
    "&E": _flow,
    "&F": _defaults,
    "&H": _flow,
    "&K": _flow,
}
"""Commands by name; those of ``WITHOUT_EFFECT`` besides."""
