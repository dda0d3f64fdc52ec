"""A stand-in for DAHDI: device files with the ioctls, events and blocks of a card's channels, on the bench.

``DahdiCard.open`` takes the place of the system's ``open``; what it gives behaves as DAHDI's channels do
(dahdi-linux, ``include/dahdi/user.h``, ``drivers/dahdi/dahdi-base.c``): events stand in front of sound, a
write ends dialling, the hook takes its time. The numbers are written out, so that those of the driver are
checked against them.
"""

from __future__ import annotations

import errno
import os
import struct
from collections import deque
from dataclasses import dataclass
from pathlib import PurePath

from faxhw.audio.laws import Law, compress, expand
from faxhw.audio.port import BLOCK, SILENCE
from faxhw.clock import Monitor
from faxhw_drivers.sim.audio.card import SoundNetwork, SubscriberSound
from faxhw_drivers.sim.exchange import CallerId, Hook
from faxhw_drivers.sim.signals import Signal
from faxhw_drivers.sim.world import Timer

ELAST = 500
FXSKS = 0x2004
"""Signalling of a port for a telephone line whose exchange breaks the loop when a call is over."""
FXOKS = 0x1020
"""Signalling of a port for a telephone."""
CLEAR = 0x80
"""Signalling of an ISDN channel."""
RED_ALARM = 4

_ONHOOK, _RINGOFFHOOK, _ALARM, _NOALARM, _DIALCOMPLETE = 1, 2, 4, 5, 9
_HOOKCOMPLETE, _POLARITY, _RINGBEGIN, _REMOVED = 12, 17, 18, 20
_PARAMS = struct.Struct("=12i40s11iI")
_BUFFER_INFO = struct.Struct("=6i")
_DIAL = struct.Struct("=i256s")

HOOK_TIME = 0.6
"""Seconds until a change of the hook is done."""
DIGIT_TIME = 0.2
PAUSE_TIME = 0.5
LOOP_BREAK = 0.6
"""Seconds after the end of a call in which the exchange breaks the loop."""


@dataclass
class Manners:
    """What is peculiar to a channel, its line or its exchange."""

    breaks_loop: bool = True
    """Whether the exchange breaks the loop when the far end has hung up."""
    reverses_polarity: bool = False
    """Whether it reverses the polarity when a call that was dialled is answered, and when a call ends."""
    signalling: int = FXSKS
    law: Law = Law.MU
    alarms: int = 0
    linear: bool = True
    """Whether the channel takes linear sound."""


