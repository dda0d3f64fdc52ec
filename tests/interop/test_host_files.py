"""The unit, the user and the folders of ``udev/`` through systemd's own tools; it need not run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faxhw.host.files import TARGETS, filled_in

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        shutil.which("systemd-analyze") is None, reason="systemd is not installed: Debian package systemd"
    ),
]

UNIT, SYSUSERS, TMPFILES = (TARGETS[name] for name in ("faxhw@.service", "sysusers.conf", "tmpfiles.conf"))
FILES = filled_in("faxhw", sys.executable)
EXPOSURE = 2.0
"""What ``systemd-analyze security`` may come to at most; it calls up to 2.0 "OK" with a smile."""


def ended(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, check=False, timeout=60
    )


def unit_in(folder: Path, text: bytes) -> Path:
    unit = folder / "faxhw@fax.service"
    unit.write_bytes(text)
    return unit


def test_systemd_takes_the_unit_without_a_word(tmp_path: Path) -> None:
    verified = ended("systemd-analyze", "verify", unit_in(tmp_path, FILES[UNIT]))
    assert (verified.returncode, verified.stderr) == (0, "")
    misspelt = FILES[UNIT].replace(b"ProtectHome=", b"ProtectHomes=")
    assert "ProtectHomes" in ended("systemd-analyze", "verify", unit_in(tmp_path, misspelt)).stderr


def test_its_exposure_is_small(tmp_path: Path) -> None:
    said = ended(
        "systemd-analyze", "security", "--offline=yes", "--no-pager", unit_in(tmp_path, FILES[UNIT])
    ).stdout
    level = re.search(r"Overall exposure level .*: ([\d.]+)", said)
    assert level is not None, said
    assert float(level[1]) <= EXPOSURE, said


def test_the_user_is_made_and_may_use_the_modems(tmp_path: Path) -> None:
    path = tmp_path / SYSUSERS.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_bytes(FILES[SYSUSERS])
    made = ended("systemd-sysusers", f"--root={tmp_path}")
    assert made.returncode == 0, made.stderr
    groups = {
        name: members.split(",")
        for name, _, _, members in (line.split(":") for line in (tmp_path / "etc/group").read_text().split())
    }
    assert groups["dialout"] == ["faxhw"]
    name, _, _, gid, _, home, shell = (tmp_path / "etc/passwd").read_text().split("\n")[0].split(":")
    assert (name, home) == ("faxhw", "/var/lib/faxhw")
    assert shell.endswith("nologin")
    assert f"faxhw:x:{gid}:" in (tmp_path / "etc/group").read_text()


def test_the_folders_are_for_the_service_alone(tmp_path: Path) -> None:
    """As whoever runs this, who may not give a folder away."""
    me = f"{tmp_path.stat().st_uid}", f"{tmp_path.stat().st_gid}"
    text = FILES[TMPFILES].decode()
    text = re.sub(r"(0750) \S+ \S+$", rf"\1 {me[0]} {me[1]}", text, flags=re.MULTILINE)
    path = tmp_path / TMPFILES.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    made = ended("systemd-tmpfiles", "--create", f"--root={tmp_path}", path)
    assert made.returncode == 0, made.stderr
    for folder in ("etc/faxhw", "var/spool/faxhw", "var/spool/faxhw/in"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o750
