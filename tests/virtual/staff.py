"""Posts in simulated time: attendants in threads, on virtual modems that can be pulled out and hung."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faxhw.clock import Monitor
from faxhw.device import Device, IncomingCall
from faxhw.errors import DeviceError, Error
from faxhw.serve.attendant import Attendant
from faxhw.serve.posts import Duty, Post, Words
from faxhw_drivers.modem import driver
from faxhw_drivers.sim import Bench
from faxhw_drivers.sim.bench import PluggedModem


@dataclass
class SimulatedPost:
    """An attendant in a thread. Nobody can kill a thread: its device is taken away, and it is not heard."""

    staff: SimulatedStaff
    duty: Duty
    heard: Callable[[Words], None]
    ended: Callable[[str], None]
    attendant: Attendant = field(init=False)
    device: Device | None = None
    over: bool = False
    process: int | None = None
    changed: Monitor = field(init=False)
    """Told when it is over."""

    def __post_init__(self) -> None:
        self.changed = self.staff.bench.clock.monitor()
        self.attendant = Attendant(self.duty, self.staff.bench.clock, self._report, self._open)
        self.staff.bench.clock.spawn(self._run, f"post {self.duty.line.name}")

    def order(self, words: Words) -> None:
        self.attendant.order(words)

    def kill(self) -> None:
        if self.device is not None:
            self.device.close()
        self._end("it was ended by signal 9")

    def hang(self) -> None:
        """Have its thread, once it waits for calls, wait for what comes only when the post is killed."""
        if (device := self.device) is None:
            return
        wait_for_call = device.wait_for_call

        def hung(timeout: float | None, rings: int = 1) -> IncomingCall | None:
            with self.changed:
                self.changed.wait_for(lambda: self.over)
            return wait_for_call(timeout, rings)

        device.wait_for_call = hung  # type: ignore[method-assign]

    def _open(self, device: str, options: Mapping[str, str]) -> Device:
        self.device = self.staff.open(device, options)
        return self.device

    def _report(self, words: Words) -> None:
        if not self.over:
            self.heard(words)

    def _run(self) -> None:
        why = ""
        try:
            self.attendant.run()
        except Error as error:
            self._report({"error": str(error)})
            why = "it ended with code 3"
        self._end(why)

    def _end(self, why: str) -> None:
        if not self.over:
            with self.changed:
                self.over = True
                self.changed.notify_all()
            self.staff.posts.remove(self)
            self.ended(why)


@dataclass
class SimulatedStaff:
    """Starts posts on the modems of a bench; a device is named by its number."""

    bench: Bench
    modems: dict[str, PluggedModem] = field(default_factory=dict)
    posts: list[SimulatedPost] = field(default_factory=list)
    started: list[Duty] = field(default_factory=list)
    missing: str = "there is no such device; is the modem plugged in and switched on?"
    """What is said of a device that is not there."""

    def start(self, duty: Duty, heard: Callable[[Words], None], ended: Callable[[str], None]) -> Post:
        self.started.append(duty)
        post = SimulatedPost(self, duty, heard, ended)
        self.posts.append(post)
        return post

    def open(self, device: str, options: Mapping[str, str]) -> Device:
        number = Path(device).name
        plugged = self.modems.get(number)
        if plugged is None:
            raise DeviceError(f"{device}: {self.missing}")
        return driver.open_on(plugged.reopen(), self.bench.clock, options)

    def plug_in(self, number: str, **traits: object) -> PluggedModem:
        """A new modem on that line."""
        self.modems[number] = self.bench.modem(number, **traits)  # type: ignore[arg-type]
        return self.modems[number]

    def unplug(self, number: str) -> PluggedModem:
        """Pull the modem of a line out."""
        gone = self.modems.pop(number)
        gone.vanish()
        return gone

    def plug_back(self, gone: PluggedModem, name: str = "") -> None:
        """Put it in again, with no memory of what it was told; ``name``: as another node of the system."""
        gone.modem.reset()
        gone.port.name = name or gone.port.name
        self.modems[gone.modem.phone.number] = gone

    def hang(self, number: str) -> None:
        """Have the thread that attends a line, if one does, wait for something that never comes."""
        for post in self.posts:
            if post.duty.line.device.endswith(number):
                post.hang()
