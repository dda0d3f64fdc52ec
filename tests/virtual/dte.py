"""A scripted DTE: says commands to a modem on a bench, one by one, and reads what it answers."""

from __future__ import annotations

from faxhw_drivers.sim import Bench, PluggedModem

FINAL_RESULTS = ("OK", "ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "+FCERROR", "CONNECT")


class Dte:
    """One end of a modem's port. What it has read and nobody asked for yet is ``rest``."""

    def __init__(self, bench: Bench, modem: PluggedModem) -> None:
        self.port = modem.port
        self.rest = b""
        self._clock = bench.clock

    def write(self, data: bytes, timeout: float = 10.0) -> None:
        self.port.write(data, timeout)

    def until(self, marker: bytes, timeout: float = 90.0) -> bytes:
        """What is said up to and with the marker."""
        deadline = self._clock.monotonic() + timeout
        while marker not in self.rest:
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise AssertionError(f"{marker!r} was not said in {timeout} s, but {self.rest!r}")
            self.rest += self.port.read(left)
        before, _, self.rest = self.rest.partition(marker)
        return before + marker

    def line(self, timeout: float = 90.0) -> str:
        """The next line that is not empty."""
        while not (text := self.until(b"\r\n", timeout).decode("latin-1").strip()):
            pass
        return text

    def command(self, text: str, timeout: float = 90.0) -> list[str]:
        """Say a command; the lines of the answer, the last one its result."""
        self.write(f"{text}\r".encode())
        return self.result(timeout)

    def result(self, timeout: float = 90.0) -> list[str]:
        lines = [self.line(timeout)]
        while lines[-1] not in FINAL_RESULTS:
            lines.append(self.line(timeout))
        return lines

    def data(self, timeout: float = 90.0) -> bytes:
        """Octets up to DLE ETX, unshielded."""
        shielded = b""
        while True:
            shielded += self.until(b"\x10\x03", timeout)
            if not shielded.replace(b"\x10\x10", b"").endswith(b"\x10\x03"):
                continue
            return shielded[:-2].replace(b"\x10\x10", b"\x10")

    def silent_for(self, seconds: float) -> bool:
        """Whether nothing is said for so long."""
        self.rest += self.port.read(seconds)
        return not self.rest

    def class1(self) -> Dte:
        """No echo, class 1."""
        assert self.command("ATE0")[-1] == "OK"
        assert self.command("AT+FCLASS=1") == ["OK"]
        return self
