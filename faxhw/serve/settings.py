"""What the configuration of ``faxhw serve`` comes to (``config`` reads it): a dataclass for each table.

A field's docstring says what it means, in which unit; its default is the key's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from faxhw.serve.hours import ALWAYS, Hours
from faxhw.serve.naming import DEFAULT
from faxhw.serve.policy import QueuePolicy


class OnReject(StrEnum):
    """What becomes of a call that is not wanted."""

    RING = "ring"
    """It is let ring: somebody else may answer."""
    HANG_UP = "hang_up"
    """It is ended, in the way the device has (``Channel.reject``)."""


class Kind(StrEnum):
    """What hooks are told of."""

    RECEIVED = "received"
    SENT = "sent"
    FAILED = "failed"
    """A fax ended otherwise than it should; pages of it may be stored, or confirmed, all the same."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """``[line.inbox]``: faxes are stored in a directory."""

    directory: Path
    """Others than its owner and group may not look in."""
    pattern: str = DEFAULT
    """The names of the faxes (``naming``)."""


@dataclass(frozen=True, slots=True)
class Application:
    """``[line.application]``: a Python file's ``main`` has the calls (``faxhw.applications``)."""

    file: Path
    arguments: tuple[str, ...] = ()
    files: Path = Path()
    """The folder of its ``file_man``; that of the file by default."""


@dataclass(frozen=True, slots=True)
class Line:
    """``[[line]]``: a telephone line, and what is done with its calls."""

    name: str
    """At most 32 letters, digits, ``-`` and ``_``; no two lines have the same."""
    device: str
    """The device string."""
    device_options: Mapping[str, str] = field(default_factory=dict)
    rings: int = 1
    """A call is answered when it has rung so often."""
    answers: bool = True
    """False: calls are let ring, the line only sends."""
    sends: bool = True
    """False: it takes no job of the queue."""
    ident: str = ""
    """Our number, told to the far end; in ``options`` as ``SubscriberId``."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Fax options (``faxhw.fax.options``)."""
    hours: Hours = ALWAYS
    """When calls are answered; always by default."""
    accept: tuple[str, ...] = ()
    """Patterns (``numbers``) of the callers that are answered; everybody by default."""
    reject: tuple[str, ...] = ()
    """Patterns of those that are not, whatever ``accept`` says."""
    on_reject: OnReject = OnReject.RING
    called: tuple[str, ...] = ()
    """Patterns of the called numbers that are fax, or of the rings (the ``B`` of ``RING B``) where a modem
    tells only those; any by default."""
    max_seconds: int = 7200
    """The longest that a call may last."""
    inbox: Inbox | None = None
    application: Application | None = None
    """What has the calls: exactly one of the two, where the line answers."""


@dataclass(frozen=True, slots=True)
class Hook:
    """``[[hook]]``: a command that is told of faxes."""

    command: tuple[str, ...]
    """Program and arguments; no shell is between."""
    on: frozenset[str] = frozenset(Kind)
    lines: tuple[str, ...] = ()
    """The names of the lines whose faxes it is told of; of all by default."""
    tries: int = 10
    timeout: int = 60
    """Seconds that a try may take."""
    first_wait: int = 10
    """Seconds from the first try to the second; each further wait is twice as long."""

    def wants(self, kind: str, line: str) -> bool:
        """Whether it is to be told of that kind of event on that line."""
        return kind in self.on and (not self.lines or line in self.lines)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    path: Path
    state: Path
    """Where the queue and the hooks' events are kept; made where it is a default that is not there yet."""
    socket: Path
    """The control socket; as ``state``, for its folder."""
    lines: tuple[Line, ...]
    hooks: tuple[Hook, ...] = ()
    queue: QueuePolicy = field(default_factory=QueuePolicy)

    def line(self, name: str) -> Line:
        """The line of that name; raises ``KeyError``."""
        return {each.name: each for each in self.lines}[name]
