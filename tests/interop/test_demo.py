"""``scripts/demo`` as a user runs it, in a pace to watch."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

DEMO = Path(__file__).parents[2] / "scripts" / "demo"

pytestmark = pytest.mark.interop


def test_it_tells_what_came_and_leaves_a_preview(tmp_path: Path) -> None:
    ended = subprocess.run([DEMO, tmp_path], capture_output=True, text=True, check=False, timeout=80)
    assert ended.returncode == 0, ended.stderr
    assert "negotiated with" in ended.stdout
    assert [line.split(",")[0] for line in ended.stdout.splitlines() if line.startswith("page")] == [
        "page 1: GOOD",
        "page 2: GOOD",
        "page 3: GOOD",
    ]
    assert f"{tmp_path}/inbound.tif" in ended.stdout
    with Image.open(tmp_path / "inbound.png") as preview:
        assert preview.width > preview.height, "three pages stand side by side"