class ChannelSound:
    """The kernel's blocks of a channel: the end of an audio line."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.heard: deque[bytes] = deque()
        self.to_say: deque[bytes] = deque()
        self.buffers = 2
        """As many blocks are kept each way."""
        self.dialling = False
        self.underruns = 0
        """Blocks for which there was nothing to say."""
        self.overruns = 0
        """Blocks heard that had no room."""
        self.most_to_say = 0

    def said(self) -> bytes:
        with self.monitor:
            if self.dialling:
                return SILENCE
            self.underruns += not self.to_say
            return self.to_say.popleft() if self.to_say else SILENCE

    def hears(self, block: bytes) -> None:
        with self.monitor:
            if len(self.heard) < self.buffers:
                self.heard.append(block)
                self.monitor.notify_all()
            else:
                self.overruns += 1

    def gone(self) -> None:
        pass

    def say(self, block: bytes) -> bool:
        """Take a block to say; False without room."""
        if len(self.to_say) >= self.buffers:
            return False
        self.to_say.append(block)
        self.most_to_say = max(self.most_to_say, len(self.to_say))
        return True


class DahdiLine:
    """A channel, the telephone line that is plugged into it, and its place on the exchange."""

    def __init__(self, network: SoundNetwork, number: str, manners: Manners) -> None:
        self.manners = manners
        self.echo_canceller = True
        self.in_use = False
        self.off_hook = False
        self.events: deque[int] = deque(maxlen=64)
        self.monitor = network.clock.monitor()
        self.sound = ChannelSound(self.monitor)
        self.dialled = ""
        """What was dialled of the last dial string."""
        self._world = network.clock.world
        self._subscriber = SubscriberSound(network.clock.world)
        self._subscriber.hears_end = True
        network.add(number, self._subscriber)
        self.phone = network.exchange.subscribe(number, self)
        self._dialling: Timer | None = None
        self._talks = self._called = False

    # -- what its file does

    def take_off_hook(self) -> None:
        if not self.off_hook:
            self.off_hook = True
            self._talks = self._called = False
            self._subscriber.begin(self.sound)
            self.phone.off_hook()
        self._world.call_later(HOOK_TIME, lambda: self.event(_HOOKCOMPLETE))

    def put_on_hook(self) -> None:
        self.off_hook = False
        self.stop_dialling()
        self.sound.heard.clear()
        self.sound.to_say.clear()
        self._subscriber.finish()
        self.phone.on_hook()

    def dial(self, digits: str) -> None:
        """Dial a string, a symbol after another."""
        self.dialled = ""
        self.sound.dialling = True
        self._dial_on(deque(each for each in digits if each in "0123456789*#ABCDW"))

    def _dial_on(self, left: deque[str]) -> None:
        if left:
            symbol = left.popleft()
            self.dialled += symbol
            pause = PAUSE_TIME if symbol == "W" else DIGIT_TIME
            self._dialling = self._world.call_later(pause, lambda: self._dial_on(left))
            return
        self._dialling, self.sound.dialling, self._called = None, False, True
        self.event(_DIALCOMPLETE)
        self.phone.dial(self.dialled.replace("W", ""))

    def stop_dialling(self) -> None:
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling, self.sound.dialling = None, False

    def event(self, number: int) -> None:
        """Something happens on the channel."""
        with self.monitor:
            if self.in_use:
                self.events.append(number)
                self.monitor.notify_all()

    # -- what befalls it

    def unplug(self) -> None:
        """The telephone line is pulled out."""
        self.manners.alarms = RED_ALARM
        self.event(_ALARM)

    def plug_in(self) -> None:
        self.manners.alarms = 0
        self.event(_NOALARM)

    def remove(self) -> None:
        """The card is pulled out."""
        self.event(_REMOVED)

    # -- the phone's listener

    def rings(self, on: bool) -> None:
        self.event(_RINGBEGIN if on else _RINGOFFHOOK)

    def hears(self, signal: Signal) -> None:
        cleared = self.phone.state is Hook.CLEARED
        if self.phone.state is Hook.TALKING and not self._talks:
            self._talks = True
            if self._called and self.manners.reverses_polarity:
                self.event(_POLARITY)
        elif cleared and self._talks:
            self._talks = False
            if self.manners.reverses_polarity:
                self.event(_POLARITY)
            if self.manners.breaks_loop:
                self._world.call_later(LOOP_BREAK, self._break_loop)
        self._subscriber.signal(signal, cleared=cleared)

    def _break_loop(self) -> None:
        if self.off_hook and self.phone.state is Hook.CLEARED:
            self.event(_ONHOOK)

    def hears_octets(self, octets: bytes) -> None:
        pass

    def caller_id(self, caller: CallerId) -> None:
        pass

    def give_up(self) -> None:
        pass


class DahdiCard:
    """A card, by the numbers of its channels."""

    def __init__(self, network: SoundNetwork) -> None:
        self.channels: dict[int, DahdiLine] = {}
        self._network = network

    def line(self, channel: int, number: str, manners: Manners | None = None) -> DahdiLine:
        """Plug a line of the exchange, with a telephone number, into a channel."""
        line = self.channels[channel] = DahdiLine(self._network, number, manners or Manners())
        return line

    def open(self, path: str) -> DahdiFile:
        """As the system's ``open``: of ``/dev/dahdi/channel`` or ``/dev/dahdi/N``."""
        place = PurePath(path)
        if str(place.parent) != "/dev/dahdi" or not (place.name == "channel" or place.name.isdecimal()):
            raise _error(errno.ENOENT)
        file = DahdiFile(self)
        if place.name != "channel":
            file.specify(int(place.name))
        return file


