"""Command state: AT text is edited and echoed, and a command line carried out from one action to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from faxhw_drivers.sim.modem import basic, class1
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.class2 import commands as class2
from faxhw_drivers.sim.modem.commandline import BadCommand, Command, LineEditor, commands
from faxhw_drivers.sim.modem.ringing import RINGING
from faxhw_drivers.sim.modem.voice import VOICE
from faxhw_drivers.sim.world import Timer

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

_HANDLERS = {**class1.EXTENDED, **RINGING, **VOICE, **basic.BASIC}
"""Commands that mean the same in every class, by name."""


class CommandState:
    """A modem's, or what is left of a command line while an action is under way."""

    def __init__(self, modem: VirtualModem) -> None:
        self.line_ended = 0.0
        """When the DTE last ended a command line."""
        self._modem = modem
        self._editor = LineEditor(self._line, self._echo)
        self._pending: Iterator[Command] = iter(())
        self._reaction: Timer | None = None

    def feed(self, data: bytes) -> None:
        """Octets of the DTE; what it says before the result of a command line is lost."""
        for octet in data:
            if self._reaction is None:
                self._editor.feed(octet)

    def apply_registers(self) -> None:
        """S3 and S5 may have changed."""
        self._editor.end, self._editor.erase = self._modem.registers.s[3], self._modem.registers.s[5]

    def clear(self) -> None:
        """Forget the line that is being written, or carried out."""
        self._editor.clear()
        self._pending = iter(())
        if self._reaction is not None:
            self._reaction.cancel()
            self._reaction = None

    def recall(self, line: str) -> None:
        """Carry out a line of settings that nobody has said, and that has no result."""
        for command in commands(line):
            self._begin(command)

    def carry_on(self) -> None:
        """Carry out what is left of the command line, up to the next action."""
        self._reaction = None
        modem = self._modem
        try:
            for command in self._pending:
                action = self._begin(command)
                if action is not None:
                    modem.start(action)
                    return
        except BadCommand:
            self.finish("OK" if modem.quirks.ok_to_everything else "ERROR")
        else:
            self.finish("OK")

    def finish(self, result: str) -> None:
        """The command line ends so, whatever is left of it."""
        self._pending = iter(())
        self._modem.result(result)

    def _echo(self, octet: int) -> None:
        if self._modem.registers.echo or self._modem.quirks.echo_always:
            self._modem.to_dte(bytes((octet,)))

    def _line(self, text: str) -> None:
        modem = self._modem
        modem.note(f"AT{text}")
        self.line_ended = modem.world.now
        self._pending = commands(text)
        self._reaction = modem.world.call_later(modem.model.reaction, self.carry_on)

    def _begin(self, command: Command) -> Action | None:
        """Carry out a command; the action that it begins, if it does."""
        modem = self._modem
        if command.name in modem.quirks.refuses:
            raise BadCommand(command.name)
        handler = class2.deed(modem, command) or _HANDLERS.get(command.name)
        if handler is not None:
            return handler(modem, command)
        most = basic.WITHOUT_EFFECT.get(command.name, class1.WITHOUT_EFFECT.get(command.name))
        if most is None:
            raise BadCommand(command.name)
        if command.ask:
            kept = modem.registers.other.get(command.name, 0)
            modem.tell(f"0-{most}" if command.ask == "=?" else str(kept))
        else:
            modem.registers.other[command.name] = basic.number(command, most)
        return None
