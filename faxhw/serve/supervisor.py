"""Keeps every line of a host attended: starts posts, watches them, starts them again, gives them jobs.

All of it happens in one thread, ``run``'s. Whatever comes from elsewhere (the news of a post, a request, a
signal) is an *act* that is handed to that thread. It opens no device and loads no application, so that
nothing of theirs can take it down.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from faxhw.clock import Clock, Deadline
from faxhw.errors import Error
from faxhw.fax.errands import Errand
from faxhw.serve.config import Config, load
from faxhw.serve.dispatch import Dispatch
from faxhw.serve.notify import ServiceManager
from faxhw.serve.posts import Duty, Staff, Words
from faxhw.serve.station import Station

log = logging.getLogger("faxhw.serve")

TICK = 0.5
"""Seconds between looks at everything."""
STOP_TIME = 330.0
"""Seconds that the lines get to end: a page in hand may take five minutes."""

ASK_TIME = 30.0
"""Seconds that whoever asks waits for its answer."""

Act = Callable[[], None]
T = TypeVar("T")


class Supervisor:
    """The service. ``stop``, ``reload`` and ``do`` may come from any thread, ``run`` is one's own."""

    def __init__(
        self, config: Config, staff: Staff, clock: Clock, dispatch: Dispatch, manager: ServiceManager
    ) -> None:
        self.config = config
        self.stations: dict[str, Station] = {}
        self.began = clock.now()
        self._staff = staff
        self._clock = clock
        self._dispatch = dispatch
        self._manager = manager
        self._monitor = clock.monitor()
        self._reading = clock.monitor()
        self._acts: list[Act] = []
        self._stopping: Deadline | None = None
        self._alive = Deadline(clock, 0.0)

    # ------------------------------------------------------------------------------------------------------
    # From any thread

    def do(self, act: Act) -> None:
        """Have something done in the supervisor's thread, soon."""
        with self._monitor:
            self._acts.append(act)
            self._monitor.notify_all()

    def ask(self, act: Callable[[], T]) -> T:
        """Have something done in the supervisor's thread: what it gives, or raises.

        Raises ``Error`` if it could not begin in time. Then it is not done at all: what it needs, such as a
        descriptor, is there only while somebody waits for it.
        """
        errand = Errand(act)
        begun = given_up = False

        def see_to() -> None:
            nonlocal begun
            with self._monitor:
                if given_up:
                    return
                begun = True
            errand.run()
            with self._monitor:
                errand.done = True
                self._monitor.notify_all()

        self.do(see_to)
        with self._monitor:
            self._monitor.wait_for(lambda: errand.done or begun, ASK_TIME)
            given_up = not begun
            if given_up:
                raise Error("the service is too busy to answer; ask again")
            self._monitor.wait_for(lambda: errand.done)
        return errand.result

    def stop(self) -> None:
        """End, once the pages in hand are over; a second time: at once."""
        self.do(self._stop)

    def reload(self) -> None:
        """Read the configuration anew; calls in hand go on under the old one.

        It is read in the caller's thread, for applications are tried, which takes its time.
        """
        with self._reading:  # one after the other, so that what was read last counts
            if self._stopping is not None:
                return
            self._manager.reloading(int(self._clock.monotonic() * 1e6))
            try:
                config = load(self.config.path)
            except Error as error:
                log.error("the configuration stays as it was: %s", error)  # noqa: TRY400 - it says where
                config = None
            self.do(partial(self._reloaded, config))

    # ------------------------------------------------------------------------------------------------------
    # The supervisor's thread

    def run(self) -> None:
        """Serve until ``stop``."""
        for line in self.config.lines:
            self.stations[line.name] = Station(line, self._clock)
        self._look()
        self._manager.ready(self.summary())
        while self.stations or self._stopping is None:
            with self._monitor:
                self._monitor.wait_for(lambda: bool(self._acts), TICK)
                acts, self._acts = self._acts, []
            for act in acts:
                self._do(act)
            self._look()
        log.info("all lines have ended")

    def _do(self, act: Act) -> None:
        try:
            act()
        except Exception:  # a bug in the handling of one thing must not take all lines down
            log.exception("something could not be done")

    def _look(self) -> None:
        """Do whatever is due."""
        for station in list(self.stations.values()):
            self._see_to(station)
        if self._stopping is None:
            self._dispatch.look(self.stations.values())
        elif self._stopping.passed():
            log.error("not all lines have ended, and the rest is killed")
            self._stopping = Deadline(self._clock, STOP_TIME)
            self._kill_all()
        if self._alive.passed():
            self._manager.alive(self.summary())
            self._alive = Deadline(self._clock, (self._manager.watchdog or 60.0) / 3)

    def _see_to(self, station: Station) -> None:
        if station.post is not None:
            if why := station.hurt():
                log.error("%s: %s; its process is ended", station.line.name, why)
                station.fails(why)
                station.kill()
        elif station.leaving:
            self._left(station)
        elif station.due:
            self._start(station)

    def _start(self, station: Station) -> None:
        duty = Duty(
            station.line,
            self.config.hooks,
            self._dispatch.spool.directory,
            station.remedy,
            logging.getLogger("faxhw").getEffectiveLevel(),
        )
        try:
            post = self._staff.start(
                duty,
                lambda words: self.do(partial(self._heard, station, words)),
                lambda why: self.do(partial(self._ended, station, why)),
            )
        except OSError as error:
            station.ended(f"no process can be started: {error.strerror or error}")
            return
        station.started(post)
        log.info("%s: %s is attended", station.line.name, station.line.device)

    def _left(self, station: Station) -> None:
        """Its post has ended for good, or is followed by another."""
        del self.stations[station.line.name]
        if station.successor is not None and self._stopping is None:
            self.stations[station.successor.name] = Station(station.successor, self._clock)

    # ------------------------------------------------------------------------------------------------------
    # News

    def _heard(self, station: Station, words: Words) -> None:
        if "beat" in words:
            station.beat(words)
        elif "error" in words:
            station.fails(str(words["error"]))
        else:
            self._dispatch.heard(station, words)

    def _ended(self, station: Station, why: str) -> None:
        station.ended(why)
        self._dispatch.ended(station)

    # ------------------------------------------------------------------------------------------------------
    # Signals

    def _stop(self) -> None:
        if self._stopping is not None:
            self._kill_all()
            return
        self._manager.stopping()
        self._stopping = Deadline(self._clock, STOP_TIME)
        for station in self.stations.values():
            self._dismiss(station, "stop")

    def _kill_all(self) -> None:
        for station in self.stations.values():
            station.kill()

    def _dismiss(self, station: Station, order: str) -> None:
        """Have its post end, and not start again."""
        station.leaving = True
        if station.post is not None:
            station.post.order({"do": order})

    def _reloaded(self, config: Config | None) -> None:
        if self._stopping is not None:
            return
        if config is not None:
            self._change_to(config)
        self._manager.ready(self.summary())

    def _change_to(self, config: Config) -> None:
        for name in ("state", "socket", "queue"):
            if getattr(config, name) != getattr(self.config, name):
                log.warning("%s has changed, which counts from the next start on", name)
        self._dispatch.change_to(config)
        wanted = {line.name: line for line in config.lines}
        same_hooks = config.hooks == self.config.hooks  # a line's process puts events down for them
        for name, station in self.stations.items():
            line = wanted.pop(name, None)
            if line == station.line and same_hooks and not station.leaving:
                continue
            station.successor = line
            self._dismiss(station, "retire")
        for name, line in wanted.items():
            self.stations[name] = Station(line, self._clock)
        self.config = config
        log.info("the configuration was read anew: %d lines", len(config.lines))

    # ------------------------------------------------------------------------------------------------------

    def summary(self) -> str:
        """How the lines fare, in a line."""
        states = [station.state for station in self.stations.values()]
        busy = sum(state in ("CALL", "SENDING") for state in states)
        down = states.count("DOWN")
        return f"{len(states)} lines, {busy} in a call" + f", {down} down" * bool(down)
