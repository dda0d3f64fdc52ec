"""``faxhw run``: a call-control application, loaded from a file and given a channel.

The application is the function
``main(channel, application_instance_id, file_man, my_log, application_parameters)``. ``file_man`` is a
``FileManager`` for the working directory, ``my_log`` a ``logging.Logger``, ``application_parameters`` the
arguments of the command joined by blanks. ``Hangup`` ends it politely; the line is released in any case.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import traceback
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from faxhw.channel import Channel, open_channel
from faxhw.cli.shell import Exit, Shell, driver_options
from faxhw.device import CallResult
from faxhw.errors import Error, Hangup, UsageError

Application = Callable[[Channel, str, "FileManager", logging.Logger, str], object]


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
    shell: Shell, file: Path, device: str, parameters: Sequence[str], device_options: Sequence[str]
) -> Exit:
    """Run the application of a file on a device; its end is the command's."""
    for_driver = driver_options(device_options)
    application = load(file)
    with open_channel(device, **for_driver) as channel:
        try:
            application(channel, uuid.uuid4().hex, FileManager(Path()), _logger(), " ".join(parameters))
        except Hangup as hangup:
            if channel.Details.raw_cause == CallResult.CONNECTED:
                return shell.outcome({"hangup": str(hangup)}, Exit.NORMAL)
            return shell.failure(str(hangup), Exit.NO_CALL)
        except Error as error:
            return shell.failure(f"{file}: {error}", Exit.FAILED)
        except Exception as error:  # noqa: BLE001 - the application's own, told with its traceback
            traceback.print_exception(error)
            return shell.failure(f"{file}: {type(error).__name__}: {error}", Exit.FAILED)
    return shell.outcome({}, Exit.NORMAL)


def load(file: Path) -> Application:
    """The ``main`` function of a Python file; raises ``UsageError``."""
    spec = importlib.util.spec_from_file_location("faxhw_application", file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is not a Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    application = getattr(module, "main", None)
    if not callable(application):
        raise UsageError(
            f"{file} has no function main(channel, application_instance_id, file_man, my_log, "
            "application_parameters)"
        )
    loaded: Application = application
    return loaded


def _logger() -> logging.Logger:
    """The application's log: on standard error, whatever ``-v`` says of the package's."""
    logger = logging.getLogger("faxhw_application")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    return logger
