"""What every shell command shares: exit codes, one line for each failure, signals, results for machines.

A command is a function that does its work and returns an ``Exit``; whatever it raises becomes a line on
standard error and an exit code here, and nowhere else.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import TypeVar

import click

from faxhw.errors import DeviceError, Error, Hangup, StorageError, UsageError

log = logging.getLogger("faxhw.cli")

_T = TypeVar("_T")

SIGNALS = tuple(each for each in signal.Signals if each.name in ("SIGINT", "SIGTERM", "SIGHUP"))


class Exit(IntEnum):
    """What a command's end means to a shell script."""

    NORMAL = 0
    FAILED = 1
    """The fax, or the application, failed: standard error has the cause."""
    USAGE = 2
    """Wrong use or bad options: nothing was sent to the line, unless an application did so before."""
    NO_DEVICE = 3
    """There is no such device, or it cannot be opened."""
    NO_CALL = 4
    """No call came, or it was not answered."""
    INTERRUPTED = 130


_EXITS: tuple[tuple[type[Exception], Exit], ...] = (
    (UsageError, Exit.USAGE),
    (StorageError, Exit.USAGE),
    (DeviceError, Exit.NO_DEVICE),
    (Hangup, Exit.NO_CALL),
    (Error, Exit.FAILED),
)


@dataclass(slots=True)
class Shell:
    """How a command is to speak; what ``--json`` and ``-v`` set."""

    json: bool = False
    verbosity: int = 0

    def result(self, result: Mapping[str, object], code: Exit = Exit.NORMAL) -> Exit:
        """End with a result: with ``--json`` one object on standard output. Returns ``code``."""
        if self.json:
            say(json.dumps({"exit": int(code), **result}, default=str))
        return code

    def outcome(self, result: Mapping[str, object], code: Exit) -> Exit:
        """``result`` where the exit code says the essential: it stands even if nothing can be printed."""
        try:
            return self.result(result, code)
        except OutputLostError as lost:
            complain(str(lost))
            return code

    def failure(self, message: str, code: Exit, result: Mapping[str, object] | None = None) -> Exit:
        """End with a line on standard error, and with ``--json`` the same in an object, beside the result
        that there is all the same. Returns ``code``."""
        complain(message)
        return self.outcome({"error": message, **(result or {})}, code)


@contextmanager
def libraries_silent() -> Iterator[None]:
    """C libraries say nothing on standard error meanwhile: libtiff tells it of each fault in a file."""
    try:
        real = os.dup(2)
    except OSError:  # it was closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(real, 2)
        os.close(real)
        os.close(nowhere)


class OutputLostError(Error):
    """Standard output cannot be written, or nobody reads it any more."""


def say(text: str) -> None:
    """Lines on standard output, at once; raises ``OutputLostError``, and later ones then go nowhere."""
    with speaking_out():
        click.echo(text)


@contextmanager
def speaking_out() -> Iterator[None]:
    """Whatever writes to standard output raises ``OutputLostError`` where that fails, once."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:  # what is buffered still comes
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise OutputLostError(f"standard output cannot be written: {error.strerror or error}") from error


def on_terminal() -> bool:
    """Whether standard output is a terminal; it may be closed, too."""
    return sys.stdout is not None and sys.stdout.isatty()


def print_list(rows: Iterable[tuple[str, str]]) -> None:
    """Terms, and beside each what there is to say of it."""
    formatter = click.HelpFormatter()
    if listed := list(rows):
        formatter.write_dl(listed)
        say(formatter.getvalue().removesuffix("\n"))


def complain(message: str) -> None:
    """One line on standard error, if that is still there."""
    with suppress(OSError):
        click.echo(f"faxhw: {' '.join(message.split())}", err=True)


def name_values(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    """What the shell option ``option``, given as ``NAME=VALUE`` any number of times, comes to."""
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {text!r}: give NAME=VALUE, such as {example}")
        if name in values:
            raise UsageError(f"{option} {name} is given twice")
        values[name] = value
    return values


def driver_options(given: Sequence[str]) -> dict[str, str]:
    """What ``--device-option`` comes to: options for the device's driver, which checks them."""
    return name_values("--device-option", given, "profile=generic")


def execute(command: click.Command, arguments: Sequence[str]) -> Exit:
    """Run a command with the arguments of a shell; what it comes to."""
    shell = Shell()
    try:
        with interruptible():
            code = command.main(list(arguments), prog_name="faxhw", obj=shell, standalone_mode=False)
            return Exit(code or 0)
    except click.ClickException as error:
        shell.json |= "--json" in arguments  # it may stand behind what is wrong, and was not come to
        return shell.failure(_usage(error), Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return shell.failure("interrupted", Exit.INTERRUPTED)
    except tuple(kind for kind, _ in _EXITS) as error:
        log.info("what led to the failure", exc_info=error)
        return shell.failure(str(error), next(code for kind, code in _EXITS if isinstance(error, kind)))


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f" ({context.command_path} --help tells more)" if context is not None else ""
    return error.format_message().rstrip(".") + hint


@contextmanager
def interruptible() -> Iterator[None]:
    """Make SIGINT, SIGTERM and SIGHUP raise ``KeyboardInterrupt``, once.

    Once, because what follows is the release of the line, and it is bounded. A signal that is ignored (as
    ``nohup`` has it) stays so.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    caught: dict[signal.Signals, signal._HANDLER] = {}
    if threading.current_thread() is threading.main_thread():
        for each in SIGNALS:
            if (handler := signal.getsignal(each)) is not signal.SIG_IGN:
                caught[each] = handler
                signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each, handler in caught.items():
            signal.signal(each, handler)


def between_interrupts(pieces: Iterable[_T]) -> Iterator[_T]:
    """The same pieces; an interrupt waits for the end of the work on each.

    For work in libraries that call Python back: what is raised there is printed, and comes to nothing.
    """
    waiting: list[tuple[int, FrameType | None]] = []
    handlers = {each: handler for each in SIGNALS if callable(handler := signal.getsignal(each))}
    try:
        for each in handlers:
            signal.signal(each, lambda *arguments: waiting.append(arguments))
        for piece in pieces:
            yield piece
            if waiting:
                break
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    for number, frame in waiting[:1]:
        handlers[signal.Signals(number)](number, frame)


def set_up_logging(verbosity: int) -> None:
    """Send the log to standard error if it is asked for; without, failures are told by the commands alone."""
    package = logging.getLogger("faxhw")
    for each in tuple(package.handlers):
        package.removeHandler(each)
    if not verbosity:
        package.addHandler(logging.NullHandler())
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(name)s %(message)s", "%H:%M:%S"))
    package.addHandler(handler)
    package.setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)
