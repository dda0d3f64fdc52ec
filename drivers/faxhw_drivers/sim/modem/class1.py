"""What the + commands mean to the virtual modem: fax class 1 (T.31), identity, caller ID, flow control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from faxhw.ports.base import Flow
from faxhw_drivers.sim.exchange import Hook
from faxhw_drivers.sim.modem.action import Action
from faxhw_drivers.sim.modem.basic import Handler, number
from faxhw_drivers.sim.modem.commandline import BadCommand, Command
from faxhw_drivers.sim.modem.pauses import AwaitSilence, SendSilence
from faxhw_drivers.sim.modem.quirks import Pauses
from faxhw_drivers.sim.modem.receive import ReceiveData, ReceiveFrames
from faxhw_drivers.sim.modem.transmit import SendData, SendFrames
from faxhw_drivers.sim.signals import CLASS1_CODES, Carrier

if TYPE_CHECKING:
    from faxhw_drivers.sim.modem.core import VirtualModem

_FLOWS = (Flow.NONE, Flow.XON_XOFF, Flow.RTS_CTS)
"""By the value of +FLO."""
WITHOUT_EFFECT = {
    "+FCL": 255,
    "+FPR": 255,
    "+FDD": 1,
    "+FAE": 1,
    "+FAA": 1,
    "+VRID": 1,
    "+FRB": 1,
}


def _fclass(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask == "=?":
        modem.tell(",".join(modem.model.classes))
    elif command.ask:
        modem.tell(modem.registers.fclass)
    elif command.value in modem.model.classes and command.value not in modem.quirks.lacks:
        if modem.session is not None and command.value != modem.registers.fclass:
            modem.session.dropped()
        modem.registers.fclass = command.value
        if modem.quirks.fclass_resets_flow:
            modem.registers.flow = modem.model.flow
    else:
        raise BadCommand(command.name)
    return None


def _on_the_line(modem: VirtualModem) -> None:
    """Fax operations need class 1 and a line that is up."""
    if modem.registers.fclass not in ("1", "1.0"):
        raise BadCommand("not in class 1")
    if modem.phone.state in (Hook.IDLE, Hook.RINGING):
        raise BadCommand("on hook")


def _carrier(modem: VirtualModem, command: Command) -> Carrier | None:
    """The carrier that a command names; ``None`` when it only asked."""
    if command.ask == "=?":
        frames = command.name in ("+FTH", "+FRH")
        modem.tell(",".join(str(code) for code in modem.model.codes if code == 3 or not frames))
        return None
    _on_the_line(modem)
    code = number(command, 255)
    if code not in modem.model.codes:
        raise BadCommand(command.name)
    return CLASS1_CODES[code]


def _send_frames(modem: VirtualModem, command: Command) -> Action | None:
    carrier = _carrier(modem, command)
    if carrier is None:
        return None
    if carrier.modulation is not None:
        raise BadCommand(command.name)
    return SendFrames(modem)


def _receive_frames(modem: VirtualModem, command: Command) -> Action | None:
    carrier = _carrier(modem, command)
    if carrier is None:
        return None
    if carrier.modulation is not None:
        raise BadCommand(command.name)
    return ReceiveFrames(modem)


def _send_data(modem: VirtualModem, command: Command) -> Action | None:
    carrier = _carrier(modem, command)
    if carrier is None:
        return None
    if modem.paused and modem.quirks.first_ftm_ok:
        modem.paused = False
        return None
    return SendData(modem, carrier)


def _receive_data(modem: VirtualModem, command: Command) -> Action | None:
    carrier = _carrier(modem, command)
    return None if carrier is None else ReceiveData(modem, carrier)


def _send_silence(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask == "=?":
        modem.tell("0-255")
        return None
    _on_the_line(modem)
    if modem.quirks.pauses is Pauses.UNKNOWN:
        raise BadCommand(command.name)
    return SendSilence(modem, number(command, 255))


def _await_silence(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask == "=?":
        modem.tell("0-255")
        return None
    _on_the_line(modem)
    if modem.quirks.pauses is Pauses.FRS_RESETS:
        modem.hang_up()
        modem.reset()
        return None
    if modem.quirks.pauses is Pauses.UNKNOWN:
        raise BadCommand(command.name)
    return AwaitSilence(modem, number(command, 255))


def _adaptive(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask:
        modem.tell("0,1" if command.ask == "=?" else str(int(modem.registers.adaptive)))
    else:
        modem.registers.adaptive = bool(number(command, 1))
    return None


def _caller_id(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask:
        modem.tell("0,1" if command.ask == "=?" else str(int(modem.registers.caller_id)))
    else:
        modem.registers.caller_id = bool(number(command, 14))
    return None


def _inactivity(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask:
        modem.tell("(0-255),(0-1)" if command.ask == "=?" else "{},{}".format(*modem.registers.inactivity))
        return None
    seconds, _, keep_class = command.value.partition(",")
    if not (seconds.isdecimal() and int(seconds) <= 255 and keep_class in ("", "0", "1")):
        raise BadCommand(command.name)
    modem.registers.inactivity = (int(seconds), int(keep_class or 0))
    return None


def _flow(modem: VirtualModem, command: Command) -> Action | None:
    if command.ask:
        modem.tell("0-2" if command.ask == "=?" else str(_FLOWS.index(modem.registers.flow)))
    else:
        modem.registers.flow = _FLOWS[number(command, 2)]
    return None


def _maker(modem: VirtualModem, command: Command) -> Action | None:
    modem.tell(modem.model.maker)
    return None


def _name(modem: VirtualModem, command: Command) -> Action | None:
    modem.tell(modem.model.name)
    return None


def _revision(modem: VirtualModem, command: Command) -> Action | None:
    modem.tell(modem.model.revision)
    return None


EXTENDED: Mapping[str, Handler] = {
    "+FCLASS": _fclass,
    "+FTH": _send_frames,
    "+FRH": _receive_frames,
    "+FTM": _send_data,
    "+FRM": _receive_data,
    "+FTS": _send_silence,
    "+FRS": _await_silence,
    "+FAR": _adaptive,
    "+FIT": _inactivity,
    "+FLO": _flow,
    "+VCID": _caller_id,
    "#CID": _caller_id,
    "+FMI": _maker,
    "+GMI": _maker,
    "+FMM": _name,
    "+GMM": _name,
    "+FMR": _revision,
    "+GMR": _revision,
}
"""Commands by name; those of ``WITHOUT_EFFECT`` besides."""
