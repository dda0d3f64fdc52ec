"""Debian's libspandsp2 as an independent modem and fax terminal.

``Terminal`` is the fax terminal, for whoever has 8 kHz audio. ``SoftModem`` is a modem in real time: this
file is started as a process of its own, so that the signal processing does not disturb our turn-around. The
process (``main``) joins spandsp's T.31 modem, on a pseudo-terminal, to the terminal by blocks of 2.5 ms, and
reports in JSON lines.
Only exported functions are used; constants are those of the library's headers, version 0.0.6.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import time
import tty
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Protocol

V27TER, V29, V17 = 1, 2, 4
MH, MR, MMR = 2, 4, 8
_ALL_SIZES = 0x01 | 0x02 | 0x04 | 0x010000 | 0x020000 | 0x040000 | 0x080000 | 0x100000
_ALL_RESOLUTIONS = 0x01 | 0x02 | 0x04 | 0x010000 | 0x020000 | 0x040000

BLOCK = 20
SECONDS_PER_BLOCK = 0.0025
"""As often as a modem looks at its host; with 20 ms the harness would be slower than the programs."""
PIECE = 256
"""Octets handed to the modem at a time: it drops what is too long for its buffer, without a word."""
_RING_EVERY = 5.0
_DICE_BLOCKS, _BURST_BLOCKS, _BURST_AMPLITUDE = 8, 24, 6000
"""Whether a burst begins is decided every 20 ms; it lasts for so many blocks, about as loud as the modems."""
_SPOILT_BLOCKS = 100
"""Of noise over a training: longer than the longest that a page begins with, short training apart."""
_LOUD = 1000
"""A block with a sample above this carries a signal."""

_CALL, _ANSWER, _HANGUP, _OFFHOOK, _ONHOOK = 0, 1, 2, 3, 4
_CTS = 7
ALERTING, CONNECTED, _ANSWERED, BUSY, NO_DIALTONE, NO_ANSWER, HUNG_UP = 1, 2, 3, 4, 5, 6, 7
"""Events of a call that a modem can be told of."""

_at_tx_handler = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_size_t
)
_control_handler = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
"""The last argument is text for a call, and an integer for a modem line."""
_phase_e_handler = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)


def library() -> str | None:
    """The library's name, if it is installed."""
    name = "libspandsp.so.2"
    with contextlib.suppress(OSError):
        ctypes.CDLL(name)
        return name
    return None


@dataclass(frozen=True)
class Plan:
    """What the far end is to do."""

    document: str
    """The TIFF that it sends, or that it makes of what it receives."""
    calls: bool = True
    """Whether it calls and sends; else it is called, and receives."""
    modems: int = V17 | V29 | V27TER
    compressions: int = MH | MR
    ecm: bool = False
    ident: str = "+1 555 0100"
    mute: bool = False
    """Whether it says nothing, as a caller who is no fax."""
    crackles_every: float = 0.0
    """Mean seconds between bursts of noise on the line, both ways; 0: it is clean."""
    noise: int = 0
    """The most that noise adds to a sample of a signal, both ways; 0: the line is clean."""
    spoils_turn: int = 0
    """Which of the terminal's turns to speak begins under noise, so that nobody can train on it; 0: none."""
    refuses: int = 0
    """A call event to answer a dialled number with, instead of a fax terminal: busy, no answer, ..."""
    log: str = ""
    """A file for the library's own log; empty: none."""
    life: int = 85
    """Seconds after which the process ends, whatever becomes of the test: nobody waits for it for ever."""


