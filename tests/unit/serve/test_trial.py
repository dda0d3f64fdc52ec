"""Applications tried in processes of their own: what is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.errors import UsageError
from faxhw.serve.trial import load

from .host import APPLICATION


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0\n" + APPLICATION, r"cannot be loaded: ZeroDivisionError: division by zero \(.*app\.py:1\)"),
        ("def main(): pass\n", "its main takes other arguments"),
        ("import os\nos._exit(9)\n", "cannot be loaded: that ends the process, with code 9"),
        ("import os\nos.kill(os.getpid(), 11)\n", "that ends the process, by signal 11"),
        ("print('it can be loaded')\nraise SystemExit", r"cannot be loaded: SystemExit \("),
        ("raise ValueError('x' * 100_000)", "cannot be loaded: ValueError: xxx"),
        ("raise ValueError('\\udcff')", r"cannot be loaded: ValueError: \?"),
        ("import signal\nsignal.pause()\n", "that takes longer than 0 s; let main do it"),
    ],
)
def test_what_cannot_be_loaded(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "app.py"
    file.write_text(text)
    limit = 0.0 if "0 s" in message else 60
    with pytest.raises(UsageError, match=message):
        load(file, limit)
