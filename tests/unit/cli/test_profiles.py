"""``faxhw profiles``: the list, one of them, and a file that is checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from faxhw.cli.shell import Exit

from .bench import Shell, one_line

MINE = '[mine]\nbase = "generic"\ndescription = "A modem of mine"\n'


def test_all_are_listed_with_their_origin(shell: Shell, user_profiles: Path) -> None:
    (user_profiles / "mine.toml").write_text(MINE, encoding="utf-8")
    (user_profiles / "bad.toml").write_text("[bad]\n", encoding="utf-8")
    said = shell("profiles")
    assert said.code == Exit.NORMAL
    assert "A modem of mine (class 1.0, 1;" in " ".join(said.out.split())
    assert "bad.toml: profile bad: missing key" in said.err
    listed = shell("profiles", "--json").json
    rows = listed["profiles"]
    assert isinstance(rows, list)
    assert rows[0]["origin"] == str(user_profiles / "mine.toml")
    assert rows[-1]["origin"] == "the package"
    assert isinstance(listed["left_out"], list)
    assert len(listed["left_out"]) == 1


def test_one_is_printed_whole(shell: Shell) -> None:
    printed = tomllib.loads(shell("profiles", "usr-xon").out)["usr-xon"]
    assert printed["class1"] == {"silence_after_receiving": "host"}
    assert printed["flow_commands"]["xonxoff"] == "&H2&I2&R1"
    said = shell("profiles", "usr-xom")
    assert said.code == Exit.USAGE
    assert "did you mean usr-xon?" in one_line(said.err)


def test_a_file_is_checked(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MINE, encoding="utf-8")
    assert shell("profiles", "--check", file).out == f"{file}: mine: sound\n"
    file.write_text(MINE + "sped = 1\n", encoding="utf-8")
    said = shell("profiles", "--check", file)
    assert said.code == Exit.USAGE
    assert one_line(said.err) == f"faxhw: {file}: profile mine: unknown key sped; did you mean speed?"
    assert shell("profiles", "mine", "--check", file).code == Exit.USAGE
