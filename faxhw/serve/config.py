"""The configuration of ``faxhw serve``: one TOML file, and everything in it checked before anything starts.

    [[line]]
    name = "front"
    device = "/dev/ttyACM0"
    [line.inbox]
    directory = "/var/spool/faxhw/in"

is a whole one. ``load`` opens no device, and loads applications in processes of their own (``trial``).
Relative paths start from the file's folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from faxhw.errors import DeviceError
from faxhw.fax.options import ANY_DEVICE, choose
from faxhw.finding import can_share, check_options, parse_address
from faxhw.ports.usb import names as usb_names
from faxhw.serve import naming, numbers, permissions, trial
from faxhw.serve.hours import Hours
from faxhw.serve.keys import keys_of
from faxhw.serve.policy import QueuePolicy
from faxhw.serve.reading import ConfigError, Table, read
from faxhw.serve.settings import Application, Config, GivenUp, Hook, Inbox, Kind, Line, OnReject

__all__ = [
    "Application",
    "Config",
    "ConfigError",
    "GivenUp",
    "Hook",
    "Inbox",
    "Kind",
    "Line",
    "OnReject",
    "QueuePolicy",
    "load",
]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_MOST_SOCKET_OCTETS = 107
"""Of the path of a socket, on Linux."""


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration in a file.

    Raises ``ConfigError``: one line with the file, the line in it, what is wrong and what to do. In
    ``environment`` are systemd's directories for the service, or else the user's own.
    """
    top = read(path)
    top.checked("", lambda: permissions.safe_to_trust(path))
    top.only(tuple(keys_of(Config)))
    lines = _lines(top)
    config = Config(
        path=path.absolute(),
        state=_state(top, environment),
        socket=_socket(top, environment),
        lines=lines,
        hooks=tuple(_hook(each, [line.name for line in lines]) for each in top.tables("hook")),
        queue=_queue(top),
        given_up=_given_up(top),
    )
    _try_applications(top, lines)
    return config


def _lines(top: Table) -> tuple[Line, ...]:
    """The lines, no two of one name, or on one device that cannot be shared."""
    found: list[Line] = []
    devices: dict[str, str] = {}
    for table in top.tables("line"):
        line = _line(table)
        if line.name in [each.name for each in found]:
            raise table.wrong("name", "another line has that name; give it one of its own")
        other = devices.setdefault(_identity(line.device), line.name)
        if other != line.name and not can_share(line.device):
            raise table.wrong("device", f"line {other!r} is on it already; a device is one line's")
        found.append(line)
    if not found:
        raise top.error("", "there is no line; write a [[line]] with a name, a device and an inbox")
    return tuple(found)


def _identity(device: str) -> str:
    """The same for two device strings that name one device, whichever driver, link or USB name they come by.

    A name on USB stands for what is plugged in now: two of one stick that is not there are not found out.
    """
    address = parse_address(device)
    if usb_names.is_name(address.port):
        return _usb_identity(usb_names.parse(address.port))
    if "://" in address.port:
        return address.port
    return os.path.realpath(address.port) if "/" in address.port else f"{address.driver}:{address.port}"


def _usb_identity(name: usb_names.UsbName) -> str:
    try:
        return usb_names.tty_of(name) or str(usb_names.folder_of(name) or name.normal)
    except DeviceError:  # it may be several, which is the line's own trouble: one may be plugged out again
        return name.normal


def _state(top: Table, environment: Mapping[str, str]) -> Path:
    default = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    if not default:
        home = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME") or "~", ".local", "state")
        default = str(Path(home, "faxhw"))
    state = top.path("state", default)
    if "state" in top or state.exists():
        top.checked("state", lambda: permissions.writable_directory(state, private=False))
    return state


def _socket(top: Table, environment: Mapping[str, str]) -> Path:
    default = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if not default and (folder := environment.get("XDG_RUNTIME_DIR")):
        default = str(Path(folder, "faxhw"))
    if not default and "socket" not in top:
        raise top.error("", 'socket is missing, and XDG_RUNTIME_DIR too; write socket = "/run/faxhw/control"')
    socket = top.path("socket", str(Path(default, "control")))
    if len(os.fsencode(socket)) > _MOST_SOCKET_OCTETS:
        raise top.error(
            "socket", f"socket: {socket} is too long for one; {_MOST_SOCKET_OCTETS} octets are the most"
        )
    if "socket" in top or socket.parent.exists():
        top.checked("socket", lambda: permissions.writable_directory(socket.parent, private=False))
    return socket


# ----------------------------------------------------------------------------------------------------------
# The tables


_LINE, _HOOK, _QUEUE, _GIVEN_UP = Line("", ""), Hook(()), QueuePolicy(), GivenUp()
"""The defaults."""


def _line(table: Table) -> Line:
    table.only(tuple(keys_of(Line)))
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.wrong("name", f"give {keys_of(Line)['name'].values}")
    table.title = f"line {name!r}"
    device = table.text("device")
    table.checked("device", lambda: _identity(device))
    line = Line(
        name=name,
        device=device,
        device_options=_device_options(table, device),
        rings=_whole(table, _LINE, "rings"),
        answers=table.yes("answers", default=_LINE.answers),
        sends=table.yes("sends", default=_LINE.sends),
        ident=table.text("ident", _LINE.ident),
        options=_fax_options(table),
        hours=_hours(table, "hours"),
        accept=_patterns(table, "accept"),
        reject=_patterns(table, "reject"),
        on_reject=OnReject(table.one_of("on_reject", keys_of(Line)["on_reject"].words, _LINE.on_reject)),
        called=_patterns(table, "called"),
        max_seconds=_whole(table, _LINE, "max_seconds"),
        inbox=_inbox(table.table("inbox")),
        application=_application(table.table("application")),
    )
    _refuse_idle(table, line)
    return line


