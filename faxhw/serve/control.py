"""The control socket: how a shell command asks the running service for something.

One request a connection: a JSON object with a ``verb`` on one line, with at most one file descriptor beside
it, and one JSON object back. Nothing that comes in is trusted: a line is bounded, a client has a few seconds,
and a silent one holds up nobody, for everything is read and written as it comes. Who asks is known from the
kernel.

The socket lives in a directory that others cannot write to, and may be used by its owner and group.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import selectors
import socket
import stat
import struct
from array import array
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from faxhw.clock import SYSTEM_CLOCK, Clock, Deadline
from faxhw.errors import DeviceError, Error, StorageError, UsageError
from faxhw.serve.permissions import make_directory

log = logging.getLogger("faxhw.serve")

MOST_OCTETS = 65536
"""Of a request."""
MOST_CLIENTS = 16
"""The one that has been there longest makes room for another."""
PATIENCE = 5.0
"""Seconds that a client has to ask, and to take the answer."""
_MODE = 0o660
_PIECE = 65536
T = TypeVar("T")
_CREDENTIALS = struct.Struct("3i")

KINDS: dict[str, type[Error]] = {"usage": UsageError, "storage": StorageError, "device": DeviceError}
"""Errors that a client raises as the service did; any other is an ``Error``."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end."""

    pid: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    verb: str
    words: Mapping[str, object]
    peer: Peer
    fd: int | None = None
    """A descriptor that came along; closed once the handler has returned."""

    def text(self, name: str, default: str = "", most: int = 200) -> str:
        """A word that is a text, without control characters; raises ``UsageError``."""
        value = self._word(name, str, default)
        return "".join(each for each in value if each.isprintable())[:most]

    def number(self, name: str, default: int = 0) -> int:
        """A word that is a whole number; raises ``UsageError``."""
        value = self._word(name, int, default)
        if isinstance(value, bool) or abs(value) >= 2**62:
            raise UsageError(f"{self.verb}: {name} is a number, not {value!r}")
        return value

    def table(self, name: str) -> dict[str, str]:
        """A word that is an object of texts; raises ``UsageError``."""
        value = self._word(name, dict, {})
        if not all(isinstance(each, str) for each in value.values()):
            raise UsageError(f"{self.verb}: {name} has a value that is no text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A word that is a list of texts; raises ``UsageError``."""
        value = self._word(name, list, [])
        if not all(isinstance(each, str) for each in value):
            raise UsageError(f"{self.verb}: {name} has a value that is no text")
        return tuple(value)

    def _word(self, name: str, kind: type[T], default: T) -> T:
        value = self.words.get(name, default)
        if not isinstance(value, kind):
            raise UsageError(f"{self.verb}: {name} is of the wrong kind")
        return value


Handler = Callable[[Request], Mapping[str, object]]


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    peer: Peer
    deadline: Deadline
    asked: bytearray = field(default_factory=bytearray)
    answer: memoryview | None = None
    fds: list[int] = field(default_factory=list)


class Control:
    """The service's end; ``serve_once`` is to be called when ``fileno`` is readable, and now and then."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler], clock: Clock = SYSTEM_CLOCK) -> None:
        """Open the socket. Raises ``UsageError`` where that would not be safe, ``DeviceError`` if another
        service has it."""
        self._handlers = handlers
        self._clock = clock
        self._path = path
        self._clients: dict[int, _Client] = {}
        self._selector = selectors.EpollSelector()
        self._listener, self._lock = _listening(path)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def __enter__(self) -> Control:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Readable when there is something to do."""
        return self._selector.fileno()

    def serve_once(self, timeout: float = 0.0) -> None:
        """Do what there is to do; wait for it so many seconds if there is nothing. Raises nothing."""
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._listener:
                self._accept()
            elif (client := self._clients.get(key.fd)) is not None:
                self._advance(client)
        for client in tuple(self._clients.values()):
            if client.deadline.passed():
                self._drop(client)

    def close(self) -> None:
        """Safe to repeat."""
        for client in tuple(self._clients.values()):
            self._drop(client)
        if self._lock < 0:
            return
        self._selector.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = -1

    # ------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # it is gone again, or there are no descriptors left
            log.warning("control socket: %s", error)
            return
        connection.setblocking(False)
        peer = Peer(
            *_CREDENTIALS.unpack(
                connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
        )
        if len(self._clients) >= MOST_CLIENTS:
            self._drop(next(iter(self._clients.values())))
        client = _Client(connection, peer, Deadline(self._clock, PATIENCE))
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _advance(self, client: _Client) -> None:
        """Go on with a client as far as that is possible without waiting."""
        try:
            if client.answer is None:
                self._read(client)
            if client.answer is not None:
                sent = client.connection.send(client.answer)
                client.answer = client.answer[sent:]
                if not client.answer:
                    self._drop(client)
        except BlockingIOError:
            pass
        except OSError as error:
            log.debug("control socket: %s", error)
            self._drop(client)

    def _read(self, client: _Client) -> None:
        piece, fds = _received(client.connection)
        client.fds += fds
        client.asked += piece
        line, newline, _ = client.asked.partition(b"\n")
        if newline and len(line) <= MOST_OCTETS:
            answer = self._answer(client, bytes(line))
        elif len(client.asked) > MOST_OCTETS:
            answer = _refusal(UsageError("the request is too long"))
        elif not piece:
            answer = _refusal(UsageError("the request has no end"))
        else:
            return
        for each in client.fds:
            os.close(each)
        client.fds.clear()
        client.answer = memoryview(json.dumps(answer, default=str).encode() + b"\n")
        client.deadline = Deadline(self._clock, PATIENCE)
        self._selector.modify(client.connection, selectors.EVENT_WRITE)

    def _answer(self, client: _Client, line: bytes) -> Mapping[str, object]:
        try:
            request = _parsed(line, client)
            handler = self._handlers.get(request.verb)
            if handler is None:
                raise UsageError(f"the service knows no {request.verb!r}: is it of another version?")  # noqa: TRY301
            return handler(request)
        except Error as error:
            return _refusal(error)
        except Exception:  # a bug ends this request, not the service
            log.exception("control socket: the request failed")
            return _refusal(Error("the service failed to do that; its log has more"))

    def _drop(self, client: _Client) -> None:
        self._clients.pop(client.connection.fileno(), None)
        with suppress(KeyError, ValueError):
            self._selector.unregister(client.connection)
        client.connection.close()
        for each in client.fds:
            os.close(each)
        client.fds.clear()


def _received(connection: socket.socket) -> tuple[bytes, list[int]]:
    """What is there, and descriptors; ``socket.recv_fds`` would let programs that we start have those."""
    room = socket.CMSG_SPACE(array("i").itemsize)
    piece, beside, _, _ = connection.recvmsg(_PIECE, room, socket.MSG_CMSG_CLOEXEC)
    fds = array("i")
    for level, kind, octets in beside:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(octets[: len(octets) - len(octets) % fds.itemsize])
    return piece, list(fds)


def _parsed(line: bytes, client: _Client) -> Request:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError("the request is no JSON") from error
    verb = asked.pop("verb", None) if isinstance(asked, dict) else None
    if not isinstance(verb, str):
        raise UsageError("the request is no object with a verb")
    if len(client.fds) > 1:
        raise UsageError("the request has more than one descriptor")
    return Request(verb, asked, client.peer, client.fds[0] if client.fds else None)


def _refusal(error: Error) -> dict[str, object]:
    kind = next((name for name, each in KINDS.items() if isinstance(error, each)), "")
    return {"error": str(error), "kind": kind}


# ----------------------------------------------------------------------------------------------------------
# The socket's name


def _listening(path: Path) -> tuple[socket.socket, int]:
    """A listening socket of that name, and the descriptor of the lock on it."""
    make_directory(path.parent)
    try:
        _require_safe(path.parent)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"the control socket {path} cannot be made: {error.strerror or error}") from error
    try:
        return _bound(path, lock), lock
    except OSError as error:
        os.close(lock)
        raise UsageError(f"the control socket {path} cannot be made: {error.strerror or error}") from error
    except BaseException:
        os.close(lock)
        raise


def _require_safe(directory: Path) -> None:
    found = directory.stat()
    if found.st_mode & stat.S_IWOTH:
        raise UsageError(f"{directory} can be written by everybody: chmod o-w {directory}")
    if found.st_uid not in (0, os.geteuid()):
        raise UsageError(f"{directory} belongs to another user: give the socket a directory of its own")


def _bound(path: Path, lock: int) -> socket.socket:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _taken(path) from error
    if os.path.lexists(path):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise UsageError(f"{path} is no socket: name another one")
        if answers(path):
            raise _taken(path)
    passing = path.with_name(path.name + ".new")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        passing.unlink(missing_ok=True)
        listener.bind(os.fspath(passing))
        passing.chmod(_MODE)
        listener.listen(MOST_CLIENTS)
        listener.setblocking(False)
        passing.replace(path)  # whoever finds it finds it with its permissions, and somebody listening
    except BaseException:
        listener.close()
        raise
    return listener


def answers(path: Path) -> bool:
    """Whether somebody listens at a socket; also where that cannot be told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return False
        except OSError:  # it is busy, or not for us: in any case somebody's
            return True
    return True


def _taken(path: Path) -> DeviceError:
    return DeviceError(f"another service answers at {path}: end that, or give this one a socket of its own")
