"""``faxhw host-setup``: it shows, it does, it undoes, and it says what it could not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from faxhw.cli.shell import Exit
from faxhw.host import commands
from faxhw.host.commands import AFTER_APPLY, AFTER_UNDO, Command
from faxhw.host.files import TARGETS

from .bench import Shell

RULES = TARGETS["70-faxhw.rules"]


def test_without_apply_it_only_shows(shell: Shell, tmp_path: Path) -> None:
    for arguments in ([], ["--apply", "--dry-run"]):
        said = shell("host-setup", "--prefix", tmp_path, *arguments)
        assert said.code == Exit.NORMAL
        assert f"create    {RULES}\n" in said.out
        assert '    +ACTION=="remove", GOTO="faxhw_end"\n' in said.out
        assert said.out.endswith("nothing was changed: --apply does it\n")
    assert [*tmp_path.iterdir()] == []


def test_below_a_prefix_it_does_and_undoes_without_root(shell: Shell, tmp_path: Path) -> None:
    words = ("host-setup", "--prefix", tmp_path, "--user", "faxes", "--python", "/opt/fax/bin/python3")
    said = shell(*words, "--apply")
    assert (said.code, said.out.splitlines()) == (0, [f"create    {each}" for each in TARGETS.values()])
    assert "User=faxes\n" in (tmp_path / "etc/systemd/system/faxhw@.service").read_text()
    assert {line.split()[0] for line in shell(*words, "--apply").out.splitlines()} == {"nothing"}
    assert "nothing was changed: --undo without" in shell(*words, "--undo", "--dry-run").out
    assert (tmp_path / RULES.lstrip("/")).exists()
    assert {line.split()[0] for line in shell(*words, "--undo").out.splitlines()} == {"remove"}
    assert [*tmp_path.iterdir()] == []
    assert shell(*words, "--undo").out == "there is nothing to undo\n"


def test_what_was_changed_since_fails_in_a_line(shell: Shell, tmp_path: Path) -> None:
    words = ("host-setup", "--prefix", tmp_path)
    shell(*words, "--apply")
    (tmp_path / RULES.lstrip("/")).write_text("# mine\n")
    said = shell(*words, "--undo", "--json")
    assert said.code == Exit.FAILED
    assert said.err == f"faxhw: {RULES} was changed since it was put there, and is left as it is\n"
    files = said.json["files"]
    assert isinstance(files, list)
    assert {each["path"]: each["deed"] for each in files} == {
        **dict.fromkeys(TARGETS.values(), "remove"),
        RULES: "leave",
    }
    assert said.json["done"] is True


def test_root_is_needed_for_the_system_itself(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for deed in ("--apply", "--undo"):
        said = shell("host-setup", deed)
        assert said.code == Exit.USAGE
        assert said.err.startswith("faxhw: only root may change the system")
    said = shell("host-setup", "--apply", "--undo", "--prefix", "/nowhere")
    assert (said.code, said.err.partition(" (")[0]) == (2, "faxhw: give --apply or --undo, not both")


def test_it_shows_the_tools_that_it_would_run_and_why_not_others(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", {"systemd-sysusers": "/bin/systemd-sysusers"}.get)
    out = shell("host-setup", "--python", "/home/me/venv/bin/python").out
    assert "run       systemd-sysusers /etc/sysusers.d/faxhw.conf\n" in out
    assert "not run   systemctl daemon-reload (there is no systemctl here)\n" in out
    assert "the service does not see /home/me/venv/bin/python" in out
    assert "systemctl enable --now faxhw@fax" in out


def test_the_tools_take_notice_after_the_files_are_there() -> None:
    """The user first, who owns the folders; nobody is removed afterwards."""
    assert [each.words[0] for each in AFTER_APPLY] == [
        *("systemd-sysusers", "systemd-tmpfiles", "udevadm", "udevadm", "systemctl")
    ]
    assert [each.words[:2] for each in AFTER_UNDO] == [
        ("udevadm", "control"),
        ("udevadm", "trigger"),
        ("systemctl", "daemon-reload"),
    ]


def test_tools_that_fail_are_told_of_and_the_others_run(tmp_path: Path) -> None:
    done = tmp_path / "done"
    problems = commands.run(
        (
            Command(("sh", "-c", "echo no such thing >&2; exit 3")),
            Command(("false",)),
            Command(("faxhw-is-no-such-tool",)),
            Command(("touch", str(tmp_path / "skipped")), needs=str(tmp_path / "not-there")),
            Command(("touch", str(done))),
        )
    )
    assert problems == [
        "sh -c 'echo no such thing >&2; exit 3' failed: no such thing",
        "false failed: exit code 1",
    ]
    assert [*tmp_path.iterdir()] == [done]