class SoftModem:
    """The process, seen from a test: ``with SoftModem(plan) as modem: open(modem.path)``."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(asdict(plan))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.path = str(self._next()["path"])
        """The pseudo-terminal on which the modem listens."""

    def __enter__(self) -> SoftModem:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process:
            self._process.terminate()

    def call(self) -> None:
        """Have the terminal call: the modem rings until it is answered."""
        self._tell("call")

    def drop(self) -> None:
        """Cut the call."""
        self._tell("drop")

    def outcome(self) -> dict[str, Any]:
        """What the terminal says of the call, once it is over: ``code``, ``pages``, ``rate``, ``seconds``."""
        return self._next()

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the soft modem's process has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


# ----------------------------------------------------------------------------------------------------------
# In the process


class _Statistics(ctypes.Structure):
    _fields_ = [
        ("bit_rate", ctypes.c_int),
        ("ecm", ctypes.c_int),
        ("pages_tx", ctypes.c_int),
        ("pages_rx", ctypes.c_int),
        ("rest", ctypes.c_int * 60),
    ]


def typed(lib: ctypes.CDLL) -> ctypes.CDLL:
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("t31_init", pointer, [pointer, _at_tx_handler, pointer, _control_handler, *[pointer] * 3]),
        ("t31_call_event", None, [pointer, integer]),
        ("t31_at_rx", integer, [pointer, ctypes.c_char_p, integer]),
        ("t31_rx", integer, [pointer, pointer, integer]),
        ("t31_tx", integer, [pointer, pointer, integer]),
        ("t31_set_transmit_on_idle", None, [pointer, integer]),
        ("t31_get_logging_state", pointer, [pointer]),
        ("fax_init", pointer, [pointer, integer]),
        ("fax_rx", integer, [pointer, pointer, integer]),
        ("fax_tx", integer, [pointer, pointer, integer]),
        ("fax_set_transmit_on_idle", None, [pointer, integer]),
        ("fax_get_t30_state", pointer, [pointer]),
        ("t30_get_logging_state", pointer, [pointer]),
        ("t30_set_tx_ident", integer, [pointer, ctypes.c_char_p]),
        ("t30_set_tx_file", None, [pointer, ctypes.c_char_p, integer, integer]),
        ("t30_set_rx_file", None, [pointer, ctypes.c_char_p, integer]),
        ("t30_set_ecm_capability", integer, [pointer, integer]),
        ("t30_set_supported_modems", integer, [pointer, integer]),
        ("t30_set_supported_compressions", integer, [pointer, integer]),
        ("t30_set_supported_image_sizes", integer, [pointer, integer]),
        ("t30_set_supported_resolutions", integer, [pointer, integer]),
        ("t30_set_phase_e_handler", None, [pointer, _phase_e_handler, pointer]),
        ("t30_get_transfer_statistics", None, [pointer, ctypes.POINTER(_Statistics)]),
        ("t30_completion_code_to_str", ctypes.c_char_p, [integer]),
        ("t30_terminate", None, [pointer]),
        ("span_log_set_level", None, [pointer, integer]),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


class Terminal:
    """spandsp's fax terminal."""

    def __init__(self, lib: ctypes.CDLL, plan: Plan) -> None:
        self._lib = lib
        self._fax = lib.fax_init(None, plan.calls)
        self._t30 = t30 = lib.fax_get_t30_state(self._fax)
        self._over = _phase_e_handler(self._phase_e)
        self._mute = plan.mute
        self.code: int | None = None
        lib.fax_set_transmit_on_idle(self._fax, 1)
        lib.t30_set_tx_ident(t30, plan.ident.encode())
        lib.t30_set_supported_image_sizes(t30, _ALL_SIZES)
        lib.t30_set_supported_resolutions(t30, _ALL_RESOLUTIONS)
        lib.t30_set_supported_modems(t30, plan.modems)
        lib.t30_set_supported_compressions(t30, plan.compressions)
        lib.t30_set_ecm_capability(t30, plan.ecm)
        lib.t30_set_phase_e_handler(t30, self._over, None)
        if plan.calls:
            lib.t30_set_tx_file(t30, plan.document.encode(), -1, -1)
        else:
            lib.t30_set_rx_file(t30, plan.document.encode(), -1)
        if plan.log:
            lib.span_log_set_level(lib.t30_get_logging_state(t30), 5 | 0x100 | 0x200 | 0x400 | 0x800)

    def _phase_e(self, _t30: int, _data: int, code: int) -> None:
        self.code = code

    def exchange(self, heard: ctypes.Array[ctypes.c_short]) -> ctypes.Array[ctypes.c_short]:
        """Hear a block, and say the next, which is as long."""
        count = len(heard)
        said = (ctypes.c_short * count)()
        self._lib.fax_rx(self._fax, heard, count)
        self._lib.fax_tx(self._fax, said, count)
        return (ctypes.c_short * count)() if self._mute else said

    def hung_up(self) -> None:
        """Tell it that the call is gone, as a line's loop current would."""
        if self.code is None:
            self._lib.t30_terminate(self._t30)

    def outcome(self) -> dict[str, object]:
        statistics = _Statistics()
        self._lib.t30_get_transfer_statistics(self._t30, ctypes.byref(statistics))
        code = -1 if self.code is None else self.code
        return {
            "code": code,
            "text": "no end" if code < 0 else self._lib.t30_completion_code_to_str(code).decode(),
            "pages": statistics.pages_tx + statistics.pages_rx,
            "rate": statistics.bit_rate,
        }


