"""The virtual modem: a byte stream on one side, a telephone line on the other.

In command state (``commandstate``) octets from the DTE are AT text. An *action* (+FTM, ATA, …) takes over the
DTE's octets and the line until it is complete, and then the rest of the command line is carried out. What
commands mean is in ``basic``, ``class1`` and ``class2.commands``; what actions do is in ``transmit``,
``receive``, ``pauses`` and ``calls``. In classes 2, 2.0 and 2.1 a call is a ``class2.session``.
"""

from __future__ import annotations

from faxhw.ports.base import Flow
from faxhw.ports.wire import Wire
from faxhw_drivers.sim.exchange import CallerId, Exchange, Hook
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.calls import AnswerAction
from faxhw_drivers.sim.modem.class2.session import FaxSession
from faxhw_drivers.sim.modem.class2.settings import FaxSettings, fresh
from faxhw_drivers.sim.modem.commandstate import CommandState
from faxhw_drivers.sim.modem.inactivity import InactivityTimer
from faxhw_drivers.sim.modem.model import Model
from faxhw_drivers.sim.modem.pauses import AwaitSilence, SendSilence
from faxhw_drivers.sim.modem.quirks import Quirks
from faxhw_drivers.sim.modem.receive import FrameMemory, ReceiveFrames
from faxhw_drivers.sim.modem.registers import Registers
from faxhw_drivers.sim.modem.ringing import caller_id_lines, ring_lines
from faxhw_drivers.sim.modem.uart import Uart
from faxhw_drivers.sim.modem.voice import VoiceEvents
from faxhw_drivers.sim.pump import Receiver, Transmitter
from faxhw_drivers.sim.signals import Carrier, Signal, Tone
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
LINE_FEED_AFTER = 0.125
"""Seconds within which a line feed still belongs to the end of a command line (V.250 clause 5.6.1)."""
RINGS_FORGOTTEN = 8.0
"""Seconds without a ring after which the count in S1 starts again."""