class DahdiFile:
    """An open device file of a card (``faxhw_drivers.dsp.dahdi.files.ChannelFile``)."""

    def __init__(self, card: DahdiCard) -> None:
        self._card = card
        self._line: DahdiLine | None = None
        self._channel = 0
        self._linear = False
        self._woken = False
        self._closed = False

    def specify(self, channel: int) -> None:
        line = self._card.channels.get(channel)
        if line is None or not line.manners.signalling:
            raise _error(errno.ENXIO)
        with line.monitor:
            if line.in_use:
                raise _error(errno.EBUSY)
            line.in_use, line.echo_canceller = True, True
            line.events.clear()
            line.sound.buffers = 2
        self._line, self._channel = line, channel

    def ioctl(self, request: int, argument: bytearray) -> None:
        if request == 0x4004DA26 and self._line is None:  # SPECIFY
            self.specify(_number(argument))
            return
        line = self._open_line()
        with line.monitor:
            match request:
                case 0xC088DA05:  # GET_PARAMS
                    argument[:] = self._params(line)
                case 0x4004DA07:  # HOOK
                    self._hook(line, _number(argument))
                case 0x8004DA08:  # GETEVENT
                    argument[:] = struct.pack("=i", line.events.popleft() if line.events else 0)
                case 0x4018DA1B:  # SET_BUFINFO
                    self._set_buffers(line, _BUFFER_INFO.unpack(argument))
                case 0x4104DA1F:  # DIAL
                    self._dial(line, *_DIAL.unpack(argument))
                case 0x4004DA21:  # ECHOCANCEL
                    line.echo_canceller = bool(_number(argument))
                case 0x4004DA28:  # SETLINEAR
                    if not line.manners.linear:
                        raise _error(errno.EINVAL)
                    self._linear = bool(_number(argument))
                case 0x4004DA03:  # FLUSH
                    self._flush(line, _number(argument))
                case _:
                    raise _error(errno.ENOTTY)

    def read(self, octets: int) -> bytes:
        line = self._open_line()
        with line.monitor:
            if line.events:
                raise _error(ELAST)
            if not line.sound.heard:
                raise _error(errno.EAGAIN)
            block = line.sound.heard.popleft()
        return (block if self._linear else compress(block, line.manners.law))[:octets]

    def write(self, data: bytes) -> int:
        line = self._open_line()
        block = data if self._linear else expand(data, line.manners.law)
        if len(block) != len(SILENCE):
            raise ValueError("the stand-in takes whole blocks of 20 ms only")
        with line.monitor:
            line.stop_dialling()
            if line.events:
                raise _error(ELAST)
            if not line.sound.say(block):
                raise _error(errno.EAGAIN)
        return len(data)

    def poll(self, timeout: float | None, *, readable: bool = False) -> bool:
        line = self._open_line()

        def ready() -> bool:
            return bool(line.events or (readable and line.sound.heard))

        with line.monitor:
            line.monitor.wait_for(lambda: self._woken or self._closed or ready(), timeout)
            self._woken = False
            self._open_line()
            return ready()

    def wake(self) -> None:
        if self._line is not None:
            with self._line.monitor:
                self._woken = True
                self._line.monitor.notify_all()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._line is not None:
            with self._line.monitor:
                self._line.put_on_hook()
                self._line.in_use = False
                self._line.monitor.notify_all()

    def _open_line(self) -> DahdiLine:
        if self._closed:
            raise _error(errno.EBADF)
        if self._line is None:
            raise _error(errno.EINVAL)
        return self._line

    def _params(self, line: DahdiLine) -> bytes:
        law = 2 if line.manners.law is Law.A else 1
        state = (self._channel, 1, self._channel, line.manners.signalling, 0, 0, 0, 0, 0, 0, law, 0)
        return _PARAMS.pack(*state, b"SIM/0/%d" % self._channel, *([0] * 11), line.manners.alarms)

    def _hook(self, line: DahdiLine, state: int) -> None:
        if state == 0:
            line.put_on_hook()
        elif state == 1:
            line.take_off_hook()
            raise _error(errno.EINPROGRESS)
        else:
            raise _error(errno.EINVAL)

    def _set_buffers(self, line: DahdiLine, info: tuple[int, ...]) -> None:
        _, _, buffers, size, _, _ = info
        if size != BLOCK or not 2 <= buffers <= 32:
            raise _error(errno.EINVAL)
        line.sound.buffers = buffers

    def _dial(self, line: DahdiLine, operation: int, digits: bytes) -> None:
        if operation != 2 or b"\0" not in digits:
            raise _error(errno.EINVAL)
        line.dial(digits.split(b"\0")[0].decode("ascii"))

    def _flush(self, line: DahdiLine, what: int) -> None:
        for bit, waiting in ((1, line.sound.heard), (2, line.sound.to_say)):
            if what & bit:
                waiting.clear()
        if what & 1:
            line.sound.overruns = 0
        if what & 2:
            line.sound.most_to_say = 0
        if what & 4:
            line.events.clear()


def _number(argument: bytearray) -> int:
    number: int = struct.unpack("=i", argument)[0]
    return number


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
