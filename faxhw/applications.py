"""Call-control applications: a Python file's ``main``, checked, loaded, and called with a channel.

An application is the function
``main(channel, application_instance_id, file_man, my_log, application_parameters)``. ``file_man`` is a
``FileManager`` for the application's folder, ``my_log`` a ``logging.Logger``, ``application_parameters`` its
arguments joined by blanks. ``Hangup`` ends it politely; the line is released in any case.
"""

from __future__ import annotations

import ast
import importlib.util
import logging
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from faxhw.channel import Channel
from faxhw.errors import UsageError

Application = Callable[[Channel, str, "FileManager", logging.Logger, str], object]

_MAIN = "main(channel, application_instance_id, file_man, my_log, application_parameters)"
_ARGUMENTS = 5
_BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
"""Statements with names of their own inside."""


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
    """The ``main`` function of a Python file; raises ``UsageError``."""
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
        raise UsageError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    application = getattr(module, "main", None)
    if not callable(application):
        raise UsageError(f"{file} has no function {_MAIN}")
    loaded: Application = application
    return loaded


# ----------------------------------------------------------------------------------------------------------
# Checking without running


def check(file: Path) -> None:
    """Raise ``UsageError`` if the file plainly cannot be loaded; nothing of it is run.

    What is found is a file that is missing or no Python, a module that its top level imports and that is
    nowhere, and a ``main`` that is missing or takes other arguments.
    """
    if file.suffix != ".py":
        raise UsageError(f"{file} is not a Python file: its name must end in .py")
    try:
        source = file.read_bytes()
        tree = ast.parse(source, str(file))
        compile(source, str(file), "exec", dont_inherit=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    for name, line in _imports(tree):
        if not _is_there(name, file.resolve().parent):
            raise UsageError(
                f"{file} cannot be loaded: its line {line} imports {name}, and there is no such module"
            )
    _check_main(file, tree)


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The packages that are sure to be imported (not those in a ``try`` or an ``if``), and the lines."""
    for statement in tree.body:
        match statement:
            case ast.Import(names=names):
                yield from ((each.name.partition(".")[0], statement.lineno) for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0], statement.lineno


def _is_there(name: str, folder: Path) -> bool:
    """Whether a module or package of the first level can be found; none is imported."""
    if name in sys.modules or PathFinder.find_spec(name, [str(folder)]) is not None:
        return True
    return importlib.util.find_spec(name) is not None


def _check_main(file: Path, tree: ast.Module) -> None:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "main":
            taken = statement.args
            least = len(taken.posonlyargs) + len(taken.args) - len(taken.defaults)
            most = len(taken.posonlyargs) + len(taken.args)
            needed = [each for each in taken.kw_defaults if each is None]
            if least > _ARGUMENTS or (most < _ARGUMENTS and taken.vararg is None) or needed:
                raise UsageError(f"{file}: its line {statement.lineno} takes other arguments than {_MAIN}")
            return
    if not {"main", "*"} & set(_bound(tree)):
        raise UsageError(f"{file} has no function {_MAIN}")


def _bound(tree: ast.Module) -> Iterator[str]:
    """The names that the top level binds, whether or not it comes to it."""
    for statement in tree.body:
        inner = [] if isinstance(statement, _BLOCKS) else ast.walk(statement)
        for node in (statement, *inner):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
                    yield name
                case ast.alias(name=name, asname=alias):
                    yield alias or name
