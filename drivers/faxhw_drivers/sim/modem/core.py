"""The virtual modem: a byte stream on one side, a telephone line on the other.

In command state octets from the DTE are AT text. An *action* (+FTM, ATA, …) takes over the DTE's octets and
the line until it is complete, and then the rest of the command line is carried out. What commands mean is in
``basic`` and ``class1``; what actions do is in ``transmit``, ``receive``, ``pauses`` and ``calls``.
"""

from __future__ import annotations

from collections.abc import Iterator

from faxhw.ports.wire import Wire
from faxhw_drivers.sim.exchange import CallerId, Exchange, Hook
from faxhw_drivers.sim.modem import basic, class1
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.calls import AnswerAction, caller_id_lines, ring_line
from faxhw_drivers.sim.modem.commandline import BadCommand, Command, LineEditor, commands
from faxhw_drivers.sim.modem.model import Model
from faxhw_drivers.sim.modem.pauses import AwaitSilence, SendSilence
from faxhw_drivers.sim.modem.quirks import Quirks
from faxhw_drivers.sim.modem.receive import FrameMemory, ReceiveFrames
from faxhw_drivers.sim.modem.registers import Registers
from faxhw_drivers.sim.modem.transmit import SendData, SendFrames
from faxhw_drivers.sim.modem.uart import Uart
from faxhw_drivers.sim.pump import Receiver, Transmitter
from faxhw_drivers.sim.signals import Signal
from faxhw_drivers.sim.world import World

RESULT_NUMBERS = {
    "OK": "0",
    "CONNECT": "1",
    "RING": "2",
    "NO CARRIER": "3",
    "ERROR": "4",
    "NO DIALTONE": "6",
    "BUSY": "7",
    "NO ANSWER": "8",
    "+FCERROR": "+F4",
}
"""Results in the short form (V.250 table 1, T.31 clause 8.4)."""
SPEED = 115200
"""bit/s on the serial line until the DTE sets another speed."""
RINGS_FORGOTTEN = 8.0
"""Seconds without a ring after which the count in S1 starts again."""


