"""What the configuration of ``faxhw serve`` comes to (``config`` reads it): a dataclass for each table.

What a field means, and what it may be, is said by its ``Key``; its default is the key's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from faxhw.serve.hours import ALWAYS, Hours
from faxhw.serve.keys import Row, chosen, key, rows, whole, yes
from faxhw.serve.naming import DEFAULT, FIELDS
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


_PATTERNS = 'a text or a list of texts, such as "+49 30*", "0[1-9]*"'
_HOURS = 'a text or a list of texts, such as "Mon-Fri 08:00-18:00"'
_FOLDER = "the path of a folder that others cannot write to"


@dataclass(frozen=True, slots=True)
class Inbox:
    """``[line.inbox]``: faxes are stored in a directory."""

    directory: Path = field(metadata=key("Where the faxes are stored.", f"{_FOLDER}, nor look into"))
    pattern: str = field(
        default=DEFAULT,
        metadata=key("The names of the faxes.", f"a name of {', '.join(FIELDS)} in braces, ending in .tif"),
    )


@dataclass(frozen=True, slots=True)
class Application:
    """``[line.application]``: a Python file's ``main`` has the calls (``faxhw.applications``)."""

    file: Path = field(metadata=key("The Python file whose main has the calls.", "a path ending in .py"))
    arguments: tuple[str, ...] = field(
        default=(), metadata=key("What main gets for its last argument, joined by blanks.", "a list of texts")
    )
    files: Path = field(
        default=Path(),
        metadata=key("The folder of its file_man.", f"{_FOLDER}, nor look into", default="that of file"),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """``[[line]]``: a telephone line, and what is done with its calls."""

    name: str = field(
        metadata=key(
            "What the line is called; no two have the same name.",
            "at most 32 letters, digits, - and _, a letter or digit first",
        )
    )
    device: str = field(
        metadata=key(
            "The modem; two lines have the same only if it is a CAPI controller.",
            "a device string, as `faxhw devices` lists them",
        )
    )
    device_options: Mapping[str, str] = field(
        default_factory=dict,
        metadata=key(
            "Options of the device's driver.", 'a table such as { profile = "generic" }', default="none"
        ),
    )
    rings: int = field(default=1, metadata=whole(1, 20, "A call is answered when it has rung so often."))
    answers: bool = field(
        default=True,
        metadata=yes("Whether calls are answered; if not, they are let ring, and the line only sends."),
    )
    sends: bool = field(default=True, metadata=yes("Whether it sends the faxes of the queue."))
    ident: str = field(
        default="",
        metadata=key(
            "Our number, told to the far end; the same as the fax option SubscriberId.",
            "at most 20 of digits, + and space",
            default="none",
        ),
    )
    options: Mapping[str, object] = field(
        default_factory=dict,
        metadata=key(
            "Fax options; `faxhw options` lists them.", "a table such as { MaxPages = 20 }", default="none"
        ),
    )
    hours: Hours = field(
        default=ALWAYS,
        metadata=key("When calls are answered, by the host's clock.", _HOURS, default="always"),
    )
    accept: tuple[str, ...] = field(
        default=(),
        metadata=key(
            'Callers that are answered; "anonymous" is one without a number.', _PATTERNS, default="everybody"
        ),
    )
    reject: tuple[str, ...] = field(
        default=(),
        metadata=key("Callers that are not, whatever accept says.", _PATTERNS, default="nobody"),
    )
    on_reject: OnReject = field(
        default=OnReject.RING,
        metadata=chosen(
            tuple(OnReject),
            "Whether a call that is not wanted is let ring, for somebody else, or is ended.",
        ),
    )
    called: tuple[str, ...] = field(
        default=(),
        metadata=key(
            "Called numbers that are fax, or rings (the B of RING B) where a modem tells only those.",
            _PATTERNS,
            default="any",
        ),
    )
    max_seconds: int = field(default=7200, metadata=whole(60, 86_400, "The longest that a call may last."))
    inbox: Inbox | None = field(
        default=None,
        metadata=key(
            "The calls' faxes are stored.",
            "the table [line.inbox]",
            default="none; where calls are answered, either this or application is needed",
        ),
    )
    application: Application | None = field(
        default=None,
        metadata=key(
            "An application has the calls.", "the table [line.application]", default="none; as inbox"
        ),
    )
    """What has the calls: exactly one of the two, where the line answers."""


@dataclass(frozen=True, slots=True)
class Hook:
    """``[[hook]]``: a command that is told of faxes."""

    command: tuple[str, ...] = field(
        metadata=key("The program that is told, and its arguments; no shell is between.", "a list of texts")
    )
    on: frozenset[str] = field(
        default=frozenset(Kind), metadata=chosen(tuple(Kind), "What it is told of.", several=True)
    )
    lines: tuple[str, ...] = field(
        default=(),
        metadata=key("The lines whose faxes it is told of.", "a list of lines' names", default="all"),
    )
    tries: int = field(default=10, metadata=whole(1, 100, "After so many tries an event is given up."))
    timeout: int = field(default=60, metadata=whole(1, 3600, "Seconds that a try may take."))
    first_wait: int = field(
        default=10,
        metadata=whole(
            1, 86_400, "Seconds from the first try to the second; each further wait is twice as long."
        ),
    )

    def wants(self, kind: str, line: str) -> bool:
        """Whether it is to be told of that kind of event on that line."""
        return kind in self.on and (not self.lines or line in self.lines)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """``[given_up]``: what is kept of the events that hooks could not be told of."""

    keep_days: int = field(
        default=30, metadata=whole(1, 3650, "Days for which an event that was given up is kept.")
    )
    keep: int = field(
        default=1000, metadata=whole(1, 100_000, "So many of them are kept; the oldest go first.")
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    path: Path
    """The file itself."""
    state: Path = field(
        metadata=key(
            "Where the queue and the hooks' events are kept.",
            _FOLDER,
            default="$STATE_DIRECTORY, or $XDG_STATE_HOME/faxhw, or ~/.local/state/faxhw",
        )
    )
    """Made where it is a default that is not there yet."""
    socket: Path = field(
        metadata=key(
            "The control socket, by which the shell's commands find the service.",
            "a path in a folder that others cannot write to",
            default="$RUNTIME_DIRECTORY/control, or $XDG_RUNTIME_DIR/faxhw/control",
        )
    )
    """As ``state``, for its folder."""
    lines: tuple[Line, ...] = field(
        metadata=key("A telephone line.", "tables [[line]], at least one", name="line")
    )
    hooks: tuple[Hook, ...] = field(
        default=(),
        metadata=key("A command that is told of faxes.", "tables [[hook]]", name="hook", default="none"),
    )
    queue: QueuePolicy = field(
        default=QueuePolicy(), metadata=key("Faxes to send.", "the table [queue]", default="as below")
    )
    given_up: GivenUp = field(
        default=GivenUp(),
        metadata=key(
            "Events of which no hook could be told, in hooks/failed of the state.",
            "the table [given_up]",
            default="as below",
        ),
    )

    def line(self, name: str) -> Line:
        """The line of that name; raises ``KeyError``."""
        return {each.name: each for each in self.lines}[name]


TABLES: dict[str, type[Config | Line | Inbox | Application | Hook | QueuePolicy | GivenUp]] = {
    "": Config,
    "[[line]]": Line,
    "[line.inbox]": Inbox,
    "[line.application]": Application,
    "[[hook]]": Hook,
    "[queue]": QueuePolicy,
    "[given_up]": GivenUp,
}
"""What each table of the file comes to; the first is its top, above any table."""


def all_keys() -> list[Row]:
    """Every key that there is, in this order."""
    return [row for section, table in TABLES.items() for row in rows(section, table)]
