"""A port whose modem follows a script, on a clock that moves when somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from faxhw.clock import Monitor, Worker
from faxhw.errors import PortError
from faxhw.ports.base import Flow

START = datetime(2026, 1, 1, tzinfo=UTC)


class ScriptClock:
    """Time passes only in ``sleep`` and in reads that find nothing."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def now(self) -> datetime:
        return START

    def sleep(self, seconds: float) -> None:
        self._now += seconds

    def monitor(self) -> Monitor:
        raise NotImplementedError

    def spawn(self, target: Callable[[], None], name: str) -> Worker:
        raise NotImplementedError


class ScriptedPort:
    """``answer`` is given what the host has written since the last time, and says what the modem sends."""

    name = "scripted"

    def __init__(self, clock: ScriptClock, answer: Callable[[bytes], bytes]) -> None:
        self._clock = clock
        self._answer = answer
        self._incoming = b""
        self.written: list[bytes] = []
        self.speeds: list[int] = []
        self.dtr: list[bool] = []
        self.flows: list[Flow] = []
        self.on_wait: Callable[[], None] = lambda: None
        """Called when a read is about to wait."""
        self.woken = False
        self.closed = False

    def says(self, octets: bytes) -> None:
        """The modem sends something of its own accord."""
        self._incoming += octets

    def read(self, timeout: float | None) -> bytes:
        if not self._incoming and timeout != 0.0:
            self.on_wait()
        if self._incoming:
            received, self._incoming = self._incoming, b""
            return received
        if self.woken:
            self.woken = False
            return b""
        assert timeout is not None, "this read would wait for ever"
        self._clock.sleep(timeout)
        return b""

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        if self.closed:
            raise PortError("scripted: the port was closed")
        self.written.append(data)
        self._incoming += self._answer(data)

    def wake(self) -> None:
        self.woken = True

    def discard_input(self) -> None:
        self._incoming = b""

    def set_speed(self, baud: int) -> None:
        self.speeds.append(baud)

    def set_flow(self, flow: Flow) -> None:
        self.flows.append(flow)

    def set_dtr(self, on: bool) -> None:
        self.dtr.append(on)

    def carrier(self) -> bool | None:
        return None

    def ring(self) -> bool | None:
        return None

    def close(self) -> None:
        self.closed = True


def in_order(*script: tuple[bytes, bytes]) -> Callable[[bytes], bytes]:
    """An ``answer`` that expects exactly these writes, one after the other."""
    left = list(script)

    def answer(written: bytes) -> bytes:
        assert left, f"the script is over, and the host writes {written!r}"
        expected, said = left.pop(0)
        assert written == expected
        return said

    return answer
