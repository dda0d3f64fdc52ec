"""Telling others of faxes: a spool of deliveries, each an event for one hook, tried until it is taken.

A delivery is a file in the spool's directory from the moment that ``put`` returns until its command has
ended with 0; so a hook is told at least once, whatever dies in between. What was tried as often as the hook
wants it goes to ``failed/``, for a while. Any process may ``put``; one delivers. While a command runs, a file
says which process that is: one that outlives us is ended before its hook is told again.

A command gets the event, and of a fax the path: whatever it does with that is its own doing, not the spool's.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from faxhw.clock import SYSTEM_CLOCK, Clock, Deadline
from faxhw.disk import sweep, write_file
from faxhw.errors import StorageError
from faxhw.serve.commands import Running, Starter, end_orphan, start
from faxhw.serve.events import Event
from faxhw.serve.failed import Failed
from faxhw.serve.settings import GivenUp, Hook

log = logging.getLogger("faxhw.serve")

AT_ONCE = 8
"""Commands that run at a time."""
_LONGEST_WAIT = 24 * 3600.0
_RUNNING = ".running"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that a hook is to be told of."""

    event: Event
    command: tuple[str, ...]
    tries: int
    timeout: float
    first_wait: float
    tried: int = 0
    due: float = 0.0
    """When it is to be tried next, in seconds since 1970."""

    @classmethod
    def of(cls, event: Event, hook: Hook, now: float) -> Delivery:
        """The first try is due at once."""
        return cls(event, hook.command, hook.tries, hook.timeout, hook.first_wait, due=now)

    def __str__(self) -> str:
        return f"hook {self.command[0]}, {self.event.kind} fax {self.event.id} on {self.event.line}"

    @property
    def name(self) -> str:
        """Of its file: the same for one event and one command."""
        told = "\0".join((self.event.id, self.event.kind, *self.command))
        return f"{hashlib.sha256(told.encode(errors='surrogateescape')).hexdigest()[:32]}.json"

    @property
    def wait(self) -> float:
        """Seconds after the last try."""
        return min(self.first_wait * 2.0 ** max(0, self.tried - 1), _LONGEST_WAIT)

    def is_due(self, now: float) -> bool:
        """A moment that is further away than it can be was written before the clock was put back."""
        return not now < self.due <= now + self.wait

    def as_json(self) -> bytes:
        return json.dumps({**asdict(self), "event": self.event.as_dict()}).encode()

    @classmethod
    def from_json(cls, written: bytes) -> Delivery:
        """Raises ``ValueError``."""
        try:
            told = json.loads(written)
            return cls(**{**told, "event": Event.from_dict(told["event"]), "command": tuple(told["command"])})
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is no delivery: {error}") from error


@dataclass(slots=True)
class _Try:
    """A command under way."""

    delivery: Delivery
    running: Running
    deadline: Deadline


