"""Directories that the service makes for itself; what it asks of others stands in ``test_config``."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from faxhw.errors import UsageError
from faxhw.serve.permissions import make_directory


def test_a_directory_is_made_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "faxhw"
    make_directory(folder)
    assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
    make_directory(folder)


def test_where_none_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"file/faxhw cannot be made \(.*\); name another one"):
        make_directory(tmp_path / "file" / "faxhw")