def _refuse_idle(table: Table, line: Line) -> None:
    """A line must have one thing to do with its calls, if it answers, and something to do at all."""
    if line.inbox and line.application:
        raise table.error("application", "it has an inbox and an application; leave one of them out")
    if not line.answers and not line.sends:
        raise table.error("answers", "answers and sends are both false; leave the line out")
    if line.answers and not line.inbox and not line.application:
        raise table.error(
            "", "nothing takes its calls; write [line.inbox], [line.application] or answers = false"
        )


def _device_options(table: Table, device: str) -> Mapping[str, str]:
    options = {key: str(value) for key, value in table.named_values("device_options").items()}
    table.checked("device_options", lambda: check_options(device, options))
    return options


def _fax_options(table: Table) -> dict[str, object]:
    """The fax options, our number among them."""
    options = table.named_values("options")
    table.checked("options", lambda: choose(options, ANY_DEVICE))
    ident = table.text("ident", "")
    if ident and "SubscriberId" in options:
        raise table.error(
            "ident", "ident: options has SubscriberId, which is the same; leave one of them out"
        )
    if ident:
        options = {**options, "SubscriberId": ident}
        table.checked("ident", lambda: choose(options, ANY_DEVICE))
    return options


def _inbox(table: Table | None) -> Inbox | None:
    if table is None:
        return None
    table.only(tuple(keys_of(Inbox)))
    directory = table.path("directory")
    pattern = table.text("pattern", naming.DEFAULT)
    table.checked("directory", lambda: permissions.writable_directory(directory, private=True))
    table.checked("pattern", lambda: naming.check_pattern(pattern))
    return Inbox(directory, pattern)


def _application(table: Table | None) -> Application | None:
    if table is None:
        return None
    table.only(tuple(keys_of(Application)))
    file = table.path("file")
    files = table.path("files", str(file.parent))
    table.checked("file", lambda: permissions.safe_to_trust(file))
    if "files" in table:
        table.checked("files", lambda: permissions.writable_directory(files, private=True))
    return Application(file, table.texts("arguments"), files)


def _try_applications(top: Table, lines: Sequence[Line]) -> None:
    """See that each application can be loaded; it comes last, for it takes its time."""
    tried: set[Path] = set()
    for table, line in zip(top.tables("line"), lines, strict=True):
        table.title = f"line {line.name!r}"
        own = table.table("application")
        if own is not None and line.application is not None and line.application.file not in tried:
            file = line.application.file
            own.checked("file", partial(trial.load, file))
            tried.add(file)


def _hook(table: Table, lines: Sequence[str]) -> Hook:
    table.only(tuple(keys_of(Hook)))
    command = table.texts("command")
    if not command or not command[0]:
        raise table.error("command", "command is missing; give a list of the program and its arguments")
    table.checked("command", lambda: permissions.runnable(command[0]))
    return Hook(
        command=command,
        on=frozenset(map(Kind, table.some_of("on", keys_of(Hook)["on"].words))) or _HOOK.on,
        lines=table.some_of("lines", lines),
        tries=_whole(table, _HOOK, "tries"),
        timeout=_whole(table, _HOOK, "timeout"),
        first_wait=_whole(table, _HOOK, "first_wait"),
    )


def _queue(top: Table) -> QueuePolicy:
    table = top.table("queue")
    if table is None:
        return _QUEUE
    table.only(tuple(keys_of(QueuePolicy)))
    return QueuePolicy(
        tries=_whole(table, _QUEUE, "tries"),
        keep_days=_whole(table, _QUEUE, "keep_days"),
        window=_hours(table, "window") if "window" in table else None,
        blocked=_patterns(table, "blocked"),
        max_jobs=_whole(table, _QUEUE, "max_jobs"),
        max_pages=_whole(table, _QUEUE, "max_pages"),
        max_octets=_whole(table, _QUEUE, "max_octets"),
    )


def _given_up(top: Table) -> GivenUp:
    table = top.table("given_up")
    if table is None:
        return _GIVEN_UP
    table.only(tuple(keys_of(GivenUp)))
    return GivenUp(keep_days=_whole(table, _GIVEN_UP, "keep_days"), keep=_whole(table, _GIVEN_UP, "keep"))


def _hours(table: Table, key: str) -> Hours:
    texts = table.texts(key)
    return table.checked(key, lambda: Hours.parse(texts))


def _patterns(table: Table, key: str) -> tuple[str, ...]:
    patterns = table.texts(key)
    table.checked(key, lambda: numbers.check_patterns(patterns))
    return patterns


def _whole(table: Table, defaults: Line | Hook | QueuePolicy | GivenUp, name: str) -> int:
    """A whole number, by what is said of its key."""
    key = keys_of(type(defaults))[name]
    return table.whole(name, int(getattr(defaults, name)), least=key.least, most=key.most)