class VirtualModem:
    """A fax modem. ``wire`` is the host's end of its serial line."""

    def __init__(self, world: World, exchange: Exchange, number: str, wire: Wire, model: Model) -> None:
        self.world = world
        self.model = model
        self.quirks: Quirks = model.quirks
        self.phone = exchange.subscribe(number, self)
        self.uart = Uart(world, wire, SPEED, self._received)
        self.uart.gap, self.uart.has_cts = self.quirks.reply_gap, not self.quirks.no_cts
        self.transmitter = Transmitter(world, self.phone)
        self.receiver = Receiver(world)
        self.registers = self._at_power_up()
        self.frame_memory: FrameMemory | None = None
        """The V.21 receiver, while it runs."""
        self.session: FaxSession | None = None
        """The call of a modem in class 2, 2.0 or 2.1."""
        self.dead = False
        """It neither hears its DTE nor says anything any more."""
        self.lost_octets = 0
        """Octets that the DTE sent though there was no room for them."""
        self.paused = False
        """Whether the action before was +FTS or +FRS."""
        self.heard_dte = world.now
        """When the DTE last said anything."""
        self._wire = wire
        self._dtr = True
        self._action: Action | None = None
        self._commands = CommandState(self)
        self._inactivity = InactivityTimer(self)
        self.voice = VoiceEvents(self)
        self._last_ring = 0.0
        self._commands.recall(model.stored)
        self.show_carrier()
        if self.quirks.vanishes_at is not None:
            world.call_at(self.quirks.vanishes_at, lambda: self.vanish("the device was unplugged"))

    # -- the DTE's side

    def host_wrote(self) -> None:
        self.uart.poll()

    def host_set_speed(self, baud: int) -> None:
        self.uart.set_speed(baud)

    def host_set_dtr(self, on: bool) -> None:
        self._dtr = on
        if not on:
            self.uart.go_on()
        if self._has_dte():
            return
        self.break_off()
        if self.registers.dtr >= 2:
            self.hang_up()
        if self.registers.dtr == 3:
            self.reset()

    def _has_dte(self) -> bool:
        """Whether DTR is on, as far as the modem cares."""
        return self._dtr or self.quirks.ignores_dtr or self.registers.dtr == 0

    def vanish(self, reason: str) -> None:
        """Be pulled out: the port fails, the line goes on the hook."""
        self.break_off()
        self.hang_up()
        self._wire.fail(reason)

    def plug_into(self, wire: Wire) -> None:
        """Be connected to another host's end."""
        self._wire = wire
        self._dtr = True
        self.uart.plug_into(wire)
        self.show_carrier()

    def to_dte(self, data: bytes) -> None:
        """Octets for the DTE as they are."""
        if not (self.quirks.silent or self.dead):
            self.uart.send(data)

    def tell(self, text: str) -> None:
        """An information text for the DTE."""
        end = self.registers.line_end
        self.to_dte((end if self.registers.verbose else b"") + text.encode("latin-1", "replace") + end)

    def unasked(self, text: str) -> None:
        """A result that has no number."""
        if not self.registers.quiet:
            end = self.registers.line_end
            self.to_dte(end + text.encode("latin-1", "replace") + end)

    def result(self, text: str) -> None:
        """A result code, long or short."""
        self.note(text)
        if text != "CONNECT" or self._takes_data():
            self._inactivity.start()
        number = None if self.registers.verbose else RESULT_NUMBERS.get(text)
        if number is None:
            self.unasked(text)
        elif not self.registers.quiet:
            self.to_dte(number.encode() + self.registers.line_end[:1])

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
        if self.session is not None:
            self.session.dropped()
        self.transmitter.stop()
        self.forget_frames()
        self.receiver.off()
        self.phone.on_hook()
        self.receiver.hears(Tone.SILENCE)
        self._inactivity.stop()
        self.voice.stop()
        self.show_carrier()

    def break_off(self) -> None:
        """Return to commands at once, from whatever goes on and without a word."""
        if self._action is not None:
            self._action.stop()
            self._action = None
        self._commands.clear()

    def show_carrier(self) -> None:
        """Set the DCD line."""
        heard = self.phone.state is Hook.TALKING and isinstance(self.receiver.signal, Carrier)
        self._wire.set_carrier(heard or self.registers.dcd == 0)

    def forget_frames(self) -> None:
        """Stop the V.21 receiver that runs between one +FRH and the next."""
        if self.frame_memory is not None:
            self.frame_memory = None
            self.receiver.off()

    def reset(self) -> None:
        """All settings as they were at power-up."""
        self.registers = self._at_power_up()
        self._commands.recall(self.model.stored)
        self.apply_registers()
        self.show_carrier()

    def _at_power_up(self) -> Registers:
        return Registers(self.model.flow, fax=self.fresh_fax())

    def fresh_fax(self) -> dict[str, FaxSettings]:
        """The settings of the classes in which the modem runs T.30, as at power-up."""
        return fresh(self.quirks.fax.frame_sizes_of, self.model.resolutions)

    def apply_registers(self) -> None:
        """The S-registers have changed."""
        self._commands.apply_registers()

    def start(self, action: Action) -> None:
        """Have an action take over."""
        if not isinstance(action, ReceiveFrames):
            self.forget_frames()
        self._action = action
        action.begin()

    def replace_action(self, action: Action) -> None:
        """One action turns into another: ATA into the sending of frames, +FRM into their reception."""
        self._action = action
        action.begin()

    def complete(self, result: str) -> None:
        """The action is over."""
        self.paused = isinstance(self._action, SendSilence | AwaitSilence)
        self._action = None
        if result == "OK":
            self._commands.carry_on()
        else:
            self._commands.finish(result)

    def broken_off(self, result: str = "OK") -> None:
        """The DTE has broken off the action."""
        self.paused = False
        self._action = None
        self._commands.clear()
        if result != "OK" or not self.quirks.no_ok_on_abort:
            self.result(result)

    # -- the line's side

    def hears(self, signal: Signal) -> None:
        self.receiver.hears(signal)
        self.show_carrier()
        if self._action is not None:
            self._action.heard(signal)
        if self.session is not None:
            self.session.heard(signal)
        self.voice.heard(signal)

    def hears_octets(self, octets: bytes) -> None:
        self.receiver.hears_octets(octets)

    def rings(self, on: bool) -> None:
        self._wire.set_ring(on)
        if not on or self._action is not None:
            return
        s = self.registers.s
        s[1] = 1 if self.world.now - self._last_ring > RINGS_FORGOTTEN else s[1] + 1
        self._last_ring = self.world.now
        for line in ring_lines(self, first=s[1] == 1):
            self.result(line)
        if s[0] and s[1] >= s[0] and self._has_dte():
            self.start(AnswerAction(self))

    def caller_id(self, caller: CallerId) -> None:
        if self.registers.caller_id and self._action is None:
            for text in caller_id_lines(self.quirks.caller_id, caller, self.world.wall()):
                self.tell(text)

    def give_up(self) -> None:
        pass  # its DTE decides

    # -- octets of the DTE

    def _received(self, data: bytes) -> None:
        if self.dead:
            return
        self.heard_dte = self.world.now
        self._inactivity.stop()
        if self._takes_data():
            if self.quirks.echo_data:
                self.to_dte(data)
        else:
            data = self._without_line_control(data)
        if self._action is None:
            self._commands.feed(data)
        elif data:
            self._action.from_dte(data)

    def _takes_data(self) -> bool:
        return self._action is not None and self._action.takes_data

    def _without_line_control(self, data: bytes) -> bytes:
        """What may break off an action: neither flow control nor the line feed after a command line."""
        if self._action is not None and self.world.now - self._commands.line_ended <= LINE_FEED_AFTER:
            data = data.removeprefix(b"\n")
        flow = self.uart.own_flow or self.registers.flow
        return self.uart.obey(data) if flow is Flow.XON_XOFF else data
