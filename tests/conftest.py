"""For every test: libtiff is shown the TIFFs that it leaves, and nobody's own profiles are in sight.

For every run: what was skipped, and why.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from faxhw.at import library

settings.register_profile("faxhw", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("faxhw")  # how long a test takes is the machine's business

PACKAGE = re.compile(r"Debian package ([a-z0-9][a-z0-9.+-]+)")
"""How a skip reason names what to install."""

TIFFINFO = shutil.which("tiffinfo")


@pytest.fixture(autouse=True, scope="session")
def _nobodys_profiles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        nowhere = tmp_path_factory.mktemp("config")
        patch.setenv("XDG_CONFIG_HOME", str(nowhere))
        patch.setattr(library, "_SYSTEM_DIRECTORY", nowhere / "system")
        yield


@pytest.fixture
def user_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory for profiles of the user's own; ``library`` is to be cleared after writing there."""
    directory = tmp_path / "config" / "faxhw" / "profiles"
    directory.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    library.library.cache_clear()
    yield directory
    library.library.cache_clear()


@pytest.fixture(autouse=True)
def _tiffs_are_well_formed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have libtiff's tiffinfo read every TIFF of ours that a test leaves; it must not find a word to say."""
    checks = TIFFINFO is not None and "tmp_path" in request.fixturenames
    folder: Path | None = request.getfixturevalue("tmp_path") if checks else None
    yield
    if folder is None or request.node.get_closest_marker("broken_tiffs") is not None:
        return
    for path in folder.rglob("*.tif*"):
        if path.is_file() and b"faxhw" in path.read_bytes():
            found = subprocess.run([str(TIFFINFO), str(path)], capture_output=True, text=True, check=False)
            assert (found.returncode, found.stderr) == (0, ""), f"tiffinfo {path.name}: {found.stderr}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("Skipped, and what to install")
    for line in summary([str(report.longrepr[-1]) for report in skipped]):
        terminalreporter.write_line(line)


def summary(reasons: list[str]) -> list[str]:
    """A line for each reason, and the command that does away with those it can."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    lines = [f"{count} skipped: {reason}" for reason, count in sorted(counted.items())]
    packages = sorted({package for reason in counted for package in PACKAGE.findall(reason)})
    if packages:
        lines.append(f"To run them: apt-get install {' '.join(packages)}")
    return lines
