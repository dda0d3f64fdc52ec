"""Call-control applications: a Python file's ``main``, loaded, and called with a channel.

An application is the function
``main(channel, application_instance_id, file_man, my_log, application_parameters)``. ``file_man`` is a
``FileManager`` for the application's folder, ``my_log`` a ``logging.Logger``, ``application_parameters`` its
arguments joined by blanks. ``Hangup`` ends it politely; the line is released in any case.
"""

from __future__ import annotations

import importlib.util
import inspect
import logging
import sys
import traceback
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from faxhw.channel import Channel
from faxhw.errors import UsageError

Application = Callable[[Channel, str, "FileManager", logging.Logger, str], object]

_MAIN = "main(channel, application_instance_id, file_man, my_log, application_parameters)"
_ARGUMENTS = 5
_LONGEST_MESSAGE = 500


class FileManager:
    """The files of one directory, by name; a name cannot lead out of it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()

    def path(self, name: str) -> Path:
        """Where the file of that name is, or would be; raises ``UsageError`` if that is elsewhere."""
        path = (self.directory / name).resolve()
        if self.directory not in path.parents:
            raise UsageError(f"{name!r} is not a file in {self.directory}")
        return path

    def names(self) -> list[str]:
        """The files there are, sorted."""
        return sorted(path.name for path in self.directory.iterdir() if path.is_file())

    def exists(self, name: str) -> bool:
        return self.path(name).is_file()

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        self.path(name).write_bytes(data)

    def delete(self, name: str) -> None:
        """Raises ``FileNotFoundError`` if there is none."""
        self.path(name).unlink()


def run(
    application: Application,
    channel: Channel,
    parameters: Sequence[str],
    *,
    files: Path,
    logger: logging.Logger,
) -> None:
    """Run a loaded application on a channel; raises whatever it raises."""
    application(channel, uuid.uuid4().hex, FileManager(files), logger, " ".join(parameters))


def load(file: Path) -> Application:
    """The ``main`` function of a Python file, which is run for it; raises ``UsageError``."""
    if not file.is_file():
        raise UsageError(f"{file} cannot be read: there is no such file")
    spec = importlib.util.spec_from_file_location("faxhw_application", file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is not a Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    if (folder := str(file.resolve().parent)) not in sys.path:  # it is loaded anew for each call
        sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{file} cannot be loaded: {_said(error)}{_where(error, file)}") from error
    application = getattr(module, "main", None)
    if not callable(application) or inspect.iscoroutinefunction(application):
        raise UsageError(f"{file} has no function {_MAIN}")
    if not _takes_arguments(application):
        raise UsageError(f"{file}: its main takes other arguments than {_MAIN}")
    loaded: Application = application
    return loaded


def _said(error: BaseException) -> str:
    """The last line of its traceback, about."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return ": ".join(filter(None, (type(error).__name__, " ".join(said.split())[:_LONGEST_MESSAGE])))


def _where(error: BaseException, file: Path) -> str:
    """Where in the file, or in another of its folder, something was raised; the innermost place of these."""
    folder = file.resolve().parent
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    own = [f"{name}:{line}" for name, line in places if folder in Path(name).resolve().parents]
    return f" ({own[-1]})" if own else ""


def _takes_arguments(application: Callable[..., object]) -> bool:
    try:
        inspect.signature(application).bind(*range(_ARGUMENTS))
    except TypeError:
        return False
    except ValueError:  # it is not written in Python, and does not tell
        return True
    return True
