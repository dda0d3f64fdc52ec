"""Applications: what can be told of a file without running it, and the files that one may touch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faxhw.applications import FileManager, check, load
from faxhw.errors import UsageError

MAIN = "def main(channel, application_instance_id, file_man, my_log, application_parameters): pass\n"


@pytest.mark.parametrize(
    "text",
    [
        MAIN,
        "def main(*everything): pass",
        "def main(a, b, c, d, e, f=1): pass",
        "main = print",
        "from os.path import join as main",
        "from os.path import *\nmain = join",
        "import xml.sax.handler\n" + MAIN,
        "try:\n    import no_such_module_anywhere\nexcept ImportError:\n    pass\n" + MAIN,
        "if True:\n    def main(*everything): pass",
    ],
)
def test_what_can_be_loaded_passes(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])
    file = tmp_path / "app.py"
    file.write_text(text)
    check(file)
    assert callable(load(file))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no function main"),
        ("import main_module", "imports main_module, and there is no such module"),
        ("def f():\n    main = 3", "has no function main"),
        ("class A:\n    def main(self): pass", "has no function main"),
        ("def main(a, b, c, d, e, f): pass", "its line 1 takes other arguments"),
        ("def main(a, b, c, d, e, *, f): pass", "its line 1 takes other arguments"),
        ("def main(a, b, c, d): pass", "its line 1 takes other arguments"),
        ("if", "SyntaxError"),
    ],
)
def test_what_cannot_does_not(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "app.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        check(file)


def test_a_module_beside_it_is_found_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "helper_of_it.py").write_text("raise SystemExit")
    file = tmp_path / "app.py"
    file.write_text("import helper_of_it\n" + MAIN)
    check(file)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: No such file"):
        check(tmp_path / "app.py")
    with pytest.raises(UsageError, match=r"its name must end in \.py"):
        check(tmp_path / "app.txt")


def test_the_files_of_an_application(tmp_path: Path) -> None:
    files = FileManager(tmp_path)
    files.write("b", b"2")
    files.write("a", b"1")
    assert (files.names(), files.read("a"), files.exists("c")) == (["a", "b"], b"1", False)
    files.delete("a")
    with pytest.raises(FileNotFoundError):
        files.delete("a")
    (tmp_path / "out").symlink_to("/etc/hostname")
    for name in ("../x", "/etc/passwd", "out", "."):
        with pytest.raises(UsageError, match="is not a file in"):
            files.path(name)
