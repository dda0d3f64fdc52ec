"""The processes in which lines are attended, as the supervisor sees them: a *post* each.

A post talks in *words*, JSON objects of a line each: orders go in, news come out. That it is a process stands
here and nowhere else, so that tests can have posts without one.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from faxhw.clock import Clock
from faxhw.serve.settings import Hook, Line

log = logging.getLogger("faxhw.serve")

Words = dict[str, Any]
MODULE = "faxhw.serve.attendant"
_LONGEST_WORDS = 1 << 20
_KILL_WAIT = 5.0
"""Seconds that a killed process may take to be gone; longer, and the kernel holds it."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a post is started for."""

    line: Line
    hooks: tuple[Hook, ...]
    spool: Path
    """Where events for them are put."""
    remedy: str = ""
    """What is to be done to the device before it is opened: a name of ``remedies.REMEDIES``."""
    log_level: int = logging.INFO


class Post(Protocol):
    """Somebody who attends a line."""

    @property
    def process(self) -> int | None:
        """The number of the process that it is; ``None``: it is none."""
        ...

    def order(self, words: Words) -> None:
        """Give an order; lost if nobody is there any more."""
        ...

    def kill(self) -> None:
        """End it, whatever it does."""
        ...


class Staff(Protocol):
    """Who starts posts."""

    def start(self, duty: Duty, heard: Callable[[Words], None], ended: Callable[[str], None]) -> Post:
        """Start one. ``heard`` is told its news, ``ended``, once, how it ended; from any thread."""
        ...


class Processes:
    """Posts that are processes of their own."""

    def __init__(self, clock: Clock, command: tuple[str, ...] = (sys.executable, "-m", MODULE)) -> None:
        self._clock = clock
        self._command = command

    def start(self, duty: Duty, heard: Callable[[Words], None], ended: Callable[[str], None]) -> Post:
        process = subprocess.Popen(  # a session of its own: what a terminal sends is for the supervisor
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        post = _Process(process)
        post.send(base64.b64encode(pickle.dumps(duty)))
        self._clock.spawn(lambda: post.listen(heard, ended), f"post {duty.line.name}")
        return post


class _Process:
    """A process, and the thread that reads what it says."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._orders: IO[bytes] = process.stdin
        self._news: IO[bytes] = process.stdout

    @property
    def process(self) -> int:
        return self._process.pid

    def send(self, line: bytes) -> None:
        with suppress(OSError, ValueError):  # it is gone, which ``listen`` tells
            self._orders.write(line + b"\n")
            self._orders.flush()

    def order(self, words: Words) -> None:
        self.send(json.dumps(words).encode())

    def kill(self) -> None:
        """With whatever an application of its has started."""
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def listen(self, heard: Callable[[Words], None], ended: Callable[[str], None]) -> None:
        """Pass on its news until it has ended."""
        try:
            while line := self._news.readline(_LONGEST_WORDS):
                words = _words(line)
                if words is not None:
                    heard(words)
        finally:
            ended(self._end())

    def _end(self) -> str:
        """Why it ended, in a few words."""
        with suppress(OSError):
            self._orders.close()
        self._news.close()
        try:
            code = self._process.wait(_KILL_WAIT)
        except subprocess.TimeoutExpired:
            self.kill()
            try:
                code = self._process.wait(_KILL_WAIT)
            except subprocess.TimeoutExpired:
                return f"process {self._process.pid} cannot be ended: the kernel holds it"
        if code < 0:
            return f"it was ended by signal {-code}"
        return "" if code == 0 else f"it ended with code {code}"


def _words(line: bytes) -> Words | None:
    """What a post said; ``None`` for what an application has printed among it."""
    try:
        words = json.loads(line)
    except ValueError:
        words = None
    if not isinstance(words, dict):
        log.info("an attendant's output: %s", line.decode(errors="replace").strip()[:500])
        return None
    return words
