"""Asking the service for something, from a shell command or a hook: the other end of ``control``."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from faxhw.errors import DeviceError, Error, UsageError
from faxhw.serve.control import KINDS, answers

ANSWER_TIME = 60.0
"""Seconds that a service may take: a large document is copied and synced meanwhile."""
_NAME = "control"
"""Of the socket, in the service's own folder of runtime files."""
_PIECE = 65536


def usual_path(environment: Mapping[str, str] = os.environ, run: Path = Path("/run/faxhw")) -> Path:
    """Where a service is asked if nothing else is said.

    That is the service which this process is part of (a hook, an application), the host's, one of the
    host's instances, or the user's own. Raises ``UsageError`` where several run.
    """
    if of_ours := environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]:
        return Path(of_ours, _NAME)
    own = environment.get("XDG_RUNTIME_DIR")
    places = [run / _NAME, *(each / _NAME for each in sorted(run.glob("*/")))]
    places += [Path(own, "faxhw", _NAME)] if own else []
    found = [each for each in places if _may_be(each)]
    if len(found) > 1:  # one that died has left its socket
        found = [each for each in found if answers(each)] or found[:1]
    if len(found) > 1:
        raise UsageError(f"several services run: say --socket {' or '.join(map(str, found))}")
    return found[0] if found else places[-1 if own else 0]


def _may_be(path: Path) -> bool:
    """Whether there is a socket, as far as this user may see."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def ask(path: Path, verb: str, *, fd: int | None = None, **words: object) -> dict[str, object]:
    """Ask the service for something; its answer.

    Raises ``DeviceError`` if no service runs or it breaks off, and what the service says of a refusal.
    """
    line = json.dumps({"verb": verb, **words}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_TIME)
        try:
            connection.connect(os.fspath(path))
            sent = socket.send_fds(connection, [line], [fd]) if fd is not None else 0
            if rest := line[sent:]:  # nothing is not sent: the service may have answered and gone
                connection.sendall(rest)
            answer = _parsed_answer(b"".join(iter(lambda: connection.recv(_PIECE), b"")))
        except (OSError, ValueError) as error:
            raise _no_service(path, verb, error) from error
    if "error" in answer:
        raise KINDS.get(str(answer.get("kind")), Error)(str(answer["error"]))
    return answer


def _parsed_answer(octets: bytes) -> dict[str, object]:
    answer = json.loads(octets)
    if not octets.endswith(b"\n") or not isinstance(answer, dict):
        raise ValueError("the answer is incomplete")
    return answer


def _no_service(path: Path, verb: str, error: Exception) -> DeviceError:
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return DeviceError(f"no service runs at {path}: start faxhw serve, or say --socket")
    if isinstance(error, PermissionError):
        return DeviceError(f"the service at {path} may not be used by you: join the group of that file")
    unsure = "; faxhw queue tells whether the fax was taken" if verb == "submit" else ""
    reason = getattr(error, "strerror", None) or error
    return DeviceError(f"the service at {path} gave no answer ({reason}){unsure}")