class Owner(Protocol):
    """What the T.31 modem asks of its host and of its line."""

    def modem_says(self, octets: bytes) -> None: ...

    def modem_calls(self, number: str) -> None: ...

    def modem_answers(self) -> None:
        """Or goes off hook, as for an answer."""
        ...

    def modem_hangs_up(self) -> None: ...


class Modem:
    """spandsp's T.31 modem."""

    def __init__(self, lib: ctypes.CDLL, owner: Owner) -> None:
        self._lib = lib
        self._owner = owner
        self._events: deque[int] = deque()
        self._clear_to_send = True
        self._handlers = (_at_tx_handler(self._says), _control_handler(self._control))
        self._t31 = lib.t31_init(None, self._handlers[0], None, self._handlers[1], None, None, None)
        lib.t31_set_transmit_on_idle(self._t31, 1)

    def log(self) -> None:
        """Have the library write its own log."""
        level = 5 | 0x100 | 0x200 | 0x400 | 0x800
        self._lib.span_log_set_level(self._lib.t31_get_logging_state(self._t31), level)

    def feed(self, take: Callable[[], bytes]) -> None:
        """Hand it what the host says, a piece of at most ``PIECE`` at a time, until there is none or it is
        full; then what has happened meanwhile."""
        while self._clear_to_send and (piece := take()):
            self._lib.t31_at_rx(self._t31, piece, len(piece))
        while self._events:
            self._lib.t31_call_event(self._t31, self._events.popleft())

    def happens(self, event: int) -> None:
        """Tell it, at the next ``feed``: it may not be told while it asks something itself."""
        self._events.append(event)

    def say(self, count: int) -> ctypes.Array[ctypes.c_short]:
        """The next samples that it says."""
        said = (ctypes.c_short * count)()
        self._lib.t31_tx(self._t31, said, count)
        return said

    def hear(self, heard: ctypes.Array[ctypes.c_short]) -> None:
        self._lib.t31_rx(self._t31, heard, len(heard))

    def _says(self, _at: int, _data: int, octets: Any, length: int) -> int:
        self._owner.modem_says(ctypes.string_at(octets, length))
        return 0

    def _control(self, _at: int, _data: int, operation: int, value: int | None) -> int:
        if operation == _CTS:
            self._clear_to_send = bool(value)
        elif operation in (_ANSWER, _OFFHOOK):
            self._owner.modem_answers()
            if operation == _ANSWER:
                self.happens(_ANSWERED)
        elif operation == _CALL:
            self._owner.modem_calls(ctypes.string_at(value or b"").decode("ascii", "replace"))
        elif operation in (_HANGUP, _ONHOOK):
            self._owner.modem_hangs_up()
        return 0


class _Noise:
    """Noise on what is said, and bursts of it in its place; the same ones for the same plan."""

    def __init__(self, plan: Plan) -> None:
        self._dice = random.Random(1)
        self._every = plan.crackles_every
        self._amplitude = plan.noise
        self._left = 0
        self._blocks = 0

    def __call__(self, block: ctypes.Array[ctypes.c_short]) -> ctypes.Array[ctypes.c_short]:
        self._blocks += 1
        decides = self._every and self._blocks % _DICE_BLOCKS == 1
        if decides and self._dice.random() < _DICE_BLOCKS * SECONDS_PER_BLOCK / self._every:
            self._left = _BURST_BLOCKS
        if self._left:
            self._left -= 1
            return (ctypes.c_short * BLOCK)(*self._samples(_BURST_AMPLITUDE))
        if not self._amplitude or max(block) < _LOUD:  # a noisy silence would be taken for a carrier
            return block
        return (ctypes.c_short * BLOCK)(*map(sum, zip(block, self._samples(self._amplitude), strict=True)))

    def _samples(self, amplitude: int) -> list[int]:
        return [self._dice.randint(-amplitude, amplitude) for _ in range(BLOCK)]


