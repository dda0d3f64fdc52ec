"""Applications: which files can be loaded, what is said of others, and the files that one may touch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faxhw.applications import FileManager, load
from faxhw.errors import UsageError

MAIN = "def main(channel, application_instance_id, file_man, my_log, application_parameters): pass\n"


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.setattr("sys.modules", {**sys.modules})


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
        "import sys\nsys.path.append(sys.path[0] + '/lib')\nimport module_in_lib\n" + MAIN,
    ],
)
def test_what_can_be_loaded(tmp_path: Path, text: str) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "module_in_lib.py").touch()
    file = tmp_path / "app.py"
    file.write_text(text)
    assert callable(load(file))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no function main"),
        ("import main_module", r"ModuleNotFoundError: No module named 'main_module' \(.*/app.py:1\)"),
        ("def f():\n    main = 3", "has no function main"),
        ("class A:\n    def main(self): pass", "has no function main"),
        ("async def main(*everything): pass", "has no function main"),
        ("def main(a, b, c, d, e, f): pass", "its main takes other arguments"),
        ("def main(a, b, c, d, e, *, f): pass", "its main takes other arguments"),
        ("def main(a, b, c, d): pass", "its main takes other arguments"),
        ("\nif", r"SyntaxError: invalid syntax \(.*/app.py:2\)"),
        ("\0", "cannot be loaded: (SyntaxError|ValueError): source code"),
        ("\n1 / 0\n" + MAIN, r"ZeroDivisionError: division by zero \(.*/app.py:2\)"),
        ("from os import nosuch", r"ImportError: cannot import name 'nosuch' .*/app.py:1\)"),
        ("import json\njson.loads('x')", r"JSONDecodeError: .* \(.*/app.py:2\)"),
        ("import helper_that_fails", r"RuntimeError: two lines \(.*/helper_that_fails.py:1\)"),
        ("raise SystemExit(3)", r"SystemExit: 3 \(.*/app.py:1\)"),
        ("raise ValueError", r"cannot be loaded: ValueError \("),
    ],
)
def test_what_cannot_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "helper_that_fails.py").write_text("raise RuntimeError('two\\nlines')")
    file = tmp_path / "app.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        load(file)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: there is no such file"):
        load(tmp_path / "app.py")
    (tmp_path / "app.txt").touch()
    with pytest.raises(UsageError, match=r"its name must end in \.py"):
        load(tmp_path / "app.txt")


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
