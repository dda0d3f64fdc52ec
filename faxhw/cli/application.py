"""``faxhw run``: a call-control application (``faxhw.applications``), loaded from a file and given a channel.

Its ``file_man`` is for the working directory, its log goes to standard error.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path

from faxhw import applications
from faxhw.channel import open_channel
from faxhw.cli.shell import Exit, Shell, driver_options
from faxhw.device import CallResult
from faxhw.errors import Error, Hangup, UsageError


def run(
    shell: Shell, file: Path, device: str, parameters: Sequence[str], device_options: Sequence[str]
) -> Exit:
    """Run the application of a file on a device; its end is the command's."""
    for_driver = driver_options(device_options)
    application = applications.load(file)
    with open_channel(device, **for_driver) as channel:
        try:
            applications.run(application, channel, parameters, files=Path(), logger=_logger())
        except Hangup as hangup:
            if channel.Details.raw_cause == CallResult.CONNECTED:
                return shell.outcome({"hangup": str(hangup)}, Exit.NORMAL)
            return shell.failure(str(hangup), Exit.NO_CALL)
        except UsageError as error:
            return shell.failure(f"{file}: {error}", Exit.USAGE)
        except Error as error:
            return shell.failure(f"{file}: {error}", Exit.FAILED)
        except Exception as error:  # noqa: BLE001 - the application's own, told with its traceback
            traceback.print_exception(error)
            return shell.failure(f"{file}: {type(error).__name__}: {error}", Exit.FAILED)
    return shell.outcome({}, Exit.NORMAL)


def _logger() -> logging.Logger:
    """The application's log: on standard error, whatever ``-v`` says of the package's."""
    logger = logging.getLogger("faxhw_application")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    return logger