class _Spoiler:
    """Noise over the beginning of one of the terminal's turns: what it says after the modem has spoken."""

    def __init__(self, plan: Plan) -> None:
        self._dice = random.Random(1)
        self._turn = plan.spoils_turn
        self._turns = 0
        self._left = 0
        self._modem_spoke_last = False

    def __call__(
        self, modem: ctypes.Array[ctypes.c_short], terminal: ctypes.Array[ctypes.c_short]
    ) -> ctypes.Array[ctypes.c_short]:
        """What the modem hears of the terminal, while it says something itself or not."""
        if max(modem) > _LOUD:
            self._modem_spoke_last = True
        elif self._modem_spoke_last and max(terminal) > _LOUD:
            self._modem_spoke_last = False
            self._turns += 1
            self._left = _SPOILT_BLOCKS if self._turns == self._turn else 0
        if not self._left:
            return terminal
        self._left -= 1
        noise = (self._dice.randint(-_BURST_AMPLITUDE, _BURST_AMPLITUDE) for _ in range(BLOCK))
        return (ctypes.c_short * BLOCK)(*noise)


class _Server:
    """The modem on its pseudo-terminal, the terminal behind it, and the audio between them."""

    def __init__(self, lib: ctypes.CDLL, plan: Plan) -> None:
        self._lib = lib
        self._plan = plan
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._slave = slave
        """Kept open, so that the terminal is there before and after its user is."""
        self._to_modem: deque[bytes] = deque()
        self._terminal: Terminal | None = None
        self._began = 0.0
        self._next_ring: float | None = None
        self._ending = False
        self._seconds = 0.0
        self._silence = (ctypes.c_short * BLOCK)()
        self._noise = _Noise(plan)
        self._spoiler = _Spoiler(plan)
        self._modem = Modem(lib, self)
        if plan.log:
            self._modem.log()

    # -- what the modem asks for

    def modem_says(self, octets: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, octets)

    def modem_calls(self, number: str) -> None:
        if self._plan.refuses:
            self._modem.happens(self._plan.refuses)
        else:
            self._connect()
            self._modem.happens(CONNECTED)

    def modem_answers(self) -> None:
        if self._next_ring is not None:
            self._next_ring = None
            self._connect()

    def modem_hangs_up(self) -> None:
        self._end()

    # -- the call

    def _connect(self) -> None:
        self._terminal = Terminal(self._lib, self._plan)
        self._began = time.monotonic()

    def _end(self) -> None:
        """The line is cut; the terminal hears silence until it has noticed."""
        if self._terminal is not None and not self._ending:
            self._ending = True
            self._seconds = time.monotonic() - self._began
            self._terminal.hung_up()

    def _forget_call(self) -> None:
        if self._terminal is not None:
            _report(self._terminal.outcome() | {"seconds": self._seconds})
        self._terminal, self._ending = None, False

    def _told(self, words: str) -> None:
        for word in words.split():
            if word == "call":
                self._next_ring = time.monotonic()
            elif word == "drop":
                self._modem.happens(HUNG_UP)
                self._end()

    # -- the loop

    def run(self) -> None:
        _report({"path": os.ttyname(self._slave)})
        next_block = time.monotonic() + SECONDS_PER_BLOCK
        while True:
            wait = max(0.0, next_block - time.monotonic())
            reads = [sys.stdin.fileno()] + ([self._master] if len(self._to_modem) < 8 else [])
            ready, _, _ = select.select(reads, [], [], wait)
            if self._master in ready:
                with contextlib.suppress(BlockingIOError):
                    received = os.read(self._master, 8 * PIECE)
                    self._to_modem.extend(received[at : at + PIECE] for at in range(0, len(received), PIECE))
            self._feed()
            if sys.stdin.fileno() in ready:
                words = os.read(sys.stdin.fileno(), 1000)
                if not words:
                    return
                self._told(words.decode())
            if time.monotonic() >= next_block:
                next_block += SECONDS_PER_BLOCK
                self._block()

    def _feed(self) -> None:
        self._modem.feed(lambda: self._to_modem.popleft() if self._to_modem else b"")

    def _block(self) -> None:
        said = self._modem.say(BLOCK)
        heard = self._silence
        if self._ending:
            self._forget_call()
        elif self._terminal is not None:
            heard = self._spoiler(said, self._noise(self._terminal.exchange(self._noise(said))))
        self._modem.hear(heard)
        self._feed()
        if self._next_ring is not None and time.monotonic() >= self._next_ring:
            self._next_ring += _RING_EVERY
            self._modem.happens(ALERTING)
            self._feed()


def _report(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    plan = Plan(**json.loads(sys.argv[1]))
    signal.alarm(plan.life)
    if plan.log:
        os.dup2(os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    _Server(typed(ctypes.CDLL(library() or "")), plan).run()


if __name__ == "__main__":
    main()
