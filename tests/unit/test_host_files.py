"""The files of ``udev/``: filled in, and found in a checkout and in a wheel."""

from __future__ import annotations

import getpass
import grp
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from faxhw.errors import UsageError
from faxhw.host.files import TARGETS, filled_in, folder

ROOT = Path(__file__).parents[2]
UNIT = TARGETS["faxhw@.service"]


def test_user_and_python_are_filled_in() -> None:
    files = filled_in("faxes", "/opt/faxhw/bin/python3")
    assert [*files] == [*TARGETS.values()]
    assert b"\nUser=faxes\n" in files[UNIT]
    assert b"\nExecStart=/opt/faxhw/bin/python3 -P -m faxhw serve /etc/faxhw/%i.toml\n" in files[UNIT]
    assert not any(word in text for text in files.values() for word in (b"@USER@", b"@GROUP@", b"@PYTHON@"))


def test_a_user_who_is_there_already_keeps_his_group() -> None:
    me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    assert f"d /var/spool/faxhw 0750 {me} {group}\n".encode() in filled_in(me, "/p")[TARGETS["tmpfiles.conf"]]


@pytest.mark.parametrize("user", ["", "root:", "-x", "a b", "x\n", "Fax"])
def test_what_is_no_user_is_refused(user: str) -> None:
    with pytest.raises(UsageError, match="--user"):
        filled_in(user, "/usr/bin/python3")


@pytest.mark.parametrize("python", ["", "python3", "/a b/python", "/a%i/python", "/p;x", '/"p"', "/p\n"])
def test_what_systemd_would_not_take_for_a_path_is_refused(python: str) -> None:
    with pytest.raises(UsageError, match="--python"):
        filled_in("faxhw", python)


def test_a_checkout_uses_its_own_files() -> None:
    assert folder() == ROOT / "udev"
    assert {each.name for each in folder().iterdir()} == {*TARGETS}


def test_a_wheel_has_them_in_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    installed = subprocess.run(
        [
            sys.executable,
            "-c",
            "from faxhw.host import files as f; print(f.folder()); f.filled_in('faxhw', '/p')",
        ],
        cwd=tmp_path / "site",
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert installed == str(tmp_path / "site" / "faxhw" / "host" / "files")
    assert {each.name for each in Path(installed).iterdir()} == {*TARGETS}
    assert (tmp_path / "site" / "faxhw_drivers" / "class1").is_dir()


def test_an_editable_installation_is_the_checkout(tmp_path: Path) -> None:
    """What an editable wheel holds is its own: a copy of the files would go stale."""
    build = (
        "from hatchling.builders.wheel import WheelBuilder\n"
        f"print([*WheelBuilder({str(ROOT)!r}).build(directory={str(tmp_path)!r}, versions=['editable'])][0])"
    )
    wheel = subprocess.run([sys.executable, "-c", build], check=True, capture_output=True, text=True).stdout
    with zipfile.ZipFile(wheel.strip()) as archive:
        assert not any(name.startswith("faxhw/") for name in archive.namelist())
        (paths,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith(".pth"))
    assert paths.split() == [str(ROOT), str(ROOT / "drivers")]