@dataclass(slots=True)
class Spool:
    """The deliveries in a directory, which is made if need be."""

    directory: Path
    hooks: Sequence[Hook] = ()
    """Who is told of what is put from now on; to be replaced when the configuration is read again."""
    clock: Clock = SYSTEM_CLOCK
    start: Starter = start
    limits: GivenUp = field(default_factory=GivenUp)
    """What is kept of what was given up."""
    failed: Failed = field(init=False)
    _waiting: dict[str, Delivery] = field(default_factory=dict)
    _under_way: dict[str, _Try] = field(default_factory=dict)
    _stuck: set[str] = field(default_factory=set)
    """Files that are done with, and cannot be removed."""

    def __post_init__(self) -> None:
        self.failed = Failed(self.directory / "failed", self.limits, self.clock)
        for each in (self.directory, self.failed.directory):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self.directory, self._now())

    def put(self, event: Event) -> None:
        """Have the hooks told of an event; that they will be is on disk when this returns.

        An event that is put again while it waits is told once. Raises ``StorageError`` if it cannot be kept.
        """
        for hook in self.hooks:
            if hook.wants(event.kind, event.line):
                self._put(Delivery.of(event, hook, self._now()))

    def end_orphans(self) -> None:
        """End the commands of whoever delivered before us and was killed. To be called once, first of all."""
        for note in self.directory.glob(f".*{_RUNNING}"):
            try:
                if end_orphan(note.read_text(errors="replace")):
                    log.warning("hook: a command that the service before this one left behind was ended")
                note.unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s: %s", note, error.strerror or error)

    def deliver_due(self) -> None:
        """Start what is due, end what takes too long, note what has ended; does not wait. Call it often."""
        self._look()
        self.failed.tidy()
        for name, each in tuple(self._under_way.items()):
            self._watch(name, each)
        now = self._now()
        for name, delivery in sorted(self._waiting.items(), key=lambda item: item[1].due):
            if len(self._under_way) < AT_ONCE and delivery.is_due(now):
                self._begin(name, delivery)

    @property
    def pending(self) -> int:
        """Deliveries that are waiting or under way, as of the last ``deliver_due``."""
        return len(self._waiting) + len(self._under_way)

    def close(self) -> None:
        """End the commands under way; they are tried again by whoever opens the spool next."""
        for name, each in self._under_way.items():
            each.running.kill()
            self._forget_process(name)
        self._under_way.clear()

    # ------------------------------------------------------------------------------------------------------

    def _put(self, made: Delivery) -> None:
        path = self.directory / made.name
        try:
            if not path.exists():
                write_file(path, made.as_json())
        except OSError as error:
            reason = error.strerror or error
            raise StorageError(f"{made} cannot be kept for later: {path}: {reason}") from error

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _look(self) -> None:
        """Learn of deliveries that were put."""
        for path in self.directory.glob("[!.]*.json"):
            name = path.name
            if name in self._waiting or name in self._under_way or name in self._stuck:
                continue
            try:
                delivery = Delivery.from_json(path.read_bytes())
            except (OSError, ValueError) as error:
                log.error("%s cannot be delivered: %s", path, error)  # noqa: TRY400 - no bug of ours
                self._put_away(name)
                continue
            self._waiting[name] = delivery
            if delivery.tried >= delivery.tries:
                self._failed_try(name, delivery, "the service died meanwhile")

    def _begin(self, name: str, delivery: Delivery) -> None:
        """One try more. It is counted first: one that kills us all is not made for ever."""
        counted = replace(delivery, tried=delivery.tried + 1)
        self._waiting[name] = counted = replace(counted, due=self._now() + counted.wait)
        try:
            write_file(self.directory / name, counted.as_json())
        except OSError as error:
            log.warning("%s: a try cannot be noted: %s", counted, error)
        event = counted.event
        try:
            running = self.start(counted.command, event.as_json().encode(), event.as_environment())
        except OSError as error:
            self._failed_try(name, counted, error.strerror or str(error))
            return
        self._note_process(name, running)
        del self._waiting[name]
        self._under_way[name] = _Try(counted, running, Deadline(self.clock, counted.timeout))

    def _watch(self, name: str, each: _Try) -> None:
        code = each.running.poll()
        if code is None and not each.deadline.passed():
            return
        del self._under_way[name]
        if code == 0:
            self._forget_process(name)
            self._done(name)
            return
        each.running.kill()
        self._forget_process(name)
        self._waiting[name] = each.delivery
        why = f"it took longer than {each.delivery.timeout:g} s" if code is None else f"it ended with {code}"
        self._failed_try(name, each.delivery, why)

    def _note_process(self, name: str, running: Running) -> None:
        """It need not outlast the host, for neither does the process."""
        try:
            (self.directory / f".{name}{_RUNNING}").write_text(running.identity)
        except OSError as error:
            log.warning("the process of %s cannot be noted: %s", name, error.strerror or error)

    def _forget_process(self, name: str) -> None:
        with suppress(OSError):  # it will be found to be no process any more
            (self.directory / f".{name}{_RUNNING}").unlink(missing_ok=True)

    def _failed_try(self, name: str, delivery: Delivery, why: str) -> None:
        if delivery.tried < delivery.tries:
            log.warning("%s: %s; again in %g s", delivery, why, delivery.wait)
            return
        log.error("%s: %s; given up, see %s", delivery, why, self.failed.directory / name)
        del self._waiting[name]
        self._put_away(name)

    def _done(self, name: str) -> None:
        try:
            (self.directory / name).unlink(missing_ok=True)
        except OSError as error:
            self._leave(name, error)

    def _put_away(self, name: str) -> None:
        try:
            self.failed.take(self.directory / name)
        except OSError as error:
            self._leave(name, error)

    def _leave(self, name: str, error: OSError) -> None:
        log.error("%s cannot be removed, and will be told of once more after a restart: %s", name, error)
        self._stuck.add(name)