class VirtualModem:
    """A Class 1 modem. ``wire`` is the host's end of its serial line."""

    def __init__(self, world: World, exchange: Exchange, number: str, wire: Wire, model: Model) -> None:
        self.world = world
        self.model = model
        self.quirks: Quirks = model.quirks
        self.phone = exchange.subscribe(number, self)
        self.uart = Uart(world, wire, SPEED, self._received)
        self.transmitter = Transmitter(world, self.phone)
        self.receiver = Receiver(world)
        self.registers = Registers(model.flow)
        self.frame_memory: FrameMemory | None = None
        """The V.21 receiver, while it runs."""
        self.lost_octets = 0
        """Octets that the DTE sent though there was no room for them."""
        self.paused = False
        """Whether the action before was +FTS or +FRS."""
        self.heard_dte = world.now
        """When the DTE last said anything."""
        self._wire = wire
        self._action: Action | None = None
        self._editor = LineEditor(self._line, self._echo)
        self._pending: Iterator[Command] = iter(())
        self._busy = False
        self._last_ring = 0.0
        if self.quirks.vanishes_at is not None:
            world.call_at(self.quirks.vanishes_at, lambda: self.vanish("the device was unplugged"))

    # -- the DTE's side

    def host_wrote(self) -> None:
        self.uart.poll()

    def host_set_speed(self, baud: int) -> None:
        self.uart.set_speed(baud)

    def host_set_dtr(self, on: bool) -> None:
        if on or self.quirks.ignores_dtr or self.registers.dtr == 0:
            return
        self._break_off()
        if self.registers.dtr >= 2:
            self.hang_up()
        if self.registers.dtr == 3:
            self.reset()

    def vanish(self, reason: str) -> None:
        """Be pulled out: the port fails, the line goes on the hook."""
        self._break_off()
        self.hang_up()
        self._wire.fail(reason)

    def plug_into(self, wire: Wire) -> None:
        """Be connected to another host's end."""
        self._wire = wire
        self.uart.plug_into(wire)

    def to_dte(self, data: bytes) -> None:
        """Octets for the DTE as they are."""
        if not self.quirks.silent:
            self.uart.send(data)

    def tell(self, text: str) -> None:
        """An information text for the DTE."""
        head = "\r\n" if self.registers.verbose else ""
        self.to_dte(f"{head}{text}\r\n".encode("latin-1", "replace"))

    def unasked(self, text: str) -> None:
        """A result that has no number."""
        if not self.registers.quiet:
            self.to_dte(f"\r\n{text}\r\n".encode())

    def result(self, text: str) -> None:
        """A result code, long or short."""
        self.note(text)
        if self.registers.quiet:
            return
        number = None if self.registers.verbose else RESULT_NUMBERS.get(text)
        self.to_dte(f"{number}\r".encode() if number else f"\r\n{text}\r\n".encode())

    # -- for commands and actions

    def note(self, what: str) -> None:
        self.world.note(self.phone.number, what)

    def take_line(self) -> None:
        """Go off hook, and answer if it rings."""
        if self.phone.state in (Hook.IDLE, Hook.RINGING):
            self.receiver.new_call()
            self.phone.off_hook()

    def hang_up(self) -> None:
        """Go on hook, with all that was going on on the line."""
        self.transmitter.stop()
        self.forget_frames()
        self.receiver.off()
        self.phone.on_hook()

    def forget_frames(self) -> None:
        """Stop the V.21 receiver that runs between one +FRH and the next."""
        if self.frame_memory is not None:
            self.frame_memory = None
            self.receiver.off()

    def reset(self) -> None:
        """All settings as they were at power-up."""
        self.registers = Registers(self.model.flow)
        self.apply_registers()

    def apply_registers(self) -> None:
        """The S-registers have changed."""
        self._editor.end, self._editor.erase = self.registers.s[3], self.registers.s[5]

    def replace_action(self, action: Action) -> None:
        """One action turns into another: ATA into the sending of frames, +FRM into their reception."""
        self._action = action
        action.begin()

    def complete(self, result: str) -> None:
        """The action is over."""
        self.paused = isinstance(self._action, SendSilence | AwaitSilence)
        self._action = None
        if result == "OK":
            self._carry_on()
        else:
            self._finish_line(result)

    def broken_off(self) -> None:
        """The DTE has broken off the action."""
        self.paused = False
        self._action = None
        self._pending = iter(())
        if not self.quirks.no_ok_on_abort:
            self.result("OK")

    # -- the line's side

    def hears(self, signal: Signal) -> None:
        self.receiver.hears(signal)
        if self._action is not None:
            self._action.heard(signal)

    def hears_octets(self, octets: bytes) -> None:
        self.receiver.hears_octets(octets)

    def rings(self, on: bool) -> None:
        self._wire.set_ring(on)
        if not on or self._action is not None:
            return
        s = self.registers.s
        s[1] = 1 if self.world.now - self._last_ring > RINGS_FORGOTTEN else s[1] + 1
        self._last_ring = self.world.now
        caller = self.phone.call.caller if self.phone.call else None
        who = CallerId(caller.number, caller.name) if caller and not caller.withheld else CallerId()
        self.result(ring_line(self.quirks.ring_text, who))
        if s[0] and s[1] >= s[0]:
            self._start(AnswerAction(self))

    def caller_id(self, caller: CallerId) -> None:
        if self.registers.caller_id and self._action is None:
            for text in caller_id_lines(self.quirks.caller_id, caller, self.world.wall()):
                self.tell(text)

    # -- command state

    def _received(self, data: bytes) -> None:
        self.heard_dte = self.world.now
        if self._action is not None:
            if self.quirks.echo_data and isinstance(self._action, SendData | SendFrames):
                self.to_dte(data)
            self._action.from_dte(data)
            return
        for octet in data:
            if not self._busy:
                self._editor.feed(octet)

    def _echo(self, octet: int) -> None:
        if self.registers.echo or self.quirks.echo_always:
            self.to_dte(bytes((octet,)))

    def _line(self, text: str) -> None:
        self.note(f"AT{text}")
        self._busy = True
        self._pending = commands(text)
        self.world.call_later(self.model.reaction, self._carry_on)

    def _carry_on(self) -> None:
        """Carry out what is left of the command line, up to the next action."""
        self._busy = False
        try:
            for command in self._pending:
                action = self._command(command)
                if action is not None:
                    self._start(action)
                    return
        except BadCommand:
            self._finish_line("OK" if self.quirks.ok_to_everything else "ERROR")
        else:
            self._finish_line("OK")

    def _command(self, command: Command) -> Action | None:
        handler = basic.BASIC.get(command.name) or class1.EXTENDED.get(command.name)
        if handler is not None:
            return handler(self, command)
        most = basic.WITHOUT_EFFECT.get(command.name, class1.WITHOUT_EFFECT.get(command.name))
        if most is None:
            raise BadCommand(command.name)
        if command.ask:
            self.tell(f"0-{most}" if command.ask == "=?" else str(self.registers.other.get(command.name, 0)))
        else:
            self.registers.other[command.name] = basic.number(command, most)
        return None

    def _start(self, action: Action) -> None:
        if not isinstance(action, ReceiveFrames):
            self.forget_frames()
        self._action = action
        action.begin()

    def _finish_line(self, result: str) -> None:
        self._pending = iter(())
        self.result(result)

    def _break_off(self) -> None:
        if self._action is not None:
            self._action.stop()
            self._action = None
        self._pending = iter(())
